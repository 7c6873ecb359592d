"""``x[...]`` of every kind and ``x[...] = v``: what an index means.

PyTorch reads an index in two steps, and so does this file. First ints, slices, None and Ellipsis make a view, one
after the other; a 0-d integer tensor counts as an int. What is left are index tensors and masks at some dimensions
of that view: they pick elements (a copy), broadcast against each other, and put the picked dimensions where they
stood when they were neighbours, else in front. So ``x[0, :, [1, 2]]`` has the picked dimension last, other than in
NumPy, for which the 0 is one more index array.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.frames import warn, warn_once
from ..core.inplace import check_writable, overwrite, write
from ..core.lanes import Lanes
from ..core.mode import STATE
from ..core.outputs import check_overlap
from ..core.refusals import type_name
from ..core.tensor import Tensor, wrap
from .index import put_at, take_index
from .kinds import filling
from .slice import alias_view, select_view, slice_view, unsqueeze_view

_NUMBERS = (bool, int, float, complex, np.number, np.bool_)
_VIEWS = {"int": select_view, "slice": slice_view, "none": unsqueeze_view, "": alias_view}


class Index(NamedTuple):
    """An index, read: the basic part as NumPy writes it, its last kind of step, and the arrays that pick."""

    basic: tuple
    last: str
    places: tuple | None  # one entry for each dimension of the view: an array, or slice(None)
    byte_mask: bool = False  # is a uint8 tensor among them?


def read_index(x: Tensor, index: Any) -> Index:
    """What ``index`` means for ``x``; IndexError, TypeError or ValueError where it means nothing."""
    if not isinstance(index, tuple):
        if isinstance(index, list) and _means_tuple(index):
            warn_once(
                "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch "
                "2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, "
                "x[torch.tensor(seq)], which will result either in an error or a different result"
            )
            index = tuple(index)
        else:
            if x._a.ndim == 0:
                _check_scalar(index)
            index = (index,)
    return _read(x, index)


def _means_tuple(index: list) -> bool:
    """Does a list stand for a tuple of indices? When it holds more than numbers (an old habit of NumPy's)."""
    kinds = (Tensor, slice, list, tuple, np.ndarray)
    return len(index) < 32 and any(i is None or i is Ellipsis or isinstance(i, kinds) for i in index)


def _check_scalar(index: Any) -> None:
    if isinstance(index, slice):
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if isinstance(index, int) and not isinstance(index, bool):
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a "
            "0-dim tensor to a number" if index == 0 else f"index {index} is out of bounds for dimension 0 with size 0"
        )  # fmt: skip


def _is_mask(i: Any) -> bool:
    return isinstance(i, Tensor) and i.dtype in (dt.bool_, dt.uint8)


def _is_number(i: Any) -> bool:
    """A 0-d integer tensor counts as an int; not inside ``vmap``, where it is a number for each example."""
    if not isinstance(i, Tensor) or i._a.ndim or isinstance(i._a, Lanes):
        return False
    return i.dtype.category == dt.INTEGRAL


def _read(x: Tensor, index: tuple) -> Index:
    shape, ndim = list(x._a.shape), x._a.ndim
    used = sum(i._a.ndim if _is_mask(i) else 0 if i is None or i is Ellipsis or i is True or i is False else 1
               for i in index)  # fmt: skip
    if used > ndim:
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    basic: list[Any] = []
    picks: dict[int, Any] = {}  # dimension of the view: index array
    last, d, out, byte_mask = "", 0, 0, False  # d: next dimension of x; out: next dimension of the view
    for k, i in enumerate(index):
        if i is None:
            basic.append(None)
            last, out = "none", out + 1
        elif i is Ellipsis:
            skip = ndim - used
            basic += [slice(None)] * (skip if d + skip <= ndim else 0)
            d, out = d + skip, out + skip
        elif isinstance(i, slice):
            basic.append(_slice(i))
            last, d, out = "slice", d + 1, out + 1
        else:
            i = i if isinstance(i, (Tensor, bool)) else _as_array(i)
            if isinstance(i, bool) or (_is_mask(i) and i._a.ndim == 0):
                basic.append(None)
                picks[out] = np.zeros(1 if bool(i) else 0, np.int64)
                last, out = "none", out + 1
            elif isinstance(i, int) or _is_number(i):
                basic.append(_int(int(i), shape, d, k))
                last, d = "int", d + 1
            else:
                picks[out] = a = _pick(i)
                n = a.ndim if a.dtype == bool else 1
                byte_mask = byte_mask or (isinstance(i, Tensor) and i.dtype is dt.uint8)
                basic += [slice(None)] * n
                d, out = d + n, out + n
    if not picks:
        return Index(tuple(basic), last, None)
    return Index(tuple(basic), last, _places(x, tuple(basic), picks), byte_mask)


