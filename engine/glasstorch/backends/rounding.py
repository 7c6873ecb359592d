"""Arithmetic that rounds once where two NumPy steps would round twice.

PyTorch's kernels compute ``x * a + b`` with the processor's fused multiply-add. The last bit of a random
number depends on it, so the same sums are formed here without the instruction.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SPLIT = 134217729.0  # 2**27 + 1: cuts a float64 into two halves whose products are exact


def fma(x: np.ndarray, a: Any, b: Any) -> np.ndarray:
    """``x * a + b`` for float32 or float64 arrays, rounded once."""
    if x.dtype == np.float32:  # in float64 the product is exact
        wide = x.astype(np.float64)
        wide *= _widened(a)
        wide += _widened(b)
        return wide.astype(np.float32)
    product = x * a
    total = product + b
    # What the two roundings lost (Dekker, 1971; Knuth's two-sum), given back in one last addition.
    back = total - product
    lost = (product - (total - back)) + (b - back) + _product_error(x, a, product)
    return total + lost


def polynomial(x: np.ndarray, coefficients: list) -> np.ndarray:
    """A polynomial of float32 numbers by Horner's rule, the highest coefficient first; each step rounded once."""
    wide = x.astype(np.float64)
    total = np.full_like(wide, coefficients[0])
    rounded = np.empty_like(x)
    for c in coefficients[1:]:
        total *= wide
        total += float(c)
        np.copyto(rounded, total, casting="same_kind")
        np.copyto(total, rounded)
    return rounded


def _widened(x: Any) -> Any:
    return (
        x.astype(np.float64) if isinstance(x, np.ndarray) else float(x)
    )  # ahead: faster than during the sum


def _product_error(x: np.ndarray, a: Any, product: np.ndarray) -> np.ndarray:
    x_high, a_high = SPLIT * x - (SPLIT * x - x), SPLIT * a - (SPLIT * a - a)
    x_low, a_low = x - x_high, a - a_high
    return ((x_high * a_high - product) + x_high * a_low + x_low * a_high) + x_low * a_low
