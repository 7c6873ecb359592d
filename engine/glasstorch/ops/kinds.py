"""Which element types an operation takes, with PyTorch's words for those it does not."""

from __future__ import annotations

import math
from typing import Any

from ..core import dtype as dt
from ..core.refusals import not_implemented


def supports(
    kind: dt.dtype | Any, kernel: str, *, half: bool = True, complex: bool = True, integer: bool = True,
    boolean: bool = True,
) -> None:  # fmt: skip
    """NotImplementedError when an element type (or that of an array) is of a group that the kernel does not take."""
    d = kind if isinstance(kind, dt.dtype) else dt.from_numpy_dtype(kind.dtype)
    if (
        (not half and d in dt.HALVES)
        or (not complex and d.is_complex)
        or (not integer and d.category == dt.INTEGRAL)
        or (not boolean and d.category == dt.BOOL)
    ):
        not_implemented(kernel, d)


def in_rows(xp: Any, a: Any) -> Any:
    """The array stored row by row, as PyTorch stores what a reduction gives; NumPy keeps the order of the input."""
    return a if a.ndim < 2 or a.flags.c_contiguous else xp.ascontiguousarray(a)


#: How PyTorch's C++ messages call the types.
_C_NAMES = {"float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
            "complex64": "c10::complex<float>", "complex128": "c10::complex<double>", "int32": "int", "bool": "bool",
            "int64": "int64_t", "int16": "int16_t", "int8": "int8_t", "uint8": "uint8_t"}  # fmt: skip


def filling(value: Any, kind: dt.dtype) -> Any:
    """``fitting`` for whole tensors: there half precision takes numbers that are too large as infinite."""
    return value if kind in dt.HALVES and isinstance(value, float) else fitting(value, kind)


def fitting(value: Any, kind: dt.dtype) -> Any:
    """A number that an element of this type can hold; RuntimeError otherwise.

    PyTorch lets negative numbers wrap around in unsigned types, and infinities and nan become any floating type.
    """
    name = kind.name
    if isinstance(value, complex) and not kind.is_complex and kind.category != dt.BOOL:
        fits = value.imag == 0
        value = value.real
    elif kind.category == dt.BOOL:
        return bool(value)
    elif kind.is_complex:
        fits = True
    elif kind.category == dt.INTEGRAL:
        low, high = int(dt.iinfo(kind).min), int(dt.iinfo(kind).max)
        finite = isinstance(value, int) or math.isfinite(value)
        fits = finite and (low or -high) <= int(value) <= high
        value = int(value) % (high + 1) if fits and not low else int(value) if fits else value
    else:
        fits = isinstance(value, bool) or not math.isfinite(value) or abs(value) <= dt.finfo(kind).max
    if not fits:
        raise RuntimeError(f"value cannot be converted to type {_C_NAMES.get(name, name)} without overflow")
    return value
