"""Normalization of every channel of every sample."""

from __future__ import annotations

from typing import Any

from ...core.frames import warn
from ...core.tensor import Tensor
from .. import functional as F
from .batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    _dims = 1

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
                 track_running_stats: bool = False, device: Any = None, dtype: Any = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _check_input_dim(self, input: Tensor) -> None:
        n = self._dims
        if input._a.ndim not in (n + 1, n + 2):
            raise ValueError(f"expected {n + 1}D or {n + 2}D input (got {input._a.ndim}D input)")

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        d = input._a.ndim - self._dims - 1
        if input._a.shape[d] != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={d} to match num_features ({self.num_features}), but got: "
                    f"{input._a.shape[d]}."
                )
            warn(
                f"input's size at dim={d} does not match num_features. You can silence this warning by not passing in "
                "num_features, which is not used because affine=False",
            )
        x = input.unsqueeze(0) if d == 0 else input  # type: ignore[attr-defined]
        out = F.instance_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum, self.eps,
        )  # fmt: skip
        return out.squeeze(0) if d == 0 else out  # type: ignore[attr-defined]


class InstanceNorm1d(_InstanceNorm):
    """Standardise every channel of every sample of (N, C, L) or (C, L)."""


class InstanceNorm2d(_InstanceNorm):
    """Standardise every channel of every sample of (N, C, H, W) or (C, H, W)."""

    _dims = 2


class InstanceNorm3d(_InstanceNorm):
    """Standardise every channel of every sample of (N, C, D, H, W) or (C, D, H, W)."""

    _dims = 3
