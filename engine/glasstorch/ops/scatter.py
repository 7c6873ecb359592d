"""Writing at indices: scatter, index_add, index_put and their kin. Each copies; the in-place forms write.

All are one thing: values put, added or otherwise combined at places, where ``at`` is an index as NumPy understands it.
"""

from __future__ import annotations

from typing import Any

from .. import backends
from ..backends import determinism
from ..core import dtype as dt
from ..core.dims import wrap_dim
from ..core.dispatch import NUMBERS
from ..core.forms import method
from ..core.frames import warn_once
from ..core.mode import STATE
from ..core.op import op
from ..core.refusals import need_tensor, same_device, type_name
from ..core.tensor import Tensor, wrap
from .index import _along
from .indexing import put_places, read_index
from .kinds import fitting
from .place_checks import check_index_add, check_index_copy, check_index_fill, check_scatter, in_bounds


def _putter(name: str, node: str) -> Any:
    """An op that writes values at places: the last of several written to one place stays."""

    def forward(xp, input: Array, src: Array, at):
        out = input.copy()
        determinism.write_at(xp, out, at, src)
        return out

    def d_input(F, g, src_shape, at):
        r"\bar y, \; 0 \text{ at } i"
        return F.put_at(g, F.zeros_of(src_shape, g), at)

    def d_src(F, g, at, src_shape):
        r"\bar y_{[i]}"
        return F.sum_to_size(F.take_index(g, at), src_shape)

    body = {"__doc__": "A copy of ``input`` with ``src`` written at places.", "formula": r"\mathrm{put}_{[i]}(x, v)",
            "label": name, "forward": forward, "d_input": d_input, "d_src": d_src}  # fmt: skip
    return op(method=False, function=False, name=node)(type(f"{name}_at", (), body))


def _adder(name: str, node: str) -> Any:
    """An op that adds values at places: what is added to one place several times adds up."""

    def forward(xp, input: Array, src: Array, at):
        out = input.copy()
        determinism.add_at(xp, out, at, src)
        return out

    def d_input(F, g):
        r"\bar y"
        return g

    def d_src(F, g, at, src_shape):
        r"\bar y_{[i]}"
        return F.sum_to_size(F.take_index(g, at), src_shape)

    body = {"__doc__": "A copy of ``input`` with ``src`` added at places.", "formula": r"x + \mathrm{add}_{[i]}(v)",
            "label": name, "forward": forward, "d_input": d_input, "d_src": d_src}  # fmt: skip
    return op(method=False, function=False, name=node)(type(f"{name}_at", (), body))


_scatter, _index_copy = _putter("scatter", "ScatterBackward0"), _putter("index_copy", "IndexCopyBackward0")
_index_fill = _putter("index_fill", "IndexFillBackward0")
_index_put, _put_flat = _putter("index_put_values", "IndexPutBackward0"), _putter("put", "PutBackward0")
_masked_scatter = _putter("masked_scatter", "MaskedScatterBackward0")
_scatter_add, _index_add = (
    _adder("scatter_add", "ScatterAddBackward0"),
    _adder("index_add", "IndexAddBackward0"),
)
_index_put_add, _put_add = _adder("index_put_add", "IndexPutBackward0"), _adder("put_add", "PutBackward0")

_START = {"sum": ("add", 0), "mean": ("add", 0), "prod": ("multiply", 1), "amax": ("maximum", None),
          "amin": ("minimum", None)}  # fmt: skip


def _least(dtype: Any, top: bool, xp: Any) -> Any:
    if dtype.kind == "b":
        return top
    if dtype.kind in "iu":
        return xp.iinfo(dtype).max if top else xp.iinfo(dtype).min
    return dtype.type(xp.inf if top else -xp.inf)


