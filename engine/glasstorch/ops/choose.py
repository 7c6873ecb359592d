"""Choosing between values: where, clamp, masks, triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.dims import joined_shape
from ..core.dispatch import NUMBERS, result_type
from ..core.forms import FUNCTIONS, method
from ..core.frames import warn_once
from ..core.mode import STATE
from ..core.op import op
from ..core.outputs import C_NAMES
from ..core.refusals import need_tensor, same_device, type_name
from ..core.results import return_type
from ..core.tensor import Tensor
from .kinds import fitting, not_implemented


@op(types="promote", method=False, function=False, inplace=False, name="WhereBackward0", fast=False)
class where_op:
    """``input`` where the condition holds, else ``other``."""

    formula = r"c \; ? \; x : y"

    def forward(xp, condition, input: Array, other: Array):
        return xp.where(
            getattr(condition, "_a", condition), input, other
        )  # formulas on tensors pass a tensor

    def d_input(F, g, condition):
        r"\bar z \odot \mathbb{1}[c]"
        return F.where(condition, g, 0)

    def d_other(F, g, condition):
        r"\bar z \odot \mathbb{1}[\lnot c]"
        return F.where(condition, 0, g)


def where(condition: Tensor, input: Any = None, other: Any = None, *, out: Tensor | None = None) -> Any:
    """where(condition, input, other) -> Tensor

    ``input`` where ``condition`` holds, else ``other``; all broadcast. With the condition alone: the indices of
    its true elements.
    """
    if not isinstance(condition, Tensor) or (input is None) != (other is None):
        given = ", ".join(type_name(v) for v in (condition, input, other) if v is not None)
        raise TypeError(
            f"where() received an invalid combination of arguments - got ({given}), but expected one of:\n"
            " * (Tensor condition)\n * (Tensor condition, Tensor input, Tensor other, *, Tensor out = None)\n"
            " * (Tensor condition, Number self, Tensor other)\n * (Tensor condition, Tensor input, Number other)\n"
            " * (Tensor condition, Number self, Number other)\n"
        )
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.dtype.category != dt.BOOL and condition.dtype is not dt.uint8:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype.legacy}"
        )
    if condition.dtype is dt.uint8:
        warn_once(
            "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future "
            "version of PyTorch. Use a boolean condition instead."
        )
    large = [t if isinstance(t, Tensor) and t._a.ndim else None for t in (input, other)]
    same_device("where", condition=condition, input=large[0], other=large[1])
    mask = condition._a if condition.dtype is dt.bool_ else condition._a != 0
    for t in (input, other):
        if isinstance(t, Tensor) and t._a.shape != mask.shape:
            joined_shape(mask.shape, t._a.shape)
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        from .create import tensor

        input = tensor(input, device=condition.device)
    return where_op(mask, input, other, out=out)


FUNCTIONS["where"] = where


def _where(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """where(condition, other) -> Tensor

    The tensor's elements where ``condition`` is true, those of ``other`` elsewhere.
    """
    return where(condition, self, other)


Tensor.where = _where


def _check_bounds(name: str, input: Tensor, min: Any, max: Any) -> None:
    """The errors of ``clamp``: bounds of two kinds, complex numbers (which have no order), bool with a number."""
    bounds = [b for b in (min, max) if b is not None]
    tensors = [b for b in bounds if isinstance(b, Tensor)]
    if tensors and len(tensors) < len(bounds):
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got (Tensor, {type_name(min)}, "
            f"{type_name(max)}), but expected one of:\n"
            " * (Tensor input, Tensor min = None, Tensor max = None, *, Tensor out = None)\n"
            " * (Tensor input, Number min = None, Number max = None, *, Tensor out = None)\n"
        )
    kind = result_type([input, *bounds])
    if not kind.is_complex:
        return
    if not input.is_complex() and not tensors:
        raise RuntimeError("value cannot be converted to type double without overflow")
    if len(bounds) == 1 and tensors and not (name == "clamp" and input.is_complex()):
        not_implemented("maximum_cpu" if max is None else "minimum_cpu", kind)
    raise NotImplementedError("clamp is not supported for complex types")


@op(types="promote", fast=False)
class clamp:
    """clamp(input, min=None, max=None, *, out=None) -> Tensor

    Elements below ``min`` or above ``max`` set to that bound. Bounds are numbers or tensors.
    """

    formula = r"\min(\max(x, a), b)"
    node_names = (("min max", "ClampBackward1"),)
    numbers = ("min", "max")

    def check(input, min, max):
        if isinstance(input, Tensor):
            _check_bounds("clamp", input, min, max)

    def forward(xp, input: Array, min: Array | None = None, max: Array | None = None):
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        out = input
        if min is not None:
            out = xp.maximum(out, min)
        return xp.minimum(out, max) if max is not None else out

    def d_input(F, g, input, min, max):
        r"\bar y \odot \mathbb{1}[a \leq x \leq b]"
        inside = input == input if min is None else input >= min
        inside = inside if max is None else inside & (input <= max)
        return F.where(inside, g, 0)

    def d_min(F, g, input, min, max):
        r"\bar y \odot \mathbb{1}[x < a]"
        low = input < min
        low = low if max is None else low & (min < max)
        return F.where(low, g, 0)

    def d_max(F, g, input, min, max):
        r"\bar y \odot \mathbb{1}[x > b]"
        high = input > max
        high = high if min is None else high | (max < min)
        return F.where(high, g, 0)


Tensor.clip = Tensor.clamp
Tensor.clip_ = Tensor.clamp_
FUNCTIONS["clip"] = clamp


def _check_one_bound(which: str, input: Any, bound: Any) -> None:
    if not isinstance(input, Tensor) or not isinstance(bound, (Tensor, *NUMBERS)):
        raise TypeError(
            f"clamp_{which}() received an invalid combination of arguments - got ({type_name(input)}, "
            f"{type_name(bound)}), but expected one of:\n * (Tensor input, Tensor {which}, *, Tensor out = None)\n"
            f" * (Tensor input, Number {which}, *, Tensor out = None)\n"
        )
    if input.is_complex() and not isinstance(bound, Tensor):
        raise NotImplementedError("clamp is not supported for complex types")
    if input.dtype is dt.bool_ and isinstance(bound, bool):
        not_implemented(f"clamp_{which}_scalar_cpu", input.dtype)
    if isinstance(bound, (Tensor, complex)):
        _check_bounds(f"clamp_{which}", input, *((bound, None) if which == "min" else (None, bound)))


@method
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """clamp_min(input, min) -> Tensor

    Elements below ``min`` set to it.
    """
    _check_one_bound("min", input, min)
    return clamp(input, min, None)


@method
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """clamp_max(input, max) -> Tensor

    Elements above ``max`` set to it.
    """
    _check_one_bound("max", input, max)
    return clamp(input, None, max)


@method
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """masked_fill(input, mask, value) -> Tensor

    ``value`` (a number or 0-d tensor) where ``mask`` holds, else ``input``.
    """
    if not isinstance(mask, Tensor) or not isinstance(value, (Tensor, *NUMBERS)):
        raise TypeError(
            f"masked_fill() received an invalid combination of arguments - got ({type_name(mask)}, "
            f"{type_name(value)}), but expected one of:\n * (Tensor mask, Tensor value)\n"
            " * (Tensor mask, Number value)\n"
        )
    if mask.dtype is not dt.bool_:
        kind = C_NAMES.get(mask.dtype.name, mask.dtype.name)
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {kind}")
    same_device("masked_fill", input=input, mask=mask)
    joined_shape(mask._a.shape, input._a.shape)
    v = value if isinstance(value, Tensor) else None
    if v is not None and v._a.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {v._a.ndim} dimension(s)."
        )
    if v is not None and v.dtype.category > input.dtype.category:
        fitting(v.item(), input.dtype)  # refused where a number would be
    if v is None:
        value = fitting(value.item() if isinstance(value, np.generic) else value, input.dtype)
    return masked_fill_op(input, value if v is None else v.to(input.dtype), mask._a)


@op(types="promote", method=False, function=False, inplace=False, name="MaskedFillBackward0", fast=False)
class masked_fill_op:
    """A value where the mask holds, else ``input``."""

    formula = r"m \; ? \; v : x"

    def forward(xp, input: Array, value: Array, mask):
        return xp.where(mask, value, input)

    def d_input(F, g, mask):
        r"\bar y \odot \mathbb{1}[\lnot m]"
        return F.where(mask, 0, g)

    def d_value(F, g, mask):
        r"\sum \bar y \odot \mathbb{1}[m]"
        return F.where(mask, g, 0)


def _check_matrices(name: str, array: Any) -> None:
    if array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


@op(name="TrilBackward0")
class tril:
    """tril(input, diagonal=0) -> Tensor

    The lower triangle of matrices, zeros above the diagonal.
    """

    formula = r"\mathrm{tril}(X)"

    def forward(xp, input: Array, diagonal=0):
        _check_matrices("tril", input)
        return xp.tril(input, diagonal).astype(input.dtype, copy=False)

    def d_input(F, g, diagonal):
        r"\mathrm{tril}(\bar Y)"
        return F.tril(g, diagonal)


@op(name="TriuBackward0")
class triu:
    """triu(input, diagonal=0) -> Tensor

    The upper triangle of matrices, zeros below the diagonal.
    """

    formula = r"\mathrm{triu}(X)"

    def forward(xp, input: Array, diagonal=0):
        _check_matrices("triu", input)
        return xp.triu(input, diagonal).astype(input.dtype, copy=False)

    def d_input(F, g, diagonal):
        r"\mathrm{triu}(\bar Y)"
        return F.triu(g, diagonal)


def _nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """nonzero(input, *, as_tuple=False) -> LongTensor or tuple

    The indices of the elements different from zero: one row each, or one tensor for each dimension.
    """
    from .. import backends
    from ..core.tensor import wrap

    xp = backends.namespace(input._a)
    if as_tuple:
        a = input._a if input._a.ndim else input._a.reshape(1)
        return tuple(wrap(i) for i in xp.nonzero(a))
    if input._a.ndim == 0:
        return wrap(xp.zeros((int(bool(input._a)), 0), xp.int64))
    return wrap(xp.argwhere(input._a))


_nonzero.__name__ = "nonzero"
method(_nonzero)


@method
def equal(input: Tensor, other: Tensor) -> bool:
    """equal(input, other) -> bool

    Have both the same shape and elements?
    """
    need_tensor("equal", "other", 2, other)
    same_device("equal", input=input, other=other)
    if STATE.recorder is not None:
        STATE.recorder.read(input, "a bool")
        STATE.recorder.read(other, "a bool")
    return input._a.shape == other._a.shape and bool((input._a == other._a).all())


@method
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False) -> bool

    Is ``|input - other| <= atol + rtol * |other|`` everywhere?
    """
    from .. import backends

    if input.dtype is not other.dtype:
        raise RuntimeError(f"{input.dtype.legacy} did not match {other.dtype.legacy}")
    same_device("allclose", input=input, other=other)
    if STATE.recorder is not None:
        STATE.recorder.read(input, "a bool")
        STATE.recorder.read(other, "a bool")
    xp = backends.namespace(input._a)
    return bool(xp.allclose(input._a, other._a, rtol=rtol, atol=atol, equal_nan=equal_nan))


