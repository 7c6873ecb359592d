"""Repeating, rolling, diagonals, windows, scatter and gather against PyTorch: values and two orders of gradients."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

REARRANGED = [
    lambda E, x: x.repeat(2, 1, 3, 2),
    lambda E, x: E.tile(x, (2, 2)),
    lambda E, x: E.roll(x, 3),
    lambda E, x: E.roll(x, (1, -2), (0, 1)),
    lambda E, x: E.movedim(x, (0, 1), (2, 0)),
    lambda E, x: E.rot90(x, 1, (1, 2)) + E.rot90(x, -3, (1, 2)),
    lambda E, x: (E.fliplr(x), E.flipud(x), E.ravel(x)),
    lambda E, x: (E.hstack([x, x]), E.vstack([x, x * 2]), E.dstack([x, x])),
    lambda E, x: E.column_stack([x[0, :, 0], x[0]]),
    lambda E, x: E.tensor_split(x, 3, 1) + E.tensor_split(x, (1, -1), 1),
    lambda E, x: E.hsplit(x, 2) + E.vsplit(x, [1]) + E.dsplit(x, 3),
    lambda E, x: E.broadcast_tensors(x, x[0, 0]),
    lambda E, x: (
        E.meshgrid(x[0, 0], x[0, :, 0], indexing="xy") + E.meshgrid(x[0, 0], x[0, :, 0], indexing="ij")
    ),
    lambda E, x: E.block_diag(x[0], x[1], x[0, 0, 0]),
    lambda E, x: E.cartesian_prod(x[0, 0], x[0, :, 0]),
    lambda E, x: E.combinations(x[0, :, 0], 3) * E.combinations(x[0, :, 0], 1)[0],
    lambda E, x: E.atleast_3d(x[0]) * E.atleast_1d(x[0, 0, 0]),
    lambda E, x: (E.diagonal(x, 1, 0, 2), x.diagonal(-1, 2, 1)),
    lambda E, x: E.diag_embed(x, -1, 0, 2),
    lambda E, x: (E.diag(x[0], 1), E.diag(x[0, 0], -2), E.diagflat(x[0], 1), E.trace(x[0])),
    lambda E, x: E.select_scatter(x, x[0, :, :] * 3, 0, 1),
    lambda E, x: E.slice_scatter(x, x[:, :2] * 3, 1, 1, 4, 2),
    lambda E, x: E.diagonal_scatter(x, x[:, 0, 0].expand(3, 2) * 2, 0, 0, 1),
    lambda E, x: x.unfold(1, 3, 1) * 2,
    lambda E, x: x.unfold(1, 2, 2).unfold(0, 2, 1),
    lambda E, x: E.as_strided(x * 1, (2, 3), (3, 2), 4),
    lambda E, x: (E.tril_indices(3, 4, 1), E.triu_indices(4, 3, -1)),
]


@pytest.mark.parametrize("case", range(len(REARRANGED)))
def test_rearranging(case: int) -> None:
    for a in (rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 4, 2)).transpose(2, 1, 0)):
        compare(REARRANGED[case], a)


def at(E, rows=4, width=3, high=4):
    return E.tensor(np.random.default_rng(1).integers(0, high, size=(rows, width)))


WRITTEN = [
    lambda E, x, v: E.scatter(x, 0, E.tensor([[0, 3, 1], [2, 0, 3]]), v[:2]),
    lambda E, x, v: E.scatter(x, 1, E.tensor([[0, 2], [1, 0]]), 1.5),
    lambda E, x, v: E.scatter_add(x, 0, at(E), v),
    lambda E, x, v: x.index_add(0, E.tensor([2, 2, 0, 1]), v, alpha=2),
    lambda E, x, v: x.index_copy(0, E.tensor([3, 0]), v[:2]),
    lambda E, x, v: x.index_fill(1, E.tensor([0, 2, 0]), v[0, 0]),
    lambda E, x, v: x.index_put((E.tensor([0, 2]), E.tensor([1, 1])), v[0, :2]),
    lambda E, x, v: x.index_put((E.tensor([0, 0]), E.tensor([1, 1])), v[0, :2], accumulate=True),
    lambda E, x, v: x.put(E.tensor([3, 11, 3]), v[0], accumulate=True),
    lambda E, x, v: x.masked_scatter(x > 0, v),
    lambda E, x, v: (x.take(E.tensor([[0, -1], [5, 5]])), E.take_along_dim(x, x.argsort(1), 1)),
    lambda E, x, v: (x.masked_select(x > 0), E.masked_select(x, x[0] > 0)),
    lambda E, x, v: (x * 1).scatter_(0, at(E, 1), v[:1]).index_add_(1, E.tensor([1]), v[:, :1]),
    lambda E, x, v: E.gather(x, 0, at(E)),
]


@pytest.mark.parametrize("case", range(len(WRITTEN)))
def test_writing_at_indices(case: int) -> None:
    compare(WRITTEN[case], rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
def test_scatter_reduce(reduce: str, include_self: bool) -> None:
    a, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    v[1] = a[2, 0]  # ties
    compare(lambda E, x, s: x.scatter_reduce(0, at(E), s, reduce, include_self=include_self), a, v)
    if reduce != "sum":
        compare(
            lambda E, x, s: x.index_reduce(0, E.tensor([1, 1, 0, 3]), s, reduce, include_self=include_self),
            a,
            v,
        )
    v[2, 1] = 0  # a product with a zero in it
    compare(
        lambda E, x, s: x.scatter_reduce(0, at(E), s, reduce, include_self=include_self), a, v, second=False
    )


def test_repeated_indices_add_up_in_every_reader() -> None:
    compare(lambda E, x: x.take(E.tensor([0, 0, 0])) ** 2, rng.normal(size=3))
    compare(lambda E, x: x.gather(0, E.tensor([1, 1, 1])) ** 2, rng.normal(size=3))
    compare(lambda E, x: x.unfold(0, 3, 1) ** 2, rng.normal(size=6))


@pytest.mark.cpu
def test_windows_share_memory() -> None:
    def fn(E, x):
        y = x * 1
        y.unfold(0, 2, 2)[1].mul_(3)
        y.diagonal(0, 0, 1) if y.ndim > 1 else y.as_strided((2,), (2,), 1).add_(1)
        return y

    compare(fn, rng.normal(size=5))


def test_errors() -> None:
    raises_alike(lambda E: E.ones(3, 3).repeat(1), "repeat dims")
    raises_alike(lambda E: E.ones(3).scatter(0, E.tensor([5]), 1.0), "index 5", "size 3")
    raises_alike(lambda E: E.ones(3).unfold(0, 5, 1), "3", "5")
    raises_alike(lambda E: E.ones(2, 2).scatter_add(0, E.tensor([[0.0]]), E.ones(1, 1)), "int64")
    raises_alike(lambda E: E.ones(3).take(E.tensor([7])), "7")
    raises_alike(lambda E: E.ones(2, 2).diagonal(0, 1, 1), "1")
    raises_alike(lambda E: E.ones(2, 2).index_add(0, E.tensor([5]), E.ones(1, 2)), "index 5", "size 2")
