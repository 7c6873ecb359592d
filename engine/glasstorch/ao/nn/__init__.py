"""Layers of quantized models."""

from __future__ import annotations

from . import quantized

__all__ = ["quantized"]
