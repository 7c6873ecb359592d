"""Any shape, any strides, any type: families of operations against PyTorch on inputs that hypothesis makes up."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fuzz import ALL, COMPLEX, FLOATS, INTEGERS, alike, specs

# The same examples in every run; GLASSTORCH_FUZZ=5000 looks for new ones.
MORE = int(os.environ.get("GLASSTORCH_FUZZ", "0"))
fuzz = settings(max_examples=MORE or 25, deadline=None, derandomize=not MORE, database=None)

UNARY = [
    "abs", "acos", "acosh", "angle", "asin", "asinh", "atan", "atanh", "bitwise_not", "ceil", "conj", "cos",
    "cosh", "deg2rad", "digamma", "erf", "erfc", "exp", "exp2", "expm1", "floor", "frac", "imag", "isfinite",
    "isinf", "isnan", "isneginf", "isposinf", "isreal", "lgamma", "log", "log10", "log1p", "log2",
    "logical_not", "neg", "positive", "rad2deg", "real", "reciprocal", "relu", "round", "rsqrt", "sgn",
    "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "nan_to_num",
    "logit", "erfinv", "i0",
]  # fmt: skip
BINARY = [
    "add", "sub", "mul", "div", "true_divide", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum",
    "fmax", "fmin", "atan2", "hypot", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or",
    "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift",
    "copysign", "heaviside", "gcd", "lcm", "xlogy", "logaddexp", "logaddexp2", "float_power", "nextafter",
    "ldexp", "isclose", "rsub",
]  # fmt: skip
REDUCE = [
    "sum", "prod", "mean", "std", "var", "amax", "amin", "argmax", "argmin", "all", "any", "max", "min",
    "median", "nanmedian", "mode", "nansum", "nanmean", "logsumexp", "count_nonzero", "cumsum", "cumprod",
    "cummax", "cummin", "logcumsumexp", "sort", "argsort", "norm", "aminmax", "softmax", "log_softmax",
    "unique_consecutive", "flip",
]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@given(x=specs())
@fuzz
def test_unary(name, x) -> None:
    alike(lambda E, a: getattr(E, name)(a), x)


@pytest.mark.parametrize("name", BINARY)
@given(data=st.data(), x=specs())
@fuzz
def test_binary(name, data, x) -> None:
    y = data.draw(specs(like=x))
    if name == "ldexp" and {x.dtype, y.dtype} & {"float16", "bfloat16"}:
        return  # PyTorch rounds the power of two to half precision, ours is exact
    alike(lambda E, a, b: getattr(E, name)(a, b), x, y)


@pytest.mark.parametrize("name", BINARY)
@given(x=specs(), number=st.sampled_from([0, 2, -3, True, 1.5, -0.5, 2 + 1j, float("inf")]))
@fuzz
def test_tensor_and_number(name, x, number) -> None:
    if (x.dtype == "float16" and isinstance(number, complex)) or (
        x.dtype in COMPLEX and number == float("inf")
    ):
        return  # complex32 has tests of its own; PyTorch multiplies inf by 1+0j and gets nan
    alike(lambda E, a, b: getattr(E, name)(a, b), x, number)


@pytest.mark.parametrize("name", REDUCE)
@given(x=specs(dims=(0, 3)), dim=st.integers(-3, 2), keep=st.booleans())
@fuzz
def test_along_a_dim(name, x, dim, keep) -> None:
    if name in ("median", "nanmedian") and x.stretch != tuple(x.base):
        return  # PyTorch reads beyond the memory of expanded bytes
    if name in ("cummax", "cummin") and 0 in x.stretch:
        return  # PyTorch takes any dim where there is nothing to compare
    takes_keepdim = name in REDUCE[:19] and name not in ("prod",)

    def fn(E, a):
        return getattr(E, name)(
            a, dim=dim, **({"keepdim": keep} if takes_keepdim and name != "count_nonzero" else {})
        )

    alike(lambda E, a: _stable(name, a, fn(E, a)), x)


def _stable(name, a, out):
    """Which of equal elements an index names is free: the elements at the indices are compared instead."""
    if name in ("sort", "mode", "median", "nanmedian", "max", "min"):
        return out.values
    return (
        a.numel()
        if name in ("argsort", "argmax", "argmin")
        else tuple(out)
        if isinstance(out, tuple)
        else out
    )


@pytest.mark.parametrize(
    "name", ["sum", "prod", "mean", "std", "amax", "argmin", "all", "any", "max", "median", "norm"]
)
@given(x=specs())
@fuzz
def test_of_everything(name, x) -> None:
    alike(lambda E, a: getattr(E, name)(a), x)


def steps(t):
    """The strides that matter: those of dimensions one can step along."""
    return [s for n, s in zip(t.shape, t.stride(), strict=True) if n > 1 and t.numel()]


@given(x=specs(dims=(0, 4)), data=st.data())
@settings(fuzz, max_examples=MORE or 120)
def test_shapes(x, data) -> None:
    dim, other, n = (data.draw(st.integers(-4, 3)) for _ in range(3))
    name = data.draw(st.sampled_from(sorted(SHAPES)))
    alike(lambda E, a: SHAPES[name](E, a, dim, other, n), x)


SHAPES = {
    "transpose": lambda E, a, d, o, n: (a.transpose(d, o), steps(a.transpose(d, o))),
    "unsqueeze": lambda E, a, d, o, n: (a.unsqueeze(d), a.unsqueeze(d).is_contiguous()),
    "squeeze": lambda E, a, d, o, n: (a.squeeze(d), a.squeeze()),
    "flatten": lambda E, a, d, o, n: a.flatten(d, o),
    "view": lambda E, a, d, o, n: a.view(-1),
    "view two": lambda E, a, d, o, n: a.view(n, -1),
    "reshape": lambda E, a, d, o, n: a.reshape(n, -1),
    "select": lambda E, a, d, o, n: a.select(d, n),
    "narrow": lambda E, a, d, o, n: a.narrow(d, o, max(n, 0)),
    "split": lambda E, a, d, o, n: a.split(max(n, 0), d),
    "chunk": lambda E, a, d, o, n: a.chunk(n, d),
    "unbind": lambda E, a, d, o, n: a.unbind(d),
    "unfold": lambda E, a, d, o, n: a.unfold(d, n, 1),
    "roll": lambda E, a, d, o, n: a.roll(n, d),
    "repeat": lambda E, a, d, o, n: a.repeat(abs(n), 2, 1, 1),
    "tile": lambda E, a, d, o, n: a.tile((n, 2)),
    "cat": lambda E, a, d, o, n: E.cat([a, a], d),
    "stack": lambda E, a, d, o, n: E.stack([a, a], d),
    "diagonal": lambda E, a, d, o, n: a.diagonal(n, d, o),
    "tril": lambda E, a, d, o, n: (a.tril(n), a.triu(n)),
    "movedim": lambda E, a, d, o, n: a.movedim(d, o),
    "expand": lambda E, a, d, o, n: a.expand(2, *a.shape),
    "repeat_interleave": lambda E, a, d, o, n: a.repeat_interleave(n, d),
    "contiguous": lambda E, a, d, o, n: (a.contiguous(), steps(a.contiguous()), steps(a.clone())),
    "rot90": lambda E, a, d, o, n: a.rot90(n, (d, o)),
    "index": lambda E, a, d, o, n: a[..., None, n],
    "index_select": lambda E, a, d, o, n: a.index_select(d, E.tensor([0, 0][: a.numel()])),
}


@given(data=st.data(), dtypes=st.sampled_from([(t, t) for t in ALL] + [("float32", "float64")]))
@settings(fuzz, max_examples=MORE or 120)
def test_matmul(data, dtypes) -> None:
    x = data.draw(specs([dtypes[0]], dims=(0, 4)))
    y = data.draw(specs([dtypes[1]], dims=(0, 4)))
    alike(lambda E, a, b: (a @ b, E.matmul(a, b.mT) if b.dim() > 1 else 0), x, y)


@given(data=st.data(), x=specs(dims=(1, 3)))
@settings(fuzz, max_examples=MORE or 80)
def test_writing_into_any_layout(data, x) -> None:
    y = data.draw(specs(like=x))
    op = data.draw(st.sampled_from(["add_", "mul_", "sub_", "copy_", "div_", "fill_"]))

    def fn(E, a, b):
        a = a.clone() if x.stretch != tuple(x.base) and 3 in x.stretch else a
        out = getattr(a, op)(b if op != "fill_" else 2)
        return out, a

    alike(fn, x, y)


@given(x=specs(FLOATS + INTEGERS), to=st.sampled_from(ALL))
@settings(fuzz, max_examples=MORE or 80)
def test_casts(x, to) -> None:
    alike(lambda E, a: (a.to(getattr(E, to)), steps(a.to(getattr(E, to)))), x)
