"""A Graph of a two-layer network, built with NumPy alone from the documented record (not from the engine).

It has the fields of `glasstorch.autograd.graph.Graph` and really computes: `replay` runs the network again.
Layout, wire format and fallbacks are tested on it, so that a failure there is never the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Node:
    id: str
    kind: str
    op: str
    title: str
    shape: tuple[int, ...]
    value: Any = None
    gradient: Any = None
    module: str = ""
    formula: str = ""
    args: str = ""
    source: Any = None
    dtype: str = "float32"
    device: str = "cpu"
    bytes: int = 0
    requires_grad: bool = True
    call: int | None = None
    error: str = ""


@dataclass(frozen=True)
class Call:
    path: str
    type: str
    parent: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    arg: str
    formula: str = ""
    contribution: Any = None
    output: int = 0


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[str, ...]
    forward_order: tuple[str, ...]
    backward_order: tuple[str, ...]
    recorded: bool = True
    leaves: dict = field(default_factory=dict)
    failed: str | None = None
    replayable: bool = True

    def nonfinite(self) -> None:
        """Nobody asks this graph where its NaN come from."""

    calls: tuple[Call, ...] = ()

    def replay(self, changes: dict[str, np.ndarray]) -> Graph:
        leaves = dict(self.leaves)
        for name, array in changes.items():
            if array.shape != leaves[name].shape:
                raise ValueError(f"{name} has shape {leaves[name].shape}, not {array.shape}")
            leaves[name] = array
        return two_layer_graph(leaves)


def two_layer_graph(leaves: dict[str, np.ndarray] | None = None) -> Graph:
    """loss = mean((relu(x W1 + b1) W2 - y)²) + 0.1 · sum(W2²); W2 is used twice (a fan-out)."""
    if leaves is None:
        rng = np.random.default_rng(0)
        leaves = {
            "n0": rng.normal(size=(4, 3)),
            "n1": rng.normal(size=(3, 5)),
            "n2": rng.normal(size=5),
            "n3": rng.normal(size=(5, 1)),
            "n4": rng.normal(size=(4, 1)),
        }
    leaves = {name: np.asarray(array, dtype=np.float32) for name, array in leaves.items()}
    x, w1, b1, w2, y = (leaves[f"n{i}"] for i in range(5))
    m1 = x @ w1
    h = m1 + b1
    r = np.maximum(h, 0)
    p = r @ w2
    d = p - y
    s = d**2
    mse = s.mean()
    q = (w2**2).sum()
    k = np.float32(0.1) * q
    loss = mse + k

    g_s = np.full_like(s, 1 / s.size)
    g_d = g_s * 2 * d
    g_r = g_d @ w2.T
    w2_data = r.T @ g_d
    w2_penalty = np.float32(0.1) * 2 * w2
    g_h = g_r * (h > 0)
    g_b1 = g_h.sum(0)
    g_w1 = x.T @ g_h
    one = np.ones((), np.float32)

    def line(number: int, text: str) -> dict[str, Any]:
        return {"file": "<ipython-input-3>", "line": number, "text": text}

    spec: list[tuple[str, str, str, str, Any, Any, str, str, Any]] = [
        ("n0", "constant", "", "x", x, None, "", "", None),
        ("n1", "leaf", "", "weight", w1, g_w1, "net.0", "", None),
        ("n5", "op", "matmul", "matmul", m1, g_h, "net.0", r"x\, y", line(5, "h = x @ W1 + b1")),
        ("n2", "leaf", "", "bias", b1, g_b1, "net.0", "", None),
        ("n6", "op", "add", "add", h, g_h, "net.0", "x + y", line(5, "h = x @ W1 + b1")),
        ("n7", "op", "relu", "relu", r, g_r, "net.1", r"\max(0, x)", line(6, "r = relu(h)")),
        ("n3", "leaf", "", "weight", w2, w2_data + w2_penalty, "net.2", "", None),
        ("n8", "op", "matmul", "matmul", p, g_d, "net.2", r"x\, y", line(7, "p = r @ W2")),
        ("n4", "constant", "", "y", y, None, "", "", None),
        ("n9", "op", "sub", "sub", d, g_d, "", "x - y", line(8, "loss = ((p - y) ** 2).mean()")),
        ("n10", "op", "pow", "pow", s, g_s, "", "x^{2}", line(8, "loss = ((p - y) ** 2).mean()")),
        ("n11", "op", "mean", "mean", mse, one, "", r"\frac{1}{n} \sum x", line(8, "loss = ...")),
        (
            "n12",
            "op",
            "pow",
            "pow",
            w2**2,
            0.1 * np.ones_like(w2),
            "",
            "x^{2}",
            line(9, "l2 = (W2**2).sum()"),
        ),
        ("n13", "op", "sum", "sum", q, np.float32(0.1), "", r"\sum x", line(9, "l2 = (W2**2).sum()")),
        ("n14", "op", "mul", "mul", k, one, "", r"x \odot y", line(10, "loss + 0.1 * l2")),
        ("n15", "op", "add", "add", loss, one, "", "x + y", line(10, "loss + 0.1 * l2")),
    ]
    nodes = tuple(
        Node(
            id=name,
            kind=kind,
            op=op,
            title=title,
            shape=np.shape(value),
            value=np.asarray(value, np.float32),
            gradient=None if gradient is None else np.asarray(gradient, np.float32),
            module=module,
            formula=formula,
            source=source,
            bytes=np.asarray(value, np.float32).nbytes,
            requires_grad=kind != "constant",
            args={"n10": "exponent=2", "n12": "exponent=2", "n14": "other=0.1"}.get(name, ""),
        )
        for name, kind, op, title, value, gradient, module, formula, source in spec
    )
    bar = r"\bar z"
    edges = (
        Edge("n0", "n5", "input", rf"{bar}\, y^\top"),
        Edge("n1", "n5", "other", r"x^\top \bar z", g_w1),
        Edge("n5", "n6", "input", bar, g_h),
        Edge("n2", "n6", "other", rf"\sum_{{\mathrm{{rows}}}} {bar}", g_b1),
        Edge("n6", "n7", "input", rf"{bar} \odot \mathbb{{1}}[x > 0]", g_h),
        Edge("n7", "n8", "input", rf"{bar}\, y^\top", g_r),
        Edge("n3", "n8", "other", rf"x^\top {bar}", w2_data),
        Edge("n8", "n9", "input", bar, g_d),
        Edge("n4", "n9", "other", rf"-{bar}"),
        Edge("n9", "n10", "input", rf"2\, {bar} \odot x", g_d),
        Edge("n10", "n11", "input", rf"\frac{{1}}{{n}} {bar}", g_s),
        Edge("n3", "n12", "input", rf"2\, {bar} \odot x", w2_penalty),
        Edge("n12", "n13", "input", bar, 0.1 * np.ones_like(w2)),
        Edge("n13", "n14", "input", rf"{bar} \odot y", np.float32(0.1)),
        Edge("n11", "n15", "input", bar, one),
        Edge("n14", "n15", "other", bar, one),
    )
    order = tuple(node.id for node in nodes)
    backward = ("n15", "n14", "n13", "n12", "n11", "n10", "n9", "n8", "n3", "n7", "n6", "n2", "n5", "n1")
    return Graph(nodes, edges, ("n15",), order, backward, True, leaves)


def without_values(graph: Graph) -> Graph:
    """The same structure as a snapshot that was taken without recording."""
    nodes = tuple(replace(node, value=None, gradient=None) for node in graph.nodes)
    edges = tuple(replace(edge, contribution=None) for edge in graph.edges)
    return replace(graph, nodes=nodes, edges=edges, recorded=False, backward_order=graph.backward_order)


def chain_graph(length: int, line: int | None = None) -> Graph:
    """A chain of `length` multiplications, each by a constant of its own: a graph too large to draw whole.

    `line`: they are the iterations of a loop at this source line.
    """
    source = None if line is None else {"file": "<ipython-input-1>", "line": line, "text": "t = t * c"}
    nodes, edges = [Node("n0", "leaf", "", "start", (), np.float32(1.0))], []
    for i in range(length):
        constant, op = f"n{2 * i + 1}", f"n{2 * i + 2}"
        before = f"n{2 * i}"
        nodes.append(Node(constant, "constant", "", f"c{i}", (), np.float32(i), requires_grad=False))
        nodes.append(Node(op, "op", "mul", "mul", (), np.float32(i), module=f"layers.{i}", source=source))
        edges += [Edge(before, op, "input", r"\bar z \odot y"), Edge(constant, op, "other")]
    order = tuple(node.id for node in nodes)
    return Graph(tuple(nodes), tuple(edges), (order[-1],), order, tuple(reversed(order)))


def layered_graph(layers: int, calls_of: int | None = None) -> Graph:
    """A model `Net` of `layers` blocks: h = relu(h * w) + h, each a module "blocks.i" around a module "blocks.i.lin".

    `calls_of`: all layers are calls of the same module, the one with this number.
    """
    nodes = [Node("n0", "constant", "", "x", (2,), np.array([1.0, -2.0]), requires_grad=False)]
    edges: list[Edge] = []
    calls = [Call("", "Net")]

    def add(kind: str, op: str, title: str, inputs: tuple[str, ...], call: int, value: Any) -> str:
        name = f"n{len(nodes)}"
        array = np.asarray(value, float)
        nodes.append(
            Node(
                name, kind, op, title, array.shape, array, np.ones_like(array), call=call, bytes=array.nbytes
            )
        )
        edges.extend(Edge(source, name, "input", r"\bar z", np.ones_like(array)) for source in inputs)
        return name

    h, array = "n0", np.array([1.0, -2.0])
    for i in range(layers):
        path = f"blocks.{i if calls_of is None else calls_of}"
        block, linear = len(calls), len(calls) + 1
        calls += [Call(path, "Block", 0), Call(f"{path}.lin", "Scale", block)]
        weight = add("leaf", "", f"{path}.lin.weight", (), linear, [0.5, 0.5])
        scaled = add("op", "mul", "mul", (h, weight), linear, array * 0.5)
        positive = add("op", "relu", "relu", (scaled,), block, np.maximum(array * 0.5, 0))
        array = np.maximum(array * 0.5, 0) + array
        h = add("op", "add", "add", (positive, h), block, array)
    loss = f"n{len(nodes)}"
    nodes.append(Node(loss, "op", "sum", "loss", (), array.sum(), np.float64(1.0)))
    edges.append(Edge(h, loss, "input", r"\bar z", np.ones(2)))
    order = tuple(node.id for node in nodes)
    backward = tuple(node.id for node in reversed(nodes) if node.requires_grad)
    return Graph(tuple(nodes), tuple(edges), (loss,), order, backward, calls=tuple(calls))
