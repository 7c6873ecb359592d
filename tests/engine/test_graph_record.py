"""The graph's record: what a snapshot says, its gradients, replay and JSON."""

from __future__ import annotations

import json

import glasstorch
import numpy as np
import pytest
from glasstorch.autograd import graph

# ruff: noqa: RUF059  (variables are unpacked for their names: a snapshot shows them)


def small():
    """A two-parameter computation with a fan-out, recorded."""
    with graph.record():
        x = glasstorch.tensor([[1.0, -2.0]])
        w = glasstorch.tensor([[3.0, 4.0], [5.0, 6.0]], requires_grad=True)
        h = x @ w
        loss = (h * h + h.relu()).mean()
    return x, w, h, loss


def test_nodes_edges_values_and_lines() -> None:
    x, w, h, loss = small()
    g = graph.snapshot(loss)
    by_title = {n.title: n for n in g.nodes}
    assert (by_title["x"].kind, by_title["w"].kind, by_title["h"].op) == ("constant", "leaf", "mm")
    assert by_title["h"].source["text"] == "h = x @ w"
    assert by_title["loss"].shape == ()
    assert by_title["h"].formula == "X Y"
    assert [e.formula for e in g.edges if e.target == by_title["h"].id] == [
        r"\bar Z\, Y^{\top}",
        r"X^{\top} \bar Z",
    ]
    np.testing.assert_array_equal(by_title["h"].value, h.detach().numpy())
    assert g.recorded
    assert g.forward_order[-1] == g.roots[0] == g.backward_order[0]


def test_gradients_and_contributions_leave_no_trace() -> None:
    x, w, h, loss = small()
    g = graph.snapshot(loss, gradients=True)
    assert w.grad is None
    node = next(n for n in g.nodes if n.title == "h")
    parts = [e.contribution for e in g.edges if e.source == node.id]
    assert len(parts) == 3  # h * h uses it twice, relu once
    np.testing.assert_allclose(sum(parts), node.gradient)
    loss.backward()
    np.testing.assert_allclose(next(n for n in g.nodes if n.title == "w").gradient, w.grad.numpy())
    used_up = graph.snapshot(loss, gradients=True)  # made again from the record
    np.testing.assert_allclose(used_up.node(node.id).gradient, node.gradient)


def test_replay_changes_everything_downstream() -> None:
    x, w, h, loss = small()
    g = graph.snapshot(loss)
    ids = {n.title: n.id for n in g.nodes}
    again = g.replay({ids["x"]: [[2.0, 2.0]]})
    assert [n.id for n in again.nodes] == [n.id for n in g.nodes]
    x2, w2 = glasstorch.tensor([[2.0, 2.0]]), w.detach().requires_grad_()
    h2 = x2 @ w2
    want = (h2 * h2 + h2.relu()).mean()
    want.backward()
    np.testing.assert_allclose(again.node(ids["loss"]).value, want.item())
    np.testing.assert_allclose(again.node(ids["w"]).gradient, w2.grad.numpy())
    assert x.tolist() == [[1, -2]]
    np.testing.assert_allclose(again.replay({}).node(ids["loss"]).value, loss.item())
    with pytest.raises(ValueError, match="shape"):
        g.replay({ids["x"]: [1.0]})
    with pytest.raises(ValueError, match="only those can be changed"):
        g.replay({ids["h"]: [[1.0, 1.0]]})


def test_replay_starts_from_what_was_seen() -> None:
    x, w, h, loss = small()
    g = graph.snapshot(loss, gradients=True)
    with glasstorch.no_grad():
        w -= 1.0  # as an optimizer does between looking at a graph and editing in it
    again = g.replay({})
    for before, after in zip(g.nodes, again.nodes):
        np.testing.assert_array_equal(before.value, after.value)
        assert (before.gradient is None) == (after.gradient is None)


def test_json_form_both_ways() -> None:
    *_, loss = small()
    g = graph.snapshot(loss)
    full = json.loads(json.dumps(g.to_dict("full")))
    back = graph.Graph.from_dict(full)
    assert (g.replayable, back.replayable) == (True, False)
    assert back == graph.Graph(g.nodes, g.edges, g.roots, g.recorded)
    np.testing.assert_array_equal(back.nodes[0].value, g.nodes[0].value)
    assert g.to_dict(None)["nodes"][0]["value"] is None
    odd = graph.preview(np.array([np.nan, np.inf, -np.inf, 1.0]))
    assert odd["data"] == ["nan", "inf", "-inf", 1.0]
    assert (odd["nan"], odd["inf"], odd["max"]) == (1, 2, 1.0)
    json.dumps(odd, allow_nan=False)
    assert len(graph.preview(np.zeros(1000))["data"]) == 64
    with pytest.raises(ValueError, match="version"):
        graph.Graph.from_dict({**full, "version": 99})


