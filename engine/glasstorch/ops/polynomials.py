"""Orthogonal polynomials of ``torch.special``, element by element. PyTorch gives these no derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..backends import polynomials
from ..core.op import op
from .kinds import supports


def _polynomial(name: str, symbol: str, about: str, compute: Callable) -> Any:
    def forward(xp, x: Array, n: Array):
        supports(x if hasattr(x, "dtype") else n, f"{name}_cpu", half=False, complex=False)
        kind = getattr(x, "dtype", None) or n.dtype
        return compute(xp, xp.asarray(x, kind), xp.asarray(n, kind))

    about = f"{about} of degree ``n`` at ``x``: tensors that broadcast, or one of them a number.\n\nFractions of ``n`` are cut off; a negative degree gives 0. float32 and float64; integers become floats."  # noqa: E501
    body = {"__doc__": f"{name}(x, n, *, out=None) -> Tensor\n\n{about}", "formula": rf"{symbol}_n(x)",
            "forward": forward}  # fmt: skip
    return op(types="float", wide=False, method=False, function=False, inplace=False)(type(name, (), body))


def _kind(letter: str, which: str) -> tuple[Any, Any]:
    plain = _polynomial(
        f"chebyshev_polynomial_{letter}", letter.upper(), f"The Chebyshev polynomial of the {which} kind",
        functools.partial(polynomials.chebyshev, letter),
    )  # fmt: skip
    shifted = _polynomial(
        f"shifted_chebyshev_polynomial_{letter}", f"{letter.upper()}^*",
        f"The Chebyshev polynomial of the {which} kind at ``2 x - 1``,",
        functools.partial(polynomials.shifted_chebyshev, letter),
    )  # fmt: skip
    return plain, shifted


chebyshev_polynomial_t, shifted_chebyshev_polynomial_t = _kind("t", "first")
chebyshev_polynomial_u, shifted_chebyshev_polynomial_u = _kind("u", "second")
chebyshev_polynomial_v, shifted_chebyshev_polynomial_v = _kind("v", "third")
chebyshev_polynomial_w, shifted_chebyshev_polynomial_w = _kind("w", "fourth")
hermite_polynomial_h = _polynomial(
    "hermite_polynomial_h", "H", "The physicists' Hermite polynomial", polynomials.hermite_h
)
hermite_polynomial_he = _polynomial(
    "hermite_polynomial_he", r"\mathit{He}", "The probabilists' Hermite polynomial", polynomials.hermite_he
)
laguerre_polynomial_l = _polynomial(
    "laguerre_polynomial_l", "L", "The Laguerre polynomial", polynomials.laguerre
)
legendre_polynomial_p = _polynomial(
    "legendre_polynomial_p", "P", "The Legendre polynomial", polynomials.legendre
)
