"""Dimension and shape arguments: counting from the end, lists, ``-1``; with PyTorch's errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def wrap_dim(dim: Any, ndim: int) -> int:
    """A dimension counted from the front; IndexError when out of range. 0-d tensors accept 0 and -1."""
    try:
        d = dim.__index__()
    except AttributeError:
        raise TypeError(f"dimension must be int, not {type(dim).__name__}") from None
    n = max(ndim, 1)
    if not -n <= d < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {d})")
    return d + n if d < 0 else d


def wrap_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Dimensions to reduce over, as front-counted ints: None or () means all."""
    if dim is None:
        return tuple(range(ndim))
    if not isinstance(dim, (tuple, list)):
        return (wrap_dim(dim, ndim),) if ndim else ((), wrap_dim(dim, ndim))[0]
    if len(dim) == 0:
        return tuple(range(ndim))
    out = tuple(wrap_dim(d, ndim) for d in dim)
    for d in out:
        if out.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return out if ndim else ()


def sizes(args: tuple, name: str = "size") -> tuple[int, ...]:
    """Shape arguments given one by one or as one sequence: ``view(2, 3)`` and ``view((2, 3))``.

    ``name`` is the function, and after a comma the argument, that a TypeError speaks of.
    """
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = tuple(args[0])
    try:
        return tuple(a.__index__() for a in args)
    except AttributeError:
        bad = next(a for a in args if not hasattr(a, "__index__"))
        function, _, argument = name.partition(",")
        raise TypeError(
            f"{function}(): argument '{argument or 'size'}' (position 1) must be tuple of ints, "
            f"not {type(bad).__name__}"
        ) from None


def size_argument(args: tuple, named: dict[str, Any], name: str) -> tuple:
    """Sizes given one by one, or by their keyword: ``expand(2, 3)`` and ``expand(size=(2, 3))``.

    ``name`` is the function, and after a comma the keyword, as for ``sizes``.
    """
    if not named:
        return args
    function, _, keyword = name.partition(",")
    keyword = keyword or "size"
    if args or set(named) != {keyword}:
        wrong = next(iter(set(named) - {keyword}), keyword)
        raise TypeError(f"{function}() got an unexpected keyword argument '{wrong}'")
    return (named[keyword],)


def infer_shape(shape: Sequence[int], numel: int) -> tuple[int, ...]:
    """Fill in a ``-1``; RuntimeError when the elements do not fit."""
    shape = tuple(shape)
    unknown = [i for i, s in enumerate(shape) if s == -1]
    if any(s < -1 for s in shape):
        k = next(k for k, s in enumerate(shape) if s < -1)
        raise RuntimeError(f"invalid shape dimension {shape[k]} at index {k} of shape {list(shape)}")
    if len(unknown) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(s for s in shape if s != -1)
    if unknown:
        if known == 0 and numel == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size "
                "-1 can be any value and is ambiguous"
            )
        if known and numel % known == 0:
            return tuple(numel // known if s == -1 else s for s in shape)
    elif known == numel:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")


def joined_shape(a: tuple, b: tuple) -> tuple:
    """The shape two shapes broadcast to; RuntimeError naming the dimension where they differ."""
    n = max(len(a), len(b))
    pairs = list(zip((1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b, strict=True))
    for d in reversed(range(n)):
        x, y = pairs[d]
        if x != y and 1 not in (x, y):
            raise RuntimeError(
                f"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {d}"
            )
    return tuple(y if x == 1 else x for x, y in pairs)
