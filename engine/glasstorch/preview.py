"""What a notebook shows for a tensor: facts, a coloured grid of (part of) the values, and the text on demand.

One block of HTML: no script, nothing from the network, bounded in size. Colours say sign and size: blue below zero,
orange above, the paler the nearer to zero (Okabe and Ito's palette, as in the views for notebooks). Cells bring their
own text colour, everything else takes the page's, so that light and dark themes both work. Only what is shown is copied
from a GPU.
"""

from __future__ import annotations

import html
import itertools
import math
import sys
from typing import Any

import numpy as np

from . import backends
from .core import dtype as dt
from .core.tensor import Tensor

TABLE_ROWS, TABLE_COLUMNS = 10, 12  # up to this size the values are written out
MAP_SIDE = 40  # rows and columns of the largest heat map
COUNTED = 4_000_000  # elements up to which minimum, mean and maximum are those of the whole tensor
ALL = "All values"
TEXT_LENGTH = 3000  # characters of the plain text that may be unfolded

NEGATIVE, ZERO, POSITIVE = (0x00, 0x72, 0xB2), (0xF4, 0xF4, 0xF2), (0xD5, 0x5E, 0x00)
NOT_A_NUMBER = "#cc79a7"
STEPS = 12  # shades on each side of zero


def tensor_html(t: Tensor) -> str:
    """The HTML that Jupyter shows for a tensor."""
    name = type(t).__name__ if type(t) is not Tensor else "tensor"
    facts = [f"<b>{html.escape(name)}</b>", f"shape {tuple(t._a.shape)}", repr(t.dtype), str(t.device)]
    if t.grad_fn is not None:
        facts.append(html.escape(f"grad_fn=<{t.grad_fn.name()}>"))
    elif t.requires_grad:
        facts.append("requires_grad=True")
    parts = [f'<div style="font-family:monospace">{" · ".join(facts)}</div>']
    if not t._a.size:
        parts.append("<div>no elements</div>")
        return _frame(f"{name} of shape {tuple(t._a.shape)}, no elements", parts)
    where, rows, columns, shown = _slice(t._a)
    numbers = _numbers(shown)
    summary = _summary(t, numbers)
    if t._a.ndim:
        scale = _scale(numbers)
        small = shown.shape == (rows, columns) and rows <= TABLE_ROWS and columns <= TABLE_COLUMNS
        words = _words(t._a.shape, where, (rows, columns), shown.shape)
        if small:
            parts.append(_table(shown, numbers, scale, words, t._a.ndim))
        else:
            parts.append(_heat_map(numbers, scale, f"{words}. {summary}"))
        parts += [f"<div>{words}</div>"] if words != ALL else []
        parts += [_legend(numbers, scale, t.dtype.is_complex)] if t.dtype is not dt.bool_ else []
    parts += [f"<div>{summary}</div>", _text(t), _larger()]
    return _frame(f"{name} of shape {tuple(t._a.shape)}, type {t.dtype!r}. {summary}", parts)


def _frame(label: str, parts: list[str]) -> str:
    style = "display:inline-block;max-width:100%;overflow-x:auto;line-height:1.5;font-size:13px"
    return f'<div role="group" aria-label="{html.escape(label)}" style="{style}">{"".join(parts)}</div>'


