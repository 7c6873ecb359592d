"""Tensors that know what they hold: images, videos, masks, boxes, points.

Source: https://pytorch.org/vision/stable/tv_tensors.html
"""

from __future__ import annotations

from typing import Any

from .base import TVTensor, set_return_type
from .pictures import Image, Mask, Video
from .places import BoundingBoxes, BoundingBoxFormat, KeyPoints, is_rotated_bounding_format

__all__ = [
    "BoundingBoxFormat",
    "BoundingBoxes",
    "Image",
    "KeyPoints",
    "Mask",
    "TVTensor",
    "Video",
    "is_rotated_bounding_format",
    "set_return_type",
    "wrap",
]


def wrap(wrappee: Any, *, like: Any, **kwargs: Any) -> Any:
    """A tensor as the type of ``like``, knowing what that knows, but for the keywords given."""
    if hasattr(type(like), "wrap"):
        return type(like).wrap(wrappee, like, **kwargs)
    return wrappee.as_subclass(type(like))
