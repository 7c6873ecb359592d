"""The ``Tensor``: an array, its history and its gradient.

Slots (all private; everything else is derived):

``_a``     the NumPy or CuPy array. Views share its memory.
``_rg``    does it require grad?
``_node``  the node that made it (``grad_fn``); None for leaves
``_v``     one-element list: the version counter, shared by all views of one memory
``_grad``  the accumulated gradient, a Tensor, or None
``_x``     an ``Extra`` for what few tensors have: base of a view, hooks; None for most

Methods that are operations are attached by the op registry (see forms.py).
"""

from __future__ import annotations

import math
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import backends
from . import dtype as dt
from .device import device as Device
from .frames import warn, warn_once
from .mode import STATE, THREAD
from .node import Node, Port, RemovableHandle
from .size import Size

new_size = tuple.__new__  # a Size of lengths that need no check
HostArray = backends.HostArray


class Extra:
    """What few tensors have."""

    __slots__ = (
        "__weakref__",
        "accumulator",
        "base",
        "hooks",
        "name",
        "no_grad",
        "post_hooks",
        "replay",
        "views",
    )

    def __init__(self) -> None:
        self.base: Tensor | None = None  # the tensor whose memory this one views
        self.replay: tuple | None = None  # (op, other arguments, replay of the parent view, output number)
        self.views: set[weakref.ref[Tensor]] | None = None  # live views of this tensor
        self.hooks: OrderedDict | None = None  # on the gradient of a leaf
        self.post_hooks: OrderedDict | None = None  # after the gradient was accumulated
        self.accumulator: Any = None
        self.no_grad = False  # is it a view that was made where no gradients are recorded?
        self.name: str | None = None

    def add_view(self, view: Tensor) -> None:
        """Know a view of this tensor, as long as it lives."""
        views = self.views
        if views is None:
            views = self.views = set()
        views.add(weakref.ref(view, views.discard))


