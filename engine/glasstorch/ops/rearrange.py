"""Elements in new places: repeated, rolled, turned; dimensions moved; tensors side by side or cut up."""

from __future__ import annotations

import itertools
from typing import Any

from ..core.dims import joined_shape, size_argument, sizes, wrap_dim
from ..core.dtype import int64
from ..core.forms import FUNCTIONS, method, public
from ..core.frames import warn_once
from ..core.op import op
from ..core.tensor import Tensor
from .create import tensor
from .join import cat, flip, stack
from .shape import expand, permute, reshape, transpose
from .slice import split


@op(method=False, function=False, name="RepeatBackward0")
class repeat_op:
    """The tensor laid out several times along each dimension."""

    formula = r"\mathrm{repeat}(x)"

    def forward(xp, input: Array, repeats):
        lead = len(repeats) - input.ndim
        return xp.tile(input.reshape((1,) * lead + input.shape), repeats).astype(input.dtype, copy=False)

    def d_input(F, g, input_shape, repeats):
        r"\sum_{\text{copies}} \bar y"
        lead = len(repeats) - len(input_shape)
        full = (1,) * lead + tuple(input_shape)
        if 0 in g.shape:
            return F.zeros_of(input_shape, g)
        split = tuple(n for pair in zip(repeats, full, strict=True) for n in pair)
        return F.sum(g.reshape(split), tuple(range(0, 2 * len(full), 2)), False).reshape(input_shape)


def _repeat(self: Tensor, *repeats: Any, **named: Any) -> Tensor:
    """repeat(*repeats) -> Tensor

    The tensor laid out ``repeats[d]`` times along each dimension (a copy); new dimensions come in front.
    """
    counts = sizes(size_argument(repeats, named, "repeat,repeats"), "repeat,repeats")
    if len(counts) < self._a.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    if any(n < 0 for n in counts):
        own = (1,) * (len(counts) - self._a.ndim) + self._a.shape
        shape = [n * k for n, k in zip(own, counts, strict=True)]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {shape}")
    return repeat_op(self, counts)


Tensor.repeat = _repeat


@method
def tile(input: Tensor, *dims: Any, **named: Any) -> Tensor:
    """tile(input, dims) -> Tensor

    ``input`` laid out ``dims[d]`` times along each dimension; missing leading counts are 1.
    """
    counts = sizes(size_argument(dims, named, "tile,dims"), "tile,dims")
    return _repeat(input, (1,) * (input._a.ndim - len(counts)) + counts)


@op(method=False, function=False, name="RollBackward0")
class roll_op:
    """Elements shifted along dimensions (none: as if flat); what leaves at the end comes back at the start."""

    formula = r"x_{(i - s) \bmod n}"

    def forward(xp, input: Array, shifts, dims):
        return xp.roll(input, shifts, dims) if dims else xp.roll(input, shifts[0])

    def d_input(F, g, shifts, dims):
        r"\bar y_{(i + s) \bmod n}"
        return F.roll(g, tuple(-s for s in shifts), dims)


@method
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """roll(input, shifts, dims=None) -> Tensor

    Elements shifted along ``dims``, coming back at the other end; without ``dims`` in the flattened tensor.
    """
    s, d = sizes((shifts,)), () if dims is None else sizes((dims,))
    if not d:
        if len(s) != 1:
            why = f"shifts and dimensions must align. shifts: {len(s)}, dims:0"
            raise RuntimeError(why if s else "`shifts` required")
        return roll_op(input, s, ())
    if len(s) != len(d):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(s)}, dims:{len(d)}")
    if not input._a.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return roll_op(input, s, tuple(wrap_dim(k, input._a.ndim) for k in d))


@method
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """movedim(input, source, destination) -> Tensor

    A view with the dimensions ``source`` at the positions ``destination``, the others in order.
    """
    n = input._a.ndim
    given = sizes((source,)), sizes((destination,))
    if len(given[0]) != len(given[1]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(given[0])} dims) should contain the same "
            f"number of dims as destination ({list(given[1])} dims)"
        )
    a, b = (tuple(wrap_dim(k, n) for k in part) for part in given)
    for name, part in (("source", a), ("destination", b)):
        if len(set(part)) != len(part):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(part)})")
    if n == 0:
        return input.view(())
    order: list[int | None] = [None] * n
    for s, d in zip(a, b, strict=True):
        order[d] = s
    rest = iter(k for k in range(n) if k not in a)
    return permute(input, tuple(next(rest) if k is None else k for k in order))


