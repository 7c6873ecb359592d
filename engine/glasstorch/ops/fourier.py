"""The discrete Fourier transform along one dimension, complex and real, with its derivatives.

A transform is linear, so its derivative is its transpose: the complex transforms are their own transposes up to scale;
``rfft`` keeps half of the spectrum, and ``irfft`` reads half of one.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.op import op


def _scale(norm: str | None, n: int, inverse: bool) -> float:
    mode = norm or "backward"
    if mode == "ortho":
        return 1 / math.sqrt(n)
    return 1 / n if (mode == "forward") != inverse else 1.0


def _like(xp: Any, a: Any, source: Any) -> Any:
    """In single precision when the input was."""
    single = str(source.dtype) in ("float32", "complex64")
    to = {"c": "complex64", "f": "float32"}[a.dtype.kind] if single else a.dtype
    return a.astype(to, copy=False)


@op(method=False, function=False, name="FftC2CBackward0")
class fft_c2c:
    """The complex transform, times a number; ``inverse`` turns the sign of the exponent."""

    label = "fft"
    formula = r"s \sum_k x_k e^{\mp 2 \pi i j k / n}"

    def forward(xp, input: Array, dim, inverse, scale):
        n = input.shape[dim]
        out = xp.fft.ifft(input, axis=dim) * n if inverse else xp.fft.fft(input, axis=dim)
        return _like(xp, out * scale, input)

    def d_input(F, g, dim, inverse, scale):
        r"s \sum_j \bar y_j e^{\mp 2 \pi i j k / n}"
        return F.fft_c2c(g, dim, inverse, scale)


@op(method=False, function=False, name="FftR2CBackward0")
class fft_r2c:
    """The first half of the transform of real numbers, times a number."""

    label = "rfft"
    formula = r"s \sum_k x_k e^{-2 \pi i j k / n},\ j \leq n / 2"
    holomorphic = False

    def forward(xp, input: Array, dim, scale):
        return _like(xp, xp.fft.rfft(input, axis=dim) * scale, input)

    def d_input(F, g, input_shape, dim, scale):
        r"s\, \mathrm{Re} \sum_j \bar y_j e^{2 \pi i j k / n}"
        n = input_shape[dim]
        full = (*g.shape[:dim], n, *g.shape[dim + 1 :])
        at = (slice(None),) * dim + (slice(0, g.shape[dim]),)
        return F.real(F.fft_c2c(F.embed_slice(g, full, at), dim, True, scale))


@op(method=False, function=False, name="FftC2RBackward0")
class fft_c2r:
    """Real numbers from the first half of their spectrum, times a number."""

    label = "irfft"
    formula = r"s \sum_j x_j e^{2 \pi i j k / n}"
    holomorphic = False

    def forward(xp, input: Array, dim, n, scale):
        return _like(xp, xp.fft.irfft(input, n, axis=dim) * (n * scale), input)

    def d_input(F, g, input_shape, dim, n, scale):
        r"s\, w_j \sum_k \bar y_k e^{-2 \pi i j k / n}"
        half = F.fft_r2c(g, dim, scale)  # inner frequencies stand for their mirror images too
        doubled = (n - 1) // 2
        if not doubled:
            return half
        at = (slice(None),) * dim + (slice(1, 1 + doubled),)
        return half + F.embed_slice(F.slice_view(half, at), half.shape, at)


__all__ = ["_scale", "fft_c2c", "fft_c2r", "fft_r2c"]
