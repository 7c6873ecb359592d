"""Pillow, asked for only when an image is."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def pillow() -> Any:
    """The module ``PIL.Image``; ImportError saying what to install."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "Images are handed out as Pillow images, and Pillow is not installed: pip install 'glasstorch[vision]'. "
            "Without it there are tensors: dataset.data and dataset.targets hold the same pixels and labels, and "
            "transforms take tensors too."
        ) from None
    return Image


def image_from_array(pixels: np.ndarray) -> Any:
    """A Pillow image of an array; its type and number of channels decide the mode."""
    return pillow().fromarray(pixels)


def image_from_buffer(pixels: np.ndarray, mode: str) -> Any:
    """A Pillow image of ``mode`` over an array's own bytes (height, width[, channels]); over a copy, if it has gaps."""
    height, width = pixels.shape[:2]
    held = pixels if pixels.flags.c_contiguous else pixels.tobytes()
    return pillow().frombuffer(mode, (width, height), held, "raw", mode, 0, 1)


def is_image(x: Any) -> bool:
    """Is it a Pillow image?"""
    module = sys.modules.get("PIL.Image")  # if Pillow was never imported, it is none
    return module is not None and isinstance(x, module.Image)
