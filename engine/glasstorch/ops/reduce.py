"""Reductions: sums, means, products, norms and counts over some or all dimensions."""

from __future__ import annotations

import builtins
import math
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dims
from ..core.forms import method, public
from ..core.frames import warn
from ..core.op import op
from ..core.tensor import Tensor
from .kinds import in_rows


def keep_shape(shape: tuple, dims: tuple) -> tuple:
    return tuple(1 if k in dims else n for k, n in enumerate(shape))


def spread(F: Any, g: Any, shape: tuple, dims: tuple, keepdim: bool) -> Any:
    """A reduced gradient shown at the shape before the reduction."""
    return F.expand(g if keepdim else g.reshape(keep_shape(shape, dims)), shape)


class _sum:
    """Sum over dimensions."""

    label = "sum"
    formula = r"\sum_i x_i"

    def forward(xp, input: Array, dims, keepdim):
        return in_rows(xp, xp.sum(input, axis=dims, keepdims=keepdim, dtype=input.dtype))

    def d_input(F, g, input_shape, dims, keepdim):
        r"\bar y \text{ for every } i"
        return spread(F, g, input_shape, dims, keepdim)


def _both(body: type, name: str) -> tuple[Any, Any]:
    """Register a reduction twice: over given dimensions, and over all of them, which PyTorch's graphs name apart."""
    fields = {k: v for k, v in vars(body).items() if k not in ("__dict__", "__weakref__")}
    return (
        op(wide=True, method=False, function=False, name=f"{name.capitalize()}Backward1")(
            type(name, (), fields)
        ),
        op(wide=True, method=False, function=False, name=f"{name.capitalize()}Backward0")(
            type(f"{name}_all", (), fields)
        ),
    )


sum_dims, sum_all = _both(_sum, "sum")


def _reduced_dtype(input: Tensor, dtype: Any) -> Tensor:
    """PyTorch sums integers and bools as int64."""
    want = dtype or (dt.int64 if input.dtype.category < dt.FLOATING else None)
    return input if want is None or want is input.dtype else input.to(want)


@method
def sum(
    input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None
) -> Tensor:
    """sum(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The sum over ``dim`` (an int, several, or None for all). Integers and bools are summed as int64.
    """
    x = _reduced_dtype(input, dtype)
    dim = dim if axis is None else axis
    return (sum_all if dim is None else sum_dims)(x, wrap_dims(dim, x._a.ndim), keepdim)


class _mean:
    """Mean over dimensions."""

    label = "mean"

    formula = r"\frac{1}{n} \sum_i x_i"

    def forward(xp, input: Array, dims, keepdim):
        n = math.prod(input.shape[d] for d in dims)
        total = in_rows(xp, xp.sum(input, axis=dims, keepdims=keepdim, dtype=input.dtype))
        return total / input.dtype.type(n) if n else total * math.nan

    def d_input(F, g, input_shape, dims, keepdim):
        r"\frac{\bar y}{n} \text{ for every } i"
        n = math.prod(input_shape[d] for d in dims)
        return spread(F, g / n if n else g, input_shape, dims, keepdim)


mean_dims, mean_all = _both(_mean, "mean")


@method
def mean(
    input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None
) -> Tensor:
    """mean(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The mean over ``dim`` (an int, several, or None for all). Floating or complex types only.
    """
    x = input if dtype is None else input.to(dtype)
    if x.dtype.category < dt.FLOATING:
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {x.dtype.legacy}. Convert first: .float()"
        )
    dim = dim if axis is None else axis
    return (mean_all if dim is None else mean_dims)(x, wrap_dims(dim, x._a.ndim), keepdim)


@op(wide=True, method=False, function=False, name="VarBackward0")
class var_op:
    """Variance over dimensions: squared distance from the mean, divided by ``n - correction``."""

    formula = r"\frac{1}{n - c} \sum_i (x_i - \bar x)^2"
    holomorphic = False

    def forward(xp, input: Array, dims, correction, keepdim):
        n = math.prod(input.shape[d] for d in dims)
        centred = input - xp.sum(input, axis=dims, keepdims=True) / input.dtype.type(n or 1)
        total = in_rows(xp, xp.sum(xp.abs(centred) ** 2, axis=dims, keepdims=keepdim))
        freedom = total.dtype.type(builtins.max(0, n - correction))
        return total / freedom if n else total * math.nan

    def d_input(F, g, input, dims, correction, keepdim):
        r"\frac{2}{n - c}\,\bar y\,(x_i - \bar x)"
        n = math.prod(input.shape[d] for d in dims)
        centred = input - F.sum(input, dims, True) / (n or 1)
        scale = 2 / (n - correction) if n != correction else math.inf
        return spread(F, g, input.shape, dims, keepdim) * (centred * scale)


@op(wide=True, method=False, function=False, name="StdBackward0")
class std_op:
    """Standard deviation over dimensions. Where it is zero its gradient is zero, as in PyTorch."""

    formula = r"\sqrt{\frac{1}{n - c} \sum_i (x_i - \bar x)^2}"
    holomorphic = False

    def forward(xp, input: Array, dims, correction, keepdim):
        return xp.sqrt(var_op.op.forward(xp, input, dims, correction, keepdim))

    def d_input(F, g, input, out, dims, correction, keepdim):
        r"\frac{\bar y\,(x_i - \bar x)}{(n - c)\, y}"
        half = F.where(out == 0, 0, g / (2 * F.where(out == 0, 1, out)))
        return var_op.op.derivatives["input"](F, half, input, dims, correction, keepdim)


def _correction(dim: Any, unbiased: Any, correction: Any) -> tuple[Any, Any]:
    if isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    return dim, correction


