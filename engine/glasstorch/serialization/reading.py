"""``load``: which format a file has, whom to trust, and the storages of the zip format."""

from __future__ import annotations

import mmap as memory_maps
import os
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.frames import warn
from ..storage import TypedStorage, UntypedStorage
from . import config, legacy
from .allowed import NAMES
from .archive import MAGIC, Archive, Buffer, broken
from .contents import Contents
from .locations import restorer
from .names import find
from .rebuild import BrokenFileError
from .unpickle import WeightsUnpickler

#: What loads a pickle: from data and a position, with a function for storages, to the object and the new position.
Reader = Callable[..., tuple[Any, int]]


def load(f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: bool | None = None,
         mmap: bool | None = None, **pickle_load_args: Any) -> Any:  # fmt: skip
    """load(f, map_location=None, pickle_module=pickle, *, weights_only=True, mmap=None, **pickle_load_args)

    Read an object that ``save`` (or PyTorch's) wrote to ``f``: a path, or a file open for reading that can seek.

    A pickle can run any program while it is read. With ``weights_only=True``, the default, nothing is run: the file
    may hold tensors, parameters, plain containers, numbers and strings, and what ``serialization.add_safe_globals``
    allows. Use ``weights_only=False`` only for files that you trust. The environment variables
    ``TORCH_FORCE_WEIGHTS_ONLY_LOAD=1`` and ``TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1`` set it for a whole program: the
    first in all calls, the second where a call does not say.

    Args:
        map_location: where to put the tensors: a device or its name; a dictionary from saved to wanted names; or a
            function of (storage in host memory, location) that returns a storage or None.
        mmap: map the file into memory instead of reading it; for a path to a file in the zip format. Changes to the
            tensors do not reach the file, unless ``serialization.set_default_mmap_options`` says so.
        encoding: how to read the strings of Python 2's pickles (default ``utf-8``).

    Raises ``pickle.UnpicklingError`` for what may not be loaded, RuntimeError or EOFError for broken files.
    Source: https://pytorch.org/docs/stable/generated/torch.load.html
    """
    weights_only = _forced(weights_only)
    if weights_only is None:
        weights_only = pickle_module is None
    elif weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    mmap = config.load.mmap if mmap is None else mmap
    if mmap and not isinstance(f, (str, os.PathLike)):
        raise ValueError("f must be a file path in order to use the mmap argument")
    pickle_load_args.setdefault("encoding", "utf-8")
    read = (
        safe_reader(pickle_load_args["encoding"])
        if weights_only
        else trusting_reader(pickle_module, pickle_load_args)
    )
    restore = restorer(map_location)
    if isinstance(f, (str, os.PathLike)):
        shared = bool(mmap) and config.load.mmap_flags == memory_maps.MAP_SHARED
        access = memory_maps.ACCESS_WRITE if shared else memory_maps.ACCESS_COPY
        with open(f, "r+b" if shared else "rb") as file:
            contents = Contents.of(file, access=access if mmap else memory_maps.ACCESS_READ)
            return _load(contents, read, restore, bool(mmap), weights_only)[0]
    for need in ("read", "seek", "tell"):
        if not hasattr(f, need):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute '{need}'. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
    start = f.tell()
    result, end = _load(Contents.from_object(f, start), read, restore, False, weights_only)
    f.seek(start + end)
    return result


def _forced(weights_only: bool | None) -> bool | None:
    """``weights_only`` as PyTorch's environment variables would have it."""
    safe, trusting = (
        os.environ.get(f"TORCH_FORCE_{name}WEIGHTS_ONLY_LOAD", "0").lower() in ("1", "y", "yes", "true")
        for name in ("", "NO_")
    )
    if safe and trusting:
        raise RuntimeError(
            "Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD` or `TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD` should be set, but both "
            "were set."
        )
    if trusting and weights_only is None:
        warn(
            "Environment variable TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD detected: the call does not say `weights_only`, so "
            "the file is loaded with weights_only=False and may run any code.",
        )
        return False
    return True if safe else weights_only


def _load(
    contents: Contents, read: Reader, restore: Callable, mapped: bool, weights_only: bool
) -> tuple[Any, int]:
    data = contents.view
    if len(data) == 0:
        raise EOFError("Ran out of input: the file is empty")
    try:
        if data[:4] == MAGIC:
            return _load_archive(contents, read, restore, mapped), len(data)
        if mapped:
            raise RuntimeError(
                "mmap can only be used with files saved with `torch.save(_use_new_zipfile_serialization=True)`, please "
                "torch.save your checkpoint with this option in order to use mmap."
            )
        if legacy.is_tar(data):
            if weights_only:
                raise RuntimeError(
                    "Cannot use ``weights_only=True`` with files saved in the legacy .tar format. Their pickles can "
                    "run code: if you trust the file, load it with weights_only=False and save it again."
                )
            return legacy.load_tar(data, read, restore), len(data)
        return legacy.load_stream(contents, read, restore)
    except pickle.UnpicklingError as error:
        if not weights_only:
            raise
        raise pickle.UnpicklingError(
            "Weights only load failed. If you trust the file, load it with `weights_only=False`, which can run any "
            f"code that is in it; or allow single names.\nWeightsUnpickler error: {error}"
        ) from None


