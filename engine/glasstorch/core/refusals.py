"""PyTorch's words for wrong arguments. What to do about it stands in a note under the message (``add_note``)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from .dtype import bfloat16, dtype, float16, from_numpy_dtype
from .op import Op
from .tensor import Tensor

#: Ops whose numbers PyTorch takes as 0-d tensors: they have one form only.
_ONE_FORM = {"add", "sub", "mul", "true_divide", "floor_divide", "div_rounded"}
_HEAP_TYPE = 1 << 9  # CPython's flag of a class made by a ``class`` statement


def type_name(value: Any) -> str:
    """A type as PyTorch names it: with its module when it is a C type of a library (``numpy.ndarray``)."""
    t = type(value)
    bare = t.__flags__ & _HEAP_TYPE or t.__module__ == "builtins" or isinstance(value, Tensor)
    return t.__name__ if bare else f"{t.__module__}.{t.__name__}"


def noted(error: Exception, note: str) -> Exception:
    """The error with a line on what to do."""
    error.add_note(note)
    return error


def need_tensor(name: str, argument: str, position: int, value: Any) -> None:
    """TypeError when an argument of a function that is no single op is no tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(value)}"
        )


def same_device(function: str, **tensors: Any) -> None:
    """RuntimeError where tensors (None counts not) lie on several devices: by name, who is where."""
    given = {name: t for name, t in tensors.items() if isinstance(t, Tensor)}
    if all(t._a.__class__ is np.ndarray for t in given.values()):
        return
    places = {name: str(t.device) for name, t in given.items()}
    if len(set(places.values())) > 1:
        first, second = sorted(set(places.values()), reverse=True)[:2]
        where = ", ".join(f"'{name}' is on {place}" for name, place in places.items())
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}! "
            f"In {function}(): {where}. Move them together with .to(device)."
        )


def wrong_type(op: Op, i: int, value: Any, expected: str, args: tuple = ()) -> NoReturn:
    """TypeError for an argument that is no tensor; for ops that also take numbers, with the forms they have."""
    if args and len(op.tensor_params) > 1 and op.numbers and op.name not in _ONE_FORM:
        error = TypeError(_combinations(op, args))
    else:
        error = TypeError(
            f"{op.label}(): argument '{op.params[i].name}' (position {i + 1}) must be {expected}, "
            f"not {type_name(value)}"
        )
    if isinstance(value, (np.ndarray, list, tuple)):
        error.add_note("Wrap it first: tensor(...).")
    raise error


def _combinations(op: Op, args: tuple) -> str:
    got = ", ".join(type_name(args[i]) for i in op.tensor_params)
    names = [op.params[i].name for i in op.tensor_params]
    forms = [dict.fromkeys(names, "Tensor")]
    forms += [{n: "Number" if n == number else "Tensor" for n in names} for number in op.numbers]
    lines = (
        ", ".join(f"{kind} {'self' if kind == 'Number' and n == 'input' else n}" for n, kind in form.items())
        for form in forms
    )
    return (
        f"{op.name}() received an invalid combination of arguments - got ({got}), but expected one of:\n"
        + "".join(f" * ({line}, *, Tensor out = None)\n" for line in lines)
    )


def not_implemented(kernel: str, kind: dtype) -> NoReturn:
    """NotImplementedError as PyTorch's CPU kernels word it."""
    raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind.legacy}'")


def check_kinds(op: Op, arrays: list) -> None:
    """NotImplementedError when the operands have a type that PyTorch's kernel of the op does not take.

    ``op.unsupported`` names the kernel and the kinds: b(ool), i(nteger), f(loating), h(alf precision), c(omplex).
    Instead of the kernel there may be PyTorch's own sentence, and after the kinds the class of its error.
    """
    assert op.unsupported is not None
    kernel, kinds, *error = op.unsupported
    array = next(arrays[i] for i in op.tensor_params if hasattr(arrays[i], "dtype"))
    d = from_numpy_dtype(array.dtype)
    if "bifc"[d.category] in kinds or ("h" in kinds and d in (float16, bfloat16)):
        if " " not in kernel:
            not_implemented(kernel, d)
        raise (error[0] if error else NotImplementedError)(kernel)


#: The element-wise ops that complex32 has; PyTorch's CPU kernels have few more.
_COMPLEX_HALF = {
    "abs",
    "add",
    "eq",
    "masked_fill",
    "mul",
    "ne",
    "neg",
    "reciprocal",
    "rsub",
    "sub",
    "true_divide",
    "where",
}


def check_complex_half(op: Op, args: tuple) -> None:
    """NotImplementedError for element-wise ops that have no complex32 form."""
    divided = op.name == "true_divide" and isinstance(
        args[0], Tensor
    )  # a number may be, by way of the reciprocal
    if divided or op.name not in _COMPLEX_HALF:
        raise noted(
            NotImplementedError(f"\"{'div' if divided else op.name}_cpu\" not implemented for 'ComplexHalf'"),
            "Compute in complex64: x.to(complex64).",
        )


def list_of_tensors(op: Op, i: int, value: Any) -> Any:
    """The value itself when it is a list of tensors, else TypeError."""
    if not isinstance(value, (list, tuple)):
        wrong_type(op, i, value, "tuple of Tensors")
    for k, t in enumerate(value):
        if not isinstance(t, Tensor):
            raise noted(
                TypeError(f"expected Tensor as element {k} in argument {i}, but got {type_name(t)}"),
                f"{op.name}() joins tensors only: wrap numbers and arrays with tensor(...).",
            )
    return value


def explain_shapes(op: Op, flat: list, error: ValueError) -> NoReturn:
    """Turn an array library's shape error into PyTorch's, which names the dimension."""
    shapes = [t._a.shape for t in flat if t is not None]
    if op.types is not None and len(shapes) > 1:
        a, b = shapes[0], shapes[1]
        for k in range(1, min(len(a), len(b)) + 1):
            if a[-k] != b[-k] and 1 not in (a[-k], b[-k]):
                d = max(len(a), len(b)) - k
                raise noted(
                    RuntimeError(
                        f"The size of tensor a ({a[-k]}) must match the size of tensor b ({b[-k]}) at non-singleton "
                        f"dimension {d}"
                    ),
                    f"{op.name}() got shapes {list(a)} and {list(b)}: lengths must agree or be 1, counted from the "
                    "last dimension.",
                ) from None
    raise RuntimeError(f"{op.name}(): {error} (shapes {[list(s) for s in shapes]})") from error


def takes_tensors(name: str = "", *, first: str = "") -> Callable:
    """Decorator: TypeError when a parameter annotated ``Tensor`` of an ordinary function gets something else.

    ``name`` is what the message calls the function, ``first`` what it calls its first parameter.
    """

    def decorate(fn: Callable) -> Callable:
        title = name or fn.__name__
        parameters = inspect.signature(fn).parameters.values()
        wanted = [(i, p.name) for i, p in enumerate(parameters) if p.annotation in ("Tensor", Tensor)]

        @functools.wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            for i, own in wanted:
                value = args[i] if i < len(args) else kwargs.get(own, wanted)
                if not isinstance(value, Tensor) and value is not wanted:  # (nothing was given)
                    says = first if first and not i else own
                    raise TypeError(
                        f"{title}(): argument '{says}' (position {i + 1}) must be Tensor, not {type_name(value)}"
                    )
            return fn(*args, **kwargs)

        return call

    return decorate
