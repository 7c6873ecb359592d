"""Wrong arguments: PyTorch's class of error and its words, over the families that only move elements about."""

from __future__ import annotations

from typing import Any

import glasstorch
import numpy as np
import pytest

from tests.support.outcomes import alike


def x(E: Any) -> Any:
    return E.arange(6.0).reshape(2, 3)


def i(E: Any) -> Any:
    return E.tensor([[0, 1, 1]])


def j(E: Any) -> Any:
    return E.tensor([0, 1])


SHAPES = [
    lambda E: x(E).select(-1, 9),
    lambda E: E.tensor(1.0).select(0, 0),
    lambda E: x(E).split([-1, 4]),
    lambda E: x(E).split(-1),
    lambda E: x(E).split(0),
    lambda E: x(E).split([1, 3]),
    lambda E: x(E).split(1.5),
    lambda E: E.tensor(1.0).split(1),
    lambda E: E.tensor(1.0).chunk(1),
    lambda E: x(E).chunk(0),
    lambda E: x(E).chunk(2, 5),
    lambda E: x(E).narrow(0, 1, 3),
    lambda E: x(E).narrow(0, 5, 1),
    lambda E: x(E).narrow(0, 0, -1),
    lambda E: x(E).narrow(0, E.tensor([0, 1]), 1),
    lambda E: E.tensor(1.0).unbind(0),
    lambda E: x(E).unbind(5),
    lambda E: x(E).unfold(0, 5, 1),
    lambda E: x(E).unfold(0, 1, 0),
    lambda E: x(E).view(5),
    lambda E: x(E).view(-2, 6),
    lambda E: x(E).t().view(6),
    lambda E: x(E).view(-1, -1),
    lambda E: x(E).view(E.float64),
    lambda E: E.tensor(1.0).view(E.int8),
    lambda E: E.ones(1, 3, dtype=E.int8).view(E.int32),
    lambda E: x(E).expand(2, -1, 3),
    lambda E: x(E).expand(-1, 2, 3),
    lambda E: x(E).expand(3),
    lambda E: x(E).expand(2, 5),
    lambda E: x(E).permute(0),
    lambda E: x(E).permute(0, 0),
    lambda E: x(E).permute(0, 2),
    lambda E: x(E).transpose(0, 3),
    lambda E: x(E).unsqueeze(4),
    lambda E: x(E).squeeze(3),
    lambda E: x(E).squeeze((0, 0)),
    lambda E: x(E).flatten(1, 0),
    lambda E: x(E).unflatten(1, (2, 2)),
    lambda E: x(E).unflatten(0, ()),
    lambda E: x(E).movedim(0, 3),
    lambda E: x(E).diagonal(0, 0, 0),
    lambda E: E.ones(3).mT,
    lambda E: E.ones(3).H,
    lambda E: E.ones(3).adjoint(),
    lambda E: x(E).size(3),
    lambda E: x(E).stride(3),
    lambda E: x(E).hsplit(2),
    lambda E: x(E).reshape(-1, 5),
    lambda E: x(E).reshape(7),
    lambda E: x(E).reshape(2.5),
    lambda E: E.ones(0).reshape(-1, 0),
    lambda E: x(E).repeat(2),
    lambda E: x(E).repeat(2, -1),
    lambda E: x(E).roll((1, 2), 0),
    lambda E: x(E).flip(5),
    lambda E: x(E).flip(0, 0),
    lambda E: x(E).rot90(1, (0, 0)),
    lambda E: x(E).as_strided((2, 2), (1,)),
    lambda E: x(E).as_strided((2, 2), (100, 1)),
    lambda E: x(E).tensor_split(0),
    lambda E: E.ones(1, 2, 3).t(),
    lambda E: E.broadcast_shapes((2,), (3,)),
    lambda E: E.broadcast_tensors(E.ones(2), E.ones(3)),
    lambda E: E.broadcast_to(x(E), (4,)),
    lambda E: x(E).sum_to_size(2, 2),
    lambda E: x(E).repeat_interleave(-1),
    lambda E: x(E).repeat_interleave(2, output_size=5),
    lambda E: E.cat([]),
    lambda E: E.cat(x(E)),
    lambda E: E.cat([x(E), 1]),
    lambda E: E.cat([x(E), E.ones(3)]),
    lambda E: E.cat([x(E), E.ones(2, 4)]),
    lambda E: E.cat([E.tensor(1.0)]),
    lambda E: E.cat([x(E)], 5),
    lambda E: E.stack([]),
    lambda E: E.stack([x(E), E.ones(3)]),
    lambda E: E.hstack([]),
    lambda E: E.vstack([]),
    lambda E: E.dstack([]),
    lambda E: E.column_stack([]),
    lambda E: E.tril(E.ones(3)),
    lambda E: E.triu(E.tensor(1.0)),
    lambda E: E.select_scatter(x(E), x(E), 0, 0),
    lambda E: E.view_as_complex(E.ones(3)),
    lambda E: E.ones(-1),
]

