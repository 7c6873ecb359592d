"""``vmap`` against PyTorch: every kind of op, nesting, dimensions, random numbers, refusals."""

from __future__ import annotations

from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch.core.dispatch import general
from glasstorch.core.lanes import RULES
from glasstorch.core.op import REGISTRY
from glasstorch.func import rules
from support.alike import alike, leaf


def written(x: Any) -> Any:
    y = x.clone()
    y[0] = 5.0
    y[1:] = x[:-1]
    return y


def written_in_a_view(x: Any) -> Any:
    y = x.clone()
    y[1:].mul_(3)
    return y


CASES = {
    "sum": (lambda E, x: x.sum(), (3, 4)),
    "sum over a dimension": (lambda E, x: x.sum(0), (3, 4, 2)),
    "mean kept": (lambda E, x: x.mean(-1, keepdim=True), (3, 4, 2)),
    "max with places": (lambda E, x: x.max(0), (3, 4, 2)),
    "max of all": (lambda E, x: x.max(), (3, 4, 2)),
    "argmax": (lambda E, x: x.argmax(), (3, 4, 2)),
    "sort": (lambda E, x: x.sort(), (3, 4, 2)),
    "topk": (lambda E, x: x.topk(2), (3, 4)),
    "view": (lambda E, x: x.view(-1), (3, 4, 2)),
    "reshape of a transpose": (lambda E, x: x.t().reshape(-1), (3, 4, 2)),
    "permute": (lambda E, x: x.permute(1, 0), (3, 4, 2)),
    "index by number": (lambda E, x: x[0], (3, 4, 2)),
    "index by slice": (lambda E, x: x[..., 1:], (3, 4, 2)),
    "index by list": (lambda E, x: x[[0, 1]], (3, 4, 2)),
    "index by two lists": (lambda E, x: x[[0, 1], [1, 0]], (3, 4, 2)),
    "index by tensor": (lambda E, x: x[E.tensor([0, 2])], (3, 4, 2)),
    "cat": (lambda E, x: E.cat([x, E.ones(1, 2, dtype=x.dtype)], 0), (3, 4, 2)),
    "stack": (lambda E, x: E.stack([x, x], -1), (3, 4, 2)),
    "where": (lambda E, x: E.where(x > 0, x, -x), (3, 4)),
    "masked_fill": (lambda E, x: x.masked_fill(x > 0, 0.0), (3, 4)),
    "softmax": (lambda E, x: x.softmax(-1), (3, 4)),
    "norm": (lambda E, x: x.norm(), (3, 4)),
    "std": (lambda E, x: x.std(), (3, 4)),
    "cumsum": (lambda E, x: x.cumsum(0), (3, 4)),
    "unbind": (lambda E, x: x.unbind(0), (3, 4, 2)),
    "split": (lambda E, x: x.split(3), (3, 4, 2)),
    "inverse": (lambda E, x: E.linalg.inv(x), (3, 4, 4)),
    "solve": (lambda E, x: E.linalg.solve(x, x[0]), (3, 2, 2)),
    "diag": (lambda E, x: x.diag(), (3, 4, 4)),
    "diag_embed": (lambda E, x: E.diag_embed(x), (3, 4)),
    "einsum": (lambda E, x: E.einsum("ij,kj->ik", x, x), (3, 4, 4)),
    "matrix times matrix": (lambda E, x: x @ x.t(), (3, 4, 2)),
    "matrix times vector": (lambda E, x: x @ x[0], (3, 4, 2)),
    "vector times matrix": (lambda E, x: x[:, 0] @ x, (3, 4, 2)),
    "bmm": (lambda E, x: E.bmm(x, x.transpose(1, 2)), (3, 4, 2, 2)),
    "dot": (lambda E, x: x.dot(x), (3, 4)),
    "addmm": (lambda E, x: E.addmm(x, x, x), (3, 2, 2)),
    "expand": (lambda E, x: x.expand(5, 4), (3, 4)),
    "repeat": (lambda E, x: x.repeat(2, 2), (3, 4)),
    "pad": (lambda E, x: E.nn.functional.pad(x, (1, 1)), (3, 4)),
    "layer_norm": (lambda E, x: E.nn.functional.layer_norm(x, (2,)), (3, 4, 2)),
    "batch_norm": (lambda E, x: E.nn.functional.batch_norm(x, None, None, training=True), (3, 4, 2)),
    "conv2d": (lambda E, x: E.nn.functional.conv2d(x, E.ones(2, 1, 2, 2, dtype=x.dtype)), (3, 2, 1, 4, 4)),
    "max_pool2d": (lambda E, x: E.nn.functional.max_pool2d(x, 2), (3, 1, 4, 4)),
    "zeros_like, then in place": (lambda E, x: E.zeros_like(x).add_(x), (3, 4)),
    "new_zeros, then in place": (lambda E, x: x.new_zeros(2).add_(x[0]), (3, 4)),
    "assignment": (lambda E, x: written(x), (3, 4)),
    "in place in a view": (lambda E, x: written_in_a_view(x), (3, 4)),
    "gather": (lambda E, x: x.gather(0, E.tensor([0, 0, 1])), (3, 4)),
    "scatter_add": (lambda E, x: x.scatter_add(0, E.tensor([1, 1]), x[:2]), (3, 4)),
    "cross_entropy": (lambda E, x: E.nn.functional.cross_entropy(x, E.tensor([0, 1])), (3, 2, 4)),
    "numbers of two types": (lambda E, x: x.sum() * E.ones(2, dtype=E.float32), (3, 4)),
    "unfold": (lambda E, x: x.unfold(0, 2, 1), (3, 4)),
    "median (example by example)": (lambda E, x: x.median(), (3, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_ops(name: str) -> None:
    fn, shape = CASES[name]

    def program(E: Any) -> Any:
        one = lambda x: fn(E, x)  # noqa: E731
        return (
            E.func.vmap(one)(leaf(E, *shape, grad=False)),
            E.func.vmap(one, in_dims=-1, out_dims=-1)(leaf(E, *shape[1:], 3, grad=False)),
            E.func.vmap(E.func.vmap(one))(leaf(E, 2, *shape, grad=False)),
        )

    alike(program)


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("argmax", "numbers of two types")])
def test_gradients(name: str) -> None:
    fn, shape = CASES[name]

    def program(E: Any) -> Any:
        def number(x: Any) -> Any:
            r = fn(E, x)
            parts = [v for v in (r if isinstance(r, (tuple, list)) else [r]) if v.is_floating_point()]
            return sum(((v.sin() * v).sum() for v in parts), x.sum() * 0)

        x = leaf(E, *shape, grad=False)
        again = lambda x: E.func.grad(number)(x).pow(2).sum()  # noqa: E731
        return (
            E.func.vmap(E.func.grad(number))(x),
            E.func.grad(lambda whole: E.func.vmap(number)(whole).sum())(x),
            E.func.vmap(E.func.grad(again))(x),
        )

    alike(program)


def test_index_for_each_example() -> None:
    def program(E: Any) -> Any:
        x, rows = leaf(E, 3, 4, 4, grad=False), E.tensor([[0, 1], [1, 1], [0, 3]])
        vmap = E.func.vmap
        return (
            vmap(lambda x, i: x[i])(x, E.tensor([0, 1, 3])),
            vmap(lambda x, i: x[i], in_dims=(None, 0))(x[0], E.tensor([0, 1, 3])),
            vmap(lambda x, i: x[:, i])(x, rows),
            vmap(lambda x, i: x[i, i])(x, rows),
            vmap(lambda x, i: x[i, 1:])(x, rows),
            vmap(lambda x, i: x[0].gather(0, i))(x, rows),
            vmap(lambda w, i: E.nn.functional.embedding(i, w))(x, rows),
            vmap(lambda w, i: E.nn.functional.embedding(i, w), in_dims=(None, 0))(x[0], rows),
        )

    alike(program)


@pytest.mark.parametrize("randomness", ["same", "different"])
@pytest.mark.parametrize(
    "fn",
    [
        lambda E, x: x + E.randn(8, dtype=x.dtype),
        lambda E, x: x + E.rand_like(x),
        lambda E, x: E.randperm(5),
        lambda E, x: E.nn.functional.dropout(x, 0.5),
        lambda E, x: x + E.nn.functional.dropout(E.ones(8), 0.5),
        lambda E, x: x.clone().normal_(),
        lambda E, x: x + E.randint(0, 10, (8,)),
    ],
)
def test_random_numbers_are_pytorchs(fn: Any, randomness: str) -> None:
    alike(lambda E: E.func.vmap(lambda x: fn(E, x), randomness=randomness)(leaf(E, 3, 8, grad=False)))


def test_dimensions_and_structures() -> None:
    def program(E: Any) -> Any:
        x, v = leaf(E, 5, 2, grad=False), E.func.vmap
        return (
            v(lambda x: (x.sin(), {"a": x.sum()}), out_dims=(1, 0), in_dims=1)(x),
            v(lambda d: d["a"] + d["b"], in_dims=({"a": 0, "b": None},))({"a": x, "b": x[0]}),
            v(lambda x: x.sin(), chunk_size=2)(x),
            v(lambda x, *, k: x * k)(x, k=3),
            v(lambda x, c: x * c, in_dims=(0, None))(x, 2.0),
            v(v(E.dot, in_dims=(None, 1)), in_dims=(0, None))(x, leaf(E, 2, 3, grad=False)),
            v(lambda x: E.ones(2), out_dims=None)(x),
            v(lambda x: x.sum())(leaf(E, 0, 2, grad=False)),
            E.vmap(lambda x: x.sin())(x),
        )

    alike(program)


def test_writing_reaches_the_input() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 3, 2, grad=False)
        return E.func.vmap(lambda x: x.add_(1))(x), x

    alike(program)


