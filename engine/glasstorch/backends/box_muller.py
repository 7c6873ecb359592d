"""Box and Muller's way from uniform to normal numbers, in PyTorch's arrangement and to its last bit.

Two uniform numbers give a radius and an angle, and those two independent normal ones:
``sqrt(-2 log(1 - u1)) * cos(2 pi u2)`` and the same with ``sin``. PyTorch works on blocks of 16: the first
8 numbers are radii, the other 8 angles; cosines go to the front half, sines to the back.

PyTorch's float32 kernel (AVX2) takes log, sin and cos from the Cephes library's polynomials. NumPy's own
float32 functions are as good but differ in the last bit now and then; so the polynomials are evaluated here
in the same order, with the same fused steps.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import libm
from .rounding import fma, polynomial

F = np.float32
BLOCK = 1 << 14  # numbers at a time: the intermediate arrays stay in the processor's cache

# log(1 + x) on [sqrt(1/2) - 1, sqrt(2) - 1], and log 2 in two parts
LOG = [F(c) for c in (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                      -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)]  # fmt: skip
LOG2_LOW, LOG2_HIGH = F(-2.12194440e-4), F(0.693359375)
# sin and cos on [-pi/4, pi/4], and pi/4 in three parts
SIN = [F(c) for c in (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)]
COS = [F(c) for c in (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)]
QUARTER_PI = [F(c) for c in (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)]


def normals(uniforms: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normal numbers from a multiple of 16 uniform ones in [0, 1), of the same type (float32 or float64)."""
    out = np.empty_like(uniforms)
    kind = uniforms.dtype.type
    for start in range(0, uniforms.size, BLOCK):
        u = uniforms[start : start + BLOCK].reshape(-1, 2, 8)
        z = out[start : start + BLOCK].reshape(-1, 2, 8)
        log, sincos = (_log, _sincos) if kind is F else (libm.log, lambda t: (libm.sin(t), libm.cos(t)))
        radius = np.sqrt(kind(-2) * log(kind(1) - u[:, 0]))
        sin, cos = sincos(kind(2 * math.pi) * u[:, 1])
        z[:, 0] = scaled(radius * cos, kind(mean), kind(std))
        z[:, 1] = scaled(radius * sin, kind(mean), kind(std))
    return out


def scaled(x: np.ndarray, mean: Any, std: Any) -> np.ndarray:
    """Standard normal numbers with another mean and standard deviation."""
    return x + mean if std == 1 else fma(x, std, mean)


def _log(x: np.ndarray) -> np.ndarray:
    """The natural logarithm of positive float32 numbers."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < F(math.sqrt(0.5))
    e = (exponent - low).astype(F)
    x = np.where(low, (mantissa - F(1)) + mantissa, mantissa - F(1))
    square = x * x
    y = fma(polynomial(x, LOG) * x, square, e * LOG2_LOW)
    y = fma(square, F(-0.5), y)
    return fma(e, LOG2_HIGH, x + y)


def _sincos(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of float32 angles, not negative."""
    octant = ((x * F(4 / math.pi)).astype(np.int32) + 1) & ~1
    for part in QUARTER_PI:
        x = fma(octant.astype(F), part, x)
    square = x * x
    cos = fma(polynomial(square, COS) * square, square, -(square * F(0.5))) + F(1)
    sin = fma(polynomial(square, SIN) * square, x, x)
    swap = (octant & 2) != 0
    sin, cos = np.where(swap, cos, sin), np.where(swap, sin, cos)
    return np.where(octant & 4, -sin, sin), np.where((octant + 2) & 4, -cos, cos)
