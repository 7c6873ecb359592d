"""Order statistics and moments: median, mode, quantiles, means without nan, differences, running products."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method, public
from ..core.op import op
from ..core.results import return_type
from ..core.tensor import Tensor, wrap
from .choose import sort
from .extremes import amax, amin
from .index import gather
from .kinds import supports
from .pick import take_along_dim
from .reduce import _reduced_dtype, mean, std, sum, var


def _picked(name: str, input: Tensor, index: Any, dim: int, keepdim: bool) -> Any:
    """Values and indices where ``index`` (kept dimension, an array) points along ``dim``."""
    result = return_type(name)
    i = wrap(index)
    if not input._a.ndim:
        return result(input.clone(), i.reshape(()))
    values = gather(input, dim, i)
    return result(values, i) if keepdim else result(values.squeeze(dim), i.squeeze(dim))


def _not_empty(name: str, input: Tensor, d: int) -> None:
    if input._a.ndim and not input._a.shape[d]:
        raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


def _array(input: Tensor) -> tuple[Any, Any]:
    a = input._a
    return backends.namespace(a), a if a.ndim else a.reshape(1)


def _median(name: str, skip_nan: bool) -> Any:
    def fn(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        whole = dim is None
        x = input.reshape(-1) if whole else input
        d = wrap_dim(0 if whole else dim, x._a.ndim)
        if whole and not x._a.size:
            return wrap(x._a.sum() * math.nan)
        _not_empty(name, x, d)
        xp, a = _array(x)
        order = xp.argsort(a, axis=d, kind="stable")  # nan come last
        n = a.shape[d]
        bad = (
            xp.isnan(a).sum(axis=d, keepdims=True) if a.dtype.kind not in "biu" else xp.zeros_like(order[:1])
        )
        bad = xp.broadcast_to(bad, (*a.shape[:d], 1, *a.shape[d + 1 :]))
        middle = xp.maximum(n - bad - 1, 0) // 2 if skip_nan else xp.where(bad > 0, n - bad, (n - 1) // 2)
        index = xp.take_along_axis(order, middle, axis=d)
        if whole:
            return x[int(index.reshape(-1)[0])]
        return _picked(name, x, index, d, keepdim)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(input) -> Tensor; {name}(input, dim, keepdim=False) -> (values, indices)\n\n"
        f"The middle element (of two the lower), {'without' if skip_nan else 'nan when there is a'} nan."
    )
    return method(fn)


median, nanmedian = _median("median", False), _median("nanmedian", True)


@method
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """kthvalue(input, k, dim=-1, keepdim=False) -> (values, indices)

    The k-th smallest element along ``dim``, counted from 1.
    """
    d = wrap_dim(dim, input._a.ndim)
    xp, a = _array(input)
    if not 1 <= k <= a.shape[d]:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {d}: {k}")
    order = xp.argsort(a, axis=d, kind="stable")
    return _picked("kthvalue", input, xp.take(order, xp.asarray([k - 1]), axis=d), d, keepdim)


@method
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """mode(input, dim=-1, keepdim=False) -> (values, indices)

    The most frequent element along ``dim`` (of several the smallest), and where it is last.
    """
    d = wrap_dim(dim, input._a.ndim)
    _not_empty("mode", input, d)
    xp, a = _array(input)
    lines = xp.moveaxis(a, d, -1)
    same = (lines[..., :, None] == lines[..., None, :]).sum(-1)
    most = same == same.max(axis=-1, keepdims=True)
    least = xp.where(most, lines, lines.max(axis=-1, keepdims=True)).min(axis=-1, keepdims=True)
    n = lines.shape[-1]
    last = n - 1 - xp.argmax((lines == least)[..., ::-1], axis=-1)
    return _picked("mode", input, xp.expand_dims(last, d), d, keepdim)


def _quantile(name: str, skip_nan: bool) -> Any:
    def fn(input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *,
           interpolation: str = "linear") -> Tensor:  # fmt: skip
        if input.dtype not in (dt.float32, dt.float64):
            raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
        if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
            raise RuntimeError(
                f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, "
                f"but got {interpolation}"
            )
        xp = backends.namespace(input._a)
        qa = q._a if isinstance(q, Tensor) else xp.asarray(q, dtype=input._a.dtype)
        if qa.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        if isinstance(q, Tensor) and q.dtype is not input.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
        if qa.size and (float(qa.min()) < 0 or float(qa.max()) > 1):
            raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
        if not input._a.size:
            raise RuntimeError(f"{name}() input tensor must be non-empty")
        x = input.reshape(-1) if dim is None else input.reshape(1) if not input._a.ndim else input
        d = wrap_dim(0 if dim is None else dim, x._a.ndim)
        ordered = sort(x.movedim(d, -1), -1)[0]
        n, nans = ordered._a.shape[-1], xp.isnan(ordered._a).sum(axis=-1, keepdims=True)
        rank = qa.reshape(-1) * xp.maximum((n - nans if skip_nan else n + nans * 0) - 1, 0)
        rank = xp.where((nans == n) if skip_nan else (nans > 0), float(n - 1), rank).astype(input._a.dtype)
        out = _at_rank(xp, ordered, rank, interpolation)
        kept = [1] * input._a.ndim if dim is None else [*input._a.shape[:d], 1, *input._a.shape[d + 1 :]]
        out = out.movedim(-1, 0)
        shape = kept if keepdim else [m for k, m in enumerate(kept) if k != d] if dim is not None else []
        shape = [1] * input._a.ndim if dim is None and keepdim else shape
        if not input._a.ndim:
            shape = []
        return out.reshape((*([qa.size] if qa.ndim else []), *shape))

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f'{name}(input, q, dim=None, keepdim=False, *, interpolation="linear") -> Tensor\n\n'
        f"The values below which the fractions ``q`` of the elements lie{', leaving out nan' if skip_nan else ''}."
    )
    return method(fn)


def _at_rank(xp: Any, ordered: Tensor, rank: Any, how: str) -> Tensor:
    if how == "lower":
        rank = xp.floor(rank)
    elif how == "higher":
        rank = xp.ceil(rank)
    elif how == "nearest":
        rank = xp.round(rank)
    low, high = xp.floor(rank).astype(xp.int64), xp.ceil(rank).astype(xp.int64)
    below = take_along_dim(ordered, wrap(low), -1)
    if how in ("lower", "higher", "nearest"):
        return below
    weight = (rank - low) if how == "linear" else xp.full_like(rank, 0.5)
    above = take_along_dim(ordered, wrap(high), -1)
    return below.lerp(above, wrap(weight.astype(below._a.dtype)))


quantile, nanquantile = _quantile("quantile", False), _quantile("nanquantile", True)


@method
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """nansum(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The sum over ``dim``, nan counting as 0.
    """
    if input.dtype.category < dt.FLOATING:
        return sum(input, dim, keepdim, dtype=dtype)
    x = input if dtype is None else input.to(dtype)
    return sum(x.masked_fill(x.isnan(), 0), dim, keepdim)


@method
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """nanmean(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The mean over ``dim`` of the elements that are not nan.
    """
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.legacy}"
        )
    return nansum(input, dim, keepdim, dtype=dtype) / sum((~input.isnan()).detach(), dim, keepdim)


@public
def var_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """var_mean(input, dim=None, *, correction=1, keepdim=False) -> (Tensor, Tensor)

    Variance and mean over ``dim``.
    """
    v = var(input, dim, unbiased, keepdim, correction=correction)
    return v, mean(input, None if isinstance(dim, bool) else dim, keepdim)


@public
def std_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """std_mean(input, dim=None, *, correction=1, keepdim=False) -> (Tensor, Tensor)

    Standard deviation and mean over ``dim``.
    """
    s = std(input, dim, unbiased, keepdim, correction=correction)
    return s, mean(input, None if isinstance(dim, bool) else dim, keepdim)


_Aminmax = return_type("aminmax", ("min", "max"))


@method
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """aminmax(input, *, dim=None, keepdim=False) -> (min, max)

    The smallest and the largest element, of all or along ``dim``.
    """
    if not input._a.size and dim is None:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    d = () if dim is None else dim
    low, high = amin(input, d, keepdim), amax(input, d, keepdim)
    if dim is None and keepdim:
        low, high = (t.reshape((1,) * input._a.ndim) for t in (low, high))
    return _Aminmax(low, high)


@method
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """dist(input, other, p=2) -> Tensor

    The p-norm of the difference.
    """
    return (input - other).norm(p)


@method
def msort(input: Tensor) -> Tensor:
    """msort(input) -> Tensor

    The elements in order along dimension 0.
    """
    return sort(input, 0)[0]


@op(name="CumprodBackward0", method=False, function=False)
class cumprod_op:
    """Running product."""

    formula = r"\prod_{j \leq i} x_j"

    def forward(xp, input: Array, dim):
        supports(input, "cumprod_out_cpu", boolean=False)
        return xp.cumprod(input, axis=dim, dtype=input.dtype) if input.ndim else input.copy()

    def d_input(F, g, input, out, dim):
        r"\sum_{i \geq k} \bar y_i \prod_{j \leq i, j \neq k} x_j"
        if not input.shape or not input.shape[dim]:
            return g
        if not bool((input == 0).any()):
            return F.flip(F.cumsum(F.flip(g * out, (dim,)), dim), (dim,)) / input
        n = input.shape[dim]
        # Each x_k is left out in turn: products before it times running products after it. No division, so zeros do
        # no harm, and the formula can be differentiated again.
        parts, before = [], None
        for k in range(n):
            rest = F.narrow(input, dim, k + 1, n - k - 1)
            after = F.cumprod(rest, dim) if n - k - 1 else None
            total = F.narrow(g, dim, k, 1)
            if after is not None:
                total = total + F.sum(F.narrow(g, dim, k + 1, n - k - 1) * after, (dim,), True)
            parts.append(total if before is None else total * before)
            here = F.narrow(input, dim, k, 1)
            before = here if before is None else before * here
        return F.cat(parts, dim)


@method
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """cumprod(input, dim, *, dtype=None) -> Tensor

    The running product along ``dim``.
    """
    x = _reduced_dtype(input, dtype)
    return cumprod_op(x, wrap_dim(dim, x._a.ndim))


def _running(name: str, better: Any) -> Any:
    def fn(input: Tensor, dim: int) -> Any:
        d = wrap_dim(dim, input._a.ndim)
        xp, a = _array(input)
        index = xp.zeros(a.shape, xp.int64)
        head = (slice(None),) * d
        for k in range(1, a.shape[d]):  # the best so far; of equal elements the last, and a nan stays
            best = xp.take_along_axis(a, index[(*head, slice(k - 1, k))], axis=d)
            new = a[(*head, slice(k, k + 1))]
            wins = better(new, best) | (new != new)
            index[(*head, slice(k, k + 1))] = xp.where(wins & ~((best != best) & (new == new)), k,
                                                      index[(*head, slice(k - 1, k))])  # fmt: skip
        return _picked(name, input, index if input._a.ndim else index.reshape(()), d, True)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(input, dim) -> (values, indices)\n\nThe {'largest' if name == 'cummax' else 'smallest'} element so far along ``dim``, and where it is."  # noqa: E501
    return method(fn)


cummax, cummin = (
    _running("cummax", lambda new, best: new >= best),
    _running("cummin", lambda new, best: new <= best),
)


@op(name="LogcumsumexpBackward0", method=False, function=False)
class logcumsumexp_op:
    """Running logarithm of the sum of exponentials."""

    formula = r"\log \sum_{j \leq i} e^{x_j}"

    def forward(xp, input: Array, dim):
        return xp.logaddexp.accumulate(input, axis=dim) if input.ndim and input.size else input.copy()

    def d_input(F, g, input, out, dim):
        r"\sum_{i \geq j} \bar y_i\, e^{x_j - y_i}"
        if not input.shape or not input.shape[dim]:
            return g
        n = input.shape[dim]
        parts = [F.sum(F.narrow(g, dim, k, n - k) * F.exp(F.narrow(input, dim, k, 1) - F.narrow(out, dim, k, n - k)),
                       (dim,), True) for k in range(n)]  # fmt: skip
        return F.cat(parts, dim)


@method
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """logcumsumexp(input, dim) -> Tensor

    The running ``log(sum(exp(input)))`` along ``dim``, without overflow.
    """
    return logcumsumexp_op(input, wrap_dim(dim, input._a.ndim))
