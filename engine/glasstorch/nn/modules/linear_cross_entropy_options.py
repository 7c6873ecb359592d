"""A setting of ``LinearCrossEntropyLoss``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class LinearCrossEntropyOptions:
    """How PyTorch may split the work of ``linear_cross_entropy`` to save memory. Here they change nothing."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None
