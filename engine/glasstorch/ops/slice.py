"""Parts of a tensor along a dimension: slices, single rows, consecutive pieces. All are views."""

from __future__ import annotations

from typing import Any

from ..core.dims import wrap_dim
from ..core.dtype import INTEGRAL
from ..core.forms import method, public
from ..core.op import op
from ..core.tensor import Tensor


@op(view=True)
class select:
    """select(input, dim, index) -> Tensor

    A view of one slice; the dimension is gone.
    """

    formula = r"x_{i}"

    def forward(xp, input: Array, dim, index):
        if input.ndim == 0:
            raise IndexError("select() cannot be applied to a 0-dim tensor.")
        d = wrap_dim(dim, input.ndim)
        n, i = input.shape[d], index.__index__()
        if not -n <= i < n:
            raise IndexError(
                f"select(): index {i} out of range for tensor of size {list(input.shape)} at dimension {d}"
            )
        return input[(slice(None),) * d + (i, ...)]

    def d_input(F, g, input_shape, dim, index):
        r"\bar y \text{ at } i,\ 0 \text{ elsewhere}"
        d = wrap_dim(dim, len(input_shape))
        return F.embed_slice(g, input_shape, (slice(None),) * d + (index.__index__(),))


@op(view=True, name="SliceBackward0")
class narrow:
    """narrow(input, dim, start, length) -> Tensor

    A view of ``length`` neighbours along one dimension.
    """

    formula = r"x_{a:b}"

    def forward(xp, input: Array, dim, start, length):
        if input.ndim == 0:
            raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
        d = wrap_dim(dim, input.ndim)
        if isinstance(start, Tensor) and (start._a.ndim or start.dtype.category != INTEGRAL):
            raise RuntimeError("start must be an 0-dim integral Tensor.")
        n, a = input.shape[d], int(start)
        if not -n <= a <= n:
            raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {a})")
        a += n if a < 0 else 0
        if length < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        if a + length > n:
            raise RuntimeError(f"start ({a}) + length ({length}) exceeds dimension size ({n}).")
        return input[(slice(None),) * d + (slice(a, a + length),)]

    def d_input(F, g, input_shape, dim, start, length):
        r"\bar y \text{ at } a{:}b,\ 0 \text{ elsewhere}"
        d = wrap_dim(dim, len(input_shape))
        a = int(start) + (input_shape[d] if start < 0 else 0)
        return F.embed_slice(g, input_shape, (slice(None),) * d + (slice(a, a + length),))


@op(method=False, function=False, name="SliceBackward0")
class embed_slice:
    """Zeros of a shape with ``input`` written at a basic index: the transpose of slicing."""

    label = "embed"
    formula = r"\mathrm{embed}(x)"

    def forward(xp, input: Array, shape, index):
        out = xp.zeros(shape, input.dtype)
        out[index] = input
        return out

    def d_input(F, g, index):
        r"\bar y_{\text{index}}"
        return F.slice_view(g, index)


def _view_by_index(name: str, node: str) -> Any:
    """A view by a basic index of ints, slices and None. PyTorch names its node after the last step of the index."""

    def forward(xp, input: Array, index):
        return input[(*index, ...)] if ... not in index else input[index]

    def d_input(F, g, input_shape, index):
        r"\bar y \text{ at the index, } 0 \text{ elsewhere}"
        return F.embed_slice(g, input_shape, index)

    body = {"__doc__": "A view by a basic index: ints, slices, None.", "label": name, "formula": r"x_{\text{index}}",
            "forward": forward, "d_input": d_input}  # fmt: skip
    return op(view=True, method=False, function=False, name=node)(type(f"{name}_view", (), body))


slice_view = _view_by_index("slice", "SliceBackward0")
select_view = _view_by_index("select", "SelectBackward0")
unsqueeze_view = _view_by_index("unsqueeze", "UnsqueezeBackward0")
alias_view = _view_by_index("alias", "AliasBackward0")


