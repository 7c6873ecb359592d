"""The distributions: each is a function from a stream of random bits to numbers.

Orders of drawing and roundings are PyTorch's, so equal seeds give equal numbers on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.frames import warn
from ..core.tensor import Tensor

DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}  # bits of a float that hold its digits
LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1
C_NAMES = {"bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int",
           "int64": "long", "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "unsigned long",
           "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double"}  # fmt: skip

Draw = Callable[[Any, int, bool], Any]  # (stream, how many, stored without gaps) -> flat array


def floating(kind: dt.dtype, kernel: str, complex_too: bool = True) -> None:
    if not (kind.is_floating_point or (complex_too and kind.is_complex)):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind.legacy}'")


def _working(kind: dt.dtype) -> Any:
    """The type numbers are computed in: half types in float32."""
    return np.dtype(np.float64) if kind.name in ("float64", "complex128") else np.dtype(np.float32)


def number(x: float) -> str:
    return f"{x:g}"


def uniform(kind: dt.dtype, low: float = 0, high: float = 1) -> Draw:
    floating(kind, "check_uniform_bounds")
    real = kind.to_real()
    np_dtype, working = dt.numpy_dtype(real), _working(kind)
    if low == 0 and high == 1 and np_dtype == working:
        return lambda stream, n, whole: stream.uniform(n, working)
    info, name = dt.finfo(real), C_NAMES[real.name]
    for value, label in ((low, "from"), (high, "to")):
        if not info.min <= value <= info.max:
            raise RuntimeError(f"{label} is out of bounds for {name}")
    if low > high:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={number(low)} > to={number(high)}"
        )
    if high - low > info.max:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{real.legacy}>::max(), but found to={number(high)} and "
            f"from={number(low)} which result in to-from to exceed the limit"
        )

    def draw(stream: Any, n: int, whole: bool) -> Any:
        x = stream.uniform(n, working, low, high).astype(np_dtype, copy=False)
        bounds = np.array([low, high], np_dtype)
        if bounds[0] != bounds[1]:
            x[x == bounds[1]] = bounds[0]  # rounding can reach the upper end, which is not included
        return x

    return draw


def normal(kind: dt.dtype, mean: float = 0, std: float = 1) -> Draw:
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {number(std)}")
    floating(kind, "normal_kernel_cpu")
    np_dtype = dt.numpy_dtype(kind.to_real())
    if kind.is_complex:
        std = std / math.sqrt(2)  # so that real and imaginary part together have the variance asked for

    def draw(stream: Any, n: int, whole: bool) -> Any:
        return stream.normal(n, np_dtype, mean, std) if whole else stream.normal_one_by_one(n, mean, std)

    return draw


def from_uniform(transform: Callable[[Any, Any], Any]) -> Draw:
    """A distribution computed in float64 from uniform numbers."""

    def draw(stream: Any, n: int, whole: bool) -> Any:
        u = stream.uniform(n, np.dtype(np.float64))
        return transform(backends.exact_functions(u), u)

    return draw


def integers(kind: dt.dtype, low: int, high: int | None) -> Draw:
    """Integers in [low, high); ``high`` None: as far as the type reaches."""
    if kind.is_complex:
        raise NotImplementedError(f"\"random_from_to_kernel_cpu\" not implemented for '{kind.legacy}'")
    if high is None and low == LONG_MIN:  # every int64
        return lambda stream, n, whole: stream.integers(n, 1 << 64, True).view(np.int64)
    if high is None:
        end = min(1 << DIGITS[kind.name], LONG_MAX) + 1 if kind.is_floating_point else largest(kind) + 1
    else:
        end = high
        if low >= end:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={end}")
    if kind.is_floating_point:
        low = _first_not_below(low, kind)
        end = end if high is None else _end_not_above(end, kind)
        if low >= end:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
                f"from={low} >= to={end}"
            )
    _check_bounds(kind, low, end - 1)
    span = end - low

    def draw(stream: Any, n: int, whole: bool) -> Any:
        raw = stream.integers(n, span, span >= 1 << 28)
        return (raw + np.uint64(low % (1 << 64))).view(np.int64)

    return draw


def largest(kind: dt.dtype) -> int:
    return 1 if kind is dt.bool_ else min(dt.iinfo(kind).max, LONG_MAX)


def _stored(value: int, kind: dt.dtype) -> int:
    """An integer as the floating type rounds it; itself where it overflows (the bounds are checked later)."""
    return int(dt.numpy_dtype(kind).type(value)) if abs(value) <= dt.finfo(kind).max else value


def _step(value: int, kind: dt.dtype) -> int:
    """The distance between neighbours of the floating type around an integer beyond its digits."""
    return 1 << max(0, abs(value).bit_length() - DIGITS[kind.name])


def _first_not_below(low: int, kind: dt.dtype) -> int:
    """``low``, moved up where rounding would carry ``low + 1`` below it."""
    stored = _stored(low + 1, kind)
    return stored + _step(low + 1, kind) if stored < low else low


def _end_not_above(end: int, kind: dt.dtype) -> int:
    """``end``, moved down where rounding would carry ``end - 1`` up to it."""
    stored = _stored(end - 1, kind)
    return stored - _step(end - 1, kind) if stored >= end else end


def _check_bounds(kind: dt.dtype, low: int, last: int) -> None:
    if kind.is_floating_point:
        limits = (dt.finfo(kind).min, dt.finfo(kind).max)
    elif kind is dt.bool_:
        limits = (0, 1)
    else:
        limits = (max(dt.iinfo(kind).min, LONG_MIN), largest(kind))
    for value, label in ((low, "from"), (last, "to - 1")):
        if not limits[0] <= value <= limits[1]:
            raise RuntimeError(f"{label} is out of bounds for {C_NAMES[kind.name]}")
        if kind.is_floating_point and abs(value) > 1 << DIGITS[kind.name]:
            digits, name = DIGITS[kind.name], C_NAMES[kind.name]
            warn(
                f"{label} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations {name} can "
                "support discrete uniform distribution only within this range. This warning will become an error in "
                "version 1.7 release, please fix the code in advance",
            )


def trials(p: Any, shape: tuple) -> Draw:
    """Ones with probability ``p``, an array (broadcast to ``shape``)."""
    working = np.dtype(np.float64) if p.dtype == np.float64 else np.dtype(np.float32)
    chances = np.broadcast_to(p, shape).reshape(-1) if isinstance(p, np.ndarray) else p.reshape(-1)
    return lambda stream, n, whole: stream.uniform(n, working) < chances.astype(working)


def check_chances(p: Tensor) -> None:
    if not p.is_floating_point():
        raise NotImplementedError(f"\"bernoulli_tensor_cpu_p_\" not implemented for '{p.dtype.legacy}'")
    if p._a.size and backends.readable(p._a) and not bool(((p._a >= 0) & (p._a <= 1)).all()):
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false: every probability must lie between 0 and 1."
        )
