"""Image datasets and transforms, as in torchvision. Source: https://pytorch.org/vision/stable/

Images are Pillow images, as there; Pillow is needed only when one is asked for.
"""

from . import datasets, ops, transforms

__all__ = ["datasets", "ops", "transforms"]
