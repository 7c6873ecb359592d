"""Views, writing in place, version counters and ``out=``, against PyTorch: values, gradients, and what is refused."""

from __future__ import annotations

import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest

from tests.support.differential import compare, torch
from tests.support.outcomes import alike

MATRIX = np.arange(1.0, 7.0).reshape(2, 3)


def written(*steps: Any) -> Any:
    """A function that makes a non-leaf, takes it through the steps, and returns it."""

    def fn(E: Any, a: Any) -> Any:
        y = a * 1
        for step in steps:
            step(E, y)
        return y

    return fn


@pytest.mark.parametrize(
    "fn",
    [
        written(lambda E, y: y[0].mul_(3)),
        written(lambda E, y: y[:, 1:].add_(y[:, :2] * 2)),
        written(lambda E, y: y.t()[1].fill_(5.0)),
        written(lambda E, y: y.view(-1)[::2].mul_(y.view(-1)[1::2].clone())),
        written(lambda E, y: y[0].add_(2), lambda E, y: y[1].mul_(y[0].clone())),
        written(lambda E, y: y.diagonal().zero_()),
        written(lambda E, y: y.unsqueeze(0).squeeze(0).narrow(1, 0, 2).mul_(2)),
        written(lambda E, y: y.copy_(y.flip(0))),
        written(lambda E, y: y[0].copy_(y[1])),
        written(lambda E, y: y.select(1, 2).add_(1), lambda E, y: y.mul_(y.clone())),
        written(lambda E, y: y.as_strided((2, 2), (3, 1)).mul_(4)),
        written(lambda E, y: y.movedim(0, 1).swapaxes(0, 1).sigmoid_()),
        written(lambda E, y: y.view(3, 2).unfold(0, 2, 1).select(0, 0).mul_(2)),
        written(lambda E, y: y.expand(2, 3).mul_(2)),
    ],
)
def test_writing_into_views(fn: Any) -> None:
    compare(fn, MATRIX)


def facts(E: Any, make: Any) -> list[Any]:
    base = E.arange(6.0).reshape(2, 3)
    base = base.clone()
    v = make(base)
    return [
        v._is_view(),
        v._base is base,
        v._version,
        v.is_leaf,
        v.stride(),
        v.storage_offset(),
        v.data_ptr() - base.data_ptr() if v._is_view() else None,
        v.is_contiguous(),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda t: t[1],
        lambda t: t[:, 1:],
        lambda t: t[None],
        lambda t: t[...],
        lambda t: t.t(),
        lambda t: t.view(3, 2),
        lambda t: t.view(-1)[2:].view(2, 2),
        lambda t: t.expand(4, 2, 3),
        lambda t: t.transpose(0, 1)[1],
        lambda t: t.unsqueeze(1),
        lambda t: t.narrow(0, 1, 1),
        lambda t: t.diagonal(),
        lambda t: t.unbind(0)[1],
        lambda t: t.split(2, 1)[1],
        lambda t: t.chunk(2, 1)[0],
        lambda t: t.flatten(),
        lambda t: t.detach(),
        lambda t: t.data,
        lambda t: t.reshape(6),
        lambda t: t.t().reshape(6),
        lambda t: t.clone(),
        lambda t: t[[0]],
        lambda t: t.unfold(1, 2, 1),
        lambda t: t.permute(1, 0),
        lambda t: t.T,
        lambda t: t.squeeze(),
        lambda t: t.as_strided((2, 2), (1, 2), 1),
        lambda t: t.contiguous(),
        lambda t: t[0, 1:3],
        lambda t: t.movedim(0, 1),
    ],
)
def test_what_a_view_is(make: Any) -> None:
    assert facts(glasstorch, make) == facts(torch, make)


def test_version_counters() -> None:
    def count(E: Any) -> list[int]:
        t = E.ones(2, 3)
        v, d, data = t[0], t.detach(), t.data
        seen = [t._version]
        t.add_(1)
        v.mul_(2)
        t[0, 0] = 5
        t.zero_()
        d.add_(1)
        seen += [t._version, v._version, d._version, data._version]
        data.add_(1)
        seen += [t._version, data._version]
        E.add(t, 1, out=t)
        return [*seen, t._version, t.fill_(2)._version, t.copy_(E.ones(3))._version, t.t_()._version]

    assert count(glasstorch) == count(torch)


def leaf(E: Any) -> Any:
    return E.ones(2, 3, requires_grad=True)


