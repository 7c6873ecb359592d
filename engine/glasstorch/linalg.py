"""Linear algebra: ``glasstorch.linalg``, PyTorch's ``torch.linalg``."""

from __future__ import annotations

from .ops.products import linalg_cross as cross
from .ops.products import multi_dot

__all__ = ["cross", "multi_dot"]
