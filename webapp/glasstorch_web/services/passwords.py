"""Passwords: which are taken, how they are hashed (argon2id), and how they are checked in constant time.

Length is what counts; there are no rules about kinds of characters, and nobody has to change a password that still
serves (NIST SP 800-63B). Refused are those that everybody tries first, and one's own name or email.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache
from importlib import resources
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..words import Refusal
from ..words import gettext_noop as _

SHORTEST = 10  # characters
LONGEST = 256


class PasswordRefused(Refusal):
    """A password that cannot be; the message says why."""


class PasswordKeeper:
    """Hashes and checks. A hash takes 64 MiB for a moment, so there are never more at once than processors."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106's second choice: 64 MiB, 3 passes
        self._places = threading.BoundedSemaphore(os.cpu_count() or 1)

    def hash(self, password: str) -> str:
        with self._places:
            return self._hasher.hash(_plain(password))

    def check(self, hash: str | None, password: str) -> bool:
        """Whether it is the right one. Without a hash it takes as long, and is never right."""
        against = hash or self._nobodys
        with self._places:
            try:
                self._hasher.verify(against, _plain(password[:LONGEST]))
            except (VerificationError, InvalidHashError):
                return False
        return hash is not None

    def is_outdated(self, hash: str) -> bool:
        """Whether it was made with other costs than hashes are made with now."""
        return self._hasher.check_needs_rehash(hash)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(os.urandom(16))


def require_good(password: str, about: Iterable[str]) -> None:
    """Refuse a password that is easily guessed; `about`: its owner's name, email and the like.

    Raises:
        PasswordRefused: it is too short or long, or one of those that are tried first.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused(
            _("The password needs at least %(least)s characters. A few words in a row are easy to remember."),
            least=SHORTEST,
        )
    if len(plain) > LONGEST:
        raise PasswordRefused(_("The password may have at most %(most)s characters."), most=LONGEST)
    folded = plain.casefold()
    core = folded.strip("0123456789!@#$%^&*.,?_- ")  # what is left of “password123!”
    own = {part for text in about for part in (text.casefold(), text.casefold().partition("@")[0]) if part}
    if (
        folded in _common()
        or core in _common()
        or core in own
        or folded in own
        or len(set(folded)) < 4
        or _is_run(folded)
    ):
        raise PasswordRefused(
            _(
                "This password is one of the first that anybody would try. Choose words that belong to you alone."
            )
        )


def _is_run(text: str) -> bool:
    """0123456789, abcdefghij and the like."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1})


@lru_cache
def _common() -> frozenset[str]:
    text = (resources.files(__package__) / "common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line and line[0] != "#")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
