"""Other names of the same functions, and in-place forms of functions that are made of several ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.inplace import inplace
from ..core.tensor import Tensor

#: PyTorch's second names.
NAMES = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "divide": "div", "fix": "trunc", "greater": "gt", "greater_equal": "ge",
    "less": "lt", "less_equal": "le", "multiply": "mul", "negative": "neg", "not_equal": "ne", "subtract": "sub",
    "true_divide": "div", "ger": "outer",
}  # fmt: skip

#: Functions whose in-place form writes their result.
IN_PLACE = [
    "conj_physical",
    "addbmm", "addmm", "addmv", "addr", "baddbmm", "clamp_max", "clamp_min", "clip", "cumprod", "cumsum", "float_power",
    "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "ldexp", "logical_and",
    "logical_not", "logical_or", "logical_xor", "logit", "masked_fill",
    "masked_scatter", "mvlgamma", "nan_to_num", "polygamma", "put", "renorm", "scatter", "scatter_add",
    "scatter_reduce", "tril", "triu",
]  # fmt: skip


def _in_place(name: str, fn: Callable) -> Callable:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return inplace(self, fn, args, kwargs, name + "_")

    method.__name__ = method.__qualname__ = name + "_"
    method.__doc__ = f"In-place form of ``{name}``: the result is written into this tensor.\n\n{fn.__doc__}"
    return method


for _name in IN_PLACE:
    if _name in FUNCTIONS and not hasattr(Tensor, _name + "_"):
        setattr(Tensor, _name + "_", _in_place(_name, FUNCTIONS[_name]))

for _new, _old in NAMES.items():
    if _old in FUNCTIONS:
        FUNCTIONS[_new] = FUNCTIONS[_old]
        for _end in ("", "_"):
            if hasattr(Tensor, _old + _end):
                setattr(Tensor, _new + _end, getattr(Tensor, _old + _end))

#: Products of sparse matrices, in PyTorch also of dense ones: programs on graphs call them for both.
FUNCTIONS["spmm"] = FUNCTIONS["dsmm"] = FUNCTIONS["mm"]

#: In-place forms that PyTorch also has as functions: ``exp_(x)``.
IN_PLACE_FUNCTIONS = [
    "abs", "acos", "acosh", "addmv", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "asin",
    "asinh", "atan", "atanh", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "conj_physical", "cos",
    "cosh", "deg2rad", "erf", "erfc", "exp", "exp2", "expm1", "fill", "fix", "floor", "frac", "gcd", "i0",
    "index_put", "lcm", "ldexp", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "negative",
    "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sigmoid", "sin", "sinc", "sinh", "sqrt", "square",
    "tan", "tanh", "trunc", "xlogy",
]  # fmt: skip

for _name in IN_PLACE_FUNCTIONS:
    FUNCTIONS[_name + "_"] = getattr(Tensor, _name + "_")
FUNCTIONS["zero_"] = Tensor.zero_
