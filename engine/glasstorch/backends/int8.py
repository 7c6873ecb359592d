"""Numbers as small integers: how a range becomes a scale and a zero point, and products that stay exact.

A real number x is kept as an integer q with ``x ~ (q - zero_point) * scale``. The rounding here is that of PyTorch on
x86 (its library FBGEMM), step by step, so that the same integers come out:
``q = clip(round(x * (1 / scale) + zero_point))``, halves to the even neighbour.
Source: https://arxiv.org/abs/1712.05877 (Jacob et al., Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference)
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Smaller scales are raised to this: below, their halves in float16 would lose digits.
SMALLEST_SCALE = float(np.float32(6.1e-5))

#: So many products of an activation and a weight can be summed in float32 without rounding, see ``product``.
EXACT_TERMS = 1024


def parameters(low: float, high: float, qmin: int, qmax: int) -> tuple[float, int]:
    """The scale and the zero point that map ``low … high``, widened to hold 0, to ``qmin … qmax``.

    0 is always hit exactly, so that padding and relu lose nothing.
    """
    lowest, highest = np.minimum(np.float32(low), np.float32(0)), np.maximum(np.float32(high), np.float32(0))
    levels = qmax - qmin
    scale = (float(highest) - float(lowest)) / levels
    if np.float32(scale) == 0 or np.isinf(np.float32(1) / np.float32(scale)):  # all zeros, or nearly
        scale = 0.1
    if scale < SMALLEST_SCALE:
        wider = np.float32(SMALLEST_SCALE) / np.float32(scale)
        span = np.float32(SMALLEST_SCALE) * np.float32(levels)
        if lowest == 0:
            highest = span
        elif highest == 0:
            lowest = -span
        else:
            lowest, highest = lowest * wider, highest * wider
        scale = SMALLEST_SCALE
    # Both ends give the zero point; the one with the smaller terms has the smaller rounding error.
    from_low, from_high = qmin - float(lowest) / scale, qmax - float(highest) / scale
    low_error = abs(qmin) - abs(float(lowest) / scale)
    high_error = abs(qmax) - abs(float(highest) / scale)
    zero_point = from_low if low_error < high_error else from_high
    return scale, int(np.clip(np.rint(zero_point), qmin, qmax))


def quantize(xp: Any, x: Any, scale: Any, zero_point: Any, qmin: int, qmax: int, fused: bool = True) -> Any:
    """The integers of float32 numbers, as float64 or float32 numbers. Not-a-number becomes ``qmax``.

    ``fused``: round once, after product and sum, as the processor's fused multiply-add does. Computed in float64, where
    the product of two float32 numbers is exact. Otherwise the product is rounded to float32 before the sum.
    """
    inverse = np.float32(1) / scale  # PyTorch multiplies by the inverse, which can differ from a division
    if fused:
        wide = xp.multiply(x, xp.float64(inverse), dtype=xp.float64)
        wide += zero_point
        q = wide.astype(xp.float32)
    else:
        q = x * inverse + xp.asarray(zero_point).astype(xp.float32)
        if qmax >= 1 << 24:  # limits that float32 does not hold
            q = q.astype(xp.float64)
    xp.rint(q, out=q)
    return xp.fmax(xp.fmin(q, qmax), qmin)


def quantize_range(xp: Any, x: Any, reduce_range: bool) -> tuple[Any, float]:
    """An array quantized to its own range, as dynamic quantization does with what comes in: ``q - zero_point`` as
    float32 whole numbers, and the scale.

    ``reduce_range``: 128 steps instead of 256. ValueError when the numbers have no range: nan or infinity.
    """
    if x.size == 0:
        return x.astype(xp.float32), 1.0
    low, high = float(x.min()), float(x.max())
    if not np.isfinite(high - low):
        raise ValueError(
            "dynamic quantization needs finite numbers: the range of the input decides the scale, and this input holds "
            "nan or infinity. Look for where they come from (torch.isfinite(x))"
        )
    scale, zero_point = parameters(low, high, 0, 127 if reduce_range else 255)
    q = quantize(xp, x, np.float32(scale), zero_point, 0, 255)
    q -= zero_point
    return q, scale


def product(xp: Any, a: Any, w: Any, terms: int = EXACT_TERMS) -> Any:
    """``a w^T`` of whole numbers: (M, K) float32 numbers of at most 8 bits, (N, K) int8 or float32 numbers of 8 bits.

    NumPy has no fast product of integers: BLAS, which the fast ones come from, knows floats only. But whole numbers
    up to 2^24 are float32 numbers too. With activations of 7 bits, |q - zero_point| <= 128 = 2^7, and weights of 8
    bits, |w| <= 2^7, every sum of 1024 products is at most 2^24: BLAS rounds nothing, in whatever order it adds. With
    activations of 8 bits that holds for ``terms`` = 512. Longer sums are cut in such pieces, which are added in
    float64, exact up to 2^53. int8 weights are turned into float32 a few rows at a time, so that their copy stays in
    the cache and the memory of the whole is that of bytes.
    """
    k = a.shape[1]
    rows = len(w) if w.dtype == xp.float32 else max(64, (1 << 18) // max(k, 1))
    out = xp.zeros((len(a), len(w)), xp.float32 if k <= terms else xp.float64)
    for n in range(0, len(w), max(rows, 1)):
        part = w[n : n + rows].astype(xp.float32, copy=False)
        for start in range(0, k, terms):
            piece = slice(start, start + terms)
            out[:, n : n + rows] += a[:, piece] @ part[:, piece].T
    return out


def rescale(xp: Any, sums: Any, scale: Any, bias: Any) -> Any:
    """``sums * scale + bias`` as float32, rounded once (see ``quantize``); sums beyond 2^24 are rounded before."""
    sums = sums.astype(xp.float32, copy=False)
    if bias is None:
        return sums * scale
    wide = xp.multiply(sums, scale, dtype=xp.float64)
    wide += bias
    return wide.astype(xp.float32)
