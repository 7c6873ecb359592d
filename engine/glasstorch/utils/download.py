"""Fetching files: resumed where they broke off, checked by their sum, and in place only when complete.

What has come so far lies beside the target as ``name.part``, and ``name.part.json`` notes which version of the file
it is a part of. Both outlive a crash, Ctrl-C and a lost connection; the next call asks the server for the rest
(HTTP's ``Range``) and, where that does not fit, starts anew. The target itself appears by a rename, so a half-written
file never bears its name. Two processes that want the same file do not disturb each other: the second, finding the
part locked, fetches into one of its own.

Source of the rules for resuming: RFC 9110, sections 13.1.5 (If-Range) and 14 (Range).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.error import HTTPError, URLError

from ..version import __version__
from .progress import in_bytes, progress_bar

SECONDS = 30  # without a byte from the server
RETRIES = 5  # of one address, as long as each brings the file further
CHUNK = 1 << 18
AGENT = f"glasstorch/{__version__}"


class DownloadError(URLError, RuntimeError):
    """No address of a list gave the file. ``troubles`` lists (address, exception)."""

    def __init__(self, name: str, troubles: Sequence[tuple[str, Exception]], advice: str) -> None:
        self.troubles = list(troubles)
        tried = (f"Tried {url.removesuffix(name)}, got:\n{error}\n" for url, error in troubles)
        super().__init__(f"Error downloading {name}:\n{''.join(tried)}{advice}")

    def __str__(self) -> str:
        return str(self.reason)


class DiskError(OSError):
    """What came could not be written: the disk is full, or refuses."""


class ChecksumError(RuntimeError):
    """A file came in full and is not the one that was asked for."""


class _StartAnewError(Exception):
    """The part on disk and what the server offers do not belong together."""


def digest_of(path: str | Path, algorithm: str = "sha256") -> str:
    """The sha256, md5 or other sum of a file (a check of completeness; md5 is none of trust)."""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def download(
    urls: str | Sequence[str],
    target: str | Path,
    *,
    checksum: str | None = None,
    algorithm: str = "sha256",
    progress: bool = True,
    max_redirects: int = 10,
) -> None:
    """Bring a file from the first address that has it, replacing what is at ``target``.

    Args:
        urls: an address, or a list of addresses that hold the same file, tried in turn.
        target: the file to write; its folder is made.
        checksum: the digits that the file's sum begins with; all of them, or the first eight as in PyTorch's names.
        algorithm: "sha256", "md5" or another name that ``hashlib`` knows.
        progress: show on the error stream how far it is.
        max_redirects: how often a server may send us elsewhere; RecursionError beyond.

    Raises:
        OSError: no connection, a refusal (``urllib.error.HTTPError``), a connection that broke off, a full disk.
        ChecksumError: the file is another one; nothing is left of it.
        DownloadError (a URLError and a RuntimeError): no address of a list gave the file.

    Without a checksum, a download is resumed only where the server names the file's version (ETag, Last-Modified).
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    wanted = _Wanted(target.name, checksum, algorithm, progress, max_redirects)
    addresses = [urls] if isinstance(urls, str) else urls
    troubles: list[tuple[str, Exception]] = []
    with _part_of(target, trusted=checksum is not None) as part:
        for url in addresses:
            try:
                _fill(part, url, wanted)
            except DiskError:
                raise
            except (OSError, ValueError, RuntimeError) as error:  # ValueError: this is no address
                troubles.append((url, error))
            else:
                part.move_to(target)
                return
        kept = part.size() if part.can_wait() else 0
    sum_of_it = f" ({algorithm} sum {checksum}{'…' if algorithm == 'sha256' else ''})" if checksum else ""
    advice = (
        f"Without a network: bring {target.name}{sum_of_it} from elsewhere and put it into {target.parent}."
    )
    if kept:
        advice = f"The {in_bytes(kept)} that came are kept in {part.path}; the next call goes on from there.\n{advice}"
    if not isinstance(urls, str):
        raise DownloadError(target.name, troubles, advice)
    _, trouble = troubles[0]
    trouble.add_note(advice)
    raise trouble


class _Wanted(NamedTuple):
    """What is asked for, the same at every address."""

    name: str
    checksum: str | None
    algorithm: str
    progress: bool
    max_redirects: int

    def check(self, path: Path) -> None:
        """ChecksumError unless the file is the one that is wanted."""
        if self.checksum and not (found := digest_of(path, self.algorithm)).startswith(self.checksum):
            raise ChecksumError(
                f'invalid hash value (expected "{self.checksum}", got "{found}"): '
                "what came is not the official file, or was changed on its way"
            )


