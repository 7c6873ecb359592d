"""For the programs that run in several processes: run each check, and write down how it went."""

from __future__ import annotations

import contextlib
import json
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def names(program: Path) -> list[str]:
    """The checks of a program, read from its source."""
    lines = program.read_text().splitlines()
    return [line[9:].partition("(")[0] for line in lines if line.startswith("def test_")]


def run_all(functions: dict[str, Any], report: Path) -> None:
    """Run the functions whose names begin with test_; what they raise goes into the report, after each of them."""
    outcomes: dict[str, str] = {}
    for name, function in functions.items():
        if name.startswith("test_"):
            try:
                function()
            except Exception:
                outcomes[name.removeprefix("test_")] = traceback.format_exc()
            else:
                outcomes[name.removeprefix("test_")] = ""
            report.write_text(json.dumps(outcomes))


def raises(kind: type[Exception], part: str, function: Callable[[], object]) -> None:
    """AssertionError unless the function raises such an error with such a message."""
    try:
        function()
    except kind as error:
        if part not in str(error):
            raise AssertionError(f"{part!r} is not in {str(error)!r}") from error
    else:
        raise AssertionError(f"no {kind.__name__} with {part!r}")


@contextlib.contextmanager
def warns(part: str) -> Iterator[None]:
    """AssertionError unless there is a warning with such a message."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert any(part in str(w.message) for w in caught), f"no warning with {part!r}"
