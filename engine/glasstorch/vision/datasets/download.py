"""Fetching files: checked by their md5 sum, and in place only when complete."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

SECONDS = 30  # without a byte from the server


def md5_of(path: Path) -> str:
    """The md5 sum of a file (a check of completeness, not of trust)."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def fetch(name: str, md5: str, mirrors: Sequence[str], folder: Path) -> Path:
    """Bring a file into a folder, unless a good copy is there; RuntimeError naming each mirror's trouble."""
    target = folder / name
    if target.is_file() and md5_of(target) == md5:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    troubles = []
    for mirror in mirrors:
        try:
            _download(mirror + name, md5, target)
        except (OSError, ValueError) as error:  # URLError and time-outs are OSErrors
            troubles.append(f"Tried {mirror}, got:\n{error}\n")
        else:
            return target
    raise RuntimeError(
        f"Error downloading {name}:\n{''.join(troubles)}"
        f"Without a network: bring {name} (md5 {md5}) from elsewhere and put it into {folder}."
    )


def _download(url: str, md5: str, target: Path) -> None:
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    handle, part = tempfile.mkstemp(prefix=target.name + ".", suffix=".part", dir=target.parent)
    try:
        try:
            with os.fdopen(handle, "wb") as f, urlopen(Request(url), timeout=SECONDS) as response:
                shutil.copyfileobj(response, f)
        except HTTPException as error:
            raise OSError(f"the connection broke off: {error!r}") from None
        if (found := md5_of(Path(part))) != md5:
            raise ValueError(f"the file is not the official one: its md5 sum is {found}, not {md5}")
        os.chmod(part, 0o644)
        os.replace(part, target)
    finally:
        Path(part).unlink(missing_ok=True)


def unpack(archive: Path) -> None:
    """Put the content of ``name.gz`` beside it as ``name``, unless it is there."""
    target = archive.with_suffix("")
    if target.exists():
        return
    part = target.with_name(target.name + ".part")
    try:
        with gzip.open(archive, "rb") as packed, part.open("wb") as f:
            shutil.copyfileobj(packed, f)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
