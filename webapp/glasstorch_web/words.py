"""Words for people that are written below the pages and translated by them."""

from __future__ import annotations

from typing import Any


def gettext_noop(message: str) -> str:
    """Marks a text for translation that is looked up later."""
    return message


class Refusal(ValueError):
    """Something that cannot be done, with the reason: `message`, filled in with `values`."""

    def __init__(self, message: str, **values: Any) -> None:
        self.message = message
        self.values = values
        super().__init__(message % values)
