"""The regularised incomplete gamma functions."""

from __future__ import annotations

from typing import Any

from ..backends import incomplete_gamma
from ..core.op import op
from .kinds import supports


def _regularised(name: str, symbol: str, about: str, sign: int) -> Any:
    compute = getattr(incomplete_gamma, name)

    def forward(xp, input: Array, other: Array):
        supports(input, f"{name}_cpu", complex=False, integer=False, boolean=False)
        return compute(xp, input, other)

    def d_input(F, g):
        "not defined"
        raise NotImplementedError(f"the derivative for '{name}: input' is not implemented.")

    def d_other(F, g, input, other):
        return g * sign * F.exp((input - 1) * F.log(other) - other - F.lgamma(input))

    d_other.__doc__ = rf"{'-' if sign < 0 else ''}\bar z \odot x^{{a - 1}} e^{{-x}} / \Gamma(a)"
    body = {
        "__doc__": f"{name}(input, other, *, out=None) -> Tensor\n\n{about}\n\n"
        "Floating types; nan where an argument is negative. The derivative is that for ``other`` only, as in PyTorch.",
        "formula": rf"{symbol}(a, x)", "forward": forward, "d_input": d_input, "d_other": d_other,
        "numbers": (),
    }  # fmt: skip
    return op(types="promote", fast=False)(type(name, (), body))


igamma = _regularised(
    "igamma", "P",
    "The regularised lower incomplete gamma function: the share of the gamma distribution of shape ``input`` that "
    "lies below ``other``.", 1,
)  # fmt: skip
igammac = _regularised(
    "igammac", "Q",
    "The regularised upper incomplete gamma function ``1 - igamma(input, other)``, exact where it is small.", -1,
)  # fmt: skip
