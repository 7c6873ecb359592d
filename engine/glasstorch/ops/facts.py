"""What a tensor is: questions with one-word answers, as methods, properties and functions.

Every tensor here is strided, dense and of numbers; what PyTorch's sparse, quantized and nested tensors answer
otherwise is a plain no, and what only they can do says so.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ..core import dtype as dt
from ..core.forms import FUNCTIONS, method, public
from ..core.frames import warn
from ..core.tensor import Tensor

#: Kinds of tensor and device that do not exist here.
NO = ["is_ipu", "is_maia", "is_meta", "is_mkldnn", "is_mps", "is_mtia", "is_nested", "is_quantized", "is_sparse",
      "is_sparse_csr", "is_vulkan", "is_xla", "is_xpu"]  # fmt: skip

for _name in NO:
    setattr(Tensor, _name, property(lambda self: False, doc="Always False: there are no such tensors here."))

Tensor.is_cpu = property(lambda self: self.device.type == "cpu", doc="Is it in host memory?")
Tensor.layout = property(lambda self: FUNCTIONS["strided"], doc="How it is stored: always ``strided``.")
Tensor.name = property(lambda self: None if self._x is None else self._x.name, doc="Its name; None for most.")


def _volatile(self: Tensor) -> bool:
    """Always False: a word of before ``no_grad``."""
    warn("volatile was removed (Variable.volatile is always False)")
    return False


Tensor.volatile = property(_volatile, doc=_volatile.__doc__)
Tensor.grad_dtype = property(lambda self: self.dtype, doc="The type of its gradient: its own.")


@method
def get_device(input: Tensor) -> int:
    """get_device(input) -> int

    The number of the GPU; -1 for the CPU.
    """
    index = input.device.index
    return -1 if index is None else index


@method
def is_signed(input: Tensor) -> bool:
    """Can its type hold negative numbers?"""
    return input.dtype.is_signed


@method
def is_conj(input: Tensor) -> bool:
    """Does it show conjugates that are not computed yet? Never here: ``conj`` computes them."""
    return False


@method
def is_neg(input: Tensor) -> bool:
    """Does it show negatives that are not computed yet? Never here."""
    return False


@method
def is_nonzero(input: Tensor) -> bool:
    """is_nonzero(input) -> bool

    Is a tensor of one element different from zero?
    """
    return bool(input)


@method
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Have both the same shape?"""
    return input._a.shape == other._a.shape


@public
def is_inference(input: Tensor) -> bool:
    """Was it made inside ``inference_mode``?"""
    return input.is_inference()


@method
def is_distributed(input: Tensor) -> bool:
    """Is it spread over several machines? Never here."""
    return False


def _is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """is_set_to(tensor) -> bool

    Do both look at the same elements of the same memory in the same way?
    """
    a, b = self._a, tensor._a
    same = a.dtype == b.dtype and a.shape == b.shape and a.strides == b.strides
    return same and self.data_ptr() == tensor.data_ptr()


def _dim_order(self: Tensor, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """dim_order(*, ambiguity_check=False) -> tuple of ints

    The dimensions from the one with the longest steps in memory to the one with the shortest.
    """
    if ambiguity_check is True and len(set(self.stride())) < self._a.ndim:
        raise RuntimeError(
            "The tensor does not have unique dim order, or cannot map to exact one of the given memory formats."
        )
    return tuple(sorted(range(self._a.ndim), key=lambda d: -self.stride()[d]))


Tensor.is_set_to, Tensor.dim_order = _is_set_to, _dim_order
Tensor.const_data_ptr = Tensor.data_ptr


@public
def typename(obj: Any) -> str:
    """typename(obj) -> str

    The type of a tensor (``torch.FloatTensor``), or of any object or class with its module.
    """
    if isinstance(obj, Tensor):
        return obj.type()
    cls = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(cls, "__module__", "") or ""
    return cls.__qualname__ if module in ("", "builtins") else f"{module}.{cls.__qualname__}"


# ------------------------------------------------------------------ what only other kinds of tensor can do
def _not_here(name: str, words: str) -> Any:
    def refuse(self: Tensor, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"{name}(): {words}")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Raises NotImplementedError: {words}"
    return refuse


for _name in ("to_sparse", "to_sparse_coo", "to_sparse_csr", "to_sparse_csc", "to_sparse_bsr", "to_sparse_bsc",
              "sparse_mask", "sparse_resize_", "sparse_resize_and_clear_"):  # fmt: skip
    setattr(Tensor, _name, _not_here(_name, "Glasstorch has no sparse tensors. Keep the tensor dense."))
for _name in ("q_scale", "q_zero_point", "q_per_channel_axis", "q_per_channel_scales", "q_per_channel_zero_points",
              "qscheme", "int_repr"):  # fmt: skip
    setattr(
        Tensor, _name, _not_here(_name, "the tensor is not quantized: torch.quantize_per_tensor does that.")
    )
Tensor.to_mkldnn = _not_here("to_mkldnn", "Glasstorch has no oneDNN tensors; the plain one does the same.")


def _expects(name: str, layout: str) -> Any:
    def refuse(self: Tensor, *args: Any) -> NoReturn:
        raise RuntimeError(f"{name} expected sparse {layout} tensor layout but got Strided")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Raises RuntimeError: the tensor is not sparse."
    return refuse


for _name, _kind in (("coalesce", "coordinate"), ("is_coalesced", "coordinate"), ("indices", "coordinate"),
                     ("crow_indices", "row compressed"), ("col_indices", "row compressed"),
                     ("ccol_indices", "column compressed"), ("row_indices", "column compressed")):  # fmt: skip
    setattr(Tensor, _name, _expects(_name, _kind))


def _values(self: Tensor) -> NoReturn:
    """Raises RuntimeError: the tensor is not sparse."""
    raise RuntimeError("values expected sparse tensor layout but got Strided")


Tensor.values = _values


def _sparse_dim(self: Tensor) -> int:
    """The number of sparse dimensions: none."""
    return 0


def _dense_dim(self: Tensor) -> int:
    """The number of dense dimensions: all."""
    return self._a.ndim


Tensor.sparse_dim, Tensor.dense_dim = _sparse_dim, _dense_dim


def _to_dense(self: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """to_dense(dtype=None) -> Tensor

    The tensor itself: it is dense.
    """
    return self if dtype is None else self.to(dtype)


def _dequantize(self: Tensor) -> Tensor:
    """dequantize() -> Tensor

    The tensor as float32.
    """
    return self.to(dt.float32)


Tensor.to_dense = _to_dense
Tensor.dequantize = FUNCTIONS["dequantize"] = _dequantize
