"""Element by element, sums and norms, as operators of ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .operators import TRANSLATIONS, dims_of, translates

if TYPE_CHECKING:
    from .export import Writer

for _name, _operator in {
    "acos": "Acos", "acosh": "Acosh", "asin": "Asin", "asinh": "Asinh", "atan": "Atan", "atanh": "Atanh",
    "cosh": "Cosh", "sinh": "Sinh", "tan": "Tan", "isinf": "IsInf",
}.items():  # fmt: skip
    TRANSLATIONS[_name] = lambda w, input, *, operator=_operator: w.node(operator, input)

_BITS = {
    "bitwise_and": ("And", "BitwiseAnd"),
    "bitwise_or": ("Or", "BitwiseOr"),
    "bitwise_xor": ("Xor", "BitwiseXor"),
}
for _name, _pair in _BITS.items():
    TRANSLATIONS[_name] = lambda w, input, other, *, pair=_pair: w.node(
        pair[not _is_bool(w, input, other)], *w.alike(input, other)
    )


def _is_bool(w: Writer, *values: Any) -> bool:
    return any(isinstance(v, str) and w.dtype(v).kind == "b" for v in values)


def _formula(name: str, write: Callable[..., str]) -> None:
    TRANSLATIONS[name] = write


def _op(w: Writer, operator: str, *values: Any) -> str:
    return w.node(operator, *w.alike(*values))


_formula("log1p", lambda w, input: w.node("Log", _op(w, "Add", input, 1)))
_formula("expm1", lambda w, input: _op(w, "Sub", w.node("Exp", input), 1))
_formula("exp2", lambda w, input: w.node("Exp", _op(w, "Mul", input, math.log(2))))
_formula("log2", lambda w, input: _op(w, "Div", w.node("Log", input), math.log(2)))
_formula("log10", lambda w, input: _op(w, "Div", w.node("Log", input), math.log(10)))
_formula("erfc", lambda w, input: _op(w, "Sub", 1, w.node("Erf", input)))
_formula("trunc", lambda w, input: _towards_zero(w, input))
_formula("frac", lambda w, input: w.node("Sub", input, _towards_zero(w, input)))
_formula("rad2deg", lambda w, input: _op(w, "Mul", input, 180 / math.pi))
_formula("deg2rad", lambda w, input: _op(w, "Mul", input, math.pi / 180))
_formula("sgn", lambda w, input: w.node("Sign", input))
_formula(
    "hypot", lambda w, input, other: w.node("Sqrt", w.node("Add", _squared(w, input), _squared(w, other)))
)
_formula("addcmul", lambda w, input, tensor1, tensor2, value=1: _op(
    w, "Add", input, _op(w, "Mul", w.node("Mul", tensor1, tensor2), value)))  # fmt: skip
_formula("addcdiv", lambda w, input, tensor1, tensor2, value=1: _op(
    w, "Add", input, _op(w, "Mul", w.node("Div", tensor1, tensor2), value)))  # fmt: skip
_formula("lerp", lambda w, input, end, weight: w.node(
    "Add", input, _op(w, "Mul", w.node("Sub", end, input), weight)))  # fmt: skip
_formula("logical_xor", lambda w, input, other: _op(w, "Xor", input, other))
_formula("ne", lambda w, input, other: w.node("Not", _op(w, "Equal", input, other)))
_formula("logit", lambda w, input, eps=None: _logit(w, input, eps))
_formula("isposinf", lambda w, input: w.node("IsInf", input, detect_negative=0))
_formula("isneginf", lambda w, input: w.node("IsInf", input, detect_positive=0))
_formula("t", lambda w, input: w.node("Transpose", input))
_formula("fmod", lambda w, input, other: w.node("Mod", *w.alike(input, other), fmod=1))


def _logit(w: Writer, input: str, eps: Any) -> str:
    p = input if eps is None else _op(w, "Min", _op(w, "Max", input, eps), 1 - eps)
    return w.node("Log", w.node("Div", p, _op(w, "Sub", 1, p)))


def _squared(w: Writer, input: str) -> str:
    return w.node("Mul", input, input)


def _towards_zero(w: Writer, input: str) -> str:
    return w.node("Mul", w.node("Sign", input), w.node("Floor", w.node("Abs", input)))


@translates("bitwise_not")
def bitwise_not(w: Writer, input: Any) -> str:
    return w.node("Not" if _is_bool(w, input) else "BitwiseNot", input)


@translates("floor_divide")
def floor_divide(w: Writer, input: Any, other: Any) -> str:
    """``Div`` of integers rounds towards zero; one less where there is a remainder and the signs differ."""
    a, b = w.alike(input, other)
    if w.kind.kind == "f":
        return w.node("Floor", w.node("Div", a, b))
    return w.node("Div", w.node("Sub", a, w.node("Mod", a, b)), b)


@translates("remainder")
def remainder(w: Writer, input: Any, other: Any) -> str:
    """The sign is the divisor's, as that of ``Mod`` for integers."""
    a, b = w.alike(input, other)
    if w.kind.kind != "f":
        return w.node("Mod", a, b)
    return w.node("Sub", a, w.node("Mul", b, w.node("Floor", w.node("Div", a, b))))


