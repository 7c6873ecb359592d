"""What is painted onto a graph: failures, origins and paths of NaN, differences; and one graph at many moments."""

from __future__ import annotations

import traceback

import glasstorch as torch
import numpy as np
import pytest
from glasstorch.autograd.graph import differences, record, snapshot, snapshot_failure
from glasstorch_widgets import compare, graph
from glasstorch_widgets.graph_view import moments
from glasstorch_widgets.graph_view.marks import marks
from glasstorch_widgets.graph_view.moments import Moments
from glasstorch_widgets.language import labels
from glasstorch_widgets.notebook import without_engine

WORDS = labels("en", "graph")


def test_a_healthy_graph_has_no_marks() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with record():
        y = (x * x).sum()
    assert marks(snapshot(y), WORDS) == {"nodes": {}, "edges": [], "headline": None}


def test_nan_is_marked_where_it_began_and_along_its_way() -> None:
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    with record():
        y = (torch.log(x) * 2 + 1).sum()
    graph = snapshot(y)
    painted = marks(graph, WORDS)
    kinds = {graph.node(id).op or "x": mark["kind"] for id, mark in painted["nodes"].items()}
    assert kinds["log"] == "origin"
    assert {kinds["mul"], kinds["add"], kinds["sum"]} == {"path"}
    assert painted["headline"]["id"] == next(n.id for n in graph.nodes if n.op == "log")
    assert "forward" in painted["headline"]["text"]
    log, mul = (next(n.id for n in graph.nodes if n.op == op) for op in ("log", "mul"))
    assert [log, mul] in painted["edges"]
    assert "elements  [1] = nan" in painted["nodes"][log]["text"]


def test_an_infinite_gradient_is_marked_back_to_the_leaf() -> None:
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    with record():
        y = torch.sqrt(x).sum()
    graph = snapshot(y)
    painted = marks(graph, WORDS)
    root = next(n.id for n in graph.nodes if n.op == "sqrt")
    assert painted["nodes"][root]["kind"] == "origin"
    assert "backward" in painted["headline"]["text"]
    assert [root, "n0"] in painted["edges"]
    assert painted["nodes"]["n0"]["kind"] == "path"


def test_a_forward_that_failed_is_marked_at_its_last_node() -> None:
    a, b = torch.ones(2, 3, requires_grad=True), torch.ones(4, 2)
    with record(), pytest.raises(RuntimeError) as caught:
        torch.relu(a) @ b
    graph = snapshot_failure(caught.value)
    painted = marks(graph, WORDS)
    assert painted["nodes"][graph.failed or ""]["kind"] == "failed"
    assert painted["headline"]["id"] == graph.failed
    assert "2x3" in painted["headline"]["text"]


def test_differences_are_marked_and_the_first_is_the_headline() -> None:
    def graph(scale: float):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with record():
            y = (x * scale).exp().sum()
        return snapshot(y)

    one, other = graph(1.0), graph(1.5)
    painted = marks(one, WORDS, differences(one, other))
    assert {mark["kind"] for mark in painted["nodes"].values()} == {"differs"}
    assert one.node(painted["headline"]["id"]).op == "mul"