def without_grad(E: Any, t: Any) -> Any:
    with E.no_grad():
        return t[0]


@pytest.mark.parametrize(
    "do",
    [
        lambda E: leaf(E).add_(1),
        lambda E: leaf(E)[0].add_(1),
        lambda E: leaf(E).__setitem__(0, 1),
        lambda E: leaf(E).__setitem__(..., 1),
        lambda E: leaf(E).__setitem__([0], 1),
        lambda E: leaf(E).zero_(),
        lambda E: leaf(E).copy_(E.ones(3)),
        lambda E: leaf(E)[0].uniform_(),
        lambda E: leaf(E)[0].detach_(),
        lambda E: (leaf(E) * 1).unbind(0)[0].add_(1),
        lambda E: (leaf(E) * 1).split(1)[0].mul_(2),
        lambda E: (leaf(E) * 1).chunk(2)[1].zero_(),
        lambda E: without_grad(E, leaf(E) * 1).add_(1),
        lambda E: without_grad(E, leaf(E)).add_(1),
        lambda E: E.ones(3).add_(E.ones(2, 3)),
        lambda E: E.ones(3).add_(E.ones(2)),
        lambda E: E.ones(2, dtype=E.int32).add_(1.5),
        lambda E: E.ones(2, dtype=E.int32).div_(2),
        lambda E: E.ones(2).add_(1j),
        lambda E: E.ones(3).expand(2, 3).add_(1),
        lambda E: (lambda t: t[1:].add_(t[:-1]))(E.ones(4)),
        lambda E: (lambda t: t[1:].copy_(t[:-1]))(E.ones(4)),
        lambda E: (lambda t: t.__setitem__(slice(1, None), t[:-1]))(E.ones(4)),
        lambda E: (lambda t: t.add_(t.t()))(E.ones(2, 2)),
        lambda E: E.ones(2).copy_(E.ones(3)),
        lambda E: E.ones(2).copy_(E.ones(2, 2)),
        lambda E: E.ones(2).fill_(E.ones(2)),
        lambda E: E.ones(2).fill_("a"),
        lambda E: E.ones(2, dtype=E.int8).fill_(300),
        lambda E: E.ones(2).fill_(1j),
        lambda E: E.ones(2, dtype=E.int64).requires_grad_(),
        lambda E: E.ones(2, dtype=E.int64, requires_grad=True),
        lambda E: setattr(E.ones(2, dtype=E.int64), "requires_grad", True),
        lambda E: setattr(E.ones(2), "requires_grad", "yes"),
        lambda E: E.ones(2).requires_grad_("yes"),
        lambda E: (leaf(E) * 1).requires_grad_(False),
        lambda E: setattr(E.ones(2), "grad", E.ones(3)),
        lambda E: setattr(E.ones(2), "grad", E.ones(2).double()),
        lambda E: setattr(E.ones(2), "grad", 1),
        lambda E: setattr(leaf(E), "data", E.ones(2, dtype=E.int64)),
        lambda E: setattr(leaf(E), "data", 1),
        lambda E: leaf(E).numpy(),
        lambda E: E.ones(1).retain_grad(),
        lambda E: E.ones(1).register_hook(print),
    ],
)
def test_what_is_refused(do: Any) -> None:
    alike(do)


def test_a_write_into_an_inference_tensor_is_noticed_after_it() -> None:
    def do(E: Any) -> Any:
        with E.inference_mode():
            t = E.ones(2)
            view = t[0:1]
        try:
            t.add_(1)
        except RuntimeError as error:
            return (
                t.clone(),
                str(error),
                view.is_inference(),
                t.detach().is_inference(),
                t.clone().is_inference(),
            )
        return None

    alike(do)
    alike(lambda E: _inference(E).requires_grad_())
    alike(lambda E: _inference(E)._version)


def _inference(E: Any) -> Any:
    with E.inference_mode():
        return E.ones(2)


def saved_then_changed(E: Any, change: Any, fn: Any) -> Any:
    a = E.ones(2, requires_grad=True)
    b = a * 2
    out = fn(b)
    change(b)
    return out.sum().backward()


