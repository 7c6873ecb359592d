"""What a file would need to be trusted with, found without loading it."""

from __future__ import annotations

import os
import pickletools
from typing import Any

from .allowed import known
from .archive import MAGIC, Archive
from .contents import Contents


def get_unsafe_globals_in_checkpoint(f: Any) -> list[str]:
    """The names of classes and functions in a file (path, or open for reading) that ``load`` does not allow.

    The pickle is taken apart, not run. Names that a pickle would put together while it runs are not found.
    ValueError for what is no file in the zip format.
    """
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return get_unsafe_globals_in_checkpoint(file)
    contents = Contents.from_object(f, f.tell())
    if contents.view[:4] != MAGIC:
        raise ValueError("Expected input to be a checkpoint returned by torch.save")
    archive = Archive(contents)
    if "constants.pkl" in archive:
        raise ValueError(
            "Expected input to be a checkpoint returned by torch.save but got a torchscript checkpoint"
        )
    names: dict[str, None] = {}
    texts: list[str] = []  # STACK_GLOBAL takes its name from the two texts before it
    for opcode, argument, _ in pickletools.genops(bytes(archive.read("data.pkl"))):
        if opcode.name == "GLOBAL":
            names[".".join(str(argument).split(" ", 1))] = None
        elif opcode.name == "STACK_GLOBAL":
            names[".".join(texts[-2:])] = None
        elif isinstance(argument, str):
            texts.append(argument)
    return [name for name in names if not known(name)]
