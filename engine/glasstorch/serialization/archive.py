"""The container of a file since PyTorch 1.6: a zip archive whose records are stored as they are, each at a multiple
of 64 bytes, so that they can be mapped into memory.

    archive/data.pkl   archive/byteorder   archive/data/0   archive/data/1   …   archive/version

Source: https://pytorch.org/docs/stable/notes/serialization.html#serialized-file-format-for-torch-save
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, Any

import numpy as np

from . import config
from .contents import Contents

LOCAL_HEADER = 30  # bytes before a record's name
MAGIC = b"PK\x03\x04"
#: A compressed record (PyTorch stores, but reads both) may grow to this many times the file, and a little more.
MAX_GROWTH, SMALL = 100, 1 << 24


def broken(what: str) -> RuntimeError:
    """PyTorch's error for a damaged archive."""
    return RuntimeError(
        f"PytorchStreamReader failed reading zip archive: {what}. The file is cut, corrupt or none of torch.save's."
    )


class Archive:
    """The records of an archive."""

    def __init__(self, contents: Contents) -> None:
        self.contents, self.data = contents, contents.view
        try:
            with zipfile.ZipFile(Buffer(self.data)) as z:
                entries = z.infolist()
        except (
            zipfile.BadZipFile,
            ValueError,
            NotImplementedError,
            struct.error,
            EOFError,
            OSError,
        ) as error:
            raise broken(f"failed finding central directory ({error})") from error
        if not entries:
            raise broken("it is empty")
        self.name = entries[0].filename.partition("/")[0]
        self.entries = {e.filename: e for e in entries}
        self.left = MAX_GROWTH * len(self.data) + SMALL

    def __contains__(self, record: str) -> bool:
        return f"{self.name}/{record}" in self.entries

    def place(self, record: str) -> tuple[int, zipfile.ZipInfo]:
        """Where a record's bytes begin, and what the directory says of it."""
        info = self.entries.get(f"{self.name}/{record}")
        if info is None:
            raise broken(f"file not found: {self.name}/{record}")
        header = bytes(self.data[info.header_offset : info.header_offset + LOCAL_HEADER])
        if len(header) < LOCAL_HEADER or not header.startswith(MAGIC):
            raise broken(f"no header where {self.name}/{record} should begin")
        name, extra = struct.unpack("<HH", header[26:30])
        start = info.header_offset + LOCAL_HEADER + name + extra
        if start + info.compress_size > len(self.data):
            raise broken(f"{self.name}/{record} reaches beyond the end of the file")
        return start, info

    def read(self, record: str) -> Any:
        """The bytes of a record, without a copy where they are stored plainly."""
        start, info = self.place(record)
        self.count(info.file_size)
        raw = self.data[start : start + info.compress_size]
        return raw if self.is_plain(info) else self.unpacked(raw, info)

    def take(self, record: str) -> np.ndarray:
        """A copy of the bytes of a record."""
        start, info = self.place(record)
        self.count(info.file_size)
        if self.is_plain(info):
            return self.contents.take(start, info.file_size)
        return np.frombuffer(
            self.unpacked(self.data[start : start + info.compress_size], info), np.uint8
        ).copy()

    def count(self, nbytes: int) -> None:
        """Note that so many bytes are taken: a small file must not make many of them."""
        self.left -= nbytes
        if self.left < 0:
            raise broken(f"it would unpack to more than {MAX_GROWTH} times its size, as zip bombs do")

    def is_plain(self, info: zipfile.ZipInfo) -> bool:
        """Are the bytes of a record stored as they are?"""
        if info.flag_bits & 1:
            raise broken("it is encrypted")
        if info.compress_type == zipfile.ZIP_DEFLATED:
            return False
        if info.compress_type != zipfile.ZIP_STORED:
            raise broken(f"unknown compression {info.compress_type}")
        if info.compress_size != info.file_size:
            raise broken(f"two sizes are given for {info.filename}")
        return True

    def unpacked(self, raw: memoryview, info: zipfile.ZipInfo) -> bytes:
        """The bytes of a compressed record."""
        try:
            out = zlib.decompressobj(-15).decompress(raw, info.file_size + 1)
        except zlib.error as error:
            raise broken(f"{info.filename} does not unpack ({error})") from error
        if len(out) != info.file_size:
            raise broken(f"{info.filename} does not have the length given for it")
        return out

    def mapped(self, record: str) -> np.ndarray:
        """The bytes of a plainly stored record in the map of the file."""
        start, info = self.place(record)
        if not self.is_plain(info):
            raise RuntimeError("mmap=True needs records that are stored, not compressed: save the file again")
        return self.contents.shared(start, info.file_size)


class Buffer(io.RawIOBase):
    """A file over memory, for ``zipfile`` and ``pickle``, without a copy of it."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        at = offset + (0, self.at, len(self.data))[whence]
        if at < 0:
            raise OSError("negative seek position")
        self.at = at
        return at

    def read(self, n: int | None = -1) -> bytes:  # type: ignore[override]
        end = len(self.data) if n is None or n < 0 else self.at + n
        part = bytes(self.data[self.at : end])
        self.at += len(part)
        return part

    def readinto(self, buffer: Any) -> int:
        part = self.data[self.at : self.at + len(buffer)]
        buffer[: len(part)] = part
        self.at += len(part)
        return len(part)

    def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        line, end, _ = bytes(self.data[self.at : self.at + 4096]).partition(b"\n")
        self.at += len(line) + len(end)
        return line + end


class _Stream:
    """Only ``write``: places in the archive then count from where it begins, wherever the file stands."""

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write
        self.flush = getattr(file, "flush", lambda: None)


class ArchiveWriter:
    """Writes records one after the other, each aligned. The end of the ``with`` block writes the directory."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        stream: Any = _Stream(file)
        self.zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.digest = hashlib.sha256()

    def write(self, record: str, data: Any) -> None:
        """Add a record. ``data``: bytes, or an array of bytes."""
        self._add(record, memoryview(data).nbytes, [data])

    def leave_room(self, record: str, nbytes: int) -> None:
        """Add a record of zeros, to be filled later."""
        part = bytes(1 << 20)
        self._add(record, nbytes, (part[: nbytes - at] for at in range(0, nbytes, len(part))))

    def _add(self, record: str, nbytes: int, parts: Iterable[Any]) -> None:
        info = zipfile.ZipInfo(f"{self.name}/{record}", (1980, 1, 1, 0, 0, 0))
        # zipfile adds a field to the header of large records
        zip64 = 20 if nbytes * 1.05 > zipfile.ZIP64_LIMIT else 0
        start = self.zip.fp.tell() + LOCAL_HEADER + len(info.filename.encode()) + 4 + zip64  # type: ignore[union-attr]
        padding = -start % config.save.storage_alignment
        info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
        info.file_size = nbytes
        with self.zip.open(info, "w", force_zip64=bool(zip64)) as f:
            for part in parts:
                f.write(part)
        self.digest.update(info.filename.encode() + struct.pack("<QI", nbytes, info.CRC))

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, error: type[BaseException] | None, *rest: Any) -> None:
        if error is not None:
            self.zip.fp = None  # else it would add a directory to what is not finished
            return
        self.write("version", b"3\n")
        self.write(".data/serialization_id", str(int(self.digest.hexdigest()[:32], 16)).zfill(40).encode())
        self.zip.close()
