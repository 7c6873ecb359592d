"""Answers to a prediction's questions, from a form to the Python source that is handed in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any


class CannotRead(ValueError):
    """An answer is not of its question's kind; the message is the answer."""


def source_of(entry: str, questions: Iterable[Mapping[str, Any]], given: Mapping[str, str]) -> str:
    """The source that hands in these answers, texts by question; what is left open is left out.

    Raises:
        CannotRead: one of them.
    """
    lines = [
        f"    {asked['id']!r}: {_value(asked, text)!r},\n"
        for asked in questions
        if (text := str(given.get(asked["id"], "")).strip())
    ]
    return f"{entry} = {{\n{''.join(lines)}}}\n"


def _value(asked: Mapping[str, Any], text: str) -> Any:
    kind = asked["kind"]
    if kind == "choice" and text in asked["choices"]:
        return text
    if kind == "bool" and text in ("yes", "no"):
        return text == "yes"
    if kind == "shape" and re.fullmatch(r"[\s()\[\],x×0-9]*", text):
        return tuple(int(size) for size in re.findall(r"\d{1,9}", text))
    if kind == "number":
        try:
            number = float(text.replace("−", "-").replace(" ", ""))
        except ValueError:
            raise CannotRead(text) from None
        if math.isfinite(number):
            return int(number) if number == int(number) and abs(number) < 2**53 else number
    raise CannotRead(text)
