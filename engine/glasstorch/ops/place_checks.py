"""What scatter, gather, index_add and their kin ask of their arguments, with PyTorch's words for what is wrong."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.refusals import need_tensor
from ..core.tensor import Tensor


def in_bounds(index: Any, n: int, low: int = 0) -> int | None:
    """None when all places are in ``low <= i < n`` (or cannot be looked at), else the first that is not."""
    if not index.size or not backends.readable(index) or (int(index.min()) >= low and int(index.max()) < n):
        return None
    flat = index.reshape(-1)
    return int(flat[((flat < low) | (flat >= n)).argmax()])


def check_scatter(name: str, x: Any, d: int, index: Tensor, src: Any) -> None:
    """For one index for each element: types, shapes and bounds. ``x`` is the array that is written to."""
    need_tensor(name, "index", 2, index)
    i = index._a
    title = "gather" if name == "gather" else "scatter"
    if not i.size:
        return
    if index.dtype not in (dt.int64, dt.int32):
        raise RuntimeError(f"{title}(): Expected dtype int32/int64 for index")
    if isinstance(src, Tensor) and src._a.dtype != x.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    index_shape, shape = i.shape or (1,), x.shape or (1,)
    if len(index_shape) != len(shape):
        raise RuntimeError("Index tensor must have the same number of dimensions as self tensor")
    source = (src._a.shape or (1,)) if isinstance(src, Tensor) else None
    too_long = any(m > n and k != d for k, (m, n) in enumerate(zip(index_shape, shape, strict=True)))
    if source is not None and not too_long and len(source) != len(index_shape):
        if len(source) < len(index_shape):
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-len(source)}, {len(source) - 1}], but got "
                f"{len(source)})"
            )
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if too_long or (source is not None and any(m > n for m, n in zip(index_shape, source, strict=True))):
        raise RuntimeError(
            f"Expected index {list(i.shape)} to be no larger than self {list(x.shape)} apart from dimension {d}"
            + (f" and to be no larger size than src {list(source)}" if source is not None else "")
        )
    bad = in_bounds(i, shape[d])
    if bad is not None:
        raise RuntimeError(f"index {bad} is out of bounds for dimension {d} with size {shape[d]}")


def check_index_add(name: str, input: Tensor, d: int, index: Tensor, source: Tensor) -> None:
    """For ``index_add`` and ``index_reduce``."""
    i, x, v = index._a, input._a, source._a
    if i.ndim > 1:
        raise IndexError(
            f"{name}_(): Index is supposed to be a vector, but got dim: {i.ndim} with type: {index.dtype.legacy} and "
            f"size: {list(i.shape)}"
        )
    if index.dtype not in (dt.int64, dt.int32):
        raise RuntimeError(f"{name}_(): Expected dtype int32/int64 for index but got: {index.dtype.legacy}")
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"{name}_(): self ({input.dtype.legacy}) and source ({source.dtype.legacy}) must have the same scalar type"
        )
    if v.ndim and d >= v.ndim:
        raise RuntimeError(
            f"{name}_(): Indexing dim {d} is out of bounds of the source tensor with dim {v.ndim}"
        )
    n = v.shape[d] if v.ndim else 1
    if i.size != n:
        raise RuntimeError(
            f"{name}_(): Number of indices ({i.size}) should be equal to source.size(dim): ({n}), for dim: {d}"
        )
    both = bool(v.ndim and x.ndim)
    rest = [a.shape[:d] + a.shape[d + 1 :] if both else a.shape for a in (x, v)]
    if rest[0] != rest[1]:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(x.shape)} source.shape = {list(v.shape)}"
        )
    length = x.shape[d] if x.ndim else 1
    bad = in_bounds(i, length)
    if bad is not None:
        raise RuntimeError(f"index {bad} is out of bounds for dimension {d} with size {length}")


def check_index_copy(input: Tensor, d: int, index: Tensor, source: Tensor) -> None:
    """For ``index_copy``."""
    i, x, v = index._a, input._a, source._a
    if i.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {i.ndim})")
    if v.ndim == 0 and i.size != 1:
        raise IndexError(
            f"index_copy_(): When source is scalar, index should have one element (got {i.size})"
        )
    if v.ndim != x.ndim and v.ndim and x.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source "
            f"dimensionality ({v.ndim}), destination dimensionality ({x.ndim})"
        )
    if index.dtype is not dt.int64:
        raise RuntimeError(f"index_copy_(): Expected a long tensor for index, but got {index.dtype.legacy}")
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"index_copy_(): self and source expected to have the same dtype, but got (self) {input.dtype.legacy} and "
            f"(source) {source.dtype.legacy}"
        )
    own, other = (a.shape[:d] + a.shape[d + 1 :] if a.ndim else () for a in (x, v))
    if own != other:
        lengths = [" ".join(map(str, s)) for s in (own, other)]
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{lengths[0]} at dimension {d} and source slice shape: {lengths[1]} at dimension 0."
        )
    n = v.shape[d] if v.ndim else 1
    if i.size != n:
        raise IndexError(
            f"index_copy_(): Number of indices ({i.size}) should be equal to source.size(dim) ({n})"
        )
    length = x.shape[d] if x.ndim else 1
    bad = in_bounds(i, length)
    if bad is not None:
        raise IndexError(f"index_copy_(): index {bad} is out of bounds for dimension {d} with size {length}")


def check_index_fill(input: Tensor, d: int, index: Tensor) -> None:
    """For ``index_fill``, which also counts from the end."""
    if index.dtype is not dt.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if index._a.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    length = input._a.shape[d] if input._a.ndim else 1
    bad = in_bounds(index._a, length, -length)
    if bad is not None:
        raise IndexError(f"index {bad} is out of bounds for dimension {d} with size {length}")
