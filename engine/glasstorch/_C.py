# ruff: noqa: N999  (named as in PyTorch)
"""The few names of PyTorch's native module that ``__torch_function__`` code uses.

Source: https://pytorch.org/docs/stable/notes/extending.html
"""

from .core import overrides as _overrides
from .core.tensor import Tensor as TensorBase

DisableTorchFunction = _overrides.without_overrides
DisableTorchFunctionSubclass = _overrides.without_subclasses
_disabled_torch_function_impl = _overrides.disabled_torch_function

__all__ = [
    "DisableTorchFunction",
    "DisableTorchFunctionSubclass",
    "TensorBase",
    "_disabled_torch_function_impl",
]
