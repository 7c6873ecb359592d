"""Shape: views (which share memory) and rearrangements (which copy)."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core.dims import infer_shape, sizes, wrap_dim
from ..core.forms import method, public
from ..core.op import op
from ..core.tensor import Tensor


def _strided(xp: Any, a: Any, shape: tuple, strides: tuple) -> Any:
    return xp.lib.stride_tricks.as_strided(a, shape, strides)


@op(view=True, method=False, function=False, name="ViewBackward0")
class view_as_shape:
    """The same memory in another shape."""

    label = "view"
    formula = r"\mathrm{view}(x)"

    def forward(xp, input: Array, shape):
        out = backends.reshape_view(input, shape)
        if out is None:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans "
                "across two contiguous subspaces). Use .reshape(...) instead."
            )
        return out

    def d_input(F, g, input_shape):
        r"\mathrm{reshape}(\bar y)"
        return g.reshape(input_shape)


@op(method=False, function=False, name="UnsafeViewBackward0", fast=False)
class reshape_copy:
    """A copy in another shape, for memory that no view can show so."""

    label = "reshape"
    formula = r"\mathrm{reshape}(x)"

    def forward(xp, input: Array, shape):
        return xp.ascontiguousarray(input).reshape(shape)

    def d_input(F, g, input_shape):
        r"\mathrm{reshape}(\bar y)"
        return g.reshape(input_shape)


@op(view=True, method=False, function=False, name="ViewDtypeBackward0")
class view_as_dtype:
    """The same bytes read as another type."""

    label = "view"
    formula = r"\mathrm{view}(x)"

    def forward(xp, input: Array, np_dtype):
        return input.view(np_dtype)


def _view(self: Tensor, *shape: Any) -> Tensor:
    """view(*shape) -> Tensor

    The same memory in another shape; one length may be -1. RuntimeError when that needs a copy.
    ``view(dtype)`` reads the same bytes as another type.
    """
    from ..core.dtype import dtype, numpy_dtype

    if len(shape) == 1 and isinstance(shape[0], dtype):
        return view_as_dtype(self, numpy_dtype(shape[0]))
    return view_as_shape(self, infer_shape(sizes(shape), self._a.size))


Tensor.view = _view  # type: ignore[attr-defined]
Tensor.view_as = lambda self, other: self.view(other.shape)  # type: ignore[attr-defined]


@public
def reshape(input: Tensor, shape: Any) -> Tensor:
    """reshape(input, shape) -> Tensor

    The elements in another shape: a view where the memory allows it, else a copy. One length may be -1.
    """
    new = infer_shape(sizes((shape,)), input._a.size)
    if backends.reshape_view(input._a, new) is None:
        return reshape_copy(input, new)
    return view_as_shape(input, new)


Tensor.reshape = lambda self, *shape: reshape(self, sizes(shape))  # type: ignore[attr-defined]
Tensor.reshape_as = lambda self, other: reshape(self, other.shape)  # type: ignore[attr-defined]


@method
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """flatten(input, start_dim=0, end_dim=-1) -> Tensor

    Dimensions from ``start_dim`` to ``end_dim`` joined into one.
    """
    n = input._a.ndim
    a, b = wrap_dim(start_dim, n), wrap_dim(end_dim, n)
    if a > b:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if n == 0:
        return reshape(input, (1,))
    shape = input._a.shape
    return input if a == b else reshape(input, (*shape[:a], math.prod(shape[a : b + 1]), *shape[b + 1 :]))


@method
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """unflatten(input, dim, sizes) -> Tensor

    One dimension split into several; one of ``sizes`` may be -1.
    """
    d = wrap_dim(dim, input._a.ndim)
    new = infer_shape(tuple(sizes), input._a.shape[d])
    return reshape(input, (*input._a.shape[:d], *new, *input._a.shape[d + 1 :]))


@op(view=True, method=False, function=False, name="PermuteBackward0")
class permute_op:
    """The dimensions in another order."""

    formula = r"\mathrm{permute}(x)"

    def forward(xp, input: Array, dims):
        return xp.transpose(input, dims)

    def d_input(F, g, dims):
        r"\mathrm{permute}^{-1}(\bar y)"
        return F.permute(g, tuple(sorted(range(len(dims)), key=lambda k: dims[k])))


@op(view=True, name="TransposeBackward0")
class transpose:
    """transpose(input, dim0, dim1) -> Tensor

    A view with two dimensions swapped.
    """

    formula = r"x^{\top}"

    def forward(xp, input: Array, dim0, dim1):
        n = input.ndim
        a, b = wrap_dim(dim0, n), wrap_dim(dim1, n)
        return xp.swapaxes(input, a, b) if n else input[...]

    def d_input(F, g, dim0, dim1):
        r"\bar y^{\top}"
        return F.transpose(g, dim0, dim1)


@public
def permute(input: Tensor, dims: Any) -> Tensor:
    """permute(input, dims) -> Tensor

    A view with the dimensions in the order ``dims``.
    """
    order = sizes((dims,))
    n = input._a.ndim
    if len(order) != n:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {n} is not equal to len(dims) = {len(order)}"
        )
    order = tuple(wrap_dim(d, n) for d in order)
    if len(set(order)) != n:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return permute_op(input, order)


Tensor.permute = lambda self, *dims: permute(self, sizes(dims))  # type: ignore[attr-defined]
Tensor.swapaxes = Tensor.swapdims = transpose  # type: ignore[attr-defined]


@method
def t(input: Tensor) -> Tensor:
    """t(input) -> Tensor

    The transpose of a matrix; 0-d and 1-d tensors unchanged.
    """
    if input._a.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._a.ndim}D")
    return transpose(input, 0, 1) if input._a.ndim == 2 else input.view(input.shape)  # type: ignore[attr-defined]


Tensor.T = property(  # type: ignore[attr-defined]
    lambda self: t(self) if self._a.ndim == 2 else permute_op(self, tuple(reversed(range(self._a.ndim)))),
    doc="The dimensions reversed.",
)
Tensor.mT = property(lambda self: transpose(self, -2, -1), doc="The last two dimensions swapped.")  # type: ignore[attr-defined]


@op(view=True, method=False, function=False, name="SqueezeBackward0")
class squeeze_op:
    """Without some dimensions of length 1."""

    formula = r"\mathrm{squeeze}(x)"

    def forward(xp, input: Array, dims):
        return xp.squeeze(input, axis=dims)[...]

    def d_input(F, g, input_shape):
        r"\mathrm{reshape}(\bar y)"
        return g.reshape(input_shape)


@method
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """squeeze(input, dim=None) -> Tensor

    A view without the dimensions of length 1 (all of them, or those in ``dim`` that have length 1).
    """
    shape = input._a.shape
    dims = (
        range(len(shape))
        if dim is None
        else [wrap_dim(d, len(shape)) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    )
    return squeeze_op(input, tuple(d for d in dims if shape and shape[d] == 1))


@op(view=True)
class unsqueeze:
    """unsqueeze(input, dim) -> Tensor

    A view with a new dimension of length 1 at ``dim``.
    """

    formula = r"\mathrm{unsqueeze}(x)"

    def forward(xp, input: Array, dim):
        return xp.expand_dims(input, wrap_dim(dim, input.ndim + 1))

    def d_input(F, g, input_shape):
        r"\mathrm{reshape}(\bar y)"
        return g.reshape(input_shape)


@op(view=True, method=False, function=False, name="ExpandBackward0")
class expand_op:
    """Dimensions of length 1 shown as longer, with stride 0."""

    formula = r"\mathrm{expand}(x)"

    def forward(xp, input: Array, shape):
        lead = len(shape) - input.ndim
        strides = [0] * lead + [0 if n == 1 and m != 1 else s
                                for n, m, s in zip(input.shape, shape[lead:], input.strides, strict=True)]  # fmt: skip
        return _strided(xp, input, shape, tuple(strides))

    def d_input(F, g, input_shape):
        r"\sum_{\text{stretched}} \bar y"
        return F.sum_to_size(g, input_shape)


@method
def expand(input: Tensor, *shape: Any) -> Tensor:
    """expand(input, *sizes) -> Tensor

    A view with dimensions of length 1 stretched; -1 keeps a length; new dimensions come in front.
    """
    target, own = list(sizes(shape)), input._a.shape
    lead = len(target) - len(own)
    if lead < 0:
        raise RuntimeError(
            f"expand(torch.{input.dtype.legacy}Tensor{{{list(own)}}}, size={target}): the number of sizes provided "
            f"({len(target)}) must be greater or equal to the number of dimensions in the tensor ({len(own)})"
        )
    for k, n in enumerate(own):
        if target[lead + k] == -1:
            target[lead + k] = n
        elif n not in (1, target[lead + k]):
            raise RuntimeError(
                f"The expanded size of the tensor ({target[lead + k]}) must match the existing size ({n}) at "
                f"non-singleton dimension {lead + k}.  Target sizes: {target}.  Tensor sizes: {list(own)}"
            )
    if any(n < 0 for n in target):
        raise RuntimeError(
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 0"
        )
    return expand_op(input, tuple(target))


Tensor.expand_as = lambda self, other: expand(self, other.shape)  # type: ignore[attr-defined]
Tensor.sum_to_size = lambda self, *size: _sum_to_size(self, sizes(size))  # type: ignore[attr-defined]


def _sum_to_size(x: Tensor, shape: tuple) -> Tensor:
    from ..core.functions import TENSORS

    return TENSORS.sum_to_size(x, shape)


@public
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """broadcast_to(input, size) -> Tensor

    ``input`` expanded to ``size``.
    """
    return expand(input, *size)


@method
def broadcast_shapes(*shapes: Any) -> Any:
    """broadcast_shapes(*shapes) -> Size

    The shape that all shapes broadcast to.
    """
    import numpy

    from ..core.size import Size

    try:
        return Size(numpy.broadcast_shapes(*[(s,) if isinstance(s, int) else tuple(s) for s in shapes]))
    except ValueError:
        raise RuntimeError(
            "Shape mismatch: objects cannot be broadcast to a single shape: "
            + ", ".join(str(tuple(s)) for s in shapes)
        ) from None


@op(name="CatBackward0", method=False)
class cat:
    """cat(tensors, dim=0) -> Tensor

    Tensors joined along an existing dimension.
    """

    formula = r"[x_1; x_2; \dots]"

    def forward(xp, tensors: Arrays, dim=0):
        if not tensors:
            raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
        real = [a for a in tensors if a.shape != (0,)] or tensors
        if any(a.ndim == 0 for a in tensors):
            raise RuntimeError(
                f"zero-dimensional tensor (at position {[a.ndim for a in tensors].index(0)}) cannot be concatenated"
            )
        d = wrap_dim(dim, real[0].ndim)
        for k, a in enumerate(real):
            if a.ndim != real[0].ndim:
                raise RuntimeError(
                    f"Tensors must have same number of dimensions: got {real[0].ndim} and {a.ndim}"
                )
            for i, (m, n) in enumerate(zip(real[0].shape, a.shape, strict=True)):
                if m != n and i != d:
                    raise RuntimeError(
                        f"Sizes of tensors must match except in dimension {d}. Expected size {m} but got size {n} "
                        f"for tensor number {k} in the list."
                    )
        return xp.concatenate([a.astype(_joint(tensors), copy=False) for a in real], axis=d)

    def d_tensors(F, g, tensors_shape, dim):
        r"\text{the slice of } \bar y"
        out, start = [], 0
        n = max(len(s) for s in tensors_shape)
        for shape in tensors_shape:
            if shape == (0,) and n > 1:
                out.append(None)
                continue
            d = wrap_dim(dim, n)
            out.append(F.narrow(g, d, start, shape[d]))
            start += shape[d]
        return out


def _joint(arrays: list) -> Any:
    from ..core.dtype import from_numpy_dtype, numpy_dtype, promote_types

    d = from_numpy_dtype(arrays[0].dtype)
    for a in arrays[1:]:
        if a.dtype is not arrays[0].dtype:
            d = promote_types(d, from_numpy_dtype(a.dtype))
    return numpy_dtype(d)


@op(name="StackBackward0", method=False)
class stack:
    """stack(tensors, dim=0) -> Tensor

    Tensors of one shape joined along a new dimension.
    """

    formula = r"[x_1, x_2, \dots]"

    def forward(xp, tensors: Arrays, dim=0):
        if not tensors:
            raise RuntimeError("stack expects a non-empty TensorList")
        for k, a in enumerate(tensors):
            if a.shape != tensors[0].shape:
                raise RuntimeError(
                    f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 and "
                    f"{list(a.shape)} at entry {k}"
                )
        d = wrap_dim(dim, tensors[0].ndim + 1)
        return xp.stack([a.astype(_joint(tensors), copy=False) for a in tensors], axis=d)

    def d_tensors(F, g, tensors_shape, dim):
        r"\text{the slice of } \bar y"
        d = wrap_dim(dim, len(tensors_shape[0]) + 1)
        return [F.select(g, d, k) for k in range(len(tensors_shape))]


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


@op(view=True)
class narrow:
    """narrow(input, dim, start, length) -> Tensor

    A view of ``length`` neighbours along one dimension.
    """

    formula = r"x_{a:b}"

    def forward(xp, input: Array, dim, start, length):
        if input.ndim == 0:
            raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
        d = wrap_dim(dim, input.ndim)
        n, a = input.shape[d], int(start)
        if not -n <= a <= n:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n}], but got {a})")
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


@op(view=True, method=False, function=False, name="SliceBackward0")
class slice_view:
    """A view by a basic index: ints, slices, None, Ellipsis."""

    label = "slice"
    formula = r"x_{\text{index}}"

    def forward(xp, input: Array, index):
        return input[(*index, ...)] if ... not in index else input[index]

    def d_input(F, g, input_shape, index):
        r"\bar y \text{ at the index, } 0 \text{ elsewhere}"
        return F.embed_slice(g, input_shape, index)


@op(view=True, name="UnbindBackward0")
class unbind:
    """unbind(input, dim=0) -> tuple of Tensors

    Views of all slices along a dimension.
    """

    formula = r"x_1, x_2, \dots"
    several = True

    def forward(xp, input: Array, dim=0):
        if input.ndim == 0:
            raise RuntimeError("Dimension specified as 0 but tensor has no dimensions")
        d = wrap_dim(dim, input.ndim)
        return [input[(slice(None),) * d + (i, ...)] for i in range(input.shape[d])]

    def d_input(F, g, input_shape, dim):
        r"[\bar y_1, \bar y_2, \dots]"
        return F.join_parts(g, input_shape, dim, None)


@op(view=True, method=False, function=False, name="SplitWithSizesBackward0")
class split_op:
    """Views of consecutive pieces along a dimension."""

    formula = r"x_{1:a}, x_{a:b}, \dots"
    several = True

    def forward(xp, input: Array, lengths, dim):
        out, start = [], 0
        for n in lengths:
            out.append(input[(slice(None),) * dim + (slice(start, start + n),)])
            start += n
        return out

    def d_input(F, g, input_shape, lengths, dim):
        r"[\bar y_1, \bar y_2, \dots]"
        return F.join_parts(g, input_shape, dim, lengths)


@method
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple:
    """split(tensor, split_size_or_sections, dim=0) -> tuple of Tensors

    Views of consecutive pieces: of one length (the last may be shorter), or of the lengths given.
    """
    if tensor._a.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = wrap_dim(dim, tensor._a.ndim)
    n = tensor._a.shape[d]
    if isinstance(split_size_or_sections, (tuple, list)):
        lengths = [int(k) for k in split_size_or_sections]
        if sum(lengths) != n or any(k < 0 for k in lengths):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {d}), "
                f"but got split_sizes={lengths}"
            )
    else:
        k = int(split_size_or_sections)
        if k < 0 or (k == 0 and n != 0):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={k}" if k < 0 else
                               f"split_size can only be 0 if dimension size is 0, but got dimension "
                               f"size of {n}")  # fmt: skip
        lengths = [min(k, n - a) for a in range(0, n, k)] if n else [0]
    return split_op(tensor, lengths, d)


@method
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    """chunk(input, chunks, dim=0) -> tuple of Tensors

    Views of at most ``chunks`` pieces of equal length (the last may be shorter).
    """
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    d = wrap_dim(dim, input._a.ndim)
    n = input._a.shape[d]
    return split(input, [0] * chunks if n == 0 else -(-n // chunks), d)


@op(name="CloneBackward0")
class clone:
    """clone(input, *, memory_format=None) -> Tensor

    A copy that stays in the graph.
    """

    formula = "x"

    def forward(xp, input: Array, *, memory_format=None):
        return input.copy(order="K")

    def d_input(F, g):
        r"\bar y"
        return g


@op(name="FlipBackward0", method=False, function=False)
class flip_op:
    """The elements in reverse order along some dimensions."""

    formula = r"\mathrm{flip}(x)"

    def forward(xp, input: Array, dims):
        return xp.ascontiguousarray(xp.flip(input, dims))

    def d_input(F, g, dims):
        r"\mathrm{flip}(\bar y)"
        return F.flip(g, dims)


@method
def flip(input: Tensor, *dims: Any) -> Tensor:
    """flip(input, dims) -> Tensor

    A copy with the order of the elements reversed along ``dims``.
    """
    return flip_op(input, tuple(wrap_dim(d, input._a.ndim) for d in sizes(dims)))


@method
def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """contiguous() -> Tensor

    The tensor itself when it lies row by row in memory, else a copy that does.
    """
    return input if input._a.flags.c_contiguous else contiguous_copy(input)


@op(name="CloneBackward0", method=False, function=False)
class contiguous_copy:
    """A copy stored row by row."""

    label = "contiguous"
    formula = "x"

    def forward(xp, input: Array):
        return xp.array(input, order="C", copy=True)

    def d_input(F, g):
        r"\bar y"
        return g
