"""What a node names as the functions before it, against PyTorch: programs print it and walk along it."""

from __future__ import annotations

import glasstorch
import pytest

torch = pytest.importorskip("torch")

FORMS = {
    "2 * x": lambda E, x, y: 2 * x,
    "x * 2": lambda E, x, y: x * 2,
    "2 + x": lambda E, x, y: 2 + x,
    "x - 2": lambda E, x, y: x - 2,
    "2 / x": lambda E, x, y: 2 / x,
    "x / 2": lambda E, x, y: x / 2,
    "x * y": lambda E, x, y: x * y,
    "y + x": lambda E, x, y: y + x,
    "mul(2, x)": lambda E, x, y: E.mul(2, x) if E is glasstorch else E.mul(E.tensor(2), x),
    "sum": lambda E, x, y: x.sum(),
    "cat": lambda E, x, y: E.cat([y, x]),
    "where": lambda E, x, y: E.where(x > 0, x, y),
}


def _before(E, form: str) -> list:
    x = E.tensor([2.0, 3.0], requires_grad=True).sin()
    node = FORMS[form](E, x, E.tensor([1.0, 4.0])).grad_fn
    return [node.name(), *((None if f is None else f.name(), k) for f, k in node.next_functions)]


@pytest.mark.parametrize("form", FORMS)
def test_the_functions_before_a_node(form: str) -> None:
    assert _before(glasstorch, form) == _before(torch, form)


def test_a_number_on_the_left_gives_the_same_values() -> None:
    for E in (torch, glasstorch):
        for x in (
            E.arange(4),
            E.arange(4, dtype=E.uint8),
            E.rand(4, dtype=E.float64),
            E.ones(2, dtype=E.bool),
        ):
            for number in (2, 2.5, True):
                assert (number * x).dtype == (x * number).dtype
                assert E.equal(number * x, x * number)
                assert E.equal(number + x, x + number)


def test_what_is_no_tensor_and_no_number_is_refused() -> None:
    for E in (torch, glasstorch):
        with pytest.raises(TypeError):
            "a" + E.ones(2)
        with pytest.raises(TypeError):
            {} + E.ones(2)
