"""Line charts as static SVG: what a notebook leaves behind for GitHub and PDF."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

import numpy as np

from ..palette import SERIES, number

_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 30, 26
_Scale = Callable[[float], float]
_FONT = 'font-family="Helvetica, Arial, sans-serif"'
_INK, _SOFT, _GRID = "#1f2328", "#57606a", "#d8dee4"


def chart(
    data: dict[str, tuple[np.ndarray, np.ndarray]], panels: list[list[str]], title: str, step_word: str
) -> str:
    """One SVG with a panel for every group of series.

    Args:
        data: name -> (steps, values). panels: the names in each panel, top to bottom.
    """
    height = 26 + _HEIGHT * len(panels)
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {_FONT}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(14, 18, title, "start", _INK, 13),
    ]
    colour = {name: SERIES[i % len(SERIES)] for i, name in enumerate(data)}
    for i, names in enumerate(panels):
        out.append(f'<g transform="translate(0 {26 + _HEIGHT * i})">')
        out.extend(_panel({name: data[name] for name in names}, colour, step_word))
        out.append("</g>")
    out.append("</svg>")
    return "".join(out)


def _panel(
    data: dict[str, tuple[np.ndarray, np.ndarray]], colour: dict[str, str], step_word: str
) -> list[str]:
    steps = np.concatenate([s for s, _ in data.values()])
    values = np.concatenate([v for _, v in data.values()])
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    y_ticks = ticks(low, high)
    low, high = min(low, y_ticks[0]), max(high, y_ticks[-1])
    first, last = float(steps.min()), float(steps.max())

    def x_of(step: float) -> float:
        return _LEFT + (step - first) / ((last - first) or 1) * (_WIDTH - _LEFT - _RIGHT)

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - low) / ((high - low) or 1) * (_HEIGHT - _TOP - _BOTTOM)

    out = []
    for tick in y_ticks:
        y = y_of(tick)
        out.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>')
        out.append(_text(_LEFT - 6, y + 4, number(tick), "end", _SOFT))
    for tick in ticks(first, last):
        if first <= tick <= last and x_of(tick) < _WIDTH - _RIGHT - 36:  # the word "step" stands there
            out.append(_text(x_of(tick), _HEIGHT - 10, number(tick), "middle", _SOFT))
    out.append(_text(_WIDTH - _RIGHT, _HEIGHT - 10, step_word, "end", _SOFT))
    x = float(_LEFT)
    for i, (name, (at, series)) in enumerate(data.items()):
        dash = ("", ' stroke-dasharray="6 3"', ' stroke-dasharray="2 3"')[i % 3]
        line = _line(at, series, x_of, y_of)
        out.append(f'<path d="{line}" fill="none" stroke="{colour[name]}" stroke-width="1.8"{dash}/>')
        label = f"{name} {number(float(series[-1]))}"
        out.append(f'<path d="M{x} 14h18" stroke="{colour[name]}" stroke-width="2.4"{dash}/>')
        out.append(_text(x + 23, 18, label, "start", _INK))
        x += 42 + 7 * len(label)
    return out


def _line(steps: np.ndarray, values: np.ndarray, x_of: _Scale, y_of: _Scale) -> str:
    parts, pen = [], "M"
    for step, value in zip(steps.tolist(), values.tolist()):
        if not math.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{x_of(step):.1f} {y_of(value):.1f}")
        pen = "L"
    return "".join(parts)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) that cover low to high."""
    if high <= low:
        pad = abs(low) * 0.1 or 1.0
        low, high = low - pad, high + pad
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _text(x: float, y: float, text: str, anchor: str, colour: str, size: int = 11) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f"<text {place}>{escape(text)}</text>"
