"""The public functions, types and modules.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size
from glasstorch.core.tensor import Tensor as Tensor

from glasstorch.cuda.errors import AcceleratorError as AcceleratorError
BFloat16Storage: Any
BFloat16Tensor: Any
BoolStorage: Any
BoolTensor: Any
ByteStorage: Any
ByteTensor: Any
CharStorage: Any
CharTensor: Any
ComplexDoubleStorage: Any
ComplexFloatStorage: Any
DoubleStorage: Any
DoubleTensor: Any
from glasstorch.streams import Event as Event
FloatStorage: Any
FloatTensor: Any
from glasstorch.random import Generator as Generator
HalfStorage: Any
HalfTensor: Any
IntStorage: Any
IntTensor: Any
LongStorage: Any
LongTensor: Any
from glasstorch.backends.cuda_runtime import OutOfMemoryError as OutOfMemoryError
ShortStorage: Any
ShortTensor: Any
from glasstorch.core.size import Size as Size
from glasstorch.streams import Stream as Stream
from glasstorch.storage.typed import TypedStorage as TypedStorage
from glasstorch.storage.untyped import UntypedStorage as UntypedStorage
def abs(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The absolute value."""
def abs_(self: Tensor) -> Tensor:
    """In-place form of ``abs``: the result is written into this tensor."""