@op(name="SortBackward0", method=False, function=False)
class sort_op:
    """Values in order along a dimension, with the indices they came from."""

    formula = r"\mathrm{sort}(x)"
    several, nondifferentiable = True, (1,)

    def forward(xp, input: Array, dim, descending, stable):
        if input.dtype.kind == "c":
            raise RuntimeError(" Sort does not support complex dtypes on CPU")
        if input.ndim == 0:
            return input.copy(), xp.zeros((), xp.int64)
        a = xp.flip(input, dim) if descending else input
        order = xp.argsort(a, axis=dim, kind="stable")
        if descending:  # stable in the original order
            order = xp.ascontiguousarray(xp.flip(input.shape[dim] - 1 - order, dim))
        return xp.take_along_axis(input, order, axis=dim), order

    def d_input(F, g, input_shape, out, dim):
        r"\bar y \text{ put back in place}"
        return g[0] if not input_shape else F.put_along(g[0], F.constant(out[1], g[0]), input_shape, dim)


@method
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """sort(input, dim=-1, descending=False, stable=False) -> (values, indices)

    The elements in order along ``dim``, and where each came from.
    """
    from ..core.dims import wrap_dim

    return _SORTED(*sort_op(input, wrap_dim(dim, input._a.ndim), descending, stable))


@method
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """argsort(input, dim=-1, descending=False, stable=False) -> LongTensor

    The indices that put the elements in order along ``dim``.
    """
    return sort(input, dim, descending, stable)[1]


@method
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """topk(input, k, dim=-1, largest=True, sorted=True) -> (values, indices)

    The ``k`` largest (or smallest) elements along ``dim``, in order.
    """
    from ..core.dims import wrap_dim

    d = wrap_dim(dim, input._a.ndim)
    n = input._a.shape[d] if input._a.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError("selected index k out of range")
    if input.dtype is dt.bool_ or input.is_complex():
        group = "bool" if input.dtype is dt.bool_ else "complex"
        raise RuntimeError(f"topk does not support {group} dtypes on CPU")
    values, indices = sort(input, d, largest)
    if input._a.ndim == 0:
        return _TOPK(values, indices)
    return _TOPK(values.narrow(d, 0, k), indices.narrow(d, 0, k))


_SORTED, _TOPK = return_type("sort"), return_type("topk")
