"""Largest and smallest elements: their values, and where they are."""

from __future__ import annotations

from typing import Any

from ..core.dims import wrap_dim, wrap_dims
from ..core.forms import method
from ..core.op import op
from ..core.refusals import type_name
from ..core.results import return_type
from ..core.tensor import Tensor
from .arithmetic import maximum, minimum
from .kinds import in_rows, supports
from .reduce import spread


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

    def forward(xp, input: Array, dims, keepdim):
        return in_rows(xp, getattr(xp, symbol)(input, axis=dims, keepdims=keepdim)) if dims else input.copy()

    def d_input(F, g, input, out, dims, keepdim):  # type: ignore[no-untyped-def]
        r"\bar y \text{ shared among the elements equal to } y"
        shape = input.shape
        hit = input == spread(F, out, shape, dims, keepdim)
        mask = F.where(hit, F.zeros_of((), g) + 1, 0)
        count = F.expand(F.sum(mask, dims, True), shape)
        return spread(F, g, shape, dims, keepdim) * (mask / count)

    body |= {"forward": forward, "d_input": d_input}
    return op(method=False, function=False, name=f"{name.capitalize()}Backward0")(type(name, (), body))


_amax = _extreme("amax", "max")
_amin = _extreme("amin", "min")


def shared(F: Any, g: Any, input: Any, out: Any) -> Any:
    """The gradient of an element picked from all: shared among those equal to it (a nan equals a nan here)."""
    hit = (input == out) | ((input != input) & (out != out))
    mask = F.where(hit, F.zeros_of((), g) + 1, 0)
    return mask * (g / F.sum(mask, tuple(range(len(input.shape))), False))


def _extreme_of_all(name: str, symbol: str) -> Any:
    body = {
        "__doc__": f"The {symbol} of all elements; equal elements share the gradient.",
        "label": symbol,
        "formula": rf"\{symbol}_i x_i",
        "holomorphic": False,
    }

    def forward(xp, input: Array):
        supports(input, f"{symbol}_all", complex=False)
        return getattr(xp, symbol)(input)

    def d_input(F, g, input, out):  # type: ignore[no-untyped-def]
        r"\bar y \text{ shared among the elements equal to } y"
        return shared(F, g, input, out)

    body |= {"forward": forward, "d_input": d_input}
    return op(method=False, function=False, name=f"{symbol.capitalize()}Backward1")(type(name, (), body))


_max_all = _extreme_of_all("max_all", "max")
_min_all = _extreme_of_all("min_all", "min")


def _over_dims(name: str, extreme: Any, word: str) -> Any:
    def fn(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
        if input._a.size == 0:
            if dim == () or dim is None:
                raise _empty_error(name)
            for d in dim if isinstance(dim, (tuple, list)) else (dim,):
                _check_not_empty(name, input._a, wrap_dim(d, input._a.ndim))
        supports(input.dtype, f"{name[1:]}_values_cpu", complex=False)
        return extreme(input, wrap_dims(dim, input._a.ndim), keepdim)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(input, dim=(), keepdim=False) -> Tensor\n\n"
        f"The {word} element over ``dim``; equal elements share the gradient."
    )
    return method(fn)


def _check_not_empty(name: str, a: Any, d: int) -> None:
    if a.ndim and not a.shape[d]:
        raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


amax, amin = _over_dims("amax", _amax, "largest"), _over_dims("amin", _amin, "smallest")


def _extreme_along(name: str, symbol: str) -> Any:
    """``max(dim)`` and ``min(dim)``: values and where they are."""
    index_fn = f"arg{symbol}"
    result = return_type(symbol)

    def forward(xp, input: Array, dim, keepdim):
        if input.dtype.kind == "c":
            raise RuntimeError(f"{symbol}(): does not support complex input")
        if input.ndim == 0:
            return input.copy(), xp.zeros((), xp.int64)
        _check_not_empty(symbol, input, dim)
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
        if not isinstance(input, Tensor):
            given = ", ".join(type_name(v) for v in (input, dim if other is None else other) if v is not None)
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got ({given}), but expected one of:\n"
                " * (Tensor input, *, Tensor out = None)\n * (Tensor input, Tensor other, *, Tensor out = None)\n"
                " * (Tensor input, int dim, bool keepdim = False, *, tuple of Tensors out = None)\n"
            )
        if isinstance(dim, Tensor) or other is not None:
            return pair(input, dim if other is None else other)
        if dim is None:
            if input._a.size == 0:
                raise _empty_error(name)
            return whole(input)
        return along(input, wrap_dim(dim, input._a.ndim), keepdim)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(input) -> Tensor; {name}(input, dim, keepdim=False) -> (values, indices); {name}(input, other)\n\n"
        f"The {'largest' if name == 'max' else 'smallest'} element of all; along a dimension with "
        f"its index; or of two tensors."
    )
    return method(fn)


max = _max_or_min("max", _max_all, _max_along, maximum)
min = _max_or_min("min", _min_all, _min_along, minimum)


def _arg(name: str, which: str) -> Any:
    def forward(xp, input: Array, dim=None, keepdim=False):
        if dim is not None and not hasattr(dim, "__index__"):
            raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not {type(dim).__name__}")
        if input.dtype.kind in "bc":
            raise RuntimeError(
                f"{name}(): does not support {'bool' if input.dtype.kind == 'b' else 'complex'} input"
            )
        if input.size == 0 and dim is None:
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        if dim is not None:
            _check_not_empty(name, input, wrap_dim(dim, input.ndim))
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