# ---------------------------------------------------------------------- who reads the pickles
def safe_reader(encoding: str) -> Reader:
    """Reads pickles without running code."""

    def read(data: Any, position: int, persistent_load: Any = None) -> tuple[Any, int]:
        machine = WeightsUnpickler(data, position, encoding, persistent_load)
        return machine.load(), machine.position

    return read


def trusting_reader(module: Any, options: dict[str, Any]) -> Reader:
    """Reads pickles with Python's own machine (or ``module``'s), which runs what they say."""
    module = pickle if module is None else module

    class Unpickler(module.Unpickler):  # type: ignore[misc]
        def find_class(self, mod: str, name: str) -> Any:
            path = f"{mod}.{name}"
            if mod.partition(".")[0] not in ("torch", "torchvision"):
                return super().find_class(mod, name)
            return NAMES[path] if path in NAMES else find(mod, name)

    def read(data: Any, position: int, persistent_load: Any = None) -> tuple[Any, int]:
        file = Buffer(memoryview(data))
        file.seek(position)
        machine = Unpickler(file, **options)
        if persistent_load is not None:
            machine.persistent_load = persistent_load
        return machine.load(), file.tell()

    return read


def storage_dtype(cls: Any) -> dt.dtype:
    """The element type for the storage class that a file names."""
    if cls is UntypedStorage:
        return dt.uint8
    found = getattr(cls, "dtype", None)
    if not isinstance(found, dt.dtype):
        raise BrokenFileError(f"corrupt file: {cls!r} is no storage class")
    return found


# ---------------------------------------------------------------------- the zip format
def _load_archive(contents: Contents, read: Reader, restore: Callable, mapped: bool) -> Any:
    archive = Archive(contents)
    if "constants.pkl" in archive:
        raise RuntimeError(
            "the file is a TorchScript archive (from torch.jit.save): it holds programs, which glasstorch does not "
            "run. Save the module's state_dict() with torch.save instead."
        )
    version = bytes(archive.read("version")).strip()
    if not version.isdigit() or not 1 <= int(version[:6]) <= 10:
        raise broken(f"unknown version {version[:20]!r}")
    order = (
        bytes(archive.read("byteorder")).decode("ascii", "replace")
        if "byteorder" in archive
        else config.assumed_byte_order()
    )
    if order not in ("little", "big"):
        raise ValueError(f"Unknown endianness type: {order[:20]}")
    storages: dict[Any, TypedStorage] = {}

    def persistent_load(saved: Any) -> TypedStorage:
        if len(saved) != 5:
            raise BrokenFileError("corrupt file: a storage is noted with five values")
        _, cls, key, location, numel = saved
        dtype, key = storage_dtype(cls), _text(key)
        if key not in storages:
            nbytes = checked_size(numel, dtype)
            memory = _record(archive, f"data/{key}", nbytes, mapped)
            if order != sys.byteorder:
                memory.byteswap(dtype)
            memory = restore(plain_bools(memory, dtype), _text(location))
            storages[key] = TypedStorage(wrap_storage=memory, dtype=dtype, _internal=True)
        found = storages[key]
        if found.dtype is dtype:
            return found
        return TypedStorage(wrap_storage=found.untyped(), dtype=dtype, _internal=True)

    return read(archive.read("data.pkl"), 0, persistent_load)[0]


def _record(archive: Archive, record: str, nbytes: int, mapped: bool) -> UntypedStorage:
    if config.SKIPPING.now:
        return UntypedStorage.over(np.zeros(nbytes, np.uint8))
    raw = archive.mapped(record) if mapped else archive.take(record)
    if len(raw) < nbytes:
        raise broken(f"{archive.name}/{record} has {len(raw)} bytes, a storage of {nbytes} was announced")
    return UntypedStorage.over(raw[:nbytes])


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        raise BrokenFileError(f"corrupt file: a storage has a name of type {type(value).__name__}")
    return value


def checked_size(numel: Any, dtype: dt.dtype) -> int:
    """Bytes of a storage of ``numel`` elements."""
    if type(numel) is not int or numel < 0:
        raise BrokenFileError(f"corrupt file: a storage cannot have {str(numel)[:40]} elements")
    return numel * dt.numpy_dtype(dtype).itemsize


def plain_bools(memory: UntypedStorage, dtype: dt.dtype) -> UntypedStorage:
    """The storage itself; truth values other than 0 and 1, which NumPy does not expect, are made 1."""
    if dtype is dt.bool_ and (memory._a > 1).any():
        return UntypedStorage.over((memory._a != 0).view(np.uint8))
    return memory
