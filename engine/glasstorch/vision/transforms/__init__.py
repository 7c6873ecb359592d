"""Changing images on their way to the model. Source: https://pytorch.org/vision/stable/transforms.html"""

from . import functional
from .transforms import Compose, Lambda, Normalize, ToTensor

__all__ = ["Compose", "Lambda", "Normalize", "ToTensor", "functional"]
