"""A line that tells how far a transfer has come: tqdm's where it is installed, else a short one of our own."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

UNITS = ["B", "kB", "MB", "GB", "TB"]


def in_bytes(count: float) -> str:
    """A number of bytes to read: ``in_bytes(9912422)`` is ``'9.9 MB'``."""
    unit = 0
    while count >= 999.95 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.1f} {UNITS[unit]}" if unit else f"{count:.0f} B"


class TextBar:
    """Progress as text. On a terminal and in a notebook one line is rewritten; a log file gets a line now and then.

    Args:
        name: what is on its way.
        total: bytes in all, None where the server does not say.
        done: bytes that had come before.
        stream: where to write.
    """

    WIDTH = 24

    def __init__(self, name: str, total: int | None, done: int, stream: TextIO) -> None:
        self.name, self.total, self.done, self.stream = name, total, done, stream
        # A notebook's stream is no terminal, yet understands a carriage return.
        self.rewrites = stream.isatty() or type(stream).__module__.startswith("ipykernel")
        self.pause = 0.1 if self.rewrites else 10.0
        self.shown = self.began = time.monotonic()
        self.at_start = done

    def update(self, count: int) -> None:
        """``count`` more bytes have come."""
        self.done += count
        if time.monotonic() - self.shown >= self.pause:
            self._show()

    def close(self) -> None:
        """Say where it ended."""
        self._show()
        if self.rewrites:
            self.stream.write("\n")
        self.stream.flush()

    def _show(self) -> None:
        self.shown = time.monotonic()
        speed = in_bytes((self.done - self.at_start) / max(self.shown - self.began, 1e-3))
        if self.total:
            part = min(self.done / self.total, 1.0)
            filled = round(part * self.WIDTH)
            text = f"[{'#' * filled}{' ' * (self.WIDTH - filled)}] {part:4.0%} of {in_bytes(self.total)}"
        else:
            text = in_bytes(self.done)
        text = f"{self.name}: {text}, {speed}/s"
        self.stream.write(f"\r{text:<79}" if self.rewrites else text + "\n")
        self.stream.flush()


class _Silence:
    def update(self, count: int) -> None:
        pass

    def close(self) -> None:
        pass


def progress_bar(name: str, total: int | None, done: int = 0, show: bool = True) -> Any:
    """Something with ``update(count)`` and ``close()`` that shows progress on the error stream."""
    if not show or sys.stderr is None:  # a program without a console has no error stream
        return _Silence()
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        return TextBar(name, total, done, sys.stderr)
    return tqdm(total=total, initial=done, desc=name, unit="B", unit_scale=True)
