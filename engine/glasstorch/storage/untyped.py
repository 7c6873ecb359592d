"""``UntypedStorage``: the memory behind tensors, as bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import backends
from ..backends.shared import block_of
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.tensor import wrap


class UntypedStorage:
    """Memory as bytes. ``UntypedStorage(n)`` makes new memory, ``tensor.untyped_storage()`` shows a tensor's own."""

    def __init__(self, *data: Any, device: Any = None) -> None:
        if len(data) > 1:
            raise TypeError(
                f"UntypedStorage() takes a size or a sequence of bytes, got {len(data)} arguments"
            )
        source = data[0] if data else 0
        where = Device("cpu" if device is None else device)
        xp = backends.require(where.type)
        if isinstance(source, int):
            if source < 0:
                raise RuntimeError(f"Storage size must not be negative, got {source}")
            self._a = xp.empty(source, np.uint8)
        else:
            self._a = xp.asarray(np.array(list(source), np.int64).astype(np.uint8))

    @classmethod
    def over(cls, array: Any) -> UntypedStorage:
        """The storage over a one-dimensional array of bytes, without a copy."""
        out = cls.__new__(cls)
        out._a = array
        return out

    @classmethod
    def from_buffer(cls, buffer: Any, *, dtype: dt.dtype = dt.uint8, byte_order: str = sys.byteorder,
                    count: int = -1, offset: int = 0) -> UntypedStorage:  # fmt: skip
        """A copy of bytes, turned round where ``byte_order`` ("little", "big") is not this machine's."""
        item = dt.numpy_dtype(dtype).itemsize
        data = np.frombuffer(buffer, np.uint8, -1 if count < 0 else count * item, offset).copy()
        out = cls.over(data)
        if byte_order not in ("native", sys.byteorder):
            out.byteswap(dtype)
        return out

    @classmethod
    def from_file(cls, filename: str, shared: bool = False, nbytes: int = 0) -> UntypedStorage:
        """The bytes of a file, mapped into memory. With ``shared`` writes reach the file, which is made if need be."""
        if shared:
            with open(filename, "ab") as f:
                f.truncate(max(f.tell(), nbytes))
        size = nbytes or os.path.getsize(filename)
        mapped = (
            np.memmap(filename, np.uint8, "r+" if shared else "c", 0, (size,))
            if size
            else np.empty(0, np.uint8)
        )
        return cls.over(mapped.view(np.ndarray))

    # ------------------------------------------------------------------ what it is
    def nbytes(self) -> int:
        """Number of bytes."""
        return self._a.size

    size = __len__ = nbytes

    def element_size(self) -> int:
        """Bytes of one element: 1."""
        return 1

    def data_ptr(self) -> int:
        """Address of the first byte; 0 for no memory."""
        return backends.address(self._a) if self._a.size else 0

    @property
    def device(self) -> Device:
        """Where the memory is."""
        return Device(*backends.place(self._a))

    is_cuda = property(lambda self: self.device.type == "cuda", doc="Is it on a GPU?")
    is_sparse = False

    def get_device(self) -> int:
        """The index of its GPU; -1 for the CPU."""
        return -1 if self.device.index is None else self.device.index

    def resizable(self) -> bool:
        """False: arrays keep their size, because views point into them."""
        return False

    def resize_(self, size: int) -> UntypedStorage:
        """RuntimeError unless ``size`` is the present one: an array's memory cannot grow under its views."""
        if size != self._a.size:
            raise RuntimeError("Trying to resize storage that is not resizable")
        return self

    def is_shared(self) -> bool:
        """Do other processes see this memory? GPU memory always counts as shared."""
        return self.is_cuda or block_of(self._a) is not None

    def is_pinned(self, device: Any = None) -> bool:
        """False: host memory is not page-locked."""
        return False

    # ------------------------------------------------------------------ bytes
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            if key.step not in (None, 1):
                raise RuntimeError(
                    f"Trying to slice with a step of {key.step}, but only a step of 1 is supported"
                )
            return UntypedStorage.over(self._a[key])
        if isinstance(key, int):
            if not -len(self) <= key < len(self):
                raise IndexError(f"index {key} out of range for storage of size {len(self)}")
            return int(self._a[key])
        raise TypeError(f"can't index a {type(self).__module__}.UntypedStorage with {type(key).__name__}")

    def __setitem__(self, key: Any, value: int) -> None:
        self._a[key] = np.uint8(value)

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def tolist(self) -> list[int]:
        """The bytes as a list of numbers."""
        return self._a.tolist()

    def fill_(self, value: int) -> UntypedStorage:
        """Set every byte."""
        self._a[...] = value
        return self

    def copy_(self, source: Any, non_blocking: bool | None = None) -> UntypedStorage:
        """Copy the bytes of another storage of the same size into this one."""
        other = source._a if isinstance(source, UntypedStorage) else source.untyped()._a
        if other.size != self._a.size:
            raise RuntimeError(
                f"size does not match, self was {self._a.size} bytes but src was {other.size} bytes"
            )
        self._a[...] = backends.move(other, *backends.place(self._a))
        return self

    def byteswap(self, dtype: dt.dtype) -> None:
        """Turn the bytes of each number round, in place: little-endian to big-endian and back."""
        part = dt.numpy_dtype(dtype).itemsize // (2 if dtype.is_complex else 1)
        pairs = self._a[: self._a.size // part * part].reshape(-1, part)
        pairs[...] = pairs[:, ::-1].copy()

    # ------------------------------------------------------------------ copies
    def clone(self) -> UntypedStorage:
        """New memory with the same bytes."""
        return UntypedStorage.over(self._a.copy())

    __copy__ = clone

    def __deepcopy__(self, memo: dict) -> UntypedStorage:
        return memo.setdefault(("storage", self.data_ptr()), self.clone())

    def __reduce__(self) -> tuple:
        return _from_bytes, (backends.move(self._a, "cpu", None).tobytes(),)

    def to(self, *, device: Any, non_blocking: bool = False) -> UntypedStorage:
        """The bytes on another device; itself when they are there."""
        where = Device(device)
        array = backends.move(self._a, where.type, where.index)
        return self if array is self._a else UntypedStorage.over(array)

    def cpu(self) -> UntypedStorage:
        """The bytes in host memory."""
        return self.to(device="cpu")

    def cuda(self, device: Any = None, non_blocking: bool = False) -> UntypedStorage:
        """The bytes on a GPU."""
        return self.to(device="cuda" if device is None else device)

    def untyped(self) -> UntypedStorage:
        """Itself."""
        return self

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of its class."""
        return "torch.storage.UntypedStorage" if dtype is None else self._convert(dtype)

    def _convert(self, d: dt.dtype) -> Any:
        """The numbers of the bytes in another type; a storage of bytes counts as ``uint8``."""
        from .typed import typed_numbers

        return typed_numbers(wrap(self._a).to(d))

    def __repr__(self) -> str:
        rows = "".join(f" {b}\n" for b in self.tolist())
        return f"{rows}[torch.storage.UntypedStorage(device={self.device}) of size {len(self)}]"

    __str__ = __repr__


def _from_bytes(data: bytes) -> UntypedStorage:
    return UntypedStorage.over(np.frombuffer(data, np.uint8).copy())
