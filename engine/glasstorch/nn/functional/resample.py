"""Resizing images, signals and volumes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...backends import resampling
from ...backends.resampling import AxisMap
from ...core import dtype as dt
from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops.resample import ANTIALIASED, INTERPOLATIONS
from ._refuse import not_tensors
from .adaptive import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

_MODES = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"
_NEEDS = {"linear": 3, "bilinear": 4, "trilinear": 5}
_KERNELS = {"nearest": "compute_indices_weights_nearest", "nearest-exact": "compute_indices_weights_nearest",
            "linear": "compute_indices_weights_linear", "bilinear": "compute_indices_weights_linear",
            "trilinear": "compute_indices_weights_linear", "bicubic": "compute_indices_weights_cubic"}  # fmt: skip


def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
                align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
                antialias: bool = False) -> Tensor:  # fmt: skip
    """The input (N, C, L), (N, C, H, W) or (N, C, D, H, W) in another spatial size.

    Args:
        size: the new spatial size: one int, or one for each dimension.
        scale_factor: or the factors to multiply it by.
        mode: "nearest", "nearest-exact" (a pixel's middle decides, not its edge), "linear" (3-D input), "bilinear" and
            "bicubic" (4-D), "trilinear" (5-D), "area" (means of windows), "lanczos" (4-D, with ``antialias``).
        align_corners: lay the middles of the corner elements on each other rather than their outer edges.
        recompute_scale_factor: take the exact ratio of the (whole) sizes rather than ``scale_factor``.
        antialias: widen the filter when the image shrinks. For "bilinear", "bicubic" and "lanczos".

    Raises:
        ValueError: none or both of ``size`` and ``scale_factor``; arguments that do not go together.
        NotImplementedError: the mode does not know inputs of this many dimensions, or of this type.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """
    if not isinstance(input, Tensor):
        not_tensors("interpolate", "dim", input=input)
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    n = input._a.ndim - 2
    sizes, factors = _size_or_factors(input, n, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if factors is not None and (recompute_scale_factor or mode == "area"):
        sizes = [int(m * f) for m, f in zip(input._a.shape[2:], factors, strict=True)]
        factors = None
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and n == 2):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "area" and 1 <= n <= 3:
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[n - 1](input, sizes)
    if mode == "lanczos" and n == 2:
        if align_corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")
    elif (mode, n) not in INTERPOLATIONS:
        if mode in _NEEDS and 1 <= n <= 3:
            raise NotImplementedError(f"Got {n + 2}D input, but {mode} mode needs {_NEEDS[mode]}D input")
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {n + 2}D) for the modes: {_MODES} "
            f"(got {mode})"
        )
    return _interpolate(input, n, sizes, factors, mode, bool(align_corners), antialias)


def _size_or_factors(input: Tensor, n: int, size: Any, scale_factor: Any) -> tuple[Any, Any]:
    """The size or the factors, one for each of ``n`` dimensions; the other is None."""
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    given = size if scale_factor is None else scale_factor
    if not isinstance(given, (list, tuple)):
        return ([size] * n, None) if scale_factor is None else (None, [scale_factor] * n)
    if len(given) == n and scale_factor is not None:
        return None, list(given)
    if len(given) == n:
        if not all(hasattr(k, "__index__") for k in given):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size "
                f"with types {[type(k) for k in given]}"
            )
        return list(given), None
    spatial = list(input._a.shape[2:])
    if scale_factor is None:
        raise ValueError(
            "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {spatial} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
            "output size in (o1, o2, ...,oK) format."
        )
    raise ValueError(
        "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions "
        f"of {spatial} and scale_factor of shape {scale_factor}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
        "format and scale_factor in (s1, s2, ...,sK) format."
    )


def _interpolate(input: Tensor, n: int, sizes: Any, factors: Any, mode: str, align_corners: bool,
                 antialias: bool) -> Tensor:  # fmt: skip
    shape = input._a.shape
    name = f"upsample_{mode.replace('-', '_')}{n}d"
    if sizes is None:
        if not all(isinstance(f, (int, float)) for f in factors):
            raise TypeError(f"{name}(): argument 'scale_factors' must be tuple of floats, not {factors!r}")
        sizes = [math.floor(m * f) for m, f in zip(shape[2:], factors, strict=True)]
    elif not all(hasattr(m, "__index__") for m in sizes):
        raise TypeError(f"{name}(): argument 'output_size' must be tuple of ints, not {sizes!r}")
    sizes = [m.__index__() for m in sizes]
    if any(m <= 0 for m in (*shape[2:], *sizes)):
        axes = "DHW"[-n:]
        one, two = (", ".join(f"{a}: {m}" for a, m in zip(axes, s, strict=True)) for s in (shape[2:], sizes))
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({one}) "
            f"{'and ' if n == 1 else ''}output ({two})"
        )
    if 0 in shape[1:]:
        raise RuntimeError(
            f"Non-empty {n + 2}D data tensor expected but got a tensor with sizes {list(shape)}"
        )
    _check_type(input, n, mode, antialias)
    real = np.float64 if input.dtype in (dt.float64, dt.uint8) else np.float32
    maps = []
    for k, (a, b) in enumerate(zip(shape[2:], sizes, strict=True)):
        scale = _scale(a, b, None if factors is None else factors[k], align_corners, real)
        maps.append(_axis_map(mode, a, b, scale, align_corners, antialias))
    return (ANTIALIASED[mode] if antialias else INTERPOLATIONS[mode, n])(input, tuple(maps))


def _check_type(input: Tensor, n: int, mode: str, antialias: bool) -> None:
    half = input.dtype in (dt.float16, dt.bfloat16)
    bytes_too = mode not in ("linear", "trilinear")
    if (
        input.dtype in (dt.float32, dt.float64)
        or (half and not antialias)
        or (bytes_too and input.dtype is dt.uint8)
    ):
        return
    kernel = "compute_index_ranges_weights" if antialias else _KERNELS[mode]
    if n == 2 and not antialias and mode != "bicubic":
        kernel = f"upsample_{mode.removesuffix('-exact')}2d_channels_last"
    raise NotImplementedError(
        f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
    )


def _scale(n: int, m: int, factor: float | None, align_corners: bool, real: Any) -> Any:
    """Input elements for each output element."""
    if align_corners:
        return real(n - 1) / real(m - 1) if m > 1 else real(0)
    return real(1.0 / factor) if factor is not None and factor > 0 else real(n) / real(m)


def _axis_map(mode: str, n: int, m: int, scale: Any, align_corners: bool, antialias: bool) -> AxisMap:
    if antialias:
        return resampling.antialias_map(n, m, scale, mode)
    if mode.startswith("nearest"):
        return resampling.nearest_map(n, m, scale, mode == "nearest-exact")
    if mode == "bicubic":
        return resampling.cubic_map(n, m, scale, align_corners)
    return resampling.linear_map(n, m, scale, align_corners)


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """``interpolate`` under its old name."""
    _old("upsample", "`nn.functional.interpolate`")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """``interpolate`` with mode "nearest", under its old name."""
    _old("upsample_nearest", "`nn.functional.interpolate`")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """``interpolate`` with mode "bilinear" and aligned corners, under its old name."""
    _old("upsample_bilinear", "`nn.functional.interpolate`")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def _old(name: str, new: str) -> None:
    warn(f"`nn.functional.{name}` is deprecated. Use {new} instead.")
