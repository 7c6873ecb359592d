"""Models that compute with small integers: ``quantization`` makes them, ``nn.quantized`` has their layers."""

from __future__ import annotations

from . import nn, quantization

__all__ = ["nn", "quantization"]
