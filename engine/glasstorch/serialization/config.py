"""Settings of saving and loading that hold where a call does not say otherwise.

Also found as ``glasstorch.utils.serialization.config``.
Source: https://pytorch.org/docs/stable/notes/serialization.html#utilities-for-serialization-configuration
"""

from __future__ import annotations

import sys
import threading
from enum import Enum
from mmap import MAP_PRIVATE, MAP_SHARED
from typing import Any


class LoadEndianness(Enum):
    """What to take for the byte order: this machine's, or one of the two."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


class load:
    """Of loading. ``mmap``: map files unless told not to? ``mmap_flags``: do writes to mapped tensors reach the file
    (``mmap.MAP_SHARED``) or not (``mmap.MAP_PRIVATE``)? ``endianness``: of files that do not note it."""

    mmap: bool = False
    mmap_flags: int = MAP_PRIVATE
    endianness: LoadEndianness | None = None


class save:
    """Of saving. ``storage_alignment``: each record begins at a multiple of this many bytes. ``compute_crc32``: kept
    for programs that set it; files always have their checksums here."""

    storage_alignment: int = 64
    compute_crc32: bool = True


class _Skipping(threading.local):
    now: bool = False


SKIPPING = _Skipping()


class skip_data:
    """Inside ``with skip_data():`` files are written with room for the numbers of tensors but without them, to be
    filled later, and read without looking at the numbers: shapes and types only.

    ``materialize_fake_tensors``: for PyTorch's fake tensors, of which there are none here.
    """

    def __init__(self, materialize_fake_tensors: bool = False) -> None:
        self.materialize_fake_tensors = materialize_fake_tensors

    def __enter__(self) -> None:
        self.before, SKIPPING.now = SKIPPING.now, True

    def __exit__(self, *exc: Any) -> None:
        SKIPPING.now = self.before


class set_default_mmap_options:
    """Set how ``load(mmap=True)`` maps files: ``mmap.MAP_PRIVATE`` or ``mmap.MAP_SHARED``, with which writing to a
    tensor writes to the file. As the head of a ``with`` block, for that block only."""

    def __init__(self, flags: int) -> None:
        if flags not in (MAP_PRIVATE, MAP_SHARED):
            raise ValueError(
                "Invalid argument in function set_default_mmap_options, expected mmap.MAP_PRIVATE or mmap.MAP_SHARED, "
                f"but got {flags}"
            )
        self.before, load.mmap_flags = load.mmap_flags, flags

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        load.mmap_flags = self.before


def get_default_mmap_options() -> int:
    """How ``load(mmap=True)`` maps files: ``mmap.MAP_PRIVATE`` or ``mmap.MAP_SHARED``."""
    return load.mmap_flags


def get_crc32_options() -> bool:
    """What ``set_crc32_options`` was told."""
    return save.compute_crc32


def set_crc32_options(compute_crc32: bool) -> None:
    """Whether PyTorch computes the checksums of records. Here they always are, and its files without them load."""
    save.compute_crc32 = compute_crc32


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
