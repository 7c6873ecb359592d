"""``save``: objects as pickles that carry PyTorch's names, with the memory of their tensors beside them."""

from __future__ import annotations

import functools
import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

from .. import backends
from ..backends.memory import bytes_of
from ..core import dtype as dt
from ..core.device import device
from ..core.quantized import QuantizedTensor, qscheme
from ..core.results import CLASSES
from ..core.tensor import Tensor, wrap
from ..nn.parameter import Parameter, UninitializedTensorMixin
from ..ops.layout import layout, memory_format
from ..storage import STORAGE_CLASSES, TypedStorage, UntypedStorage, is_storage, storage_name
from ..storage.tensors import row_by_row
from ..utils.hooks import warn_if_has_hooks
from . import config, legacy
from .archive import ArchiveWriter
from .locations import location_tag
from .names import file_name
from .rebuild import (
    QUANTIZED_STORAGES,
    REBUILD,
    get_layout,
    rebuild_from_type_v2,
    rebuild_parameter,
    rebuild_parameter_with_state,
    rebuild_qtensor,
    rebuild_tensor_v2,
    rebuild_tensor_v3,
)
from .replacing import replacing

_PythonsPickler: Any = pickle._Pickler  # type: ignore[attr-defined]
_PATHS = {fn: path for path, fn in REBUILD.items()}


def save(obj: Any, f: Any, pickle_module: Any = pickle, pickle_protocol: int = 2,
         _use_new_zipfile_serialization: bool = True, _disable_byteorder_record: bool = False) -> None:  # fmt: skip
    """save(obj, f, pickle_module=pickle, pickle_protocol=2)

    Write an object to ``f``: a path, or a file open for writing. PyTorch reads the file as one of its own.

    Tensors keep their type, shape, strides and ``requires_grad``; those that share memory share it again after
    ``load``. The whole memory behind a tensor is written, also when the tensor shows only a part: ``clone()`` a small
    part of something large first. Best saved is a ``state_dict()``, which any ``load`` accepts; whole modules load with
    ``weights_only=False`` only. The pickler is always the one here, whatever ``pickle_module`` says.

    A file that exists is replaced in one step when all is written: a program that is stopped, or a full disk, leaves
    the old one whole.

    Source: https://pytorch.org/docs/stable/generated/torch.save.html
    """
    if config.SKIPPING.now and not _use_new_zipfile_serialization:
        raise RuntimeError("Cannot use skip_data=True with _use_new_zipfile_serialization=False")
    path = isinstance(f, (str, os.PathLike))
    if not path and not hasattr(f, "write"):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute"
        )
    if path and not Path(f).parent.is_dir():
        raise RuntimeError(f"Parent directory {Path(f).parent} does not exist.")
    # First the pickle, which may fail, then the file: an object that cannot be saved writes nothing, to streams either.
    storages: dict[str, UntypedStorage] = {}
    if _use_new_zipfile_serialization:
        buffer = io.BytesIO()
        FilePickler(buffer, pickle_protocol, storages, tail=()).dump(obj)
        body: Any = buffer.getvalue()
    else:
        body = io.BytesIO()
        legacy.write_head(body, pickle_protocol)
        pickler = FilePickler(body, pickle_protocol, storages, tail=(None,))
        pickler.dump(obj)
    if not path:
        _write(f, body, storages, "archive", not _disable_byteorder_record, pickle_protocol)
        return
    stem = Path(f).name.rpartition(".")[0] or Path(f).name
    with replacing(f) as file:
        name = stem if stem.isascii() else "archive"
        _write(file, body, storages, name, not _disable_byteorder_record, pickle_protocol)


def _write(file: Any, body: Any, storages: dict, name: str, byteorder: bool, protocol: int) -> None:
    if not isinstance(body, bytes):
        file.write(body.getvalue())
        legacy.write_storages(file, storages, protocol)
        return
    with ArchiveWriter(file, name) as writer:
        writer.write("data.pkl", body)
        writer.write(".format_version", b"1")
        writer.write(".storage_alignment", str(config.save.storage_alignment).encode())
        if byteorder:
            writer.write("byteorder", sys.byteorder.encode())
        for key, (storage, _) in storages.items():
            if config.SKIPPING.now:
                writer.leave_room(f"data/{key}", storage.nbytes())
            else:
                writer.write(f"data/{key}", memoryview(storage.cpu()._a))


