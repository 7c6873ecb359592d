"""Making one batch of many samples: tensors are stacked, containers are gone through."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.create import tensor
from ...ops.exchange import as_tensor
from ...ops.join import stack

WRONG_TYPE = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _is_text(a: Any) -> bool:
    return a.dtype.kind in "SUO"


def _stack(batch: list, *, collate_fn_map: Any = None) -> Tensor:
    return stack(batch, 0)


def _arrays(batch: list, *, collate_fn_map: Any = None) -> Any:
    first = batch[0]
    if _is_text(first):
        raise TypeError(WRONG_TYPE.format(first.dtype))
    if (collate_fn_map or {}).get(Tensor) is _stack and all(_is_like(first, b) for b in batch):
        out = np.empty((len(batch), *first.shape), first.dtype)
        return as_tensor(np.stack(batch, out=out))  # the same in one step
    return collate([as_tensor(b) for b in batch], collate_fn_map=collate_fn_map)


def _is_like(first: np.ndarray, b: Any) -> bool:
    """Do both have one type and shape, and is there nothing about ``b`` that making it a tensor would remark on?"""
    same = type(b) is np.ndarray and b.dtype == first.dtype and b.shape == first.shape
    return same and b.dtype.isnative and b.flags.writeable and min(b.strides, default=0) >= 0


def _array_scalars(batch: list, *, collate_fn_map: Any = None) -> Tensor:
    return as_tensor(np.array(batch))


def _floats(batch: list, *, collate_fn_map: Any = None) -> Tensor:
    return tensor(batch, dtype=dt.float64)


def _ints(batch: list, *, collate_fn_map: Any = None) -> Tensor:
    return tensor(batch)


def _as_they_are(batch: list, *, collate_fn_map: Any = None) -> list:
    return batch


#: How ``default_collate`` treats each type of sample; may be added to.
default_collate_fn_map: dict[type | tuple[type, ...], Callable] = {
    Tensor: _stack,
    np.ndarray: _arrays,
    (np.bool_, np.number, np.object_): _array_scalars,
    float: _floats,
    int: _ints,
    str: _as_they_are,
    bytes: _as_they_are,
}


def collate(batch: Any, *, collate_fn_map: dict[type | tuple[type, ...], Callable] | None = None) -> Any:
    """Make one batch of a list of samples by the functions in ``collate_fn_map``.

    Mappings, named tuples and sequences are gone through; tuples become lists, as in PyTorch.
    """
    first = batch[0]
    rules = collate_fn_map or {}
    rule = rules.get(type(first)) or next((f for t, f in rules.items() if isinstance(first, t)), None)
    if rule is not None:
        return rule(batch, collate_fn_map=collate_fn_map)

    def again(samples: Any) -> Any:
        return collate(samples, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        return _same_mapping(first, {key: again([sample[key] for sample in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(again, zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = [again(column) for column in zip(*batch)]
        return columns if isinstance(first, tuple) else _same_sequence(first, columns)
    raise TypeError(WRONG_TYPE.format(type(first)))


def _same_mapping(like: Mapping, items: dict) -> Any:
    """The items in a mapping of the type of ``like`` (a copy of it where it can be changed), else in a dict."""
    try:
        if isinstance(like, MutableMapping):
            clone = copy.copy(like)
            clone.update(items)
            return clone
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:  # the type cannot be copied or made of a dict
        return items


def _same_sequence(like: Sequence, items: list) -> Any:
    """The items in a sequence of the type of ``like``, else in a list."""
    try:
        if isinstance(like, MutableSequence):
            clone = copy.copy(like)
            for i, item in enumerate(items):
                clone[i] = item
            return clone
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:  # for example a range
        return items


def default_collate(batch: Any) -> Any:
    """Make one batch of a list of samples: the default of a ``DataLoader`` with automatic batching.

    Tensors are stacked, arrays and numbers become tensors (Python floats float64), text stays a list, dictionaries,
    tuples and lists are gone through.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)


def default_convert(data: Any) -> Any:
    """Arrays inside a single sample become tensors: the default of a ``DataLoader`` with ``batch_size=None``."""
    if isinstance(data, (np.ndarray, np.generic)):
        return data if _is_text(data) else as_tensor(data)
    return through_containers(data, default_convert)


def through_containers(data: Any, fn: Callable[[Any], Any]) -> Any:
    """``fn`` on every item of a mapping or sequence, in a container of its type; tuples become lists."""
    if isinstance(data, Mapping):
        return _same_mapping(data, {key: fn(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(fn, data))
    if isinstance(data, tuple):
        return [fn(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _same_sequence(data, [fn(value) for value in data])
    return data
