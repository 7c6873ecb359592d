"""A tensor as what lies in memory: every number by its place, and the arithmetic from an index to a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from glasstorch import Tensor

from ..engine import torch

MOST_READ = 20_000  # numbers in one answer to the browser
EXACT = 2**53  # whole numbers beyond it are no exact doubles

Ranges = Sequence[Sequence[int]]


class Memory:
    """Reads a tensor's storage at chosen places; only what is read is copied from a GPU.

    The numbers are doubles (true and false are 1 and 0), complex ones two doubles each. The history of the tensor is
    not kept.

    Args:
        tensor: a dense tensor.
    """

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor.detach()
        self.shape = tuple(tensor.shape)
        self.stride: tuple[int, ...] = tuple(tensor.stride())
        self.offset = int(tensor.storage_offset())
        storage = tensor.untyped_storage()
        self.total = storage.nbytes() // tensor.element_size()
        self._flat = torch.empty(0, dtype=tensor.dtype, device=tensor.device)
        self._flat.set_(storage, 0, (self.total,), (1,))

    def place(self, index: Sequence[int]) -> int:
        """Where an element lies, counted in elements from the start of the storage."""
        steps: int = sum(i * s for i, s in zip(index, self.stride, strict=True))
        return self.offset + steps

    def places(self) -> np.ndarray:
        """The place of every element, in the tensor's shape."""
        out = np.full(self.shape, self.offset, np.int64)
        for axis, (size, stride) in enumerate(zip(self.shape, self.stride, strict=True)):
            out += (np.arange(size) * stride).reshape((-1,) + (1,) * (len(self.shape) - axis - 1))
        return out

    def read(self, places: np.ndarray) -> np.ndarray:
        """The numbers there: float64 of shape (n,), or (n, 2) for complex ones.

        Raises:
            ValueError: a place outside the storage.
        """
        if places.size and (places.min() < 0 or places.max() >= self.total):
            raise ValueError(f"this storage has the places 0 to {self.total - 1}")
        found = self._flat[torch.from_numpy(places.astype(np.int64)).to(self._flat.device)]
        if found.is_complex():
            found = torch.view_as_real(found.resolve_conj())
        numbers: np.ndarray = found.cpu().to(torch.float64).numpy()
        return numbers

    def exact(self, places: np.ndarray) -> dict[str, str]:
        """Whole numbers too large for a double, as text, by place."""
        if self._flat.dtype not in (torch.int64, torch.uint64) or not places.size:
            return {}
        found = self._flat[torch.from_numpy(places.astype(np.int64)).to(self._flat.device)].tolist()
        return {str(int(at)): str(value) for at, value in zip(places, found) if abs(value) > EXACT}

    def message(self, ranges: Ranges) -> dict[str, Any]:
        """What the browser asked for: each range is (first place, step, how many).

        Raises:
            ValueError: more than 20 000 numbers, or a place outside the storage.
        """
        rows = [(int(a), int(step), int(n)) for a, step, n in ranges]
        if any(n < 0 for _, _, n in rows) or sum(n for _, _, n in rows) > MOST_READ:
            raise ValueError(f"at most {MOST_READ} numbers can be shown at once")
        places = np.concatenate([a + step * np.arange(n) for a, step, n in rows] or [np.zeros(0, np.int64)])
        numbers = self.read(places)
        return {"ranges": rows, "exact": self.exact(places), "data": numbers.astype("<f8").tobytes()}
