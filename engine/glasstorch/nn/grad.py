"""Gradients of convolutions by themselves: with respect to the input, or to the weight.

Source: https://pytorch.org/docs/stable/nn.html#module-torch.nn.grad
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autograd import grad
from ..core.mode import enable_grad
from ..core.tensor import Tensor
from . import functional as F


def _input_gradient(n: int) -> Callable:
    def fn(input_size: Any, weight: Tensor, grad_output: Tensor, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Tensor:  # fmt: skip
        x = grad_output.new_zeros(tuple(input_size)).requires_grad_()  # type: ignore[attr-defined]
        with enable_grad():
            y = getattr(F, f"conv{n}d")(x, weight, None, stride, padding, dilation, groups)
        return grad(y, x, grad_output)[0]

    return _named(fn, f"conv{n}d_input", "The gradient of a convolution's input, of shape ``input_size``.")


def _weight_gradient(n: int) -> Callable:
    def fn(input: Tensor, weight_size: Any, grad_output: Tensor, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Tensor:  # fmt: skip
        w = grad_output.new_zeros(tuple(weight_size)).requires_grad_()  # type: ignore[attr-defined]
        with enable_grad():
            y = getattr(F, f"conv{n}d")(input, w, None, stride, padding, dilation, groups)
        return grad(y, w, grad_output)[0]

    return _named(fn, f"conv{n}d_weight", "The gradient of a convolution's weight, of shape ``weight_size``.")


def _named(fn: Callable, name: str, doc: str) -> Callable:
    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = doc
    return fn


conv1d_input, conv1d_weight = _input_gradient(1), _weight_gradient(1)
conv2d_input, conv2d_weight = _input_gradient(2), _weight_gradient(2)
conv3d_input, conv3d_weight = _input_gradient(3), _weight_gradient(3)

__all__ = ["conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight"]
