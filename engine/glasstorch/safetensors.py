"""Files in the safetensors format: a JSON header that names tensors, then their bytes. Nothing in them can run.

The functions are those of ``safetensors.torch``, without that package.
Source of the format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import itertools
import json
import math
import mmap
import os
import struct
from typing import Any

import numpy as np

from . import backends
from .core import dtype as dt
from .core.device import device as Device
from .core.tensor import Tensor, wrap
from .serialization.replacing import replacing

MAX_HEADER = 100_000_000
#: The names of element types in files.
DTYPES = {
    "BOOL": dt.bool_, "U8": dt.uint8, "I8": dt.int8, "I16": dt.int16, "U16": dt.uint16, "F16": dt.float16,
    "BF16": dt.bfloat16, "I32": dt.int32, "U32": dt.uint32, "F32": dt.float32, "C64": dt.complex64, "I64": dt.int64,
    "U64": dt.uint64, "F64": dt.float64,
}  # fmt: skip
NAMES = {d: name for name, d in DTYPES.items()}


class SafetensorError(Exception):
    """The file breaks the rules of the format."""


def save_file(tensors: dict[str, Tensor], filename: Any, metadata: dict[str, str] | None = None) -> None:
    """Write named tensors to a file. ``metadata``: texts to keep beside them.

    Each tensor must be contiguous, and no two may share memory: the format has no views. A file that exists is replaced
    in one step when all is written.
    """
    head, order = _header(tensors, metadata)
    with replacing(filename) as f:
        f.write(head)
        for name in order:
            f.write(_raw(tensors[name]))


def save(tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """What ``save_file`` writes, as bytes."""
    head, order = _header(tensors, metadata)
    return b"".join([head, *(_raw(tensors[name]) for name in order)])


def load_file(filename: Any, device: Any = "cpu") -> dict[str, Tensor]:
    """The named tensors of a file, in the order of their names."""
    with safe_open(filename, "pt", device) as f:
        return {name: f.get_tensor(name) for name in f.keys()}  # noqa: SIM118 (a method of safe_open, not a dict's)


def load(data: bytes) -> dict[str, Tensor]:
    """The named tensors in bytes that ``save`` made."""
    entries, _, start = _parse(data[:8], data[8:], len(data))
    memory = bytearray(data)
    return {name: _tensor(memory, start, entries[name]) for name in sorted(entries)}


def save_model(
    model: Any, filename: Any, metadata: dict[str, str] | None = None, force_contiguous: bool = True
) -> None:
    """Write the ``state_dict()`` of a module. What goes by several names (tied weights) is written once, under the
    first of them; the others stand in the metadata. ``force_contiguous``: copy tensors that do not lie row by row."""
    state = model.state_dict()
    for kept, *others in _same_memory(state):
        for name in others:
            metadata = {name: kept, **(metadata or {})}
            del state[name]
    save_file({k: t.contiguous() if force_contiguous else t for k, t in state.items()}, filename, metadata)


def load_model(
    model: Any, filename: Any, strict: bool = True, device: Any = "cpu"
) -> tuple[set[str], list[str]]:
    """Fill a module from a file of ``save_model``. Returns the names that were missing and those of no use;
    with ``strict`` RuntimeError if there are any."""
    missing, unexpected = model.load_state_dict(load_file(filename, device), strict=False)
    missing = set(missing)
    for names in _same_memory(model.state_dict()):
        if not missing.issuperset(names):  # one of the names was in the file, which fills them all
            missing.difference_update(names)
    if strict and (missing or unexpected):
        lines = [f"Error(s) in loading state_dict for {type(model).__name__}:"]
        for what, names in (("Missing", sorted(missing)), ("Unexpected", sorted(unexpected))):
            if names:
                lines.append(f"    {what} key(s) in state_dict: " + ", ".join(f'"{n}"' for n in names))
        raise RuntimeError("\n".join(lines))
    return missing, unexpected


def _same_memory(state: dict[str, Tensor]) -> list[list[str]]:
    """The names, in groups of several, of tensors that are one and the same memory."""
    groups: dict[Any, list[str]] = {}
    for name in sorted(state):
        t = state[name]
        if t.numel():
            groups.setdefault((backends.address(t._a), t.dtype, t.shape, t._a.strides), []).append(name)
    return [names for names in groups.values() if len(names) > 1]


class safe_open:
    """A file whose tensors are read one by one: ``with safe_open(path, "pt") as f: f.get_tensor(name)``.

    The file is mapped into memory: only what is used is read, and writing to a tensor does not reach the file.
    """

    def __init__(self, filename: Any, framework: str = "pt", device: Any = "cpu") -> None:
        self._device = device if isinstance(device, Device) else Device(device)
        with open(filename, "rb") as f:
            length = os.fstat(f.fileno()).st_size
            first = f.read(8)
            self._entries, self._metadata, self._start = _parse(
                first, f.read(_head_length(first, length)), length
            )
            self._data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY)

    def __enter__(self) -> safe_open:
        return self

    def __exit__(self, *exc: Any) -> None:
        del self._data

    def keys(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._entries)

    def offset_keys(self) -> list[str]:
        """The names in the order of the file."""
        return sorted(self._entries, key=lambda n: self._entries[n]["data_offsets"])

    def metadata(self) -> dict[str, str] | None:
        """The texts kept beside the tensors."""
        return self._metadata

    def get_tensor(self, name: str) -> Tensor:
        """One tensor, read from the file."""
        if name not in self._entries:
            raise SafetensorError(f"File does not contain tensor {name}")
        t = _tensor(self._data, self._start, self._entries[name])
        return t if self._device.type == "cpu" else t.to(self._device)

    def get_slice(self, name: str) -> Slice:
        """One tensor of which only a part is to be read: ``f.get_slice(name)[:, 3]``."""
        if name not in self._entries:
            raise SafetensorError(f"File does not contain tensor {name}")
        return Slice(self, name)


class Slice:
    """A tensor in a file: its shape and type, and by indexing parts of it."""

    def __init__(self, file: safe_open, name: str) -> None:
        self._file, self._name = file, name

    def get_shape(self) -> list[int]:
        """Its lengths."""
        return list(self._file._entries[self._name]["shape"])

    def get_dtype(self) -> str:
        """Its type by the name that files use: ``F32``."""
        return self._file._entries[self._name]["dtype"]

    def __getitem__(self, index: Any) -> Tensor:
        # The file is mapped: only the part is read.
        whole = _tensor(self._file._data, self._file._start, self._file._entries[self._name])
        return whole[index].contiguous().to(self._file._device)


# ---------------------------------------------------------------------- writing
def _header(tensors: dict[str, Tensor], metadata: dict[str, str] | None) -> tuple[bytes, list[str]]:
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    for name, t in tensors.items():
        if not isinstance(t, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(t)}")
        if t.dtype not in NAMES:
            raise SafetensorError(f"dtype {t.dtype} of `{name}` is not part of the safetensors format")
        if not t.is_contiguous():
            raise ValueError(
                f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. It either means you "
                "are trying to save tensors which are reference of each other in which case it's recommended to save "
                "only the full tensors, or the tensor is not stored row by row: call .contiguous() before saving."
            )
    _refuse_shared(tensors)
    # Large elements first: every tensor is then aligned to its element.
    order = sorted(tensors, key=lambda n: (-tensors[n].element_size(), n))
    head: dict[str, Any] = {"__metadata__": metadata} if metadata is not None else {}
    end = 0
    for name in order:
        t = tensors[name]
        begin, end = end, end + t.numel() * t.element_size()
        head[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape), "data_offsets": [begin, end]}
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, order


def _refuse_shared(tensors: dict[str, Tensor]) -> None:
    by_owner: dict[int, list[tuple[int, int, str]]] = {}
    for name, t in tensors.items():
        if t.numel():
            at = backends.address(t._a)
            by_owner.setdefault(backends.address(backends.owner_of(t._a)), []).append(
                (at, at + t._a.nbytes, name)
            )
    for parts in by_owner.values():
        parts.sort()
        for (_, end, first), (begin, _, second) in itertools.pairwise(parts):
            if begin < end:
                raise RuntimeError(
                    f"Some tensors share memory, this will lead to duplicate memory on disk and potential differences "
                    f"when loading them again: {{{first!r}, {second!r}}}. Save one of them, or .clone() the other."
                )


def _raw(t: Tensor) -> bytes:
    return backends.move(t._a, "cpu", None).reshape(-1).view(np.uint8).tobytes()


# ---------------------------------------------------------------------- reading
def _head_length(first: bytes, length: int) -> int:
    if len(first) < 8:
        raise SafetensorError(
            "Error while deserializing header: header too small, a file has at least 8 bytes"
        )
    (n,) = struct.unpack("<Q", first)
    if n > MAX_HEADER:
        raise SafetensorError(f"Error while deserializing header: header too large ({n} bytes)")
    if 8 + n > length:
        raise SafetensorError(
            f"Error while deserializing header: invalid header length {n} in {length} bytes"
        )
    return n


def _parse(first: bytes, rest: bytes, length: int) -> tuple[dict[str, Any], dict[str, str] | None, int]:
    """The entries of the header, its texts, and where the data begins. SafetensorError for what breaks the rules."""
    n = _head_length(first, length)
    try:
        head = json.loads(rest[:n].decode("utf-8"), object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise SafetensorError(f"Error while deserializing header: invalid JSON in header: {error}") from None
    if not isinstance(head, dict):
        raise SafetensorError("Error while deserializing header: the header must be a JSON object")
    metadata = head.pop("__metadata__", None)
    if metadata is not None and not (
        isinstance(metadata, dict) and all(isinstance(v, str) for v in metadata.values())
    ):
        raise SafetensorError("Error while deserializing header: __metadata__ must map texts to texts")
    for name, entry in head.items():
        _check_entry(name, entry)
    at = 0
    for name in sorted(head, key=lambda k: head[k]["data_offsets"]):
        begin, end = head[name]["data_offsets"]
        if begin != at:
            raise SafetensorError(f"Error while deserializing header: invalid offset for tensor `{name}`")
        at = end
    if 8 + n + at != length:
        raise SafetensorError(
            f"Error while deserializing header: incomplete metadata, file not fully covered: {length - 8 - n} bytes of "
            f"data, {at} are named"
        )
    return head, metadata, 8 + n


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        raise ValueError("a name is given twice")
    return out


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 2**63 for v in values)


def _check_entry(name: str, entry: Any) -> None:
    where = f"Error while deserializing header: tensor `{name}`"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise SafetensorError(f"{where} must have dtype, shape and data_offsets")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
        raise SafetensorError(f"{where} has the unknown dtype {str(entry['dtype'])[:20]!r}")
    shape, offsets = entry["shape"], entry["data_offsets"]
    if (
        not _whole(shape)
        or len(shape) > 64
        or not _whole(offsets)
        or len(offsets) != 2
        or offsets[0] > offsets[1]
    ):
        raise SafetensorError(f"{where} has an invalid shape or data_offsets")
    if math.prod(shape) * dt.numpy_dtype(DTYPES[entry["dtype"]]).itemsize != offsets[1] - offsets[0]:
        raise SafetensorError(
            f"{where} has data_offsets {offsets} that do not fit shape {shape} of {entry['dtype']}"
        )


def _tensor(data: Any, start: int, entry: dict[str, Any]) -> Tensor:
    begin, end = entry["data_offsets"]
    raw = np.frombuffer(data, np.uint8, end - begin, start + begin)
    kind = dt.numpy_dtype(DTYPES[entry["dtype"]])
    if kind.kind == "b" and (raw > 1).any():
        raw = (raw != 0).view(np.uint8)
    if (start + begin) % kind.itemsize:
        raw = raw.copy()  # files need not begin each tensor at a multiple of its element, arrays do
    return wrap(raw.view(kind).reshape(entry["shape"]))


__all__ = [
    "SafetensorError",
    "load",
    "load_file",
    "load_model",
    "safe_open",
    "save",
    "save_file",
    "save_model",
]
