"""Changing images on their way to the model: Pillow images, or tensors (..., channels, height, width).

Source: https://pytorch.org/vision/stable/transforms.html
"""

# ruff: noqa: F403  (a public namespace; what it takes is in __all__)
from . import autoaugment, functional, transforms
from .autoaugment import *
from .transforms import *

__all__ = [*autoaugment.__all__, *transforms.__all__, "autoaugment", "functional", "transforms"]
