"""Tools around training. Source: https://pytorch.org/docs/stable/data.html"""

from . import data

__all__ = ["data"]
