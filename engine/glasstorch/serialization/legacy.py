"""The formats before PyTorch 1.6: a row of pickles followed by the storages, and before 0.2 a tar archive."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import tarfile
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.tensor import Tensor
from ..storage import TypedStorage, UntypedStorage, tensor_over
from .contents import Contents
from .rebuild import UNFINISHED, BrokenFileError

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
#: How the machine that wrote the file stores numbers: noted in it, but not used by any reader.
SYSTEM = {
    "protocol_version": PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


def load_stream(contents: Contents, read: Callable, restore: Callable) -> tuple[Any, int]:
    """Magic number, version, system, object, the keys of its storages, then each storage: its length, its bytes."""
    from .reading import checked_size, plain_bools, storage_dtype

    data = contents.view
    magic, at = read(data, 0)
    if type(magic) is not int or magic != MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file? This is no file of torch.save.")
    version, at = read(data, at)
    if version != PROTOCOL:
        raise RuntimeError(f"Invalid protocol version: {str(version)[:40]}")
    _, at = read(data, at)
    storages: dict[Any, TypedStorage] = {}
    views: dict[Any, TypedStorage] = {}
    announced = 0

    def persistent_load(saved: Any) -> Any:
        nonlocal announced
        kind = saved[0].decode("ascii", "replace") if isinstance(saved[0], bytes) else saved[0]
        if kind == "module":  # a class, followed by its source as it was
            return saved[1]
        if kind != "storage" or len(saved) not in (5, 6):
            raise BrokenFileError(f"Unknown saved id type: {str(kind)[:40]}")
        _, cls, key, location, numel = saved[:5]
        dtype = storage_dtype(cls)
        if key not in storages:
            nbytes = checked_size(numel, dtype)
            announced += nbytes
            if announced > len(data):
                raise BrokenFileError(
                    f"corrupt file: storages of {announced} bytes are announced in a file of {len(data)} bytes"
                )
            where = location.decode("ascii", "replace") if isinstance(location, bytes) else location
            memory = restore(UntypedStorage.over(np.zeros(nbytes, np.uint8)), where)
            storages[key] = TypedStorage(wrap_storage=memory, dtype=dtype, _internal=True)
        whole = storages[key]
        view = saved[5] if len(saved) == 6 else None
        if view is None:
            return whole
        view_key, offset, length = view
        start, nbytes = checked_size(offset, dtype), checked_size(length, dtype)
        if start + nbytes > whole.nbytes():
            raise BrokenFileError("corrupt file: a part of a storage reaches beyond its end")
        if view_key not in views:
            views[view_key] = TypedStorage(
                wrap_storage=whole.untyped()[start : start + nbytes], dtype=dtype, _internal=True
            )
        return views[view_key]

    changes: list[tuple[Tensor, Callable]] = []
    UNFINISHED.changes = changes
    try:
        result, at = read(data, at, persistent_load)
    finally:
        UNFINISHED.changes = None
    keys, at = read(data, at)
    if not isinstance(keys, (list, tuple)):
        raise BrokenFileError("corrupt file: the list of storages is missing")
    for key in keys:
        if not isinstance(key, (str, bytes, int)) or key not in storages:
            raise BrokenFileError(f"corrupt file: storage {str(key)[:40]!r} was not announced")
        whole = storages[key]
        memory = whole.untyped()
        begin, end = _storage_place(data, at, whole.element_size(), memory.nbytes())
        host = memory.device.type == "cpu"
        taken = contents.take(begin, end - begin, into=memory._a if host else None)
        fresh = memory if host else UntypedStorage.over(taken)
        if sys.byteorder == "big":
            fresh.byteswap(whole.dtype)
        plain = plain_bools(fresh, whole.dtype)
        if plain is not memory:
            memory.copy_(plain)
        at = end
    for t, change in changes:
        t._a = change(t._a)
    return result, at


def _storage_place(data: Any, at: int, itemsize: int, nbytes: int | None) -> tuple[int, int]:
    """Where a storage's bytes begin and end; before them stands its number of elements."""
    if at + 8 > len(data):
        raise EOFError("Ran out of input: the file ends before its storages do, it is cut or corrupt")
    (numel,) = struct.unpack("<q", data[at : at + 8])
    if numel < 0 or (nbytes is not None and numel * itemsize != nbytes):
        raise BrokenFileError(
            f"storage has wrong byte size: expected {nbytes} got {numel * itemsize}. The file is corrupt."
        )
    end = at + 8 + numel * itemsize
    if end > len(data):
        raise EOFError(
            f"Ran out of input: unexpected EOF, expected {end - len(data)} more bytes. The file might be corrupted."
        )
    return at + 8, end


