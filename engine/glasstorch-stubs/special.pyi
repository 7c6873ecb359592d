"""Special functions.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size
from glasstorch.core.tensor import Tensor

def airy_ai(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Airy function Ai. float32 and float64; integers become floats."""
def bessel_j0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0. float32 and float64; integers become floats."""
def bessel_j1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1. float32 and float64; integers become floats."""
def bessel_y0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0. float32 and float64; integers become floats."""
def bessel_y1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1. float32 and float64; integers become floats."""
def chebyshev_polynomial_t(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the first kind of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def chebyshev_polynomial_u(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the second kind of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def chebyshev_polynomial_v(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the third kind of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def chebyshev_polynomial_w(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the fourth kind of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def digamma(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithmic derivative of the gamma function."""
def entr(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``-x log(x)``: the entropy of one probability; 0 at 0 and minus infinity below."""
def erf(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The error function."""
def erfc(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """One minus the error function, exact where that is small."""
def erfcx(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The scaled complementary error function."""
def erfinv(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the error function, from -1 to 1."""
def exp2(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """2 to the power of each element."""
def expit(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``1 / (1 + exp(-x))``, without overflow."""
def expm1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(x) - 1``, exact for small x."""
def gammainc(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function: the share of the gamma distribution of shape ``input`` that lies below ``other``."""
def gammaincc(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function ``1 - igamma(input, other)``, exact where it is small."""
def gammaln(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the size of the gamma function."""
def hermite_polynomial_h(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The physicists' Hermite polynomial of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def hermite_polynomial_he(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The probabilists' Hermite polynomial of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def i0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""
def i0e(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(-|x|)`` times the modified Bessel function of order 0."""
def i1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1."""
def i1e(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(-|x|)`` times the modified Bessel function of order 1."""
def laguerre_polynomial_l(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Laguerre polynomial of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def legendre_polynomial_p(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Legendre polynomial of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def log1p(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``log(1 + x)``, exact for small x."""
def log_ndtr(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the normal distribution function, exact in its tail."""
def log_softmax(input: Any, dim: Any = None, dtype: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """The logarithm of ``softmax``, without overflow."""
def logit(input: Tensor | _complex, eps: Any = None, *, out: Tensor | None = None) -> Tensor:
    """``log(x / (1 - x))``, the inverse of the sigmoid; ``eps`` first clamps to ``[eps, 1 - eps]``."""
def logsumexp(input: Any, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """``log(sum(exp(input)))`` over ``dim``, without overflow."""
def modified_bessel_i0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0. float32 and float64; integers become floats."""
def modified_bessel_i1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1. float32 and float64; integers become floats."""
def modified_bessel_k0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0. float32 and float64; integers become floats."""
def modified_bessel_k1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1. float32 and float64; integers become floats."""
def multigammaln(input: Tensor, p: _int, *, out: Any = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension ``p``."""
def ndtr(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The distribution function of the standard normal distribution."""
def ndtri(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the normal distribution function."""
def polygamma(n: Any, input: Any = None, *, out: Any = None) -> Tensor:
    """The n-th derivative of the digamma function."""
def psi(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithmic derivative of the gamma function."""
def round(input: Tensor | _complex, *, decimals: Any = 0, out: Tensor | None = None) -> Tensor:
    """To the nearest integer (or to ``decimals`` places); halves go to the even neighbour."""
def scaled_modified_bessel_k0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(x)`` times the modified Bessel function K of order 0. float32 and float64; integers become floats."""
def scaled_modified_bessel_k1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(x)`` times the modified Bessel function K of order 1. float32 and float64; integers become floats."""
def shifted_chebyshev_polynomial_t(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the first kind at ``2 x - 1``, of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def shifted_chebyshev_polynomial_u(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the second kind at ``2 x - 1``, of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def shifted_chebyshev_polynomial_v(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the third kind at ``2 x - 1``, of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def shifted_chebyshev_polynomial_w(x: Tensor | _complex, n: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The Chebyshev polynomial of the fourth kind at ``2 x - 1``, of degree ``n`` at ``x``: tensors that broadcast, or one of them a number."""
def sinc(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``sin(pi x) / (pi x)``, and 1 at 0."""
def softmax(input: Any, dim: Any = None, dtype: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """Exponentials along ``dim``, scaled to add up to 1. ``dtype``: convert the input first."""
def spherical_bessel_j0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The spherical Bessel function of order 0: ``sin(x) / x``. float32 and float64; integers become floats."""
def xlog1py(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``input * log1p(other)``, 0 where ``input`` is 0."""
def xlogy(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``input * log(other)``, 0 where ``input`` is 0."""
def zeta(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz' zeta function: the sum of ``(other + k) ** -input``."""
