"""Pillow, asked for only when an image is."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def image_from_array(pixels: np.ndarray) -> Any:
    """A Pillow image of 8-bit pixels; ImportError saying what to install."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "Images are handed out as Pillow images, and Pillow is not installed: pip install 'glasstorch[vision]'. "
            "Without it, dataset.data and dataset.targets hold the same pixels and labels as tensors."
        ) from None
    return Image.fromarray(pixels)


def is_image(x: Any) -> bool:
    """Is it a Pillow image?"""
    module = sys.modules.get("PIL.Image")  # if Pillow was never imported, it is none
    return module is not None and isinstance(x, module.Image)
