"""Tools around training. Source: https://pytorch.org/docs/stable/data.html"""

from . import checkpoint, data, dlpack, hooks, serialization

__all__ = ["checkpoint", "data", "dlpack", "hooks", "serialization"]
