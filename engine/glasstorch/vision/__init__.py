"""Image datasets, transforms and models, as in torchvision. Source: https://pytorch.org/vision/stable/

Images are Pillow images, as there; Pillow is needed only when one is asked for.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from . import datasets, ops, transforms

__all__ = ["datasets", "models", "ops", "transforms"]


def __getattr__(name: str) -> _Any:
    if name == "models":  # many files, which most programs do without
        return _import_module(f"{__name__}.models")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