def training(steps: int, kept: Moments | None = None):
    """A few steps of gradient descent; the moments of its graph, and the weights at each."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    x = torch.tensor([[0.5, 1.0], [1.5, -1.0]])
    weights = []
    for _ in range(steps):
        with record():
            loss = ((x @ w) ** 2).mean()
        graph = snapshot(loss)
        kept = kept or Moments(graph)
        kept.keep(graph)
        weights.append(w.detach().numpy().copy())
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    return kept, weights, graph


def test_a_moment_computes_again_what_was_then() -> None:
    kept, weights, last = training(5)
    assert kept is not None
    assert kept.labels == ["0", "1", "2", "3", "4"]
    w = next(n.id for n in last.nodes if n.title == "w")
    for at, then in enumerate(weights):
        replayed = last.replay(kept.leaves[at])
        np.testing.assert_array_equal(replayed.node(w).value, then)
        root = replayed.node(replayed.roots[0])
        assert float(root.value) == pytest.approx(kept.roots[at])  # type: ignore[arg-type]
    assert kept.roots[0] > kept.roots[-1]


def test_what_does_not_change_is_kept_once() -> None:
    kept, _, last = training(3)
    assert kept is not None
    x = next(n.id for n in last.nodes if n.title == "x")
    assert kept.leaves[0][x] is kept.leaves[2][x]


def test_many_moments_are_thinned_and_the_first_stays(monkeypatch) -> None:
    monkeypatch.setattr(moments, "MOST", 8)
    kept, _, _ = training(50)
    assert kept is not None
    assert len(kept.labels) <= 8
    assert kept.labels[0] == "0"
    steps = [int(label) for label in kept.labels]
    assert len(set(np.diff(steps))) == 1  # evenly
    assert steps[-1] >= 40


def test_another_computation_is_no_moment_of_this_one() -> None:
    kept, _, _ = training(1)
    x = torch.tensor([1.0], requires_grad=True)
    with record():
        y = x.exp().sum()
    assert kept is not None
    with pytest.raises(ValueError, match="no moment of the same graph"):
        kept.keep(snapshot(y))
    assert len(kept.labels) == 1


def test_the_view_opens_at_the_operation_that_failed() -> None:
    with record(), pytest.raises(RuntimeError) as caught:
        torch.ones(2, 3, requires_grad=True).exp() @ torch.ones(2, 2)
    view = graph(caught.value)
    assert view.record.failed == view.selected
    assert view.marks["headline"]["id"] == view.selected
    assert "exp" in view.text()
    with pytest.raises(ValueError, match="no operation raised"):
        graph(KeyError("x"))


def test_an_edit_that_makes_nan_marks_the_view() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with record():
        y = torch.log(x).sum()
    view = graph(y)
    assert view.marks["nodes"] == {}
    view.edit("n0", 0, -1.0)
    assert view.marks["nodes"][view.marks["headline"]["id"]]["kind"] == "origin"
    view.reset()
    assert view.marks["nodes"] == {}


def test_a_closed_box_carries_the_mark_of_what_it_holds() -> None:
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
    )
    with record():
        y = (
            torch.log(net[1](net[0](torch.ones(1, 2))) - 100.0).sum()
            + net(torch.full((1, 2), float("inf"))).sum()
        )
    view = graph(y)
    view.show_depth(0)
    boxes = {node["id"]: node["kind"] for node in view.structure["nodes"]}
    assert "group" in boxes.values()
    assert set(view.marks["nodes"]) <= set(boxes)
    assert any(boxes[id] == "group" for id in view.marks["nodes"])
    assert view.marks["lines"]


def test_the_slider_goes_through_a_training() -> None:
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    view, losses = None, []
    for _ in range(4):
        with record():
            loss = (w * w).sum()
        view = view or graph(loss)
        view.keep(loss)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    assert view is not None
    assert view.moments["labels"] == ["0", "1", "2", "3"]
    assert view.moments["values"] == pytest.approx(losses)
    view.flush()
    assert view.moment == 3  # the picture goes with the training
    assert float(view.record.node(view.record.roots[0]).value) == pytest.approx(losses[3])
    view._receive(view, {"type": "moment", "index": 1}, [])
    assert float(view.record.node(view.record.roots[0]).value) == pytest.approx(losses[1])
    gradient = view.record.node("n0").gradient
    assert gradient == pytest.approx(2 * view.record.node("n0").value)
    view.edit("n0", 0, 5.0)  # an edit is of the moment on show
    assert view.record.node("n0").value[1] == pytest.approx(-2 * 0.8)
    view.keep(loss)
    view.flush()
    assert view.moment == 1  # and stays where somebody has put it
    view._receive(view, {"type": "moment", "index": 9}, [])
    assert "there is no moment 9" in view.error


def test_two_graphs_step_together() -> None:
    def result(scale: float):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with record():
            y = (x * scale).exp().sum()
        return y

    pair = compare(result(1.0), result(1.5))
    assert "Nodes that differ" in pair.summary
    first = pair.left.record.node(pair.left.selected)
    assert first.op == "mul"
    assert pair.right.record.node(pair.right.selected).op == "mul"
    pair.left.step = 2
    assert pair.right.step == 2
    pair.right.step = 0
    assert pair.left.step == 0
    pair.left.step = pair.left.last
    assert pair.right.step == pair.right.last
    assert compare(result(2.0), result(2.0)).summary == "The two computations agree."
    assert "reference has" in repr(pair)


def test_an_error_shows_the_learners_lines_and_not_the_engines() -> None:
    class Net(torch.nn.Module):
        def forward(self, x):
            return x @ torch.ones(5, 5)

    with pytest.raises(RuntimeError) as caught:
        torch.nn.Sequential(Net())(torch.ones(2, 3))
    trace = caught.value.__traceback__
    short = without_engine(trace)
    assert {frame.name for frame in traceback.extract_tb(short)} == {
        "forward", "test_an_error_shows_the_learners_lines_and_not_the_engines"
    }  # fmt: skip
    assert len(traceback.extract_tb(trace)) > 4  # the original is as it was
    assert without_engine(None) is None