def test_a_saved_value_that_was_changed() -> None:
    alike(lambda E: saved_then_changed(E, lambda b: b.add_(1), lambda b: b * b))
    alike(lambda E: saved_then_changed(E, lambda b: b[0].mul_(3), lambda b: b * b))
    alike(lambda E: saved_then_changed(E, lambda b: None, lambda b: b.exp().add_(1)))

    def leaf_changed(E: Any) -> Any:
        a = E.ones(2, requires_grad=True)
        out = a * a
        with E.no_grad():
            a.add_(1)
        return out.sum().backward()

    alike(leaf_changed)


# ------------------------------------------------------------------ out=
@pytest.mark.parametrize(
    "call",
    [
        lambda E, t, out: E.add(t, 1, out=out),
        lambda E, t, out: E.sqrt(t, out=out),
        lambda E, t, out: E.eq(t, t, out=out),
        lambda E, t, out: E.floor(t, out=out),
        lambda E, t, out: E.sum(t, 0, out=out),
        lambda E, t, out: E.mean(t, 0, out=out),
        lambda E, t, out: E.cumsum(t, 0, out=out),
        lambda E, t, out: E.amax(t, 0, out=out),
        lambda E, t, out: E.argmax(t, 0, out=out),
        lambda E, t, out: E.any(t > 0, 0, out=out),
        lambda E, t, out: E.cat([t, t], out=out),
        lambda E, t, out: E.stack([t, t], out=out),
        lambda E, t, out: E.gather(t, 0, E.tensor([[0, 1, 0]]), out=out),
        lambda E, t, out: E.index_select(t, 0, E.tensor([1]), out=out),
        lambda E, t, out: E.take(t, E.tensor([0]), out=out),
        lambda E, t, out: E.masked_select(t, t > 1, out=out),
        lambda E, t, out: E.where(t > 1, t, t, out=out),
        lambda E, t, out: E.mm(t, t.t(), out=out),
        lambda E, t, out: E.matmul(t, t.t(), out=out),
        lambda E, t, out: E.dot(t[0], t[0], out=out),
        lambda E, t, out: E.tril(t, out=out),
        lambda E, t, out: E.clamp_min(t, 1, out=out),
        lambda E, t, out: E.outer(t[0], t[0], out=out),
        lambda E, t, out: E.polar(t, t, out=out),
        lambda E, t, out: E.nonzero(t, out=out),
        lambda E, t, out: E.scatter(t, 0, E.tensor([[0, 1, 0]]), 1.0, out=out),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_out(call: Any, dtype: str) -> None:
    def do(E: Any) -> Any:
        out = E.empty(0, dtype=getattr(E, dtype))
        result = call(E, E.arange(6.0).reshape(2, 3), out)
        assert result is out
        return out

    alike(do)


def test_out_of_several() -> None:
    def do(E: Any) -> Any:
        values, indices = E.empty(0), E.empty(0, dtype=E.int64)
        result = E.max(E.arange(6.0).reshape(2, 3), 1, out=(values, indices))
        assert result.values is values
        return values, indices

    alike(do)


def test_out_is_resized_with_a_warning() -> None:
    messages = []
    for E in (glasstorch, torch):
        out = E.ones(5)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            E.add(E.ones(2), 1, out=out)
        assert out.tolist() == [2.0, 2.0]
        messages.append(str(seen[0].message).partition(" (Triggered")[0])
    assert messages[0] == messages[1]


def test_out_refuses() -> None:
    alike(lambda E: E.add(E.ones(2, requires_grad=True), 1, out=E.ones(2)))
    alike(lambda E: E.add(E.ones(2), 1, out=E.ones(2, requires_grad=True)))
    alike(lambda E: E.add(E.ones(3), 1, out=E.ones(1).expand(3)))
    alike(lambda E: (lambda t: E.add(t[:-1], 1, out=t[1:]))(E.ones(4)))
    alike(lambda E: (lambda t: E.gather(t, 0, E.zeros(3, dtype=E.int64), out=t))(E.ones(3)))
    alike(lambda E: (lambda t: E.add(t, 1, out=t))(E.ones(3)))


@pytest.mark.parametrize(
    "cut",
    [
        lambda E, a: a.split(2),
        lambda E, a: a.split([1, 5]),
        lambda E, a: a.unbind(0),
        lambda E, a: a.chunk(3),
        lambda E, a: a.unsafe_split(4),
        lambda E, a: a.tensor_split(4),
    ],
)
def test_pieces_of_complex_tensors(cut: Any) -> None:
    compare(lambda E, a: tuple(p * p for p in cut(E, a)), np.array([1 + 2j, 3 - 1j, 0.5j, 2, 1j, 4]))