def test_without_recording_only_the_structure_is_known() -> None:
    w = glasstorch.ones(2, requires_grad=True)
    loss = (w * 2).exp().sum()
    g = graph.snapshot(loss)
    assert not g.recorded
    assert [n.op for n in g.nodes] == ["", "mul", "exp", "sum"]
    assert g.nodes[1].shape == (2,)
    with pytest.raises(RuntimeError, match="not recorded"):
        g.replay({})


def test_several_outputs_and_lists_of_tensors() -> None:
    with graph.record():
        x = glasstorch.tensor([[1.0, 5.0], [7.0, 2.0]], requires_grad=True)
        a, b = x.unbind(0)
        top = glasstorch.cat([a, b * 2]).reshape(2, 2).max(1)
        y = top.values.sum()
    g = graph.snapshot(y)
    y.backward()
    leaf = next(n for n in g.nodes if n.title == "x")
    np.testing.assert_allclose(leaf.gradient, x.grad.numpy())
    np.testing.assert_allclose(g.replay({leaf.id: x.detach().numpy()}).node(leaf.id).gradient, x.grad.numpy())


def test_module_paths_and_parameter_names() -> None:
    nn = glasstorch.nn
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1)))
    with graph.record():
        out = net(glasstorch.ones(4, 2)).sum()
    g = graph.snapshot(out)
    assert {n.title for n in g.nodes if n.kind == "leaf"} == {"0.weight", "0.bias", "2.0.weight", "2.0.bias"}
    assert [n.module for n in g.nodes if n.kind == "op"] == ["0", "1", "2.0", ""]


def test_recording_off_leaves_nothing_behind() -> None:
    y = glasstorch.ones(2, requires_grad=True) * 2
    assert y.grad_fn.extra is None
    assert not graph.recording()
    with graph.record():
        assert graph.recording()
    assert not graph.recording()


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="takes tensors"):
        graph.snapshot(3)
    with pytest.raises(TypeError, match="at least one"):
        graph.snapshot()


class _Hinge(glasstorch.autograd.Function):
    """Two inputs, an argument that is no tensor, two outputs."""

    @staticmethod
    def forward(ctx, given, wanted, margin):
        ctx.save_for_backward(given, wanted)
        return given * wanted, given - margin

    @staticmethod
    def backward(ctx, grad_product, grad_moved):
        given, wanted = ctx.saved_tensors
        return grad_product * wanted + grad_moved, grad_product * given, None


def test_a_custom_function_is_recorded_and_replayed_like_an_operation() -> None:
    with graph.record():
        left = glasstorch.tensor([1.0, 2.0], requires_grad=True)
        right = glasstorch.tensor([3.0, 5.0])  # needs no gradient, and is an input all the same
        product, moved = _Hinge.apply(left * 2, right, 0.5)
        loss = (product * moved).sum()
    g = graph.snapshot(loss)
    assert g.recorded
    by_title = {n.title: n for n in g.nodes}
    hinge = next(n for n in g.nodes if n.op == "_Hinge")
    np.testing.assert_array_equal(hinge.value, [6.0, 20.0])
    assert hinge.source is not None
    assert "_Hinge.apply" in hinge.source["text"], "the user's line, not one inside of it"
    assert {(e.arg, e.output) for e in g.edges if e.target == hinge.id} == {("given", 0), ("wanted", 0)}
    assert {"left", "right"} <= by_title.keys(), "the user's names, not those of forward's parameters"
    again = g.replay({by_title["right"].id: np.array([1.0, -1.0], "float32")})
    np.testing.assert_array_equal(next(n.value for n in again.nodes if n.id == hinge.id), [2.0, -4.0])
    left.grad = None
    loss.backward()
    used_up = graph.snapshot(loss)  # made again
    for one in (g, used_up):
        of_left = next(n.gradient for n in one.nodes if n.title == "left")
        np.testing.assert_array_equal(of_left, left.grad.numpy())


def test_a_custom_function_that_writes_into_its_input_is_not_run_again() -> None:
    class Double(glasstorch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    with graph.record():
        w = glasstorch.ones(2, requires_grad=True)
        loss = Double.apply(w * 1).sum()
    g = graph.snapshot(loss)
    assert not g.recorded
    with pytest.raises(RuntimeError, match="not recorded"):
        g.replay({})
