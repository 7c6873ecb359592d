"""Indexing and assignment against PyTorch: random indices of every kind, and each kind on its own."""

from __future__ import annotations

import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.differential import compare, equal, raises_alike, torch

SETTINGS = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)


KINDS = ["int", "slice", "slice", "none", "ellipsis", "index", "index", "mask", "list", "bool", "outside"]


class Index:
    """An index that can be built for either engine."""

    def __init__(self, items: list[tuple], alone: bool) -> None:
        self.items, self.alone = items, alone

    def build(self, E: Any) -> Any:
        parts = tuple(self.part(E, *item) for item in self.items)
        return parts[0] if self.alone and len(parts) == 1 else parts

    @staticmethod
    def part(E: Any, kind: str, *what: Any) -> Any:
        if kind == "slice":
            return slice(*what)
        if kind == "tensor":
            return E.tensor(what[0], dtype=getattr(E, what[1]))
        return {"none": None, "ellipsis": ...}.get(kind, what[0] if what else None)

    def __repr__(self) -> str:
        return f"Index({self.items})"


@st.composite
def cases(draw: Any) -> tuple:
    """A shape and an index for it, right most of the time."""
    shape = draw(st.lists(st.integers(1, 4) | st.just(2) | st.sampled_from([0, 3, 3, 3]), max_size=4))
    items: list[tuple] = []
    d, ellipsis = 0, False
    together = draw(st.sampled_from([(), (1,), (2,), (2, 1), (3,)]))
    for _ in range(draw(st.integers(0, len(shape) + 1))):
        n = shape[d] if d < len(shape) else 2
        ends = st.none() | st.integers(-n - 1, n + 1)
        kind = draw(st.sampled_from(KINDS))
        within = st.integers(-n, max(n - 1, 0))
        if kind == "int":
            items.append(("int", draw(within)))
        elif kind == "outside":
            items.append(("int", n + 1) if draw(st.integers(0, 5)) == 0 else ("slice", None, None, None))
        elif kind == "slice":
            items.append(("slice", draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, 3]))))
        elif kind == "index":
            size = draw(st.sampled_from([together, together, (), (1,)]))
            values = np.array([draw(within) for _ in range(int(np.prod(size)))], np.int64).reshape(size)
            items.append(("tensor", values, draw(st.sampled_from(["int64", "int32"]))))
        elif kind == "mask":
            m = draw(st.integers(1, 2))
            size = tuple(shape[d : d + m])
            values = np.array([draw(st.booleans()) for _ in range(int(np.prod(size)))], bool).reshape(size)
            items.append(("tensor", values, "bool"))
            d += len(size) - 1
        elif kind == "list":
            items.append(("list", draw(st.lists(within, max_size=2))))
        elif kind == "bool":
            items.append(("bool", draw(st.booleans())))
        elif kind == "ellipsis" and not ellipsis:
            items.append(("ellipsis",))
            ellipsis, d = True, max(d, len(shape) - 1)
        else:
            items.append(("none",))
        d += kind not in ("none", "ellipsis", "bool")
    return tuple(shape), Index(items, draw(st.booleans()))


def outcome(fn: Any, E: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return fn(E)
        except (IndexError, ValueError, RuntimeError, TypeError) as error:
            return error


def alike(fn: Any) -> None:
    """Same results, or the same error with the same words."""
    ours, theirs = outcome(fn, glasstorch), outcome(fn, torch)
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs), f"ours: {ours!r}; torch: {theirs!r}"
        assert str(ours) == str(theirs)
    else:
        assert not isinstance(ours, Exception), f"ours: {ours!r}; torch: {theirs!r}"
        equal(ours, theirs, "result")


def values(shape: tuple) -> np.ndarray:
    return np.arange(float(np.prod(shape))).reshape(shape)


@given(cases())
@SETTINGS
def test_reading(case: tuple) -> None:
    shape, index = case

    def read(E: Any) -> Any:
        x = E.tensor(values(shape), dtype=E.float64, requires_grad=True)
        y = x[index.build(E)]
        weight = E.arange(float(y.numel()), dtype=E.float64).reshape(y.shape) + 1
        return y, E.autograd.grad((y * y * weight).sum(), x), y._is_view()

    alike(read)


@given(cases(), st.sampled_from(["number", "same", "one", "lead", "short"]))
@SETTINGS
def test_writing(case: tuple, kind: str) -> None:
    shape, index = case
    places = outcome(lambda E: E.arange(int(np.prod(shape))).reshape(shape)[index.build(E)], torch)
    if isinstance(places, torch.Tensor) and places.unique().numel() < places.numel():
        return  # which of several values for one place stays is not defined

    def write(E: Any) -> Any:
        x = E.tensor(values(shape), dtype=E.float64, requires_grad=True)
        y, at = x * 1, index.build(E)
        if kind == "number":
            y[at] = 7.5
            return y, E.autograd.grad((y * y).sum(), x)
        size = tuple(y.detach()[at].shape)
        size = {"same": size, "one": (1,) * len(size), "lead": (1, *size), "short": size[1:]}[kind]
        v = (E.arange(float(np.prod(size)), dtype=E.float64) + 100).reshape(size).requires_grad_()
        y[at] = v
        return y, E.autograd.grad((y * y).sum(), [x, v])

    alike(write)


