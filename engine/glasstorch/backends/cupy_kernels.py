"""Kernels on CuPy arrays: larger blocks, since each launch costs more than it computes."""

from __future__ import annotations

from typing import Any

import cupy as cp
from cupyx.scipy import special  # type: ignore[import-not-found]

from . import convolution, determinism
from .windows import Geometry

MEMORY = 1 << 28  # bytes of columns at a time


def conv_forward(x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    """Convolution; see ``convolution.forward``."""
    return convolution.forward(cp, MEMORY, x, w, bias, geometry)


def conv_input_gradient(g: Any, w: Any, size: tuple[int, ...], geometry: Geometry) -> Any:
    """Its gradient for the input; see ``convolution.input_gradient``."""
    return convolution.input_gradient(cp, MEMORY, g, w, size, geometry)


def conv_weight_gradient(x: Any, g: Any, kernel: tuple[int, ...], geometry: Geometry) -> Any:
    """Its gradient for the weight; see ``convolution.weight_gradient``."""
    return convolution.weight_gradient(cp, MEMORY, x, g, kernel, geometry)


def erf(x: Any) -> Any:
    """The error function."""
    return special.erf(x)


def add_flat(values: Any, index: Any, size: int) -> Any:
    """``size`` zeros with ``values`` added at ``index``; repeats add up."""
    out = cp.zeros(size, values.dtype)
    determinism.add_at(cp, out, index, values)
    return out
