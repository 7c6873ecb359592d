"""Words for people that are written below the pages and translated by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def gettext_noop(message: str) -> str:
    """Marks a text for translation that is looked up later."""
    return message


class Refusal(ValueError):
    """Something that cannot be done, with the reason: `message`, filled in with `values`."""

    def __init__(self, message: str, **values: Any) -> None:
        self.message = message
        self.values = values
        super().__init__(filled(message, values))


def filled(message: str, values: Mapping[str, Any]) -> str:
    """The message with its %(names)s replaced; one without values may hold any signs."""
    return message % values if values else message