class FilePickler(_PythonsPickler):
    """Python's pickler, with three changes: memory goes beside the pickle, tensors are noted as PyTorch notes them,
    and our classes and functions get PyTorch's names.

    (The pickler written in Python, because the one in C looks every name up and writes no others.)
    """

    dispatch: ClassVar[dict] = dict(_PythonsPickler.dispatch)

    def __init__(self, file: Any, protocol: int, storages: dict, tail: tuple) -> None:
        super().__init__(file, protocol=protocol)
        self.storages, self.tail = storages, tail
        self.keys: dict[Any, str] = {}  # by address
        self.dtypes: dict[int, dt.dtype] = {}

    # ------------------------------------------------------------------ memory
    def persistent_id(self, obj: Any) -> Any:
        """What stands in the pickle for a storage: its class, its record, its device, its number of elements."""
        if not is_storage(obj):
            return None
        memory = obj.untyped()
        dtype = obj.dtype if isinstance(obj, TypedStorage) else dt.uint8
        where = memory.data_ptr()
        if where and self.dtypes.setdefault(where, dtype) is not dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different types"
            )
        item = dt.numpy_dtype(dtype).itemsize
        key = self.keys.setdefault(where or ("empty", id(obj)), str(len(self.keys)))
        self.storages.setdefault(key, (memory, item))
        cls = STORAGE_CLASSES[storage_name(dtype)] if isinstance(obj, TypedStorage) else UntypedStorage
        cls = getattr(obj, "of_quantized", cls)
        return ("storage", cls, key, location_tag(memory), memory.nbytes() // item, *self.tail)

    # ------------------------------------------------------------------ tensors
    def reducer_override(self, obj: Any) -> Any:
        """How to make an object again, where PyTorch has its own way."""
        if isinstance(obj, Tensor):
            return _reduced(obj)
        if isinstance(obj, QuantizedTensor):
            return _reduced_integers(obj)
        if isinstance(obj, (dt.dtype, qscheme)):
            return obj.name
        if isinstance(obj, device):
            return device, ((obj.type,) if obj.index is None else (obj.type, obj.index))
        if isinstance(obj, layout):
            return get_layout, (str(obj),)
        if isinstance(obj, tuple) and CLASSES.get(type(obj).__name__) is type(obj):
            return type(obj), (tuple(obj), {})
        return NotImplemented

    # ------------------------------------------------------------------ names
    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Write the name of a class or function: PyTorch's for ours."""
        if isinstance(obj, (dt.dtype, memory_format, qscheme)):
            found: tuple[str, str] | None = ("torch", obj.name)
        elif isinstance(obj, types.FunctionType) and obj in _PATHS:
            module, _, last = _PATHS[obj].rpartition(".")
            found = module, last
        else:
            found = file_name(obj)
        if found is None:
            super().save_global(obj, name)
            return
        *outer, last = found[1].split(".")
        if outer and self.proto < 4:  # protocols before 4 know no dots in names
            holder = functools.reduce(getattr, outer, sys.modules[obj.__module__])
            self.save_reduce(getattr, (holder, last), obj=obj)
            return
        if self.proto >= 4:
            self.save(found[0])
            self.save(found[1])
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{found[0]}\n{found[1]}\n".encode())
        self.memoize(obj)

    def _save_class(self, obj: Any) -> None:
        if obj in (type(None), type(NotImplemented), type(...)):
            self.save_type(obj)
        else:
            self.save_global(obj)

    dispatch[types.FunctionType] = save_global
    dispatch[type] = _save_class


def _reduced(t: Tensor) -> tuple:
    """The call that makes a tensor again."""
    warn_if_has_hooks(t)
    if isinstance(t, UninitializedTensorMixin):
        return type(t), (t.requires_grad,)
    attributes = dict(t.__dict__)
    if type(t) is Parameter:
        plain = wrap(t._a)
        if attributes:
            return rebuild_parameter_with_state, (plain, t._rg, OrderedDict(), attributes)
        return rebuild_parameter, (plain, t._rg, OrderedDict())
    fn, args = _plain(t)
    if type(t) is Tensor and not attributes:
        return fn, args
    return rebuild_from_type_v2, (fn, type(t), args, attributes)


def _reduced_integers(q: QuantizedTensor) -> tuple:
    """The call that makes a quantized tensor again: its integers, and what they stand for."""
    storage, *where = _plain(q._ints)[1]
    storage.of_quantized = QUANTIZED_STORAGES[q._ints.dtype]  # the class under which the file names it
    parameters = (q.qscheme(), q._scale, q._zero_point, *([] if q._axis is None else [q._axis]))
    return rebuild_qtensor, (storage, *where[:3], parameters, False, OrderedDict())


def _plain(t: Tensor) -> tuple:
    a, item = t._a, t._a.itemsize
    memory = bytes_of(backends.owner_of(a)) if a.size else a.reshape(-1).view("uint8")
    start = backends.address(a) - backends.address(memory) if a.size else 0
    if start % item or start < 0 or any(s % item or s < 0 for s in a.strides):
        a = a.copy()  # steps that PyTorch does not know: backwards, or not whole elements
        memory, start = bytes_of(a), 0
    stride = tuple(s // item for s in a.strides) if a.size else row_by_row(a.shape)
    storage = UntypedStorage.over(memory)
    dtype = t.dtype
    common: tuple = (start // item, tuple(a.shape), stride, t._rg, OrderedDict())
    if storage_name(dtype) == "UntypedStorage":
        return rebuild_tensor_v3, (storage, *common, dtype)
    typed = TypedStorage(wrap_storage=storage, dtype=dtype, _internal=True)
    return rebuild_tensor_v2, (typed, *common)
