"""Tools around training. Source: https://pytorch.org/docs/stable/data.html"""

from . import checkpoint, data, dlpack, serialization

__all__ = ["checkpoint", "data", "dlpack", "serialization"]