def _int(i: int, shape: list, d: int, position: int) -> int:
    n = shape[d] if d < len(shape) else 0
    if not -n <= i < n:
        raise IndexError(f"index {i} is out of bounds for dimension {position} with size {n}")
    return i


def _slice(s: slice) -> slice:
    try:
        parts = [None if v is None else v.__index__() for v in (s.start, s.stop, s.step)]
    except AttributeError:
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None
    if parts[2] is not None and parts[2] <= 0:
        raise ValueError("slice step cannot be zero" if parts[2] == 0 else "step must be greater than zero")
    return slice(*parts)


def _as_array(i: Any) -> Any:
    """A Python object in an index as an int, or as an array of integers or bools."""
    if isinstance(i, (list, tuple, range, np.ndarray)):
        if not isinstance(i, np.ndarray):
            i = _listed(i)
        a = np.asarray(i)
        return (
            a
            if a.dtype.kind == "b" or a.dtype == np.uint8
            else int(a)
            if a.ndim == 0
            else a.astype(np.int64, copy=False)
        )
    if isinstance(i, str):
        raise TypeError("new(): invalid data type 'str'")
    if hasattr(i, "__index__") and not isinstance(i, np.bool_):
        n = i.__index__()
        if not -(2**63) <= n < 2**63:
            raise ValueError("Overflow when unpacking long long")
        return n
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type_name(i)})"
    )


def _listed(i: Any) -> np.ndarray:
    items = [v.tolist() if isinstance(v, Tensor) else v for v in i]
    a = np.asarray(items)
    if a.dtype.kind in "US":
        raise TypeError("new(): invalid data type 'str'")
    a = a if a.dtype.kind == "b" else a.astype(np.int64)
    if STATE.recorder is not None:
        STATE.recorder.made(a)
    return a


def _pick(i: Any) -> Any:
    """An index tensor or mask as an array."""
    if not isinstance(i, Tensor):
        return i.astype(bool) if i.dtype == np.uint8 else i
    if i.dtype not in (dt.int64, dt.int32, dt.uint8, dt.bool_):
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if i.dtype is not dt.uint8:
        return i._a
    warn(
        "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
    )  # fmt: skip
    return i._a.astype(bool)


def _places(x: Tensor, basic: tuple, picks: dict[int, Any]) -> tuple:
    """The picking arrays laid out over the dimensions of the view, shapes and bounds checked."""
    sizes = _shape_at(x._a.shape, basic)
    xp = backends.namespace(x._a)
    if xp is np and any(not isinstance(a, (backends.HostArray, Lanes)) for a in picks.values()):
        raise RuntimeError(
            "indices should be either on cpu or on the same device as the indexed tensor (cpu)\n"
            "Move the index, or the tensor: .to(device)."
        )
    at: list[Any] = []
    d = 0
    for out, a in sorted(picks.items()):
        at += [slice(None)] * (out - d)
        at.append(a if isinstance(a, Lanes) else xp.asarray(a))
        d = out + (a.ndim if a.dtype == bool else 1)
        for j in range(a.ndim if a.dtype == bool else 0):
            if a.shape[j] != sizes[out + j]:
                raise IndexError(
                    f"The shape of the mask {list(a.shape)} at index {j} does not match the shape of the indexed "
                    f"tensor {list(sizes)} at index {out + j}"
                )
    return tuple(_within(sizes, at))


def _shape_at(shape: tuple, index: tuple) -> tuple:
    """The shape of ``x[index]`` for an ``x`` of that shape."""
    return np.lib.stride_tricks.as_strided(np.empty(1, np.bool_), shape, (0,) * len(shape))[index].shape


def _within(sizes: tuple, at: list) -> list:
    """The index arrays, when they broadcast against each other and stay in their dimensions; else IndexError."""
    arrays, lengths, others, d = [], [], 1, 0
    for a in at:
        if isinstance(a, slice):
            others *= sizes[d]
            d += 1
        elif a.dtype == bool:
            if len(at) > 1:  # alone, a mask has nothing to broadcast with
                arrays += list(a.nonzero())
                lengths += sizes[d : d + a.ndim]
            d += a.ndim
        else:
            arrays.append(a)
            lengths.append(sizes[d])
            d += 1
    shape: tuple = arrays[0].shape if arrays else ()
    if any(a.shape != shape for a in arrays):
        try:
            shape = np.broadcast_shapes(*(a.shape for a in arrays))
        except ValueError:
            listed = ", ".join(str(list(a.shape)) for a in arrays)
            raise IndexError(
                f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
            ) from None
    if not arrays or any(isinstance(a, Lanes) for a in arrays):
        return at
    if 0 in lengths and 0 not in shape:
        raise IndexError("index is out of bounds for dimension with size 0")
    if all(
        not a.size or not backends.readable(a) or (int(a.min()) >= -n and int(a.max()) < n)
        for a, n in zip(arrays, lengths, strict=True)
    ):
        return at
    if 0 in shape or 0 in (others, *sizes[d:]):  # nothing is picked, so nothing is out of bounds
        return [a if isinstance(a, slice) or a.dtype == bool else a * 0 for a in at]
    return _refuse(arrays, lengths)


