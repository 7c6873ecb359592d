"""Reductions: sums, means, products, norms and counts over some or all dimensions."""

from __future__ import annotations

import builtins
import math
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim, wrap_dims
from ..core.forms import method
from ..core.op import op
from ..core.tensor import Tensor


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
        return xp.sum(input, axis=dims, keepdims=keepdim, dtype=input.dtype)

    def d_input(F, g, input_shape, dims, keepdim):
        r"\bar y \text{ for every } i"
        return spread(F, g, input_shape, dims, keepdim)


def _both(body: type, name: str) -> tuple[Any, Any]:
    """Register a reduction twice: over given dimensions, and over all of them, which PyTorch's graphs name apart."""
    fields = {k: v for k, v in vars(body).items() if k not in ("__dict__", "__weakref__")}
    return (
        op(method=False, function=False, name=f"{name.capitalize()}Backward1")(type(name, (), fields)),
        op(method=False, function=False, name=f"{name.capitalize()}Backward0")(
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
        total = xp.sum(input, axis=dims, keepdims=keepdim, dtype=input.dtype)
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


@op(method=False, function=False, name="VarBackward0")
class var_op:
    """Variance over dimensions: squared distance from the mean, divided by ``n - correction``."""

    formula = r"\frac{1}{n - c} \sum_i (x_i - \bar x)^2"
    holomorphic = False

    def forward(xp, input: Array, dims, correction, keepdim):
        n = math.prod(input.shape[d] for d in dims)
        centred = input - xp.sum(input, axis=dims, keepdims=True) / input.dtype.type(n or 1)
        total = xp.sum(xp.abs(centred) ** 2, axis=dims, keepdims=keepdim)
        left = builtins.max(0, n - correction)
        return (
            total / total.dtype.type(left)
            if left
            else total * math.nan / 1
            if n == 0
            else total / total.dtype.type(0)
        )

    def d_input(F, g, input, dims, correction, keepdim):
        r"\frac{2}{n - c}\,\bar y\,(x_i - \bar x)"
        n = math.prod(input.shape[d] for d in dims)
        centred = input - F.sum(input, dims, True) / (n or 1)
        scale = 2 / (n - correction) if n > correction else math.nan
        return spread(F, g, input.shape, dims, keepdim) * (centred * scale)


@op(method=False, function=False, name="StdBackward0")
class std_op:
    """Standard deviation over dimensions. Where it is zero its gradient is zero, as in PyTorch."""

    formula = r"\sqrt{\frac{1}{n - c} \sum_i (x_i - \bar x)^2}"
    holomorphic = False

    def forward(xp, input: Array, dims, correction, keepdim):
        return xp.sqrt(var_op.op.forward(xp, input, dims, correction, keepdim))

    def d_input(F, g, input, out, dims, correction, keepdim):
        r"\frac{\bar y\,(x_i - \bar x)}{(n - c)\, y}"
        half = F.where(out == 0, g * 0, g / (2 * F.where(out == 0, out * 0 + 1, out)))
        return var_op.op.derivatives["input"](F, half, input, dims, correction, keepdim)


def _correction(dim: Any, unbiased: Any, correction: Any) -> tuple[Any, Any]:
    if isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    return dim, correction


@method
def var(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """var(input, dim=None, *, correction=1, keepdim=False) -> Tensor

    The variance over ``dim``: the sum of squared distances from the mean divided by ``n - correction``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError("std and var only support floating point and complex dtypes")
    return var_op(input, wrap_dims(dim, input._a.ndim), correction, keepdim)


@method
def std(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """std(input, dim=None, *, correction=1, keepdim=False) -> Tensor

    The standard deviation over ``dim``: the square root of ``var``.
    """
    dim, correction = _correction(dim, unbiased, correction)
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError("std and var only support floating point and complex dtypes")
    return std_op(input, wrap_dims(dim, input._a.ndim), correction, keepdim)


@op(method=False, function=False, name="ProdBackward0")
class prod_op:
    """Product over dimensions."""

    formula = r"\prod_i x_i"

    def forward(xp, input: Array, dims, keepdim):
        return xp.prod(input, axis=dims, keepdims=keepdim, dtype=input.dtype)

    def d_input(F, g, input, out, dims, keepdim):
        r"\bar y \prod_{j \neq i} x_j"
        shape = input.shape
        zeros = F.expand(F.sum(F.where(input == 0, input * 0 + 1, input * 0), dims, True), shape)
        safe = F.where(input == 0, input * 0 + 1, input)
        without = spread(F, F.prod(safe, dims, True), shape, dims, True)
        rest = F.where(zeros == 0, without / safe, F.where((zeros == 1) & (input == 0), without, input * 0))
        return spread(F, g, shape, dims, keepdim) * rest


@method
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """prod(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The product over one dimension or all. Integers and bools are multiplied as int64.
    """
    x = _reduced_dtype(input, dtype)
    return prod_op(x, wrap_dims(dim, x._a.ndim), keepdim)


def _truth(name: str, words: str) -> Any:
    def forward(xp, input: Array, dim=None, keepdim=False):
        out = getattr(xp, name)(
            input, axis=wrap_dims(dim, input.ndim) if dim is not None else None, keepdims=keepdim
        )
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


@op(method=False, function=False, name="LogsumexpBackward0")
class logsumexp_op:
    """Logarithm of the sum of exponentials, shifted by the largest element."""

    formula = r"\log \sum_i e^{x_i}"

    def forward(xp, input: Array, dims, keepdim):
        if input.size == 0:
            return xp.log(xp.sum(xp.exp(input), axis=dims, keepdims=keepdim))
        top = xp.max(input, axis=dims, keepdims=True)
        top = xp.where(xp.isfinite(top), top, 0).astype(input.dtype)
        out = xp.log(xp.sum(xp.exp(input - top), axis=dims, keepdims=True)) + top
        return out if keepdim else xp.squeeze(out, axis=dims)

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


@op(name="CumsumBackward0", method=False, function=False)
class cumsum_op:
    """Running sum."""

    formula = r"\sum_{j \leq i} x_j"

    def forward(xp, input: Array, dim):
        return xp.cumsum(input, axis=dim, dtype=input.dtype) if input.ndim else input.copy()

    def d_input(F, g, input_shape, dim):
        r"\sum_{j \geq i} \bar y_j"
        return F.flip(F.cumsum(F.flip(g, (dim,)), dim), (dim,)) if input_shape else g


@method
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """cumsum(input, dim, *, dtype=None) -> Tensor

    The running sum along ``dim``.
    """
    x = _reduced_dtype(input, dtype)
    return cumsum_op(x, wrap_dim(dim, x._a.ndim))
