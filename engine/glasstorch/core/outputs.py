"""The ``out=`` form: results written into tensors that the caller brings."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from .. import backends
from . import dtype as dt
from .mode import THREAD
from .tensor import Tensor

C_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int",
    "int64": "long int", "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


def check_cast(source: dt.dtype, target: dt.dtype) -> None:
    """RuntimeError when storing ``source`` values in ``target`` would lose their kind (float into int)."""
    if source.category > target.category:
        raise RuntimeError(
            f"result type {source.legacy} can't be cast to the desired output type {target.legacy}"
        )


def store(name: str, result: Tensor, out: Any, exact: bool = False) -> Tensor:
    """Write ``result`` into ``out``, which gets its shape; RuntimeError for gradients and lossy types.

    ``exact``: the types must be the same, as PyTorch asks for matrix products and linear algebra.
    """
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if (result._rg or out._rg) and THREAD.grad:
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad."
        )
    if exact and result.dtype is not out.dtype:
        raise RuntimeError(
            f"Expected out tensor to have dtype {C_NAMES.get(result.dtype.name, result.dtype.name)}, "
            f"but got {C_NAMES.get(out.dtype.name, out.dtype.name)} instead"
        )
    check_cast(result.dtype, out.dtype)
    shape = result._a.shape
    if out._a.shape != shape:
        if out._a.size:
            warnings.warn(
                f"An output with one or more elements was resized since it had shape {list(out._a.shape)}, which does "
                f"not match the required output shape {list(shape)}. This behavior is deprecated, and in a future "
                "PyTorch release outputs will not be resized unless they have zero elements. You can explicitly "
                "reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
                UserWarning,
                stacklevel=3,
            )
        out._a = backends.namespace(out._a).empty(shape, out._a.dtype)
    out._a[...] = result._a
    out._v[0] += 1
    return out


def with_out(name: str = "", *, exact: bool = True) -> Callable:
    """Decorator: give a function that returns a tensor, or a named tuple of them, the keyword ``out``.

    ``name`` is what PyTorch's messages call it; ``exact`` as in ``store``.
    """

    def decorate(fn: Callable) -> Callable:
        title = name or fn.__name__

        @functools.wraps(fn)
        def form(*args: Any, out: Any = None, **kwargs: Any) -> Any:
            if out is None:
                return fn(*args, **kwargs)
            result = fn(*args, **kwargs)
            if isinstance(result, Tensor):
                return store(title, result, out, exact)
            if not isinstance(out, (tuple, list)):
                raise TypeError(
                    f"{title}(): argument 'out' must be tuple of Tensors, not {type(out).__name__}"
                )
            if len(out) != len(result):
                raise TypeError(f"expected tuple of {len(result)} elements but got {len(out)}")
            return type(result)(*(store(title, r, o, exact) for r, o in zip(result, out, strict=True)))

        signature = inspect.signature(fn)
        extra = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)
        rest = [p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD]
        named = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        form.__signature__ = signature.replace(parameters=[*named, extra, *rest])  # type: ignore[attr-defined]
        return form

    return decorate
