"""Two computations held against each other: where they part, and how that is said."""

from __future__ import annotations

import glasstorch as torch
import numpy as np
import pytest
from glasstorch.autograd.graph import Graph, align, differences, first_difference, record, snapshot
from glasstorch.nn import functional as F
from hypothesis import given, settings
from hypothesis import strategies as st


def network(scale: float = 1.0, wrong: str = "") -> Graph:
    """A small network; ``wrong`` names the mistake in it."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    w = torch.tensor([[0.5, -1.0], [0.25, 1.0]], dtype=torch.float64, requires_grad=True)
    with record():
        h = x @ w * scale
        h = torch.sigmoid(h) if wrong == "activation" else torch.tanh(h)
        if wrong == "extra":
            h = h.abs()
        loss = (h.sum() if wrong == "reduction" else h.mean()) + w.sum()
    return snapshot(loss)


def test_a_computation_agrees_with_itself() -> None:
    assert first_difference(network(), network()) is None
    assert differences(network(), network()) == ()
    assert set(align(network(), network()).values()) == {n.id for n in network().nodes}


def test_the_first_value_that_differs_is_named_with_its_element() -> None:
    graph = network(scale=1.5)
    found = first_difference(graph, network())
    assert found is not None
    assert graph.node(found.node).op == "mul"
    assert (found.what, found.index) == ("value", (0, 0))
    assert (found.got, found.expected) == (1.5, 1.0)
    assert "the value of" in found.message
    assert found.largest == pytest.approx(np.abs(0.5 * np.array([[1, 1], [2.5, 1]])).max())
    assert found.to_dict()["what"] == "value"


@pytest.mark.parametrize(
    ("wrong", "op", "what"),
    [
        ("activation", "sigmoid", "operation"),
        ("reduction", "sum", "operation"),
        ("extra", "abs", "operation"),
    ],
)
def test_another_operation_is_found_and_the_rest_stays_aligned(wrong: str, op: str, what: str) -> None:
    graph = network(wrong=wrong)
    found = first_difference(graph, network())
    assert found is not None
    assert (graph.node(found.node).op, found.what) == (op, what)
    assert len(align(graph, network())) >= len(graph.nodes) - 1


def test_equal_values_with_a_gradient_that_is_lost() -> None:
    def graph(learns: bool) -> Graph:
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        b = torch.tensor([3.0, 4.0], requires_grad=learns)
        with record():
            y = (a * b).sum()
        return snapshot(y)

    found = first_difference(graph(False), graph(True))
    assert found is not None
    assert found.what == "gradient"
    assert graph(False).node(found.node).kind == "constant"
    assert "no gradient arrives" in found.message


def test_a_shape_that_differs() -> None:
    def graph(rows: int) -> Graph:
        with record():
            y = torch.ones(rows, 2, requires_grad=True).exp().sum()
        return snapshot(y)

    found = first_difference(graph(3), graph(2))
    assert found is not None
    assert found.what == "shape"
    assert "[3, 2]" in found.message
    assert "[2, 2]" in found.message


def test_what_is_missing_is_said_at_the_node_before_it() -> None:
    found = first_difference(network(), network(wrong="extra"))
    assert found is not None
    assert found.what == "operation"
    assert "missing here" in found.message
    assert network().node(found.node).op == "tanh"


def test_nan_equals_nan_and_tolerances_hold() -> None:
    def graph(v: float, shift: float = 0.0) -> Graph:
        x = torch.tensor([v, 1.0 + shift], dtype=torch.float64, requires_grad=True)
        with record():
            y = (x * 2).sum()
        return snapshot(y)

    assert first_difference(graph(float("nan")), graph(float("nan"))) is None
    assert first_difference(graph(float("nan")), graph(1.0)).what == "value"  # type: ignore[union-attr]
    assert first_difference(graph(1.0, 1e-7), graph(1.0)) is None
    assert first_difference(graph(1.0, 1e-7), graph(1.0), rtol=0, atol=1e-9) is not None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["exp", "tanh", "sin", "abs"]), max_size=6),
       st.lists(st.sampled_from(["exp", "tanh", "sin", "abs"]), max_size=6))  # fmt: skip
def test_two_chains_agree_exactly_when_they_are_the_same(ours: list[str], theirs: list[str]) -> None:
    def chain(names: list[str]) -> Graph:
        x = torch.tensor([0.3, -0.7], dtype=torch.float64, requires_grad=True)
        with record():
            y = x * 1.0
            for name in names:
                y = getattr(torch, name)(y)
        return snapshot(y)

    pairs = align(chain(ours), chain(theirs))
    assert list(pairs.values()) == sorted(pairs.values(), key=lambda id: int(id[1:]))  # order is kept
    assert (first_difference(chain(ours), chain(theirs)) is None) == (ours == theirs)


def test_it_works_on_a_graph_that_came_as_json() -> None:
    there = Graph.from_dict(network().to_dict("full"))
    assert first_difference(network(), there) is None
    found = first_difference(network(scale=2.0), there)
    assert found is not None
    assert np.isfinite(found.largest or 0.0)


def test_the_loss_of_a_classifier() -> None:
    def graph(reduction: str) -> Graph:
        z = torch.tensor([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]], requires_grad=True)
        with record():
            loss = F.cross_entropy(z, torch.tensor([1, 2]), reduction=reduction).sum()
        return snapshot(loss)

    found = first_difference(graph("sum"), graph("mean"))
    assert found is not None
    assert found.what == "value"


def test_results_match_and_so_do_leaves_of_one_name() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([[3.0], [5.0]], requires_grad=True)
    with record():
        ours, theirs = x * (w * 2), (w * 2) * x * 3
    graph, reference = snapshot(ours), snapshot(theirs)
    pairs = align(graph, reference)
    assert pairs[graph.roots[0]] == reference.roots[0]
    assert list(pairs) == [id for id in graph.forward_order if id in pairs]
    found = {
        graph.node(one.node).title: one for one in differences(graph, reference) if one.what == "gradient"
    }
    assert (found["x"].got, found["x"].expected) == (16.0, 48.0)


def test_an_operation_in_another_place_is_called_so() -> None:
    def graph(first: str, second: str) -> Graph:
        x = torch.tensor([0.5], requires_grad=True)
        with record():
            return snapshot(getattr(torch, second)(getattr(torch, first)(x)).exp())

    found = [one.message for one in differences(graph("sin", "cos"), graph("cos", "sin"))]
    assert any("stands in another place than in the reference" in text for text in found)
