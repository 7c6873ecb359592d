"""Which element types an operation takes, with PyTorch's words for those it does not."""

from __future__ import annotations

from typing import Any, NoReturn

from ..core import dtype as dt

_HALVES = (dt.float16, dt.bfloat16)


def not_implemented(kernel: str, kind: dt.dtype) -> NoReturn:
    """NotImplementedError as PyTorch's CPU kernels word it."""
    raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind.legacy}'")


def supports(
    kind: dt.dtype | Any, kernel: str, *, half: bool = True, complex: bool = True, integer: bool = True,
    boolean: bool = True,
) -> None:  # fmt: skip
    """NotImplementedError when an element type (or that of an array) is of a group that the kernel does not take."""
    d = kind if isinstance(kind, dt.dtype) else dt.from_numpy_dtype(kind.dtype)
    if (
        (not half and d in _HALVES)
        or (not complex and d.is_complex)
        or (not integer and d.category == dt.INTEGRAL)
        or (not boolean and d.category == dt.BOOL)
    ):
        not_implemented(kernel, d)