FUNCTIONS["moveaxis"] = Tensor.moveaxis = movedim
FUNCTIONS["swapdims"] = transpose


@method
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """swapaxes(input, axis0, axis1) -> Tensor

    ``transpose`` under NumPy's name.
    """
    return transpose(input, axis0, axis1)


@method
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """rot90(input, k=1, dims=(0, 1)) -> Tensor

    Turned by ``k`` quarter turns in the plane of two dimensions, from the first towards the second.
    """
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input._a.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input._a.ndim}")
    a, b = (wrap_dim(d, input._a.ndim) for d in dims)
    if a == b:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    k %= 4
    if k == 1:
        return transpose(flip(input, (b,)), a, b)
    if k == 2:
        return flip(input, (a, b))
    return transpose(flip(input, (a,)), a, b) if k == 3 else input.clone()


@method
def fliplr(input: Tensor) -> Tensor:
    """fliplr(input) -> Tensor

    The columns in reverse order (a copy).
    """
    if input._a.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, (1,))


@method
def flipud(input: Tensor) -> Tensor:
    """flipud(input) -> Tensor

    The rows in reverse order (a copy).
    """
    if input._a.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, (0,))


@method
def ravel(input: Tensor) -> Tensor:
    """ravel(input) -> Tensor

    All elements in one dimension: a view where the memory allows it.
    """
    return reshape(input, (-1,))


def _at_least(name: str, grow: Any, words: str) -> Any:
    def fn(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
            return tuple(grow(t) for t in tensors[0])
        return grow(tensors[0]) if len(tensors) == 1 else tuple(grow(t) for t in tensors)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(*tensors) -> Tensor or tuple of Tensors\n\nEach tensor with at least {words}."
    return public(fn)


def _2d(t: Tensor) -> Tensor:
    return reshape(t, (1, -1)) if t._a.ndim < 2 else t


def _3d(t: Tensor) -> Tensor:
    return t.unsqueeze(-1) if t._a.ndim == 2 else reshape(t, (1, -1, 1)) if t._a.ndim < 2 else t


atleast_1d = _at_least("atleast_1d", lambda t: reshape(t, (1,)) if t._a.ndim == 0 else t, "one dimension")
atleast_2d = _at_least("atleast_2d", _2d, "two dimensions: a vector becomes a row")
atleast_3d = _at_least("atleast_3d", _3d, "three dimensions")


def _some(name: str, tensors: Any) -> None:
    if len(tensors) == 0:
        raise RuntimeError(f"{name} expects a non-empty TensorList")


@public
def hstack(tensors: Any) -> Tensor:
    """hstack(tensors) -> Tensor

    Tensors side by side: joined along dimension 1, vectors along dimension 0.
    """
    _some("hstack", tensors)
    items = [*map(atleast_1d, tensors)]
    return cat(items, 0 if items and items[0]._a.ndim == 1 else 1)


@public
def vstack(tensors: Any) -> Tensor:
    """vstack(tensors) -> Tensor

    Tensors one above the other; vectors count as rows.
    """
    _some("vstack", tensors)
    return cat([*map(atleast_2d, tensors)], 0)


@public
def dstack(tensors: Any) -> Tensor:
    """dstack(tensors) -> Tensor

    Tensors one behind the other, along dimension 2.
    """
    _some("dstack", tensors)
    return cat([*map(atleast_3d, tensors)], 2)


@public
def column_stack(tensors: Any) -> Tensor:
    """column_stack(tensors) -> Tensor

    Tensors side by side; vectors count as columns.
    """
    _some("column_stack", tensors)
    return hstack([reshape(t, (-1, 1)) if t._a.ndim < 2 else t for t in tensors])


FUNCTIONS["row_stack"] = vstack
FUNCTIONS["concat"] = FUNCTIONS["concatenate"] = cat


@public
def broadcast_tensors(*tensors: Any) -> tuple:
    """broadcast_tensors(*tensors) -> tuple of Tensors

    Views of all tensors in the one shape they broadcast to.
    """
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape: tuple = ()
    for t in items:
        shape = joined_shape(shape, t._a.shape)
    return tuple(expand(t, *shape) for t in items)


@public
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple:
    """meshgrid(*tensors, indexing="ij") -> tuple of Tensors

    The coordinates of a grid: one view for each vector, all in the grid's shape. "xy" swaps the first two dimensions.
    """
    items = list(tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors)
    if indexing is None:
        indexing = "ij"
        warn_once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."
        )
    if not items:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    for t in items:
        if t._a.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t}")
        if t.dtype is not items[0].dtype:
            raise RuntimeError("torch.meshgrid expects all tensors to have the same dtype")
    swap = indexing == "xy" and len(items) > 1
    if swap:
        items[0], items[1] = items[1], items[0]
    n = len(items)
    shape = [t._a.size for t in items]
    out = [expand(reshape(t, (1,) * k + (-1,) + (1,) * (n - k - 1)), *shape) for k, t in enumerate(items)]
    if swap:
        out[0], out[1] = out[1], out[0]
    return tuple(out)


