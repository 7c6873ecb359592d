"""The graph as a static SVG for GitHub, PDF and print.

Presentation attributes only: readers such as GitHub and nbviewer drop style sheets, scripts and foreign
objects.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from ..palette import BAD, KIND, NEGATIVE, POSITIVE, number
from .wire import numbers, shape_text

_FONT = 'font-family="Helvetica, Arial, sans-serif"'
_CELLS = 16  # of an array that the picture shows
_INK, _SOFT, _LINE = "#1f2328", "#57606a", "#8c959f"


def svg(graph: Any, structure: dict[str, Any]) -> str:
    """One `<svg>` element showing every node of `structure` with its op, shape, value and gradient; a closed group
    with those of its last result."""
    by_id = {node.id: node for node in graph.nodes}
    width, height = structure["width"], structure["height"] + 26
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {_FONT}>',
        f"<title>{escape(_title(structure))}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for frame in structure["frames"]:
        out.extend(_frame(frame))
    for edge in structure["edges"]:
        x, y = edge["tip"]
        out.append(f'<path d="{edge["path"]}" fill="none" stroke="{_LINE}" stroke-width="1.4"/>')
        out.append(f'<path d="M{x - 4} {y - 7}L{x} {y}L{x + 4} {y - 7}Z" fill="{_LINE}"/>')
    for node in structure["nodes"]:
        out.extend(_node(node, by_id[node.get("main", node["id"])], node["id"] in structure["roots"]))
    out.append(_legend(structure["height"] + 12))
    out.append("</svg>")
    return "".join(out)


def _title(structure: dict[str, Any]) -> str:
    names = {node["id"]: node["name"] for node in structure["nodes"]}
    roots = ", ".join(names[root] for root in structure["roots"])
    return f"Computation graph of {roots}: {structure['total']} nodes"


def _frame(frame: dict[str, Any]) -> list[str]:
    x, y, width, height = (frame[key] for key in ("x", "y", "width", "height"))
    place = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="8"'
    name = f'x="{x + 10}" y="{y + 15}" font-size="11" font-weight="bold"'
    return [
        f'<rect {place} fill="{KIND["group"]}" fill-opacity="0.06" stroke="{_LINE}"/>',
        f'<text {name} fill="{_SOFT}">{escape(frame["label"])}</text>',
    ]


def _node(placed: dict[str, Any], node: Any, is_root: bool) -> list[str]:
    colour = KIND[placed["kind"]]
    dash = ' stroke-dasharray="5 3"' if placed["kind"] == "constant" else ""
    tooltip = f"{placed['title']} {shape_text(node.shape)} {node.dtype} {placed['module']}".strip()
    stroke = f'stroke="{colour}" stroke-width="{2.6 if is_root else 1.6}"{dash}'
    about = f"{placed['operations']} ops" if placed.get("operations", 0) > 1 else node.dtype
    subtitle = f"{shape_text(node.shape)} · {about}"
    out = [
        f'<g transform="translate({placed["x"]} {placed["y"]})"><title>{escape(tooltip)}</title>',
        f'<path d="{placed["outline"]}" fill="{colour}" fill-opacity="0.13" {stroke}/>',
        _text(placed["width"] / 2, 19, placed["label"], 12.5, _INK, ' font-weight="bold"'),
        _text(placed["width"] / 2, 35, subtitle, 10.5, _SOFT),
    ]
    half = (placed["width"] - 34) / 2
    if node.value is not None:
        out.extend(_strip(node.value, 14, half if node.gradient is not None else 2 * half + 6))
    if node.gradient is not None:
        out.extend(_strip(node.gradient, 20 + half, half, label="∇ "))
    out.append("</g>")
    return out


def _strip(array: Any, x: float, width: float, label: str = "") -> list[str]:
    """A number for a scalar, else a row of coloured cells."""
    flat = numbers(array)
    if flat.size == 1:
        return [_text(x + width / 2, 55, label + number(float(flat[0])), 10.5, _INK)]
    if flat.size > _CELLS:
        flat = flat[np.linspace(0, flat.size - 1, _CELLS).astype(int)]
    finite = flat[np.isfinite(flat)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    cell = width / max(flat.size, 1)
    out = [f'<rect x="{x:.1f}" y="45" width="{width:.1f}" height="12" fill="#ffffff" stroke="#d0d7de"/>']
    for i, value in enumerate(flat):
        if not np.isfinite(value):
            colour, opacity = BAD, 1.0
        elif not largest or not value:
            continue
        else:
            colour, opacity = (POSITIVE if value > 0 else NEGATIVE), abs(float(value)) / largest
        out.append(
            f'<rect x="{x + i * cell:.1f}" y="45" width="{cell:.1f}" height="12" fill="{colour}" '
            f'fill-opacity="{opacity:.2f}"/>'
        )
    return out


def _text(x: float, y: float, text: str, size: float, colour: str, more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y}" text-anchor="middle" font-size="{size}"'
    return f'<text {place} fill="{colour}"{more}>{escape(text)}</text>'


def _legend(y: float) -> str:
    items = [("leaf", "learns"), ("constant", "data"), ("op", "operation"), ("group", "closed group")]
    out, x = [], 14
    for kind, text in items:
        dash = ' stroke-dasharray="3 2"' if kind == "constant" else ""
        out.append(
            f'<rect x="{x}" y="{y - 5}" width="16" height="10" fill="{KIND[kind]}" fill-opacity="0.2" '
            f'stroke="{KIND[kind]}"{dash}/><text x="{x + 21}" y="{y + 4}" font-size="10.5" '
            f'fill="{_SOFT}">{text}</text>'
        )
        x += 34 + 6 * len(text)
    return "".join(out)
