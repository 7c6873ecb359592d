"""A training without a browser: a table of the layers' health as text, curves and health strip as SVG."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from ..charts.series import PRINTED_POINTS, Series, panels
from ..charts.svg import chart
from ..drawing import INK, LINE, SOFT, Picture
from ..language import filled
from ..palette import BLUE, GREEN, ORANGE, VERMILLION, number
from .diagnosis import BAD, NOTES, reference_layer
from .history import COLUMNS, Frame, History
from .recorder import Recorder

_ROW, _TOP = 24, 62
_LEVEL_COLOUR = (GREEN, ORANGE, VERMILLION)


def rows(history: History) -> list[dict[str, Any]]:
    """The latest figures of every layer: what is known of it, its figures by name, `note` and `level`."""
    if not history.frames:
        return []
    frame = history.frames[-1]
    found = []
    for k, info in enumerate(history.layers):
        figures = {column: frame.get(k, column) for column in COLUMNS[:-1]}
        code = frame.get(k, "note")
        note, level = NOTES[0 if math.isnan(code) else int(code)]
        found.append({"place": k, **info, **figures, "note": note, "level": level})
    return sorted(found, key=lambda row: row.get("order", len(found)))


def note_text(
    row: dict[str, Any], history: History, first_bad: dict[int, int], labels: dict[str, str]
) -> str:
    """What a layer's note says, with its figures."""
    frame = history.frames[-1]
    reference = reference_layer(history.layers)
    above = frame.get(reference, "largest") if reference is not None else math.nan
    bits = int(row["bad"]) if row["bad"] == row["bad"] else 0
    first = row.get("first_weights") or math.nan
    return filled(
        labels[f"note_{row['note']}_long"],
        where=", ".join(labels[f"bad_{bit}"] for bit in (1, 2, 4) if bits & bit),
        first_bad=first_bad.get(row["place"], "?"),
        times=number(round(row["weights"] / first)) if math.isfinite(row["weights"] / first) else "?",
        units=row.get("units", "?"),
        dead=percent(row["dead"]),
        saturated=percent(row["saturated"]),
        function=row.get("function", ""),
        ratio=percent(row["ratio"]),
        gradient=number(row["gradient"]),
        largest=number(row["largest"]),
        above=number(above),
        reference=history.layers[reference]["name"] if reference is not None else "?",
    )


def verdict(found: list[dict[str, Any]], labels: dict[str, str]) -> str:
    """One sentence on all layers."""
    worst = max((row["level"] for row in found), default=0)
    count = sum(row["level"] == worst for row in found)
    name = ("verdict_good", "verdict_some", "verdict_bad")[worst]
    return filled(labels[name], n=count, total=len(found))


def table(recorder: Recorder, curves: Series, loss_note: str, labels: dict[str, str], title: str) -> str:
    """Curves' latest values, a verdict, and one line for each layer."""
    history = recorder.history
    steps = filled(labels["steps"], n=recorder.step, m=history.measured)
    lines = [f"{title or labels['title']}: {steps}"]
    if len(curves):
        lines.append(", ".join(f"{name} {number(value)}" for name, value in curves.latest().items()))
    found = rows(history)
    if not found:
        return "\n".join([*lines, labels["waiting"]])
    if loss_note:
        lines.append(labels[loss_note])
    lines += [verdict(found, labels), ""]
    head = [labels[name] for name in ("layer", "gradient", "ratio", "dead", "saturated", "verdict")]
    body = [
        [
            row["name"],
            *(_dash(row[name], number) for name in ("gradient", "ratio")),
            *(_dash(row[name], percent) for name in ("dead", "saturated")),
            labels[f"note_{row['note']}"],
        ]
        for row in sorted(found, key=lambda row: -row["level"])
    ]
    widths = [max(len(line[k]) for line in [head, *body]) for k in range(len(head))]
    lines += [
        "  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in [head, *body]
    ]
    for row in found:
        if row["level"]:
            lines += ["", f"{row['name']}: {note_text(row, history, recorder.first_bad, labels)}"]
    return "\n".join(lines)


def percent(share: float) -> str:
    """A share as a percentage of at most three figures."""
    return "nan" if math.isnan(share) else f"{number(float(f'{100 * share:.3g}'))} %"


def _dash(value: float, write: Any) -> str:
    return "–" if math.isnan(value) else write(value)


