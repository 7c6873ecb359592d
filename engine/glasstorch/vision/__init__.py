"""Image datasets, transforms and models, as in torchvision. Source: https://pytorch.org/vision/stable/

Images are Pillow images, as there; Pillow is needed only when one is asked for.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from . import datasets, ops, transforms

__all__ = ["datasets", "io", "models", "ops", "transforms", "tv_tensors", "utils"]

_LATER = ("io", "models", "tv_tensors", "utils")  # what most programs do without is imported when asked for


def __getattr__(name: str) -> _Any:
    if name in _LATER:
        return _import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
