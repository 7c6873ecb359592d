"""A static picture as a PNG file, for slides and readers that show no SVG. Drawn by resvg, which needs no browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

# One of these is on almost every machine; resvg knows no more of "sans-serif" than the name it is told.
FAMILIES = (
    "Helvetica",
    "Arial",
    "DejaVu Sans",
    "Liberation Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Segoe UI",
)
_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<text x="2" y="16" font-family="{}">{}</text></svg>'
)


def write_png(svg: str | None, path: str | Path, scale: float = 2.0) -> Path:
    """Draw SVG text into a PNG file; returns its path.

    Args:
        svg: the picture; None where a view has nothing to draw yet.
        path: where to write. scale: pixels for each unit of the SVG.

    Raises:
        ImportError: resvg-py is not installed. ValueError: nothing to draw, or a scale that is not above 0.
        RuntimeError: this machine has no font for the words.
    """
    if svg is None:
        raise ValueError("there is nothing to draw yet; export the picture when the view shows something")
    if not scale > 0:
        raise ValueError(f"scale must be greater than 0, not {scale}")
    resvg = _resvg()
    data = resvg.svg_to_bytes(svg_string=svg, zoom=scale, sans_serif_family=_family(), background="#ffffff")
    path = Path(path)
    path.write_bytes(bytes(data))
    return path


def _resvg() -> Any:
    try:
        import resvg_py
    except ImportError:
        raise ImportError(
            "PNG pictures need resvg-py: pip install resvg-py. "
            "Without it, .svg() gives the picture as SVG text and .export_html(path) a page"
        ) from None
    return resvg_py


@cache
def _family() -> str:
    """A font that is installed here: one that leaves ink."""
    draw = _resvg().svg_to_bytes
    blank = draw(svg_string=_PROBE.format("none", ""))
    for family in FAMILIES:
        if draw(svg_string=_PROBE.format(family, "Ag")) != blank:
            return family
    raise RuntimeError(
        "no font for the words of the picture is installed here. On Debian: apt install fonts-dejavu-core"
    )
