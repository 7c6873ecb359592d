"""The graph that ends at the operation that failed: from modules, functions, methods, with and without recording."""

from __future__ import annotations

import json
import sys
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import nn
from glasstorch.autograd import graph

F = nn.functional


def failure(program: Any) -> graph.Graph:
    recorder = graph.record()
    with pytest.raises(Exception) as caught, recorder:  # noqa: PT011  (which one is each test's matter)
        program()
    g = recorder.failure
    assert g is not None
    node = g.node(g.failed)
    assert node.error == f"{caught.type.__name__}: {caught.value}"
    assert g.forward_order[-1] == g.roots[0] == node.id
    assert not graph.recording()
    return g


def given(g: graph.Graph) -> list[tuple]:
    """What the failed operation was given: (argument, title, shape, dtype)."""
    sources = [(e.arg, g.node(e.source)) for e in g.edges if e.target == g.failed]
    return [(arg, n.title, n.shape, n.dtype) for arg, n in sources]


def test_a_matmul_deep_inside_a_network() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Sequential(nn.ReLU(), nn.Linear(4, 1))

        def forward(self, x: Any) -> Any:
            return self.inner(x * 2)  # the line

    net = nn.Sequential(nn.Linear(2, 3), Block())
    data = glasstorch.ones(5, 2)
    g = failure(lambda: net(data))
    node = g.node(g.failed)
    assert (node.op, node.module, node.shape, node.kind) == ("linear", "1.inner.1", None, "op")
    assert node.source["text"] == "return self.inner(x * 2)  # the line"
    assert node.source["file"] == __file__
    assert "mat1 and mat2 shapes cannot be multiplied (5x3 and 4x1)" in node.error
    assert given(g) == [
        ("input", "relu", (5, 3), "float32"),
        ("weight", "1.inner.1.weight", (1, 4), "float32"),
        ("bias", "1.inner.1.bias", (1,), "float32"),
    ]
    assert [n.op for n in g.nodes if n.kind == "op"] == ["linear", "mul", "relu", "linear"]
    relu = next(n for n in g.nodes if n.op == "relu")
    np.testing.assert_array_equal(relu.value, (net[0](data) * 2).relu().detach().numpy())
    text = graph.explain_failure(g)
    assert "module    1.inner.1" in text
    assert "input     weight (1.inner.1.weight) [1, 4] float32 on cpu" in text


def matrix(*shape: int, **options: Any) -> Any:
    return glasstorch.ones(shape, requires_grad=True, **options)


CASES = {
    "broadcast": (lambda: matrix(2, 3) + matrix(2, 4), "add", "must match the size"),
    "dtype": (lambda: matrix(2, 3) @ glasstorch.ones(3, 2, dtype=glasstorch.int64), "mm", "same dtype"),
    "place": (lambda: matrix(3).detach().add_(matrix(4)), "add", "must match the size"),
    "list": (lambda: glasstorch.cat([matrix(2, 3), matrix(3, 2)]), "cat", "Sizes of tensors must match"),
    "index": (lambda: matrix(2, 3)[5], "getitem", "out of bounds"),
    "row": (lambda: matrix(2, 3).index_select(0, glasstorch.tensor([5])), "index_select", "out of range"),
    "view": (lambda: matrix(2, 3).view(5), "view", "is invalid for input"),
    "target": (lambda: F.cross_entropy(matrix(2, 3), glasstorch.tensor([1, 3])), "cross_entropy", "out of bounds"),
    "loss module": (lambda: nn.CrossEntropyLoss()(matrix(2, 3), glasstorch.ones(2)), "cross_entropy", "dtype"),
    "embedding": (lambda: nn.Embedding(3, 4)(glasstorch.tensor([5])), "embedding", "out of range"),
    "convolution": (lambda: nn.Conv2d(3, 4, 3)(matrix(1, 1, 8, 8)), "conv2d", "3 channels"),
    "recurrent": (lambda: nn.LSTM(3, 4)(matrix(2, 2, 5)), "LSTM", "Expected 3, got 5"),
    "singular": (lambda: glasstorch.linalg.inv(glasstorch.zeros(3, 3)), "inv", "singular"),
    "integer mean": (lambda: glasstorch.arange(3).mean(), "mean", "infer output dtype"),
    "no tensors": (lambda: glasstorch.zeros(-1), "zeros", "negative dimension"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_any_kind_of_failure(case: str) -> None:
    program, op, words = CASES[case]
    g = failure(program)
    node = g.node(g.failed)
    assert node.op == op
    assert words in node.error
    assert node.source["file"] == __file__
    assert bool(given(g)) == (case != "no tensors")
    again = graph.Graph.from_dict(json.loads(json.dumps(g.to_dict("full"), allow_nan=False)))
    assert again.failed == g.failed
    assert graph.explain_failure(again) == graph.explain_failure(g)
    assert g.backward_order == again.backward_order


def test_arguments_that_are_no_tensors() -> None:
    g = failure(lambda: matrix(2, 3).index_select(0, glasstorch.tensor([5])))
    assert g.node(g.failed).args == "dim=0"
    g = failure(lambda: matrix(2, 3).sum(dim=4))
    assert "4" in g.node(g.failed).args


def test_without_recording_the_structure_is_there_all_the_same() -> None:
    x = glasstorch.ones(2, 3, requires_grad=True)
    try:
        (x * 2).exp() @ glasstorch.ones(2, 3)
    except RuntimeError as error:
        g = graph.snapshot_failure(error)
        inside = graph.snapshot_failure()  # the error that is being handled
    assert inside == g
    assert [n.op for n in g.nodes] == ["", "mul", "exp", "", "mm"]
    assert g.node("n0").title == "x"
    assert not g.recorded


def test_the_last_error_of_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        matrix(2) + matrix(3)
    except RuntimeError as error:
        last = error
    monkeypatch.setattr(sys, "last_value", last, raising=False)
    assert graph.snapshot_failure().failed is not None
    monkeypatch.delattr(sys, "last_value")
    with pytest.raises(ValueError, match="there is none"):
        graph.snapshot_failure()


def test_errors_of_the_program_itself_are_no_operations() -> None:
    recorder = graph.record()
    with pytest.raises(ZeroDivisionError), recorder:
        matrix(2) * (1 // 0)
    assert recorder.failure is None
    with pytest.raises(ValueError, match="no operation raised"):
        graph.snapshot_failure(ZeroDivisionError())
    with graph.record() as fine:
        y = matrix(2).sum()
    assert fine.failure is None
    with pytest.raises(ValueError, match="no operation of this graph failed"):
        graph.explain_failure(graph.snapshot(y))


def test_an_error_in_a_users_own_function_called_by_the_engine() -> None:
    def bad(x: Any) -> Any:
        raise KeyError("mine")

    recorder = graph.record()
    with pytest.raises(KeyError), recorder:
        glasstorch.func.vmap(bad)(matrix(2, 3))
    assert recorder.failure is None