ERRORS = [
    lambda E, x: E.func.vmap(lambda x: x.item())(x),
    lambda E, x: E.func.vmap(lambda x: float(x))(x),
    lambda E, x: E.func.vmap(lambda x: x if x > 0 else -x)(x),
    lambda E, x: E.func.vmap(lambda x: x.tolist())(x),
    lambda E, x: E.func.vmap(lambda x: x.numpy())(x),
    lambda E, x: E.func.vmap(lambda x: x.nonzero())(x[None]),
    lambda E, x: E.func.vmap(lambda x: x[x > 0])(x[None]),
    lambda E, x: E.func.vmap(lambda x: E.randn(3) + x)(x),
    lambda E, x: E.func.vmap(lambda x: E.zeros(3).normal_() + x, randomness="different")(x),
    lambda E, x: E.func.vmap(lambda x: 5)(x),
    lambda E, x: E.func.vmap(lambda x: x, in_dims=3)(x),
    lambda E, x: E.func.vmap(lambda x: x, in_dims=(0, 0))(x),
    lambda E, x: E.func.vmap(lambda x: x, in_dims=None)(x),
    lambda E, x: E.func.vmap(lambda x, y: x + y)(x, E.ones(2)),
    lambda E, x: E.func.vmap(lambda x, y: x + y)(x, 2),
    lambda E, x: E.func.vmap(lambda x: x)(),
    lambda E, x: E.func.vmap(lambda x: x, out_dims=(0, 0))(x),
    lambda E, x: E.func.vmap(lambda x: x, out_dims=3)(x),
    lambda E, x: E.func.vmap(lambda x: x, in_dims=0.5)(x),
    lambda E, x: E.func.vmap(lambda x: x, randomness="foo")(x),
    lambda E, x: E.func.vmap(lambda x: x, out_dims=None)(x),
    lambda E, x: E.func.vmap(lambda x: x, chunk_size=0)(x),
    lambda E, x: E.func.vmap(lambda x: x)(E.ones(())),
    lambda E, x: E.func.vmap(lambda x: x.sum().backward())(x),
    lambda E, x: E.func.vmap(lambda x: x["a"], in_dims=({"b": 0},))({"a": x}),
]


