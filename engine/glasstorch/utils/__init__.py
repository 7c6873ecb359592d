"""Tools around training. Source: https://pytorch.org/docs/stable/data.html"""

from . import data, dlpack

__all__ = ["data", "dlpack"]
