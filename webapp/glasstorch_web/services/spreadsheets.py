"""CSV files that spreadsheets read as they are meant: cells are text or numbers, never formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

# A cell that begins so would be run as a formula; an apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\u200e", "\u200f", "＝", "＋", "－", "＠")


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """The rows as CSV, with the line ends that RFC 4180 wants."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([[to_cell(value) for value in row] for row in rows])
    return text.getvalue()


def to_cell(value: Any) -> Any:
    """A value as a cell holds it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def from_cell(text: str) -> str:
    """What `to_cell` was given; spaces around it do not count."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
