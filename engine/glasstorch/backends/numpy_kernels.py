"""Kernels on NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import convolution, special
from .windows import Geometry

CACHE = 1 << 20  # bytes of columns at a time: what a core's second-level cache holds


def conv_forward(x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    """Convolution; see ``convolution.forward``."""
    return convolution.forward(np, CACHE, x, w, bias, geometry)


def conv_input_gradient(g: Any, w: Any, size: tuple[int, ...], geometry: Geometry) -> Any:
    """Its gradient for the input; see ``convolution.input_gradient``."""
    return convolution.input_gradient(np, CACHE, g, w, size, geometry)


def conv_weight_gradient(x: Any, g: Any, kernel: tuple[int, ...], geometry: Geometry) -> Any:
    """Its gradient for the weight; see ``convolution.weight_gradient``."""
    return convolution.weight_gradient(np, CACHE, x, g, kernel, geometry)


def erf(x: Any) -> Any:
    """The error function; see ``special.erf``."""
    return special.erf(x)


def add_flat(values: Any, index: Any, size: int) -> Any:
    """``size`` zeros with ``values`` added at ``index``; repeats add up."""
    out = np.bincount(index, values.astype(np.float64, copy=False), minlength=size)
    return out.astype(values.dtype)
