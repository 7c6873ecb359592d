"""The tensor: every method and attribute.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size

class Tensor:
    """A multi-dimensional array of one type that can remember how it was computed."""

    _a: Any
    _rg: Any
    _node: Any
    _v: Any
    _grad: Any
    _x: Any
    def __getitem__(self, index: Any) -> Tensor: ...
    def __setitem__(self, index: Any, value: Any) -> None: ...
    def __len__(self) -> _int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __reversed__(self) -> Tensor: ...
    def __contains__(self, value: Any) -> _bool: ...
    def __bool__(self) -> _bool: ...
    def __int__(self) -> _int: ...
    def __float__(self) -> _float: ...
    def __complex__(self) -> _complex: ...
    def __index__(self) -> _int: ...
    def __hash__(self) -> _int: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> np.ndarray: ...
    def __new__(cls, *data: Any, device: Any = None) -> Any: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __add__(self, other: Any) -> Tensor: ...
    def __radd__(self, other: Any) -> Tensor: ...
    def __iadd__(self, other: Any) -> Tensor: ...
    def __sub__(self, other: Any) -> Tensor: ...
    def __rsub__(self, other: Any) -> Tensor: ...
    def __isub__(self, other: Any) -> Tensor: ...
    def __mul__(self, other: Any) -> Tensor: ...
    def __rmul__(self, other: Any) -> Tensor: ...
    def __imul__(self, other: Any) -> Tensor: ...
    def __truediv__(self, other: Any) -> Tensor: ...
    def __rtruediv__(self, other: Any) -> Tensor: ...
    def __itruediv__(self, other: Any) -> Tensor: ...
    def __floordiv__(self, other: Any) -> Tensor: ...
    def __rfloordiv__(self, other: Any) -> Tensor: ...
    def __ifloordiv__(self, other: Any) -> Tensor: ...
    def __mod__(self, other: Any) -> Tensor: ...
    def __rmod__(self, other: Any) -> Tensor: ...
    def __imod__(self, other: Any) -> Tensor: ...
    def __pow__(self, other: Any) -> Tensor: ...
    def __rpow__(self, other: Any) -> Tensor: ...
    def __ipow__(self, other: Any) -> Tensor: ...
    def __matmul__(self, other: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any) -> Tensor: ...
    def __and__(self, other: Any) -> Tensor: ...
    def __rand__(self, other: Any) -> Tensor: ...
    def __iand__(self, other: Any) -> Tensor: ...
    def __or__(self, other: Any) -> Tensor: ...
    def __ror__(self, other: Any) -> Tensor: ...
    def __ior__(self, other: Any) -> Tensor: ...
    def __xor__(self, other: Any) -> Tensor: ...
    def __rxor__(self, other: Any) -> Tensor: ...
    def __ixor__(self, other: Any) -> Tensor: ...
    def __lshift__(self, other: Any) -> Tensor: ...
    def __rlshift__(self, other: Any) -> Tensor: ...
    def __ilshift__(self, other: Any) -> Tensor: ...
    def __rshift__(self, other: Any) -> Tensor: ...
    def __rrshift__(self, other: Any) -> Tensor: ...
    def __irshift__(self, other: Any) -> Tensor: ...
    def __lt__(self, other: Any) -> Tensor: ...
    def __le__(self, other: Any) -> Tensor: ...
    def __gt__(self, other: Any) -> Tensor: ...
    def __ge__(self, other: Any) -> Tensor: ...
    def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    @property
    def H(self) -> Tensor:
        """The conjugate transpose of a matrix."""
    @property
    def T(self) -> Tensor:
        """The dimensions reversed."""
    def abs(self, *, out: Tensor | None = None) -> Tensor:
        """The absolute value."""
    def abs_(self) -> Tensor:
        """In-place form of ``abs``: the result is written into this tensor."""
    def absolute(self, *, out: Tensor | None = None) -> Tensor:
        """The absolute value."""
    def absolute_(self) -> Tensor:
        """In-place form of ``abs``: the result is written into this tensor."""
    def acos(self, *, out: Tensor | None = None) -> Tensor:
        """The arc cosine."""
    def acos_(self) -> Tensor:
        """In-place form of ``acos``: the result is written into this tensor."""
    def acosh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic cosine."""
    def acosh_(self) -> Tensor:
        """In-place form of ``acosh``: the result is written into this tensor."""
    def add(self, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input + alpha * other``. Shapes broadcast; types promote."""
    def add_(self, other: Tensor | _complex, *, alpha: Any = 1) -> Tensor:
        """In-place form of ``add``: the result is written into this tensor."""
    def addbmm(self, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
        """``beta * input + alpha * sum of batch1[b] @ batch2[b]``; ``input`` broadcasts."""
    def addbmm_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``addbmm``: the result is written into this tensor."""
    def addcdiv(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input + value * tensor1 / tensor2``."""
    def addcdiv_(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
        """In-place form of ``addcdiv``: the result is written into this tensor."""
    def addcmul(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input + value * tensor1 * tensor2``."""
    def addcmul_(self, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
        """In-place form of ``addcmul``: the result is written into this tensor."""
    def addmm(self, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
        """``beta * input + alpha * (mat1 @ mat2)`` for matrices; ``input`` broadcasts."""
    def addmm_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``addmm``: the result is written into this tensor."""
    def addmv(self, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
        """``beta * input + alpha * (mat @ vec)``; ``input`` broadcasts."""
    def addmv_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``addmv``: the result is written into this tensor."""
    def addr(self, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
        """``beta * input + alpha * outer(vec1, vec2)``; ``input`` broadcasts."""
    def addr_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``addr``: the result is written into this tensor."""
    def adjoint(self) -> Tensor:
        """The last two dimensions swapped, the elements conjugated."""
    def all(self, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """Is every element different from zero?"""
    def allclose(self, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False) -> _bool:
        """Is ``|input - other| <= atol + rtol * |other|`` everywhere?"""
    def amax(self, dim: Any = (), keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The largest element over ``dim``; equal elements share the gradient."""
    def amin(self, dim: Any = (), keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The smallest element over ``dim``; equal elements share the gradient."""
    def aminmax(self, *, dim: Any = None, keepdim: Any = False, axis: Any = None, keepdims: Any = None) -> Any:
        """The smallest and the largest element, of all or along ``dim``."""
    def angle(self, *, out: Tensor | None = None) -> Tensor:
        """The angle of complex elements in radians; of real ones 0 or, below 0, pi."""
    def any(self, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """Is some element different from zero?"""
    def apply_(self, callable: Callable) -> Tensor:
        """Replace each element by ``callable(element)``. CPU tensors only."""
    def arccos(self, *, out: Tensor | None = None) -> Tensor:
        """The arc cosine."""
    def arccos_(self) -> Tensor:
        """In-place form of ``acos``: the result is written into this tensor."""
    def arccosh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic cosine."""
    def arccosh_(self) -> Tensor:
        """In-place form of ``acosh``: the result is written into this tensor."""
    def arcsin(self, *, out: Tensor | None = None) -> Tensor:
        """The arc sine."""
    def arcsin_(self) -> Tensor:
        """In-place form of ``asin``: the result is written into this tensor."""
    def arcsinh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic sine."""
    def arcsinh_(self) -> Tensor:
        """In-place form of ``asinh``: the result is written into this tensor."""
    def arctan(self, *, out: Tensor | None = None) -> Tensor:
        """The arc tangent."""
    def arctan2(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point ``(other, input)`` from the first axis, between -pi and pi."""
    def arctan2_(self, other: Tensor) -> Tensor:
        """In-place form of ``atan2``: the result is written into this tensor."""
    def arctan_(self) -> Tensor:
        """In-place form of ``atan``: the result is written into this tensor."""
    def arctanh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic tangent."""
    def arctanh_(self) -> Tensor:
        """In-place form of ``atanh``: the result is written into this tensor."""
    def argmax(self, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """Where the largest element is: its index in the flattened tensor, or along ``dim``. Of equal elements the first."""
    def argmin(self, dim: Any = None, keepdim: Any = False, *, out: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """Where the smallest element is: its index in the flattened tensor, or along ``dim``. Of equal elements the first."""
    def argsort(self, dim: Any = -1, descending: Any = False, stable: Any = False, *, axis: Any = None) -> Tensor:
        """The indices that put the elements in order along ``dim``."""
    def argwhere(self) -> Tensor:
        """The indices of the elements different from zero, one row each."""
    def as_strided(self, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
        """A view of the tensor's memory with any shape and strides (counted in elements). RuntimeError when it would reach beyond the memory."""
    def as_strided_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``as_strided``: the tensor itself changes its shape."""
    def as_strided_scatter(self, src: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
        """A copy of ``input`` with ``src`` written where ``as_strided`` would look."""
    def as_subclass(self, cls: type) -> Any:
        """The same memory and history as an instance of a subclass of ``Tensor``. Neither ``cls.__new__`` nor ``cls.__init__`` is called. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.as_subclass.html"""
    def asin(self, *, out: Tensor | None = None) -> Tensor:
        """The arc sine."""
    def asin_(self) -> Tensor:
        """In-place form of ``asin``: the result is written into this tensor."""
    def asinh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic sine."""
    def asinh_(self) -> Tensor:
        """In-place form of ``asinh``: the result is written into this tensor."""
    def atan(self, *, out: Tensor | None = None) -> Tensor:
        """The arc tangent."""
    def atan2(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point ``(other, input)`` from the first axis, between -pi and pi."""
    def atan2_(self, other: Tensor) -> Tensor:
        """In-place form of ``atan2``: the result is written into this tensor."""
    def atan_(self) -> Tensor:
        """In-place form of ``atan``: the result is written into this tensor."""
    def atanh(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse hyperbolic tangent."""
    def atanh_(self) -> Tensor:
        """In-place form of ``atanh``: the result is written into this tensor."""
    def backward(self, gradient: Tensor | None = None, retain_graph: _bool | None = None, create_graph: _bool = False, inputs: Any = None) -> None:
        """Compute gradients of this tensor with respect to the graph's leaves and add them to ``.grad``."""
    def baddbmm(self, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any) -> Tensor:
        """``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices; ``input`` broadcasts."""
    def baddbmm_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``baddbmm``: the result is written into this tensor."""
    def bernoulli(self, p: _float | None = None, *, generator: Any = None, out: Tensor | None = None) -> Tensor:
        """Zeros and ones in the shape and type of ``input``: ones with the probability that ``input`` holds there, or with probability ``p`` everywhere. Source: https://pytorch.org/docs/stable/generated/torch.bernoulli.html"""
    def bernoulli_(self, p: Any = 0.5, *, generator: Any = None) -> Tensor:
        """Fill with ones of probability ``p`` (a number, or a tensor that broadcasts) and zeros."""
    def bfloat16(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.bfloat16; the tensor itself when that is its type."""
    def bincount(self, weights: Any = None, minlength: _int = 0) -> Tensor:
        """How often each whole number from 0 on occurs in a vector, or the sum of its ``weights``."""
    def bitwise_and(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit, for integer and bool tensors."""
    def bitwise_and_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``bitwise_and``: the result is written into this tensor."""
    def bitwise_left_shift(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit, for integer and bool tensors."""
    def bitwise_left_shift_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``bitwise_left_shift``: the result is written into this tensor."""
    def bitwise_not(self, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit negation of integers and bools."""
    def bitwise_not_(self) -> Tensor:
        """In-place form of ``bitwise_not``: the result is written into this tensor."""
    def bitwise_or(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit, for integer and bool tensors."""
    def bitwise_or_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``bitwise_or``: the result is written into this tensor."""
    def bitwise_right_shift(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit, for integer and bool tensors."""
    def bitwise_right_shift_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``bitwise_right_shift``: the result is written into this tensor."""
    def bitwise_xor(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Bit by bit, for integer and bool tensors."""
    def bitwise_xor_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``bitwise_xor``: the result is written into this tensor."""
    def bmm(self, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Products of matrices in two batches, ``(b, n, k) @ (b, k, m)``."""
    def bool(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.bool; the tensor itself when that is its type."""
    def broadcast_to(self, *args: Any, size: Any = None) -> Tensor:
        """This tensor expanded to ``size``."""
    def byte(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.uint8; the tensor itself when that is its type."""
    def cauchy_(self, median: _float = 0, sigma: _float = 1, *, generator: Any = None) -> Tensor:
        """Fill from the Cauchy distribution."""
    def ccol_indices(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def cdouble(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.complex128; the tensor itself when that is its type."""
    def ceil(self, *, out: Tensor | None = None) -> Tensor:
        """The smallest integer not below each element."""
    def ceil_(self) -> Tensor:
        """In-place form of ``ceil``: the result is written into this tensor."""
    def cfloat(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.complex64; the tensor itself when that is its type."""
    def chalf(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.complex32; the tensor itself when that is its type."""
    def char(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.int8; the tensor itself when that is its type."""
    def cholesky(self, upper: _bool = False, *, out: Any = None) -> Tensor:
        """cholesky(input, upper=False) -> Tensor: ``linalg.cholesky``."""
    def cholesky_inverse(self, upper: _bool = False, *, out: Any = None) -> Tensor:
        """cholesky_inverse(L, upper=False) -> Tensor: the inverse of a matrix from its Cholesky factor."""
    def cholesky_solve(self, L: Tensor, upper: _bool = False, *, out: Any = None) -> Tensor:
        """cholesky_solve(B, L, upper=False) -> Tensor: the X with ``A X = B`` from A's Cholesky factor."""
    def chunk(self, chunks: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """Views of at most ``chunks`` pieces of equal length (the last may be shorter)."""
    def clamp(self, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None, *, out: Tensor | None = None) -> Tensor:
        """Elements below ``min`` or above ``max`` set to that bound. Bounds are numbers or tensors."""
    def clamp_(self, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None) -> Tensor:
        """In-place form of ``clamp``: the result is written into this tensor."""
    def clamp_max(self, max: Any) -> Tensor:
        """Elements above ``max`` set to it."""
    def clamp_max_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``clamp_max``: the result is written into this tensor."""
    def clamp_min(self, min: Any) -> Tensor:
        """Elements below ``min`` set to it."""
    def clamp_min_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``clamp_min``: the result is written into this tensor."""
    def clip(self, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None, *, out: Tensor | None = None) -> Tensor:
        """Elements below ``min`` or above ``max`` set to that bound. Bounds are numbers or tensors."""
    def clip_(self, min: Tensor | _complex | None = None, max: Tensor | _complex | None = None) -> Tensor:
        """In-place form of ``clamp``: the result is written into this tensor."""
    def clone(self, *, memory_format: Any = None, out: Tensor | None = None) -> Tensor:
        """A copy that stays in the graph."""
    def coalesce(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def col_indices(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def conj(self) -> Tensor:
        """The complex conjugate; real tensors unchanged."""
    def conj_physical(self) -> Tensor:
        """The complex conjugate, computed at once (as every conjugate here is)."""
    def conj_physical_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``conj_physical``: the result is written into this tensor."""
    def const_data_ptr(self) -> _int:
        """Address of the first element."""
    def contiguous(self, memory_format: Any = None) -> Tensor:
        """The tensor itself when it lies densely in memory, row by row (or in the given format), else a copy that does."""
    def copy_(self, src: Tensor, non_blocking: _bool = False) -> Tensor:
        """Write the elements of ``src`` (broadcast, converted) into this tensor."""
    def copysign(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """The size of ``input`` with the sign of ``other``."""
    def copysign_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``copysign``: the result is written into this tensor."""
    def corrcoef(self) -> Tensor:
        """The correlation matrix of the rows: their covariances divided by both standard deviations, between -1 and 1."""
    def cos(self, *, out: Tensor | None = None) -> Tensor:
        """The cosine."""
    def cos_(self) -> Tensor:
        """In-place form of ``cos``: the result is written into this tensor."""
    def cosh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic cosine."""
    def cosh_(self) -> Tensor:
        """In-place form of ``cosh``: the result is written into this tensor."""
    def count_nonzero(self, dim: Any = None, *, axis: Any = None) -> Tensor:
        """How many elements are different from zero."""
    def cov(self, *, correction: _int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
        """The covariance matrix of the rows. ``fweights``: how often each observation counts (integers); ``aweights``: how much each counts (floats); ``correction``: what is taken off their number before dividing."""
    def cpu(self, *, memory_format: Any = None) -> Tensor:
        """The tensor in host memory."""
    def cross(self, other: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
        """The vector product along ``dim``, by default the first dimension of length 3."""
    def crow_indices(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def cuda(self, device: Any = None, non_blocking: _bool = False, *, memory_format: Any = None) -> Tensor:
        """The tensor on a GPU: on the selected one, or on ``device``. ``non_blocking``: from pinned memory, do not wait."""
    def cummax(self, dim: Any = None, *, axis: Any = None) -> Any:
        """The largest element so far along ``dim``, and where it is."""
    def cummin(self, dim: Any = None, *, axis: Any = None) -> Any:
        """The smallest element so far along ``dim``, and where it is."""
    def cumprod(self, dim: Any = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
        """The running product along ``dim``."""
    def cumprod_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``cumprod``: the result is written into this tensor."""
    def cumsum(self, dim: Any = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
        """The running sum along ``dim``."""
    def cumsum_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``cumsum``: the result is written into this tensor."""
    @property
    def data(self) -> Tensor:
        """The same memory without history; in-place changes to it are not checked."""
    @data.setter
    def data(self, value: Any) -> None: ...
    def data_ptr(self) -> _int:
        """Address of the first element."""
    def deg2rad(self, *, out: Tensor | None = None) -> Tensor:
        """Degrees in radians."""
    def deg2rad_(self) -> Tensor:
        """In-place form of ``deg2rad``: the result is written into this tensor."""
    def dense_dim(self) -> _int:
        """The number of dense dimensions: all."""
    def dequantize(self) -> Tensor:
        """The tensor as float32."""
    def det(self, *, out: Any = None) -> Tensor:
        """linalg.det(A) -> Tensor: the determinant."""
    def detach(self) -> Tensor:
        """The same memory without history."""
    def detach_(self) -> Tensor:
        """Forget the history, in place."""
    @property
    def device(self) -> _device:
        """Where the array lives."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """The matrix with this vector on a diagonal, or the diagonal (a copy) of this matrix."""
    def diag_embed(self, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """Matrices whose diagonal is the last dimension of ``input``, zeros elsewhere."""
    def diagflat(self, offset: _int = 0) -> Tensor:
        """The matrix with all elements of ``input`` on a diagonal."""
    def diagonal(self, offset: Any = 0, dim1: Any = 0, dim2: Any = 1) -> Tensor:
        """A view of the diagonals of the matrices in two dimensions; the diagonal becomes the last dimension. ``offset`` above 0 lies above the main diagonal."""
    def diagonal_scatter(self, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """A copy of ``input`` with ``src`` on a diagonal."""
    def diff(self, n: Any = 1, dim: Any = -1, prepend: Any = None, append: Any = None, *, axis: Any = None) -> Tensor:
        """The difference of neighbours along ``dim``, ``n`` times over; of bools whether they differ."""
    def digamma(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithmic derivative of the gamma function."""
    def digamma_(self) -> Tensor:
        """In-place form of ``digamma``: the result is written into this tensor."""
    def dim(self) -> _int:
        """Number of dimensions."""
    def dim_order(self, *, ambiguity_check: Any = False) -> tuple[_int, ...]:
        """The dimensions from the one with the longest steps in memory to the one with the shortest."""
    def dist(self, other: Tensor, p: _float = 2) -> Tensor:
        """The p-norm of the difference."""
    def div(self, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
        """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
    def div_(self, other: Any, *, rounding_mode: _str | None = None) -> Tensor:
        """In-place form of ``div``: the result is written into this tensor."""
    def divide(self, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
        """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
    def divide_(self, other: Any, *, rounding_mode: _str | None = None) -> Tensor:
        """In-place form of ``div``: the result is written into this tensor."""
    def dot(self, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The sum of products of two vectors."""
    def double(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.float64; the tensor itself when that is its type."""
    def dsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """``tensor_split`` along its own dimension."""
    @property
    def dtype(self) -> _dtype:
        """The element type."""
    def eig(self, **kwargs: Any) -> Any:
        """Removed from PyTorch. `torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real tensors mimicking complex tensors."""
    def element_size(self) -> _int:
        """Bytes of one element."""
    def eq(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` equal to that of ``other``? A bool tensor."""
    def eq_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``eq``: the result is written into this tensor."""
    def equal(self, other: Tensor) -> _bool:
        """Have both the same shape and elements?"""
    def erf(self, *, out: Tensor | None = None) -> Tensor:
        """The error function."""
    def erf_(self) -> Tensor:
        """In-place form of ``erf``: the result is written into this tensor."""
    def erfc(self, *, out: Tensor | None = None) -> Tensor:
        """One minus the error function, exact where that is small."""
    def erfc_(self) -> Tensor:
        """In-place form of ``erfc``: the result is written into this tensor."""
    def erfinv(self, *, out: Tensor | None = None) -> Tensor:
        """The inverse of the error function, from -1 to 1."""
    def erfinv_(self) -> Tensor:
        """In-place form of ``erfinv``: the result is written into this tensor."""
    def exp(self, *, out: Tensor | None = None) -> Tensor:
        """e to the power of each element."""
    def exp2(self, *, out: Tensor | None = None) -> Tensor:
        """2 to the power of each element."""
    def exp2_(self) -> Tensor:
        """In-place form of ``exp2``: the result is written into this tensor."""
    def exp_(self) -> Tensor:
        """In-place form of ``exp``: the result is written into this tensor."""
    def expand(self, *shape: Any, **named: Any) -> Tensor:
        """A view with dimensions of length 1 stretched; -1 keeps a length; new dimensions come in front."""
    def expand_as(self, other: Tensor) -> Tensor:
        """A view stretched to the shape of ``other``."""
    def expm1(self, *, out: Tensor | None = None) -> Tensor:
        """``exp(x) - 1``, exact for small x."""
    def expm1_(self) -> Tensor:
        """In-place form of ``expm1``: the result is written into this tensor."""
    def exponential_(self, lambd: _float = 1, *, generator: Any = None) -> Tensor:
        """Fill from the exponential distribution with rate ``lambd``."""
    def fill_(self, value: Any) -> Tensor:
        """Set every element to a number or a 0-d tensor."""
    def fill_diagonal_(self, fill_value: Any, wrap: _bool = False) -> Tensor:
        """Write a number on the main diagonal; ``wrap`` starts again below in tall matrices."""
    def fix(self, *, out: Tensor | None = None) -> Tensor:
        """Each element without its fraction."""
    def fix_(self) -> Tensor:
        """In-place form of ``trunc``: the result is written into this tensor."""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Dimensions from ``start_dim`` to ``end_dim`` joined into one."""
    def flip(self, *dims: Any, **named: Any) -> Tensor:
        """A copy with the order of the elements reversed along ``dims``."""
    def fliplr(self) -> Tensor:
        """The columns in reverse order (a copy)."""
    def flipud(self) -> Tensor:
        """The rows in reverse order (a copy)."""
    def float(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.float32; the tensor itself when that is its type."""
    def float_power(self, exponent: Any) -> Tensor:
        """``input ** exponent`` in double precision; either may be a number."""
    def float_power_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``float_power``: the result is written into this tensor."""
    def floor(self, *, out: Tensor | None = None) -> Tensor:
        """The largest integer not above each element."""
    def floor_(self) -> Tensor:
        """In-place form of ``floor``: the result is written into this tensor."""
    def floor_divide(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """The quotient rounded down; the type is the promoted type."""
    def floor_divide_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``floor_divide``: the result is written into this tensor."""
    def fmax(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The larger of two elements; where one is nan, the other."""
    def fmin(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The smaller of two elements; where one is nan, the other."""
    def fmod(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """What is left after dividing, with the sign of the dividend (C's ``fmod``)."""
    def fmod_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``fmod``: the result is written into this tensor."""
    def frac(self, *, out: Tensor | None = None) -> Tensor:
        """What comes after the decimal point, with the sign of the element."""
    def frac_(self) -> Tensor:
        """In-place form of ``frac``: the result is written into this tensor."""
    def frexp(self, *, out: Tensor | None = None) -> Any:
        """``input = mantissa * 2**exponent`` with a mantissa of size 1/2 up to, not including, 1; 0, infinities and nan have exponent 0. Exponents are int32."""
    def gather(self, dim: Any, index: Tensor, *, sparse_grad: Any = False, out: Tensor | None = None) -> Tensor:
        """One value of a line along ``dim`` for each element of ``index``. Gradients are always dense."""
    def gcd(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The greatest common divisor of integers, element by element."""
    def gcd_(self, other: Tensor) -> Tensor:
        """In-place form of ``gcd``: the result is written into this tensor."""
    def ge(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` at least that of ``other``? A bool tensor."""
    def ge_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``ge``: the result is written into this tensor."""
    def geometric_(self, p: _float, *, generator: Any = None) -> Tensor:
        """Fill with the number of trials up to the first success, each of probability ``p``."""
    def geqrf(self, *, out: Any = None) -> Any:
        """geqrf(input) -> (a, tau): QR as Householder reflectors, for ``orgqr`` and ``ormqr``. No derivative."""
    def ger(self, vec2: Tensor) -> Tensor:
        """All products of an element of one vector and one of the other."""
    def get_device(self) -> _int:
        """The number of the GPU; -1 for the CPU."""
    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward`` added up, or None."""
    @grad.setter
    def grad(self, value: Any) -> None: ...
    @property
    def grad_dtype(self) -> Any:
        """The type of its gradient: its own."""
    @property
    def grad_fn(self) -> Any:
        """The node that made this tensor."""
    def greater(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` greater than that of ``other``? A bool tensor."""
    def greater_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``gt``: the result is written into this tensor."""
    def greater_equal(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` at least that of ``other``? A bool tensor."""
    def greater_equal_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``ge``: the result is written into this tensor."""
    def gt(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` greater than that of ``other``? A bool tensor."""
    def gt_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``gt``: the result is written into this tensor."""
    def half(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.float16; the tensor itself when that is its type."""
    def hardshrink(self, lambd: _float = 0.5) -> Tensor:
        """0 for what is nearer to 0 than ``lambd``, else unchanged."""
    def hash_tensor(self, dim: Any = (), *, keepdim: Any = False, mode: Any = 0, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The bits of all elements (or of those along ``dim``), each as a 64-bit number, combined by exclusive or. Equal tensors have equal hashes, whatever the order of their elements; uint64. Source: https://pytorch.org/docs/stable/generated/torch.hash_tensor.html"""
    def heaviside(self, values: Tensor, *, out: Tensor | None = None) -> Tensor:
        """0 below 0, 1 above 0, and ``values`` at 0."""
    def heaviside_(self, values: Tensor) -> Tensor:
        """In-place form of ``heaviside``: the result is written into this tensor."""
    def histc(self, bins: _int = 100, min: Any = 0, max: Any = 0) -> Tensor:
        """How many elements fall into each of ``bins`` equal intervals from ``min`` to ``max`` (both 0: the data's own range). Elements outside do not count; the last interval has both of its ends."""
    def histogram(self, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: _bool = False) -> Any:
        """How many elements (or what ``weight``) lie in each bin, and the bins' edges. ``bins``: a number of equal bins over ``range`` (the data's own by default), or a vector of increasing edges. ``density`` divides by the total and the bin's width. float32 and float64; the last bin has both of its ends."""
    def hsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """``tensor_split`` along its own dimension."""
    def hypot(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The length of the hypotenuse, without overflow."""
    def hypot_(self, other: Tensor) -> Tensor:
        """In-place form of ``hypot``: the result is written into this tensor."""
    def i0(self, *, out: Tensor | None = None) -> Tensor:
        """The modified Bessel function of the first kind of order 0."""
    def i0_(self) -> Tensor:
        """In-place form of ``i0``: the result is written into this tensor."""
    def igamma(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The regularised lower incomplete gamma function: the share of the gamma distribution of shape ``input`` that lies below ``other``."""
    def igamma_(self, other: Tensor) -> Tensor:
        """In-place form of ``igamma``: the result is written into this tensor."""
    def igammac(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The regularised upper incomplete gamma function ``1 - igamma(input, other)``, exact where it is small."""
    def igammac_(self, other: Tensor) -> Tensor:
        """In-place form of ``igammac``: the result is written into this tensor."""
    @property
    def imag(self) -> Tensor:
        """The imaginary part of a complex tensor."""
    def index_add(self, dim: _int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
        """A copy of ``input`` with ``alpha`` times the slices of ``source`` added at the positions ``index``."""
    def index_add_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``index_add``: the result is written into this tensor."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """A copy of ``input`` with the slices of ``source`` at the positions ``index``."""
    def index_copy_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``index_copy``: the result is written into this tensor."""
    def index_fill(self, dim: _int, index: Tensor, value: Any) -> Tensor:
        """A copy of ``input`` with a number (or 0-d tensor) in the slices at the positions ``index``."""
    def index_fill_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``index_fill``: the result is written into this tensor."""
    def index_put(self, indices: Any, values: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy of ``input`` with ``values`` (broadcast) written, or added, where ``input[indices]`` would read."""
    def index_put_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``index_put``: the result is written into this tensor."""
    def index_reduce(self, dim: _int, index: Tensor, source: Tensor, reduce: _str, *, include_self: _bool = True) -> Tensor:
        """A copy of ``input`` with the slices of ``source`` combined into it at the positions ``index`` by "prod", "mean", "amax" or "amin"."""
    def index_reduce_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``index_reduce``: the result is written into this tensor."""
    def index_select(self, dim: Any, index: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The slices along ``dim`` at the positions in ``index`` (a copy)."""
    def indices(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def inner(self, other: Tensor) -> Tensor:
        """Dot products over the last dimension of both; a scalar multiplies."""
    def int(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.int32; the tensor itself when that is its type."""
    def int_repr(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def inverse(self, *, out: Any = None) -> Tensor:
        """linalg.inv(A) -> Tensor: the inverse. LinAlgError when a matrix is singular."""
    def is_coalesced(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def is_complex(self) -> _bool:
        """Is the element type complex?"""
    def is_conj(self) -> _bool:
        """Does it show conjugates that are not computed yet? Never here: ``conj`` computes them."""
    def is_contiguous(self, memory_format: Any = None) -> _bool:
        """Are the elements stored row by row without gaps (or in the given memory format)?"""
    @property
    def is_cpu(self) -> Any:
        """Is it in host memory?"""
    @property
    def is_cuda(self) -> _bool:
        """Is it on a GPU?"""
    def is_distributed(self) -> _bool:
        """Is it spread over several machines? Never here."""
    def is_floating_point(self) -> _bool:
        """Is the element type a floating type?"""
    def is_inference(self) -> _bool:
        """Was it made inside ``inference_mode``?"""
    @property
    def is_ipu(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_leaf(self) -> _bool:
        """Was it made by the user (or without recording), not by a recorded operation?"""
    @property
    def is_maia(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_meta(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_mkldnn(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_mps(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_mtia(self) -> Any:
        """Always False: there are no such tensors here."""
    def is_neg(self) -> _bool:
        """Does it show negatives that are not computed yet? Never here."""
    @property
    def is_nested(self) -> Any:
        """Always False: there are no such tensors here."""
    def is_nonzero(self) -> _bool:
        """Is a tensor of one element different from zero?"""
    def is_pinned(self, device: Any = None) -> _bool:
        """Does it lie in page-locked host memory?"""
    @property
    def is_quantized(self) -> Any:
        """Always False: there are no such tensors here."""
    def is_same_size(self, other: Tensor) -> _bool:
        """Have both the same shape?"""
    def is_set_to(self, tensor: Tensor) -> _bool:
        """Do both look at the same elements of the same memory in the same way?"""
    def is_shared(self) -> _bool:
        """Do other processes see its memory? GPU memory always counts as shared."""
    def is_signed(self) -> _bool:
        """Can its type hold negative numbers?"""
    @property
    def is_sparse(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_sparse_csr(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_vulkan(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_xla(self) -> Any:
        """Always False: there are no such tensors here."""
    @property
    def is_xpu(self) -> Any:
        """Always False: there are no such tensors here."""
    def isclose(self, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False) -> Tensor:
        """Is ``|input - other| <= atol + rtol * |other|``, element by element?"""
    def isfinite(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element a finite number?"""
    def isinf(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element infinite?"""
    def isnan(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element nan?"""
    def isneginf(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element minus infinity?"""
    def isposinf(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element plus infinity?"""
    def isreal(self) -> Tensor:
        """Has each element no imaginary part?"""
    def istft(self, n_fft: _int, hop_length: _int | None = None, win_length: _int | None = None, window: Tensor | None = None, center: _bool = True, normalized: _bool = False, onesided: _bool | None = None, length: _int | None = None, return_complex: _bool = False) -> Tensor:
        """The signal whose ``stft``, with the same options, is nearest to ``input``: (batch, frequencies, frames) to (batch, length). ``length`` cuts it off or fills it up with zeros; ``return_complex`` for complex signals. RuntimeError where the windows add up to 0 somewhere."""
    def item(self) -> Any:
        """The value of a one-element tensor as a Python number."""
    @property
    def itemsize(self) -> _int:
        """Bytes of one element."""
    def kron(self, other: Tensor) -> Tensor:
        """The Kronecker product: every element of ``input`` times all of ``other``, laid out in blocks."""
    def kthvalue(self, k: Any, dim: Any = -1, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Any:
        """The k-th smallest element along ``dim``, counted from 1."""
    @property
    def layout(self) -> Any:
        """How it is stored: always ``strided``."""
    def lcm(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The least common multiple of integers, element by element."""
    def lcm_(self, other: Tensor) -> Tensor:
        """In-place form of ``lcm``: the result is written into this tensor."""
    def ldexp(self, other: Tensor) -> Tensor:
        """``input * 2**other``."""
    def ldexp_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``ldexp``: the result is written into this tensor."""
    def le(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` at most that of ``other``? A bool tensor."""
    def le_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``le``: the result is written into this tensor."""
    def lerp(self, end: Tensor, weight: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """``input + weight * (end - input)``: from ``input`` to ``end`` as ``weight`` goes from 0 to 1."""
    def lerp_(self, end: Tensor, weight: Tensor | _complex) -> Tensor:
        """In-place form of ``lerp``: the result is written into this tensor."""
    def less(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` less than that of ``other``? A bool tensor."""
    def less_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``lt``: the result is written into this tensor."""
    def less_equal(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` at most that of ``other``? A bool tensor."""
    def less_equal_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``le``: the result is written into this tensor."""
    def lgamma(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm of the size of the gamma function."""
    def lgamma_(self) -> Tensor:
        """In-place form of ``lgamma``: the result is written into this tensor."""
    def log(self, *, out: Tensor | None = None) -> Tensor:
        """The natural logarithm."""
    def log10(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 10."""
    def log10_(self) -> Tensor:
        """In-place form of ``log10``: the result is written into this tensor."""
    def log1p(self, *, out: Tensor | None = None) -> Tensor:
        """``log(1 + x)``, exact for small x."""
    def log1p_(self) -> Tensor:
        """In-place form of ``log1p``: the result is written into this tensor."""
    def log2(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 2."""
    def log2_(self) -> Tensor:
        """In-place form of ``log2``: the result is written into this tensor."""
    def log_(self) -> Tensor:
        """In-place form of ``log``: the result is written into this tensor."""
    def log_normal_(self, mean: _float = 1, std: _float = 2, *, generator: Any = None) -> Tensor:
        """Fill with numbers whose logarithm is normal with this mean and standard deviation."""
    def log_softmax(self, dim: Any = None, dtype: Any = None, *, axis: Any = None) -> Tensor:
        """The logarithm of ``softmax``, without overflow."""
    def logaddexp(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """``log(exp(input) + exp(other))``, without overflow."""
    def logaddexp2(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """``log2(2**input + 2**other)``, without overflow."""
    def logcumsumexp(self, dim: Any = None, *, axis: Any = None) -> Tensor:
        """The running ``log(sum(exp(input)))`` along ``dim``, without overflow."""
    def logdet(self) -> Tensor:
        """logdet(input) -> Tensor: the logarithm of the determinant; nan where that is negative."""
    def logical_and(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Truth table of and on each pair; numbers count as true when not 0."""
    def logical_and_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``logical_and``: the result is written into this tensor."""
    def logical_not(self, *, out: Tensor | None = None) -> Tensor:
        """Is each element zero?"""
    def logical_not_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``logical_not``: the result is written into this tensor."""
    def logical_or(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Truth table of or on each pair; numbers count as true when not 0."""
    def logical_or_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``logical_or``: the result is written into this tensor."""
    def logical_xor(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Truth table of xor on each pair; numbers count as true when not 0."""
    def logical_xor_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``logical_xor``: the result is written into this tensor."""
    def logit(self, eps: Any = None, *, out: Tensor | None = None) -> Tensor:
        """``log(x / (1 - x))``, the inverse of the sigmoid; ``eps`` first clamps to ``[eps, 1 - eps]``."""
    def logit_(self, eps: Any = None) -> Tensor:
        """In-place form of ``logit``: the result is written into this tensor."""
    def logsumexp(self, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Tensor:
        """``log(sum(exp(input)))`` over ``dim``, without overflow."""
    def long(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.int64; the tensor itself when that is its type."""
    def lstsq(self, **kwargs: Any) -> Any:
        """Removed from PyTorch. `torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`. `torch.linalg.lstsq` has reversed arguments and does not return the QR decomposition in the returned tuple (although it returns other information about the problem)."""
    def lt(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` less than that of ``other``? A bool tensor."""
    def lt_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``lt``: the result is written into this tensor."""
    def lu(self, pivot: _bool = True, get_infos: _bool = False, out: Any = None) -> Any:
        """lu(A, pivot=True, get_infos=False) -> (LU, pivots) or (LU, pivots, infos): ``linalg.lu_factor_ex``."""
    def lu_solve(self, LU_data: Tensor, LU_pivots: Tensor, *, out: Any = None) -> Tensor:
        """lu_solve(b, LU_data, LU_pivots) -> Tensor: ``linalg.lu_solve``, its arguments in another order."""
    @property
    def mH(self) -> Tensor:
        """The last two dimensions swapped, the elements conjugated."""
    @property
    def mT(self) -> Tensor:
        """The last two dimensions swapped."""
    def map2_(self, x: Tensor, y: Tensor, callable: Callable) -> Tensor:
        """Replace each element by ``callable(element, element of x, element of y)``. CPU tensors only."""
    def map_(self, tensor: Tensor, callable: Callable) -> Tensor:
        """Replace each element by ``callable(element, element of tensor)``; ``tensor`` broadcasts. CPU tensors only."""
    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """``value`` (a number or 0-d tensor) where ``mask`` holds, else ``input``."""
    def masked_fill_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``masked_fill``: the result is written into this tensor."""
    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """A copy of ``input`` (broadcast with ``mask``) whose elements where ``mask`` holds come from ``source``, in order."""
    def masked_scatter_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``masked_scatter``: the result is written into this tensor."""
    def masked_select(self, mask: Tensor) -> Tensor:
        """A vector of the elements where ``mask`` holds; both broadcast."""
    def matmul(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The matrix product ``input @ other``: vectors, matrices, or batches of matrices (batch dimensions broadcast). A vector on the left counts as a row, on the right as a column."""
    def matrix_exp(self, *, out: Any = None) -> Tensor:
        """linalg.matrix_exp(A) -> Tensor: the exponential series of a matrix, by scaling, Taylor series and squaring."""
    def matrix_power(self, n: _int, *, out: Any = None) -> Tensor:
        """linalg.matrix_power(A, n) -> Tensor: A times itself ``n`` times; negative powers of the inverse."""
    def max(self, dim: Any = None, keepdim: Any = False, *, other: Any = None, axis: Any = None, keepdims: Any = None) -> Any:
        """The largest element of all; along a dimension with its index; or of two tensors."""
    def maximum(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The larger of two elements; where they are equal each gets half of the gradient."""
    def mean(self, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The mean over ``dim`` (an int, several, or None for all). Floating or complex types only."""
    def median(self, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Any:
        """The middle element (of two the lower), nan when there is a nan."""
    def min(self, dim: Any = None, keepdim: Any = False, *, other: Any = None, axis: Any = None, keepdims: Any = None) -> Any:
        """The smallest element of all; along a dimension with its index; or of two tensors."""
    def minimum(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The smaller of two elements; where they are equal each gets half of the gradient."""
    def mm(self, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The product of two matrices, ``(n, k) @ (k, m)``."""
    def mode(self, dim: Any = -1, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Any:
        """The most frequent element along ``dim`` (of several the smallest), and where it is last. No nan equals another; a nan that stands first is the mode where nothing occurs twice."""
    def moveaxis(self, source: Any, destination: Any) -> Tensor:
        """A view with the dimensions ``source`` at the positions ``destination``, the others in order."""
    def movedim(self, source: Any, destination: Any) -> Tensor:
        """A view with the dimensions ``source`` at the positions ``destination``, the others in order."""
    def msort(self) -> Tensor:
        """The elements in order along dimension 0."""
    def mul(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """The product, element by element. Shapes broadcast; types promote."""
    def mul_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``mul``: the result is written into this tensor."""
    def multinomial(self, num_samples: _int, replacement: _bool = False, *, generator: Any = None, out: Tensor | None = None) -> Tensor:
        """``num_samples`` column numbers for each row of ``input``, whose entries are weights (they need not sum to 1). Source: https://pytorch.org/docs/stable/generated/torch.multinomial.html"""
    def multiply(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """The product, element by element. Shapes broadcast; types promote."""
    def multiply_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``mul``: the result is written into this tensor."""
    def mv(self, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
        """A matrix times a vector."""
    def mvlgamma(self, p: _int) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension ``p``."""
    def mvlgamma_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``mvlgamma``: the result is written into this tensor."""
    @property
    def name(self) -> Any:
        """Its name; None for most."""
    def nan_to_num(self, nan: Any = None, posinf: Any = None, neginf: Any = None, *, out: Tensor | None = None) -> Tensor:
        """nan and infinities replaced by numbers: by default 0 and the type's largest and smallest."""
    def nan_to_num_(self, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Tensor:
        """In-place form of ``nan_to_num``: the result is written into this tensor."""
    def nanmean(self, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The mean over ``dim`` of the elements that are not nan."""
    def nanmedian(self, dim: Any = None, keepdim: Any = False, *, axis: Any = None, keepdims: Any = None) -> Any:
        """The middle element (of two the lower), without nan."""
    def nanquantile(self, q: Any, dim: Any = None, keepdim: Any = False, *, interpolation: Any = 'linear', axis: Any = None, keepdims: Any = None) -> Tensor:
        """The values below which the fractions ``q`` of the elements lie, leaving out nan."""
    def nansum(self, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The sum over ``dim``, nan counting as 0."""
    def narrow(self, dim: Any, start: Any, length: Any) -> Tensor:
        """A view of ``length`` neighbours along one dimension."""
    def narrow_copy(self, dim: _int, start: _int, length: _int) -> Tensor:
        """Like ``narrow``, as a copy."""
    @property
    def nbytes(self) -> _int:
        """Bytes of all elements."""
    @property
    def ndim(self) -> _int:
        """Number of dimensions."""
    def ndimension(self) -> _int:
        """Number of dimensions."""
    def ne(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` different from that of ``other``? A bool tensor."""
    def ne_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``ne``: the result is written into this tensor."""
    def neg(self, *, out: Tensor | None = None) -> Tensor:
        """The negative."""
    def neg_(self) -> Tensor:
        """In-place form of ``neg``: the result is written into this tensor."""
    def negative(self, *, out: Tensor | None = None) -> Tensor:
        """The negative."""
    def negative_(self) -> Tensor:
        """In-place form of ``neg``: the result is written into this tensor."""
    def nelement(self) -> _int:
        """Number of elements."""
    def new(self, *data: Any, device: Any = None) -> Tensor:
        """A tensor of this type, from values or, given ints, of a shape. Kept for old code: prefer ``new_tensor``."""
    def new_empty(self, *args: Any, dtype: Any = None, device: Any = None, requires_grad: _bool = False, **named: Any) -> Tensor:
        """Like the function of that name, with this tensor's type and place."""
    def new_empty_strided(self, size: Any, stride: Any, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: _bool = False, requires_grad: _bool = False) -> Tensor:
        """``empty_strided`` with this tensor's type and place."""
    def new_full(self, *args: Any, dtype: Any = None, device: Any = None, requires_grad: _bool = False, **named: Any) -> Tensor:
        """Like the function of that name, with this tensor's type and place."""
    def new_ones(self, *args: Any, dtype: Any = None, device: Any = None, requires_grad: _bool = False, **named: Any) -> Tensor:
        """Like the function of that name, with this tensor's type and place."""
    def new_tensor(self, *args: Any, dtype: Any = None, device: Any = None, requires_grad: _bool = False, **named: Any) -> Tensor:
        """Like the function of that name, with this tensor's type and place."""
    def new_zeros(self, *args: Any, dtype: Any = None, device: Any = None, requires_grad: _bool = False, **named: Any) -> Tensor:
        """Like the function of that name, with this tensor's type and place."""
    def nextafter(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The next number of the type after ``input`` in the direction of ``other``."""
    def nextafter_(self, other: Tensor) -> Tensor:
        """In-place form of ``nextafter``: the result is written into this tensor."""
    def nonzero(self, *, as_tuple: _bool = False) -> Any:
        """The indices of the elements different from zero: one row each, or one tensor for each dimension."""
    def nonzero_static(self, *, size: _int, fill_value: _int = -1) -> Tensor:
        """``nonzero`` with a fixed number of rows: cut off, or filled up with ``fill_value``."""
    def norm(self, p: Any = 'fro', dim: Any = None, keepdim: Any = False, out: Any = None, dtype: Any = None, *, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The vector norm: ``p`` is "fro" or 2 (root of the sum of squares), 1, inf, -inf, 0 or another number; or a matrix's: "nuc". ``linalg.vector_norm`` and ``linalg.matrix_norm`` say which they mean."""
    def normal_(self, mean: _float = 0, std: _float = 1, *, generator: Any = None) -> Tensor:
        """Fill with normal random numbers."""
    def not_equal(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """Is each element of ``input`` different from that of ``other``? A bool tensor."""
    def not_equal_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``ne``: the result is written into this tensor."""
    def numel(self) -> _int:
        """Number of elements."""
    def numpy(self, *, force: _bool = False) -> np.ndarray:
        """The elements as a NumPy array over the same memory. ``force=True`` detaches and copies to the CPU where needed; otherwise a tensor with gradients or on another device is refused. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.numpy.html"""
    def orgqr(self, tau: Tensor, *, out: Any = None) -> Tensor:
        """Column i of A below its diagonal, with a 1 on the diagonal, is v_i in ``H_i = 1 - tau_i v_i v_i^H``. ``geqrf`` makes such columns. A: (*, m, n) with m >= n; tau: (*, k) with k <= n."""
    def ormqr(self, tau: Tensor, other: Tensor, left: _bool = True, transpose: _bool = False, *, out: Any = None) -> Tensor:
        """``Q @ other``, or with ``left=False`` ``other @ Q``, for the whole Q that ``input`` and ``tau`` (from ``geqrf``) stand for; ``transpose`` takes its conjugate transpose."""
    def outer(self, vec2: Tensor) -> Tensor:
        """All products of an element of one vector and one of the other."""
    @property
    def output_nr(self) -> _int:
        """Which output of ``grad_fn`` this tensor is."""
    def permute(self, *dims: Any, **named: Any) -> Tensor:
        """A view with the dimensions in the order of ``dims``."""
    def pin_memory(self, device: Any = None) -> Tensor:
        """A copy in page-locked host memory, from which a GPU reads faster. RuntimeError without a GPU."""
    def pinverse(self, rcond: _float = 1e-15) -> Tensor:
        """pinverse(input, rcond=1e-15) -> Tensor: the pseudoinverse."""
    def polygamma(self, input: Any = None) -> Tensor:
        """The n-th derivative of the digamma function."""
    def polygamma_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``polygamma``: the result is written into this tensor."""
    def positive(self) -> Tensor:
        """The tensor itself. RuntimeError for bool tensors."""
    def pow(self, exponent: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """``input`` to the power of ``exponent``; either may be a number."""
    def pow_(self, exponent: Tensor | _complex) -> Tensor:
        """In-place form of ``pow``: the result is written into this tensor."""
    def prelu(self, weight: Tensor) -> Tensor:
        """``x`` above 0, ``weight`` times it below; ``weight`` has one entry, or one for each channel."""
    def prod(self, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The product over one dimension or all. Integers and bools are multiplied as int64."""
    def put(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy of ``input`` with the elements of ``source`` written, or added, at places of the flattened tensor."""
    def put_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``put``: the result is written into this tensor."""
    def q_per_channel_axis(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def q_per_channel_scales(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def q_per_channel_zero_points(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def q_scale(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def q_zero_point(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def qr(self, some: _bool = True, *, out: Any = None) -> Any:
        """qr(input, some=True) -> (Q, R): ``linalg.qr``."""
    def qscheme(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: the tensor is not quantized: torch.quantize_per_tensor does that."""
    def quantile(self, q: Any, dim: Any = None, keepdim: Any = False, *, interpolation: Any = 'linear', axis: Any = None, keepdims: Any = None) -> Tensor:
        """The values below which the fractions ``q`` of the elements lie."""
    def rad2deg(self, *, out: Tensor | None = None) -> Tensor:
        """Radians in degrees."""
    def rad2deg_(self) -> Tensor:
        """In-place form of ``rad2deg``: the result is written into this tensor."""
    def random_(self, *args: Any, generator: Any = None, **names: Any) -> Tensor:
        """Fill with random integers in [from, to); without ``to`` up to the largest the type holds exactly."""
    def ravel(self) -> Tensor:
        """All elements in one dimension: a view where the memory allows it."""
    @property
    def real(self) -> Tensor:
        """The real part; a real tensor itself."""
    def reciprocal(self, *, out: Tensor | None = None) -> Tensor:
        """One over each element."""
    def reciprocal_(self) -> Tensor:
        """In-place form of ``reciprocal``: the result is written into this tensor."""
    def record_stream(self, stream: Any) -> None:
        """record_stream(stream)"""
    def register_hook(self, hook: Callable) -> Any:
        """Call ``hook(grad)`` whenever this tensor's gradient is computed; a returned tensor replaces it."""
    def register_post_accumulate_grad_hook(self, hook: Callable) -> Any:
        """Call ``hook(tensor)`` after a leaf's gradient was added to ``.grad``."""
    def relu(self, *, out: Tensor | None = None) -> Tensor:
        """The positive part: ``max(0, x)``."""
    def relu_(self) -> Tensor:
        """In-place form of ``relu``: the result is written into this tensor."""
    def remainder(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """What is left after dividing, with the sign of the divisor (Python's ``%``)."""
    def remainder_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``remainder``: the result is written into this tensor."""
    def renorm(self, p: Any, dim: _int, maxnorm: Any) -> Tensor:
        """Each slice along ``dim`` whose p-norm is above ``maxnorm`` is scaled down to it."""
    def renorm_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``renorm``: the result is written into this tensor."""
    def repeat(self, *repeats: Any, **named: Any) -> Tensor:
        """The tensor laid out ``repeats[d]`` times along each dimension (a copy); new dimensions come in front."""
    def repeat_interleave(self, repeats: Any = None, dim: Any = None, *, output_size: Any = None, axis: Any = None) -> Tensor:
        """Each element (or slice along ``dim``) several times in a row; one count for all or one for each."""
    @property
    def requires_grad(self) -> _bool:
        """Are operations on this tensor recorded?"""
    @requires_grad.setter
    def requires_grad(self, value: Any) -> None: ...
    def requires_grad_(self, requires_grad: _bool = True) -> Tensor:
        """Switch recording for this leaf, in place."""
    def reshape(self, *shape: Any, **named: Any) -> Tensor:
        """The elements in another shape, as a view where the memory allows it; -1 stands for the length that is left."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """The elements in the shape of ``other``, as a view where the memory allows it."""
    def resize(self, *sizes: Any) -> Tensor:
        """The elements in another shape of the same size. Kept for old code: use ``reshape``."""
    def resize_(self, *size: Any, memory_format: Any = None, **named: Any) -> Tensor:
        """Another shape, in place: the elements stay where they are in memory; new ones are uninitialised."""
    def resize_as(self, tensor: Tensor) -> Tensor:
        """The elements in the shape of another tensor of the same size. Kept for old code: use ``reshape``."""
    def resize_as_(self, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
        """``resize_`` to the shape of another tensor."""
    def resolve_conj(self) -> Tensor:
        """The tensor itself: conjugates are never put off here."""
    def resolve_neg(self) -> Tensor:
        """The tensor itself: negatives are never put off here."""
    def retain_grad(self) -> None:
        """Keep this non-leaf tensor's gradient in ``.grad``."""
    @property
    def retains_grad(self) -> _bool:
        """Will a non-leaf keep its gradient?"""
    def roll(self, shifts: Any, dims: Any = None) -> Tensor:
        """Elements shifted along ``dims``, coming back at the other end; without ``dims`` in the flattened tensor."""
    def rot90(self, k: _int = 1, dims: Any = (0, 1)) -> Tensor:
        """Turned by ``k`` quarter turns in the plane of two dimensions, from the first towards the second."""
    def round(self, *, decimals: Any = 0, out: Tensor | None = None) -> Tensor:
        """To the nearest integer (or to ``decimals`` places); halves go to the even neighbour."""
    def round_(self, *, decimals: Any = 0) -> Tensor:
        """In-place form of ``round``: the result is written into this tensor."""
    def row_indices(self, *args: Any) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def rsqrt(self, *, out: Tensor | None = None) -> Tensor:
        """One over the square root."""
    def rsqrt_(self) -> Tensor:
        """In-place form of ``rsqrt``: the result is written into this tensor."""
    def scatter(self, dim: _int, index: Tensor, src: Any = None, *, value: Any = None, reduce: _str | None = None) -> Tensor:
        """A copy of ``input`` with the values of ``src`` (or one number) written along ``dim`` at ``index``. ``reduce`` "add" or "multiply" combines instead. Of several values for one place the last stays."""
    def scatter_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``scatter``: the result is written into this tensor."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy of ``input`` with the values of ``src`` added along ``dim`` at ``index``. Repeated indices add up."""
    def scatter_add_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``scatter_add``: the result is written into this tensor."""
    def scatter_reduce(self, dim: _int, index: Tensor, src: Tensor, reduce: _str, *, include_self: _bool = True) -> Tensor:
        """A copy of ``input`` with the values of ``src`` combined along ``dim`` at ``index`` by "sum", "prod", "mean", "amax" or "amin"; ``include_self=False`` leaves out the value that was there."""
    def scatter_reduce_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``scatter_reduce``: the result is written into this tensor."""
    def select(self, dim: Any, index: Any) -> Tensor:
        """A view of one slice; the dimension is gone."""
    def select_scatter(self, src: Tensor, dim: _int, index: _int) -> Tensor:
        """A copy of ``input`` with ``src`` in place of one slice."""
    def set_(self, source: Any = None, storage_offset: _int = 0, size: Any = None, stride: Any = None) -> Tensor:
        """Let this tensor look at the memory of another tensor or of a storage. Nothing is copied."""
    def sgn(self, *, out: Tensor | None = None) -> Tensor:
        """The sign; for complex elements the unit number in their direction."""
    def sgn_(self) -> Tensor:
        """In-place form of ``sgn``: the result is written into this tensor."""
    @property
    def shape(self) -> _Size:
        """The lengths of the dimensions."""
    def share_memory_(self) -> Tensor:
        """Move the memory to where other processes see it, in place: forked processes, and those that get the tensor through ``glasstorch.multiprocessing``. The tensor that this one views, and that one's other views, move along. What was taken by ``detach()``, ``data`` or ``numpy()`` before stays with the old memory. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.share_memory_.html"""
    def short(self, memory_format: Any = None) -> Tensor:
        """The elements as torch.int16; the tensor itself when that is its type."""
    def sigmoid(self, *, out: Tensor | None = None) -> Tensor:
        """``1 / (1 + exp(-x))``, without overflow."""
    def sigmoid_(self) -> Tensor:
        """In-place form of ``sigmoid``: the result is written into this tensor."""
    def sign(self, *, out: Tensor | None = None) -> Tensor:
        """-1, 0 or 1 by the sign of each element."""
    def sign_(self) -> Tensor:
        """In-place form of ``sign``: the result is written into this tensor."""
    def signbit(self, *, out: Tensor | None = None) -> Tensor:
        """Is the sign bit set? That of minus zero is."""
    def sin(self, *, out: Tensor | None = None) -> Tensor:
        """The sine."""
    def sin_(self) -> Tensor:
        """In-place form of ``sin``: the result is written into this tensor."""
    def sinc(self, *, out: Tensor | None = None) -> Tensor:
        """``sin(pi x) / (pi x)``, and 1 at 0."""
    def sinc_(self) -> Tensor:
        """In-place form of ``sinc``: the result is written into this tensor."""
    def sinh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic sine."""
    def sinh_(self) -> Tensor:
        """In-place form of ``sinh``: the result is written into this tensor."""
    def size(self, dim: _int | None = None) -> Any:
        """The shape, or the length of one dimension."""
    def slice_scatter(self, src: Any, dim: Any = 0, start: Any = None, end: Any = None, step: Any = 1, *, axis: Any = None) -> Tensor:
        """A copy of ``input`` with ``src`` in place of a slice."""
    def slogdet(self, *, out: Any = None) -> Any:
        """slogdet(input) -> (sign, logabsdet): ``linalg.slogdet``."""
    def softmax(self, dim: Any = None, dtype: Any = None, *, axis: Any = None) -> Tensor:
        """Exponentials along ``dim``, scaled to add up to 1. ``dtype``: convert the input first."""
    def solve(self, **kwargs: Any) -> Any:
        """Removed from PyTorch. `torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its arguments reversed and does not return the LU factorization."""
    def sort(self, dim: Any = -1, descending: Any = False, stable: Any = False, *, axis: Any = None) -> Any:
        """The elements in order along ``dim``, and where each came from."""
    def sparse_dim(self) -> _int:
        """The number of sparse dimensions: none."""
    def sparse_mask(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def sparse_resize_(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def sparse_resize_and_clear_(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def split(self, split_size: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of consecutive pieces: of one length (the last may be shorter), or of the lengths given."""
    def split_with_sizes(self, split_sizes: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """Views of consecutive pieces of the given lengths."""
    def sqrt(self, *, out: Tensor | None = None) -> Tensor:
        """The square root."""
    def sqrt_(self) -> Tensor:
        """In-place form of ``sqrt``: the result is written into this tensor."""
    def square(self) -> Tensor:
        """Each element times itself."""
    def square_(self) -> Tensor:
        """In-place form of ``square``."""
    def squeeze(self, dim: Any = None, *, axis: Any = None) -> Tensor:
        """A view without the dimensions of length 1 (all of them, or those in ``dim`` that have length 1)."""
    def squeeze_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``squeeze``: the tensor itself changes its shape."""
    def std(self, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The standard deviation over ``dim``: the square root of ``var``."""
    def stft(self, n_fft: _int, hop_length: _int | None = None, win_length: _int | None = None, window: Tensor | None = None, center: _bool = True, pad_mode: _str = 'reflect', normalized: _bool = False, onesided: _bool | None = None, return_complex: _bool | None = None, align_to_window: _bool | None = None) -> Tensor:
        """The spectra of frames of ``n_fft`` samples, ``hop_length`` (a quarter of that) apart: (length,) or (batch, length) to (batch, frequencies, frames). ``window``: weights of ``win_length`` samples in the middle of a frame. ``center`` pads the signal so that frame t lies around sample ``t * hop_length``. ``normalized`` divides by the root of ``n_fft``. ``onesided``: half of the frequencies, which is all there is of real signals (and the default there). ``return_complex=False``, deprecated, gives real and imaginary parts in a last dimension of 2."""
    def storage(self) -> Any:
        """``untyped_storage`` as numbers of the tensor's type. Deprecated."""
    def storage_offset(self) -> _int:
        """Elements between the start of the memory and this view's first element."""
    def storage_type(self) -> Any:
        """The class of the tensor's typed storage."""
    def stride(self, dim: _int | None = None) -> Any:
        """Steps between neighbours of each dimension, counted in elements."""
    def sub(self, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``. Shapes broadcast; types promote."""
    def sub_(self, other: Tensor | _complex, *, alpha: Any = 1) -> Tensor:
        """In-place form of ``sub``: the result is written into this tensor."""
    def subtract(self, other: Tensor | _complex, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``. Shapes broadcast; types promote."""
    def subtract_(self, other: Tensor | _complex, *, alpha: Any = 1) -> Tensor:
        """In-place form of ``sub``: the result is written into this tensor."""
    def sum(self, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The sum over ``dim`` (an int, several, or None for all). Integers and bools are summed as int64."""
    def sum_to_size(self, *size: Any, **named: Any) -> Tensor:
        """The sum over the dimensions that broadcasting from ``size`` to this shape would stretch."""
    def svd(self, some: _bool = True, compute_uv: _bool = True, *, out: Any = None) -> Any:
        """svd(input, some=True, compute_uv=True) -> (U, S, V): ``linalg.svd`` with V instead of its transpose."""
    def swapaxes(self, axis0: _int, axis1: _int) -> Tensor:
        """``transpose`` under NumPy's name."""
    def swapaxes_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``swapaxes``: the tensor itself changes its shape."""
    def swapdims(self, dim0: Any, dim1: Any) -> Tensor:
        """A view with two dimensions swapped."""
    def swapdims_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``swapdims``: the tensor itself changes its shape."""
    def symeig(self, **kwargs: Any) -> Any:
        """Removed from PyTorch. The default behavior has changed from using the upper triangular portion of the matrix by default to using the lower triangular portion."""
    def t(self) -> Tensor:
        """The transpose of a matrix; 0-d and 1-d tensors unchanged."""
    def t_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``t``: the tensor itself changes its shape."""
    def take(self, index: Tensor) -> Tensor:
        """The elements at places of the flattened tensor, in the shape of ``index``."""
    def take_along_dim(self, indices: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
        """Elements along ``dim`` at ``indices``, broadcast over the other dimensions (what ``argsort`` and ``argmax`` give); without ``dim``, of the flattened tensor."""
    def tan(self, *, out: Tensor | None = None) -> Tensor:
        """The tangent."""
    def tan_(self) -> Tensor:
        """In-place form of ``tan``: the result is written into this tensor."""
    def tanh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic tangent."""
    def tanh_(self) -> Tensor:
        """In-place form of ``tanh``: the result is written into this tensor."""
    def tensor_split(self, indices_or_sections: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """Views of pieces: of as equal lengths as possible, or cut before the given indices."""
    def tile(self, *dims: Any, **named: Any) -> Tensor:
        """``input`` laid out ``dims[d]`` times along each dimension; missing leading counts are 1."""
    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """The tensor in another type or on another device; itself when nothing changes (unless ``copy``). ``non_blocking``: a copy between a GPU and pinned memory goes on while the program does. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.to.html"""
    def to_dense(self, dtype: Any = None, *, masked_grad: _bool | None = None) -> Tensor:
        """The tensor itself: it is dense."""
    def to_mkldnn(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no oneDNN tensors; the plain one does the same."""
    def to_sparse(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def to_sparse_bsc(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def to_sparse_bsr(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def to_sparse_coo(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def to_sparse_csc(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def to_sparse_csr(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: Glasstorch has no sparse tensors. Keep the tensor dense."""
    def tolist(self) -> Any:
        """Nested Python lists; a number for 0-d."""
    def topk(self, k: Any, dim: Any = -1, largest: Any = True, sorted: Any = True, *, axis: Any = None) -> Any:
        """The ``k`` largest (or smallest) elements along ``dim``, in order."""
    def trace(self, *, out: Tensor | None = None) -> Tensor:
        """The sum of a matrix's main diagonal."""
    def transpose(self, dim0: Any, dim1: Any) -> Tensor:
        """A view with two dimensions swapped."""
    def transpose_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``transpose``: the tensor itself changes its shape."""
    def triangular_solve(self, A: Tensor, upper: _bool = True, transpose: _bool = False, unitriangular: _bool = False, *, out: Any = None) -> Any:
        """The X with ``A X = b`` (``A^T X = b`` with ``transpose``), A triangular; and a copy of A."""
    def tril(self, diagonal: Any = 0, *, out: Tensor | None = None) -> Tensor:
        """The lower triangle of matrices, zeros above the diagonal."""
    def tril_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``tril``: the result is written into this tensor."""
    def triu(self, diagonal: Any = 0, *, out: Tensor | None = None) -> Tensor:
        """The upper triangle of matrices, zeros below the diagonal."""
    def triu_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``triu``: the result is written into this tensor."""
    def true_divide(self, other: Any, *, rounding_mode: _str | None = None, out: Tensor | None = None) -> Tensor:
        """The quotient. Without ``rounding_mode`` integers give the default floating type; "floor" rounds down and "trunc" towards zero, keeping the promoted type."""
    def true_divide_(self, other: Any, *, rounding_mode: _str | None = None) -> Tensor:
        """In-place form of ``div``: the result is written into this tensor."""
    def trunc(self, *, out: Tensor | None = None) -> Tensor:
        """Each element without its fraction."""
    def trunc_(self) -> Tensor:
        """In-place form of ``trunc``: the result is written into this tensor."""
    def type(self, dtype: Any = None, non_blocking: _bool = False) -> Any:
        """Without an argument the name of the type, such as ``torch.FloatTensor``; else the elements in another type, which may be a dtype, a class such as ``torch.LongTensor``, or such a name."""
    def type_as(self, other: Tensor) -> Tensor:
        """The elements in the type (and on the device) of ``other``."""
    def unbind(self, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """Views of all slices along a dimension."""
    def unflatten(self, dim: _int, sizes: Any) -> Tensor:
        """One dimension split into several; one of ``sizes`` may be -1."""
    def unfold(self, dimension: Any, size: Any, step: Any) -> Tensor:
        """A view of all windows of ``size`` elements along one dimension, ``step`` apart. The windows lie along ``dimension``, the elements of a window along a new last dimension."""
    def uniform_(self, from_: _float = 0, to: _float = 1, *, generator: Any = None, **names: Any) -> Tensor:
        """Fill with uniform random numbers in [from, to)."""
    def unique(self, sorted: Any = True, return_inverse: Any = False, return_counts: Any = False, dim: Any = None, *, axis: Any = None) -> Any:
        """The different elements (or slices along ``dim``) in order; on request for each element the place of its value among them, and how often each occurs."""
    def unique_consecutive(self, return_inverse: Any = False, return_counts: Any = False, dim: Any = None, *, axis: Any = None) -> Any:
        """The elements (or slices along ``dim``) without those that equal their predecessor."""
    def unsafe_chunk(self, chunks: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """``chunk`` whose pieces may be changed in place, as with ``unsafe_split``."""
    def unsafe_split(self, split_size: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """``split`` whose pieces may be changed in place. The gradient is then right only where nothing reads ``tensor`` again."""
    def unsafe_split_with_sizes(self, split_sizes: Any, dim: Any = 0, *, axis: Any = None) -> tuple[Tensor, ...]:
        """``unsafe_split`` into pieces of the given lengths."""
    def unsqueeze(self, dim: Any = None, *, axis: Any = None) -> Tensor:
        """A view with a new dimension of length 1 at ``dim``."""
    def unsqueeze_(self, *args: Any, **kwargs: Any) -> Tensor:
        """In-place form of ``unsqueeze``: the tensor itself changes its shape."""
    def untyped_storage(self) -> Any:
        """All the memory that this tensor's elements lie in, also where the tensor itself shows only a part."""
    def values(self) -> Any:
        """Raises RuntimeError: the tensor is not sparse."""
    def var(self, dim: Any = None, unbiased: Any = None, keepdim: Any = False, *, correction: Any = None, axis: Any = None, keepdims: Any = None) -> Tensor:
        """The variance over ``dim``: the sum of squared distances from the mean divided by ``n - correction``."""
    def vdot(self, other: Tensor) -> Tensor:
        """The dot product of two vectors, the first conjugated."""
    def view(self, *shape: Any, **named: Any) -> Tensor:
        """The same memory in another shape; one length may be -1. RuntimeError when that needs a copy. ``view(dtype)`` reads the same bytes as another type."""
    def view_as(self, other: Tensor) -> Tensor:
        """The elements as a view in the shape of ``other``."""
    @property
    def volatile(self) -> _bool:
        """Always False: a word of before ``no_grad``."""
    def vsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """``tensor_split`` along its own dimension."""
    def where(self, condition: Tensor, other: Any) -> Tensor:
        """The tensor's elements where ``condition`` is true, those of ``other`` elsewhere."""
    def xlogy(self, other: Tensor | _complex, *, out: Tensor | None = None) -> Tensor:
        """``input * log(other)``, 0 where ``input`` is 0."""
    def xlogy_(self, other: Tensor | _complex) -> Tensor:
        """In-place form of ``xlogy``: the result is written into this tensor."""
    def zero_(self) -> Tensor:
        """Set every element to 0."""

def wrap(array: Any) -> Tensor: ...
def __getattr__(name: _str) -> Any: ...
