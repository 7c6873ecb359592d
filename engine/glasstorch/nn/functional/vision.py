"""Sampling at the points of a grid, and grids of affine maps."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.frames import warn
from ...core.tensor import Tensor, wrap
from ...ops.grid import GRID_SAMPLERS, Sampling
from ._refuse import not_tensors

_MODES, _PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def _aligned(align_corners: bool | None) -> bool:
    if align_corners is None:
        warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details.",
        )
    return bool(align_corners)


def grid_sample(input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros",
                align_corners: bool | None = None) -> Tensor:  # fmt: skip
    """The input (N, C, H, W) or (N, C, D, H, W) at the points of a grid (N, *points, 2 or 3).

    Args:
        grid: coordinates (x, y[, z]), -1 and 1 being the borders of the image; ``points`` are 2 or 3 dimensions.
        mode: "bilinear" (trilinear for volumes), "nearest" or "bicubic" (4-D only).
        padding_mode: what lies outside: "zeros", "border" (the nearest element) or "reflection".
        align_corners: do -1 and 1 mean the middles of the corner elements rather than their outer edges?

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
    """
    if not (isinstance(input, Tensor) and isinstance(grid, Tensor)):
        not_tensors("grid_sampler", input=input, grid=grid)
    if mode not in _MODES:
        raise ValueError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in _PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    return _grid_sampler(
        input, grid, Sampling(mode, padding_mode, _aligned(align_corners), input._a.ndim == 5)
    )


def _grid_sampler(input: Tensor, grid: Tensor, how: Sampling) -> Tensor:
    x, g = list(input._a.shape), list(grid._a.shape)
    sizes = f"but got input with sizes {x} and grid with sizes {g}"
    if input.device != grid.device:
        raise RuntimeError(
            f"grid_sampler(): expected input and grid to be on same device, but input is on {input.device} and grid is "
            f"on {grid.device}"
        )
    if not g or not x or g[0] != x[0]:
        raise RuntimeError(f"grid_sampler(): expected grid and input to have same batch size, {sizes}")
    if g[-1] != len(x) - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {len(x) - 2} in last dimension, but got grid with sizes {g}"
        )
    for k, n in enumerate(x[2:], 2):
        if n == 0:
            raise RuntimeError(
                f"grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {x} with "
                f"dimension {k} being empty"
            )
    if len(x) not in (4, 5) or len(g) != len(x):
        n = len(x) if len(x) in (4, 5) else "4D or 5"
        raise RuntimeError(
            f"grid_sampler(): expected {n}D input and grid with same number of dimensions, {sizes}"
        )
    if len(x) == 5 and how.mode == "bicubic":
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if grid.dtype is not input.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {grid.dtype.legacy}")
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            f'"grid_sampler_{len(x) - 2}d_cpu_kernel_impl" not implemented for {input.dtype.legacy!r}. '
            "Convert first: .float()"
        )
    return GRID_SAMPLERS[len(x) - 2](input, grid, how)


def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """The grid for ``grid_sample`` that samples through affine maps ``theta`` (N, 2, 3) or (N, 3, 4).

    ``size``: the size (N, C, H, W) or (N, C, D, H, W) of the image to come out.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
    """
    aligned = _aligned(align_corners)
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{size}."
        )
    d = len(size) - 2
    if theta._a.ndim != 3 or theta._a.shape[1:] != (d, d + 1):
        raise ValueError(
            f"Expected a batch of {d}D affine matrices of shape Nx{d}x{d + 1} for size {size}. Got {theta.shape}."
        )
    if aligned and min(size[2:]) == 1:
        warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details.",
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return _affine_grid(theta, size, aligned)


def _affine_grid(theta: Tensor, size: Any, align_corners: bool) -> Tensor:
    xp = backends.namespace(theta._a)
    n, _, *spatial = size
    d = len(spatial)
    axes = []
    for m in spatial:
        line = xp.linspace(-1, 1, m) if m > 1 else xp.zeros(m)
        axes.append(line if align_corners else line * (m - 1) / m)
    points = xp.stack([*xp.meshgrid(*axes, indexing="ij")[::-1], xp.ones(tuple(spatial))], axis=-1)
    base = wrap(xp.ascontiguousarray(points.reshape(1, -1, d + 1).astype(dt.numpy_dtype(theta.dtype))))
    out = base.expand(n, -1, -1).bmm(theta.transpose(1, 2))  # type: ignore[attr-defined]
    return out.reshape(n, *spatial, d)
