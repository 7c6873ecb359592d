"""The ``out=`` form of every function: results written into tensors that the caller brings.

PyTorch resizes ``out`` (with a warning when that throws elements away), refuses gradients, and has rules about the
type of ``out`` that differ by family: some cast, some refuse a cast that loses the kind of number, some want the
result's own type. The tables below hold what it does, name by name.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable
from typing import Any

from .. import backends
from . import dtype as dt
from .frames import warn
from .mode import THREAD
from .refusals import same_device
from .tensor import Tensor

#: Functions that compute in the type of ``out``, whatever it is.
TAKES_ANY = {"sum", "prod", "nansum", "cumsum", "cumprod", "eq", "ne", "lt", "le", "gt", "ge", "greater", "less",
             "greater_equal", "less_equal", "not_equal", "logical_and", "logical_or", "logical_xor", "logical_not",
             "isposinf", "isneginf", "signbit"}  # fmt: skip

#: Functions not made of one element-by-element kernel that still cast the result within its kind of number.
CASTS = {"mean", "addr", "nanmean", "std", "var", "outer", "ger", "kron", "diff", "square", "ldexp", "logsumexp",
         "narrow_copy", "block_diag", "copy", "range", "logspace", "arange", "linspace", "stack", "cat", "concat",
         "concatenate", "hstack", "vstack", "row_stack", "dstack", "column_stack", "polygamma",
         "mvlgamma", "lerp"}  # fmt: skip

JOINS = {"cat", "concat", "concatenate", "stack", "hstack", "vstack", "row_stack", "dstack", "column_stack"}

#: Refusals in the words of their family; the others say "Expected out tensor to have dtype ..., but got ... instead".
_WORDS = {
    "Found dtype {got} but expected {want}":
        {"ceil", "floor", "trunc", "fix", "frac", "round", "clamp_min", "clamp_max", "conj_physical", "sgn", "sign",
         "maximum", "minimum"},
    "{name}(): self and result must have the same scalar type": {"index_select", "masked_select"},
    "{name}(): self and out expected to have the same dtype, but got self.dtype = {want} and out.dtype = {got}":
        {"take"},
    "{name} only supports bool tensor for result, got: {got}": {"all", "any"},
    "result dtype {got} does not match input dtype {want}": {"dot", "vdot"},
    "Expected the dtype for input and out to match, but got {want} for input's dtype and {got} for out's dtype.":
        {"amax", "amin"},
    "Expected out type to be {want} but got {got}": {"where"},
    "quantile() out tensor must be same dtype as the input tensor": {"quantile", "nanquantile"},
    "expected scalar_type {want} but found {got}": {"logcumsumexp"},
    "Expected object of scalar type {want} but got scalar type {got} for argument 'out'": {"polar", "complex"},
    "tensordot: Expected the output tensor to have dtype {want}, but got an output tensor with dtype {got}":
        {"tensordot", "inner"},
    "nonzero: Expected out tensor to have scalar type Long but got scalar type{got}": {"nonzero"},
    "multinomial expects Long tensor out, got: {got}": {"multinomial"},
    "the output given to float_power has dtype {got} but the operation's result requires dtype {want}": {"float_power"},
}  # fmt: skip
REFUSAL = {name: words for words, names in _WORDS.items() for name in names}

#: Functions that read their input while they write: ``out`` may not be the input itself.
READS_LATE = {"gather", "take", "take_along_dim", "masked_select", "index_select", "cat", "concat", "concatenate",
              "kthvalue", "sort", "topk", "cumsum", "mode", "searchsorted", "bucketize"}  # fmt: skip

C_NAMES = {
    "float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
    "int64": "long int", "int32": "int", "int16": "short int", "int8": "signed char", "uint8": "unsigned char",
    "bool": "bool", "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


def store(name: str, result: Any, out: Any, exact: bool = False, inputs: Iterable[Any] = ()) -> Any:
    """Write ``result`` (a tensor, or a tuple of them) into ``out``, which gets its shape, and return ``out``.

    RuntimeError for gradients, for lossy types and for memory that an input shares. ``exact``: the types must be the
    same, as PyTorch asks for matrix products and linear algebra.
    """
    if isinstance(result, tuple):
        return _store_several(name, result, out, exact, tuple(inputs))
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if (result._rg or out._rg) and THREAD.grad:
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad."
        )
    same_device(name, result=result, out=out)
    _check_type(name, result.dtype, out.dtype, exact)
    check_single_places(out)
    for t in inputs:
        if isinstance(t, Tensor):
            check_overlap(out, t, same_is_fine=name not in READS_LATE)
    if out._a.shape != result._a.shape:
        resize(out, result._a.shape)
    out._a[...] = result._a
    out._v[0] += 1
    return out


def _store_several(name: str, result: tuple, out: Any, exact: bool, inputs: tuple) -> Any:
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"{name}(): argument 'out' must be tuple of Tensors, not {type(out).__name__}")
    if len(out) != len(result):
        raise TypeError(f"expected tuple of {len(result)} elements but got {len(out)}")
    stored = (store(name, r, o, exact, inputs) for r, o in zip(result, out, strict=True))
    return type(result)(*stored) if hasattr(result, "_fields") else tuple(stored)


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
            if title in TAKES_ANY and isinstance(out, Tensor) and "dtype" in signature.parameters:
                kwargs.setdefault("dtype", out.dtype)  # they compute in the type of the output
            given = [
                t for a in (*args, *kwargs.values()) for t in (a if isinstance(a, (list, tuple)) else (a,))
            ]
            return store(title, fn(*args, **kwargs), out, exact, given)

        signature = inspect.signature(fn)
        extra = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)
        rest = [p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD]
        named = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        form.__signature__ = signature.replace(parameters=[*named, extra, *rest])  # type: ignore[attr-defined]
        return form

    return decorate


def resize(out: Tensor, shape: tuple) -> None:
    """Give ``out`` the result's shape. PyTorch warns when elements that it held are dropped."""
    if out._a.size:
        warn(
            f"An output with one or more elements was resized since it had shape {list(out._a.shape)}, which does not "
            f"match the required output shape {list(shape)}. This behavior is deprecated, and in a future PyTorch "
            "release outputs will not be resized unless they have zero elements. You can explicitly reuse an out "
            "tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
        )
    n = math.prod(shape)
    fits = n <= out._a.size and out._a.flags.c_contiguous
    out._a = (out._a.reshape(-1)[:n] if fits else backends.namespace(out._a).empty(n, out._a.dtype)).reshape(
        shape
    )