def _reducer(name: str, node: str) -> Any:
    """An op that combines values at places by sum, product, mean, largest or smallest."""

    def forward(xp, input: Array, src: Array, at, reduce, include_self):
        out = input.copy()
        ufunc, start = _START[reduce]
        if not include_self:
            out[at] = _least(out.dtype, reduce == "amin", xp) if start is None else start
        if ufunc == "add":
            determinism.add_at(xp, out, at, src)
        else:
            getattr(xp, ufunc).at(out, at, src)
        if reduce == "mean":
            n = _counts(xp, out, at, include_self)
            out = xp.floor_divide(out, n) if out.dtype.kind in "iu" else out / n
        return out.astype(input.dtype, copy=False)

    def d_input(F, g, input, src, out, at, reduce, include_self):
        r"\bar y \odot \partial y / \partial x"
        if reduce == "mean":
            g = g / _count_like(F, g, at, include_self)
        elif reduce == "prod":
            safe = F.where(input == 0, input * 0 + 1, input)
            g = g * getattr(F, op_name)(safe, src, at, reduce, include_self) / safe
        elif reduce in ("amax", "amin"):
            mine, _, share = _shares(F, g, input, src, out, at)
            g = mine * share
        return g if include_self else F.put_at(g, F.zeros_of(src.shape, g), at)

    def d_src(F, g, input, src, out, at, reduce, include_self):
        r"\bar y_{[i]} \odot \partial y / \partial v"
        if reduce == "mean":
            g = g / _count_like(F, g, at, include_self)
        elif reduce == "prod":
            zero = src == 0
            zeros = F.take_index(F.scatter_add_at(g * 0, F.where(zero, src * 0 + 1, src * 0), at), at)
            lone = zero & (zeros == 1)
            others = getattr(F, op_name)(input, F.where(lone, src * 0 + 1, src), at, reduce, include_self)
            rest = F.take_index(g * out, at) / F.where(zero, src * 0 + 1, src)
            return F.where(lone, F.take_index(g * others, at), rest)
        elif reduce in ("amax", "amin"):
            _, theirs, share = _shares(F, g, input, src, out, at)
            return theirs * F.take_index(share, at)
        return F.take_index(g, at)

    op_name = f"{name}_at"
    body = {"__doc__": "A copy of ``input`` with ``src`` combined into it at places.", "label": name,
            "formula": r"\mathrm{reduce}_{[i]}(x, v)", "forward": forward, "d_input": d_input,
            "d_src": d_src}  # fmt: skip
    return op(method=False, function=False, name=node)(type(op_name, (), body))


def _counts(xp: Any, like: Any, at: tuple, include_self: bool) -> Any:
    n = (xp.ones if include_self else xp.zeros)(like.shape, like.dtype)
    xp.add.at(n, at, like.dtype.type(1))
    return xp.maximum(n, 1)


def _count_like(F: Any, g: Any, at: tuple, include_self: bool) -> Any:
    a = getattr(g, "_a", g)
    n = _counts(backends.namespace(a), a.real, at, include_self)
    return wrap(n) if isinstance(g, Tensor) else n


def _shares(F: Any, g: Any, input: Any, src: Any, out: Any, at: tuple) -> tuple:
    """Which elements of ``input`` and of ``src`` are the result, and each one's share of the gradient."""
    mine = F.where(input == out, g * 0 + 1, g * 0)
    theirs = F.where(src == F.take_index(out, at), src * 0 + 1, src * 0)
    return mine, theirs, g / F.scatter_add_at(mine, theirs, at)


_scatter_reduce = _reducer("scatter_reduce", "ScatterReduceBackward0")
_index_reduce = _reducer("index_reduce", "IndexReduceBackward0")


def _line(name: str, input: Tensor, dim: int, index: Tensor, src: Any) -> tuple:
    """``input``, ``src`` and the places for scatter and its kin; scalars become vectors of one element."""
    d = wrap_dim(dim, input._a.ndim)
    check_scatter(name, input._a, d, index, src)
    same_device(name, input=input, index=index)
    x = input.reshape(1) if input._a.ndim == 0 else input
    i = (index.reshape(1) if index._a.ndim == 0 else index)._a
    v = src
    if isinstance(src, Tensor):
        v = src.reshape(1) if src._a.ndim == 0 else src
        if i.size and v._a.shape != i.shape:
            v = v[tuple(slice(0, n) for n in i.shape)]
    return x, v, _along(backends.namespace(x._a), i, d) if i.size else None


