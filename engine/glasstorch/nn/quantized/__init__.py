"""The older place of ``torch.ao.nn.quantized``."""

from __future__ import annotations

from . import dynamic

__all__ = ["dynamic"]
