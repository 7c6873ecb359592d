"""Evenly spaced values: ``arange``, ``range``, ``linspace`` and ``logspace``."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from ..backends.rounding import fma
from ..core import dtype as dt
from ..core.forms import public
from ..core.frames import warn
from ..core.tensor import Tensor
from .create import finish
from .kinds import not_implemented


def _number(name: str, argument: str, position: int, value: Any) -> Any:
    """A Python number, also from a tensor with one element."""
    if isinstance(value, (Tensor, np.generic)):
        return value.item()
    if not isinstance(value, (bool, int, float, complex)):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Number, not {type(value).__name__}"
        )
    return value


def _steps_between(name: str, start: Any, end: Any, step: Any) -> None:
    if any(isinstance(v, complex) for v in (start, end, step)):
        raise RuntimeError("value cannot be converted to type double without overflow")
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def _progression(name: str, start: Any, step: Any, n: int, kind: dt.dtype) -> Any:
    """``start + k * step`` for k below n; integer types cut the fractions off ``start`` and ``step`` first."""
    if kind.category == dt.BOOL or kind.is_complex:
        not_implemented(f"{name}_cpu", kind)
    if kind.category == dt.INTEGRAL:
        start, step = int(start), int(step)
    return (start + np.arange(n) * step).astype(dt.numpy_dtype(kind))


@public
def arange(start: Any = None, end: Any = None, step: Any = 1, *, out: Tensor | None = None, dtype: Any = None,
           layout: Any = None, device: Any = None, pin_memory: bool = False,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """arange(start=0, end, step=1, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    The values from ``start`` up to, not including, ``end``. All ints give int64, else the default dtype.
    """
    if end is None:
        start, end = 0, _number("arange", "end", 1, start)
    start, end, step = (
        _number("arange", n, i, v)
        for i, (n, v) in enumerate(
            (("start", 0 if start is None else start), ("end", end), ("step", step)), 1
        )
    )
    kind = _kind(
        "arange", dtype, out, dt.int64 if all(isinstance(v, int) for v in (start, end, step)) else None
    )
    _steps_between("arange", start, end, step)
    if kind is dt.int64 and int(step) == 0:
        raise ValueError("step must be nonzero")
    if kind is dt.int64:  # here PyTorch counts with whole numbers; for other types with floats
        start, end, step = int(start), int(end), int(step)
    whole = all(isinstance(v, int) for v in (start, end, step))
    n = len(builtins.range(start, end, step)) if whole else max(0, math.ceil((end - start) / step))
    return _deliver(
        "arange", _progression("arange", start, step, n, kind), out, device, requires_grad, pin_memory
    )


@public
def range(start: Any = 0, end: Any = None, step: Any = 1, *, out: Tensor | None = None, dtype: Any = None,
          layout: Any = None, device: Any = None, pin_memory: bool = False,
          requires_grad: bool = False) -> Tensor:  # fmt: skip
    """range(start=0, end, step=1, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    The values from ``start`` to ``end``, the end included. Kept for old code: use ``arange``.
    """
    if end is None:
        raise TypeError('range() missing 1 required positional arguments: "end"')
    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
    )
    start, end, step = (
        _number("range", n, i, v)
        for i, (n, v) in enumerate((("start", start), ("end", end), ("step", step)), 1)
    )
    _steps_between("range", start, end, step)
    kind = _kind("range", dtype, out, None)
    n = int((end - start) / step) + 1
    return _deliver(
        "range", _progression("range", start, step, n, kind), out, device, requires_grad, pin_memory
    )


def _kind(name: str, dtype: Any, out: Tensor | None, default: dt.dtype | None) -> dt.dtype:
    """The result's type: ``dtype``, that of ``out``, or the default."""
    if dtype is not None and not isinstance(dtype, dt.dtype):
        raise TypeError(f"{name}(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    if out is not None and dtype is not None and dtype is not out.dtype:
        raise RuntimeError(f"dtype {dtype.legacy} does not match dtype of out parameter ({out.dtype.legacy})")
    return dtype or (out.dtype if out is not None else default or dt.get_default_dtype())


def _deliver(name: str, values: Any, out: Tensor | None, device: Any, requires_grad: bool,
             pin_memory: bool) -> Tensor:  # fmt: skip
    result = finish(values, device, requires_grad, name, pin_memory)
    if out is None:
        return result
    from ..core.outputs import store

    return store(name, result, out, exact=False)


def _ends(
    name: str, start: Any, end: Any, steps: Any, dtype: Any, out: Tensor | None
) -> tuple[Any, Any, dt.dtype]:
    for label, v in (("start", start), ("end", end)):
        if isinstance(v, Tensor) and v._a.ndim:
            raise RuntimeError(
                f"{name} only supports 0-dimensional start and end tensors, but got {label} with "
                f"{v._a.ndim} dimension(s)."
            )
    start, end = _number(name, "start", 1, start), _number(name, "end", 2, end)
    if isinstance(steps, bool) or not hasattr(steps, "__index__"):
        raise TypeError(f"{name}(): argument 'steps' (position 3) must be int, not {type(steps).__name__}")
    complex_ends = isinstance(start, complex) or isinstance(end, complex)
    default = dt.get_default_dtype().to_complex() if complex_ends else None
    kind = _kind(name, dtype, out, default)
    if complex_ends and not kind.is_complex:
        inferred = "float" if default is dt.complex64 else "double"
        raise RuntimeError(
            f"torch.{name}(): inferred dtype c10::complex<{inferred}> can't be safely cast to passed dtype "
            f"{kind.legacy}"
        )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return start, end, kind


def _even(name: str, start: Any, end: Any, steps: int, kind: dt.dtype) -> Any:
    """The places from ``start`` to ``end``, each counted from the nearer end so that both are exact."""
    if kind.category == dt.BOOL and steps > 1:
        not_implemented(f"{name}_cpu", kind)
    if kind.category == dt.INTEGRAL:  # the ends lose their fractions before the step is computed
        start, end = int(start), int(end)
        number: Any = float
    elif kind.category == dt.BOOL:
        number = float
    else:
        number = dt.numpy_dtype(kind).type
    places, first, last = np.arange(steps), number(start), number(end)
    step = (last - first) / number(max(steps - 1, 1))
    k = places if number is float else places.astype(dt.numpy_dtype(kind))
    if (
        kind in (dt.float32, dt.float64) and abs(first) + abs(last) < 1e30
    ):  # PyTorch multiplies and adds in one step
        up, down = fma(k, step, first), fma(k[::-1], -step, last)
    else:
        up, down = first + step * k, last - step * k[::-1]
    return np.where((places < steps // 2) | (steps == 1), up, down)


@public
def linspace(start: Any, end: Any, steps: int, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None,
             device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """linspace(start, end, steps, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    ``steps`` evenly spaced values from ``start`` to ``end``, both included; numbers or 0-d tensors.
    """
    start, end, kind = _ends("linspace", start, end, steps, dtype, out)
    values = _even("linspace", start, end, steps, kind).astype(dt.numpy_dtype(kind))
    return _deliver("linspace", values, out, device, requires_grad, pin_memory)


@public
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, out: Tensor | None = None, dtype: Any = None,
             layout: Any = None, device: Any = None, pin_memory: bool = False,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """logspace(start, end, steps, base=10.0, *, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    ``base`` to the power of ``steps`` evenly spaced exponents from ``start`` to ``end``, both included.
    """
    start, end, kind = _ends("logspace", start, end, steps, dtype, out)
    exponents = _even(
        "logspace", start, end, steps, dt.float32 if kind in (dt.float16, dt.bfloat16) else kind
    )
    wide = np.complex128 if kind.is_complex else np.float64
    values = np.power(np.asarray(base, wide), exponents.astype(wide))
    if kind.category == dt.INTEGRAL:
        values = values.astype(np.int64 if kind is dt.int64 else np.int32)  # as a processor converts them
    return _deliver("logspace", values.astype(dt.numpy_dtype(kind)), out, device, requires_grad, pin_memory)