X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "read",
    [
        lambda E, x: x[0, :, [0, 1]],  # an int is no index array: the picked dimension stays where it is
        lambda E, x: x[E.tensor(0), :, E.tensor([0, 1])],
        lambda E, x: x[[0, 1], :, [0, 1]],
        lambda E, x: x[:, [0, 1], None, [0, 1]],
        lambda E, x: x[:, True, [0, 1]],
        lambda E, x: x[[[0, 1], [1, 2]]],
        lambda E, x: x[[[0, 1], 1]],
        lambda E, x: x[[0.5]],
        lambda E, x: x[np.array([True, False])],
        lambda E, x: x[np.int64(1), range(2)],
        lambda E, x: x[x > 5],
        lambda E, x: x[x[:, :, 0] > 5],
        lambda E, x: x[..., ...],
        lambda E, x: x[E.tensor(True)],
        lambda E, x: x[E.tensor(1, dtype=E.uint8)],
        lambda E, x: x[E.tensor(0) : E.tensor(1)],
        lambda E, x: x[E.tensor([[0], [1]]), E.tensor([0, 2])],
        lambda E, x: (x[()], x[...], x[None], x[0], x[0, 1], x[-1, ..., 2]),
    ],
)
def test_kinds_of_index(read: Any) -> None:
    compare(read, X)


def test_names_of_the_nodes() -> None:
    def names(E: Any) -> list[str]:
        x = E.ones(2, 3, requires_grad=True)
        parts = [x[0], x[0:1], x[None], x[...], x[[0]], x[0, 1], x[:, None], x[x > 0]]
        return [type(p.grad_fn).__name__ for p in parts]

    assert names(glasstorch) == names(torch)


@pytest.mark.parametrize(
    "index",
    [5, -4, (0, 0, 0), 1.0, "a", ["a"], {}, slice(None, None, -1), slice(0.5, None), slice(None, None, 0), 2**70,
     [[0, 7], [9, 0]], [0, 7], (slice(None), [3]), 1j, (..., 0, 0, 0)],
    ids=repr,
)  # fmt: skip
def test_wrong_indices(index: Any) -> None:
    alike(lambda E: E.ones(3, 3)[index])
    alike(lambda E: E.ones(3, 3).__setitem__(index, 1))


@pytest.mark.parametrize("dtype", ["int8", "int16", "float32", "complex64"])
def test_wrong_index_types(dtype: str) -> None:
    alike(lambda E: E.ones(3)[E.ones(2, dtype=getattr(E, dtype))])


def test_masks_of_the_wrong_shape() -> None:
    alike(lambda E: E.ones(3, 3)[E.ones(2, dtype=E.bool)])
    alike(lambda E: E.ones(3, 3)[0, E.ones(2, dtype=E.bool)])
    alike(lambda E: E.ones(3, 3)[None, E.ones(2, 3, dtype=E.bool)])
    alike(lambda E: E.ones(3, 3)[E.ones(3, 3, 3, dtype=E.bool)])


def test_zero_dimensional() -> None:
    for index in (0, 1, -1, (0,), slice(None), [0], None, ..., (), True, False):
        alike(lambda E, index=index: E.tensor(3.0)[index])
        alike(lambda E, index=index: assigned(E, E.tensor(3.0), index, 1.0))
    alike(lambda E: assigned(E, E.tensor(3.0), E.tensor(True), 1.0))
    alike(lambda E: assigned(E, E.tensor(3.0), E.tensor(True), E.ones(2)))


def assigned(E: Any, x: Any, index: Any, value: Any) -> Any:
    x[index] = value
    return x


@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "int8", "bool", "complex64"])
@pytest.mark.parametrize(
    "value",
    [1, -1, 1.7, True, 300, 2**40, 2**70, float("inf"), float("nan"), 1j, "a", None, [1, 2, 3], (1,)],
    ids=repr,
)
def test_assigned_numbers(dtype: str, value: Any) -> None:
    alike(lambda E: assigned(E, E.zeros(3, 3, dtype=getattr(E, dtype)), 0, value))


def test_assigned_tensors_are_cast_or_refused() -> None:
    for dtype in ("int64", "float64", "complex64"):
        for index in (0, [0, 1], ...):
            alike(lambda E, i=index, d=dtype: assigned(E, E.zeros(2, 3), i, E.ones(3, dtype=getattr(E, d))))


def test_byte_masks_warn() -> None:
    with pytest.warns(UserWarning, match="deprecated, please use a dtype torch.bool"):
        glasstorch.ones(3)[glasstorch.tensor([1, 0, 1], dtype=glasstorch.uint8)]


def test_overwritten_tensors_get_zeros() -> None:
    compare(lambda E, x, v: _overwritten(x * 1, v), values((3,)), values((3,)))


def _overwritten(y: Any, v: Any) -> Any:
    y[...] = v
    return y


def test_index_put() -> None:
    a, v = values((3, 4)), np.array([5.0, 6.0])
    where = [[0, 2], [1, 1]]
    for accumulate in (False, True):
        compare(lambda E, x, v, s=accumulate: x.index_put([E.tensor(i) for i in where], v, s), a, v)
    compare(lambda E, x, v: x.index_put([E.tensor([0, 0, 0])], v, True), a, values((3, 4)))
    compare(lambda E, x, v: (x * 1).index_put_([E.tensor([0, 1])], v), a, values((4,)))
    raises_alike(lambda E: E.ones(3).index_put([E.tensor([5])], E.ones(1)), "index 5")
    raises_alike(lambda E: E.ones(3).index_put([E.tensor([0])], E.ones(2)), "[2]", "[1]")
    raises_alike(lambda E: E.ones(3).index_put([E.tensor([0])], E.ones(1, dtype=E.int64)), "Float", "Long")