@pytest.mark.parametrize("k", range(len(ERRORS)))
def test_errors(k: int) -> None:
    alike(lambda E: ERRORS[k](E, leaf(E, 3, grad=False)))


def test_text_of_a_batched_tensor() -> None:
    def program(E: Any) -> list[str]:
        seen: list[str] = []
        E.func.vmap(lambda x: (seen.append(repr(x)), x)[1])(E.ones(3))
        return seen

    alike(program)


def taken_for_elementwise() -> list[str]:
    """Ops that are batched element by element, and need no further arguments."""

    def rule(op: Any) -> Any:
        return RULES.get(op.name) or next((r for r in (choose(op) for choose in rules.GENERIC) if r), None)

    plain = lambda op: [p for p in op.params if not p.kind]  # noqa: E731
    return sorted(
        name
        for name, op in REGISTRY.items()
        if name != "view_as_complex"
        and rule(op) is rules.pointwise
        and not any(p.default is p.empty for p in plain(op))
    )


@pytest.mark.parametrize("name", taken_for_elementwise())
def test_ops_taken_for_elementwise_are(name: str) -> None:
    op = REGISTRY[name]
    numbers = glasstorch.tensor(np.random.default_rng(0).uniform(0.1, 0.9, (2, 3)))
    for x in (numbers, numbers > 0.5, (numbers * 5).long(), numbers * (1 + 1j)):
        args = tuple(x if p.kind else p.default for p in op.params)
        try:
            result = general(op, args)
        except (RuntimeError, TypeError, ValueError, IndexError):
            continue  # not for this type
        assert tuple(result.shape)[:2] == (2, 3)
        return
    raise AssertionError(f"{name} took no tensor at all")