@op(view=True, name="UnbindBackward0")
class unbind:
    """unbind(input, dim=0) -> tuple of Tensors

    Views of all slices along a dimension.
    """

    formula = r"x_1, x_2, \dots"
    several, holomorphic = True, False  # real and linear: the gradient needs no conjugates

    def forward(xp, input: Array, dim=0):
        if input.ndim == 0:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        d = wrap_dim(dim, input.ndim)
        return [input[(slice(None),) * d + (i, ...)] for i in range(input.shape[d])]

    def d_input(F, g, input_shape, dim):
        r"[\bar y_1, \bar y_2, \dots]"
        return F.join_parts(g, input_shape, dim, None)


def _splitter(name: str, node: str) -> Any:
    """Views of consecutive pieces along a dimension. PyTorch has a node for equal lengths and one for any."""

    def forward(xp, input: Array, lengths, dim):
        out, start = [], 0
        for n in lengths:
            out.append(input[(slice(None),) * dim + (slice(start, start + n),)])
            start += n
        return out

    def d_input(F, g, input_shape, lengths, dim):
        r"[\bar y_1, \bar y_2, \dots]"
        return F.join_parts(g, input_shape, dim, lengths)

    body = {"__doc__": "Views of consecutive pieces along a dimension.", "label": name, "several": True,
            "holomorphic": False,
            "formula": r"x_{1:a}, x_{a:b}, \dots", "forward": forward, "d_input": d_input}  # fmt: skip
    return op(view=True, method=False, function=False, name=node)(type(f"{name}_op", (), body))


split_op = _splitter("split", "SplitBackward0")
split_with_sizes_op = _splitter("split_with_sizes", "SplitWithSizesBackward0")


def piece_lengths(tensor: Tensor, split_size_or_sections: Any, dim: int) -> tuple[list[int], int]:
    """The lengths of the pieces that ``split`` makes, and the dimension counted from the front."""
    if tensor._a.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = wrap_dim(dim, tensor._a.ndim)
    n = tensor._a.shape[d]
    if isinstance(split_size_or_sections, (tuple, list)):
        lengths = [int(k) for k in split_size_or_sections]
        if any(k < 0 for k in lengths):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}"
            )
        if sum(lengths) != n:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {d}), "
                f"but got split_sizes={lengths}"
            )
        return lengths, d
    try:
        k = split_size_or_sections.__index__()
    except AttributeError:
        raise TypeError(
            "split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, "
            f"not {type(split_size_or_sections).__name__}"
        ) from None
    if k < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={k}")
    if k == 0 and n != 0:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}")
    return [min(k, n - a) for a in range(0, n, k)] if n else [0], d


@public
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple:
    """split(tensor, split_size_or_sections, dim=0) -> tuple of Tensors

    Views of consecutive pieces: of one length (the last may be shorter), or of the lengths given.
    """
    cut = split_with_sizes_op if isinstance(split_size_or_sections, (tuple, list)) else split_op
    return cut(tensor, *piece_lengths(tensor, split_size_or_sections, dim))


def _split(self: Tensor, split_size: Any, dim: int = 0) -> tuple:
    """split(split_size, dim=0) -> tuple of Tensors

    Views of consecutive pieces: of one length (the last may be shorter), or of the lengths given.
    """
    return split(self, split_size, dim)


Tensor.split = _split


def chunk_sizes(input: Tensor, chunks: int, dim: int) -> Any:
    """What ``chunk`` asks of ``split``."""
    if not input._a.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input._a.shape[wrap_dim(dim, input._a.ndim)]
    return [0] * chunks if n == 0 else -(-n // chunks)


@method
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    """chunk(input, chunks, dim=0) -> tuple of Tensors

    Views of at most ``chunks`` pieces of equal length (the last may be shorter).
    """
    return split(input, chunk_sizes(input, chunks, dim), dim)
