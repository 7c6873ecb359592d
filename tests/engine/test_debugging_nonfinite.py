"""Where nan and inf come from: on a recorded graph, as it runs, and as JSON."""

from __future__ import annotations

import json
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import nn
from glasstorch.autograd import graph

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of what these tests are about


def recorded(program: Any) -> Any:
    with graph.record():
        return program()


def find(program: Any) -> tuple[graph.Graph, graph.Nonfinite]:
    g = graph.snapshot(recorded(program))
    return g, g.nonfinite()


def names(g: graph.Graph, ids: Any) -> list[str]:
    return [g.node(id).op or g.node(id).title for id in ids]


def test_inf_that_becomes_nan() -> None:
    x = glasstorch.tensor([1.0, 0.0, 2.0], requires_grad=True)
    w = glasstorch.tensor([3.0, 0.0, 1.0], requires_grad=True)
    g, found = find(lambda: (x.log() * w).sum())
    first, then, back = found.forward, found.became_nan, found.backward
    assert (first.op, first.kind, first.places, first.values) == ("log", "made", ((1,),), (-np.inf,))
    assert (first.inputs[0].title, first.inputs[0].zero, first.inputs[0].here) == ("x", 1, (0.0,))
    assert "x.log() * w" in first.source["text"]
    assert then.op == "mul"
    assert [f.here for f in then.inputs] == [(-np.inf,), (0.0,)]
    assert names(g, found.forward_path) == ["log", "mul", "sum"]
    assert (back.op, back.arg, back.inf, back.reaches) == ("mul", "other", 1, ("w",))
    assert [names(g, p) for p in found.backward_paths.values()] == [["mul", "w"]]
    assert found.origins == (first.id, then.id)  # the backward goes wrong where the forward did


def test_a_finite_loss_with_a_nan_gradient() -> None:
    """The trap of ``where``: the branch not taken still has a derivative, and 0 times inf is nan."""
    x = glasstorch.tensor([1.0, 0.0, 2.0], requires_grad=True)
    g, found = find(lambda: glasstorch.where(x > 0, x.log(), glasstorch.zeros(3)).sum())
    assert found.forward.op == "log"
    assert found.forward_path == ()
    assert found.became_nan is None
    assert (found.backward.op, found.backward.nan, found.backward.values) == (
        "log",
        1,
        pytest.approx((np.nan,), nan_ok=True),
    )
    incoming = found.backward.inputs[0]
    assert (incoming.arg, incoming.here) == ("incoming gradient", (0.0,))
    assert [names(g, p) for p in found.backward_paths.values()] == [["log", "x"]]
    assert "finite all the same" in str(found)


def test_the_square_root_at_zero() -> None:
    x = glasstorch.zeros(2, 2, requires_grad=True)
    g, found = find(lambda: x.pow(2).sum(1).sqrt().sum())
    assert found.forward is None
    assert (found.backward.op, found.backward.inf, found.backward.formula) == (
        "sqrt",
        2,
        r"\frac{\bar y}{2 y}",
    )
    assert [names(g, p) for p in found.backward_paths.values()] == [["sqrt", "sum", "pow", "x"]]
    assert found
    assert not find(lambda: (x + 1).pow(2).sum(1).sqrt().sum())[1]


def test_in_a_module_with_a_path_to_every_parameter() -> None:
    glasstorch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Softplus(), nn.Linear(3, 1)))
    with glasstorch.no_grad():
        net[1][1].weight.fill_(3e38)
    g, found = find(lambda: net(glasstorch.ones(4, 2) * 10).square().mean())
    assert (found.forward.module, found.forward.op, found.forward.inf) == ("1.1", "linear", 4)
    assert names(g, found.forward_path)[0] == "linear"
    assert {g.node(id).title for id in found.backward_paths} == {n for n, _ in net.named_parameters()}