class Tensor:
    """A multi-dimensional array of one type that can remember how it was computed.

    Make one with ``tensor``, ``zeros``, ``randn``, …. Source: https://pytorch.org/docs/stable/tensors.html
    """

    __slots__ = ("__dict__", "__weakref__", "_a", "_grad", "_node", "_rg", "_v", "_x")
    __array_priority__ = 1000  # array + tensor asks the tensor
    _seq = 0  # leaves come last in the backward order
    __hash__ = object.__hash__

    if TYPE_CHECKING:  # methods and operators that the op registry attaches
        _a: Any

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Tensor) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

    def __new__(cls, *data: Any, device: Any = None) -> Tensor:
        """``Tensor(2, 3)`` makes an empty tensor of that shape, ``Tensor([1, 2])`` one of the default dtype.

        Kept for old code, as in PyTorch; ``tensor`` and ``empty`` say what they do.
        """
        from ..ops.create import legacy_array

        self = object.__new__(cls)
        self._fill_slots(legacy_array(data, device))
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All is done when the object is made, so that a subclass may have arguments of its own."""

    def _fill_slots(self, array: Any) -> None:
        self._a = array
        self._rg = False
        self._node: Node | None = None
        self._v = [0]
        self._grad: Tensor | None = None
        self._x: Extra | None = None

    # ------------------------------------------------------------------ what it is
    @property
    def shape(self) -> Size:
        """The lengths of the dimensions."""
        return new_size(Size, self._a.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one dimension."""
        if dim is None:
            return new_size(Size, self._a.shape)
        from .dims import wrap_dim

        return self._a.shape[wrap_dim(dim, self._a.ndim)]

    def stride(self, dim: int | None = None) -> Any:
        """Steps between neighbours of each dimension, counted in elements."""
        steps = tuple(s // self._a.itemsize for s in self._a.strides)
        if not self._a.size:  # NumPy has no steps through nothing; PyTorch counts as if it were there
            lengths = [max(n, 1) for n in self._a.shape[1:]] + [1] * (self._a.ndim > 0)
            steps = tuple(math.prod(lengths[k:]) for k in range(self._a.ndim))
        elif (
            0 in steps and 1 in self._a.shape
        ):  # a new dimension: NumPy says 0, PyTorch how far one step would go
            known = list(steps)
            for k in reversed(range(len(known))):
                if self._a.shape[k] == 1 and known[k] == 0:
                    known[k] = known[k + 1] * self._a.shape[k + 1] if k + 1 < len(known) else 1
            steps = tuple(known)
        if dim is None:
            return steps
        from .dims import wrap_dim

        return steps[wrap_dim(dim, self._a.ndim)]

    def dim(self) -> int:
        """Number of dimensions."""
        return self._a.ndim

    ndim = property(lambda self: self._a.ndim, doc="Number of dimensions.")
    ndimension = dim

    def numel(self) -> int:
        """Number of elements."""
        return self._a.size

    nelement = numel

    def element_size(self) -> int:
        """Bytes of one element."""
        return self._a.itemsize

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._a.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._a.nbytes

    @property
    def dtype(self) -> dt.dtype:
        """The element type."""
        return dt.dtype._of_numpy[self._a.dtype]

    @property
    def device(self) -> Device:
        """Where the array lives."""
        return Device(*backends.place(self._a))

    is_cuda = property(lambda self: self.device.type == "cuda", doc="Is it on a GPU?")

    def is_floating_point(self) -> bool:
        """Is the element type a floating type?"""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Is the element type complex?"""
        return self.dtype.is_complex

    def data_ptr(self) -> int:
        """Address of the first element."""
        a: Any = self._a
        return a.ctypes.data if backends.place(a)[0] == "cpu" else a.data.ptr

    def storage_offset(self) -> int:
        """Elements between the start of the memory and this view's first element."""
        owner = backends.owner_of(self._a)
        return 0 if owner is self._a else (self.data_ptr() - backends.address(owner)) // self._a.itemsize

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Are the elements stored row by row without gaps (or in the given memory format)?"""
        if memory_format is None:
            return bool(self._a.flags.c_contiguous)
        from ..ops.layout import CHANNELS_LAST, lies_in

        return lies_in(self._a, CHANNELS_LAST.get(memory_format.name))

    def __len__(self) -> int:
        if self._a.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self._a.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self._a.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self) -> Tensor:
        """The tensor with its first dimension back to front."""
        return self.flip(0) if self._a.ndim else self

    # ------------------------------------------------------------------ history
    @property
    def requires_grad(self) -> bool:
        """Are operations on this tensor recorded?"""
        return self._rg

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError("requires_grad must be a bool")
        if value and self.dtype.category < dt.FLOATING:
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Switch recording for this leaf, in place."""
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, "
                f"not {type(requires_grad).__name__}"
            )
        if not requires_grad and self._node is not None:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. "
                "If you want to use a computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        if requires_grad and self.dtype.category < dt.FLOATING:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if requires_grad and self.is_inference() and not THREAD.inference:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
            )
        self._rg = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Was it made by the user (or without recording), not by a recorded operation?"""
        return self._node is None or self._node.entry

    @property
    def grad_fn(self) -> Node | None:
        """The node that made this tensor."""
        if self._node is not None and self._node.entry:
            return None
        return self._node.edges[0] if isinstance(self._node, Port) else self._node

    @property
    def output_nr(self) -> int:
        """Which output of ``grad_fn`` this tensor is."""
        return self._node.nr if isinstance(self._node, Port) else 0

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward`` added up, or None."""
        if self._grad is None and self._node is not None and not self.retains_grad:
            warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                "won't be populated during autograd.backward(). If you indeed want the .grad field to be populated "
                "for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor "
                "by mistake, make sure you access the leaf Tensor instead.",
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
                )
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if value.dtype is not self.dtype:
                from .outputs import C_NAMES

                given = C_NAMES.get(value.dtype.name, value.dtype.name)
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype '{given}' to a tensor with grad_dtype "
                    f"'{self.dtype.legacy}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's "
                    "dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any "
                    "dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break "
                    "downstream systems that assume they match."
                )
            if value._a.shape != self._a.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value._a.shape)}' to a tensor of size "
                    f"'{list(self._a.shape)}'. Please ensure that the gradient and the tensor are the same size"
                )
            if value.device != self.device:
                raise RuntimeError(
                    f"assigned grad has data located on a different device: grad {value.device}, tensor {self.device}"
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def retains_grad(self) -> bool:
        """Will a non-leaf keep its gradient?"""
        x = None if self._node is None else self._node.extra
        return x is not None and x.retain is not None and x.retain() is self

    def retain_grad(self) -> None:
        """Keep this non-leaf tensor's gradient in ``.grad``."""
        if not self._rg:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self._node is not None:
            self._node.ensure_extra().retain = weakref.ref(self)

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(grad)`` whenever this tensor's gradient is computed; a returned tensor replaces it."""
        if not self._rg:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            return RemovableHandle.add(self._node.ensure_extra().tensor_hooks, hook)
        STATE.watched = True
        extra = self._ensure_extra()
        if extra.hooks is None:
            extra.hooks = OrderedDict()
        return RemovableHandle.add(extra.hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(tensor)`` after a leaf's gradient was added to ``.grad``."""
        if self._node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if not self._rg:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        STATE.watched = True
        extra = self._ensure_extra()
        if extra.post_hooks is None:
            extra.post_hooks = OrderedDict()
        return RemovableHandle.add(extra.post_hooks, hook)

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute gradients of this tensor with respect to the graph's leaves and add them to ``.grad``.

        ``gradient``: weight of each element, same shape; needed unless the tensor has one element.
        """
        from .backward import backward

        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def detach(self) -> Tensor:
        """The same memory without history."""
        a = self._a
        out = wrap(a if a.__class__ is HostArray else _detached(a))
        out._v = self._v
        return out

    def detach_(self) -> Tensor:
        """Forget the history, in place."""
        if self._x is not None and self._x.base is not None:
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
                "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
                "detach_() cannot be called on these gradients. To fix this error, please refer to the "
                "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
            )
        self._node, self._rg = None, False
        return self

    @property
    def data(self) -> Tensor:
        """The same memory without history; in-place changes to it are not checked."""
        return wrap(_detached(self._a))

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self._rg and value.dtype.category < dt.FLOATING:
            raise RuntimeError(
                "data set to a tensor that requires gradients must be floating point or complex dtype"
            )
        self._a = value._a

    @property
    def _version(self) -> int:
        if isinstance(self._v, InferenceVersion):
            raise RuntimeError("Inference tensors do not track version counter.")
        return self._v[0]

    @property
    def _base(self) -> Tensor | None:
        return None if self._x is None else self._x.base

    def _is_view(self) -> bool:
        return self._x is not None and self._x.base is not None

    def is_inference(self) -> bool:
        """Was it made inside ``inference_mode``?"""
        return self._v.__class__ is InferenceVersion

    def _ensure_extra(self) -> Extra:
        if self._x is None:
            self._x = Extra()
        return self._x

    # ------------------------------------------------------------------ numbers and arrays
    def item(self) -> Any:
        """The value of a one-element tensor as a Python number."""
        if self._a.size != 1:
            raise RuntimeError(f"a Tensor with {self._a.size} elements cannot be converted to Scalar")
        if STATE.recorder is not None:
            STATE.recorder.read(self, "item()")
        return _plain(self._a).item()

    def tolist(self) -> Any:
        """Nested Python lists; a number for 0-d."""
        if STATE.recorder is not None:
            STATE.recorder.read(self, "tolist()")
        return _plain(self._a).tolist()

    def _number(self) -> Any:
        if self._a.size != 1:
            raise RuntimeError(f"a Tensor with {self._a.size} elements cannot be converted to Scalar")
        if STATE.recorder is not None:
            STATE.recorder.read(self, "a Python number")
        return self._a.reshape(()).item()

    def _python_number(self, kind: type, c_type: str) -> Any:
        if self._a.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        value = self._number()
        if isinstance(value, complex) and kind is not complex:
            if value.imag:
                raise RuntimeError(f"value cannot be converted to type {c_type} without overflow")
            value = value.real
        return kind(value)

    def _warn_of_lost_history(self) -> None:
        if self._rg and THREAD.grad:
            warn_once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
                "Consider using tensor.detach() first."
            )

    def __float__(self) -> float:
        self._warn_of_lost_history()
        return self._python_number(float, "double")

    def __int__(self) -> int:
        return self._python_number(int, "int64_t")

    def __complex__(self) -> complex:
        self._warn_of_lost_history()
        return self._python_number(complex, "c10::complex<double>")

    def __index__(self) -> int:
        if self.dtype.category > dt.INTEGRAL or self._a.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._number())

    def __bool__(self) -> bool:
        if hasattr(self._a, "levels"):
            raise RuntimeError(
                "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. "
                "We don't support that yet, please file an issue at https://github.com/pytorch/pytorch/issues ."
            )
        if self._a.size != 1:
            raise RuntimeError(
                "Boolean value of Tensor with no values is ambiguous"
                if self._a.size == 0
                else "Boolean value of Tensor with more than one value is ambiguous"
            )
        return bool(self._number())

    def __contains__(self, value: Any) -> bool:
        if not isinstance(value, (Tensor, int, float, complex, np.generic)):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(value)}."
            )
        return bool((self == value).any())

    def __format__(self, spec: str) -> str:
        plain_number = self._a.ndim == 0 and type(self) is Tensor
        return format(self.item(), spec) if plain_number else object.__format__(self, spec)

    def __repr__(self) -> str:
        from ..printing import tensor_repr

        return tensor_repr(self)


def _detached(a: Any) -> Any:
    """The array without the history that the arrays of tensors inside ``vmap`` have."""
    return a.detached() if hasattr(a, "levels") else a


class InferenceVersion:
    """The version counter of an inference tensor: it has none, so saving it for a backward is refused."""

    def __getitem__(self, k: int) -> int:
        if THREAD.inference or not THREAD.grad:
            return 0
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
            "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and "
            "use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
        )

    def __setitem__(self, k: int, value: int) -> None:
        pass


def _plain(a: Any) -> Any:
    """The array in a type of NumPy's own, whose elements become Python numbers."""
    return a.astype({"V": np.float32, "W": np.complex64}[a.dtype.kind]) if a.dtype.kind in "VW" else a


def wrap(array: Any) -> Tensor:
    """A tensor around an array, no copy; NumPy scalars become 0-d arrays."""
    out = object.__new__(Tensor)
    out._fill_slots(np.asarray(array) if isinstance(array, np.generic) else array)
    return out


__all__ = ["THREAD", "Extra", "Tensor", "wrap"]
