"""The tape: a forward as it ran, whether or not gradients flow through it."""

from __future__ import annotations

import threading

import glasstorch
import pytest
from glasstorch import nn
from glasstorch.autograd import graph


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 2)

    def forward(self, x):
        y = self.first(x)
        y.relu_()
        y[0] = 2
        index = y.detach().argmax(1)
        return glasstorch.where(y > 0, y, 0.0), index


def inputs(g: graph.Graph, node: graph.GraphNode) -> list[str]:
    return [g.node(e.source).op or g.node(e.source).title for e in g.edges if e.target == node.id]


@pytest.mark.parametrize("mode", [glasstorch.enable_grad, glasstorch.no_grad, glasstorch.inference_mode])
def test_it_has_writes_integers_and_what_no_gradient_flows_through(mode) -> None:
    net, x = Net(), glasstorch.ones(2, 3)
    with mode(), graph.Tape() as tape:
        for name, p in net.named_parameters():
            tape.given(p, name)
        out, index = net(x)
    g = tape.graph(out, index)
    by_op = {n.op: n for n in g.nodes if n.op}
    assert inputs(g, by_op["linear"]) == ["x", "first.weight", "first.bias"]
    assert inputs(g, by_op["relu"]) == ["linear"]
    assert inputs(g, by_op["write into view"]) == ["relu", "expand"]
    assert inputs(g, by_op["argmax"]) == ["write into view"]  # detached, yet the same memory
    assert inputs(g, by_op["where"]) == ["gt", "write into view"]
    assert [g.node(r).op for r in g.roots] == ["where", "argmax"]
    assert (by_op["linear"].module, by_op["argmax"].module) == ("first", "")
    assert by_op["argmax"].source["text"] == "index = y.detach().argmax(1)"
    assert (by_op["argmax"].shape, by_op["argmax"].dtype, by_op["argmax"].requires_grad) == (
        (2,),
        "int64",
        False,
    )
    assert graph.Graph.from_dict(g.to_dict()) == g
    assert not graph.recording()


def test_only_what_the_roots_need_and_every_output() -> None:
    x = glasstorch.arange(6.0).reshape(2, 3)
    with graph.Tape() as tape:
        a, b = x.unbind(0)
        glasstorch.sin(a)  # nobody wants it
        c = a * b
    g = tape.graph(c)
    assert [n.op for n in g.nodes] == ["", "unbind", "mul"]
    assert [(e.arg, e.output) for e in g.edges] == [("input", 0), ("input", 0), ("other", 1)]
    assert tape.shapes(g.nodes[1].id) == [(3,), (3,)]
    assert tape.where(b) == (g.nodes[1].id, 1)
    with pytest.raises(TypeError, match="takes tensors"):
        tape.graph()
    with pytest.raises(RuntimeError, match="not recorded"):
        g.replay({})


def test_other_threads_and_an_outer_record_go_on() -> None:
    x = glasstorch.ones(2, requires_grad=True)
    with graph.record():
        with graph.Tape() as tape:
            other = threading.Thread(target=lambda: glasstorch.ones(3).exp())
            other.start()
            other.join()
            y = x * 3
        z = y.sum()
    assert [n.op for n in tape.graph(y).nodes] == ["", "mul"]
    assert len(tape.entries) == 2
    assert graph.snapshot(z).recorded  # also what ran inside the tape
    assert not graph.recording()