def _back(out: Tensor, input: Tensor) -> Tensor:
    """The result in the input's shape, which differs only for 0-d inputs."""
    return out if out._a.shape == input._a.shape else out.reshape(input._a.shape)


def _number(input: Tensor, value: Any) -> Tensor:
    a = backends.namespace(input._a).asarray(fitting(value, input.dtype), dtype=input._a.dtype)
    if STATE.recorder is not None:
        STATE.recorder.made(a)
    return wrap(a)


@method
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """scatter(input, dim, index, src) -> Tensor; scatter(input, dim, index, value, *, reduce=None)

    A copy of ``input`` with the values of ``src`` (or one number) written along ``dim`` at ``index``.
    ``reduce`` "add" or "multiply" combines instead. Of several values for one place the last stays.
    """
    src = value if src is None else src
    if not isinstance(src, (Tensor, *NUMBERS)) or not isinstance(index, Tensor):
        raise TypeError(
            f"scatter() received an invalid combination of arguments - got (int, {type_name(index)}, "
            f"{type_name(src)}), but expected one of:\n * (int dim, Tensor index, Tensor src)\n"
            " * (int dim, Tensor index, Number value)\n"
        )
    x, v, at = _line("scatter", input, dim, index, src)
    if at is None:
        return input.clone()
    v = v if isinstance(v, Tensor) else _number(input, v)
    if reduce is None:
        out = _scatter(x, v, at)
    elif reduce in ("add", "multiply"):
        if isinstance(src, Tensor):
            warn_once(
                "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future "
                "PyTorch release. Use torch.scatter_reduce instead for more reduction options."
            )
        v = v if v._a.ndim else v.expand(*index._a.shape)
        out = _scatter_add(x, v, at) if reduce == "add" else _scatter_reduce(x, v, at, "prod", True)
    else:
        raise RuntimeError("reduce argument must be either add or multiply.")
    return _back(out, input)


@method
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """scatter_add(input, dim, index, src) -> Tensor

    A copy of ``input`` with the values of ``src`` added along ``dim`` at ``index``. Repeated indices add up.
    """
    x, v, at = _line("scatter_add", input, dim, index, src)
    return input.clone() if at is None else _back(_scatter_add(x, v, at), input)


@method
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """scatter_reduce(input, dim, index, src, reduce, *, include_self=True) -> Tensor

    A copy of ``input`` with the values of ``src`` combined along ``dim`` at ``index`` by "sum", "prod", "mean",
    "amax" or "amin"; ``include_self=False`` leaves out the value that was there.
    """
    if reduce not in _START:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    x, v, at = _line("scatter_reduce", input, dim, index, src)
    if at is None:
        return input.clone()
    return _back(_scatter_reduce(x, v, at, reduce, include_self), input)


def _rows(name: str, input: Tensor, dim: int, index: Tensor, source: Any = None) -> tuple:
    """``input``, ``source`` and the places for index_add and its kin."""
    need_tensor(name, "index", 2, index)
    d = wrap_dim(dim, input._a.ndim)
    if name == "index_fill":
        check_index_fill(input, d, index)
    elif name == "index_copy":
        check_index_copy(input, d, index, source)
    else:
        check_index_add(name, input, d, index, source)
    x = input.reshape(1) if input._a.ndim == 0 else input
    i = (index if index._a.ndim == 1 else index.reshape(-1))._a
    if isinstance(source, Tensor) and source._a.ndim < x._a.ndim:
        source = source.reshape((1,) * x._a.ndim)
    return x, source, (slice(None),) * d + (i,)


