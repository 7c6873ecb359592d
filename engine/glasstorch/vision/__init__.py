"""Image datasets, transforms and models, as in torchvision. Source: https://pytorch.org/vision/stable/

Images are Pillow images, as there; Pillow is needed only when one is asked for.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from ..version import __version__
from . import ops, transforms

__all__ = [
    "__version__",
    "datasets",
    "disable_beta_transforms_warning",
    "get_image_backend",
    "io",
    "models",
    "ops",
    "set_image_backend",
    "transforms",
    "tv_tensors",
    "utils",
]

_LATER = (
    "datasets",
    "io",
    "models",
    "tv_tensors",
    "utils",
)  # what most programs do without is imported when asked for


def __getattr__(name: str) -> _Any:
    if name in _LATER:
        return _import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get_image_backend() -> str:
    """The package that reads images: "PIL", always."""
    return "PIL"


def set_image_backend(backend: str) -> None:
    """Accepted for "PIL"; ValueError for other packages (torchvision's other one, accimage, is not offered)."""
    if backend != "PIL":
        raise ValueError(f"Invalid backend '{backend}'. Images are read by 'PIL' only")


def disable_beta_transforms_warning() -> None:
    """Does nothing: ``transforms.v2`` gives no such warning. Scripts of the time when torchvision's did call it."""
