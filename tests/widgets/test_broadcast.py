"""Broadcasting: the rule against the engine's, what helps where shapes clash, and the numbers sent."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch_widgets import broadcast  # noqa: E402
from glasstorch_widgets.tensor_view.shapes import align, remedies  # noqa: E402

SHAPES = [(), (1,), (3,), (4,), (0,), (3, 1), (1, 4), (3, 4), (2, 3, 1), (2, 1, 4), (5, 1, 1)]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(SHAPES, SHAPES)))
def test_the_rule_is_the_engines(a, b) -> None:
    aligned = align([a, b])
    try:
        expected = tuple(torch.broadcast_shapes(a, b))
    except RuntimeError:
        assert aligned.shape is None
        assert aligned.clashes
        for code, shape in remedies([a, b], ["a", "b"]):
            tensors = {"a": torch.zeros(a), "b": torch.zeros(b)}
            changed = eval(code, {}, tensors)
            assert tuple((changed + tensors["b" if code.startswith("a") else "a"]).shape) == shape
    else:
        assert aligned.shape == expected


def test_a_clash_names_the_dimension_both_sizes_and_a_way_out() -> None:
    view = broadcast(torch.zeros(3, 4), torch.zeros(3), names=["x", "bias"], lang="en")
    text = view.text()
    assert "Dimension -1 does not fit (x: 4, bias: 3)." in text
    assert "bias.unsqueeze(1) would fit: the result has shape (3, 4)." in text
    assert view.shapes["clashes"] == [-1]
    assert view.numbers["counts"] == []
    assert "bias.unsqueeze(1)" in view.svg()


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "<", torch.maximum, lambda a, b: a * 2 + b])
def test_the_numbers_are_the_engines(op) -> None:
    a, b = torch.arange(6.0).reshape(2, 3, 1) - 2, torch.arange(4.0) + 1
    view = broadcast(a, b, op=op)
    data = np.frombuffer(view.numbers["data"])
    assert view.numbers["counts"] == [6, 4, 24]
    operators = {"+": a + b, "-": a - b, "*": a * b, "/": a / b, "<": a < b}
    expected = operators[op] if isinstance(op, str) else op(a, b)
    np.testing.assert_allclose(data[10:], expected.to(torch.float64).numpy().reshape(-1))


def test_shapes_alone_count_up_and_have_no_result() -> None:
    view = broadcast((2, 1), (3,))
    assert np.frombuffer(view.numbers["data"]).tolist() == [0, 1, 0, 1, 2]
    assert not view.numbers["answered"]
    assert broadcast((1000, 1), (1000,)).numbers["counts"] == []


def test_ghosts_are_dashed_in_the_picture() -> None:
    root = ElementTree.fromstring(broadcast(torch.ones(3, 1), torch.ones(4)).svg())
    boxes = root.findall("{http://www.w3.org/2000/svg}rect")
    ghosts = [box for box in boxes if box.get("stroke-dasharray") == "3 2"]
    assert len(ghosts) == 3 * 3 + 2 * 4
    assert broadcast(torch.tensor(1.0), 2, lang="zh").svg()


@pytest.mark.parametrize(
    ("operands", "arguments", "error", "words"),
    [
        ([torch.zeros(2)], {}, TypeError, "at least two"),
        (["x", (2,)], {}, TypeError, "tensors or shapes"),
        ([(2,), (2,)], {"op": "@"}, ValueError, "op must be"),
        ([(2,), (2,)], {"names": ["a"]}, ValueError, "2 operands and 1 names"),
        ([torch.ones(2), torch.ones(2)], {"op": torch.dot}, ValueError, "by element"),
    ],
)
def test_wrong_arguments_say_what_is_right(operands, arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        broadcast(*operands, **arguments)
