"""Layers whose weights are integers: ``dynamic`` ones, which quantize what comes in on the fly."""

from __future__ import annotations

from . import dynamic

__all__ = ["dynamic"]
