"""Names of memory formats and layouts. Every tensor here is strided; formats are accepted and remembered by strides."""

from __future__ import annotations

from ..core.forms import FUNCTIONS


class memory_format:
    """How the elements of a tensor follow each other in memory."""

    __module__ = "glasstorch"

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # pickled as the one object of that name in glasstorch


class layout(memory_format):
    """How a tensor is stored: all tensors here are ``strided``, the others are names."""

    __module__ = "glasstorch"


for _name in ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"):
    FUNCTIONS.setdefault(_name, memory_format(_name))
FUNCTIONS["legacy_contiguous_format"] = FUNCTIONS["contiguous_format"]
for _name in ("strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"):
    FUNCTIONS.setdefault(_name, layout(_name))
FUNCTIONS.setdefault("memory_format", memory_format)
FUNCTIONS.setdefault("layout", layout)
