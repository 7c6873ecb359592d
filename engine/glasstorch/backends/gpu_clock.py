"""Times on the GPU: marks on the current stream, read once the work before them is done."""

from __future__ import annotations

from typing import Any

from . import cupy, require


def available() -> bool:
    """Is there a GPU whose time could be taken?"""
    return cupy() is not None


def mark() -> Any:
    """A mark behind all work that was given to the current stream so far. Does not wait for it."""
    event = require("cuda").cuda.Event()
    event.record()
    return event


def wait() -> None:
    """Wait until the GPU has done all it was given."""
    require("cuda").cuda.Device().synchronize()


def microseconds(before: Any, after: Any) -> float:
    """The GPU's time between two marks that it has passed."""
    return float(require("cuda").cuda.get_elapsed_time(before, after)) * 1000.0


def device() -> int:
    """The number of the current GPU."""
    return int(require("cuda").cuda.Device().id)
