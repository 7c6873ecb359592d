"""Image files as tensors and back, by way of Pillow. Source: https://pytorch.org/vision/stable/io.html"""

from __future__ import annotations

from typing import Any

from ...homes import open_homes as _open_homes
from .decode import (
    ImageReadMode,
    decode_avif,
    decode_gif,
    decode_heic,
    decode_image,
    decode_jpeg,
    decode_png,
    decode_webp,
    read_image,
)
from .encode import encode_jpeg, encode_png, write_jpeg, write_png
from .files import read_file, write_file

__all__ = [
    "ImageReadMode",
    "decode_avif",
    "decode_gif",
    "decode_heic",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "decode_webp",
    "encode_jpeg",
    "encode_png",
    "read_file",
    "read_image",
    "write_file",
    "write_jpeg",
    "write_png",
]

_open_homes(__name__)

_VIDEO = ("read_video", "read_video_timestamps", "write_video", "VideoReader")


def __getattr__(name: str) -> Any:
    message = f"module {__name__!r} has no attribute {name!r}"
    if name in _VIDEO:
        message += (
            ": torchvision has given up its video functions. Decode with TorchCodec or PyAV, frame by frame."
        )
    raise AttributeError(message)
