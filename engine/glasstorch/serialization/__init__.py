"""Saving and loading: PyTorch's files both ways, and nothing in a file runs unless told to.

``save`` and ``load`` are also ``glasstorch.save`` and ``glasstorch.load``. One file here for each part: ``writing``,
``reading``, the two formats (``archive``, ``legacy``), the pickle machine that cannot run code (``unpickle``) with its
list of names (``allowed``), tensors out of storages (``rebuild``), names (``names``) and devices (``locations``).
Source: https://pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

from .allowed import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from .checkup import get_unsafe_globals_in_checkpoint
from .config import (
    LoadEndianness,
    get_crc32_options,
    get_default_load_endianness,
    get_default_mmap_options,
    set_crc32_options,
    set_default_load_endianness,
    set_default_mmap_options,
    skip_data,
)
from .locations import default_restore_location, location_tag, register_package
from .reading import load
from .rebuild import BrokenFileError
from .writing import save

__all__ = [
    "BrokenFileError",
    "LoadEndianness",
    "add_safe_globals",
    "clear_safe_globals",
    "default_restore_location",
    "get_crc32_options",
    "get_default_load_endianness",
    "get_default_mmap_options",
    "get_safe_globals",
    "get_unsafe_globals_in_checkpoint",
    "load",
    "location_tag",
    "register_package",
    "safe_globals",
    "save",
    "set_crc32_options",
    "set_default_load_endianness",
    "set_default_mmap_options",
    "skip_data",
]
