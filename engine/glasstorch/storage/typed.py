"""``TypedStorage``: the memory behind tensors as numbers of one type, and the classes that know their type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.device import device as Device
from ..core.frames import warn_once
from ..core.tensor import wrap
from .untyped import UntypedStorage


def warn_typed() -> None:
    """PyTorch's warning about typed storages, once in a process."""
    warn_once(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage "
        "class. This should only matter to you if you are using storages directly. To access UntypedStorage "
        "directly, use tensor.untyped_storage() instead of tensor.storage()"
    )


class _OfDtype(type):
    """``isinstance(storage, FloatStorage)`` asks for the element type, as in PyTorch."""

    def __instancecheck__(cls, value: Any) -> bool:
        if cls is TypedStorage:
            return type.__instancecheck__(cls, value)
        fits = type.__instancecheck__(TypedStorage, value) and value.dtype is cls.dtype  # type: ignore[attr-defined]
        return fits and (not cls._on_gpu or value.is_cuda)  # type: ignore[attr-defined]


class TypedStorage(metaclass=_OfDtype):
    """Memory as numbers of one type. Deprecated in PyTorch; kept for old code, ``UntypedStorage`` is what remains.

    ``TypedStorage(n or sequence, dtype=…)``, ``TypedStorage(wrap_storage=untyped, dtype=…)``; or one of the classes
    that know their type, ``FloatStorage([1, 2])``.
    """

    dtype: dt.dtype

    _on_gpu = False

    def __init__(self, *data: Any, wrap_storage: UntypedStorage | None = None, dtype: dt.dtype | None = None,
                 device: Any = None, _internal: bool = False) -> None:  # fmt: skip
        if not _internal:
            warn_typed()
        self.dtype = getattr(type(self), "dtype", None) or dtype or dt.get_default_dtype()
        if self._on_gpu:
            backends.require("cuda")
            device = device or "cuda"
        if wrap_storage is not None:
            if dtype is None and getattr(type(self), "dtype", None) is None:
                raise RuntimeError("TypedStorage: argument 'dtype' must be given with 'wrap_storage'")
            self._untyped_storage = wrap_storage
            return
        kind = dt.numpy_dtype(self.dtype)
        source = data[0] if data else 0
        if isinstance(source, int):
            self._untyped_storage = UntypedStorage(source * kind.itemsize, device=device)
            return
        where = Device("cpu" if device is None else device)
        array = np.array(list(source)).astype(kind)
        self._untyped_storage = UntypedStorage.over(
            backends.move(array.view(np.uint8), where.type, where.index)
        )

    @classmethod
    def from_buffer(cls, buffer: Any, byte_order: str = "native", *, dtype: dt.dtype | None = None, count: int = -1,
                    offset: int = 0) -> TypedStorage:  # fmt: skip
        """A copy of numbers in a buffer, turned round where ``byte_order`` ("little", "big") is not this machine's."""
        kind = getattr(cls, "dtype", None) or dtype or dt.get_default_dtype()
        memory = UntypedStorage.from_buffer(
            buffer, dtype=kind, byte_order=byte_order, count=count, offset=offset
        )
        return cls(wrap_storage=memory, dtype=kind, _internal=True)

    @property
    def _numbers(self) -> Any:
        raw, kind = self._untyped_storage._a, dt.numpy_dtype(self.dtype)
        return raw[: raw.size // kind.itemsize * kind.itemsize].view(kind)

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return self._untyped_storage

    def size(self) -> int:
        """Number of elements."""
        return self._untyped_storage.nbytes() // dt.numpy_dtype(self.dtype).itemsize

    __len__ = size

    def nbytes(self) -> int:
        """Number of bytes."""
        return self._untyped_storage.nbytes()

    def element_size(self) -> int:
        """Bytes of one element."""
        return dt.numpy_dtype(self.dtype).itemsize

    def data_ptr(self) -> int:
        """Address of the first element."""
        return self._untyped_storage.data_ptr()

    device = property(lambda self: self._untyped_storage.device, doc="Where the memory is.")
    is_cuda = property(lambda self: self._untyped_storage.is_cuda, doc="Is it on a GPU?")
    is_sparse = False

    def get_device(self) -> int:
        """The index of its GPU; -1 for the CPU."""
        return self._untyped_storage.get_device()

    def resizable(self) -> bool:
        """False: arrays keep their size."""
        return False

    def resize_(self, size: int) -> TypedStorage:
        """RuntimeError unless ``size`` is the present one."""
        self._untyped_storage.resize_(size * self.element_size())
        return self

    def pickle_storage_type(self) -> str:
        """The name under which files know this type, for example ``FloatStorage``."""
        return storage_name(self.dtype)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        if not isinstance(key, int):
            raise RuntimeError(f"can't index a {type(self).__name__} with {type(key).__name__}")
        if not -len(self) <= key < len(self):
            raise IndexError(f"index {key} is out of bounds for storage of size {len(self)}")
        return wrap(self._numbers[key]).item()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._numbers[key] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def tolist(self) -> list:
        """The elements as a list of numbers."""
        return self._numbers.tolist()

    def fill_(self, value: Any) -> TypedStorage:
        """Set every element."""
        self._numbers[...] = value
        return self

    def copy_(self, source: Any, non_blocking: bool | None = None) -> TypedStorage:
        """Copy (and convert) the elements of another storage into this one."""
        wrap(self._numbers).copy_(wrap(source._numbers if isinstance(source, TypedStorage) else source._a))
        return self

    def clone(self) -> TypedStorage:
        """New memory with the same elements."""
        return typed_numbers(wrap(self._numbers.copy()))

    __copy__ = clone

    def __deepcopy__(self, memo: dict) -> TypedStorage:
        import copy

        return typed_numbers(self, copy.deepcopy(self._untyped_storage, memo))

    def __reduce__(self) -> tuple:
        return _typed_from, (self._untyped_storage, self.dtype)

    def cpu(self) -> TypedStorage:
        """The elements in host memory."""
        return typed_numbers(self, self._untyped_storage.cpu())

    def cuda(self, device: Any = None, non_blocking: bool = False) -> TypedStorage:
        """The elements on a GPU."""
        return typed_numbers(self, self._untyped_storage.cuda(device))

    def to(self, *, device: Any, non_blocking: bool = False) -> TypedStorage:
        """The elements on another device."""
        return typed_numbers(self, self._untyped_storage.to(device=device))

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of its class; with a dtype, the elements in that type."""
        return f"torch.{storage_name(self.dtype)}" if dtype is None else self._convert(dtype)

    def _convert(self, d: dt.dtype) -> TypedStorage:
        return typed_numbers(wrap(self._numbers).to(d))

    def __repr__(self) -> str:
        rows = "".join(f" {x}\n" for x in self)
        return f"{rows}[torch.storage.TypedStorage(dtype={self.dtype}, device={self.device}) of size {len(self)}]"

    __str__ = __repr__


def typed_numbers(source: Any, memory: UntypedStorage | None = None) -> TypedStorage:
    """A typed storage over a contiguous tensor's memory (or over ``memory``, in the type of ``source``)."""
    memory = UntypedStorage.over(source._a.view(np.uint8)) if memory is None else memory
    return TypedStorage(wrap_storage=memory, dtype=source.dtype, _internal=True)


def _typed_from(memory: UntypedStorage, dtype: dt.dtype) -> TypedStorage:
    return TypedStorage(wrap_storage=memory, dtype=dtype, _internal=True)


#: The classes that know their type, by name: ``FloatStorage``, ``LongStorage``, …
STORAGE_CLASSES: dict[str, Any] = {}
_NAME_OF: dict[dt.dtype, str] = {}

for _d in (dt.float64, dt.float32, dt.float16, dt.int64, dt.int32, dt.int16, dt.int8, dt.uint8, dt.bool_, dt.bfloat16,
           dt.complex128, dt.complex64):  # fmt: skip
    _name = f"{_d.legacy}Storage"
    STORAGE_CLASSES[_name] = _OfDtype(
        _name,
        (TypedStorage,),
        {"dtype": _d, "__module__": "glasstorch", "__doc__": f"Memory as {_d!r} numbers."},
    )
    _NAME_OF[_d] = _name


#: The same in GPU memory: ``cuda.FloatStorage``, …
ON_GPU: dict[str, Any] = {
    name: _OfDtype(
        name,
        (cls,),
        {"_on_gpu": True, "__module__": "glasstorch.cuda", "__doc__": f"{cls.__doc__} On a GPU."},
    )
    for name, cls in STORAGE_CLASSES.items()
}


def storage_name(d: dt.dtype) -> str:
    """The name of the typed storage class, ``FloatStorage``; types that came after those classes have none."""
    return _NAME_OF.get(d, "UntypedStorage")


for _name, _d in {"double": dt.float64, "float": dt.float32, "half": dt.float16, "long": dt.int64, "int": dt.int32,
                  "short": dt.int16, "char": dt.int8, "byte": dt.uint8, "bool": dt.bool_, "bfloat16": dt.bfloat16,
                  "complex_double": dt.complex128, "complex_float": dt.complex64}.items():  # fmt: skip
    for _cls in (UntypedStorage, TypedStorage):

        def _cast(self: Any, _d: dt.dtype = _d) -> TypedStorage:
            return self._convert(_d)

        _cast.__name__ = _name
        _cast.__doc__ = f"The elements as {_d!r}."
        setattr(_cls, _name, _cast)
