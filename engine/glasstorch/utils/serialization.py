"""Settings of ``save`` and ``load``. Source: https://pytorch.org/docs/stable/notes/serialization.html"""

from __future__ import annotations

from ..serialization import config

__all__ = ["config"]
