"""Reductions and normalisations over the elements that a mask keeps: ``glasstorch.masked``, PyTorch's ``torch.masked``.

``mask`` is a tensor that broadcasts to ``input``; where it is false an element does not count. All functions work the
same way: what is masked out is replaced by the number that cannot change the result (0 for a sum, 1 for a product,
minus infinity for a maximum), and the ordinary function is applied. A slice without any element gives that number, and
nan where there is none. ``mask=None`` keeps all. ``dim`` is an int, a tuple of ints, or None for all dimensions;
``dtype`` the type of the result, by default that of ``input`` (int64 for sums and products of smaller integers).

There is no ``MaskedTensor`` class. Source: https://pytorch.org/docs/stable/masked.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .core import dtype as dt
from .core.dims import wrap_dim
from .core.forms import FUNCTIONS as F
from .core.tensor import Tensor
from .ops.create import ones, tensor

_SMALL_INTEGERS = (dt.uint8, dt.bool_, dt.int8, dt.int16, dt.int32)


# ---------------------------------------------------------------------- masks
def _least(name: str, kind: dt.dtype) -> float:
    """The smallest value of a type: the neutral element of a maximum."""
    if kind.is_floating_point:
        return -math.inf
    if kind is dt.bool_:
        raise NotImplementedError(f"identity of {name} on {kind} input")
    return dt.iinfo(kind).min  # TypeError for complex types, which have no order


def _greatest(name: str, kind: dt.dtype) -> float:
    if kind.is_floating_point:
        return math.inf
    if kind is dt.bool_:
        raise NotImplementedError(f"identity of {name} on {kind} input")
    return dt.iinfo(kind).max  # TypeError for complex types, which have no order


def _wide_mask(input: Tensor, mask: Tensor) -> Tensor:
    """The mask as a bool tensor of the input's shape."""
    if mask.dim() > input.dim():
        raise IndexError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)"
        )
    return F["broadcast_to"](mask, input.shape).to(dt.bool_)


def _filled(input: Tensor, mask: Tensor | None, neutral: Callable[[], Any]) -> Tensor:
    """The input with what is masked out replaced by a number, which is asked for only if there is a mask."""
    if mask is None:
        return input
    value = tensor(neutral(), dtype=input.dtype, device=input.device)
    return F["where"](_wide_mask(input, mask), input, value)


def _dims(dim: Any, ndim: int) -> tuple[int, ...]:
    if dim is None or dim == ():
        return tuple(range(ndim))
    given = (dim,) if hasattr(dim, "__index__") else dim
    out: list[int] = []
    for d in given:
        if d in out:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims")
        out.append(wrap_dim(d, ndim))
    return tuple(sorted(out))


def _summed_type(input: Tensor, dtype: dt.dtype | None) -> dt.dtype:
    return dtype or (dt.int64 if input.dtype in _SMALL_INTEGERS else input.dtype)


