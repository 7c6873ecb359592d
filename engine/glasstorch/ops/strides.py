"""Fresh tensors with strides of one's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backends import determinism
from ..core.dims import sizes
from ..core.forms import public
from ..core.tensor import Tensor
from .create import _np, finish


@public
def empty_strided(
    size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """empty_strided(size, stride, *, dtype=None, device=None, requires_grad=False) -> Tensor

    An uninitialised tensor whose dimensions step through memory by ``stride`` elements.
    """
    shape, steps = sizes((size,), "empty_strided"), sizes((stride,), "empty_strided,stride")
    if len(shape) != len(steps):
        raise RuntimeError(
            f"dimensionality of sizes ({len(shape)}) must match dimensionality of strides ({len(steps)})"
        )
    if any(n < 0 for n in shape):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    if any(s < 0 for s in steps):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(shape)} and strides={list(steps)}"
        )
    kind = _np(dtype)
    reach = 0 if 0 in shape else 1 + sum((n - 1) * s for n, s in zip(shape, steps, strict=True))
    memory = determinism.fill(np.zeros(reach, kind))
    array = np.ndarray(shape, kind, memory, 0, tuple(s * kind.itemsize for s in steps))
    return finish(array, device, requires_grad, "empty_strided", pin_memory)


@public
def empty_permuted(
    size: Any, physical_layout: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """empty_permuted(size, physical_layout, *, dtype=None, device=None, requires_grad=False) -> Tensor

    An uninitialised dense tensor whose dimensions lie in memory in the order ``physical_layout``, the longest steps
    first.
    """
    shape, order = (
        sizes((size,), "empty_permuted"),
        sizes((physical_layout,), "empty_permuted,physical_layout"),
    )
    if len(shape) != len(order):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    for k, d in enumerate(order):
        if not 0 <= d < len(shape):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(shape) - 1}, but got {d} at index {k})"
            )
    if len(set(order)) < len(order):
        raise RuntimeError("Duplicate dim not allowed")
    strides = [0] * len(shape)
    for k, d in enumerate(order):
        strides[d] = math.prod(shape[e] for e in order[k + 1 :])
    return empty_strided(
        shape, strides, dtype=dtype, device=device, requires_grad=requires_grad, pin_memory=pin_memory
    )


def _new_empty_strided(
    self: Tensor, size: Any, stride: Any, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """new_empty_strided(size, stride, dtype=None, device=None) -> Tensor

    ``empty_strided`` with this tensor's type and place.
    """
    return empty_strided(
        size,
        stride,
        dtype=dtype or self.dtype,
        device=device or self.device,
        requires_grad=requires_grad,
        pin_memory=pin_memory,
    )


Tensor.new_empty_strided = _new_empty_strided