class _Part:
    """The file as far as it has come, and a note of what it is a part of: address, version, length."""

    def __init__(self, f: IO[bytes], path: Path, trusted: bool, lasting: bool) -> None:
        self.f, self.path, self.trusted, self.lasting = f, path, trusted, lasting
        self.moved = False
        self.record = path.with_name(path.name + ".json")
        self.note: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            note = json.loads(self.record.read_text("utf-8"))
            self.note = note if isinstance(note, dict) else {}

    def size(self) -> int:
        return os.fstat(self.f.fileno()).st_size

    def version_from(self, url: str) -> str | None:
        """The name that the server at ``url`` gave to the version of which this is a part."""
        return self.note.get("version") if self.note.get("url") == url else None

    def can_wait(self) -> bool:
        """Could a later call make use of it? Without a sum, only if its version has a name."""
        return self.lasting and self.size() > 0 and (self.trusted or bool(self.note.get("version")))

    def begin(self, url: str, version: str | None) -> None:
        """Empty it, and note what will be written."""
        self.write(b"", anew=True)
        self.note = {"url": url, "version": version}
        with suppress(OSError):  # without the note it will be fetched anew, no more
            self.record.write_text(json.dumps(self.note), "utf-8")

    def write(self, chunk: bytes, anew: bool = False) -> None:
        try:
            if anew:
                self.f.truncate(0)
            while chunk:  # an unbuffered write may take less than it is given
                chunk = chunk[self.f.write(chunk) :]
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            why = "there is no room for more on its disk" if full else os.strerror(error.errno or 0)
            raise DiskError(error.errno, f"{why}. Make room and call again", str(self.path)) from error

    def move_to(self, target: Path) -> None:
        if not _LOCKS:
            self.f.close()  # Windows renames no open file
        os.replace(self.path, target)
        self.moved = True
        self.record.unlink(missing_ok=True)


try:
    import fcntl

    _LOCKS = True
except ImportError:  # Windows
    _LOCKS = False


def _open_locked(path: Path) -> IO[bytes] | None:
    """The part, ours alone, for appending; None when another process is at it."""
    while True:
        f = open(path, "ab", buffering=0)  # noqa: SIM115 (its caller closes it)
        if not _LOCKS:
            return f
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(f.fileno()), path.stat()):
                return f
        except FileNotFoundError:
            pass  # its last owner has just moved it into place
        except OSError:
            f.close()
            return None
        f.close()


@contextmanager
def _part_of(target: Path, trusted: bool) -> Iterator[_Part]:
    path = target.with_name(target.name + ".part")
    f = _open_locked(path)
    lasting = f is not None
    if f is None:
        path = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        f = open(path, "xb", buffering=0)  # noqa: SIM115
    part = _Part(f, path, trusted, lasting)
    try:
        yield part
    finally:
        if not part.moved and not part.can_wait():
            part.record.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        f.close()


def _fill(part: _Part, url: str, wanted: _Wanted) -> None:
    """Bring the part to its full length from one address; check it."""
    from http.client import HTTPException  # here, as most programs fetch nothing and it takes time to load

    retries = 0
    resume = True
    while True:
        before = part.size()
        resumed = resume and before > 0
        try:
            _transfer(part, url, wanted, resume)
            wanted.check(part.path)
            return
        except _StartAnewError:
            resume = False
        except ChecksumError:
            part.write(b"", anew=True)
            if not resumed:
                raise
            resume = False  # perhaps the beginning was another version's
        except (HTTPError, DiskError):
            raise
        except (OSError, HTTPException) as error:
            retries += 1
            if part.size() <= before or retries > RETRIES:
                if isinstance(error, HTTPException):
                    raise OSError(f"the connection broke off: {error!r}") from error
                raise
            resume = True


def _transfer(part: _Part, url: str, wanted: _Wanted, resume: bool) -> None:
    """One request: the rest of the part, or all of it."""
    start, version = part.size(), part.version_from(url)
    headers = {"User-Agent": AGENT}
    if not (resume and start and (part.trusted or version)):
        start = 0
    else:
        headers["Range"] = f"bytes={start}-"
        if version:
            headers["If-Range"] = version
    try:
        response = _open(url, headers, wanted.max_redirects)
    except HTTPError as error:
        error.close()
        if error.code != 416 or not start:  # 416: there is nothing after what we have
            raise
        if error.headers.get("Content-Range", "").strip() == f"bytes */{start}" and part.trusted:
            return
        raise _StartAnewError from None
    with response:
        if start and not _continues(response, start, version):
            if response.status == 206:
                raise _StartAnewError  # not the bytes that were asked for
            start = 0  # the whole file comes
        if not start:
            part.begin(url, _version_in(response))
        announced = response.headers.get("Content-Length")
        total = start + int(announced) if announced and announced.isdigit() else None
        if total is not None and (free := shutil.disk_usage(part.path.parent).free) < total - start:
            raise DiskError(
                errno.ENOSPC,
                f"{wanted.name} needs {in_bytes(total - start)}, and its disk has {in_bytes(free)} left",
                str(part.path.parent),
            )
        bar = progress_bar(wanted.name, total, start, wanted.progress)
        try:
            while chunk := response.read1(CHUNK):
                part.write(chunk)
                bar.update(len(chunk))
        finally:
            bar.close()
    if total is not None and (size := part.size()) < total:
        raise ConnectionError(f"the server closed the connection after {size} of {total} bytes")


def _version_in(response: Any) -> str | None:
    """A name for exactly these bytes: a strong ETag, else the date of the last change."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _continues(response: Any, start: int, version: str | None) -> bool:
    """Does the answer begin where the part ends, in the same version of the file?"""
    if response.status != 206:
        return False
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    offered = _version_in(response)
    return found is not None and int(found[1]) == start and (not version or offered in (None, version))


def _open(url: str, headers: dict[str, str], max_redirects: int) -> Any:
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Redirects(HTTPRedirectHandler):
        hops = 0

        def redirect_request(self, request: Any, fp: Any, code: int, msg: str, head: Any, new: str) -> Any:
            self.hops += 1
            if self.hops > max_redirects:
                raise RecursionError(
                    f"Request to {url} exceeded {max_redirects} redirects. The last redirect points to {new}."
                )
            return super().redirect_request(request, fp, code, msg, head, new)

    return build_opener(Redirects).open(Request(url, headers=headers), timeout=SECONDS)
