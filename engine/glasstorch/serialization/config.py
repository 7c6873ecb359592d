"""Settings of saving and loading that hold where a call does not say otherwise.

Also found as ``glasstorch.utils.serialization.config``.
Source: https://pytorch.org/docs/stable/notes/serialization.html#utilities-for-serialization-configuration
"""

from __future__ import annotations

import sys
from enum import Enum


class LoadEndianness(Enum):
    """What to take for the byte order: this machine's, or one of the two."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


class load:
    """Of loading. ``mmap``: map files unless told not to? ``endianness``: of files that do not note it."""

    mmap: bool = False
    endianness: LoadEndianness | None = None


class save:
    """Of saving. ``storage_alignment``: each record begins at a multiple of this many bytes."""

    storage_alignment: int = 64


def get_default_load_endianness() -> LoadEndianness | None:
    """The byte order taken for files that note none; None counts as little."""
    return load.endianness


def set_default_load_endianness(endianness: LoadEndianness | None) -> None:
    """Set the byte order taken for files that note none."""
    if endianness is not None and not isinstance(endianness, LoadEndianness):
        raise TypeError("Invalid argument type in function set_default_load_endianness")
    load.endianness = endianness


def assumed_byte_order() -> str:
    """``little`` or ``big``, for a file that notes none."""
    if load.endianness is LoadEndianness.NATIVE:
        return sys.byteorder
    return "big" if load.endianness is LoadEndianness.BIG else "little"
