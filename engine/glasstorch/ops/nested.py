"""Nested Python data: the type, shape and array of numbers in lists, and what PyTorch refuses of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.tensor import Tensor
from .kinds import fitting


def array_of(data: Any, np_dtype: np.dtype | None) -> np.ndarray:
    """The array of a number or of nested lists, in a type or (None) in that of its numbers.

    Raises ValueError for ragged lists and for integers beyond 64 bits, TypeError and RuntimeError for what is no number
    of that type.
    """
    if isinstance(data, (list, tuple)):
        _shape_of(data)
    inferred = dt.numpy_dtype(_dtype_of(data))  # refuses what holds no numbers
    want = inferred if np_dtype is None else np_dtype
    plain = _plain(data)
    try:
        return np.array(plain, dtype=want) if not isinstance(plain, np.ndarray) else plain.astype(want)
    except OverflowError:
        return np.array(_fitted(plain, dt.from_numpy_dtype(want)), dtype=want)
    except (TypeError, ValueError):
        a = np.array(plain)
        if a.dtype.kind == "c" and want.kind != "c":
            raise TypeError("must be real number, not complex") from None
        return a.astype(want)


def _dtype_of(data: Any) -> dt.dtype:
    """The type of nested Python data: the highest category of its numbers."""
    kinds = set()

    def walk(x: Any, depth: int = 0) -> None:
        if isinstance(x, Tensor):
            kinds.add(x.dtype)
        elif isinstance(x, (np.ndarray, np.generic)):
            kinds.add(dt.from_numpy_dtype(x.dtype))
        elif isinstance(x, (list, tuple, range)):
            for y in x:
                walk(y, depth + 1)
        elif isinstance(x, (bool, int, float, complex)):
            kinds.add(dt.scalar_dtype(x))
        elif isinstance(x, (str, bytes)):
            if depth:
                raise ValueError(f"too many dimensions '{type(x).__name__}'")
            raise TypeError(f"new(): invalid data type '{type(x).__name__}'")
        elif hasattr(x, "__len__") and hasattr(x, "__getitem__") and not isinstance(x, dict):
            for k in range(len(x)):
                walk(x[k])
        else:
            raise RuntimeError(f"Could not infer dtype of {type(x).__name__}")

    walk(data)
    out: dt.dtype | None = None
    for k in kinds:
        out = k if out is None else dt.promote_types(out, k)
    return out or dt.get_default_dtype()


def _plain(x: Any) -> Any:
    """Nested data with numbers in the place of tensors of one element."""
    if isinstance(x, Tensor):
        if x._a.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        x._warn_of_lost_history()
        return x.item()
    return [_plain(y) for y in x] if isinstance(x, (list, tuple)) else x


def holds_arrays(data: Any) -> bool:
    """Does the first element, at any depth, belong to a NumPy array with dimensions?"""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, np.ndarray) and data.ndim > 0


def _fitted(x: Any, kind: dt.dtype) -> Any:
    """Nested numbers as an element of this type holds them; an error for the first that does not fit."""
    if isinstance(x, (list, tuple)):
        return [_fitted(y, kind) for y in x]
    if isinstance(x, int) and not -(2**63) <= x < 2**64:
        raise ValueError("Overflow when unpacking long long")
    try:
        return fitting(x, kind)
    except RuntimeError:
        if kind is dt.int64:
            raise ValueError("Overflow when unpacking long long") from None
        raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow") from None


def _shape_of(data: Any) -> tuple:
    """The shape of nested lists; ValueError naming the place where the lengths differ."""
    shape: list[int] = []
    x = data
    while isinstance(x, (list, tuple, range)):
        shape.append(len(x))
        if not len(x):
            break
        x = x[0]

    def check(y: Any, d: int) -> None:
        nested = isinstance(y, (list, tuple, range))
        if d == len(shape):
            if nested and isinstance(x, (int, float)):
                kind = type(y).__name__
                raise TypeError(
                    f"'{kind}' object cannot be interpreted as an integer"
                    if isinstance(x, int)
                    else f"must be real number, not {kind}"
                )
            return
        if nested:
            if len(y) != shape[d]:
                raise ValueError(f"expected sequence of length {shape[d]} at dim {d} (got {len(y)})")
            for z in y:
                check(z, d + 1)
        elif isinstance(y, (int, float)):
            raise TypeError("not a sequence")

    check(data, 0)
    return tuple(shape)
