"""Files of data sets: their sums, downloading, unpacking, listing; and arguments that are one of a few words.

Source: https://pytorch.org/vision/stable/_modules/torchvision/datasets/utils.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from ...utils.download import ChecksumError, digest_of, download
from .archives import decompress, kind_of, unpack


def calculate_md5(fpath: str | Path, chunk_size: int = 1024 * 1024) -> str:
    """The md5 sum of a file, as 32 hexadecimal digits. ``chunk_size`` is accepted for PyTorch's sake."""
    return digest_of(fpath, "md5")


def check_md5(fpath: str | Path, md5: str, **kwargs: Any) -> bool:
    """Is this the file's md5 sum?"""
    return md5 == calculate_md5(fpath, **kwargs)


def check_integrity(fpath: str | Path, md5: str | None = None) -> bool:
    """Is the file there and, if ``md5`` is given, is that its sum?"""
    return os.path.isfile(fpath) and (md5 is None or check_md5(fpath, md5))


def download_url(
    url: str,
    root: str | Path,
    filename: str | Path | None = None,
    md5: str | None = None,
    max_redirect_hops: int = 3,
) -> None:
    """Bring a file into a folder, unless it is there.

    Args:
        url: its address.
        root: the folder; it is made.
        filename: its name there; by default the last part of the address.
        md5: its md5 sum, which is checked.
        max_redirect_hops: how often the server may send us elsewhere; RecursionError beyond.

    Raises: RuntimeError when it is not the file of that sum, ``urllib.error.URLError`` and other OSErrors of the
    network; each says where to put the file if it is brought by other means. A download that broke off is resumed.
    """
    path = Path(os.path.expanduser(root)) / (filename or os.path.basename(url))
    if check_integrity(path, md5):
        return
    if drive_id := google_drive_id(url):
        download_file_from_google_drive(drive_id, root, filename or path.name, md5)
        return
    try:
        download(url, path, checksum=md5, algorithm="md5", max_redirects=max_redirect_hops)
    except ChecksumError as error:
        raise RuntimeError(f"File not found or corrupted.\n{url}: {error}") from error


def google_drive_id(url: str) -> str | None:
    """The id in the address of a file on Google Drive; None for other addresses."""
    parts = urlparse(url)
    on_drive = re.match(r"(drive|docs)[.]google[.]com", parts.netloc)
    found = re.match(r"/file/d/([^/]*)", parts.path)
    return found[1] if on_drive and found else None


def download_file_from_google_drive(
    file_id: str, root: str | Path, filename: str | Path | None = None, md5: str | None = None
) -> None:
    """Bring a file from Google Drive into a folder, unless it is there; by the package ``gdown``, as PyTorch does.

    Google asks questions before it hands out large files, which ``gdown`` answers. RuntimeError when it is not
    installed, saying where to put the file, and when the file is not the one with the sum ``md5``.
    """
    path = Path(os.path.expanduser(root)) / (filename or file_id)
    if check_integrity(path, md5):
        return
    page = f"https://drive.google.com/file/d/{file_id}/view"
    by_hand = f"Or open {page} in a browser and put the file there as {path}{f' (md5 {md5})' if md5 else ''}."
    try:
        import gdown  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ModuleNotFoundError:
        raise RuntimeError(
            "To download files from GDrive, 'gdown' is required. You can install it with 'pip install gdown'.\n"
            + by_hand
        ) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    gdown.download(id=file_id, output=os.fspath(part), quiet=False)
    if not check_integrity(part, md5):
        part.unlink(missing_ok=True)
        raise RuntimeError(f"File not found or corrupted.\n{by_hand}")
    os.replace(part, path)


def extract_archive(
    from_path: str | Path, to_path: str | Path | None = None, remove_finished: bool = False
) -> str | Path:
    """Unpack a file whose name ends in .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tbz, .tar.xz, .gz, .bz2 or .xz.

    Args:
        from_path: the file.
        to_path: the folder to unpack into; by default the file's own.
        remove_finished: delete the file afterwards.

    Returns: the folder; for a file that is only compressed, the file that came out.
    Raises: RuntimeError for a name of another kind, for a damaged file and for one that would write elsewhere.
    """
    path = Path(from_path)
    folder = path.parent if to_path is None else Path(to_path)
    suffix, archive, compression = kind_of(path)
    if archive:
        unpack(path, folder, archive, compression)
        result = folder
    else:
        result = folder / path.name.replace(suffix, "")
        decompress(path, result, suffix)
    if remove_finished:
        path.unlink()
    return os.fspath(result) if isinstance(from_path, str) else result


def download_and_extract_archive(
    url: str,
    download_root: str | Path,
    extract_root: str | Path | None = None,
    filename: str | Path | None = None,
    md5: str | None = None,
    remove_finished: bool = False,
) -> None:
    """``download_url`` and ``extract_archive``, one after the other."""
    folder = os.path.expanduser(download_root)
    filename = filename or os.path.basename(url)
    download_url(url, folder, filename, md5)
    extract_archive(os.path.join(folder, filename), extract_root or folder, remove_finished)


def list_dir(root: str | Path, prefix: bool = False) -> list[str]:
    """The names of the folders in a folder; with ``prefix`` their paths."""
    root = os.path.expanduser(root)
    found = [name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name))]
    return [os.path.join(root, name) for name in found] if prefix is True else found


def list_files(root: str | Path, suffix: str | tuple[str, ...], prefix: bool = False) -> list[str]:
    """The names of the files in a folder that end in ``suffix``; with ``prefix`` their paths."""
    root = os.path.expanduser(root)
    found = [n for n in os.listdir(root) if n.endswith(suffix) and os.path.isfile(os.path.join(root, n))]
    return [os.path.join(root, name) for name in found] if prefix is True else found


def iterable_to_str(iterable: Iterable) -> str:
    """Words in quotes, with commas between."""
    return "'" + "', '".join(str(item) for item in iterable) + "'"


def verify_str_arg(
    value: Any,
    arg: str | None = None,
    valid_values: Iterable[str] | None = None,
    custom_msg: str | None = None,
) -> Any:
    """The value, if it is a string and one of ``valid_values``; else ValueError naming the argument."""
    if not isinstance(value, str):
        where = "" if arg is None else f" for argument {arg}"
        raise ValueError(f"Expected type str{where}, but got type {type(value)}.")
    if valid_values is not None and value not in valid_values:
        raise ValueError(
            custom_msg
            if custom_msg is not None
            else f"Unknown value '{value}' for argument {arg}. Valid values are {{{iterable_to_str(valid_values)}}}."
        )
    return value
