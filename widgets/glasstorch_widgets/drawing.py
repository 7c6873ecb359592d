"""Static pictures: SVG with presentation attributes alone, which survive GitHub, nbviewer and PDF."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from .charts.images import png
from .heat import colour, ink
from .palette import number

INK, SOFT, LINE, PAPER = "#1F2328", "#57606A", "#C4CAD1", "#FFFFFF"
FONT = "Helvetica, Arial, sans-serif"


class Picture:
    """Collects shapes; `done` gives the SVG text, as large as what was drawn.

    Args:
        title: what a screen reader says instead of the picture.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.width = self.height = 0.0
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, **attributes: Any) -> None:
        self._grow(x + width, y + height)
        self._add("rect", x=x, y=y, width=width, height=height, **attributes)

    def circle(self, x: float, y: float, r: float, **attributes: Any) -> None:
        self._grow(x + r, y + r)
        self._add("circle", cx=x, cy=y, r=r, **attributes)

    def line(self, points: Sequence[tuple[float, float]], **attributes: Any) -> None:
        """A line through the points; `fill="none"` unless given."""
        for x, y in points:
            self._grow(x, y)
        d = "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)
        self._add("path", d=d, **{"fill": "none", "stroke": SOFT, **attributes})

    def shape(self, d: str, **attributes: Any) -> None:
        """A path in SVG's own words; what it covers must have been counted by something else drawn."""
        self._add("path", d=d, **attributes)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 11,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
    ) -> None:
        """A line of text with its baseline at y."""
        about = len(text) * size * 0.56
        self._grow(x + {"start": about, "middle": about / 2, "end": 0}[anchor], y + size * 0.3)
        weight: dict[str, Any] = {"font-weight": "bold"} if bold else {}
        self._add("text", escape(text), x=x, y=y, font_size=size, text_anchor=anchor, fill=fill, **weight)

    def image(self, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
        """A small picture, uint8 (H, W) or (H, W, 3), its pixels left as squares."""
        self._grow(x + width, y + height)
        data = "data:image/png;base64," + base64.b64encode(png(pixels)).decode("ascii")
        place: dict[str, Any] = {"x": x, "y": y, "width": width, "height": height}
        self._add("image", href=data, preserveAspectRatio="none", image_rendering="optimizeSpeed", **place)

    def cell(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        value: float,
        scale: float,
        *,
        text: str | None = None,
        **attributes: Any,
    ) -> None:
        """A number on its colour; `text=""` for the colour alone."""
        back = colour(value, scale)
        self.rect(x, y, width, height, **{"fill": back, "stroke": LINE, "stroke_width": 0.5, **attributes})
        words = number(value) if text is None else text
        if words:
            size = min(11, height * 0.55, 1.7 * width / max(len(words), 1))
            self.text(
                x + width / 2, y + height / 2 + size * 0.36, words, size=size, anchor="middle", fill=ink(back)
            )

    def done(self, margin: float = 12) -> str:
        """The SVG text."""
        width, height = round(self.width + margin), round(self.height + margin)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}"><title>{escape(self.title)}</title>'
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(self._parts)}</svg>'
        )

    def _add(self, tag: str, content: str = "", **attributes: Any) -> None:
        written = " ".join(
            f'{name.replace("_", "-")}="{_short(value)}"' for name, value in attributes.items()
        )
        self._parts.append(f"<{tag} {written}>{content}</{tag}>" if content else f"<{tag} {written}/>")

    def _grow(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value), quote=True)
