"""Reading at indices and masks: take, take_along_dim, masked_select; and the indices themselves."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method, public
from ..core.op import op
from ..core.refusals import need_tensor, noted, same_device
from ..core.tensor import Tensor, wrap
from .index import gather
from .rearrange import broadcast_tensors
from .shape import broadcast_shapes, expand


def _reader(name: str, node: str, words: str) -> Any:
    def forward(xp, input: Array, at):
        return input[at]

    def d_input(F, g, input_shape, at):
        r"\sum \bar y \text{ at } i"
        return F.add_at(g, input_shape, at)

    body = {"__doc__": words, "label": name, "formula": r"x_{[i]}", "forward": forward, "d_input": d_input}
    return op(method=False, function=False, name=node)(type(f"{name}_at", (), body))


_take = _reader("take", "TakeBackward0", "Elements at places of the flattened tensor.")
_masked_select = _reader("masked_select", "MaskedSelectBackward0", "The elements where a mask holds.")


@method
def take(input: Tensor, index: Tensor) -> Tensor:
    """take(input, index) -> Tensor

    The elements at places of the flattened tensor, in the shape of ``index``.
    """
    need_tensor("take", "index", 1, index)
    if index.dtype is not dt.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype.legacy}")
    n, i = input._a.size, index._a
    if i.size and n == 0:
        raise IndexError("take(): tried to take from an empty tensor")
    if i.size and backends.readable(i) and (int(i.min()) < -n or int(i.max()) >= n):
        bad = int(i.min()) if int(i.min()) < -n else int(i.max())
        raise IndexError(f"out of range: tried to access index {bad} on a tensor of {n} elements.")
    return _take(input.reshape(-1), (i,))


@method
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """take_along_dim(input, indices, dim=None) -> Tensor

    Elements along ``dim`` at ``indices``, broadcast over the other dimensions (what ``argsort`` and ``argmax``
    give); without ``dim``, of the flattened tensor.
    """
    if indices.dtype is not dt.int64:
        raise noted(
            RuntimeError(
                f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype.legacy}"
            ),
            "Convert first: indices.long()",
        )
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    if input._a.ndim != indices._a.ndim:
        raise RuntimeError(
            f"torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input._a.ndim} dimensions for input, and {indices._a.ndim} dimensions for indices"
        )
    d = wrap_dim(dim, input._a.ndim)
    n = input._a.shape[d] if input._a.ndim else 1
    if n:
        indices = indices.remainder(n)  # counted from the end, and beyond it around
    if not input._a.ndim:
        return gather(input, 0, indices)
    a, b = list(input._a.shape), list(indices._a.shape)
    n, m = a[d], b[d]
    a[d] = b[d] = 1
    both = list(broadcast_shapes(tuple(a), tuple(b)))
    return gather(
        expand(input, *both[:d], n, *both[d + 1 :]), d, expand(indices, *both[:d], m, *both[d + 1 :])
    )


@method
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """masked_select(input, mask) -> Tensor

    A vector of the elements where ``mask`` holds; both broadcast.
    """
    need_tensor("masked_select", "mask", 1, mask)
    if mask.dtype is not dt.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    same_device("masked_select", input=input, mask=mask)
    m, x = broadcast_tensors(mask, input)
    if not x._a.ndim:
        x, m = x.reshape(1), m.reshape(1)
    return _masked_select(x, (m._a,))


@method
def argwhere(input: Tensor) -> Tensor:
    """argwhere(input) -> LongTensor

    The indices of the elements different from zero, one row each.
    """
    return input.nonzero()


@method
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """nonzero_static(input, *, size, fill_value=-1) -> LongTensor

    ``nonzero`` with a fixed number of rows: cut off, or filled up with ``fill_value``.
    """
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = argwhere(input)._a
    xp = backends.namespace(found)
    out = xp.full((size, found.shape[1]), fill_value, found.dtype)
    out[: len(found)] = found[:size]
    return wrap(out)


@public
def unravel_index(indices: Tensor, shape: Any) -> tuple:
    """unravel_index(indices, shape) -> tuple of LongTensors

    Places in a flattened tensor as one index for each dimension of ``shape``.
    """
    if indices.dtype.category != dt.INTEGRAL:
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype!r}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    out, rest = [], indices._a.astype("int64", copy=False)
    for n in reversed(sizes):
        out.append(wrap(rest % n if n else rest * 0))
        rest = rest // n if n else rest
    return tuple(reversed(out))
