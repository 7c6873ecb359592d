"""What events show of a call's arguments, and the work in a call by PyTorch's formulas."""

from __future__ import annotations

import math
from typing import Any

from ..core.dtype import from_numpy_dtype
from ..core.lanes import Lanes
from ..core.outputs import C_NAMES

#: How many arguments PyTorch's operator has, where calls here pass fewer or more.
_COUNTS = """
    add_:3 addmm:5 addmv:5 arange:5 baddbmm:5 batch_norm:9 chunk:3 clone:2 contiguous:2 cumprod:3 cumsum:3 div_:2
    embedding:5 empty:6 empty_like:6 expand:3 eye:5 flatten:3 full:6 full_like:7 group_norm:6 layer_norm:6 linspace:7
    log_softmax:3 mse_loss:3 ones:5 ones_like:6 permute:2 rand:5 rand_like:6 randint:7 randn:5 randn_like:6 repeat:2
    rsub:3 select:3 slice:5 softmax:3 sort:3 split:3 std:4 sub_:3 to:5 topk:5 uniform_:4 var:4 view:2 zeros:5
    zeros_like:6 _to_copy:7
"""
COUNTS = {f"aten::{name}": int(n) for name, n in (pair.split(":") for pair in _COUNTS.split())}
#: The same for reductions: over everything, and along a dimension.
REDUCTIONS = {f"aten::{name}": n for name, n in {
    "sum": (2, 4), "mean": (2, 4), "prod": (2, 4), "max": (1, 3), "min": (1, 3), "any": (1, 3), "all": (1, 3),
    "linalg_vector_norm": (5, 5),
}.items()}  # fmt: skip
#: PyTorch's order of the first arguments, where it differs.
_ORDERS = {"aten::embedding": (1, 0), "aten::batch_norm": (0, 3, 4, 1, 2)}


def arranged(name: str, args: tuple) -> tuple:
    """A call's arguments in the order and number of PyTorch's operator. No tensor is left out."""
    order = _ORDERS.get(name)
    if order is not None and len(args) >= len(order):
        args = tuple(args[k] for k in order) + args[len(order) :]
    count = COUNTS.get(name)
    if name in REDUCTIONS:
        count = REDUCTIONS[name][
            any(a is not None and not isinstance(a, Seen) and a is not False for a in args[1:2])
        ]
    if count is None:
        return args
    while len(args) > count and not isinstance(args[-1], Seen):
        args = args[:-1]
    return args + (None,) * (count - len(args))


class Seen:
    """What is kept of a tensor or array: nothing that holds on to its memory."""

    __slots__ = ("dtype", "shape", "strides")

    def __init__(self, a: Any) -> None:
        self.shape, self.strides, self.dtype = a.shape, a.strides, a.dtype


def seen(args: tuple) -> tuple:
    """A call's arguments to be looked at later: tensors as ``Seen``, plain values as they are, all else as None."""
    return tuple([_seen(v) for v in args])


def _seen(value: Any) -> Any:
    kind = value.__class__
    if kind is int or kind is float or kind is bool or kind is str or value is None:
        return value
    if kind is list or kind is tuple:
        return [_seen(v) for v in value]
    a = value if kind is Lanes else getattr(value, "_a", value)  # vmap must not take a look for a use
    return Seen(a) if hasattr(a, "strides") and hasattr(a, "dtype") else None


class Shown:
    """A call's arguments as events show them, from what was kept."""

    def __init__(self, name: str, kept: tuple) -> None:
        args = arranged(name, kept)
        self.shapes = [shape_of(a) for a in args]
        self.nested = [nested_shape_of(a) for a in args]
        self.strides = [strides_of(a) for a in args]
        self.types = [type_of(a) for a in args]
        self.values = [concrete(a) for a in args]


def shape_of(value: Any) -> list:
    """The shape of a tensor or array as a list; empty for whatever else."""
    return list(value.shape) if isinstance(value, Seen) else []


def nested_shape_of(value: Any) -> list:
    """The same, but of a list of tensors the shape of each."""
    if isinstance(value, list) and value and all(isinstance(v, Seen) for v in value):
        return [shape_of(v) for v in value]
    return shape_of(value)


def strides_of(value: Any) -> list:
    """Strides in elements, in the form of ``nested_shape_of``."""
    if isinstance(value, list) and value and all(isinstance(v, Seen) for v in value):
        return [strides_of(v) for v in value]
    return [s // value.dtype.itemsize for s in value.strides] if isinstance(value, Seen) else []


def concrete(value: Any) -> Any:
    """A number, text or list of numbers as it is; None for tensors and objects."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list) and all(isinstance(v, (bool, int, float)) for v in value):
        return value
    return None


def type_of(value: Any) -> str:
    """What an argument is, in the words of PyTorch's traces: ``float``, ``Scalar``, ``ScalarList``, ``TensorList``."""
    if isinstance(value, Seen):
        return C_NAMES.get(str(value.dtype)) or str(from_numpy_dtype(value.dtype)).removeprefix("torch.")
    if isinstance(value, (bool, int, float)):
        return "Scalar"
    if isinstance(value, list) and value:
        return "TensorList" if isinstance(value[0], Seen) else "ScalarList"
    return ""


# ---------------------------------------------------------------------- work
def flops_of(name: str, shapes: list, values: list) -> int:
    """Floating-point operations of a call, by PyTorch's formulas; 0 where it has none.

    Products count multiplications and additions; ``add`` and ``mul`` count the elements of their first argument.
    Source: https://pytorch.org/docs/stable/profiler.html (``with_flops``)
    """
    try:
        if name in ("aten::mul", "aten::add"):
            return math.prod(shapes[0])
        if name in ("aten::mm", "aten::bmm"):
            return _product(shapes[0], shapes[1])
        if name in ("aten::addmm", "aten::baddbmm"):
            return _product(shapes[1], shapes[2])
        if name == "aten::conv2d" and len(shapes[0]) == 4:
            return _conv2d(shapes[0], shapes[1], *values[3:7])
    except (ArithmeticError, LookupError, TypeError, ValueError):
        pass  # a call that the operator itself refused
    return 0


def _product(a: list, b: list) -> int:
    return 2 * math.prod(a) * b[-1] if len(a) >= 2 and len(b) >= 2 else 0


def _conv2d(x: list, w: list, stride: Any, padding: Any, dilation: Any, groups: int) -> int:
    def pair(v: Any) -> tuple:
        return (v, v) if isinstance(v, int) else tuple(v) * (2 // len(v))

    if isinstance(padding, str):
        return 0
    out = 1
    for n, k, s, p, d in zip(x[2:], w[2:], pair(stride), pair(padding), pair(dilation), strict=True):
        out *= (n + 2 * p - d * (k - 1) - 1) // s + 1
    return 2 * x[0] * w[0] * x[1] * w[2] * w[3] * out // groups