@translates("isfinite")
def isfinite(w: Writer, input: Any) -> str:
    return w.node("Not", w.node("Or", w.node("IsInf", input), w.node("IsNaN", input)))


@translates("clamp")
def clamp(w: Writer, input: Any, low: Any = None, high: Any = None) -> str:
    """Limits may be numbers or tensors."""
    out = input
    for limit, operator in ((low, "Max"), (high, "Min")):
        if limit is not None:
            out = _op(w, operator, out, limit)
    return w.node("Identity", input) if out is input else out


@translates("elu")
def elu(w: Writer, input: Any, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> str:
    """Also SELU (``scale``) and CELU (``input_scale``), which are ELU with scales."""
    if scale == input_scale == 1.0:
        return w.node("Elu", input, alpha=float(alpha))
    small = _op(w, "Min", _op(w, "Mul", input, input_scale), 0)
    below = _op(w, "Mul", _op(w, "Sub", w.node("Exp", small), 1), alpha)
    return _op(w, "Mul", w.node("Add", w.node("Relu", input), below), scale)


@translates("nan_to_num")
def nan_to_num(w: Writer, input: Any, nan: Any, posinf: Any, neginf: Any) -> str:
    most = np.finfo(w.kind)
    high, low = most.max if posinf is None else posinf, most.min if neginf is None else neginf
    out = w.node("Where", w.node("IsNaN", input), *w.alike(nan or 0.0, input)[:1], input)
    out = w.node("Where", w.node("IsInf", out, detect_negative=0), w.alike(high, input)[0], out)
    return w.node("Where", w.node("IsInf", out, detect_positive=0), w.alike(low, input)[0], out)


# ------------------------------------------------------------------ over dimensions
def _variance(w: Writer, input: Any, dims: Any, correction: Any, keepdim: bool) -> str:
    over = dims_of(w, input, dims)
    off = w.node("Sub", input, w.node("ReduceMean", input, w.integers(over), keepdims=1))
    total = w.node("ReduceSum", _squared(w, off), w.integers(over), keepdims=int(keepdim))
    count = math.prod(w.shape(input)[d] for d in over)
    return _op(w, "Div", total, float(count - (1 if correction is None else correction)))


@translates("var")
def var(w: Writer, input: Any, dims: Any, correction: Any, keepdim: bool) -> str:
    return _variance(w, input, dims, correction, keepdim)


@translates("std")
def std(w: Writer, input: Any, dims: Any, correction: Any, keepdim: bool) -> str:
    return w.node("Sqrt", _variance(w, input, dims, correction, keepdim))


@translates("linalg_vector_norm")
def vector_norm(w: Writer, input: Any, p: float, dims: Any, keepdim: bool) -> str:
    over, keep = w.integers(dims_of(w, input, dims)), {"keepdims": int(keepdim)}
    if p in (1, 2):
        return w.node(f"ReduceL{int(p)}", input, over, **keep)
    size = w.node("Abs", input)
    if math.isinf(p):
        return w.node("ReduceMax" if p > 0 else "ReduceMin", size, over, **keep)
    if p == 0:
        return w.node("ReduceSum", w.node("Sign", size), over, **keep)
    return _op(w, "Pow", w.node("ReduceSum", _op(w, "Pow", size, p), over, **keep), 1 / p)


@translates("prod")
def prod(w: Writer, input: Any, dims: Any, keepdim: bool) -> str:
    return w.node("ReduceProd", input, w.integers(dims_of(w, input, dims)), keepdims=int(keepdim))


@translates("max_all")
def max_all(w: Writer, input: Any) -> str:
    return w.node("ReduceMax", input, keepdims=0)


@translates("min_all")
def min_all(w: Writer, input: Any) -> str:
    return w.node("ReduceMin", input, keepdims=0)


def _extreme(value: str, place: str) -> Callable[..., list[str]]:
    def translate(w: Writer, input: Any, dim: int, keepdim: bool) -> list[str]:
        keep = int(keepdim)
        return [
            w.node(value, input, w.integers([dim]), keepdims=keep),
            w.node(place, input, axis=dim, keepdims=keep),
        ]

    return translate


TRANSLATIONS["max_along"] = _extreme("ReduceMax", "ArgMax")
TRANSLATIONS["min_along"] = _extreme("ReduceMin", "ArgMin")


def _place(operator: str) -> Callable[..., str]:
    def translate(w: Writer, input: Any, dim: Any = None, keepdim: bool = False) -> str:
        if dim is not None:
            return w.node(operator, input, axis=dim, keepdims=int(keepdim))
        found = w.node(operator, w.node("Reshape", input, w.integers([-1])), axis=0, keepdims=0)
        return w.node("Reshape", found, w.integers([1] * w.rank(input))) if keepdim else found

    return translate


TRANSLATIONS["argmax"], TRANSLATIONS["argmin"] = _place("ArgMax"), _place("ArgMin")


@translates("cumsum")
def cumsum(w: Writer, input: Any, dim: int) -> str:
    return w.node("CumSum", input, w.integers(dim))


@translates("baddbmm", "addmv")
def add_product(w: Writer, input: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> str:
    product = w.node("MatMul", a, b)
    product = product if alpha == 1 else _op(w, "Mul", product, alpha)
    return w.node("Add", input if beta == 1 else _op(w, "Mul", input, beta), product)


@translates("linalg_det")
def det(w: Writer, input: Any) -> str:
    return w.node("Det", input)


@translates("trace")
def trace(w: Writer, input: Any) -> str:
    rows, columns = w.shape(input)
    mask = w.constant(np.eye(rows, columns, dtype=w.kind))
    return w.node("ReduceSum", w.node("Mul", input, mask), keepdims=0)


# ------------------------------------------------------------------ norms
@translates("batch_norm")
def batch_norm_of_the_batch(w: Writer, input: Any, weight: Any, bias: Any, eps: float) -> list[str]:
    """Statistics of the input itself (``InstanceNorm``, or ``BatchNorm`` without running ones)."""
    over = [d for d in range(w.rank(input)) if d != 1]
    mean = w.node("ReduceMean", input, w.integers(over), keepdims=1)
    off = w.node("Sub", input, mean)
    variance = w.node("ReduceMean", _squared(w, off), w.integers(over), keepdims=1)
    out = w.node("Div", off, w.node("Sqrt", _op(w, "Add", variance, eps)))
    shape = w.integers([-1, *[1] * (w.rank(input) - 2)])
    for value, operator in ((weight, "Mul"), (bias, "Add")):
        if value is not None:
            out = w.node(operator, out, w.node("Reshape", value, shape))
    flat = w.integers([-1])
    return [out, w.node("Reshape", mean, flat), w.node("Reshape", variance, flat)]


@translates("group_norm")
def group_norm(w: Writer, input: Any, weight: Any, bias: Any, groups: int, eps: float) -> str:
    shape = w.shape(input)
    lines = w.node("Reshape", input, w.integers([shape[0], groups, -1]), allowzero=1)
    mean = w.node("ReduceMean", lines, w.integers([2]), keepdims=1)
    off = w.node("Sub", lines, mean)
    variance = w.node("ReduceMean", _squared(w, off), w.integers([2]), keepdims=1)
    out = w.node("Div", off, w.node("Sqrt", _op(w, "Add", variance, eps)))
    out = w.node("Reshape", out, w.integers(shape), allowzero=1)
    lying = w.integers([-1, *[1] * (len(shape) - 2)])
    for value, operator in ((weight, "Mul"), (bias, "Add")):
        if value is not None:
            out = w.node(operator, out, w.node("Reshape", value, lying))
    return out


@translates("logaddexp")
def logaddexp(w: Writer, input: Any, other: Any) -> str:
    most = w.node("Max", input, other)
    difference = w.node("Neg", w.node("Abs", w.node("Sub", input, other)))
    return w.node("Add", most, w.node("Log", _op(w, "Add", w.node("Exp", difference), 1)))