def picture(recorder: Recorder, curves: Series, labels: dict[str, str], title: str) -> str | None:
    """The curves, and below them the health strip, the worst layer first; None before there is either."""
    found = rows(recorder.history)
    title = title or labels["title"]
    parts = []
    if len(curves):
        data = curves.thinned(PRINTED_POINTS)
        parts.append(chart(data, panels(list(data)), title, labels["step"]))
    if found:
        parts.append(_strip(recorder.history, found, labels))
    if len(parts) < 2:
        return parts[0] if parts else None
    width, heights = 640, [float(part.split('height="')[1].split('"')[0]) for part in parts]
    parts[1] = parts[1].replace("<svg ", f'<svg y="{heights[0]:g}" ', 1)
    size = f'width="{width}" height="{sum(heights):g}" viewBox="0 0 {width} {sum(heights):g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{escape(title)}</title>'
    return f"{head}{''.join(parts)}</svg>"


def _strip(history: History, found: list[dict[str, Any]], labels: dict[str, str]) -> str:
    drawing = Picture(labels["health"])
    drawing.text(14, 20, verdict(found, labels), size=13)
    for x, name in ((14, "layer"), (128, "gradient"), (270, "ratio"), (392, "dead"), (464, "saturated")):
        drawing.text(x, 44, labels[name], fill=SOFT)
    drawing.text(540, 44, labels["verdict"], fill=SOFT)
    for k, row in enumerate(sorted(found, key=lambda row: -row["level"])):
        y = _TOP + k * _ROW
        drawing.line([(14, y - 13), (626, y - 13)], stroke=LINE, stroke_width=0.5)
        drawing.text(14, y + 4, row["name"][:16])
        _spark(drawing, 128, y, history.frames, row["place"])
        drawing.text(206, y + 4, _dash(row["gradient"], number))
        _scale(drawing, 270, y, row["ratio"])
        drawing.text(340, y + 4, _dash(row["ratio"], number))
        for x, name in ((392, "dead"), (464, "saturated")):
            _bar(drawing, x, y, row[name])
        _mark(drawing, 546, y, row["level"])
        drawing.text(558, y + 4, labels[f"note_{row['note']}"][:14], size=10, fill=INK)
    return drawing.done()


def _spark(drawing: Picture, x: float, y: float, frames: list[Frame], place: int) -> None:
    """The gradient's norm over time on a logarithmic scale, without numbers."""
    sizes = [frame.get(place, "gradient") for frame in frames]
    logs = [(k, math.log10(v)) for k, v in enumerate(sizes) if v > 0 and math.isfinite(v)]
    if len(logs) < 2:
        return
    low, high = min(v for _, v in logs), max(v for _, v in logs)
    low, high = (low + high) / 2 - max(1, high - low) / 2, (low + high) / 2 + max(1, high - low) / 2
    across = 70 / max(1, len(sizes) - 1)
    line = [(x + across * k, y + 8 - 16 * (v - low) / (high - low)) for k, v in logs]
    drawing.line(line, stroke=BLUE, stroke_width=1.3)


def _scale(drawing: Picture, x: float, y: float, value: float) -> None:
    """A mark between 1e-7 and 1, the usual band behind it."""
    across = 64 / 7
    drawing.rect(x, y - 3, 64, 6, fill="#EEF1F4")
    drawing.rect(x + 3 * across, y - 5, 2 * across, 10, fill="#BFE5D8")
    drawing.line([(x + 4 * across, y - 5), (x + 4 * across, y + 5)], stroke=GREEN)
    if value > 0 and math.isfinite(value):
        drawing.circle(x + across * min(max(math.log10(value) + 7, 0), 7), y, 3.2, fill=INK)


def _bar(drawing: Picture, x: float, y: float, share: float) -> None:
    if math.isnan(share):
        drawing.text(x, y + 4, "–", fill=SOFT)
        return
    drawing.rect(x, y - 4, 30, 8, fill="#EEF1F4")
    drawing.rect(x, y - 4, 30 * share, 8, fill=VERMILLION)
    drawing.text(x + 34, y + 4, f"{round(100 * share)} %", size=10)


def _mark(drawing: Picture, x: float, y: float, level: int) -> None:
    """A disc, a triangle or a square: the level also without colour."""
    colour = _LEVEL_COLOUR[level]
    if level == BAD:
        drawing.rect(x - 5, y - 5, 10, 10, fill=colour)
    elif level:
        drawing.line([(x - 6, y + 5), (x, y - 6), (x + 6, y + 5), (x - 6, y + 5)], fill=colour, stroke=colour)
    else:
        drawing.circle(x, y, 4.5, fill=colour)
