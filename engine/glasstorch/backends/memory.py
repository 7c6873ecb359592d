"""The memory behind host arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


class _Bytes:
    """What NumPy asks of memory that is not laid out densely (a strided array over a foreign buffer)."""

    def __init__(self, array: np.ndarray) -> None:
        low, high = np.lib.array_utils.byte_bounds(array)
        self.array = array  # keeps the memory alive
        self.__array_interface__ = {
            "version": 3, "typestr": "|u1", "shape": (high - low,), "data": (low, not array.flags.writeable),
        }  # fmt: skip


def bytes_of(array: Any) -> Any:
    """All bytes of the memory that an array owns, as a one-dimensional array over that memory."""
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])
    dense = array.transpose(order)
    if dense.flags.c_contiguous:
        return dense.reshape(-1).view(np.uint8)
    return np.asarray(_Bytes(array))


def owners(array: Any) -> list[Any]:
    """Whatever holds an array's memory: the array it views, the object that one stands on, and so on."""
    chain = []
    while (array := getattr(array, "base", None)) is not None:
        if isinstance(array, memoryview):
            array = array.obj
        chain.append(array)
    return chain