PLACES = [
    lambda E: x(E).scatter(0, i(E), E.ones(2, 3).long()),
    lambda E: x(E).scatter(0, i(E).float(), E.ones(2, 3)),
    lambda E: x(E).scatter(0, i(E)[0], E.ones(2, 3)),
    lambda E: x(E).scatter(0, i(E), E.ones(3)),
    lambda E: x(E).scatter(0, i(E) + 5, E.ones(2, 3)),
    lambda E: x(E).scatter(3, i(E), E.ones(2, 3)),
    lambda E: x(E).scatter(0, i(E), 1j),
    lambda E: x(E).scatter(0, i(E), E.ones(2, 3), reduce="foo"),
    lambda E: x(E).scatter_add(0, E.zeros(3, 3, dtype=E.int64), E.ones(2, 3)),
    lambda E: x(E).scatter_reduce(0, i(E), E.ones(2, 3), "foo"),
    lambda E: x(E).index_add(0, j(E), E.ones(2, 3).long()),
    lambda E: x(E).index_add(0, E.tensor([0]), E.ones(2, 3)),
    lambda E: x(E).index_add(0, j(E), E.ones(2, 2)),
    lambda E: x(E).index_add(0, j(E) - 1, E.ones(2, 3)),
    lambda E: x(E).index_add(0, j(E).float(), E.ones(2, 3)),
    lambda E: x(E).index_add(0, i(E), E.ones(2, 3)),
    lambda E: x(E).index_reduce(0, j(E), E.ones(2, 3), "sum"),
    lambda E: x(E).index_copy(0, j(E), E.ones(2, 3).long()),
    lambda E: x(E).index_copy(0, E.tensor([0]), E.ones(2, 3)),
    lambda E: x(E).index_copy(0, j(E), E.ones(2, 2)),
    lambda E: x(E).index_copy(0, j(E) + 5, E.ones(2, 3)),
    lambda E: x(E).index_copy(0, j(E).int(), E.ones(2, 3)),
    lambda E: x(E).index_copy(0, j(E), E.ones(3)),
    lambda E: x(E).index_fill(0, j(E) + 5, 9),
    lambda E: x(E).index_fill(0, i(E), 9),
    lambda E: x(E).index_fill(0, j(E).int(), 9),
    lambda E: x(E).index_fill(0, j(E), E.ones(1)),
    lambda E: x(E).index_fill(0, j(E), 1j),
    lambda E: x(E).index_select(0, j(E) + 5),
    lambda E: x(E).index_select(0, i(E)),
    lambda E: x(E).index_select(0, j(E).float()),
    lambda E: E.tensor(1.0).index_select(0, E.tensor([0, 0])),
    lambda E: x(E).gather(0, i(E) + 5),
    lambda E: x(E).gather(0, i(E)[0]),
    lambda E: x(E).gather(0, E.zeros(2, 5, dtype=E.int64)),
    lambda E: x(E).gather(0, i(E).float()),
    lambda E: E.tensor(3.0).gather(0, E.tensor(1)),
    lambda E: x(E).take(E.tensor([9])),
    lambda E: x(E).take(E.tensor([0.5])),
    lambda E: E.ones(0).take(E.tensor([0])),
    lambda E: x(E).put(E.tensor([9]), E.ones(1)),
    lambda E: x(E).put(E.tensor([0]), E.ones(2)),
    lambda E: x(E).put(E.tensor([0]), E.ones(1).long()),
    lambda E: x(E).masked_fill(E.ones(4, dtype=E.bool), 9),
    lambda E: x(E).masked_fill(x(E).long(), 9),
    lambda E: x(E).masked_fill(x(E) > 1, E.ones(1)),
    lambda E: x(E).masked_select(x(E).long()),
    lambda E: x(E).masked_select(E.ones(4, dtype=E.bool)),
    lambda E: x(E).masked_scatter(x(E) > 1, E.ones(1)),
    lambda E: x(E).masked_scatter(x(E) > 1, E.arange(9)),
    lambda E: E.take_along_dim(x(E), i(E).int(), 0),
    lambda E: E.where(x(E), x(E), x(E)),
    lambda E: E.where(E.ones(4, dtype=E.bool), x(E), x(E)),
    lambda E: E.unravel_index(E.tensor([5.0]), (2, 3)),
    lambda E: E.isclose(x(E), x(E), rtol=-1),
    lambda E: E.isclose(x(E), x(E).double()),
    lambda E: E.equal(x(E), 1),
    lambda E: E.complex(1, x(E)),
    lambda E: E.complex(x(E), x(E).long()),
    lambda E: E.polar(x(E), x(E).double()),
    lambda E: E.isin(E.tensor([True]), E.tensor([True])),
    lambda E: E.lerp(x(E), x(E).double(), 0.5),
    lambda E: E.clamp(x(E)),
    lambda E: E.clamp(x(E) * 1j, 0, 1),
    lambda E: E.mm(x(E), x(E).t().double()),
    lambda E: E.heaviside(x(E), x(E).double()),
    lambda E: E.addcdiv(x(E).long(), x(E).long(), x(E).long()),
]


@pytest.mark.parametrize("do", SHAPES, ids=range(len(SHAPES)))
def test_shapes_and_dimensions(do: Any) -> None:
    alike(do)


@pytest.mark.parametrize("do", PLACES, ids=range(len(PLACES)))
def test_places_masks_and_types(do: Any) -> None:
    alike(do)


@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_scatter_reduce_values(reduce: str, include_self: bool, dtype: str) -> None:
    def do(E: Any) -> Any:
        a = x(E).to(getattr(E, dtype))
        return a.scatter_reduce(0, i(E), E.full_like(a, 3), reduce, include_self=include_self)

    alike(do)


def test_what_to_do_stands_in_a_note() -> None:
    with pytest.raises(RuntimeError) as caught:
        glasstorch.ones(2) + glasstorch.ones(3)
    assert str(caught.value).endswith("non-singleton dimension 0")
    assert "lengths must agree or be 1" in caught.value.__notes__[0]
    with pytest.raises(TypeError) as caught_type:
        glasstorch.exp(np.ones(2))
    assert "Wrap it first" in caught_type.value.__notes__[0]