def _refuse(arrays: list, lengths: list) -> NoReturn:
    """IndexError naming the first index out of bounds, element by element."""
    xp = backends.namespace(arrays[0])
    together = xp.broadcast_arrays(*arrays)
    bad = xp.stack([((a < -n) | (a >= n)).reshape(-1) for a, n in zip(together, lengths, strict=True)], 1)
    row, j = (int(v) for v in xp.argwhere(bad)[0])
    found = int(together[j].reshape(-1)[row])
    raise IndexError(f"index {found} is out of bounds for dimension {j} with size {lengths[j]}")


def _getitem(self: Tensor, index: Any) -> Tensor:
    if index.__class__ is int and self._a.ndim:  # the commonest index needs no reading
        n = self._a.shape[0]
        if -n <= index < n:
            return select_view(self, (index,))
    found = read_index(self, index)
    if found.places is None:
        return _VIEWS[found.last](self, found.basic)
    view = _viewed(self, found)
    return take_index(view, found.places)


def _viewed(x: Tensor, found: Index) -> Tensor:
    """The view that the basic part of an index shows; the tensor itself when it shows all of it."""
    if all(isinstance(i, slice) and i == slice(None) for i in found.basic):
        return x
    return _VIEWS[found.last](x, found.basic)


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    values = _value(self, value)
    if index is False:
        return
    found = read_index(self, index)
    target = _viewed(self, found)
    check_writable(target, "__setitem__")
    ones = 0
    while ones < values._a.ndim and values._a.shape[ones] == 1:
        ones += 1
    if found.places is None:
        if values.dtype is not self.dtype or values._a.__class__ is not target._a.__class__:
            values = values.to(target)
        if values._a.shape != target._a.shape:
            values = values.reshape(values._a.shape[ones:]).expand(*target._a.shape)
        if values._v is target._v and values is not target:
            check_overlap(target, values)
        overwrite(target, values)
        return
    if found.byte_mask and values._a.size == 1 and sum(hasattr(p, "dtype") for p in found.places) == 1:
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
    if values.dtype is not self.dtype:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {self.dtype.legacy} for the destination "
            f"and {values.dtype.legacy} for the source."
        )
    write(target, put_places(_before(target), values.reshape(values._a.shape[ones:]), found.places))


def put_places(x: Tensor, values: Tensor, places: tuple, put: Any = put_at) -> Tensor:
    """A copy of ``x`` with ``values``, broadcast, put at ``places``; RuntimeError when they do not fit."""
    if any(isinstance(p, Lanes) for p in places):
        return put(x, values, places)
    found = _shape_at(x._a.shape, tuple(p if isinstance(p, slice) else _on_host(p) for p in places))
    lead = values._a.ndim - len(found)
    fits = lead <= 0 and all(n in (1, m) for n, m in zip(values._a.shape[::-1], found[::-1], strict=False))
    if not fits:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values._a.shape)} cannot be broadcast to indexing result of "
            f"shape {list(found)}"
        )
    return put(x, values, places)


def _on_host(place: Any) -> Any:
    """An index array, or one that chooses as many: only a mask's values must come from a GPU for that."""
    if place.dtype == bool or isinstance(place, backends.HostArray):
        return backends.move(place, "cpu", None)
    return np.broadcast_to(np.zeros((), np.int64), place.shape)


def _value(x: Tensor, value: Any) -> Tensor:
    """What is assigned, as a tensor; TypeError for what is neither a tensor nor a number."""
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, _NUMBERS):
        raise TypeError(f"can't assign a {type_name(value)} to a {x.type()}")
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, int) and not -(2**63) <= number < 2**64:
        raise ValueError("Overflow when unpacking long long")
    xp = backends.namespace(x._a)
    a = xp.asarray(filling(number, x.dtype), dtype=x._a.dtype)
    if STATE.recorder is not None:
        STATE.recorder.made(a)
    return wrap(a)


def _before(x: Tensor) -> Tensor:
    """The tensor as it is now, with its history, for an op that is about to overwrite it."""
    t = wrap(x._a)
    t._rg, t._node = x._rg, x._node
    return t


Tensor.__getitem__ = _getitem
Tensor.__setitem__ = _setitem