@method
def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple:
    """split_with_sizes(input, split_sizes, dim=0) -> tuple of Tensors

    Views of consecutive pieces of the given lengths.
    """
    return split(input, list(split_sizes), dim)


@method
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple:
    """tensor_split(input, indices_or_sections, dim=0) -> tuple of Tensors

    Views of pieces: of as equal lengths as possible, or cut before the given indices.
    """
    if input._a.ndim == 0:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    d = wrap_dim(dim, input._a.ndim)
    n = input._a.shape[d]
    where = indices_or_sections
    if isinstance(where, Tensor):
        where = where.tolist()
    if not isinstance(where, (tuple, list)):
        if where <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {where}")
        small, more = divmod(n, where)
        lengths = [small + 1] * more + [small] * (where - more)
        where = [0, *itertools.accumulate(lengths)][1:-1]
    ends = [min(max(k + n if k < 0 else k, 0), n) for k in where]
    starts = [0, *ends]
    return tuple(input.narrow(d, a, max(b - a, 0)) for a, b in zip(starts, [*ends, n], strict=True))


def _named_split(name: str, least: int, dim: Any) -> Any:
    def fn(input: Tensor, indices_or_sections: Any) -> tuple:
        if input._a.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with "
                f"{input._a.ndim} dimensions!"
            )
        d = dim(input._a.ndim)
        k = indices_or_sections
        if isinstance(k, int) and (k <= 0 or input._a.shape[d] % k):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {d}, but the size of the dimension "
                f"{input._a.shape[d]} is not divisible by the split_size {k}!"
            )
        return tensor_split(input, k, d)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = (
        f"{name}(input, indices_or_sections) -> tuple of Tensors\n\n``tensor_split`` along its own dimension."
    )
    return method(fn)


hsplit = _named_split("hsplit", 1, lambda n: 0 if n == 1 else 1)
vsplit = _named_split("vsplit", 2, lambda n: 0)
dsplit = _named_split("dsplit", 3, lambda n: 2)


@public
def block_diag(*tensors: Tensor) -> Tensor:
    """block_diag(*tensors) -> Tensor

    A matrix with the given matrices along its diagonal and zeros elsewhere.
    """
    for k, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {type(t).__name__}")
        if t._a.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {k} has {t._a.ndim} dimensions"
            )
    if not tensors:
        return FUNCTIONS["empty"](1, 0)
    blocks = [_2d(t) for t in tensors]
    width, before, rows = sum(b._a.shape[1] for b in blocks), 0, []
    for b in blocks:
        h, w = b._a.shape
        rows.append(cat([b.new_zeros((h, before)), b, b.new_zeros((h, width - before - w))], 1))
        before += w
    return cat(rows, 0)


@public
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """cartesian_prod(*tensors) -> Tensor

    All combinations of one element from each vector, one row each.
    """
    for t in tensors:
        if t._a.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(t._a.shape)}")
    return (
        tensors[0] if len(tensors) == 1 else stack([ravel(t) for t in meshgrid(*tensors, indexing="ij")], 1)
    )


@public
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """combinations(input, r=2, with_replacement=False) -> Tensor

    All choices of ``r`` elements of a vector, in order, one row each.
    """
    if input._a.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input._a.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.new_zeros((0,))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input._a.shape[0]), r))
    return input[tensor(rows, dtype=int64).reshape(-1, r)]
