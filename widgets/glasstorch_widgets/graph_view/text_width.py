"""How wide a name is on screen, as far as Python can know: enough to make boxes that hold their names."""

from __future__ import annotations

from unicodedata import east_asian_width

_NARROW, _WIDE = 7.4, 12.8  # pixels of a letter and of an ideograph, at 12.5 px in bold sans serif


def text_width(text: str) -> float:
    """The width of a name in pixels."""
    return sum(_WIDE if east_asian_width(letter) in "WF" else _NARROW for letter in text)


def fitted(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `room` pixels."""
    if text_width(text) <= room:
        return text
    while text and text_width(text) > room - _NARROW:
        text = text[:-1]
    return f"{text}…"