def _spread_of(
    name: str, words: str, variance: Any, input: Tensor, dim: Any, keepdim: bool, correction: Any
) -> Tensor:
    """Apply one of the two ops after PyTorch's checks."""
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError(f"{words} only support floating point and complex dtypes")
    dims = wrap_dims(dim, input._a.ndim)
    if math.prod(input._a.shape[d] for d in dims) <= correction or not input._a.size:
        warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction "
            "factor (input numel divided by output numel).",
        )
    return variance(input, dims, correction, keepdim)


@method
def var(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """var(input, dim=None, *, correction=1, keepdim=False) -> Tensor

    The variance over ``dim``: the sum of squared distances from the mean divided by ``n - correction``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    return _spread_of("var", "std and var", var_op, input, dim, keepdim, correction)


@method
def std(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """std(input, dim=None, *, correction=1, keepdim=False) -> Tensor

    The standard deviation over ``dim``: the square root of ``var``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    return _spread_of("std", "std and var", std_op, input, dim, keepdim, correction)


@public
def var_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """var_mean(input, dim=None, *, correction=1, keepdim=False) -> (Tensor, Tensor)

    Variance and mean over ``dim``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    return _spread_of("var_mean", "var_mean", var_op, input, dim, keepdim, correction), mean(
        input, dim, keepdim
    )


@public
def std_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """std_mean(input, dim=None, *, correction=1, keepdim=False) -> (Tensor, Tensor)

    Standard deviation and mean over ``dim``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    return _spread_of("std_mean", "std_mean", std_op, input, dim, keepdim, correction), mean(
        input, dim, keepdim
    )


@op(wide=True, method=False, function=False, name="ProdBackward0")
class prod_op:
    """Product over dimensions."""

    formula = r"\prod_i x_i"

    def forward(xp, input: Array, dims, keepdim):
        return in_rows(xp, xp.prod(input, axis=dims, keepdims=keepdim, dtype=input.dtype))

    def d_input(F, g, input, out, dims, keepdim):
        r"\bar y \prod_{j \neq i} x_j"
        shape = input.shape
        g = spread(F, g, shape, dims, keepdim)
        if not bool((input == 0).any()):
            return g * spread(F, out, shape, dims, keepdim) / input
        # Where there are zeros nothing can be divided by: the product before each element times that after it.
        kept = tuple(d for d in range(len(shape)) if d not in dims)
        order = (*kept, *dims)
        n = math.prod(shape[d] for d in dims)
        x = F.permute(input, order).reshape((-1, n))
        one = F.zeros_of((x.shape[0], 1), x) + 1
        before = F.cumprod(F.cat([one, F.narrow(x, 1, 0, n - 1)], 1), 1)
        after = F.flip(F.cumprod(F.cat([one, F.flip(F.narrow(x, 1, 1, n - 1), (1,))], 1), 1), (1,))
        rest = (before * after).reshape(tuple(shape[d] for d in order))
        back = tuple(order.index(d) for d in range(len(shape)))
        return g * F.permute(rest, back)


@method
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """prod(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The product over one dimension or all. Integers and bools are multiplied as int64.
    """
    x = _reduced_dtype(input, dtype)
    return prod_op(x, wrap_dims(dim, x._a.ndim), keepdim)


def _truth(name: str, words: str) -> Any:
    def forward(xp, input: Array, dim=None, keepdim=False):
        if dim is None:
            dims = None
        else:  # here no dimensions are none, not all
            dims = wrap_dims(dim, input.ndim) if not isinstance(dim, (tuple, list)) or dim else ()
        out = in_rows(xp, xp.asarray(getattr(xp, name)(input, axis=dims, keepdims=keepdim)))
        return out.astype(xp.uint8) if input.dtype == xp.uint8 else out

    body = {
        "__doc__": f"{name}(input, dim=None, keepdim=False) -> "
        f"Tensor\n\n{words}", "formula": rf"\mathrm{{{name}}}_i\, x_i",
        "forward": forward,
    }  # fmt: skip
    return op()(type(name, (), body))


all = _truth("all", "Is every element different from zero?")
any = _truth("any", "Is some element different from zero?")


@method
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """count_nonzero(input, dim=None) -> LongTensor

    How many elements are different from zero.
    """
    return sum(input != 0, dim)


@op(wide=True, method=False, function=False, name="LogsumexpBackward0")
class logsumexp_op:
    """Logarithm of the sum of exponentials, shifted by the largest element."""

    formula = r"\log \sum_i e^{x_i}"

    def forward(xp, input: Array, dims, keepdim):
        if input.size == 0:
            return xp.log(xp.sum(xp.exp(input), axis=dims, keepdims=keepdim))
        top = xp.max(input.real, axis=dims, keepdims=True)
        top = xp.where(xp.isfinite(top), top, 0).astype(top.dtype)
        out = xp.log(xp.sum(xp.exp(input - top), axis=dims, keepdims=True)) + top
        return in_rows(xp, out if keepdim else xp.squeeze(out, axis=dims))

    def d_input(F, g, input, out, dims, keepdim):
        r"\bar y \odot \mathrm{softmax}(x)"
        shape = input.shape
        return spread(F, g, shape, dims, keepdim) * F.exp(input - spread(F, out, shape, dims, keepdim))


@method
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """logsumexp(input, dim, keepdim=False) -> Tensor

    ``log(sum(exp(input)))`` over ``dim``, without overflow.
    """
    x = input if input.dtype.category >= dt.FLOATING else input.to(dt.get_default_dtype())
    return logsumexp_op(x, wrap_dims(dim, x._a.ndim), keepdim)
