"""Views as copies: ``transpose_copy`` and its kin give what the view op shows, in memory of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.forms import method, public
from ..core.op import op
from ..core.tensor import Tensor
from .complex import view_as_complex, view_as_real
from .diagonals import diagonal
from .shape import expand, permute, squeeze, t, transpose, unsqueeze
from .slice import chunk_sizes, narrow, piece_lengths, select, slice_view, split, split_op, unbind
from .windows import as_strided, unfold


def _copying(name: str, view: Callable, signature: str) -> Any:
    def fn(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        seen = view(input, *args, **kwargs)
        return tuple(x.clone() for x in seen) if isinstance(seen, (tuple, list)) else seen.clone()

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}({signature}) -> Tensor\n\nLike ``{name.removesuffix('_copy')}``, as a copy."
    return public(fn)


def _slice(input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Tensor:
    from ..core.dims import wrap_dim

    if step <= 0:
        raise RuntimeError("slice step must be positive")
    return slice_view(input, (slice(None),) * wrap_dim(dim, input._a.ndim) + (slice(start, end, step),))


for _name, _view, _signature in (
    ("as_strided", as_strided, "input, size, stride, storage_offset=None"),
    ("detach", Tensor.detach, "input"),
    ("diagonal", diagonal, "input, offset=0, dim1=0, dim2=1"),
    ("expand", lambda input, size, *, implicit=False: expand(input, *size), "input, size"),
    ("permute", permute, "input, dims"),
    ("select", select, "input, dim, index"),
    ("slice", _slice, "input, dim=0, start=None, end=None, step=1"),
    ("split", split, "input, split_size, dim=0"),
    ("split_with_sizes", split, "input, split_sizes, dim=0"),
    ("squeeze", squeeze, "input, dim=None"),
    ("t", t, "input"),
    ("transpose", transpose, "input, dim0, dim1"),
    ("unbind", unbind, "input, dim=0"),
    ("unfold", unfold, "input, dimension, size, step"),
    ("unsqueeze", unsqueeze, "input, dim"),
    ("view", lambda input, size=None, dtype=None: input.view(dtype if size is None else size), "input, size"),
    ("view_as_complex", view_as_complex, "input"),
    ("view_as_real", view_as_real, "input"),
):
    _copying(f"{_name}_copy", _view, _signature)


@public
def alias_copy(input: Tensor) -> Tensor:
    """alias_copy(input) -> Tensor

    A copy.
    """
    return input.clone()


@method
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """narrow_copy(input, dim, start, length) -> Tensor

    Like ``narrow``, as a copy.
    """
    return narrow(input, dim, start, length).clone()


@public
def detach(input: Tensor) -> Tensor:
    """detach(input) -> Tensor

    The same memory without history.
    """
    return input.detach()


@public
def detach_(input: Tensor) -> Tensor:
    """detach_(input) -> Tensor

    Forget the history, in place.
    """
    return input.detach_()


@op(method=False, function=False, name="UnsafeSplitBackward0")
class unsafe_split_op:
    """Consecutive pieces that share memory with the input, of which autograd does not know that they do."""

    label = "unsafe_split"
    formula = r"x_{1:a}, x_{a:b}, \dots"
    several, holomorphic = True, False

    def forward(xp, input: Array, lengths, dim):
        return split_op.op.forward(xp, input, lengths, dim)

    def d_input(F, g, input_shape, lengths, dim):
        r"[\bar y_1, \bar y_2, \dots]"
        return F.join_parts(g, input_shape, dim, lengths)


@method
def unsafe_split(tensor: Tensor, split_size: int, dim: int = 0) -> tuple:
    """unsafe_split(tensor, split_size, dim=0) -> tuple of Tensors

    ``split`` whose pieces may be changed in place. The gradient is then right only where nothing reads ``tensor``
    again.
    """
    return unsafe_split_op(tensor, *piece_lengths(tensor, split_size, dim))


@method
def unsafe_split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple:
    """unsafe_split_with_sizes(input, split_sizes, dim=0) -> tuple of Tensors

    ``unsafe_split`` into pieces of the given lengths.
    """
    return unsafe_split_op(input, *piece_lengths(input, list(split_sizes), dim))


@method
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    """unsafe_chunk(input, chunks, dim=0) -> tuple of Tensors

    ``chunk`` whose pieces may be changed in place, as with ``unsafe_split``.
    """
    return unsafe_split_op(input, *piece_lengths(input, chunk_sizes(input, chunks, dim), dim))
