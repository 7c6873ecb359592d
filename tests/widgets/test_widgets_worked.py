"""Gradients worked out with the graph's own numbers: what stands left of the equals sign gives what stands right."""

from __future__ import annotations

import math
import re

import glasstorch as torch
import numpy as np
import pytest
from glasstorch.autograd.graph import Graph, record, snapshot
from glasstorch.core.op import REGISTRY
from glasstorch.nn import functional as F
from glasstorch_widgets.graph_view.worked import TERMS, sums, worked

_FUNCTIONS = {
    name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "sqrt", "trunc")
}
_FUNCTIONS |= {
    "sgn": np.sign, "sigma": lambda v: 1 / (1 + math.exp(-v)), "minimum": min, "maximum": max, "pi": math.pi,
    "e": math.e, "abs": abs,
}  # fmt: skip


def value_of(latex: str) -> float:
    """What a worked formula comes to, computed from its text alone."""
    text = re.sub(r"\\mathrm\{(\w+)\}", r"\1", latex)
    text = text.replace(r"\sqrt\pi", r"\sqrt{\pi}")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    while True:
        shorter = re.sub(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", text)
        shorter = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", shorter)
        shorter = re.sub(r"\^\s*\{([^{}]*)\}", r"**(\1)", shorter)
        shorter = re.sub(r"\\mathbb\{1\}\[([^\]]*?)(?<![<>])=([^\]]*)\]", r"float((\1)==(\2))", shorter)
        shorter = re.sub(r"\\mathbb\{1\}\[([^\]]*)\]", r"float(\1)", shorter)
        if shorter == text:
            break
        text = shorter
    text = text.replace(r"\cdot", "*").replace(r"\leq", "<=").replace(r"\geq", ">=").replace(r"\pi", "pi")
    text = re.sub(r"\^\s*(\d)", r"**\1", text)
    text = re.sub(r"\\(sin|cos) pi \* ([\d.]+)", r"\1(pi*\2)", text).replace("2pi", "2*pi")
    text = re.sub(r"\\(sin|cos|tan|sinh|cosh|tanh|log)\s*(?:\((.*?)\)|([\d.]+))", r"\1(\2\3)", text)
    text = text.replace("\\sigma", "sigma").replace("\\min", "minimum").replace("\\max", "maximum")
    text = text.replace("\\", " ")
    text = re.sub(r"(?<=[\d)])\s+(?=[a-z(\d])|(?<=\))(?=[a-z(])", "*", text)
    return float(eval(text, {"__builtins__": {"float": float}}, _FUNCTIONS))


def check(graph: Graph, edge: int, index: int | None = None) -> bool:
    """Is the worked gradient there, and right? Four digits are written, so that much must agree."""
    found = worked(graph, edge, index)
    if found is None:
        return False
    left, right = found["latex"].rsplit("=", 1)
    part = np.asarray(graph.edges[edge].contribution).reshape(-1)
    assert value_of(right) == pytest.approx(float(part[found["index"]]), rel=1e-3, abs=1e-6, nan_ok=True)
    if "dots" not in left and "bar" not in left:
        assert value_of(left) == pytest.approx(
            float(part[found["index"]]), rel=2e-2, abs=2e-3, nan_ok=True
        ), found
    return True


UNARY = sorted(
    op.name for op in REGISTRY.values()
    if op.types in ("promote", "float") and len(op.params) == 1 and op.derivatives and "inplace" not in op.name
)  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_every_function_of_one_tensor_is_right_where_it_is_worked_out(name: str) -> None:
    torch.manual_seed(1)
    x = torch.rand(3, dtype=torch.float64) * 0.8 + (1.1 if name == "acosh" else 0.1)
    x.requires_grad_()
    with record():
        y = (REGISTRY[name].function(x) * torch.tensor([1.5, -2.0, 0.5])).sum()
    graph = snapshot(y)
    edge = next(k for k, e in enumerate(graph.edges) if graph.node(e.target).op == REGISTRY[name].label)
    for index in range(3):
        check(graph, edge, index)


def test_the_usual_functions_are_worked_out() -> None:
    for name in ("relu", "tanh", "sigmoid", "exp", "log", "sqrt", "sin", "cos", "neg", "abs", "reciprocal"):
        x = torch.tensor([0.3, 0.9], dtype=torch.float64, requires_grad=True)
        with record():
            y = (getattr(torch, name)(x) * torch.tensor([2.0, -3.0])).sum()
        graph = snapshot(y)
        edge = next(k for k, e in enumerate(graph.edges) if graph.node(e.target).op == name)
        assert check(graph, edge), name


@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (2, 3)), ((2, 3), (3,)), ((), (2, 3)), ((2, 1), (1, 3)), ((4, 2, 3), (2, 1))]
)
@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "true_divide", "pow", "maximum", "minimum", "hypot", "atan2"]
)
def test_two_tensors_with_broadcasting(name: str, a: tuple, b: tuple) -> None:
    rng = np.random.default_rng(2)
    x = torch.tensor(rng.uniform(0.5, 2, a), requires_grad=True)
    y = torch.tensor(rng.uniform(0.5, 2, b), requires_grad=True)
    with record():
        out = getattr(torch, name)(x, y)
        out = (out * torch.tensor(rng.normal(size=tuple(out.shape)))).sum()
    graph = snapshot(out)
    label = REGISTRY[name].label
    edges = [k for k, e in enumerate(graph.edges) if graph.node(e.target).op == label][:2]
    assert len(edges) == 2
    for edge in edges:
        assert check(graph, edge)
        check(graph, edge, 0)


