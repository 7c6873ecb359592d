"""Order statistics: median, mode, quantiles, the k-th value; sums and means without nan."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.forms import method
from ..core.op import op
from ..core.results import return_type
from ..core.tensor import Tensor, wrap
from .choose import sort
from .extremes import amax, amin, shared
from .index import gather
from .kinds import supports
from .pick import take_along_dim
from .reduce import sum


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


@op(name="MedianBackward0", method=False, function=False)
class median_all:
    """The middle element of all; elements equal to it share the gradient."""

    label = "median"
    formula = r"\mathrm{median}(x)"

    def forward(xp, input: Array, skip_nan):
        if not input.size:
            return xp.asarray(math.nan).astype(input.dtype)
        supports(input, "median_cpu", boolean=False, complex=False)
        a = input.reshape(-1)
        order = xp.sort(a)  # nan come last
        bad = int((a != a).sum())
        n = len(a)
        return order[max(n - bad - 1, 0) // 2 if skip_nan else n - bad if bad else (n - 1) // 2]

    def d_input(F, g, input, out):
        r"\bar y \text{ shared among the elements equal to } y"
        return shared(F, g, input, out)


def _median(name: str, skip_nan: bool) -> Any:
    def fn(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        if dim is None:
            return median_all(input, skip_nan)
        d = wrap_dim(dim, input._a.ndim)
        supports(input.dtype, "median_out", boolean=False, complex=False)
        _not_empty(name, input, d)
        xp, a = _array(input)
        order = xp.argsort(a, axis=d, kind="stable")  # nan come last
        n = a.shape[d]
        bad = (a != a).sum(axis=d, keepdims=True)
        middle = xp.maximum(n - bad - 1, 0) // 2 if skip_nan else xp.where(bad > 0, n - bad, (n - 1) // 2)
        return _picked(name, input, xp.take_along_axis(order, middle, axis=d), d, keepdim)

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
    _not_empty("kthvalue", input, d)
    xp, a = _array(input)
    if not 1 <= k <= a.shape[d]:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {d}: {k}")
    supports(input.dtype, "kthvalue_cpu", boolean=False, complex=False)
    order = xp.argsort(a, axis=d, kind="stable")
    return _picked("kthvalue", input, xp.take(order, xp.asarray([k - 1]), axis=d), d, keepdim)


@method
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """mode(input, dim=-1, keepdim=False) -> (values, indices)

    The most frequent element along ``dim`` (of several the smallest), and where it is last. No nan equals another; a
    nan that stands first is the mode where nothing occurs twice.
    """
    d = wrap_dim(dim, input._a.ndim)
    _not_empty("mode", input, d)
    supports(input.dtype, "mode_cpu", complex=False)
    xp, a = _array(input)
    lines = xp.moveaxis(a, d, -1)
    order = xp.argsort(lines, axis=-1, kind="stable")
    ranked = xp.take_along_axis(lines, order, axis=-1)
    place = xp.arange(lines.shape[-1])
    starts = xp.ones(lines.shape, bool)
    starts[..., 1:] = ranked[..., 1:] != ranked[..., :-1]
    run = place - xp.maximum.accumulate(xp.where(starts, place, 0), axis=-1)  # how far into its run of equals
    last = xp.argmax(run, axis=-1, keepdims=True)
    only_once = run.max(axis=-1, keepdims=True) == 0
    index = xp.take_along_axis(order, last, axis=-1)
    index = xp.where(only_once & (lines[..., :1] != lines[..., :1]), 0, index)
    return _picked("mode", input, xp.moveaxis(index, -1, d), d, keepdim)


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


def _no_complex(name: str, input: Tensor) -> None:
    if input.is_complex():
        raise RuntimeError(f"{name} on CPU does not support complex inputs")


@method
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """nansum(input, dim=None, keepdim=False, *, dtype=None) -> Tensor

    The sum over ``dim``, nan counting as 0.
    """
    if input.dtype.category < dt.FLOATING:
        return sum(input, dim, keepdim, dtype=dtype)
    _no_complex("nansum", input)
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


_Aminmax = return_type("aminmax", ("min", "max"))


@method
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """aminmax(input, *, dim=None, keepdim=False) -> (min, max)

    The smallest and the largest element, of all or along ``dim``.
    """
    supports(input.dtype, "aminmax_cpu", complex=False)
    if dim is not None and input._a.ndim and not input._a.shape[wrap_dim(dim, input._a.ndim)]:
        raise IndexError(
            f"aminmax: Expected reduction dim {wrap_dim(dim, input._a.ndim)} to have non-zero size."
        )
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
