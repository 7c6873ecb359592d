"""``make_tensor``: random tensors of any type within bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.frames import warn
from ..core.tensor import Tensor

Number = float | int


def make_tensor(
    *shape: Any,
    dtype: dt.dtype,
    device: Any,
    low: Number | None = None,
    high: Number | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of random numbers, uniform in [``low``, ``high``).

    By default from -9 to 9 (integers: -9 to 9, unsigned 0 to 9, bool 0 and 1). ``noncontiguous``: with gaps between
    the elements; ``exclude_zero``: with the smallest positive number (integers: 1) instead of zeros.
    Source: https://pytorch.org/docs/stable/testing.html#torch.testing.make_tensor
    """
    size: tuple[int, ...] = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got "
            f"{noncontiguous=} and {memory_format=}"
        )
    whole_numbers = dtype.category < dt.FLOATING
    if requires_grad and whole_numbers:
        raise ValueError(
            f"`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype=}"
        )
    gaps = noncontiguous and math.prod(size) > 1
    if gaps:
        size = (*size[:-1], 2 * size[-1])
    if whole_numbers:
        result = FUNCTIONS["randint"](*_whole_bounds(dtype, low, high), size, device=device, dtype=dtype)
    else:
        info = dt.finfo(dtype.to_real())
        start, end = _bounds(dtype, low, high, (info.min, info.max), (-9, 9))
        result = FUNCTIONS["empty"](*size, device=device, dtype=dtype) if size else FUNCTIONS["full"](
            (), 0, device=device, dtype=dtype)  # fmt: skip
        _fill(FUNCTIONS["view_as_real"](result) if dtype.is_complex else result, start, end, info.max)
    if gaps:
        result = result[..., 1::2]
    elif memory_format is not None:
        result = result.clone(memory_format=memory_format)
    if exclude_zero:
        result[result == 0] = 1 if whole_numbers else dt.finfo(dtype.to_real()).tiny
    return result if whole_numbers else result.requires_grad_(requires_grad)


def _fill(t: Tensor, low: Number, high: Number, largest: float) -> None:
    """Uniform numbers, also where the distance of the bounds overflows the type."""
    if high - low >= largest:
        t.uniform_(low / 2, high / 2).mul_(2)
    elif t.numel():
        t.uniform_(low, high)


def _whole_bounds(dtype: dt.dtype, low: Number | None, high: Number | None) -> tuple[int, int]:
    if dtype is dt.bool_:
        limits, usual = (0, 2), (0, 2)
    else:
        info = dt.iinfo(dtype)
        limits, usual = (info.min, info.max + (dtype is not dt.int64)), (-9, 10)
    start, end = _bounds(dtype, low, high, limits, usual)
    return math.ceil(start), math.ceil(end)


def _bounds(
    dtype: dt.dtype, low: Number | None, high: Number | None, limits: tuple, usual: tuple
) -> tuple[Number, Number]:
    low, high = usual[0] if low is None else low, usual[1] if high is None else high
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f"`low` and `high` cannot be NaN, but got {low=} and {high=}")
    if low == high and dtype.category >= dt.FLOATING:
        warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated since 2.1 "
            "and will be removed in 2.3. Use `torch.full(...)` instead.",
            FutureWarning,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < limits[0] or low >= limits[1]:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but {dtype} only supports "
            f"[{limits[0]}, {limits[1]})"
        )
    return min(max(low, limits[0]), limits[1]), min(max(high, limits[0]), limits[1])