def test_a_number_beside_a_tensor() -> None:
    x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    with record():
        y = ((3 - x) / 4 + 2 / x + x**3 - 0.5 * x).sum()
    graph = snapshot(y)
    shown = [worked(graph, k)["latex"] for k, e in enumerate(graph.edges) if check(graph, k)]  # type: ignore[index]
    assert len(shown) == len(graph.edges)
    assert any(r"\cdot 3 \cdot 2 ^{ 3 -1}" in latex for latex in shown), shown


def test_matrix_products_are_a_row_times_a_column() -> None:
    rng = np.random.default_rng(3)
    x, w = torch.tensor(rng.normal(size=(5, 3))), torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    b, v = (
        torch.zeros(2, dtype=torch.float64, requires_grad=True),
        torch.tensor(rng.normal(size=3), requires_grad=True),
    )
    x.requires_grad_()
    with record():
        y = (F.linear(x, w, b) ** 2).sum() + (x @ w.T).exp().sum() + ((x @ v) ** 2).sum()
        y = y + (F.linear(x.reshape(1, 5, 3), w) ** 2).sum()
    graph = snapshot(y)
    products = [k for k, e in enumerate(graph.edges) if graph.node(e.target).op in ("linear", "mm", "mv")]
    seen = [check(graph, k, index) for k in products for index in range(2)]
    assert seen.count(True) >= 16
    long = worked(graph, next(k for k in products if graph.edges[k].arg == "weight"))
    assert long is not None
    assert long["latex"].count("+") == 4  # five samples are written out; more than five end in dots


def test_a_long_sum_ends_in_dots() -> None:
    x = torch.ones(50, dtype=torch.float64)
    s = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    with record():
        y = (x * s).sum()
    found = worked(snapshot(y), 1)
    assert found is not None
    assert found["latex"].count(r"1 \cdot 1") == TERMS
    assert found["latex"].endswith(r"+ \dots = 50")


def test_losses() -> None:
    z = torch.tensor([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]], dtype=torch.float64, requires_grad=True)
    with record():
        y = F.cross_entropy(z, torch.tensor([1, 0])) * 2 + F.mse_loss(z, torch.zeros_like(z)) + z.mean()
    graph = snapshot(y)
    for op in ("cross_entropy", "mse_loss", "mean"):
        edge = next(k for k, e in enumerate(graph.edges) if graph.node(e.target).op == op)
        assert all(check(graph, edge, index) for index in range(6)), op


@pytest.mark.parametrize("make", [
    lambda x: F.conv2d(x.reshape(1, 1, 2, 2), torch.ones(1, 1, 2, 2)).sum(),
    lambda x: torch.softmax(x, 0).sum(),
    lambda x: torch.linalg.det(x.reshape(2, 2)),
    lambda x: (x.to(torch.complex64) * 1j).abs().sum(),
    lambda x: F.cross_entropy(x.reshape(2, 2), torch.tensor([0, 1]), reduction="sum"),
])  # fmt: skip
def test_what_does_not_fit_a_line_stays_a_formula(make) -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 4.5], requires_grad=True)
    with record():
        y = make(x)
    graph = snapshot(y)
    for k in range(len(graph.edges)):
        check(graph, k)
    first = [k for k, e in enumerate(graph.edges) if graph.node(e.target).op in
             ("conv", "softmax", "linalg_det", "cross_entropy")]  # fmt: skip
    assert all(worked(graph, k) is None for k in first)


def test_what_the_browser_gets() -> None:
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    with record():
        y = (x * 3).sum()
    graph = snapshot(y)
    found = sums(graph, lambda edge: edge.source == "n0")
    assert list(found) == ["n0|n1|input"]
    assert found["n0|n1|input"]["where"] == "[0, 0]"
    assert found["n0|n1|input"]["mathml"].startswith("<math")
    assert sums(graph, lambda edge: True, 99).get("n0|n1|input") is None  # no such element
    assert sums(snapshot(y, gradients=False), lambda edge: True) == {}