def _check_type(name: str, made: dt.dtype, given: dt.dtype, exact: bool) -> None:
    if made is given or name in TAKES_ANY:
        return
    words = REFUSAL.get(name)
    if name in JOINS and made.category > given.category:
        raise TypeError(f"torch.cat(): input types can't be cast to the desired output type {given.legacy}")
    if words is None and (not exact or name in CASTS):
        return check_cast(made, given)
    words = words or "Expected out tensor to have dtype {c_want}, but got {c_got} instead"
    raise RuntimeError(
        words.format(name=name, want=made.legacy, got=given.legacy, c_want=C_NAMES.get(made.name, made.name),
                     c_got=C_NAMES.get(given.name, given.name))
    )  # fmt: skip


def check_cast(source: dt.dtype, target: dt.dtype) -> None:
    """RuntimeError when storing ``source`` values in ``target`` would lose their kind (float into int)."""
    if source.category > target.category:
        raise RuntimeError(
            f"result type {source.legacy} can't be cast to the desired output type {target.legacy}"
        )


def check_single_places(t: Tensor) -> None:
    """RuntimeError when two elements of ``t`` lie at one place, as after ``expand``: a write would be ambiguous."""
    a = t._a
    if 0 in a.strides and a.size and any(s == 0 and n > 1 for s, n in zip(a.strides, a.shape, strict=True)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )


def check_overlap(written: Tensor, read: Tensor, same_is_fine: bool = True) -> None:
    """RuntimeError when ``written`` shares part of its memory with an input that is read meanwhile."""
    a, b = written._a, read._a
    if a.__class__ is not b.__class__ or not (a.size and b.size):
        return
    start_a, start_b = written.data_ptr(), read.data_ptr()
    dense = all(x.flags.c_contiguous or x.flags.f_contiguous for x in (a, b))
    if not dense or start_a >= start_b + b.nbytes or start_b >= start_a + a.nbytes:
        return
    if same_is_fine and start_a == start_b and a.nbytes == b.nbytes and a.strides == b.strides:
        return
    raise RuntimeError(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
        "location. Please clone() the tensor before performing the operation."
    )
