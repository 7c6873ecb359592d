"""Reductions: sums, means, extremes, norms and counts over some or all dimensions."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim, wrap_dims
from ..core.forms import method
from ..core.op import op
from ..core.tensor import Tensor


def _keep(shape: tuple, dims: tuple) -> tuple:
    return tuple(1 if k in dims else n for k, n in enumerate(shape))


def _spread(F: Any, g: Any, shape: tuple, dims: tuple, keepdim: bool) -> Any:
    """A reduced gradient shown at the shape before the reduction."""
    return F.expand(g if keepdim else g.reshape(_keep(shape, dims)), shape)


class _sum:
    """Sum over dimensions."""

    label = "sum"
    formula = r"\sum_i x_i"

    def forward(xp, input: Array, dims, keepdim):
        return xp.sum(input, axis=dims, keepdims=keepdim, dtype=input.dtype)

    def d_input(F, g, input_shape, dims, keepdim):
        r"\bar y \text{ for every } i"
        return _spread(F, g, input_shape, dims, keepdim)


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
    return input if want is None or want is input.dtype else input.to(want)  # type: ignore[attr-defined]


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
        return _spread(F, g / n if n else g, input_shape, dims, keepdim)


mean_dims, mean_all = _both(_mean, "mean")


@method
def mean(
    input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None
) -> Tensor:
    """mean(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The mean over ``dim`` (an int, several, or None for all). Floating or complex types only.
    """
    x = input if dtype is None else input.to(dtype)  # type: ignore[attr-defined]
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
        return _spread(F, g, input.shape, dims, keepdim) * (centred * scale)


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


def _empty_error(name: str) -> RuntimeError:
    return RuntimeError(
        f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument."
    )


def _extreme(name: str, symbol: str) -> Any:
    body = {
        "__doc__": f"The {symbol} over dimensions; equal elements share the gradient.",
        "label": symbol,
        "formula": rf"\{symbol}_i x_i",
        "holomorphic": False,
    }

    def forward(xp, input: Array, dims, keepdim):  # type: ignore[name-defined, no-untyped-def]
        return getattr(xp, symbol)(input, axis=dims, keepdims=keepdim) if dims else input.copy()

    def d_input(F, g, input, out, dims, keepdim):  # type: ignore[no-untyped-def]
        r"\bar y \text{ shared among the elements equal to } y"
        shape = input.shape
        hit = input == _spread(F, out, shape, dims, keepdim)
        mask = F.where(hit, input * 0 + 1, input * 0)
        count = F.expand(F.sum(mask, dims, True), shape)
        return _spread(F, g, shape, dims, keepdim) * (mask / count)

    body |= {"forward": forward, "d_input": d_input}
    return op(method=False, function=False, name=f"{name.capitalize()}Backward0")(type(name, (), body))


_amax = _extreme("amax", "max")
_amin = _extreme("amin", "min")


@method
def amax(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """amax(input, dim=(), keepdim=False) -> Tensor

    The largest element over ``dim``; equal elements share the gradient.
    """
    if input._a.size == 0 and dim == ():
        raise _empty_error("amax")
    return _amax(input, wrap_dims(dim, input._a.ndim), keepdim)


@method
def amin(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """amin(input, dim=(), keepdim=False) -> Tensor

    The smallest element over ``dim``; equal elements share the gradient.
    """
    if input._a.size == 0 and dim == ():
        raise _empty_error("amin")
    return _amin(input, wrap_dims(dim, input._a.ndim), keepdim)


def return_type(name: str) -> Any:
    """The named tuple ``(values, indices)`` that an op returns."""
    base = namedtuple(name, ("values", "indices"))

    def text(self: Any) -> str:
        return f"torch.return_types.{name}(\nvalues={self.values!r},\nindices={self.indices!r})"

    return type(name, (base,), {"__slots__": (), "__repr__": text, "__module__": "glasstorch.return_types"})


def _extreme_along(name: str, symbol: str) -> Any:
    """``max(dim)`` and ``min(dim)``: values and where they are."""
    index_fn = f"arg{symbol}"
    result = return_type(symbol)

    def forward(xp, input: Array, dim, keepdim):  # type: ignore[name-defined, no-untyped-def]
        if input.ndim == 0:
            return input.copy(), xp.zeros((), xp.int64)
        if input.shape[dim] == 0:
            raise IndexError(f"{symbol}(): Expected reduction dim {dim} to have non-zero size.")
        where = xp.expand_dims(getattr(xp, index_fn)(input, axis=dim), dim)
        values = xp.take_along_axis(input, where, axis=dim)
        return (values, where) if keepdim else (values.squeeze(dim), where.squeeze(dim))

    def d_input(F, g, input_shape, out, dim, keepdim):  # type: ignore[no-untyped-def]
        r"\bar y \text{ at the index, } 0 \text{ elsewhere}"
        gv, where = g[0], out[1]
        if not input_shape:
            return gv
        if not keepdim:
            gv, where = F.unsqueeze(gv, dim), F.unsqueeze(where, dim)
        return F.put_along(gv, F.constant(where, gv), input_shape, dim)

    body = {
        "__doc__": f"{symbol} along a dimension, with "
        f"indices.", "label": symbol, "formula": rf"\{symbol}_i x_i", "forward": forward,
        "d_input": d_input, "several": True, "result_type": result,
        "nondifferentiable": (1,), "holomorphic": False,
    }  # fmt: skip
    return op(method=False, function=False, name=f"{symbol.capitalize()}Backward0")(type(name, (), body))


_max_along = _extreme_along("max_along", "max")
_min_along = _extreme_along("min_along", "min")


@op(method=False, function=False, name="ScatterBackward0")
class put_along:
    """Zeros of a shape with values placed along one dimension at indices (one for each line)."""

    formula = r"\mathrm{put}(x, i)"

    def forward(xp, input: Array, index: Array, shape, dim):
        out = xp.zeros(shape, input.dtype)
        xp.put_along_axis(out, index, input, axis=dim)
        return out

    def d_input(F, g, index, dim):
        r"\bar y_i"
        return F.take_along(g, index, dim)


@op(method=False, function=False, name="GatherBackward0")
class take_along:
    """The values along one dimension at indices (one for each line)."""

    formula = r"x_i"

    def forward(xp, input: Array, index: Array, dim):
        return xp.take_along_axis(input, index, axis=dim)

    def d_input(F, g, input_shape, index, dim):
        r"\mathrm{put}(\bar y, i)"
        return F.put_along(g, index, input_shape, dim)


def _max_or_min(name: str, whole: Any, along: Any, pair: Any) -> Any:
    def fn(
        input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None, axis: Any = None
    ) -> Any:
        dim = axis if dim is None else dim
        if isinstance(dim, Tensor) or other is not None:
            return pair(input, dim if other is None else other)
        if dim is None:
            if input._a.size == 0:
                raise _empty_error(name)
            return whole(input, tuple(range(input._a.ndim)), False)
        return along(input, wrap_dim(dim, input._a.ndim), keepdim)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(input) -> Tensor; {name}(input, dim, keepdim=False) -> (values, indices); {name}(input, other)\n\n"
        f"The {'largest' if name == 'max' else 'smallest'} element of all; along a dimension with "
        f"its index; or of two tensors."
    )
    return method(fn)


def _finish() -> tuple:
    from .arithmetic import maximum, minimum

    return _max_or_min("max", _amax, _max_along, maximum), _max_or_min("min", _amin, _min_along, minimum)


max, min = _finish()


def _arg(name: str, which: str) -> Any:
    def forward(xp, input: Array, dim=None, keepdim=False):  # type: ignore[name-defined, no-untyped-def]
        if input.dtype.kind == "b":
            raise RuntimeError(f"\"{name}_cpu\" not implemented for 'Bool'")
        if input.size == 0 and dim is None:
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        if input.ndim and dim is not None and input.shape[wrap_dim(dim, input.ndim)] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {wrap_dim(dim, input.ndim)} to have non-zero size."
            )
        if dim is None:
            out = getattr(xp, name)(input)
            return xp.asarray(out).reshape((1,) * input.ndim) if keepdim else out
        if input.ndim == 0:
            return xp.zeros((), xp.int64)
        return getattr(xp, name)(input, axis=wrap_dim(dim, input.ndim), keepdims=keepdim)

    body = {
        "__doc__": f"{name}(input, dim=None, keepdim=False) -> LongTensor\n\nWhere the {which} "
        f"element is: its index in the "
        "flattened tensor, or along ``dim``. Of equal elements the first.",
        "formula": rf"\mathrm{{{name}}}_i\, x_i", "forward": forward,
    }  # fmt: skip
    return op()(type(name, (), body))


argmax = _arg("argmax", "largest")
argmin = _arg("argmin", "smallest")


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
        without = _spread(F, F.prod(safe, dims, True), shape, dims, True)
        rest = F.where(zeros == 0, without / safe, F.where((zeros == 1) & (input == 0), without, input * 0))
        return _spread(F, g, shape, dims, keepdim) * rest


@method
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """prod(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The product over one dimension or all. Integers and bools are multiplied as int64.
    """
    x = _reduced_dtype(input, dtype)
    return prod_op(x, wrap_dims(dim, x._a.ndim), keepdim)


def _truth(name: str, words: str) -> Any:
    def forward(xp, input: Array, dim=None, keepdim=False):  # type: ignore[name-defined, no-untyped-def]
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
        return _spread(F, g, shape, dims, keepdim) * F.exp(input - _spread(F, out, shape, dims, keepdim))


@method
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """logsumexp(input, dim, keepdim=False) -> Tensor

    ``log(sum(exp(input)))`` over ``dim``, without overflow.
    """
    x = input if input.dtype.category >= dt.FLOATING else input.to(dt.get_default_dtype())  # type: ignore[attr-defined]
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


@method
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False) -> Tensor:
    """norm(input, p="fro", dim=None, keepdim=False) -> Tensor

    The vector norm: ``p`` is "fro" or 2 (root of the sum of squares), 1, inf, -inf, 0 or another number.
    """
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. "
            f"Got {input.dtype.legacy}. Convert first: .float()"
        )
    d = wrap_dims(dim, input._a.ndim)
    if p in ("fro", 2, 2.0):
        return norm_op(input, d, keepdim)
    size = input.abs()  # type: ignore[attr-defined]
    if p == math.inf:
        return amax(size, d, keepdim)
    if p == -math.inf:
        return amin(size, d, keepdim)
    if p == 1:
        return sum(size, d, keepdim)
    if p == 0:
        return sum((input != 0).to(input.dtype), d, keepdim)  # type: ignore[attr-defined, union-attr]
    return sum(size**p, d, keepdim) ** (1.0 / p)


@op(method=False, function=False, name="LinalgVectorNormBackward0")
class norm_op:
    """Root of the sum of squares."""

    formula = r"\sqrt{\sum_i x_i^2}"
    holomorphic = False

    def forward(xp, input: Array, dims, keepdim):
        return xp.sqrt(xp.sum(xp.abs(input) ** 2, axis=dims, keepdims=keepdim))

    def d_input(F, g, input, out, dims, keepdim):
        r"\bar y\, x_i / y"
        size = _spread(F, out, input.shape, dims, keepdim)
        return _spread(F, g, input.shape, dims, keepdim) * (input / F.where(size == 0, size * 0 + 1, size))
