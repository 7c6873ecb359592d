"""Running reductions along a dimension: sums, products, extremes and log-sum-exp."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.dims import wrap_dim
from ..core.forms import method
from ..core.op import op
from ..core.results import return_type
from ..core.tensor import Tensor, wrap
from .index import gather
from .kinds import in_rows, supports
from .reduce import _reduced_dtype


@op(name="CumsumBackward0", wide=True, method=False, function=False)
class cumsum_op:
    """Running sum."""

    formula = r"\sum_{j \leq i} x_j"

    def forward(xp, input: Array, dim):
        supports(input, "cumsum_out_cpu", boolean=False)
        return in_rows(xp, xp.cumsum(input, axis=dim, dtype=input.dtype)) if input.ndim else input.copy()

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


@op(name="CumprodBackward0", wide=True, method=False, function=False)
class cumprod_op:
    """Running product."""

    formula = r"\prod_{j \leq i} x_j"

    def forward(xp, input: Array, dim):
        supports(input, "cumprod_out_cpu", boolean=False)
        return in_rows(xp, xp.cumprod(input, axis=dim, dtype=input.dtype)) if input.ndim else input.copy()

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


def _running(name: str, word: str) -> Any:
    result, accumulate = return_type(name), "maximum" if name == "cummax" else "minimum"

    def fn(input: Tensor, dim: int) -> Any:
        supports(input.dtype, f"{name}_cpu", complex=False)
        d = wrap_dim(dim, input._a.ndim)
        xp, a = backends.namespace(input._a), input._a
        if not a.ndim:
            return result(input.clone(), wrap(xp.zeros((), xp.int64)))
        best = getattr(xp, accumulate).accumulate(a, axis=d) if a.size else a
        # Of equal elements the last; a nan is the best from where it is on.
        places = xp.arange(a.shape[d]).reshape((-1,) + (1,) * (a.ndim - d - 1))
        index = xp.where((a == best) | (a != a), places, 0)
        index = wrap(in_rows(xp, xp.maximum.accumulate(index, axis=d) if a.size else index))
        return result(gather(input, d, index), index)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(input, dim) -> (values, indices)\n\nThe {word} element so far along ``dim``, and where it is."
    return method(fn)


cummax, cummin = _running("cummax", "largest"), _running("cummin", "smallest")


def _log_add_exp(xp: Any, a: Any, b: Any) -> Any:
    """``log(exp(a) + exp(b))`` of complex numbers, without overflow."""
    top = xp.maximum(a.real, b.real)
    top = xp.where(xp.isfinite(top), top, 0)
    return xp.log(xp.exp(a - top) + xp.exp(b - top)) + top


@op(name="LogcumsumexpBackward0", wide=True, method=False, function=False)
class logcumsumexp_op:
    """Running logarithm of the sum of exponentials."""

    formula = r"\log \sum_{j \leq i} e^{x_j}"

    def forward(xp, input: Array, dim):
        supports(input, "logcumsumexp_out_cpu", integer=False, boolean=False)
        if not input.ndim or not input.size:
            return input.copy()
        if input.dtype.kind != "c":
            return in_rows(xp, xp.logaddexp.accumulate(input, axis=dim))
        out = input.copy()
        rows = xp.moveaxis(out, dim, 0)
        for k in range(1, len(rows)):
            rows[k] = _log_add_exp(xp, rows[k - 1], rows[k])
        return out

    def d_input(F, g, input, out, dim):
        r"\sum_{i \geq j} \bar y_i\, e^{x_j - y_i}"
        if not input.shape or not input.shape[dim]:
            return g
        n = input.shape[dim]  # linear in g also at 0, as forward derivatives by two backwards need it
        parts = [F.sum(F.narrow(g, dim, k, n - k) * F.exp(F.narrow(input, dim, k, 1) - F.narrow(out, dim, k, n - k)),
                       (dim,), True) for k in range(n)]  # fmt: skip
        return F.cat(parts, dim)


@method
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """logcumsumexp(input, dim) -> Tensor

    The running ``log(sum(exp(input)))`` along ``dim``, without overflow.
    """
    return logcumsumexp_op(input, wrap_dim(dim, input._a.ndim))