# ---------------------------------------------------------------------- sums and products
def sum(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """sum(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The sum over ``dim``; 0 where all is masked out.
    """
    x = _filled(input, mask, lambda: 0)
    return F["sum"](x, _dims(dim, input.dim()), bool(keepdim), dtype=_summed_type(input, dtype))


def prod(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """prod(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The product over ``dim``; 1 where all is masked out.
    """
    x = _filled(input, mask, lambda: 1).to(_summed_type(input, dtype))
    for d in reversed(_dims(dim, input.dim())):
        x = F["prod"](x, d, bool(keepdim))
    return x


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """cumsum(input, dim, *, dtype=None, mask=None) -> Tensor

    The running sum along ``dim``; what is masked out adds nothing.
    """
    kind, d = dtype or input.dtype, _dims(dim, input.dim())[0]
    return F["cumsum"](_filled(input, mask, lambda: 0), d, dtype=kind).to(kind)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """cumprod(input, dim, *, dtype=None, mask=None) -> Tensor

    The running product along ``dim``; what is masked out multiplies by nothing.
    """
    kind, d = dtype or input.dtype, _dims(dim, input.dim())[0]
    return F["cumprod"](_filled(input, mask, lambda: 1), d, dtype=kind).to(kind)


# ---------------------------------------------------------------------- extremes
def amax(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """amax(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The largest element over ``dim``; the type's least value where all is masked out.
    """
    x = _filled(input, mask, lambda: _least("amax", input.dtype))
    return F["amax"](x, _dims(dim, input.dim()), bool(keepdim)).to(dtype or input.dtype)


def amin(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """amin(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The smallest element over ``dim``; the type's greatest value where all is masked out.
    """
    x = _filled(input, mask, lambda: _greatest("amin", input.dtype))
    return F["amin"](x, _dims(dim, input.dim()), bool(keepdim)).to(dtype or input.dtype)


def argmax(
    input: Tensor, dim: int | None = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    Where the largest element is; like PyTorch's in the type of ``input`` unless ``dtype`` says otherwise.
    """
    x = _filled(input, mask, lambda: _least("argmax", input.dtype))
    return F["argmax"](x, dim, bool(keepdim)).to(dtype or input.dtype)


def argmin(
    input: Tensor, dim: int | None = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    Where the smallest element is; like PyTorch's in the type of ``input`` unless ``dtype`` says otherwise.
    """
    x = _filled(input, mask, lambda: _greatest("argmin", input.dtype))
    return F["argmin"](x, dim, bool(keepdim)).to(dtype or input.dtype)


# ---------------------------------------------------------------------- moments
def _count(input: Tensor, dim: Any, keepdim: bool, mask: Tensor | None) -> Tensor:
    """How many elements count."""
    if mask is None:
        return sum(ones(tuple(input.shape), dtype=dt.int64, device=input.device), dim, keepdim=keepdim)
    return F["sum"](_wide_mask(input, mask), None if dim == () else dim, bool(keepdim))


def mean(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """mean(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The mean over ``dim``; nan where all is masked out. ValueError for types that have no fractions.
    """
    kind = dtype or input.dtype
    if kind.category < dt.FLOATING:
        raise ValueError(
            f"mean(): Could not infer output dtype. {'Input' if dtype is None else 'Optional'} dtype must be either a "
            f"floating point or complex dtype. Got: {kind}"
        )
    total = sum(input, dim, keepdim=keepdim, dtype=kind, mask=mask)
    return total / _count(input, dim, keepdim, mask)


def median(
    input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """median(input, dim=-1, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The middle element along ``dim`` (of two the lower); nan where all is masked out, for integers a ValueError.
    """
    d = _dims(dim, input.dim())[0]
    x = input if input.dtype.is_floating_point else input.to(dt.float32)
    out = F["nanmedian"](_filled(x, mask, lambda: math.nan), d, keepdim).values
    if x is input:
        return out
    if bool(out.isnan().any()):
        raise ValueError("masked median expects no fully masked out rows if dtype is not floating point")
    return out.to(dtype or input.dtype)


def _variance(
    input: Tensor, dim: Any, unbiased: Any, correction: Any, keepdim: Any, dtype: Any, mask: Any
) -> Tensor:
    if unbiased is not None and correction is not None:
        raise AssertionError("Only one of unbiased and correction may be given")
    if correction is None:
        correction = 1.0 if unbiased is None or unbiased else 0.0
    kind = dtype or (input.dtype if input.dtype.category >= dt.FLOATING else dt.float32)
    wide = kind if kind.category >= dt.FLOATING else dt.float32
    centred = input - sum(input, dim, keepdim=True, dtype=kind, mask=mask) / _count(input, dim, True, mask)
    total = sum(centred * centred.conj(), dim, keepdim=keepdim, dtype=wide, mask=mask)
    count = _count(input, dim, True, mask)
    count = count if keepdim else count.reshape(total.shape)
    if correction:
        count = (count.to(wide.to_real()) - float(correction)).clamp(min=0)
    return (total / count).to(kind)


def var(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, *, correction: float | None = None,
    keepdim: bool = False, dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None) -> Tensor

    The variance over ``dim``: squared distance from the mean, divided by the number of elements less ``correction``.
    """
    return _variance(input, dim, unbiased, correction, keepdim, dtype, mask)


def std(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, *, correction: float | None = None,
    keepdim: bool = False, dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None) -> Tensor

    The standard deviation over ``dim``: the square root of ``var``.
    """
    return _variance(input, dim, unbiased, correction, keepdim, dtype, mask).sqrt()


def norm(
    input: Tensor,
    ord: Any = 2.0,
    dim: Any = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Any = None,
) -> Tensor:
    """norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    The vector norm over ``dim``; 0 (infinity for ``ord=-inf``) where all is masked out.
    """
    from .linalg import vector_norm

    x = _filled(input, mask, lambda: math.inf if ord == -math.inf else 0)
    return vector_norm(x, ord, _dims(dim, input.dim()), bool(keepdim), dtype=dtype or input.dtype)


# ---------------------------------------------------------------------- exponentials
def _least_or_complex(name: str, kind: dt.dtype) -> Any:
    return complex(-math.inf, 0) if kind.is_complex else _least(name, kind)


def logsumexp(
    input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None) -> Tensor

    ``log(sum(exp(input)))`` over ``dim``; minus infinity where all is masked out.
    """
    x = _filled(input, mask, lambda: _least_or_complex("logsumexp", input.dtype))
    return F["logsumexp"](x, _dims(dim, input.dim()), keepdim=keepdim).to(dtype or input.dtype)


def logaddexp(
    input: Tensor, other: Tensor, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Tensor:
    """logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None) -> Tensor

    ``log(exp(input) + exp(other))``; what is masked out adds nothing.
    """
    x = _filled(input, input_mask, lambda: _least("logaddexp", input.dtype))
    y = _filled(other, other_mask, lambda: _least("logaddexp", other.dtype))
    return F["logaddexp"](x, y).to(dtype or input.dtype)


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """softmax(input, dim, *, dtype=None, mask=None) -> Tensor

    Shares of ``exp(input)`` along ``dim``; 0 for what is masked out, nan where all is.
    """
    from .nn.functional import softmax as plain

    x = _filled(input, mask, lambda: _least("amax", input.dtype))
    return plain(x, _dims(dim, input.dim())[0], dtype=dtype or input.dtype)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """log_softmax(input, dim, *, dtype=None, mask=None) -> Tensor

    The logarithm of ``softmax``; minus infinity for what is masked out.
    """
    from .nn.functional import log_softmax as plain

    x = _filled(input, mask, lambda: _least("amax", input.dtype))
    return plain(x, _dims(dim, input.dim())[0], dtype=dtype or input.dtype)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """softmin(input, dim, *, dtype=None, mask=None) -> Tensor

    Shares of ``exp(-input)`` along ``dim``; 0 for what is masked out.
    """
    from .nn.functional import softmin as plain

    x = _filled(input, mask, lambda: _greatest("amin", input.dtype))
    return plain(x, _dims(dim, input.dim())[0], dtype=dtype or input.dtype)


def normalize(
    input: Tensor, ord: Any, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None
) -> Tensor:
    """normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None) -> Tensor

    The input divided by its norm along ``dim`` (at least ``eps``); 0 for what is masked out.
    """
    size = norm(input, ord, dim, keepdim=True, dtype=dtype or input.dtype, mask=mask)
    return _filled(input, mask, lambda: 0) / F["maximum"](size, size.new_full((), eps))


_REDUCTIONS = {
    "sum",
    "prod",
    "amax",
    "amin",
    "argmax",
    "argmin",
    "mean",
    "median",
    "norm",
    "var",
    "std",
    "logsumexp",
}
_NORMALISATIONS = {"softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod"}


def _output_mask(op: Callable, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Which elements of ``op(input, *args, **kwargs)`` were made from at least one element that counts.

    PyTorch has it under this name; its own tests use it to look at defined results only.
    """
    name = getattr(op, "__name__", type(op).__name__)
    if name not in _REDUCTIONS | _NORMALISATIONS:
        raise ValueError(f"_output_mask expected masked operation (got callable {name})")
    if kwargs.get("mask") is None:
        raise ValueError("_input_mask requires explicit mask")
    out = _wide_mask(input, kwargs["mask"])
    if name in _NORMALISATIONS:
        return out
    rest = args[1:] if name == "norm" else args
    for d in reversed(_dims(rest[0] if rest else kwargs.get("dim"), input.dim())):
        out = F["any"](out, d, bool(kwargs.get("keepdim", False)))
    return out


__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]
