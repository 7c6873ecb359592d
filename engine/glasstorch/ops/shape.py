"""Shape: views (which share memory) and rearrangements (which copy)."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core.dims import infer_shape, size_argument, sizes, wrap_dim, wrap_dims
from ..core.dtype import dtype, from_numpy_dtype, numpy_dtype
from ..core.forms import method, public
from ..core.frames import warn_once
from ..core.op import op
from ..core.size import Size
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
        old, new = input.itemsize, np_dtype.itemsize
        if old != new:
            _check_regroup(input, old, new, np_dtype)
        return input.view(np_dtype)


def _check_regroup(a: Any, old: int, new: int, np_dtype: Any) -> None:
    """RuntimeError when the last dimension cannot be cut into, or joined to, elements of another size."""
    kinds = (
        f"{from_numpy_dtype(a.dtype).legacy} as {from_numpy_dtype(np_dtype).legacy} (different element sizes)"
    )
    if a.ndim == 0:
        raise RuntimeError(f"self.dim() cannot be 0 to view {kinds}")
    if a.strides[-1] != old and a.shape[-1] > 1 and (old > new or a.shape[-1] * old % new == 0):
        raise RuntimeError(f"self.stride(-1) must be 1 to view {kinds}, but got {a.strides[-1] // old}")
    if new > old and a.shape[-1] * old % new:
        raise RuntimeError(
            f"self.size(-1) must be divisible by {new // old} to view {kinds}, but got {a.shape[-1]}"
        )


def _view(self: Tensor, *shape: Any, **named: Any) -> Tensor:
    """view(*shape) -> Tensor

    The same memory in another shape; one length may be -1. RuntimeError when that needs a copy.
    ``view(dtype)`` reads the same bytes as another type.
    """
    shape = size_argument(shape, named, "view,dtype" if "dtype" in named else "view")
    if len(shape) == 1 and isinstance(shape[0], dtype):
        return view_as_dtype(self, numpy_dtype(shape[0]))
    return view_as_shape(self, infer_shape(sizes(shape, "view"), self._a.size))


Tensor.view = _view


def _view_as(self: Tensor, other: Tensor) -> Tensor:
    """view_as(other) -> Tensor

    The elements as a view in the shape of ``other``.
    """
    return self.view(other.shape)


Tensor.view_as = _view_as


@public
def reshape(input: Tensor, shape: Any) -> Tensor:
    """reshape(input, shape) -> Tensor

    The elements in another shape: a view where the memory allows it, else a copy. One length may be -1.
    """
    new = infer_shape(sizes((shape,), "reshape,shape"), input._a.size)
    if backends.reshape_view(input._a, new) is None:
        return reshape_copy(input, new)
    return view_as_shape(input, new)


def _reshape(self: Tensor, *shape: Any, **named: Any) -> Tensor:
    """reshape(*shape) -> Tensor

    The elements in another shape, as a view where the memory allows it; -1 stands for the length that is left.
    """
    return reshape(self, sizes(size_argument(shape, named, "reshape,shape"), "reshape,shape"))


def _reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """reshape_as(other) -> Tensor

    The elements in the shape of ``other``, as a view where the memory allows it.
    """
    return reshape(self, other.shape)


Tensor.reshape, Tensor.reshape_as = _reshape, _reshape_as


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
    new = tuple(sizes)
    if not new:
        raise RuntimeError("unflatten: sizes must be non-empty")
    n = input._a.shape[d]
    try:
        new = infer_shape(new, n)
    except RuntimeError as error:
        if "is invalid for input" not in str(error):
            raise
        what = f"dim {dim} ({n})"
        raise RuntimeError(
            f"unflatten: Provided sizes {list(new)} don't multiply up to the size of {what} in the input tensor"
        ) from None
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
    order = sizes((dims,), "permute,dims")
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


def _permute(self: Tensor, *dims: Any, **named: Any) -> Tensor:
    """permute(*dims) -> Tensor

    A view with the dimensions in the order of ``dims``.
    """
    return permute(self, sizes(size_argument(dims, named, "permute,dims"), "permute,dims"))


Tensor.permute = _permute
Tensor.swapaxes = Tensor.swapdims = transpose


@op(view=True, method=False, function=False, name="TBackward0")
class t_op:
    """The transpose of a matrix."""

    formula = r"X^{\top}"

    def forward(xp, input: Array):
        return input.T

    def d_input(F, g):
        r"\bar Y^{\top}"
        return F.t(g)


@method
def t(input: Tensor) -> Tensor:
    """t(input) -> Tensor

    The transpose of a matrix; 0-d and 1-d tensors unchanged.
    """
    if input._a.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._a.ndim}D")
    return t_op(input)


def _reversed(self: Tensor) -> Tensor:
    """The dimensions reversed."""
    n = self._a.ndim
    if n != 2:
        warn_once(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will "
            "throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
            if n
            else NO_MATRIX.format("Tensor.T", "This function is the identity in these cases.")
        )
    return permute_op(self, tuple(range(n - 1, -1, -1)))


#: PyTorch's warning when a number is transposed.
NO_MATRIX = "{} is deprecated on 0-D tensors. {}"
Tensor.T = property(_reversed, doc=_reversed.__doc__)


def matrices_swapped(input: Tensor, name: str, instead: str) -> Tensor:
    """The last two dimensions swapped; a number itself, with PyTorch's warning, which says what to use ``instead``."""
    if input._a.ndim == 0:
        warn_once(NO_MATRIX.format(name, instead))
        return input
    if input._a.ndim == 1:
        called = name[0].lower() + name[1:] if name.startswith("T") else f"tensor.{name}"
        raise RuntimeError(
            f"{called} is only supported on matrices or batches of matrices. Got {input._a.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


Tensor.mT = property(
    lambda self: matrices_swapped(self, "Tensor.mT", "This function is the identity in these cases."),
    doc="The last two dimensions swapped.",
)


@op(view=True, method=False, function=False, name="SqueezeBackward0")
class squeeze_op:
    """Without some dimensions of length 1."""

    formula = r"\mathrm{squeeze}(x)"

    def forward(xp, input: Array, dims):
        return xp.squeeze(input, axis=dims)[...]

    def d_input(F, g, input_shape):
        r"\mathrm{reshape}(\bar y)"
        return g.reshape(input_shape)


@op(view=True, method=False, function=False, name="SqueezeBackward1")
class squeeze_dims:
    """Without the dimensions of length 1 among those that were named."""

    label = "squeeze"
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
    dims = () if isinstance(dim, (tuple, list)) and not dim else wrap_dims(dim, len(shape))
    found = tuple(d for d in dims if shape and shape[d] == 1)
    return squeeze_op(input, found) if dim is None else squeeze_dims(input, found)


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
def expand(input: Tensor, *shape: Any, **named: Any) -> Tensor:
    """expand(input, *sizes) -> Tensor

    A view with dimensions of length 1 stretched; -1 keeps a length; new dimensions come in front.
    """
    target, own = list(sizes(size_argument(shape, named, "expand"), "expand")), input._a.shape
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


def _expand_as(self: Tensor, other: Tensor) -> Tensor:
    """expand_as(other) -> Tensor

    A view stretched to the shape of ``other``.
    """
    return expand(self, other.shape)


def _summed(self: Tensor, *size: Any, **named: Any) -> Tensor:
    """sum_to_size(*size) -> Tensor

    The sum over the dimensions that broadcasting from ``size`` to this shape would stretch.
    """
    return _sum_to_size(self, sizes(size_argument(size, named, "sum_to_size"), "sum_to_size"))


Tensor.expand_as, Tensor.sum_to_size = _expand_as, _summed


def _sum_to_size(x: Tensor, shape: tuple) -> Tensor:
    from ..core.functions import TENSORS

    own = x._a.shape
    lead = len(own) - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, own[lead:], strict=True)):
        raise RuntimeError(f"size {{{list(shape)}}} is not expandable to size {{{list(own)}}}.")
    return TENSORS.sum_to_size(x, shape) if shape else x.sum()  # type: ignore[attr-defined]


