"""Bringing a file from the web: streamed, checked, and in place only when it is whole. For ``hub`` and the datasets."""

from __future__ import annotations

import hashlib
import os
import sys
import uuid
from pathlib import Path
from typing import Any

CHUNK = 128 * 1024  # bytes read at a time
TIMEOUT = 30  # seconds without a byte from the server


class ChecksumError(RuntimeError):
    """The file that came is not the one that was asked for."""


class Progress:
    """One line on stderr that says how much of a file has come."""

    def __init__(self, total: int | None, done: int = 0) -> None:
        self.total, self.done, self.shown = total, done, -1

    def add(self, count: int) -> None:
        self.done += count
        shown = 100 * self.done // self.total if self.total else self.done >> 20
        if shown != self.shown:
            self.shown = shown
            sys.stderr.write(f"\r{shown}%" if self.total else f"\r{shown} MB")
            sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\n")


def digest_of(path: str | Path, algorithm: str = "sha256") -> str:
    """The checksum of a file, in hexadecimal digits."""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def download(
    url: str,
    target: str | Path,
    *,
    checksum: str | None = None,
    algorithm: str = "sha256",
    progress: bool = False,
    resume: bool = False,
) -> None:
    """Bring the file at ``url`` to the path ``target``, whose folder exists.

    Args:
        checksum: the digits that the file's checksum begins with; all of them, or PyTorch's first eight.
        algorithm: "sha256", "md5" or another name that ``hashlib`` knows.
        progress: show on stderr how far it is.
        resume: a download that breaks off leaves ``target + ".part"``, and the next one goes on from there. For
            files with a checksum: it alone tells whether the two halves belong together.

    Raises:
        ChecksumError: the checksum is another one; nothing is left behind.
        OSError: no connection, a refusal (``urllib.error.HTTPError``), or a connection that broke off.
    """
    target = Path(target)
    part = target.with_name(f"{target.name}.part" if resume else f"{target.name}.{uuid.uuid4().hex}.part")
    keep = False
    try:
        try:
            _stream(url, part, progress)
        except OSError:
            keep = resume
            raise
        if checksum and not (found := digest_of(part, algorithm)).startswith(checksum):
            raise ChecksumError(
                f'invalid hash value (expected "{checksum}", got "{found}"): {url} is not the official file, '
                "or was changed on its way"
            )
        os.replace(part, target)
    finally:
        if not keep:
            part.unlink(missing_ok=True)


def _stream(url: str, part: Path, progress: bool) -> None:
    """Append to the file ``part`` what it still lacks."""
    from http.client import HTTPException
    from urllib.error import HTTPError

    have = part.stat().st_size if part.exists() else 0
    try:
        response = _open(url, have)
    except HTTPError as error:
        if not (
            have and error.code == 416
        ):  # no such range: what lies there is not the beginning of this file
            raise
        have, response = 0, _open(url, 0)
    with response:
        if have and response.status != 206:  # the server does not do parts: it sends the whole file again
            have = 0
        length = response.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        bar = Progress(total, have) if progress else None
        try:
            with part.open("ab" if have else "wb") as f:
                while chunk := response.read(CHUNK):
                    f.write(chunk)
                    have += len(chunk)
                    if bar is not None:
                        bar.add(len(chunk))
        except HTTPException as error:
            raise OSError(f"the connection broke off: {error!r}") from None
        finally:
            if bar is not None:
                bar.close()
    if total is not None and have < total:
        raise OSError(f"the connection broke off after {have} of {total} bytes")


def _open(url: str, start: int) -> Any:
    from urllib.request import Request, urlopen

    headers = {"User-Agent": "glasstorch", **({"Range": f"bytes={start}-"} if start else {})}
    return urlopen(Request(url, headers=headers), timeout=TIMEOUT)