def absolute(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The absolute value."""
from glasstorch import accelerator as accelerator
def acos(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc cosine."""
def acos_(self: Tensor) -> Tensor:
    """In-place form of ``acos``: the result is written into this tensor."""
def acosh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic cosine."""
def acosh_(self: Tensor) -> Tensor:
    """In-place form of ``acosh``: the result is written into this tensor."""
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """The maxima of ``output_size`` windows and where they are."""
def add(input: Tensor | _complex, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``. Shapes broadcast; types promote."""
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Tensor:
    """``beta * input + alpha * sum of batch1[b] @ batch2[b]``; ``input`` broadcasts."""
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + value * tensor1 / tensor2``."""
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + value * tensor1 * tensor2``."""
def addmm(input: Tensor, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
    """``beta * input + alpha * (mat1 @ mat2)`` for matrices; ``input`` broadcasts."""
def addmv(input: Tensor, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``; ``input`` broadcasts."""
def addmv_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``addmv``: the result is written into this tensor."""
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Tensor:
    """``beta * input + alpha * outer(vec1, vec2)``; ``input`` broadcasts."""
def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions swapped, the elements conjugated."""
def affine_grid_generator(theta: Tensor, size: Any, align_corners: _bool) -> Tensor:
    """``nn.functional.affine_grid``."""
def alias_copy(input: Tensor, *, out: Any = None) -> Tensor:
    """A copy."""
def all(input: Any, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Is every element different from zero?"""
def allclose(input: Tensor, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False) -> _bool:
    """Is ``|input - other| <= atol + rtol * |other|`` everywhere?"""
def alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``alpha_dropout`` of ``nn.functional``."""
def alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``alpha_dropout`` of ``nn.functional``, in place."""
def amax(input: Any, dim: Any = (), keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The largest element over ``dim``; equal elements share the gradient."""
def amin(input: Any, dim: Any = (), keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The smallest element over ``dim``; equal elements share the gradient."""
def aminmax(input: Any, *, dim: Any = None, keepdim: Any = False, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The smallest and the largest element, of all or along ``dim``."""
from glasstorch import amp as amp
def angle(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The angle of complex elements in radians; of real ones 0 or, below 0, pi."""
def any(input: Any, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Is some element different from zero?"""
from glasstorch import ao as ao
def arange(start: Any = None, end: Any = None, step: Any = 1, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """The values from ``start`` up to, not including, ``end``. All ints give int64, else the default dtype."""
def arccos(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc cosine."""
def arccos_(self: Tensor) -> Tensor:
    """In-place form of ``acos``: the result is written into this tensor."""
def arccosh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic cosine."""
def arccosh_(self: Tensor) -> Tensor:
    """In-place form of ``acosh``: the result is written into this tensor."""
def arcsin(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc sine."""
def arcsin_(self: Tensor) -> Tensor:
    """In-place form of ``asin``: the result is written into this tensor."""
def arcsinh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic sine."""
def arcsinh_(self: Tensor) -> Tensor:
    """In-place form of ``asinh``: the result is written into this tensor."""
def arctan(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc tangent."""
def arctan2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point ``(other, input)`` from the first axis, between -pi and pi."""
def arctan_(self: Tensor) -> Tensor:
    """In-place form of ``atan``: the result is written into this tensor."""
def arctanh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic tangent."""
def arctanh_(self: Tensor) -> Tensor:
    """In-place form of ``atanh``: the result is written into this tensor."""
def are_deterministic_algorithms_enabled() -> _bool:
    """Was ``use_deterministic_algorithms`` asked for?"""
def argmax(input: Any, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Where the largest element is: its index in the flattened tensor, or along ``dim``. Of equal elements the first."""
def argmin(input: Any, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
    """Where the smallest element is: its index in the flattened tensor, or along ``dim``. Of equal elements the first."""
def argsort(input: Any, dim: Any = -1, descending: Any = False, stable: Any = False, *, axis: Any = None) -> Tensor:
    """The indices that put the elements in order along ``dim``."""
def argwhere(input: Tensor) -> Tensor:
    """The indices of the elements different from zero, one row each."""
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """A view of the tensor's memory with any shape and strides (counted in elements). RuntimeError when it would reach beyond the memory."""
def as_strided_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``as_strided``: the tensor itself changes its shape."""
def as_strided_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``as_strided``, as a copy."""
def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """A copy of ``input`` with ``src`` written where ``as_strided`` would look."""
def as_tensor(data: Any, dtype: _dtype | None = None, device: Any = None) -> Tensor:
    """A tensor that shares memory with ``data`` where it can: a tensor itself (with its history), an array without a copy. Lists and numbers are copied. Source: https://pytorch.org/docs/stable/generated/torch.as_tensor.html"""
def asarray(obj: Any, *, dtype: _dtype | None = None, device: Any = None, copy: _bool | None = None, requires_grad: _bool | None = None) -> Tensor:
    """A tensor of anything: a tensor, an array, an object with DLPack or Python's buffer protocol (all without a copy where that is possible), nested lists, a number. ``copy``: always (True), never (False: ValueError where one is needed) or as needed (None). Source: https://pytorch.org/docs/stable/generated/torch.asarray.html"""
def asin(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc sine."""
def asin_(self: Tensor) -> Tensor:
    """In-place form of ``asin``: the result is written into this tensor."""
def asinh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic sine."""
def asinh_(self: Tensor) -> Tensor:
    """In-place form of ``asinh``: the result is written into this tensor."""
def atan(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The arc tangent."""
def atan2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point ``(other, input)`` from the first axis, between -pi and pi."""
def atan_(self: Tensor) -> Tensor:
    """In-place form of ``atan``: the result is written into this tensor."""
def atanh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse hyperbolic tangent."""
def atanh_(self: Tensor) -> Tensor:
    """In-place form of ``atanh``: the result is written into this tensor."""
def atleast_1d(*tensors: Any) -> Any:
    """Each tensor with at least one dimension."""
def atleast_2d(*tensors: Any) -> Any:
    """Each tensor with at least two dimensions: a vector becomes a row."""
def atleast_3d(*tensors: Any) -> Any:
    """Each tensor with at least three dimensions."""
from glasstorch.amp.autocast_mode import autocast as autocast
def autocast_decrement_nesting() -> _int:
    """An autocast region is left; how many are open?"""
def autocast_increment_nesting() -> _int:
    """One more autocast region is entered; how many are open?"""
from glasstorch import autograd as autograd
def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: _bool = False, count_include_pad: _bool = True) -> Tensor:
    """The mean of every window of (N, C, L) or (C, L); see ``avg_pool2d``."""
def baddbmm(input: Tensor, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
    """``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices; ``input`` broadcasts."""
def bartlett_window(window_length: _int, periodic: _bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """A triangle that is 0 at its ends."""
def batch_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None, training: _bool, momentum: _float, eps: _float, cudnn_enabled: _bool) -> Tensor:
    """``nn.functional.batch_norm``."""
def bernoulli(input: Tensor, p: _float | None = None, *, generator: Any = None, out: Tensor | None = None) -> Tensor:
    """Zeros and ones in the shape and type of ``input``: ones with the probability that ``input`` holds there, or with probability ``p`` everywhere. Source: https://pytorch.org/docs/stable/generated/torch.bernoulli.html"""
bfloat16: _dtype
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x1 W_k x2 + b_k`` for each output k. Shapes: (*, in1), (*, in2), (out, in1, in2), (out,) give (*, out)."""
def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: _int = 0) -> Tensor:
    """``nn.functional.binary_cross_entropy_with_logits``."""
def bincount(input: Tensor, weights: Any = None, minlength: _int = 0) -> Tensor:
    """How often each whole number from 0 on occurs in a vector, or the sum of its ``weights``."""
def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """How many of ``count`` trials succeed that each do with probability ``prob``; the tensors broadcast and are of one floating type."""
def bitwise_and(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit, for integer and bool tensors."""
def bitwise_left_shift(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit, for integer and bool tensors."""
def bitwise_not(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit negation of integers and bools."""
def bitwise_or(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit, for integer and bool tensors."""
def bitwise_right_shift(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit, for integer and bool tensors."""
def bitwise_xor(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit, for integer and bool tensors."""
def blackman_window(window_length: _int, periodic: _bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))``."""
def block_diag(*tensors: Tensor) -> Tensor:
    """A matrix with the given matrices along its diagonal and zeros elsewhere."""
def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Products of matrices in two batches, ``(b, n, k) @ (b, k, m)``."""
bool: _dtype
def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that all shapes broadcast to."""
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Views of all tensors in the one shape they broadcast to."""
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """``input`` expanded to ``size``."""
def bucketize(input: Any, boundaries: Tensor, *, out_int32: _bool = False, right: _bool = False, out: Any = None) -> Tensor:
    """The number of the interval between sorted ``boundaries`` that each element lies in."""
def can_cast(from_: _dtype, to: _dtype) -> _bool:
    """May a value of one type be stored in another? Not when that loses its kind: complex, floating, integer, bool."""
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one element from each vector, one row each."""
def cat(tensors: Any, dim: Any = 0, *, out: Any = None, axis: Any = None) -> Tensor:
    """Tensors joined along an existing dimension."""
def cdist(x1: Tensor, x2: Tensor, p: _float = 2.0, compute_mode: Any = None) -> Tensor:
    """The p-norm distances between all rows of two matrices, ``(*, n, m)`` and ``(*, k, m)`` to ``(*, n, k)``. ``compute_mode`` is accepted: the differences are always taken one by one, which is the exact way."""
cdouble: _dtype
def ceil(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The smallest integer not below each element."""
def ceil_(self: Tensor) -> Tensor:
    """In-place form of ``ceil``: the result is written into this tensor."""
def celu(input: Tensor, alpha: _float = 1.0, inplace: _bool = False) -> Tensor:
    """``x`` above 0, ``alpha (exp(x / alpha) - 1)`` below."""
def celu_(input: Tensor, alpha: _float = 1.0) -> Tensor:
    """In-place ``celu``."""
cfloat: _dtype
def chain_matmul(*matrices: Any, out: Any = None) -> Tensor:
    """The product of several matrices, in the order of the fewest multiplications."""
chalf: _dtype
def channel_shuffle(input: Tensor, groups: Any, *, out: Tensor | None = None) -> Tensor:
    """The channels of (N, C, *) in another order: one of each group in turn."""
channels_last: Any
channels_last_3d: Any
def cholesky(input: Tensor, upper: _bool = False, *, out: Any = None) -> Tensor:
    """cholesky(input, upper=False) -> Tensor: ``linalg.cholesky``."""
def cholesky_inverse(input: Tensor, upper: _bool = False, *, out: Any = None) -> Tensor:
    """cholesky_inverse(L, upper=False) -> Tensor: the inverse of a matrix from its Cholesky factor."""
def cholesky_solve(B: Tensor, L: Tensor, upper: _bool = False, *, out: Any = None) -> Tensor:
    """cholesky_solve(B, L, upper=False) -> Tensor: the X with ``A X = B`` from A's Cholesky factor."""
def chunk(input: Any, chunks: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """Views of at most ``chunks`` pieces of equal length (the last may be shorter)."""
def clamp(input: Tensor, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None, *, out: Tensor | None = None) -> Tensor:
    """Elements below ``min`` or above ``max`` set to that bound. Bounds are numbers or tensors."""
def clamp_(self: Tensor, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None) -> Tensor:
    """In-place form of ``clamp``: the result is written into this tensor."""
def clamp_max(input: Tensor, max: Any, *, out: Any = None) -> Tensor:
    """Elements above ``max`` set to it."""
def clamp_max_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``clamp_max``: the result is written into this tensor."""
def clamp_min(input: Tensor, min: Any, *, out: Any = None) -> Tensor:
    """Elements below ``min`` set to it."""
def clamp_min_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``clamp_min``: the result is written into this tensor."""
def clear_autocast_cache() -> None:
    """Drop the kept copies of parameters."""
def clip(input: Tensor, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None, *, out: Tensor | None = None) -> Tensor:
    """Elements below ``min`` or above ``max`` set to that bound. Bounds are numbers or tensors."""
def clip_(self: Tensor, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None) -> Tensor:
    """In-place form of ``clamp``: the result is written into this tensor."""
def clone(input: Tensor, *, memory_format: Any = None, out: Tensor | None = None) -> Tensor:
    """A copy that stays in the graph."""
def column_stack(tensors: Any, *, out: Any = None) -> Tensor:
    """Tensors side by side; vectors count as columns."""
def combinations(input: Tensor, r: _int = 2, with_replacement: _bool = False) -> Tensor:
    """All choices of ``r`` elements of a vector, in order, one row each."""
def compile(model: Any = None, *, fullgraph: _bool = False, dynamic: _bool | None = None, backend: _str | Callable = 'inductor', mode: _str | None = None, options: Any = None, disable: _bool = False) -> Any:
    """A function or module that runs as programs on arrays: the same values, gradients and effects, less overhead."""
from glasstorch import compiler as compiler
def complex(real: Tensor, imag: Tensor, *, out: Any = None) -> Tensor:
    """Complex numbers from their parts, which have one floating type."""
complex128: _dtype
complex32: _dtype
complex64: _dtype
def concat(tensors: Any, dim: Any = 0, *, out: Any = None, axis: Any = None) -> Tensor:
    """Tensors joined along an existing dimension."""
def concatenate(tensors: Any, dim: Any = 0, *, out: Any = None, axis: Any = None) -> Tensor:
    """Tensors joined along an existing dimension."""
def cond(pred: Any, true_fn: Any, false_fn: Any, operands: Any = ()) -> Any:
    """``true_fn(*operands)`` where ``pred`` holds, else ``false_fn(*operands)``."""
def conj(input: Tensor) -> Tensor:
    """The complex conjugate; real tensors unchanged."""
def conj_physical(input: Tensor, *, out: Any = None) -> Tensor:
    """The complex conjugate, computed at once (as every conjugate here is)."""
def conj_physical_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``conj_physical``: the result is written into this tensor."""
def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """A border of ``value``; ``pad`` is (before, after) of the last dimension, then of the one before it, …. Negative lengths cut off. ``nn.functional.pad`` has other borders too."""
def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself when it lies densely in memory, row by row (or in the given format), else a copy that does."""
contiguous_format: Any
def conv1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, k) over ``input`` (N, C, L) or (C, L); see ``conv2d``."""
def conv2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, kH, kW) over ``input`` (N, C, H, W) or (C, H, W)."""
def conv3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, kD, kH, kW) over ``input`` (N, C, D, H, W) or (C, D, H, W); see ``conv2d``."""
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: _int = 0) -> Tensor:
    """``conv1d`` of (time, batch, channels) with ``weight`` (k, C, O); ``pad`` zeros at both ends of the time."""
def conv_transpose1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv1d``; see ``conv_transpose2d``."""
def conv_transpose2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv2d``: spread ``weight`` (C, O / groups, kH, kW) from every element of ``input``."""
def conv_transpose3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv3d``; see ``conv_transpose2d``."""
def convolution(input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, dilation: Any, transposed: _bool, output_padding: Any, groups: _int) -> Tensor:
    """Any convolution or transposed convolution; the number of dimensions comes from ``weight``."""
def copysign(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The size of ``input`` with the sign of ``other``."""
def corrcoef(input: Tensor) -> Tensor:
    """The correlation matrix of the rows: their covariances divided by both standard deviations, between -1 and 1."""
def cos(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The cosine."""
def cos_(self: Tensor) -> Tensor:
    """In-place form of ``cos``: the result is written into this tensor."""
def cosh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic cosine."""
def cosh_(self: Tensor) -> Tensor:
    """In-place form of ``cosh``: the result is written into this tensor."""
def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0.0, reduction: _int = 0) -> Tensor:
    """``nn.functional.cosine_embedding_loss``."""
def cosine_similarity(x1: Tensor, x2: Tensor, dim: _int = 1, eps: _float = 1e-08) -> Tensor:
    """The cosine of the angle between vectors along ``dim``; lengths count as at least ``eps``."""
def count_nonzero(input: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
    """How many elements are different from zero."""
def cov(input: Tensor, *, correction: _int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """The covariance matrix of the rows. ``fweights``: how often each observation counts (integers); ``aweights``: how much each counts (floats); ``correction``: what is taken off their number before dividing."""
from glasstorch import cpu as cpu
def cross(input: Any, other: Any, dim: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """The vector product along ``dim``, by default the first dimension of length 3."""
def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: _int = 0, reduction: _int = 0, zero_infinity: _bool = False) -> Tensor:
    """``nn.functional.ctc_loss``."""
from glasstorch import cuda as cuda
def cummax(input: Any, dim: Any = None, *, axis: Any = None, out: Any = None) -> Any:
    """The largest element so far along ``dim``, and where it is."""
def cummin(input: Any, dim: Any = None, *, axis: Any = None, out: Any = None) -> Any:
    """The smallest element so far along ``dim``, and where it is."""
def cumprod(input: Any, dim: Any = None, *, dtype: Any = None, axis: Any = None, out: Any = None) -> Tensor:
    """The running product along ``dim``."""
def cumsum(input: Any, dim: Any = None, *, dtype: Any = None, axis: Any = None, out: Any = None) -> Tensor:
    """The running sum along ``dim``."""
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: Any = -1, axis: Any = None) -> Tensor:
    """The running integral along ``dim`` by the trapezoidal rule, one element shorter than ``y``."""
default_generator: Any
def deg2rad(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Degrees in radians."""
def deg2rad_(self: Tensor) -> Tensor:
    """In-place form of ``deg2rad``: the result is written into this tensor."""
def dequantize(self: Tensor) -> Tensor:
    """The tensor as float32."""
def det(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.det(A) -> Tensor: the determinant."""
def detach(input: Tensor) -> Tensor:
    """The same memory without history."""
def detach_(input: Tensor) -> Tensor:
    """Forget the history, in place."""
def detach_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``detach``, as a copy."""
from glasstorch.core.device import device as device
def diag(input: Tensor, diagonal: _int = 0, *, out: Any = None) -> Tensor:
    """The matrix with this vector on a diagonal, or the diagonal (a copy) of this matrix."""
def diag_embed(input: Tensor, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """Matrices whose diagonal is the last dimension of ``input``, zeros elsewhere."""
def diagflat(input: Tensor, offset: _int = 0) -> Tensor:
    """The matrix with all elements of ``input`` on a diagonal."""
def diagonal(input: Tensor, offset: Any = 0, dim1: Any = 0, dim2: Any = 1) -> Tensor:
    """A view of the diagonals of the matrices in two dimensions; the diagonal becomes the last dimension. ``offset`` above 0 lies above the main diagonal."""
def diagonal_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``diagonal``, as a copy."""
def diagonal_scatter(input: Tensor, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
    """A copy of ``input`` with ``src`` on a diagonal."""
def diff(input: Any, n: Any = 1, dim: Any = -1, prepend: Any = None, append: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """The difference of neighbours along ``dim``, ``n`` times over; of bools whether they differ."""
def digamma(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithmic derivative of the gamma function."""
def dist(input: Tensor, other: Tensor, p: _float = 2) -> Tensor:
    """The p-norm of the difference."""
from glasstorch import distributed as distributed
from glasstorch import distributions as distributions
def div(input: Any, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
    """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
def divide(input: Any, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
    """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of products of two vectors."""
double: _dtype
def dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``dropout`` of ``nn.functional``."""
def dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``dropout`` of ``nn.functional``, in place."""
def dsmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, ``(n, k) @ (k, m)``."""
def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """``tensor_split`` along its own dimension."""
def dstack(tensors: Any, *, out: Any = None) -> Tensor:
    """Tensors one behind the other, along dimension 2."""
from glasstorch.core.dtype import dtype as dtype
e: _float
def eig(*args: Any, **kwargs: Any) -> Any:
    """Removed from PyTorch. `torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real tensors mimicking complex tensors."""
def einsum(*args: Any) -> Tensor:
    """Sum of products in Einstein's notation: ``einsum("ij,jk->ik", a, b)`` is the matrix product. ``...`` stands for dimensions that broadcast; a letter that is missing on the right is summed over. Also ``einsum(a, [0, 1], ...)``."""
def embedding(weight: Tensor, indices: Tensor, padding_idx: _int = -1, scale_grad_by_freq: _bool = False, sparse: _bool = False) -> Tensor:
    """``nn.functional.embedding`` with the table first."""
def embedding_bag(weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: _bool = False, mode: _int = 0, sparse: _bool = False, per_sample_weights: Tensor | None = None, include_last_offset: _bool = False, padding_idx: _int | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Bags of embeddings (``mode`` 0 sum, 1 mean, 2 max), the bag of each index, the bags' sizes, the largest rows."""
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: _float, norm_type: _float) -> Tensor:
    """The rows of a table that ``indices`` names, scaled down to ``max_norm`` in place."""
def empty(*size: Any, out: Tensor | None = None, dtype: _dtype | None = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False, memory_format: Any = None, **named: Any) -> Tensor:
    """A tensor whose elements are not to be relied on (zeros here, so that mistakes repeat)."""
def empty_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None) -> Tensor:
    """An uninitialised tensor in the shape, type and place of ``input``."""
def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """An uninitialised dense tensor whose dimensions lie in memory in the order ``physical_layout``, the longest steps first."""
def empty_strided(size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """An uninitialised tensor whose dimensions step through memory by ``stride`` elements."""
from glasstorch.core.mode import enable_grad as enable_grad
def eq(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` equal to that of ``other``? A bool tensor."""
def equal(input: Tensor, other: Tensor) -> _bool:
    """Have both the same shape and elements?"""
def erf(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The error function."""
def erf_(self: Tensor) -> Tensor:
    """In-place form of ``erf``: the result is written into this tensor."""
def erfc(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """One minus the error function, exact where that is small."""
def erfc_(self: Tensor) -> Tensor:
    """In-place form of ``erfc``: the result is written into this tensor."""
def erfinv(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the error function, from -1 to 1."""
def exp(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """e to the power of each element."""
def exp2(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """2 to the power of each element."""
def exp2_(self: Tensor) -> Tensor:
    """In-place form of ``exp2``: the result is written into this tensor."""
def exp_(self: Tensor) -> Tensor:
    """In-place form of ``exp``: the result is written into this tensor."""
def expand(input: Tensor, *shape: Any, **named: Any) -> Tensor:
    """A view with dimensions of length 1 stretched; -1 keeps a length; new dimensions come in front."""
def expand_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``expand``, as a copy."""
def expm1(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``exp(x) - 1``, exact for small x."""
def expm1_(self: Tensor) -> Tensor:
    """In-place form of ``expm1``: the result is written into this tensor."""
def eye(n: _int, m: _int | None = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """Ones on the diagonal, zeros elsewhere."""
def fake_quantize_per_tensor_affine(input: Tensor, scale: Any, zero_point: Any, quant_min: _int, quant_max: _int) -> Tensor:
    """The real numbers that ``input`` becomes by quantizing and going back, so that a network can learn to live with the rounding. The gradient is that of the identity where the integer lies within the limits ("straight through"), and zero outside: the true derivative of a rounding would be zero everywhere and teach nothing. Source: https://pytorch.org/docs/stable/generated/torch.fake_quantize_per_tensor_affine.html"""
def feature_alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``feature_alpha_dropout`` of ``nn.functional``."""
def feature_alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``feature_alpha_dropout`` of ``nn.functional``, in place."""
def feature_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``feature_dropout`` of ``nn.functional``."""
def feature_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """``feature_dropout`` of ``nn.functional``, in place."""
from glasstorch import fft as fft
def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor like ``input`` with every element ``value``, a number or a 0-d tensor."""
def fill_(self: Tensor, value: Any) -> Tensor:
    """Set every element to a number or a 0-d tensor."""
from glasstorch.core.dtype import finfo as finfo
def fix(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Each element without its fraction."""
def fix_(self: Tensor) -> Tensor:
    """In-place form of ``trunc``: the result is written into this tensor."""
def flatten(input: Tensor, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
    """Dimensions from ``start_dim`` to ``end_dim`` joined into one."""
def flip(input: Tensor, *dims: Any, **named: Any) -> Tensor:
    """A copy with the order of the elements reversed along ``dims``."""
def fliplr(input: Tensor) -> Tensor:
    """The columns in reverse order (a copy)."""
def flipud(input: Tensor) -> Tensor:
    """The rows in reverse order (a copy)."""
float: _dtype
float16: _dtype
float32: _dtype
float64: _dtype
def float_power(input: Any, exponent: Any, *, out: Any = None) -> Tensor:
    """``input ** exponent`` in double precision; either may be a number."""
def floor(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The largest integer not above each element."""
def floor_(self: Tensor) -> Tensor:
    """In-place form of ``floor``: the result is written into this tensor."""
def floor_divide(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The quotient rounded down; the type is the promoted type."""
def fmax(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The larger of two elements; where one is nan, the other."""
def fmin(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two elements; where one is nan, the other."""
def fmod(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """What is left after dividing, with the sign of the dividend (C's ``fmod``)."""
def frac(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """What comes after the decimal point, with the sign of the element."""
def frac_(self: Tensor) -> Tensor:
    """In-place form of ``frac``: the result is written into this tensor."""
def frexp(input: Tensor, *, out: Tensor | None = None) -> Any:
    """``input = mantissa * 2**exponent`` with a mantissa of size 1/2 up to, not including, 1; 0, infinities and nan have exponent 0. Exponents are int32."""
def frobenius_norm(input: Tensor, dim: Any, keepdim: _bool = False, *, out: Any = None) -> Tensor:
    """frobenius_norm(input, dim, keepdim=False) -> Tensor: the root of the sum of squares over at most two dims."""
def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: _bool | None = None) -> Tensor:
    """A tensor over the memory of an array of another library, or of a DLPack capsule. ``copy``: always (True), never (False) or only where ``device`` asks for it (None). Source: https://pytorch.org/docs/stable/dlpack.html"""
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor over the same memory as a NumPy array: a change of one is seen in the other. TypeError for types that tensors do not have, ValueError for negative strides or foreign byte order. Source: https://pytorch.org/docs/stable/generated/torch.from_numpy.html"""
def frombuffer(buffer: Any, *, dtype: _dtype, count: _int = -1, offset: _int = 0, requires_grad: _bool = False) -> Tensor:
    """A 1-d tensor over the bytes of an object with Python's buffer protocol, such as ``bytearray`` or ``array``. ``count``: how many elements (negative: all); ``offset``: bytes to skip. Source: https://pytorch.org/docs/stable/generated/torch.frombuffer.html"""
def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """A tensor filled with one value, of the value's type unless ``dtype`` says otherwise."""
def full_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None) -> Tensor:
    """One value in the shape, type and place of ``input``."""
from glasstorch import func as func
from glasstorch import futures as futures
def gather(input: Tensor, dim: Any, index: Tensor, *, sparse_grad: Any = False, out: Tensor | None = None) -> Tensor:
    """One value of a line along ``dim`` for each element of ``index``. Gradients are always dense."""
def gcd(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The greatest common divisor of integers, element by element."""
def gcd_(self: Tensor, other: Tensor) -> Tensor:
    """In-place form of ``gcd``: the result is written into this tensor."""
def ge(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` at least that of ``other``? A bool tensor."""
def geqrf(input: Tensor, *, out: Any = None) -> Any:
    """geqrf(input) -> (a, tau): QR as Householder reflectors, for ``orgqr`` and ``ormqr``. No derivative."""
def ger(input: Tensor, vec2: Tensor, *, out: Any = None) -> Tensor:
    """All products of an element of one vector and one of the other."""
def get_autocast_cpu_dtype() -> _dtype:
    """Old name of ``get_autocast_dtype('cpu')``."""
def get_autocast_dtype(device_type: _str) -> _dtype:
    """The lower type that autocast uses on a device type."""
def get_autocast_gpu_dtype() -> _dtype:
    """Old name of ``get_autocast_dtype('cuda')``."""
def get_default_device() -> _device:
    """The device of new tensors that name none. Source: https://pytorch.org/docs/stable/generated/torch.get_default_device.html"""
def get_default_dtype() -> _dtype:
    """The floating type that Python floats become (``float32`` unless changed)."""
def get_deterministic_debug_mode() -> _int:
    """0, 1 or 2, as for ``set_deterministic_debug_mode``."""
def get_device(input: Tensor) -> _int:
    """The number of the GPU; -1 for the CPU."""
def get_device_module(device: Any = None) -> Any:
    """The namespace of a kind of device, ``cuda`` or ``cpu``; of the accelerator, or else the CPU, for None."""
def get_float32_matmul_precision() -> _str:
    """What ``set_float32_matmul_precision`` was told."""
def get_num_interop_threads() -> _int:
    """What ``set_num_interop_threads`` was told; the number of processors before that."""
def get_num_threads() -> _int:
    """How many threads an operation uses."""
def get_rng_state() -> Tensor:
    """The state of the CPU's default generator, a tensor of bytes."""
def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: Any = 1, axis: Any = None) -> tuple[Tensor, ...]:
    """The derivative of a sampled function along each of ``dim`` (all by default): central differences, exact for parabolas, and one-sided ones of ``edge_order`` 1 or 2 at the ends. ``spacing``: a number, one number or vector of coordinates for each dimension. Source: Fornberg, *Generation of finite difference formulas on arbitrarily spaced grids*, 1988."""
def greater(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` greater than that of ``other``? A bool tensor."""
def greater_equal(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` at least that of ``other``? A bool tensor."""
def grid_sampler(input: Tensor, grid: Tensor, interpolation_mode: _int, padding_mode: _int, align_corners: _bool) -> Tensor:
    """``nn.functional.grid_sample`` with modes as numbers: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, …"""
def grid_sampler_2d(input: Tensor, grid: Tensor, interpolation_mode: _int, padding_mode: _int, align_corners: _bool) -> Tensor:
    """``nn.functional.grid_sample`` with modes as numbers: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, …"""
def grid_sampler_3d(input: Tensor, grid: Tensor, interpolation_mode: _int, padding_mode: _int, align_corners: _bool) -> Tensor:
    """``nn.functional.grid_sample`` with modes as numbers: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, …"""
def group_norm(input: Tensor, num_groups: _int, weight: Tensor | None = None, bias: Tensor | None = None, eps: _float = 1e-05, cudnn_enabled: _bool = True) -> Tensor:
    """``nn.functional.group_norm``."""
def gru(*args: Any) -> tuple[Tensor, Tensor]:
    """A network of gated recurrent units. All hidden states of the last layer, and the last hidden state of every layer. The second form takes packed sequences."""
def gru_cell(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """One step of a gated recurrent unit: the new state, shape (N, H)."""
def gt(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` greater than that of ``other``? A bool tensor."""
half: _dtype
def hamming_window(window_length: _int, periodic: _bool = True, alpha: _float = 0.54, beta: _float = 0.46, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``alpha - beta cos(2 pi n / (N - 1))``."""
def hann_window(window_length: _int, periodic: _bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``0.5 - 0.5 cos(2 pi n / (N - 1))``."""
def hardshrink(input: Tensor, lambd: _float = 0.5) -> Tensor:
    """0 for what is nearer to 0 than ``lambd``, else unchanged."""
def hash_tensor(input: Any, dim: Any = (), *, keepdim: Any = False, mode: Any = 0, axis: Any = None, keepdims: Any = None) -> Tensor:
    """The bits of all elements (or of those along ``dim``), each as a 64-bit number, combined by exclusive or. Equal tensors have equal hashes, whatever the order of their elements; uint64. Source: https://pytorch.org/docs/stable/generated/torch.hash_tensor.html"""
def heaviside(input: Tensor, values: Tensor, *, out: Tensor | None = None) -> Tensor:
    """0 below 0, 1 above 0, and ``values`` at 0."""
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: _float = 1.0, reduction: _int = 0) -> Tensor:
    """``nn.functional.hinge_embedding_loss``."""
def histc(input: Tensor, bins: _int = 100, min: Any = 0, max: Any = 0, *, out: Any = None) -> Tensor:
    """How many elements fall into each of ``bins`` equal intervals from ``min`` to ``max`` (both 0: the data's own range). Elements outside do not count; the last interval has both of its ends."""
def histogram(input: Tensor, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: _bool = False, out: Any = None) -> Any:
    """How many elements (or what ``weight``) lie in each bin, and the bins' edges. ``bins``: a number of equal bins over ``range`` (the data's own by default), or a vector of increasing edges. ``density`` divides by the total and the bin's width. float32 and float64; the last bin has both of its ends."""
def histogramdd(input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: _bool = False) -> Any:
    """The histogram of points in N dimensions, the rows (last dimension) of ``input``. ``bins``: a number for all dimensions, a list of numbers, or a list of vectors of edges; ``range``: 2 N numbers."""
def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """``tensor_split`` along its own dimension."""
def hstack(tensors: Any, *, out: Any = None) -> Tensor:
    """Tensors side by side: joined along dimension 1, vectors along dimension 0."""
from glasstorch import hub as hub
def hypot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The length of the hypotenuse, without overflow."""
def i0(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""
def i0_(self: Tensor) -> Tensor:
    """In-place form of ``i0``: the result is written into this tensor."""
def igamma(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function: the share of the gamma distribution of shape ``input`` that lies below ``other``."""
def igammac(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function ``1 - igamma(input, other)``, exact where it is small."""
from glasstorch.core.dtype import iinfo as iinfo
def imag(input: Tensor) -> Tensor:
    """The imaginary part of a complex tensor."""
def index_add(input: Tensor, dim: _int, index: Tensor, source: Tensor, *, alpha: Any = 1, out: Any = None) -> Tensor:
    """A copy of ``input`` with ``alpha`` times the slices of ``source`` added at the positions ``index``."""
def index_copy(input: Tensor, dim: _int, index: Tensor, source: Tensor, *, out: Any = None) -> Tensor:
    """A copy of ``input`` with the slices of ``source`` at the positions ``index``."""
def index_fill(input: Tensor, dim: _int, index: Tensor, value: Any) -> Tensor:
    """A copy of ``input`` with a number (or 0-d tensor) in the slices at the positions ``index``."""
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy of ``input`` with ``values`` (broadcast) written, or added, where ``input[indices]`` would read."""
def index_put_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``index_put``: the result is written into this tensor."""
def index_reduce(input: Tensor, dim: _int, index: Tensor, source: Tensor, reduce: _str, *, include_self: _bool = True, out: Any = None) -> Tensor:
    """A copy of ``input`` with the slices of ``source`` combined into it at the positions ``index`` by "prod", "mean", "amax" or "amin"."""
def index_select(input: Tensor, dim: Any, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The slices along ``dim`` at the positions in ``index`` (a copy)."""
inf: _float
from glasstorch.core.mode import inference_mode as inference_mode
def initial_seed() -> _int:
    """The seed the CPU's default generator started from."""
def inner(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
    """Dot products over the last dimension of both; a scalar multiplies."""
def instance_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None, use_input_stats: _bool, momentum: _float, eps: _float, cudnn_enabled: _bool) -> Tensor:
    """``nn.functional.instance_norm``."""
int: _dtype
int16: _dtype
int32: _dtype
int64: _dtype
int8: _dtype
def inverse(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.inv(A) -> Tensor: the inverse. LinAlgError when a matrix is singular."""
def is_anomaly_check_nan_enabled() -> _bool:
    """Is a nan in a gradient an error in anomaly mode?"""
def is_anomaly_enabled() -> _bool:
    """Is anomaly mode on?"""
def is_autocast_cache_enabled() -> _bool:
    """Are lower copies of parameters kept until autocast ends?"""
def is_autocast_cpu_enabled() -> _bool:
    """Old name of ``is_autocast_enabled('cpu')``."""
def is_autocast_enabled(device_type: _str | None = None) -> _bool:
    """Is autocast on for a device type (for ``cuda``, when none is given)?"""
def is_complex(input: Tensor) -> _bool:
    """Is the element type complex?"""
def is_conj(input: Tensor) -> _bool:
    """Does it show conjugates that are not computed yet? Never here: ``conj`` computes them."""
def is_deterministic_algorithms_warn_only_enabled() -> _bool:
    """Was it asked for with ``warn_only``?"""
def is_distributed(input: Tensor) -> _bool:
    """Is it spread over several machines? Never here."""
def is_floating_point(input: Tensor) -> _bool:
    """Is the element type a floating type?"""
def is_grad_enabled() -> _bool:
    """Does this thread record operations for gradients?"""
def is_inference(input: Tensor) -> _bool:
    """Was it made inside ``inference_mode``?"""
def is_inference_mode_enabled() -> _bool:
    """Is this thread inside ``inference_mode``?"""
def is_neg(input: Tensor) -> _bool:
    """Does it show negatives that are not computed yet? Never here."""
def is_nonzero(input: Tensor) -> _bool:
    """Is a tensor of one element different from zero?"""
def is_same_size(input: Tensor, other: Tensor) -> _bool:
    """Have both the same shape?"""
def is_signed(input: Tensor) -> _bool:
    """Can its type hold negative numbers?"""
def is_storage(obj: Any) -> _bool:
    """Is it a storage, typed or not?"""
def is_tensor(obj: Any) -> _bool:
    """Is the object a tensor?"""
def is_warn_always_enabled() -> _bool:
    """What ``set_warn_always`` was told."""
def isclose(input: Tensor, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False) -> Tensor:
    """Is ``|input - other| <= atol + rtol * |other|``, element by element?"""
def isfinite(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element a finite number?"""
def isin(elements: Any, test_elements: Any, *, assume_unique: _bool = False, invert: _bool = False, out: Any = None) -> Tensor:
    """Is each element among ``test_elements``?"""
def isinf(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element infinite?"""
def isnan(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element nan?"""
def isneginf(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element minus infinity?"""
def isposinf(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element plus infinity?"""
def isreal(input: Tensor) -> Tensor:
    """Has each element no imaginary part?"""
def istft(input: Tensor, n_fft: _int, hop_length: _int | None = None, win_length: _int | None = None, window: Tensor | None = None, center: _bool = True, normalized: _bool = False, onesided: _bool | None = None, length: _int | None = None, return_complex: _bool = False) -> Tensor:
    """The signal whose ``stft``, with the same options, is nearest to ``input``: (batch, frequencies, frames) to (batch, length). ``length`` cuts it off or fills it up with zeros; ``return_complex`` for complex signals. RuntimeError where the windows add up to 0 somewhere."""
jagged: Any
from glasstorch import jit as jit
def kaiser_window(window_length: _int, periodic: _bool = True, beta: _float = 12.0, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``i0(beta sqrt(1 - x^2)) / i0(beta)`` with x from -1 to 1."""
def kl_div(input: Tensor, target: Tensor, reduction: _int = 0, *, log_target: _bool = False) -> Tensor:
    """``nn.functional.kl_div``."""
def kron(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
    """The Kronecker product: every element of ``input`` times all of ``other``, laid out in blocks."""
def kthvalue(input: Any, k: Any, dim: Any = -1, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The k-th smallest element along ``dim``, counted from 1."""
def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: _float = 1e-05, cudnn_enable: _bool = True) -> Tensor:
    """``nn.functional.layer_norm``."""
from glasstorch.ops.layout import layout as layout
def lcm(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The least common multiple of integers, element by element."""
def lcm_(self: Tensor, other: Tensor) -> Tensor:
    """In-place form of ``lcm``: the result is written into this tensor."""
def ldexp(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
    """``input * 2**other``."""
def ldexp_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """In-place form of ``ldexp``: the result is written into this tensor."""
def le(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` at most that of ``other``? A bool tensor."""
legacy_contiguous_format: Any
def lerp(input: Tensor, end: Tensor, weight: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``input + weight * (end - input)``: from ``input`` to ``end`` as ``weight`` goes from 0 to 1."""
def less(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` less than that of ``other``? A bool tensor."""
def less_equal(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` at most that of ``other``? A bool tensor."""
def lgamma(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the size of the gamma function."""
from glasstorch import linalg as linalg
def linspace(start: Any, end: Any, steps: _int, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``steps`` evenly spaced values from ``start`` to ``end``, both included; numbers or 0-d tensors."""
def load(f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: _bool | None = None, mmap: _bool | None = None, **pickle_load_args: Any) -> Any:
    """load(f, map_location=None, pickle_module=pickle, *, weights_only=True, mmap=None, **pickle_load_args)"""
def lobpcg(A: Tensor, k: _int | None = None, B: Tensor | None = None, X: Tensor | None = None, n: _int | None = None, iK: Tensor | None = None, niter: _int | None = None, tol: _float | None = None, largest: _bool | None = None, method: _str | None = None, tracker: Any = None, ortho_iparams: Any = None, ortho_fparams: Any = None, ortho_bparams: Any = None) -> tuple[Tensor, Tensor]:
    """The ``k`` largest (or smallest) eigenvalues and their eigenvectors of symmetric matrices A: (*, m, m), with ``3 k <= m``; with ``B``, symmetric and positive-definite, of ``A x = e B x``. ``X`` (*, m, n): where to start, by default random numbers; ``iK``: a preconditioner. The gradient is that of ``eigh``. ``method`` and the ``ortho_`` parameters are accepted: the basis is always made orthonormal."""
def log(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The natural logarithm."""
def log10(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 10."""
def log10_(self: Tensor) -> Tensor:
    """In-place form of ``log10``: the result is written into this tensor."""
def log1p(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``log(1 + x)``, exact for small x."""
def log1p_(self: Tensor) -> Tensor:
    """In-place form of ``log1p``: the result is written into this tensor."""
def log2(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 2."""
def log2_(self: Tensor) -> Tensor:
    """In-place form of ``log2``: the result is written into this tensor."""
def log_(self: Tensor) -> Tensor:
    """In-place form of ``log``: the result is written into this tensor."""
def log_softmax(input: Any, dim: Any = None, dtype: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """The logarithm of ``softmax``, without overflow."""
def logaddexp(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``log(exp(input) + exp(other))``, without overflow."""
def logaddexp2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``log2(2**input + 2**other)``, without overflow."""
def logcumsumexp(input: Any, dim: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """The running ``log(sum(exp(input)))`` along ``dim``, without overflow."""
def logdet(input: Tensor) -> Tensor:
    """logdet(input) -> Tensor: the logarithm of the determinant; nan where that is negative."""
def logical_and(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Truth table of and on each pair; numbers count as true when not 0."""
def logical_not(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element zero?"""
def logical_or(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Truth table of or on each pair; numbers count as true when not 0."""
def logical_xor(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Truth table of xor on each pair; numbers count as true when not 0."""
def logit(input: Tensor | _complex, eps: Any = None, *, out: Tensor | None = None) -> Tensor:
    """``log(x / (1 - x))``, the inverse of the sigmoid; ``eps`` first clamps to ``[eps, 1 - eps]``."""
def logit_(self: Tensor, eps: Any = None) -> Tensor:
    """In-place form of ``logit``: the result is written into this tensor."""
def logspace(start: Any, end: Any, steps: _int, base: _float = 10.0, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """``base`` to the power of ``steps`` evenly spaced exponents from ``start`` to ``end``, both included."""
def logsumexp(input: Any, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """``log(sum(exp(input)))`` over ``dim``, without overflow."""
long: _dtype
def lstm(*args: Any) -> tuple[Tensor, Tensor, Tensor]:
    """A network of LSTM cells: all hidden states of the last layer, and the last hidden and cell states of every layer. ``hx``: the first hidden and cell states. ``params``: for each layer and direction w_ih, w_hh, (b_ih, b_hh), and w_hr where the hidden state is projected. The second form takes packed sequences."""
def lstm_cell(input: Tensor, hx: Any, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> tuple[Tensor, Tensor]:
    """One step of an LSTM. ``hx``: the hidden and the cell state, each (N, H); gives the new ones."""
def lstsq(*args: Any, **kwargs: Any) -> Any:
    """Removed from PyTorch. `torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`. `torch.linalg.lstsq` has reversed arguments and does not return the QR decomposition in the returned tuple (although it returns other information about the problem)."""
def lt(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` less than that of ``other``? A bool tensor."""
def lu(A: Tensor, pivot: _bool = True, get_infos: _bool = False, out: Any = None) -> Any:
    """lu(A, pivot=True, get_infos=False) -> (LU, pivots) or (LU, pivots, infos): ``linalg.lu_factor_ex``."""
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Any = None) -> Tensor:
    """lu_solve(b, LU_data, LU_pivots) -> Tensor: ``linalg.lu_solve``, its arguments in another order."""
def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: _bool = True, unpack_pivots: _bool = True, *, out: Any = None) -> Any:
    """The matrices that ``linalg.lu_factor``'s results stand for: ``P L U = A``. What is not asked for is empty."""
def manual_seed(seed: Any) -> Any:
    """Seed the default generators of all devices; returns the CPU's."""
def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0.0, reduction: _int = 0) -> Tensor:
    """``nn.functional.margin_ranking_loss``."""
from glasstorch import masked as masked
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """``value`` (a number or 0-d tensor) where ``mask`` holds, else ``input``."""
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy of ``input`` (broadcast with ``mask``) whose elements where ``mask`` holds come from ``source``, in order."""
def masked_select(input: Tensor, mask: Tensor, *, out: Any = None) -> Tensor:
    """A vector of the elements where ``mask`` holds; both broadcast."""
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product ``input @ other``: vectors, matrices, or batches of matrices (batch dimensions broadcast). A vector on the left counts as a row, on the right as a column."""
def matrix_exp(A: Tensor, *, out: Any = None) -> Tensor:
    """linalg.matrix_exp(A) -> Tensor: the exponential series of a matrix, by scaling, Taylor series and squaring."""
def matrix_power(A: Tensor, n: _int, *, out: Any = None) -> Tensor:
    """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
def matrix_rank(*args: Any, **kwargs: Any) -> Any:
    """Removed from PyTorch. Please use the `torch.linalg.matrix_rank` function instead. The parameter 'symmetric' was renamed in `torch.linalg.matrix_rank()` to 'hermitian'."""
def max(input: Any, dim: Any = None, keepdim: Any = False, *, other: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The largest element of all; along a dimension with its index; or of two tensors."""
def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False) -> Tensor:
    """``nn.functional.max_pool1d``, without indices."""
def max_pool1d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False) -> tuple[Tensor, Tensor]:
    """The maxima of windows and where they are."""
def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False) -> Tensor:
    """``nn.functional.max_pool2d``, without indices."""
def max_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False) -> Tensor:
    """``nn.functional.max_pool3d``, without indices."""
def maximum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The larger of two elements; where they are equal each gets half of the gradient."""
def mean(input: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The mean over ``dim`` (an int, several, or None for all). Floating or complex types only."""
def median(input: Any, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The middle element (of two the lower), nan when there is a nan."""
from glasstorch.ops.layout import memory_format as memory_format
def meshgrid(*tensors: Any, indexing: _str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: one view for each vector, all in the grid's shape. "xy" swaps the first two dimensions."""
def min(input: Any, dim: Any = None, keepdim: Any = False, *, other: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The smallest element of all; along a dimension with its index; or of two tensors."""
def minimum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two elements; where they are equal each gets half of the gradient."""
def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, ``(n, k) @ (k, m)``."""
def mode(input: Any, dim: Any = -1, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The most frequent element along ``dim`` (of several the smallest), and where it is last. No nan equals another; a nan that stands first is the mode where nothing occurs twice."""
def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with the dimensions ``source`` at the positions ``destination``, the others in order."""
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with the dimensions ``source`` at the positions ``destination``, the others in order."""
from glasstorch import mps as mps
def msort(input: Tensor, *, out: Any = None) -> Tensor:
    """The elements in order along dimension 0."""
def mul(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The product, element by element. Shapes broadcast; types promote."""
def multinomial(input: Tensor, num_samples: _int, replacement: _bool = False, *, generator: Any = None, out: Tensor | None = None) -> Tensor:
    """``num_samples`` column numbers for each row of ``input``, whose entries are weights (they need not sum to 1). Source: https://pytorch.org/docs/stable/generated/torch.multinomial.html"""
def multiply(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The product, element by element. Shapes broadcast; types promote."""
from glasstorch import multiprocessing as multiprocessing
def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A matrix times a vector."""
def mvlgamma(input: Tensor, p: _int, *, out: Any = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension ``p``."""
nan: _float
def nan_to_num(input: Tensor | _complex, nan: Any = None, posinf: Any = None, neginf: Any = None, *, out: Tensor | None = None) -> Tensor:
    """nan and infinities replaced by numbers: by default 0 and the type's largest and smallest."""
def nan_to_num_(self: Tensor, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Tensor:
    """In-place form of ``nan_to_num``: the result is written into this tensor."""
def nanmean(input: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The mean over ``dim`` of the elements that are not nan."""
def nanmedian(input: Any, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None, out: Any = None) -> Any:
    """The middle element (of two the lower), without nan."""
def nanquantile(input: Any, q: Any, dim: Any = None, keepdim: Any = False, *, interpolation: Any = 'linear', axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The values below which the fractions ``q`` of the elements lie, leaving out nan."""
def nansum(input: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The sum over ``dim``, nan counting as 0."""
def narrow(input: Tensor, dim: Any, start: Any, length: Any) -> Tensor:
    """A view of ``length`` neighbours along one dimension."""
def narrow_copy(input: Tensor, dim: _int, start: _int, length: _int, *, out: Any = None) -> Tensor:
    """Like ``narrow``, as a copy."""
def native_batch_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None, training: _bool, momentum: _float, eps: _float) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalization; in training also the mean and one over the standard deviation of each channel."""
def native_channel_shuffle(input: Tensor, groups: Any, *, out: Tensor | None = None) -> Tensor:
    """The channels of (N, C, *) in another order: one of each group in turn."""
def native_dropout(input: Tensor, p: _float, train: _bool | None) -> tuple[Tensor, Tensor]:
    """Dropout, and the mask of what was kept."""
def native_group_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, N: _int, C: _int, HxW: _int, group: _int, eps: _float) -> tuple[Tensor, Tensor, Tensor]:
    """Group normalization of (N, C, HxW), the means, and one over the standard deviations: (N, group)."""
def native_layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None, bias: Tensor | None, eps: _float) -> tuple[Tensor, Tensor, Tensor]:
    """Layer normalization, the means, and one over the standard deviations."""
def ne(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` different from that of ``other``? A bool tensor."""
def neg(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The negative."""
def neg_(self: Tensor) -> Tensor:
    """In-place form of ``neg``: the result is written into this tensor."""
def negative(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The negative."""
def negative_(self: Tensor) -> Tensor:
    """In-place form of ``neg``: the result is written into this tensor."""
newaxis: Any
def nextafter(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The next number of the type after ``input`` in the direction of ``other``."""
from glasstorch import nn as nn
from glasstorch.core.mode import no_grad as no_grad
def nonzero(input: Tensor, *, as_tuple: _bool = False, out: Any = None) -> Any:
    """The indices of the elements different from zero: one row each, or one tensor for each dimension."""
def nonzero_static(input: Tensor, *, size: _int, fill_value: _int = -1, out: Any = None) -> Tensor:
    """``nonzero`` with a fixed number of rows: cut off, or filled up with ``fill_value``."""
def norm(input: Any, p: Any = 'fro', dim: Any = None, keepdim: Any = False, out: Any = None, dtype: Any = None, *, axis: Any = None, keepdims: Any = None) -> Tensor:
    """The vector norm: ``p`` is "fro" or 2 (root of the sum of squares), 1, inf, -inf, 0 or another number; or a matrix's: "nuc". ``linalg.vector_norm`` and ``linalg.matrix_norm`` say which they mean."""
def norm_except_dim(v: Any, pow: Any = 2, dim: Any = 0, *, axis: Any = None) -> Tensor:
    """The norm over all dimensions but one, which broadcasts against ``v``; ``dim=-1``: over all, 0-d."""
def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """Normal random numbers. ``mean`` and ``std`` are tensors (one or both, they broadcast), or numbers with a ``size``. Source: https://pytorch.org/docs/stable/generated/torch.normal.html"""
def not_equal(input: Tensor, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is each element of ``input`` different from that of ``other``? A bool tensor."""
def nuclear_norm(input: Tensor, dim: Any = (-2, -1), keepdim: _bool = False, *, out: Any = None) -> Tensor:
    """nuclear_norm(input, dim=(-2, -1), keepdim=False) -> Tensor: the sum of the singular values."""
def numel(input: Tensor) -> _int:
    """The number of elements."""
def ones(*size: Any, out: Tensor | None = None, dtype: _dtype | None = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False, memory_format: Any = None, **named: Any) -> Tensor:
    """A tensor filled with 1."""
def ones_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None) -> Tensor:
    """Ones in the shape, type and place of ``input``."""
from glasstorch import onnx as onnx
from glasstorch import ops as ops
from glasstorch import optim as optim
def orgqr(A: Tensor, tau: Tensor, *, out: Any = None) -> Tensor:
    """Column i of A below its diagonal, with a 1 on the diagonal, is v_i in ``H_i = 1 - tau_i v_i v_i^H``. ``geqrf`` makes such columns. A: (*, m, n) with m >= n; tau: (*, k) with k <= n."""
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: _bool = True, transpose: _bool = False, *, out: Any = None) -> Tensor:
    """``Q @ other``, or with ``left=False`` ``other @ Q``, for the whole Q that ``input`` and ``tau`` (from ``geqrf``) stand for; ``transpose`` takes its conjugate transpose."""
def outer(input: Tensor, vec2: Tensor, *, out: Any = None) -> Tensor:
    """All products of an element of one vector and one of the other."""
from glasstorch import overrides as overrides
def pairwise_distance(x1: Tensor, x2: Tensor, p: _float = 2.0, eps: _float = 1e-06, keepdim: _bool = False) -> Tensor:
    """The p-norm of ``x1 - x2 + eps`` over the last dimension."""
def pca_lowrank(A: Tensor, q: _int | None = None, center: _bool = True, niter: _int = 2) -> Any:
    """Principal components of the rows of A: V holds the directions, ``S**2 / (m - 1)`` the variances along them. ``q`` (by default at most 6) is how many; ``center`` takes the columns' means off first."""
def pdist(input: Tensor, p: _float = 2) -> Tensor:
    """The p-norm distance of every pair of rows i < j of (N, M): N (N - 1) / 2 numbers, row by row."""
per_channel_affine: Any
per_channel_symmetric: Any
per_tensor_affine: Any
per_tensor_symmetric: Any
def permute(input: Tensor, dims: Any) -> Tensor:
    """A view with the dimensions in the order ``dims``."""
def permute_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``permute``, as a copy."""
pi: _float
def pinverse(input: Tensor, rcond: _float = 1e-15) -> Tensor:
    """pinverse(input, rcond=1e-15) -> Tensor: the pseudoinverse."""
def pixel_shuffle(input: Tensor, upscale_factor: Any, *, out: Tensor | None = None) -> Tensor:
    """Channels spread out into pixels: (*, C r², H, W) to (*, C, H r, W r), with r the ``upscale_factor``."""
def pixel_unshuffle(input: Tensor, downscale_factor: Any, *, out: Tensor | None = None) -> Tensor:
    """Pixels gathered into channels: (*, C, H r, W r) to (*, C r², H, W), with r the ``downscale_factor``."""
def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Counts of events that happen at the rates in ``input`` (not negative), in its shape and type. Source: https://pytorch.org/docs/stable/generated/torch.poisson.html"""
def poisson_nll_loss(input: Tensor, target: Tensor, log_input: _bool, full: _bool, eps: _float, reduction: _int) -> Tensor:
    """``nn.functional.poisson_nll_loss``."""
def polar(abs: Tensor, angle: Tensor, *, out: Any = None) -> Tensor:
    """Complex numbers from size and angle."""
def polygamma(n: Any, input: Any = None, *, out: Any = None) -> Tensor:
    """The n-th derivative of the digamma function."""
def positive(input: Tensor) -> Tensor:
    """The tensor itself. RuntimeError for bool tensors."""
def pow(input: Tensor | _complex, exponent: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``input`` to the power of ``exponent``; either may be a number."""
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` above 0, ``weight`` times it below; ``weight`` has one entry, or one for each channel."""
preserve_format: Any
def prod(input: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The product over one dimension or all. Integers and bools are multiplied as int64."""
from glasstorch import profiler as profiler
def promote_types(a: _dtype, b: _dtype) -> _dtype:
    """The smallest type that holds both, by PyTorch's table (``int64 + float16`` is ``float16``)."""
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy of ``input`` with the elements of ``source`` written, or added, at places of the flattened tensor."""
qint32: Any
qint8: Any
def qr(input: Tensor, some: _bool = True, *, out: Any = None) -> Any:
    """qr(input, some=True) -> (Q, R): ``linalg.qr``."""
from glasstorch.core.quantized import qscheme as qscheme
def quantile(input: Any, q: Any, dim: Any = None, keepdim: Any = False, *, interpolation: Any = 'linear', axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The values below which the fractions ``q`` of the elements lie."""
from glasstorch import quantization as quantization
def quantize_per_channel(input: Tensor, scales: Tensor, zero_points: Tensor, axis: _int, dtype: Any) -> Tensor:
    """As ``quantize_per_tensor``, with a scale and a zero point for each index of the dimension ``axis``. Source: https://pytorch.org/docs/stable/generated/torch.quantize_per_channel.html"""
def quantize_per_tensor(input: Tensor, scale: Any, zero_point: Any, dtype: Any) -> Tensor:
    """Integers ``q = clip(round(input / scale + zero_point))`` that stand for ``(q - zero_point) * scale``; halves are rounded to the even neighbour. ``input``: float32. ``dtype``: torch.qint8, torch.quint8 or torch.qint32. Source: https://pytorch.org/docs/stable/generated/torch.quantize_per_tensor.html"""
def quantize_per_tensor_dynamic(input: Tensor, dtype: Any, reduce_range: _bool) -> Tensor:
    """As ``quantize_per_tensor``, with the scale and the zero point that just cover the tensor's own range. ``dtype``: torch.qint8 or torch.quint8. ``reduce_range``: use 7 of the 8 bits."""
quint8: Any
def rad2deg(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Radians in degrees."""
def rad2deg_(self: Tensor) -> Tensor:
    """In-place form of ``rad2deg``: the result is written into this tensor."""
def rand(*args: Any, size: Any = None, generator: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """Uniform random numbers in [0, 1). Source: https://pytorch.org/docs/stable/generated/torch.rand.html"""
def rand_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None, **more: Any) -> Tensor:
    """Uniform random numbers in [0, 1), in the shape, type and place of ``input``."""
def randint(*args: Any, low: Any = None, high: Any = None, size: Any = None, generator: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """Random integers in [low, high), int64 unless ``dtype`` says otherwise. Source: https://pytorch.org/docs/stable/generated/torch.randint.html"""
def randint_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None, **more: Any) -> Tensor:
    """Random integers in [low, high), in the shape, type and place of ``input``."""
def randn(*args: Any, size: Any = None, generator: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """Normal random numbers, mean 0 and variance 1. Source: https://pytorch.org/docs/stable/generated/torch.randn.html"""
def randn_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None, **more: Any) -> Tensor:
    """Normal random numbers, mean 0 and variance 1, in the shape, type and place of ``input``."""
from glasstorch import random as random
def randperm(n: _int, *, generator: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """The integers 0 .. n-1 in random order. Source: https://pytorch.org/docs/stable/generated/torch.randperm.html"""
def range(start: Any = 0, end: Any = None, step: Any = 1, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
    """The values from ``start`` to ``end``, the end included. Kept for old code: use ``arange``."""
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension: a view where the memory allows it."""
def real(input: Tensor) -> Tensor:
    """The real part; a real tensor itself."""
def reciprocal(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """One over each element."""
def reciprocal_(self: Tensor) -> Tensor:
    """In-place form of ``reciprocal``: the result is written into this tensor."""
def relu(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The positive part: ``max(0, x)``."""
def relu_(input: Tensor) -> Tensor:
    """In-place ``relu``."""
def remainder(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """What is left after dividing, with the sign of the divisor (Python's ``%``)."""
def renorm(input: Tensor, p: Any, dim: _int, maxnorm: Any, *, out: Any = None) -> Tensor:
    """Each slice along ``dim`` whose p-norm is above ``maxnorm`` is scaled down to it."""
def repeat_interleave(input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None, axis: Any = None) -> Tensor:
    """Each element (or slice along ``dim``) several times in a row; one count for all or one for each."""
def reshape(input: Tensor, shape: Any) -> Tensor:
    """The elements in another shape: a view where the memory allows it, else a copy. One length may be -1."""
def resize_as_(self: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """``resize_`` to the shape of another tensor."""
def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself: conjugates are never put off here."""
def resolve_neg(input: Tensor) -> Tensor:
    """The tensor itself: negatives are never put off here."""
def result_type(tensor1: Any, tensor2: Any) -> _dtype:
    """The type of arithmetic between two tensors or numbers. Source: https://pytorch.org/docs/stable/generated/torch.result_type.html"""
from glasstorch import return_types as return_types
def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: _float | None = None) -> Tensor:
    """Divided by the root of the mean square over the last dimensions, then scaled. ``eps``: the type's own if None."""
def rnn_relu(*args: Any) -> tuple[Tensor, Tensor]:
    """A recurrent network with relu. All hidden states of the last layer, and the last hidden state of every layer. The second form takes packed sequences."""
def rnn_relu_cell(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """``relu(x W_ih^T + b_ih + h W_hh^T + b_hh)``, shape (N, H)."""
def rnn_tanh(*args: Any) -> tuple[Tensor, Tensor]:
    """A recurrent network with tanh. All hidden states of the last layer, and the last hidden state of every layer. The second form takes packed sequences."""
def rnn_tanh_cell(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """``tanh(x W_ih^T + b_ih + h W_hh^T + b_hh)``, shape (N, H)."""
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Elements shifted along ``dims``, coming back at the other end; without ``dims`` in the flattened tensor."""
def rot90(input: Tensor, k: _int = 1, dims: Any = (0, 1)) -> Tensor:
    """Turned by ``k`` quarter turns in the plane of two dimensions, from the first towards the second."""
def round(input: Tensor | _complex, *, decimals: Any = 0, out: Tensor | None = None) -> Tensor:
    """To the nearest integer (or to ``decimals`` places); halves go to the even neighbour."""
def round_(self: Tensor, *, decimals: Any = 0) -> Tensor:
    """In-place form of ``round``: the result is written into this tensor."""
def row_stack(tensors: Any, *, out: Any = None) -> Tensor:
    """Tensors one above the other; vectors count as rows."""
def rrelu(input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False, generator: Any = None) -> Tensor:
    """``nn.functional.rrelu``."""
def rrelu_(input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False, generator: Any = None) -> Tensor:
    """In-place ``rrelu``."""
def rsqrt(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """One over the square root."""
def rsqrt_(self: Tensor) -> Tensor:
    """In-place form of ``rsqrt``: the result is written into this tensor."""
def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """``other - alpha * input``."""
from glasstorch import safetensors as safetensors
def save(obj: Any, f: Any, pickle_module: Any = ..., pickle_protocol: _int = 2, _use_new_zipfile_serialization: _bool = True, _disable_byteorder_record: _bool = False) -> None:
    """save(obj, f, pickle_module=pickle, pickle_protocol=2)"""
def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: _bool = False) -> Tensor:
    """A 0-d tensor of a number, by default of the default floating type."""
def scatter(input: Tensor, dim: _int, index: Tensor, src: Any = None, *, value: Any = None, reduce: _str | None = None, out: Any = None) -> Tensor:
    """A copy of ``input`` with the values of ``src`` (or one number) written along ``dim`` at ``index``. ``reduce`` "add" or "multiply" combines instead. Of several values for one place the last stays."""
def scatter_add(input: Tensor, dim: _int, index: Tensor, src: Tensor, *, out: Any = None) -> Tensor:
    """A copy of ``input`` with the values of ``src`` added along ``dim`` at ``index``. Repeated indices add up."""
def scatter_reduce(input: Tensor, dim: _int, index: Tensor, src: Tensor, reduce: _str, *, include_self: _bool = True, out: Any = None) -> Tensor:
    """A copy of ``input`` with the values of ``src`` combined along ``dim`` at ``index`` by "sum", "prod", "mean", "amax" or "amin"; ``include_self=False`` leaves out the value that was there."""
def searchsorted(sorted_sequence: Tensor, input: Any, *, out_int32: _bool = False, right: _bool = False, side: _str | None = None, sorter: Any = None, out: Any = None) -> Tensor:
    """Where each value would be inserted in the sorted last dimension to keep it sorted; before equal elements, or after them with ``right``. Leading dimensions go together."""
def seed() -> _int:
    """Seed the default generators of all devices with a number nobody chose; returns it."""
def select(input: Tensor, dim: Any, index: Any) -> Tensor:
    """A view of one slice; the dimension is gone."""
def select_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``select``, as a copy."""
def select_scatter(input: Tensor, src: Tensor, dim: _int, index: _int) -> Tensor:
    """A copy of ``input`` with ``src`` in place of one slice."""
def selu(input: Tensor) -> Tensor:
    """``nn.functional.selu``."""
def selu_(input: Tensor) -> Tensor:
    """In-place ``selu``."""
from glasstorch import serialization as serialization
def set_autocast_cache_enabled(enabled: _bool) -> None:
    """Switch the keeping of lower copies of parameters."""
def set_autocast_cpu_dtype(dtype: _dtype) -> None:
    """Old name of ``set_autocast_dtype('cpu', dtype)``."""
def set_autocast_cpu_enabled(enabled: _bool) -> None:
    """Old name of ``set_autocast_enabled('cpu', enabled)``."""
def set_autocast_dtype(device_type: _str, dtype: _dtype) -> None:
    """Set the lower type that autocast uses on a device type."""
def set_autocast_enabled(device_type: Any, enabled: _bool | None = None) -> None:
    """Switch autocast for a device type (for ``cuda``, when only the switch is given)."""
def set_autocast_gpu_dtype(dtype: _dtype) -> None:
    """Old name of ``set_autocast_dtype('cuda', dtype)``."""
def set_default_device(device: Any) -> None:
    """Let new tensors that name no device go to ``device``; None goes back to the CPU. Source: https://pytorch.org/docs/stable/generated/torch.set_default_device.html"""
def set_default_dtype(d: _dtype) -> None:
    """Set the floating type of tensors made from Python floats."""
def set_default_tensor_type(t: Any) -> None:
    """Set the default floating type by a class such as ``torch.DoubleTensor`` or its name. Prefer ``set_default_dtype``."""
def set_deterministic_debug_mode(debug_mode: _int | _str) -> None:
    """``use_deterministic_algorithms`` by one word or number: "default" (0), "warn" (1), "error" (2)."""
def set_float32_matmul_precision(precision: _str) -> None:
    """How exact float32 matrix products must be: "highest", "high" or "medium". They are always "highest" here."""
def set_flush_denormal(mode: _bool) -> _bool:
    """Should numbers near 0 become 0? Returns whether that could be done: NumPy always keeps them."""
from glasstorch.core.mode import set_grad_enabled as set_grad_enabled
def set_num_interop_threads(int: _int) -> None:
    """Kept for PyTorch's programs: operations here never run at the same time."""
def set_num_threads(int: _int) -> None:
    """How many threads an operation uses: convolutions, and matrix products where threadpoolctl is installed."""
def set_printoptions(precision: _int | None = None, threshold: _float | None = None, edgeitems: _int | None = None, linewidth: _int | None = None, profile: _str | None = None, sci_mode: _bool | None = None) -> None:
    """Choose how tensors are printed. Source: https://pytorch.org/docs/stable/generated/torch.set_printoptions.html"""
def set_rng_state(new_state: Tensor) -> None:
    """Put the CPU's default generator into a state that ``get_rng_state`` gave."""
def set_warn_always(b: _bool) -> None:
    """Shall warnings that are given once in a process come every time? Python's filters still have their say."""
def sgn(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The sign; for complex elements the unit number in their direction."""
short: _dtype
def sigmoid(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``1 / (1 + exp(-x))``, without overflow."""
def sigmoid_(self: Tensor) -> Tensor:
    """In-place form of ``sigmoid``: the result is written into this tensor."""
def sign(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of each element."""
from glasstorch import signal as signal
def signbit(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Is the sign bit set? That of minus zero is."""
def sin(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The sine."""
def sin_(self: Tensor) -> Tensor:
    """In-place form of ``sin``: the result is written into this tensor."""
def sinc(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``sin(pi x) / (pi x)``, and 1 at 0."""
def sinc_(self: Tensor) -> Tensor:
    """In-place form of ``sinc``: the result is written into this tensor."""
def sinh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic sine."""
def sinh_(self: Tensor) -> Tensor:
    """In-place form of ``sinh``: the result is written into this tensor."""
def slice_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``slice``, as a copy."""
def slice_scatter(input: Any, src: Any, dim: Any = 0, start: Any = None, end: Any = None, step: Any = 1, *, axis: Any = None, out: Any = None) -> Tensor:
    """A copy of ``input`` with ``src`` in place of a slice."""
def slogdet(input: Tensor, *, out: Any = None) -> Any:
    """slogdet(input) -> (sign, logabsdet): ``linalg.slogdet``."""
def softmax(input: Any, dim: Any = None, dtype: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """Exponentials along ``dim``, scaled to add up to 1. ``dtype``: convert the input first."""
def solve(*args: Any, **kwargs: Any) -> Any:
    """Removed from PyTorch. `torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its arguments reversed and does not return the LU factorization."""
def sort(input: Any, dim: Any = -1, descending: Any = False, stable: Any = False, *, axis: Any = None, out: Any = None) -> Any:
    """The elements in order along ``dim``, and where each came from."""
sparse_bsc: Any
sparse_bsr: Any
sparse_coo: Any
sparse_csc: Any
sparse_csr: Any
from glasstorch import special as special
def split(tensor: Any, split_size_or_sections: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """Views of consecutive pieces: of one length (the last may be shorter), or of the lengths given."""
def split_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``split``, as a copy."""
def split_with_sizes(input: Any, split_sizes: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """Views of consecutive pieces of the given lengths."""
def split_with_sizes_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``split_with_sizes``, as a copy."""
def spmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, ``(n, k) @ (k, m)``."""
def sqrt(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The square root."""
def sqrt_(self: Tensor) -> Tensor:
    """In-place form of ``sqrt``: the result is written into this tensor."""
def square(input: Tensor, *, out: Any = None) -> Tensor:
    """Each element times itself."""
def square_(self: Tensor) -> Tensor:
    """In-place form of ``square``."""
def squeeze(input: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
    """A view without the dimensions of length 1 (all of them, or those in ``dim`` that have length 1)."""
def squeeze_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``squeeze``, as a copy."""
def stack(tensors: Any, dim: Any = 0, *, out: Any = None, axis: Any = None) -> Tensor:
    """Tensors of one shape joined along a new dimension."""
def std(input: Any, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The standard deviation over ``dim``: the square root of ``var``."""
def std_mean(input: Any, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None) -> tuple[Tensor, ...]:
    """Standard deviation and mean over ``dim``."""
def stft(input: Tensor, n_fft: _int, hop_length: _int | None = None, win_length: _int | None = None, window: Tensor | None = None, center: _bool = True, pad_mode: _str = 'reflect', normalized: _bool = False, onesided: _bool | None = None, return_complex: _bool | None = None, align_to_window: _bool | None = None) -> Tensor:
    """The spectra of frames of ``n_fft`` samples, ``hop_length`` (a quarter of that) apart: (length,) or (batch, length) to (batch, frequencies, frames). ``window``: weights of ``win_length`` samples in the middle of a frame. ``center`` pads the signal so that frame t lies around sample ``t * hop_length``. ``normalized`` divides by the root of ``n_fft``. ``onesided``: half of the frequencies, which is all there is of real signals (and the default there). ``return_complex=False``, deprecated, gives real and imaginary parts in a last dimension of 2."""
from glasstorch import storage as storage
strided: Any
def sub(input: Tensor | _complex, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``. Shapes broadcast; types promote."""
def subtract(input: Tensor | _complex, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``. Shapes broadcast; types promote."""
def sum(input: Any, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The sum over ``dim`` (an int, several, or None for all). Integers and bools are summed as int64."""
def svd(input: Tensor, some: _bool = True, compute_uv: _bool = True, *, out: Any = None) -> Any:
    """svd(input, some=True, compute_uv=True) -> (U, S, V): ``linalg.svd`` with V instead of its transpose."""
def svd_lowrank(A: Tensor, q: _int | None = 6, niter: _int | None = 2, M: Tensor | None = None) -> Any:
    """The first ``q`` singular values and vectors of A (of ``A - M``), up to chance: ``A`` is about ``U diag(S) V^H``. ``niter`` rounds of power iteration make them more exact. A: (*, m, n)."""
def swapaxes(input: Tensor, axis0: _int, axis1: _int) -> Tensor:
    """``transpose`` under NumPy's name."""
def swapdims(input: Tensor, dim0: Any, dim1: Any) -> Tensor:
    """A view with two dimensions swapped."""
def symeig(*args: Any, **kwargs: Any) -> Any:
    """Removed from PyTorch. The default behavior has changed from using the upper triangular portion of the matrix by default to using the lower triangular portion."""
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; 0-d and 1-d tensors unchanged."""
def t_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``t``, as a copy."""
def take(input: Tensor, index: Tensor, *, out: Any = None) -> Tensor:
    """The elements at places of the flattened tensor, in the shape of ``index``."""
def take_along_dim(input: Any, indices: Any, dim: Any = None, *, axis: Any = None, out: Any = None) -> Tensor:
    """Elements along ``dim`` at ``indices``, broadcast over the other dimensions (what ``argsort`` and ``argmax`` give); without ``dim``, of the flattened tensor."""
def tan(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The tangent."""
def tan_(self: Tensor) -> Tensor:
    """In-place form of ``tan``: the result is written into this tensor."""
def tanh(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent."""
def tanh_(self: Tensor) -> Tensor:
    """In-place form of ``tanh``: the result is written into this tensor."""
def tensor(data: Any, *, dtype: _dtype | None = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False) -> Tensor:
    """A new tensor with a copy of ``data``: a number, nested lists, or an array. Python floats become the default dtype, ints int64."""
def tensor_split(input: Any, indices_or_sections: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """Views of pieces: of as equal lengths as possible, or cut before the given indices."""
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Any = None) -> Tensor:
    """Products summed over several dimensions: the last ``dims`` of ``a`` with the first of ``b``, or the two lists ``dims`` of dimensions that belong together."""
from glasstorch import testing as testing
def threshold(input: Tensor, threshold: _float, value: _float) -> Tensor:
    """``nn.functional.threshold``."""
def threshold_(input: Tensor, threshold: _float, value: _float) -> Tensor:
    """In-place ``threshold``."""
def tile(input: Tensor, *dims: Any, **named: Any) -> Tensor:
    """``input`` laid out ``dims[d]`` times along each dimension; missing leading counts are 1."""
def to_dlpack(tensor: Tensor) -> Any:
    """The tensor's memory as a DLPack capsule, which can be taken once. Kept for old code: ``from_dlpack(tensor)`` of the other library needs no capsule. Source: https://pytorch.org/docs/stable/dlpack.html"""
def topk(input: Any, k: Any, dim: Any = -1, largest: Any = True, sorted: Any = True, *, axis: Any = None, out: Any = None) -> Any:
    """The ``k`` largest (or smallest) elements along ``dim``, in order."""
def trace(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of a matrix's main diagonal."""
def transpose(input: Tensor, dim0: Any, dim1: Any) -> Tensor:
    """A view with two dimensions swapped."""
def transpose_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``transpose``, as a copy."""
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: Any = -1, axis: Any = None) -> Tensor:
    """The integral along ``dim`` by the trapezoidal rule, at places ``x`` or ``dx`` (1) apart."""
def trapz(y: Any, x: Any = None, *, dx: Any = None, dim: Any = -1, axis: Any = None) -> Tensor:
    """``trapezoid`` under its old name."""
def triangular_solve(b: Tensor, A: Tensor, upper: _bool = True, transpose: _bool = False, unitriangular: _bool = False, *, out: Any = None) -> Any:
    """The X with ``A X = b`` (``A^T X = b`` with ``transpose``), A triangular; and a copy of A."""
def tril(input: Tensor, diagonal: Any = 0, *, out: Tensor | None = None) -> Tensor:
    """The lower triangle of matrices, zeros above the diagonal."""
def tril_indices(row: _int, col: _int, offset: _int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None) -> Tensor:
    """The indices of the lower triangle of a matrix: row numbers, then column numbers."""
def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: _float = 1.0, p: _float = 2, eps: _float = 1e-06, swap: _bool = False, reduction: _int = 0) -> Tensor:
    """``nn.functional.triplet_margin_loss``."""
def triu(input: Tensor, diagonal: Any = 0, *, out: Tensor | None = None) -> Tensor:
    """The upper triangle of matrices, zeros below the diagonal."""
def triu_indices(row: _int, col: _int, offset: _int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None) -> Tensor:
    """The indices of the upper triangle of a matrix: row numbers, then column numbers."""
def true_divide(input: Any, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
    """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
def trunc(input: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """Each element without its fraction."""
def trunc_(self: Tensor) -> Tensor:
    """In-place form of ``trunc``: the result is written into this tensor."""
def typename(obj: Any) -> _str:
    """The type of a tensor (``torch.FloatTensor``), or of any object or class with its module."""
from glasstorch import types as types
uint16: _dtype
uint32: _dtype
uint64: _dtype
uint8: _dtype
def unbind(input: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """Views of all slices along a dimension."""
def unbind_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``unbind``, as a copy."""
def unflatten(input: Tensor, dim: _int, sizes: Any) -> Tensor:
    """One dimension split into several; one of ``sizes`` may be -1."""
def unfold_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``unfold``, as a copy."""
def unique(input: Any, sorted: Any = True, return_inverse: Any = False, return_counts: Any = False, dim: Any = None, *, axis: Any = None) -> Any:
    """The different elements (or slices along ``dim``) in order; on request for each element the place of its value among them, and how often each occurs."""
def unique_consecutive(input: Any, return_inverse: Any = False, return_counts: Any = False, dim: Any = None, *, axis: Any = None) -> Any:
    """The elements (or slices along ``dim``) without those that equal their predecessor."""
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Places in a flattened tensor as one index for each dimension of ``shape``."""
def unsafe_chunk(input: Any, chunks: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """``chunk`` whose pieces may be changed in place, as with ``unsafe_split``."""
def unsafe_split(tensor: Any, split_size: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """``split`` whose pieces may be changed in place. The gradient is then right only where nothing reads ``tensor`` again."""
def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
    """``unsafe_split`` into pieces of the given lengths."""
def unsqueeze(input: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
    """A view with a new dimension of length 1 at ``dim``."""
def unsqueeze_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``unsqueeze``, as a copy."""
def use_deterministic_algorithms(mode: _bool, *, warn_only: _bool = False) -> None:
    """Ask for the same result every time: RuntimeError (or, with ``warn_only``, a warning) where that cannot be."""
from glasstorch import utils as utils
def vander(x: Tensor, N: _int | None = None, increasing: _bool = False) -> Tensor:
    """The matrix of the powers N-1 to 0 (``increasing``: 0 to N-1) of each element of a vector, one row each."""
def var(input: Any, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None, out: Any = None) -> Tensor:
    """The variance over ``dim``: the sum of squared distances from the mean divided by ``n - correction``."""
def var_mean(input: Any, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None) -> tuple[Tensor, ...]:
    """Variance and mean over ``dim``."""
def vdot(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
    """The dot product of two vectors, the first conjugated."""
from glasstorch import version as version
def view_as_complex(input: Tensor) -> Tensor:
    """A view of pairs of real numbers in the last dimension as complex elements."""
def view_as_complex_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``view_as_complex``, as a copy."""
def view_as_real(input: Tensor) -> Tensor:
    """A view of complex elements as pairs of real numbers in a new last dimension."""
def view_as_real_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``view_as_real``, as a copy."""
def view_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Tensor:
    """Like ``view``, as a copy."""
from glasstorch import vision as vision
def vmap(func: Callable, in_dims: Any = 0, out_dims: Any = 0, randomness: _str = 'error', *, chunk_size: _int | None = None) -> Callable:
    """The function for many examples: ``func`` sees one, without the mapped dimension."""
def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """``tensor_split`` along its own dimension."""
def vstack(tensors: Any, *, out: Any = None) -> Tensor:
    """Tensors one above the other; vectors count as rows."""
def where(condition: Tensor, input: Any = None, other: Any = None, *, out: Tensor | None = None) -> Tensor:
    """``input`` where ``condition`` holds, else ``other``; all broadcast. With the condition alone: the indices of its true elements."""
def while_loop(cond_fn: Any, body_fn: Any, carried_inputs: Any) -> Any:
    """``carried = body_fn(*carried)`` as long as ``cond_fn(*carried)`` holds."""
def xlogy(input: Tensor | _complex, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
    """``input * log(other)``, 0 where ``input`` is 0."""
def xlogy_(self: Tensor, other: Tensor | _complex) -> Tensor:
    """In-place form of ``xlogy``: the result is written into this tensor."""
from glasstorch import xpu as xpu
def zero_(self: Tensor) -> Tensor:
    """Set every element to 0."""
def zeros(*size: Any, out: Tensor | None = None, dtype: _dtype | None = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, pin_memory: _bool = False, memory_format: Any = None, **named: Any) -> Tensor:
    """A tensor filled with 0."""
def zeros_like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: _bool = False, memory_format: Any = None) -> Tensor:
    """Zeros in the shape, type and place of ``input``."""

__version__: _str