@method
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """index_add(input, dim, index, source, *, alpha=1) -> Tensor

    A copy of ``input`` with ``alpha`` times the slices of ``source`` added at the positions ``index``.
    """
    x, v, at = _rows("index_add", input, dim, index, source)
    return _back(_index_add(x, v if alpha == 1 else v * alpha, at), input)


@method
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """index_copy(input, dim, index, source) -> Tensor

    A copy of ``input`` with the slices of ``source`` at the positions ``index``.
    """
    x, v, at = _rows("index_copy", input, dim, index, source)
    return _back(_index_copy(x, v, at), input)


@method
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """index_fill(input, dim, index, value) -> Tensor

    A copy of ``input`` with a number (or 0-d tensor) in the slices at the positions ``index``.
    """
    x, _, at = _rows("index_fill", input, dim, index)
    at = (
        *at[:-1],
        backends.namespace(at[-1]).unique(at[-1]),
    )  # each slice counts once in the value's gradient
    if isinstance(value, complex) and not input.is_complex():
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    v = value if isinstance(value, Tensor) else _number(input, value)
    if v._a.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {v._a.ndim} dimension(s)."
        )
    v = v if v.dtype is input.dtype else v.to(input.dtype)
    return _back(_index_fill(x, v, at), input)


@method
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """index_reduce(input, dim, index, source, reduce, *, include_self=True) -> Tensor

    A copy of ``input`` with the slices of ``source`` combined into it at the positions ``index`` by "prod", "mean",
    "amax" or "amin".
    """
    warn_once("index_reduce() is in beta and the API may change at any time.")
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        )
    x, v, at = _rows("index_reduce", input, dim, index, source)
    return _back(_index_reduce(x, v, at, reduce, include_self), input)


@method
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """index_put(input, indices, values, accumulate=False) -> Tensor

    A copy of ``input`` with ``values`` (broadcast) written, or added, where ``input[indices]`` would read.
    """
    need_tensor("index_put", "values", 2, values)
    places = read_index(input, tuple(slice(None) if i is None else i for i in indices)).places
    if values.dtype is not input.dtype:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {input.dtype.legacy} for the "
            f"destination and {values.dtype.legacy} for the source."
        )
    if places is None:
        raise RuntimeError("index_put: at least one index tensor is needed")
    return put_places(input, values, places, _index_put_add if accumulate else _index_put)


@method
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """put(input, index, source, accumulate=False) -> Tensor

    A copy of ``input`` with the elements of ``source`` written, or added, at places of the flattened tensor.
    """
    need_tensor("put", "index", 1, index)
    if index.dtype is not dt.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {index.dtype.legacy}")
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"put_(): self and source expected to have the same dtype, but got self.dtype = {input.dtype.legacy} and "
            f"source.dtype = {source.dtype.legacy}"
        )
    if index._a.size != source._a.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source._a.size}, index.numel() = {index._a.size}"
        )
    flat, i = input.reshape(-1), index._a.reshape(-1)
    bad = in_bounds(i, flat._a.size, -flat._a.size)
    if bad is not None:
        raise IndexError(f"out of range: tried to access index {bad} on a tensor of {flat._a.size} elements.")
    out = (_put_add if accumulate else _put_flat)(flat, source.reshape(-1), (i,))
    return _back(out, input)


@method
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """masked_scatter(input, mask, source) -> Tensor

    A copy of ``input`` (broadcast with ``mask``) whose elements where ``mask`` holds come from ``source``, in order.
    """
    if mask.dtype is not dt.bool_:
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype.legacy}"
        )
    if source.dtype is not input.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{input.dtype.legacy} and {source.dtype.legacy}"
        )
    from .rearrange import broadcast_tensors

    m, x = broadcast_tensors(mask, input)
    n = int(m.sum())
    if n > source._a.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return _masked_scatter(x, source.reshape(-1)[:n], (m._a,))
