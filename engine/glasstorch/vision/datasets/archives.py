"""Unpacking .zip, .tar and compressed files that came from elsewhere, so that none can write where it should not.

An archive is unpacked into a fresh folder beside its goal and moved into place at the end, so what is there is
complete. Refused are entries that would land outside (``../x``, ``/etc/x``), links that lead outside, devices, and
"bombs": archives that unpack to far more than any data set's (`docs.python.org/3/library/tarfile.html`, extraction
filters; D. Fifield, "A better zip bomb", 2019).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ...utils.progress import in_bytes

OPENERS: dict[str, Callable[..., Any]] = {".bz2": bz2.open, ".gz": gzip.open, ".xz": lzma.open}
ARCHIVES = (".tar", ".zip")
ALIASES = {".tbz": (".tar", ".bz2"), ".tbz2": (".tar", ".bz2"), ".tgz": (".tar", ".gz")}

# Nothing that is published as a data set unpacks to 200 times its size. Small files may: a page of zeros does.
BOMB_RATIO, BOMB_BYTES = 200, 1 << 30

DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile)


class UnsafeArchiveError(RuntimeError):
    """The archive would write outside its folder, or fill the disk."""


def kind_of(file: str | Path) -> tuple[str, str | None, str | None]:
    """By its name: the suffix that unpacking takes off, the kind of archive, the compression."""
    suffixes = Path(file).suffixes
    if not suffixes:
        raise RuntimeError(
            f"File '{file}' has no suffixes that could be used to detect the archive type and compression."
        )
    last = suffixes[-1]
    if last in ALIASES:
        return (last, *ALIASES[last])
    if last in ARCHIVES:
        return last, last, None
    if last in OPENERS:
        before = suffixes[-2] if len(suffixes) > 1 else ""
        return (before + last, before, last) if before in ARCHIVES else (last, None, last)
    known = sorted({*ALIASES, *ARCHIVES, *OPENERS})
    raise RuntimeError(f"Unknown compression or archive type: '{last}'.\nKnown suffixes are: '{known}'.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """A damaged archive names itself."""
    try:
        yield
    except (OSError, *DAMAGED) as error:
        if getattr(error, "errno", None) is not None:  # the disk's trouble, not the archive's
            raise
        raise RuntimeError(
            f"{path} is damaged or not what its name says ({type(error).__name__}: {error}). "
            "Delete it and download it again."
        ) from error


class _Measure:
    """Counts what unpacking will take, against the archive's own size and the disk."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.archive, self.total = archive, 0
        self.limit = max(BOMB_BYTES, BOMB_RATIO * archive.stat().st_size)
        self.free = shutil.disk_usage(folder).free

    def add(self, count: int) -> None:
        self.total += count
        if self.total > self.limit:
            raise UnsafeArchiveError(
                f"{self.archive} unpacks to more than {in_bytes(self.limit)}, {BOMB_RATIO} times its own size or "
                "more: no data set does that. Nothing of it was kept."
            )
        if self.total > self.free:
            raise OSError(
                28,
                f"unpacking needs more than the {in_bytes(self.free)} that its disk has",
                str(self.archive),
            )


def decompress(path: Path, target: Path, compression: str) -> None:
    """Write to ``target`` what a .gz, .bz2 or .xz file holds; it appears only when it is complete."""
    measure = _Measure(path, target.parent)
    handle, part = tempfile.mkstemp(prefix=target.name + ".", suffix=".part", dir=target.parent)
    try:
        with _reading(path), os.fdopen(handle, "wb") as out, OPENERS[compression](path, "rb") as packed:
            while chunk := packed.read(1 << 20):
                measure.add(len(chunk))
                out.write(chunk)
        os.chmod(part, 0o644)
        os.replace(part, target)
    finally:
        Path(part).unlink(missing_ok=True)


def unpack(path: Path, folder: Path, archive: str, compression: str | None) -> None:
    """Unpack a .tar or .zip file into a folder, over what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder) as fresh, _reading(path):
        measure = _Measure(path, folder)
        if archive == ".tar":
            _untar(path, Path(fresh), compression, measure)
        else:
            _unzip(path, Path(fresh), measure)
        _move(Path(fresh), folder)


def _move(source: Path, goal: Path) -> None:
    for entry in list(source.iterdir()):
        place = goal / entry.name
        try:
            os.replace(entry, place)
        except (
            OSError
        ):  # a folder does not replace one with content, which another process may just have put there
            if entry.is_symlink() or not (entry.is_dir() and place.is_dir()):
                raise
            _move(entry, place)


def _check_names(path: Path, names: Iterable[str]) -> None:
    for name in names:
        inside = PurePosixPath(name.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts:
            raise UnsafeArchiveError(f"{path} holds an entry that would land outside its folder: {name!r}")


def _unzip(path: Path, folder: Path, measure: _Measure) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _check_names(path, (entry.filename for entry in entries))
        for entry in entries:
            measure.add(entry.file_size)  # reading stops at this size, whatever follows
        archive.extractall(folder)  # links come out as files that hold their goal's name


def _untar(path: Path, folder: Path, compression: str | None, measure: _Measure) -> None:
    """Files first, then hard links to them, then symbolic links: so nothing is ever written through a link."""
    later: dict[bool, list[tarfile.TarInfo]] = {False: [], True: []}
    packed: IO[bytes]
    with OPENERS.get(compression or "", open)(path, "rb") as packed, tarfile.open(fileobj=packed) as archive:
        for member in archive:
            _check_names(path, [member.name])
            measure.add(member.size)
            if member.islnk() or member.issym():
                later[member.issym()].append(member)
            else:
                archive.extract(member, folder, filter="data")
        links = later[False] + later[True]
        for member in links:
            archive.extract(member, folder, filter="data")
    home = folder.resolve()
    for member in links:
        place = folder / member.name
        try:
            inside = place.resolve(strict=True).is_relative_to(home) and place.is_symlink() == member.issym()
        except (OSError, RuntimeError):  # to nowhere, or in circles
            inside = False
        if not inside:
            raise UnsafeArchiveError(f"{path} holds a link that leads outside its folder: {member.name!r}")
