"""The record knows which call of which module each node belongs to, and shares no memory with what may change."""

from __future__ import annotations

import json

import glasstorch
import numpy as np
from glasstorch import nn
from glasstorch.autograd import graph


def chain(g: graph.Graph, id: str) -> list[str]:
    """The calls around a node, outermost first, as "path:Type"."""
    at, out = g.node(id).call, []
    while at is not None:
        out.append(f"{g.calls[at].path}:{g.calls[at].type}")
        at = g.calls[at].parent
    return out[::-1]


class Twice(nn.Module):
    """Calls one layer twice and adds a constant of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.Linear(2, 2)
        self.scale = nn.Parameter(glasstorch.ones(2))

    def forward(self, x, extra):
        shift = glasstorch.ones(2)
        return self.cell(self.cell(x)) * self.scale + shift + extra["bias"][0]


def test_each_call_of_a_shared_module_is_its_own() -> None:
    x, bias = glasstorch.ones(1, 2), glasstorch.zeros(2)
    model = Twice()
    with graph.record():
        loss = model(x, extra={"bias": [bias]}).sum() * glasstorch.tensor(2.0)
    g = graph.snapshot(loss)
    assert [call.name for call in g.calls] == ["model", "", ""]
    outer, cell = ":Twice", "cell:Linear"
    linear = [n.id for n in g.nodes if n.op == "linear"]
    assert [chain(g, id) for id in linear] == [[outer, cell], [outer, cell]]
    assert g.node(linear[0]).call != g.node(linear[1]).call
    at = {n.title: chain(g, n.id) for n in g.nodes}
    assert at["cell.weight"] == [outer]  # both calls use it
    assert at["scale"] == [outer]
    assert at["shift"] == [outer]  # made inside
    assert at["x"] == at["loss"] == at["sum"] == []  # x was an argument of both calls that use it
    assert at["bias"] == [outer]  # within a dictionary it is not seen as an argument
    back = graph.Graph.from_dict(json.loads(json.dumps(g.to_dict("full"))))
    assert back.calls == g.calls
    assert [n.call for n in back.nodes] == [n.call for n in g.nodes]


def test_the_record_is_out_of_reach_of_later_changes() -> None:
    w = glasstorch.tensor([1.0, 2.0], requires_grad=True)
    with graph.record():
        y = w * 1.0
        loss = (y.view(2, 1) + 0.0).sum()
    g = graph.snapshot(loss)
    before = {n.id: (np.array(n.value), np.array(n.gradient)) for n in g.nodes}
    with glasstorch.no_grad():
        w += 5.0
        y.detach().zero_()
    loss.backward()
    w.grad.mul_(100.0)
    for n in g.nodes:
        np.testing.assert_array_equal(n.value, before[n.id][0])
        np.testing.assert_array_equal(n.gradient, before[n.id][1])
