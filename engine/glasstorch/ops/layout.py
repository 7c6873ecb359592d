"""Memory formats: how the elements of a dense tensor follow each other, which its strides say.

Source: https://pytorch.org/docs/stable/tensor_attributes.html#torch-memory-format
"""

from __future__ import annotations

from typing import Any

from ..core.forms import FUNCTIONS
from ..core.refusals import type_name


class memory_format:
    """How the elements of a tensor follow each other in memory."""

    __module__ = "glasstorch"

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # pickled as the one object of that name in glasstorch


class layout(memory_format):
    """How a tensor is stored: all tensors here are ``strided``, the others are names."""

    __module__ = "glasstorch"


for _name in ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"):
    FUNCTIONS.setdefault(_name, memory_format(_name))
FUNCTIONS["legacy_contiguous_format"] = FUNCTIONS["contiguous_format"]
for _name in ("strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"):
    FUNCTIONS.setdefault(_name, layout(_name))
FUNCTIONS.setdefault("memory_format", memory_format)
FUNCTIONS.setdefault("layout", layout)

#: The dimensions from the longest steps to the shortest, for the formats that put the channels last.
CHANNELS_LAST = {"channels_last": (0, 2, 3, 1), "channels_last_3d": (0, 2, 3, 4, 1)}


def order_of(given: Any, array: Any, function: str) -> tuple[int, ...] | None:
    """The order of an array's dimensions in a memory format; None for row by row. Checks the argument."""
    if not isinstance(given, memory_format) or isinstance(given, layout):
        raise TypeError(
            f"{function}(): argument 'memory_format' must be torch.memory_format, not {type_name(given)}"
        )
    order = CHANNELS_LAST.get(given.name)
    if order is not None and array.ndim != len(order):
        raise RuntimeError(f"required rank {len(order)} tensor to use {given.name} format")
    return order


def lies_in(array: Any, order: tuple[int, ...] | None) -> bool:
    """Do the elements lie densely with their dimensions in this order?"""
    if order is None:
        return bool(array.flags.c_contiguous)
    if array.ndim != len(order):
        return False
    step = array.itemsize
    for d in reversed(order):
        if array.shape[d] != 1:
            if array.strides[d] != step:
                return False
            step *= array.shape[d]
    return True


def laid_out(xp: Any, array: Any, order: tuple[int, ...] | None) -> Any:
    """A copy whose dimensions lie in this order."""
    if order is None:
        return array.copy(order="C")
    back = tuple(sorted(range(len(order)), key=lambda k: order[k]))
    return xp.ascontiguousarray(xp.transpose(array, order)).transpose(back)


def copy_in(xp: Any, array: Any, given: Any, function: str = "clone") -> Any:
    """A copy in a memory format; by default the array's own order where it has one."""
    if given is None or given is FUNCTIONS["preserve_format"]:
        repeats = any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True))
        return laid_out(xp, array, _inferred_order(array)) if repeats else array.copy(order="K")
    return laid_out(xp, array, order_of(given, array, function))


def _inferred_order(array: Any) -> tuple[int, ...]:
    """The order PyTorch gives a dense copy of an expanded array: by steps, where dimensions without any stay put."""
    quickest_first = list(range(array.ndim))[::-1]
    for i in range(1, array.ndim):
        here = i
        for before in range(i - 1, -1, -1):
            a, b = (array.strides[quickest_first[k]] for k in (before, here))
            if a and b and a < b:
                break
            if a and b and a > b:
                quickest_first[before], quickest_first[here] = quickest_first[here], quickest_first[before]
                here = before
    return tuple(quickest_first[::-1])
