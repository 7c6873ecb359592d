"""Tensors as JPEG and PNG files."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.exchange import from_numpy
from ..pillow import image_from_array
from .files import write_file


def _image(input: Any) -> Any:
    """A Pillow image of a uint8 tensor (1 or 3, height, width)."""
    if input.dtype is not dt.uint8:
        raise RuntimeError("Input tensor dtype should be uint8")
    if input.dim() != 3:
        raise RuntimeError("Input data should be a 3-dimensional tensor")
    if input.shape[0] not in (1, 3):
        raise RuntimeError(f"The number of channels should be 1 or 3, got: {input.shape[0]}")
    pixels = np.ascontiguousarray(input.numpy(force=True).transpose(1, 2, 0))
    return image_from_array(pixels[:, :, 0] if input.shape[0] == 1 else pixels)


def _encoded(image: Any, kind: str, **options: Any) -> Tensor:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return from_numpy(np.frombuffer(file.getvalue(), np.uint8).copy())


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """The bytes, uint8 (N,), of a PNG file with the image ``input``, uint8 (1 or 3, height, width).

    ``compression_level``: 0 (none) to 9 (smallest).
    """
    if not 0 <= compression_level <= 9:
        raise RuntimeError("Compression level should be between 0 and 9")
    return _encoded(_image(input), "PNG", compress_level=compression_level)


def write_png(input: Tensor, filename: str | os.PathLike, compression_level: int = 6) -> None:
    """Write a PNG file, whole or not at all; see ``encode_png``."""
    write_file(filename, encode_png(input, compression_level))


def encode_jpeg(input: Tensor | list[Tensor], quality: int = 75) -> Any:
    """The bytes, uint8 (N,), of a JPEG file with the image ``input``, uint8 (1 or 3, height, width).

    A list of images gives a list. ``quality``: 1 (smallest) to 100 (best).
    """
    if quality < 1 or quality > 100:
        raise ValueError("Image quality should be a positive number between 1 and 100")
    if isinstance(input, list):
        if not input:
            raise ValueError("encode_jpeg requires at least one input tensor when a list is passed")
        return [encode_jpeg(image, quality) for image in input]
    return _encoded(_image(input), "JPEG", quality=quality)


def write_jpeg(input: Tensor, filename: str | os.PathLike, quality: int = 75) -> None:
    """Write a JPEG file, whole or not at all; see ``encode_jpeg``."""
    write_file(filename, encode_jpeg(input, quality))
