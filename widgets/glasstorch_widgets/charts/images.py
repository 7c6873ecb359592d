"""`images(batch, captions)`: a row of small pictures, as plain HTML that needs no script."""

from __future__ import annotations

import base64
import html
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

MOST = 200  # pictures; more belong into a file, not a notebook
SMALLEST_SIDE = 64  # pixels on the screen; smaller pictures are enlarged to at least this

_ROW = "display:flex;flex-wrap:wrap;gap:12px;margin:4px 0"
_FIGURE = "margin:0;display:grid;justify-items:center;gap:2px"
_CAPTION = "font-size:12px;text-align:center"


class Images:
    """Grey pictures side by side. See `images` for the arguments; `_repr_html_` is what a notebook shows."""

    def __init__(self, batch: Any, captions: Sequence[Any] | None = None) -> None:
        self.pixels = _pixels(batch)
        if len(self.pixels) > MOST:
            raise ValueError(
                f"images() shows at most {MOST} pictures, not {len(self.pixels)}; take a slice such as batch[:20]"
            )
        self.captions = [_text(caption) for caption in captions] if captions is not None else []
        if captions is not None and len(self.captions) != len(self.pixels):
            raise ValueError(f"there are {len(self.pixels)} pictures and {len(self.captions)} captions")

    def __repr__(self) -> str:
        count, height, width = self.pixels.shape
        names = f": {', '.join(self.captions)}" if self.captions else ""
        return f"{count} picture{'s' if count != 1 else ''} of {height} × {width} pixels{names}"

    def _repr_html_(self) -> str:
        _, height, width = self.pixels.shape
        scale = max(1, -(-SMALLEST_SIDE // max(height, width, 1)))
        size = f"width:{width * scale}px;height:{height * scale}px"
        figures = []
        for index, pixels in enumerate(self.pixels):
            caption = html.escape(self.captions[index]) if self.captions else ""
            source = base64.b64encode(png(pixels)).decode("ascii")
            figures.append(
                f'<figure style="{_FIGURE}"><img alt="{caption or f"picture {index}"}" '
                f'style="{size};max-width:none;image-rendering:pixelated" src="data:image/png;base64,{source}">'
                + (f'<figcaption style="{_CAPTION}">{caption}</figcaption>' if caption else "")
                + "</figure>"
            )
        return f'<div style="{_ROW}">{"".join(figures)}</div>'


def images(batch: Any, captions: Sequence[Any] | None = None) -> Images:
    """Show pictures in a notebook, darkest for the smallest value of the batch, white for the largest.

    Args:
        batch: a tensor or array of shape (N, H, W), (N, 1, H, W) or, for one picture, (H, W).
        captions: one for each picture; anything that `str` turns into a line.

    Raises:
        ValueError: another shape, more than 200 pictures, or not one caption for each.
    """
    return Images(batch, captions)


def png(pixels: np.ndarray) -> bytes:
    """An 8-bit PNG file of a uint8 array: grey (H, W), or red, green and blue (H, W, 3)."""
    height, width = pixels.shape[:2]
    line = pixels.reshape(height, -1)
    rows = np.zeros((height, line.shape[1] + 1), np.uint8)  # each row starts with its filter: 0, none
    rows[:, 1:] = line
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _pixels(batch: Any) -> np.ndarray:
    """The batch as uint8 of shape (N, H, W)."""
    detach = getattr(batch, "detach", None)
    array = np.asarray(detach().cpu().numpy() if callable(detach) else batch)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3:
        raise ValueError(f"images() takes shape (N, H, W), (N, 1, H, W) or (H, W), not {array.shape}")
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    share = (numbers - low) / ((high - low) or 1.0)
    return np.rint(255 * np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0)).astype(np.uint8)


def _text(value: Any) -> str:
    item = getattr(value, "item", None)
    return str(item() if callable(item) else value)