# ------------------------------------------------------------------ what is shown
def _slice(a: Any) -> tuple[tuple[int, ...], int, int, np.ndarray]:
    """The first matrix of an array, thinned to the map's size, on the CPU; and its full number of rows and columns."""
    where = (0,) * max(a.ndim - 2, 0)
    matrix = a[where] if a.ndim > 2 else a.reshape((1, -1)) if a.ndim < 2 else a
    rows, columns = matrix.shape
    if rows <= TABLE_ROWS and columns <= TABLE_COLUMNS:
        thin = matrix
    else:
        thin = matrix[:: -(-rows // MAP_SIDE), :: -(-columns // MAP_SIDE)]
    return where, rows, columns, np.asarray(backends.move(thin, "cpu", None)).view(np.ndarray)


def _numbers(shown: np.ndarray) -> np.ndarray:
    """What the colours stand for: the values as floats; sizes of complex numbers."""
    with np.errstate(all="ignore"):
        return np.abs(shown).astype(float) if shown.dtype.kind == "c" else shown.astype(float)


def _words(shape: tuple, where: tuple, full: tuple[int, int], shown: tuple[int, ...]) -> str:
    """Plain words for which part of the tensor is seen."""
    out = []
    if where and math.prod(shape[:-2]) > 1:
        out.append(f"[{', '.join(map(str, where))}], the first of {math.prod(shape[:-2])} matrices")
    if shown != full:
        steps = [f"every {_ordinal(-(-n // MAP_SIDE))} {w}" for n, m, w in
                 zip(full, shown, ("row", "column"), strict=True) if n != m]  # fmt: skip
        if len(shape) == 1:
            steps = [f"every {_ordinal(-(-full[1] // MAP_SIDE))} value"]
        size = " × ".join(map(str, full)) if len(shape) > 1 else str(full[1])
        out.append(f"a sample, {' and '.join(steps)} of {size}")
    return f"Shown: {'; '.join(out)}" if out else ALL


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _summary(t: Tensor, shown: np.ndarray) -> str:
    """Minimum, mean, maximum and how many values are no finite numbers."""
    a = t._a
    if t.dtype is dt.bool_:
        return f"True: {int(a.sum())} of {a.size}"
    whole = a.size <= COUNTED
    xp = backends.namespace(a) if whole else np
    values = a if whole else shown
    if t.dtype.is_complex:
        values = xp.abs(values)
    if values.dtype.kind not in "iu":
        values = values.astype(xp.float64)
    with np.errstate(all="ignore"):
        finite = xp.isfinite(values)
        odd = int(finite.size - finite.sum())
        told = values[finite] if odd else values
        mark, of = ("|z| " if t.dtype.is_complex else ""), ("" if whole else " (of the values shown)")
        if not told.size:
            text = "no finite values"
        elif a.size == 1:
            text = f"value {_number(a.reshape(-1)[0].item(), a.dtype.kind)}"
        else:
            kind = values.dtype.kind
            text = " · ".join(f"{mark}{w} {_number(f(told).item(), k)}" for w, f, k in
                              (("min", xp.min, kind), ("mean", xp.mean, "f"), ("max", xp.max, kind)))  # fmt: skip
        if odd:
            nans = int(xp.isnan(values).sum())
            text += "".join(f" · {n} {w}" for n, w in ((nans, "NaN"), (odd - nans, "infinite")) if n)
    return text + of


def _number(value: Any, kind: str) -> str:
    if isinstance(value, complex):
        return f"{value:.3g}"
    return str(int(value)) if kind in "iu" else f"{float(value):.4g}"


def _text(t: Tensor) -> str:
    plain = repr(t)
    if len(plain) > TEXT_LENGTH:
        return ""
    return f"<details><summary>as text</summary><pre>{html.escape(plain)}</pre></details>"


def _larger() -> str:
    """Where the notebook has the views: which of them shows more than this."""
    if "glasstorch_widgets" not in sys.modules:
        return ""
    return "<div>Slices, strides, memory: <code>glasstorch_widgets.tensor_view(t)</code></div>"


# ------------------------------------------------------------------ colours
def _scale(numbers: np.ndarray) -> float:
    """The size that has the full colour."""
    finite = np.abs(numbers[np.isfinite(numbers)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _shades(numbers: np.ndarray, scale: float) -> np.ndarray:
    """For each value a step from -STEPS to STEPS; STEPS + 1 for NaN."""
    with np.errstate(all="ignore"):
        part = np.clip(np.nan_to_num(numbers / scale, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1)
    steps = np.sign(part) * np.ceil(np.abs(part) * STEPS)
    return np.where(np.isnan(numbers), STEPS + 1, steps).astype(int)


def _colour(step: int) -> str:
    """From pale to full, evenly in the channels."""
    if step > STEPS:
        return NOT_A_NUMBER
    end, share = (NEGATIVE if step < 0 else POSITIVE), abs(step) / STEPS
    return "#" + "".join(f"{round(z + (e - z) * share):02x}" for z, e in zip(ZERO, end, strict=True))


def _ink(colour: str) -> str:
    """Black or white text, whichever has more contrast (relative luminance as WCAG defines it)."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#fff"


# ------------------------------------------------------------------ the grid
def _table(shown: np.ndarray, numbers: np.ndarray, scale: float, words: str, ndim: int) -> str:
    """A real table: numbered rows and columns, each value on its colour."""
    shades = _shades(numbers, scale)
    plain = "padding:2px 6px;border:none;background:none;font-weight:normal;text-align:right;color:inherit"
    head = "".join(f'<th scope="col" style="{plain}">{c}</th>' for c in range(shown.shape[1]))
    corner = f'<td style="{plain}"></td>' if ndim > 1 else ""
    lines = [f"<tr>{corner}{head}</tr>"]
    for r, row in enumerate(shown):
        cells = [f'<th scope="row" style="{plain}">{r}</th>'] if ndim > 1 else []
        for value, step in zip(row, shades[r], strict=True):
            colour = _colour(int(step))
            text = str(bool(value)) if shown.dtype.kind == "b" else _number(value.item(), shown.dtype.kind)
            style = f"padding:2px 6px;border:none;text-align:right;background:{colour};color:{_ink(colour)}"
            cells.append(f'<td style="{style}">{text}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    style = "border-collapse:collapse;margin:4px 0;font-family:monospace"
    return f'<table aria-label="{html.escape(words)}" style="{style}">{"".join(lines)}</table>'


def _heat_map(numbers: np.ndarray, scale: float, label: str) -> str:
    """One SVG path for each colour; neighbours of one colour in a row are one piece."""
    shades = _shades(numbers, scale)
    rows, columns = shades.shape
    pieces: dict[int, list[str]] = {}
    for r in range(rows):
        line = shades[r]
        starts = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), columns]
        for c, end in itertools.pairwise(starts):
            pieces.setdefault(int(line[c]), []).append(f"M{c} {r}h{end - c}v1h-{end - c}z")
    paths = "".join(f'<path fill="{_colour(s)}" d="{"".join(d)}"/>' for s, d in sorted(pieces.items()))
    cell = min(16, max(6, 320 // max(rows, columns)))
    label = html.escape(label)
    return (
        f'<svg role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg" width="{columns * cell}" '
        f'height="{rows * cell}" viewBox="0 0 {columns} {rows}" shape-rendering="crispEdges" '
        f'style="display:block;max-width:100%;margin:4px 0"><title>{label}</title>{paths}</svg>'
    )


def _legend(numbers: np.ndarray, scale: float, sizes: bool) -> str:
    """What the colours mean: a bar from the full negative colour through zero to the full positive one."""
    steps = ", ".join(_colour(s) for s in (-STEPS, 0, STEPS))
    bar = f"display:inline-block;width:120px;height:10px;margin:0 6px;background:linear-gradient(to right, {steps})"
    text = f'−{scale:.3g}<span aria-hidden="true" style="{bar}"></span>{scale:.3g}, palest at 0'
    if sizes:
        text += " (sizes of the complex numbers)"
    if np.isnan(numbers).any():
        swatch = f"display:inline-block;width:10px;height:10px;margin:0 4px 0 12px;background:{NOT_A_NUMBER}"
        text += f'<span aria-hidden="true" style="{swatch}"></span>NaN'
    if np.isinf(numbers).any():
        text += " (infinite values have the full colour)"
    return f"<div>Colours: {text}</div>"


Tensor._repr_html_ = tensor_html  # type: ignore[attr-defined]