@public
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """broadcast_to(input, size) -> Tensor

    ``input`` expanded to ``size``.
    """
    return expand(input, *size)


def _broadcast_to(self: Tensor, *args: Any, size: Any = None) -> Tensor:
    """broadcast_to(*size) -> Tensor

    This tensor expanded to ``size``.
    """
    return expand(self, *sizes(args if size is None else (size,)))


_broadcast_to.__name__ = _broadcast_to.__qualname__ = "broadcast_to"
Tensor.broadcast_to = _broadcast_to


@public
def broadcast_shapes(*shapes: Any) -> Any:
    """broadcast_shapes(*shapes) -> Size

    The shape that all shapes broadcast to.
    """
    out: list[int] = []
    for i, given in enumerate(shapes):
        shape = [given] if isinstance(given, int) else list(given)
        if any(n < 0 for n in shape):
            n = next(n for n in shape if n < 0)
            raise RuntimeError(f"Trying to create tensor with negative dimension ({n}): ({n})")
        out = [1] * (len(shape) - len(out)) + out
        for k in range(1, len(shape) + 1):
            if shape[-k] == 1 or shape[-k] == out[-k]:
                continue
            if out[-k] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[-k]} at {-k}! Mismatching argument at index "
                    f"{i} had {tuple(shape)}; but expected shape should be broadcastable to {out}"
                )
            out[-k] = shape[-k]
    return Size(out)
