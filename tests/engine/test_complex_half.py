"""complex32: what float16 and complex numbers make together, with the few operations PyTorch's CPU gives it."""

from __future__ import annotations

import glasstorch
import pytest
from support.differential import compare, raises_alike, torch

pytestmark = [
    pytest.mark.skipif(glasstorch.complex32.np is None, reason="needs ml_dtypes 0.6"),
    pytest.mark.filterwarnings("ignore:ComplexHalf"),
]

CALLS = {
    "add": lambda E, h: h + (1 + 2j),
    "sub from": lambda E, h: (1 + 2j) - h,
    "mul": lambda E, h: h * (1 - 2j),
    "eq": lambda E, h: h == (1 + 2j),
    "neg": lambda E, h: -(h + 1j),
    "abs": lambda E, h: (h + 1j).abs(),
    "parts": lambda E, h: ((h + 2j).real, (h + 2j)[0].imag, E.view_as_real(h + 2j)),
    "conj": lambda E, h: (h + 1j).conj().resolve_conj(),
    "casts": lambda E, h: ((h + 1j).to(E.complex64), h.to(E.complex32).to(E.complex128)),
    "numbers": lambda E, h: ((h + 1j).tolist(), (h + 1j)[0].item(), str(h + 1j)),
    "from parts": lambda E, h: (E.complex(h, h), E.view_as_complex(E.stack([h, h], -1))),
    "with float32": lambda E, h: (h + 1j) + E.ones(3),
}


@pytest.mark.cpu
@pytest.mark.parametrize("name", CALLS)
def test_what_there_is(name) -> None:
    def fn(E):
        return CALLS[name](E, E.tensor([1.0, -2.5, 0.25], dtype=E.float16))

    compare(lambda E: fn(E))


@pytest.mark.parametrize("name", ["exp", "sqrt", "sin", "angle", "log"])
def test_what_there_is_not(name) -> None:
    raises_alike(
        lambda E: getattr(E, name)(E.ones(2, dtype=E.complex32)), "not implemented for 'ComplexHalf'"
    )


def test_promotion() -> None:
    kinds = [
        "bool",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex32",
        "complex64",
        "complex128",
    ]
    for a in kinds:
        for b in kinds:
            assert str(glasstorch.promote_types(getattr(glasstorch, a), getattr(glasstorch, b))) == str(
                torch.promote_types(getattr(torch, a), getattr(torch, b))
            ), (a, b)


def test_parts_of_complex_tensors_are_views() -> None:
    def fn(E, x):
        y = x * 1
        y.real.mul_(3)
        y.imag[0] = 7
        return y

    compare(fn, [1 + 2j, 3 - 1j])
    compare(lambda E, x: (x.real._is_view(), x.imag._is_view()), [1 + 2j], grad=False)
