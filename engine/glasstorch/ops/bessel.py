"""Airy and Bessel functions of ``torch.special``, element by element. PyTorch gives these no derivatives."""

from __future__ import annotations

from typing import Any

from ..backends import bessel
from ..core.op import op
from .kinds import supports


def _bessel(name: str, formula: str, about: str) -> Any:
    compute = getattr(bessel, name)

    def forward(xp, input: Array):
        supports(input, f"{name}_cpu", half=False, complex=False)
        return compute(xp, input)

    body = {"__doc__": f"{name}(input, *, out=None) -> Tensor\n\n{about} float32 and float64; integers become floats.",
            "formula": formula, "forward": forward}  # fmt: skip
    return op(types="float", wide=False, method=False, function=False, inplace=False)(type(name, (), body))


airy_ai = _bessel("airy_ai", r"\mathrm{Ai}(x)", "The Airy function Ai.")
bessel_j0 = _bessel("bessel_j0", "J_0(x)", "The Bessel function of the first kind of order 0.")
bessel_j1 = _bessel("bessel_j1", "J_1(x)", "The Bessel function of the first kind of order 1.")
bessel_y0 = _bessel("bessel_y0", "Y_0(x)", "The Bessel function of the second kind of order 0.")
bessel_y1 = _bessel("bessel_y1", "Y_1(x)", "The Bessel function of the second kind of order 1.")
modified_bessel_i0 = _bessel(
    "modified_bessel_i0", "I_0(x)", "The modified Bessel function of the first kind of order 0."
)
modified_bessel_i1 = _bessel(
    "modified_bessel_i1", "I_1(x)", "The modified Bessel function of the first kind of order 1."
)
modified_bessel_k0 = _bessel(
    "modified_bessel_k0", "K_0(x)", "The modified Bessel function of the second kind of order 0."
)
modified_bessel_k1 = _bessel(
    "modified_bessel_k1", "K_1(x)", "The modified Bessel function of the second kind of order 1."
)
scaled_modified_bessel_k0 = _bessel(
    "scaled_modified_bessel_k0", "e^{x} K_0(x)", "``exp(x)`` times the modified Bessel function K of order 0."
)
scaled_modified_bessel_k1 = _bessel(
    "scaled_modified_bessel_k1", "e^{x} K_1(x)", "``exp(x)`` times the modified Bessel function K of order 1."
)
spherical_bessel_j0 = _bessel(
    "spherical_bessel_j0", "j_0(x)", "The spherical Bessel function of order 0: ``sin(x) / x``."
)
