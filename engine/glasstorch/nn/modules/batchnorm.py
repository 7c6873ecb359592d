"""Normalization over the batch."""

from __future__ import annotations

from typing import Any

from ... import distributed
from ...core import dtype as dt
from ...core.mode import STATE, no_grad
from ...core.tensor import Tensor
from ...ops import create
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module


def _count_one_more(batches: Tensor) -> None:
    _one_more(batches._a)
    if STATE.recorder is not None:
        STATE.recorder.did(_one_more, (batches._a,), [])


def _one_more(count: Any) -> None:
    count += 1


class _NormBase(Module):
    """What batch and instance normalization share: parameters, running statistics, versions."""

    _version = 2
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, device: Any = None, dtype: Any = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        make = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(create.empty(num_features, **make)) if affine else None)
        self.register_parameter(
            "bias", Parameter(create.empty(num_features, **make)) if affine and bias else None
        )
        on = track_running_stats
        self.register_buffer("running_mean", create.zeros(num_features, **make) if on else None)
        self.register_buffer("running_var", create.ones(num_features, **make) if on else None)
        count = create.full((), 0, dtype=dt.int64, device=device) if on else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the running statistics."""
        if self.track_running_stats:
            self.running_mean.zero_()  # type: ignore[union-attr]
            self.running_var.fill_(1)  # type: ignore[union-attr]
            self.num_batches_tracked.zero_()  # type: ignore[union-attr]

    def reset_parameters(self) -> None:
        """Scale 1, shift 0, and no running statistics."""
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        raise NotImplementedError

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(self, state_dict: dict, prefix: str, local_metadata: dict, strict: bool,
                              missing_keys: list, unexpected_keys: list, error_msgs: list) -> None:  # fmt: skip
        version = local_metadata.get("version")
        key = prefix + "num_batches_tracked"
        if (version is None or version < 2) and self.track_running_stats and key not in state_dict:
            own = self.num_batches_tracked  # files from before PyTorch 0.4.1 have no count
            state_dict[key] = own if own is not None else create.full((), 0, dtype=dt.int64)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


class _BatchNorm(_NormBase):
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            _count_one_more(self.num_batches_tracked)
            if self.momentum is None:  # the plain average over all batches
                factor = 1.0 / float(self.num_batches_tracked)
        use_batch = self.training or (self.running_mean is None and self.running_var is None)
        track = not self.training or self.track_running_stats
        return F.batch_norm(
            input, self.running_mean if track else None, self.running_var if track else None, self.weight, self.bias,
            use_batch, factor, self.eps,
        )  # fmt: skip


class BatchNorm1d(_BatchNorm):
    """Standardise every feature of (N, C) or channel of (N, C, L) over the batch, then scale and shift it.

    In training with the batch's statistics, which also move the running ones by ``momentum`` (None: their plain
    average); in evaluation with the running ones. Source: https://arxiv.org/abs/1502.03167
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input._a.ndim not in (2, 3):
            raise ValueError(f"expected 2D or 3D input (got {input._a.ndim}D input)")


class BatchNorm2d(_BatchNorm):
    """Standardise every channel of (N, C, H, W) over the batch; see ``BatchNorm1d``."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input._a.ndim != 4:
            raise ValueError(f"expected 4D input (got {input._a.ndim}D input)")


class BatchNorm3d(_BatchNorm):
    """Standardise every channel of (N, C, D, H, W) over the batch; see ``BatchNorm1d``."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input._a.ndim != 5:
            raise ValueError(f"expected 5D input (got {input._a.ndim}D input)")


class SyncBatchNorm(_BatchNorm):
    """``BatchNorm`` over the batches of all processes together, for inputs (N, C, *).

    In training, mean and variance are those of all values that the members of ``process_group`` have (all processes by
    default), each its part of the batch. In a single process it is batch normalization. ``convert_sync_batchnorm``
    makes one of every batch normalization in a model.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, process_group: Any = None, device: Any = None, dtype: Any = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input: Tensor) -> None:
        if input._a.ndim < 2:
            raise ValueError(f"expected at least 2D input (got {input._a.ndim}D input)")
        if input._a.shape[1] == 0:
            raise ValueError("SyncBatchNorm number of input channels should be non-zero")

    def forward(self, input: Tensor) -> Tensor:
        """Normalize over all processes where there are several, and statistics come from the batch."""
        group = self._several()
        if group is None:
            return super().forward(input)
        self._check_input_dim(input)
        dims = [0, *range(2, input._a.ndim)]
        shape = [1, -1, *[1] * (input._a.ndim - 2)]
        count = distributed.nn.all_reduce(create.full((1,), input._a.size // input._a.shape[1], dtype=dt.float32,
                                                      device=input.device), group=group)  # fmt: skip
        mean = distributed.nn.all_reduce(input.sum(dims), group=group) / count
        centred = input - mean.reshape(shape)
        variance = distributed.nn.all_reduce((centred * centred).sum(dims), group=group) / count
        if self.training and self.running_mean is not None and self.running_var is not None:
            assert self.num_batches_tracked is not None
            _count_one_more(self.num_batches_tracked)
            factor = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
            n = float(count)
            with no_grad():
                self.running_mean.lerp_(mean.detach(), factor)
                self.running_var.lerp_(variance.detach() * (n / max(n - 1, 1)), factor)
        out = centred * (variance + self.eps).rsqrt().reshape(shape)
        if self.weight is not None:
            out = out * self.weight.reshape(shape)
        return out if self.bias is None else out + self.bias.reshape(shape)

    def _several(self) -> Any:
        """The group over which to normalize now, if it has several members."""
        if not (self.training or self.running_mean is None) or not distributed.is_initialized():
            return None
        group = distributed.groups.group_or_default(self.process_group)
        return group if group.size() > 1 else None

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with every batch normalization in it replaced, parameters and statistics kept."""
        out = module
        if isinstance(module, _BatchNorm):
            out = SyncBatchNorm(module.num_features, module.eps, module.momentum, module.affine,
                                module.track_running_stats, process_group, bias=module.bias is not None)  # fmt: skip
            if module.affine:
                out.weight, out.bias = module.weight, module.bias
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                setattr(out, name, getattr(module, name))
            out.training = module.training
        for name, child in module.named_children():
            out.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return out
