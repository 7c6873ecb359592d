"""What a call gives or raises, on both engines: for tests that want the same words as well as the same values."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch

from tests.support.differential import equal, torch


class Raised:
    """An exception, compared by class and by message (white space aside)."""

    def __init__(self, error: Exception) -> None:
        self.names = {c.__name__.lstrip("_") for c in type(error).__mro__}
        self.name = type(error).__name__.lstrip("_")
        self.text = re.sub(r"\s+", " ", str(error)).strip()

    def __repr__(self) -> str:
        return f"{self.name}: {self.text}"


def outcome(fn: Callable, engine: Any) -> Any:
    """The result of ``fn(engine)``, or what it raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return fn(engine)
        except Exception as error:
            return Raised(error)


def alike(fn: Callable, *, words: bool = True) -> None:
    """Assert that ``fn`` gives the same on both engines, or raises the same class with the same message."""
    theirs, ours = outcome(fn, torch), outcome(fn, glasstorch)
    if isinstance(theirs, Raised):
        assert isinstance(ours, Raised), f"ours: {ours!r}; torch: {theirs!r}"
        assert theirs.name in ours.names, f"ours: {ours!r}; torch: {theirs!r}"
        if words:
            assert ours.text == theirs.text, f"ours: {ours!r}; torch: {theirs!r}"
        return
    assert not isinstance(ours, Raised), f"ours: {ours!r}; torch: {theirs!r}"
    same(ours, theirs)


def same(ours: Any, theirs: Any) -> None:
    """Assert that two results agree; what is neither a tensor nor a container is compared by its text."""
    if isinstance(theirs, torch.Tensor):
        equal(ours, theirs, "result")
    elif isinstance(theirs, (tuple, list)) and type(theirs) in (tuple, list):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    else:
        assert str(ours) == str(theirs)
