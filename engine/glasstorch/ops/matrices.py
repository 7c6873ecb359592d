"""What all of linear algebra's ops share: checks of their matrices, transposes, errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.refusals import noted


class LinAlgError(RuntimeError):
    """A matrix has no inverse or no such factorisation. PyTorch's ``torch.linalg.LinAlgError``."""


def matrices(name: str, a: Any, kernel: str = "") -> None:
    """RuntimeError unless ``a`` is a batch of matrices of float32, float64 or complex numbers.

    Half precision is refused in the words of PyTorch's ``kernel``, where one is named.
    """
    _dimensions(name, a)
    element_type(name, a, kernel)


def _dimensions(name: str, a: Any) -> None:
    if a.ndim < 2:
        raise noted(
            RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions."),
            f"It has {a.ndim}: matrices are the last two dimensions.",
        )


def sizes(name: str, a: Any) -> None:
    """RuntimeError unless ``a`` is a batch of square matrices, of any type."""
    _dimensions(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {a.shape[-2]} by {a.shape[-1]} matrices"
        )


def element_type(name: str, a: Any, kernel: str = "", whole: bool = False) -> None:
    """RuntimeError for integers, and for half precision; with ``whole`` both in the kernel's words."""
    d = dt.from_numpy_dtype(a.dtype)
    low = d in (dt.float16, dt.bfloat16)
    if d.category >= dt.FLOATING and not low:
        return
    if kernel and (low or whole):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{d.legacy}'")
    words = (
        "Low precision dtypes not supported."
        if low
        else "Expected a floating point or complex tensor as input."
    )
    raise noted(RuntimeError(f"{name}: {words} Got {d.legacy}"), "Convert it first: .float()")


def square(name: str, a: Any, kernel: str = "") -> None:
    """RuntimeError unless ``a`` is a batch of square matrices; the rest as in ``matrices``."""
    sizes(name, a)
    element_type(name, a, kernel)


def same_type(name: str, a: Any, b: Any, first: str = "A", second: str = "B") -> None:
    """RuntimeError unless two arrays have one element type."""
    if a.dtype != b.dtype:
        kinds = [dt.from_numpy_dtype(x.dtype).legacy for x in (a, b)]
        raise RuntimeError(
            f"{name}: Expected {first} and {second} to have the same dtype, but found {first} of type {kinds[0]} "
            f"and {second} of type {kinds[1]} instead"
        )


def same_batch(xp: Any, a: Any, b: Any) -> None:
    """RuntimeError unless the batch dimensions broadcast."""
    one, two = a.shape[:-2], b.shape[:-2]
    for k in range(1, min(len(one), len(two)) + 1):
        if one[-k] != two[-k] and 1 not in (one[-k], two[-k]):
            d = max(len(one), len(two)) - k
            raise RuntimeError(
                f"The size of tensor a ({two[-k]}) must match the size of tensor b ({one[-k]}) "
                f"at non-singleton dimension {d}"
            )


def attempt(xp: Any, fn: Any, *arrays: Any) -> Any:
    """What a function of ``xp.linalg`` gives; None when a matrix was singular, which CuPy shows by inf and nan only."""
    try:
        out = fn(*arrays)
    except np.linalg.LinAlgError:
        return None
    return out if xp is np or bool(xp.isfinite(out).all()) else None


def first_failure(xp: Any, info: Any) -> tuple[str, int] | None:
    """Which matrix of a batch failed first, in words, and its ``info``; None when all went well."""
    numbers = [int(v) for v in xp.ravel(info)]
    at = next((k for k, v in enumerate(numbers) if v), None)
    if at is None:
        return None
    return (f"(Batch element {at}): " if info.ndim else ""), numbers[at]


def T(F: Any, x: Any) -> Any:
    """The transpose of the last two dimensions."""
    return F.transpose(x, -2, -1)


def H(F: Any, x: Any) -> Any:
    """The conjugate transpose of the last two dimensions."""
    return F.conj(F.transpose(x, -2, -1))


def array_of(x: Any) -> Any:
    """The array of a tensor; an array is its own."""
    return getattr(x, "_a", x)


def is_complex(x: Any) -> bool:
    """Has an array, or a tensor, complex elements?"""
    return array_of(x).dtype.kind == "c"


def as_type(F: Any, x: Any, like: Any) -> Any:
    """``x`` with the element type of ``like``."""
    to = array_of(like).dtype
    return x if array_of(x).dtype == to else F.cast_like(x, to)


def eye_like(F: Any, x: Any, n: int) -> Any:
    """The identity of ``n`` rows beside ``x``, real."""
    from .. import backends

    a = array_of(x)
    return F.constant(backends.namespace(a).eye(n, dtype=a.real.dtype), x)


def gauge(name: str, diagonal: Any, words: str, verdict: str = "quantity, so it is ill-defined") -> None:
    """RuntimeError when a loss depends on the free phase of complex vectors: its gradient does not exist.

    ``diagonal`` holds the derivatives for the phases, as imaginary parts.
    """
    a = array_of(diagonal)
    if a.dtype.kind == "c" and bool((abs(a.imag) > 1e-2).any()):
        raise RuntimeError(
            f"{name}: The {words} in the complex case are specified up to multiplication by e^{{i phi}}. "
            f"The specified loss function depends on this {verdict}."
        )