# ---------------------------------------------------------------------- the tar format
def is_tar(data: Any) -> bool:
    """Does a tar archive begin here?"""
    return data[257:262] == b"ustar"


def load_tar(data: Any, read: Callable, restore: Callable) -> Any:
    """The members ``storages``, ``tensors`` (both: pickles and raw numbers in turn) and ``pickle``."""
    from .reading import storage_dtype

    members: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for name in ("storages", "tensors", "pickle"):
            try:
                member = tar.extractfile(name)
            except KeyError:
                member = None
            if member is None:
                raise BrokenFileError(f"corrupt file: the tar archive has no {name!r}")
            members[name] = member.read()
    objects: dict[Any, Any] = {}
    raw = members["storages"]
    count, at = read(raw, 0)
    for _ in range(count):
        (key, location, cls), at = read(raw, at)
        dtype = storage_dtype(cls)
        begin, at = _storage_place(raw, at, dt.numpy_dtype(dtype).itemsize, None)
        memory = restore(
            UntypedStorage.over(np.frombuffer(raw, np.uint8, at - begin, begin).copy()), location
        )
        objects[key] = TypedStorage(wrap_storage=memory, dtype=dtype, _internal=True)
    views, at = read(raw, at)
    for key, root, offset, numel in views:
        whole = objects[root]
        item = whole.element_size()
        part = whole.untyped()[offset * item : (offset + numel) * item]
        objects[key] = TypedStorage(wrap_storage=part, dtype=whole.dtype, _internal=True)
    raw = members["tensors"]
    count, at = read(raw, 0)
    for _ in range(count):
        (key, storage, _), at = read(raw, at)
        objects[key], at = _tar_tensor(raw, at, objects[storage])

    def persistent_load(saved: Any) -> Any:
        return saved[0] if isinstance(saved, tuple) else objects[int(saved)]

    return read(members["pickle"], 0, persistent_load)[0]


def _tar_tensor(raw: bytes, at: int, storage: TypedStorage) -> tuple[Tensor, int]:
    (ndim,) = struct.unpack_from("<i", raw, at)
    at += 8  # four more bytes mean nothing
    if not 0 <= ndim <= 64:
        raise BrokenFileError(f"corrupt file: a tensor cannot have {ndim} dimensions")
    numbers = struct.unpack_from(f"<{2 * ndim + 1}q", raw, at)
    size, stride, offset = numbers[:ndim], numbers[ndim : 2 * ndim], numbers[-1]
    return tensor_over(storage.untyped(), storage.dtype, offset, size, stride), at + 8 * (2 * ndim + 1)


# ---------------------------------------------------------------------- writing
def write_head(file: Any, protocol: int) -> None:
    """What comes before the object's pickle."""
    for part in (MAGIC_NUMBER, PROTOCOL, {**SYSTEM, "little_endian": sys.byteorder == "little"}):
        pickle.dump(part, file, protocol=protocol)


def write_storages(file: Any, storages: dict[str, tuple[UntypedStorage, int]], protocol: int) -> None:
    """What comes after it: the keys, then each storage. ``storages``: memory and bytes of an element, by key."""
    pickle.dump(sorted(storages), file, protocol=protocol)
    for key in sorted(storages):
        memory, item = storages[key]
        raw = memory.cpu()._a
        file.write(struct.pack("<q", raw.size // item))
        file.write(memoryview(raw[: raw.size // item * item]))
