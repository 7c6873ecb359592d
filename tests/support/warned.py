"""What a program is warned of: kinds, words and lines, on either engine."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import glasstorch
from glasstorch.core.frames import silence_arithmetic

from tests.support.differential import torch


@contextlib.contextmanager
def every_time() -> Iterator[None]:
    """Also the warnings that come once in a process come each time."""
    for E in (glasstorch, torch):
        E.set_warn_always(True)
    torch.storage._reset_warn_typed_storage_removal()
    try:
        yield
    finally:
        for E in (glasstorch, torch):
            E.set_warn_always(False)


def given(program: Callable, E: Any) -> list[warnings.WarningMessage]:
    """The warnings of a program, which may fail."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        silence_arithmetic()
        with contextlib.suppress(TypeError, ValueError, RuntimeError, IndexError):
            program(E)
    return caught


def told(caught: list[warnings.WarningMessage]) -> list[tuple[str, str]]:
    """What counts: the kind, and how the text begins."""
    texts = (
        str(w.message).partition(" (Triggered internally")[0].replace("glasstorch", "torch") for w in caught
    )
    return [(w.category.__name__, " ".join(text.split())[:60]) for w, text in zip(caught, texts, strict=True)]


def warns_alike(program: Callable, file: str) -> None:
    """Assert that a program is warned of the same on both engines, by ours at lines of ``file``."""
    with every_time():
        ours, theirs = given(program, glasstorch), given(program, torch)
    assert told(theirs)
    assert told(ours) == told(theirs)
    assert {w.filename for w in ours} == {file}


def silent_alike(program: Callable) -> None:
    """Assert that neither engine has anything to say."""
    with every_time():
        assert told(given(program, torch)) == []
        assert told(given(program, glasstorch)) == []