def test_a_mask_is_no_fault_but_a_row_of_nothing_else_is() -> None:
    scores = glasstorch.arange(6.0).reshape(2, 3).requires_grad_()

    def attention(mask: list) -> Any:
        return scores.masked_fill(glasstorch.tensor(mask), float("-inf")).softmax(1).square().sum()

    assert not find(lambda: attention([[True, False, False], [False, True, False]]))[1]
    _, found = find(lambda: attention([[True, True, True], [False, True, False]]))
    assert (found.forward.op, found.forward.nan) == ("softmax", 3)
    assert [p[0] for p in found.forward.places] == [0, 0, 0]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_was_given_or_written(value: float) -> None:
    x, data = glasstorch.ones(2, requires_grad=True), glasstorch.tensor([1.0, value])
    _, found = find(lambda: (x + data).sum())
    assert (found.forward.kind, found.forward.op, found.forward.places) == ("given", "data", ((1,),))
    _, found = find(lambda: (x + value).sum())
    assert (found.forward.kind, found.forward.op) == ("written", "add")


def test_the_sum_of_gradients_may_be_what_overflows() -> None:
    x = glasstorch.tensor([1.0], requires_grad=True)

    with graph.record():
        h = x * 1.0
        y = (h * 2e38).sum(), (h * 3e38).sum()
    found = graph.snapshot(*y).nonfinite()
    assert found.forward is None
    assert (found.backward.arg, found.backward.inf) == ("", 1)
    assert found.backward.id == graph.snapshot(*y).nonfinite().origins[0]


def test_json_and_text() -> None:
    x = glasstorch.tensor([[1.0, 0.0]], requires_grad=True)
    g, found = find(lambda: (x.log() * 0).sum())
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["forward"]["values"] == ["-inf"]
    assert data["origins"] == list(found.origins)
    assert data["forward_path"] == list(found.forward_path)
    again = graph.Graph.from_dict(json.loads(json.dumps(g.to_dict("full")))).nonfinite()
    assert again.to_dict() == found.to_dict()
    text = str(found)
    assert "log made 1 inf among 2 elements" in text
    assert "input     input (x) [1, 2] float32: from 0 to 1; 1 zero; there: 0.0" in text
    assert str(graph.find_nonfinite(recorded(lambda: x.sum()))) == "all values and gradients are finite"


def test_what_cannot_be_known_is_said() -> None:
    x = glasstorch.tensor([0.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"record\(\)"):
        graph.find_nonfinite(x.log().exp().sum())
    with pytest.raises(TypeError, match="takes a tensor or a Graph"):
        graph.find_nonfinite(3.0)


# ------------------------------------------------------------------ while it runs
def test_trace_looks_at_operations_without_gradients() -> None:
    data = glasstorch.tensor([[1.0, 0.0], [4.0, 2.0]])
    with graph.trace_nonfinite() as trace:
        scaled = data / data[:, 1:]  # the line
        _ = scaled - scaled
    assert (trace.first.op, trace.first.places, trace.first.values) == (
        "div",
        ((0, 0), (0, 1)),
        (np.inf, pytest.approx(np.nan, nan_ok=True)),
    )
    assert "# the line" in trace.first.source["text"]
    assert [f.here for f in trace.first.inputs] == [(1.0, 0.0), (0.0, 0.0)]
    assert not graph.recording()


def test_trace_stops_at_the_first_in_a_module() -> None:
    class Log(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.log()

    net = nn.Sequential(nn.ReLU(), Log())
    words = r"(?s)log made 1 inf among 2 elements.*module    1"
    with pytest.raises(FloatingPointError, match=words), graph.trace_nonfinite(stop=True):
        net(glasstorch.tensor([-1.0, 2.0]))
    assert not graph.recording()
    with graph.record():
        with graph.trace_nonfinite(stop=True):
            x = glasstorch.ones(2, requires_grad=True)
            y = x.masked_fill(glasstorch.tensor([True, False]), float("-inf")).softmax(0).sum()
        assert graph.recording()
    assert graph.snapshot(y).recorded
