"""Encoded images as uint8 tensors (channels, height, width).

Pillow reads the formats. What each becomes for a wanted mode follows libpng and libjpeg, which torchvision calls:
they round a little differently from Pillow where colours turn grey.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from enum import Enum
from typing import Any

import numpy as np

from ...core import dtype as dt
from ...core.device import device as Device
from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops.exchange import from_numpy
from ..pillow import pillow
from .files import read_file


class ImageReadMode(Enum):
    """What a decoder should make of an image. The name does as well: ``mode="RGB"``.

    UNCHANGED: as it is. GRAY, RGB: one or three channels. GRAY_ALPHA, RGB_ALPHA (or RGBA): with opacity after them.
    """

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4
    RGBA = RGB_ALPHA


_GREY = (ImageReadMode.GRAY, ImageReadMode.GRAY_ALPHA)
_OPACITY = (ImageReadMode.GRAY_ALPHA, ImageReadMode.RGB_ALPHA)


def _mode(mode: ImageReadMode | str) -> ImageReadMode:
    return ImageReadMode[mode.upper()] if isinstance(mode, str) else mode


def _bytes(input: Any) -> bytes:
    """The file in a tensor; RuntimeError when it can be none."""
    if input.dtype is not dt.uint8:
        raise RuntimeError(f"Input tensor must have uint8 data type, got {input.dtype}")
    if input.dim() != 1 or not input.numel():
        raise RuntimeError(
            f"Input tensor must be 1-dimensional and non-empty, got {input.dim()} dims  and {input.numel()} numels."
        )
    return input.numpy(force=True).tobytes()


@contextlib.contextmanager
def _opened(data: bytes, kind: str) -> Iterator[Any]:
    """The file as a Pillow image of that format; what goes wrong in reading it is a RuntimeError."""
    image = pillow()
    try:
        with image.open(io.BytesIO(data), formats=[kind]) as opened:
            yield opened
    except image.UnidentifiedImageError:
        raise RuntimeError(
            f"Content is not {kind.lower()}!\nThe data begins with {data[:8]!r}, or ends before the image does."
        ) from None
    except (
        OSError,
        SyntaxError,
        EOFError,
        ValueError,
        IndexError,
    ) as error:  # Pillow's words for broken files
        raise RuntimeError(
            f"Image is incomplete or truncated: Pillow could not read the {kind} data ({error})."
        ) from None


def _upright(image: Any, wanted: bool) -> Any:
    """The image turned as its EXIF data says a camera was held."""
    if not wanted:
        return image
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _tensor(pixels: np.ndarray) -> Tensor:
    """Pixels (height, width[, channels]) with the channels first."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def _png_grey(rgb: np.ndarray) -> np.ndarray:
    """Brightness as libpng has it: weights 0.2989, 0.587 and the rest, in 15-bit fixed point, cut off."""
    weights = np.array([9794, 19234, 3740], np.int64)
    return ((rgb.astype(np.int64) @ weights) >> 15).astype(rgb.dtype)


def _in_mode(pixels: np.ndarray, mode: ImageReadMode) -> np.ndarray:
    """Grey, coloured or transparent pixels (height, width, channels) in another mode."""
    channels = pixels.shape[2]
    opaque = np.iinfo(pixels.dtype).max
    colour = pixels[..., :-1] if channels in (2, 4) else pixels
    opacity = pixels[..., -1:] if channels in (2, 4) else np.full_like(pixels[..., :1], opaque)
    if mode in _GREY and colour.shape[2] == 3:
        colour = _png_grey(colour)[..., None]
    elif mode not in _GREY and colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    return np.concatenate([colour, opacity], axis=2) if mode in _OPACITY else colour


def decode_png(
    input: Tensor,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """A PNG file as a tensor (channels, height, width); uint16 for grey images of 16 bits.

    Args:
        input: the bytes of the file, uint8 (N,).
        mode: what to make of it.
        apply_exif_orientation: turn it as its EXIF data says.

    Raises RuntimeError for what is no PNG or ends too soon, and for 16-bit colours, which Pillow does not read.
    """
    mode, data = _mode(mode), _bytes(input)
    deep = len(data) > 25 and data[24] == 16  # the header's bits for each channel, then its colour type
    if deep and data[25]:
        raise RuntimeError(
            "This PNG has colours of 16 bits, which Pillow does not read. Save it with 8 bits for each channel."
        )
    with _opened(data, "PNG") as image:
        image = _upright(image, apply_exif_orientation)
        if deep:
            pixels = np.array(image).astype(np.uint16)
        elif image.mode == "1":
            pixels = np.array(image.convert("L"))
        elif image.mode == "P" and mode is not ImageReadMode.UNCHANGED:
            pixels = np.array(image.convert("RGBA" if "transparency" in image.info else "RGB"))
        else:
            pixels = np.array(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return _tensor(pixels if mode is ImageReadMode.UNCHANGED else _in_mode(pixels, mode))


def _cmyk_to_rgb(cmyk: np.ndarray) -> np.ndarray:
    """Colours of inks as light, in rounded 8-bit arithmetic; the inks are as the file has them, more being lighter."""
    ink, black = 255 - cmyk[..., :3].astype(np.int64), cmyk[..., 3:].astype(np.int64)
    taken = black * ink + 128
    taken = ((taken >> 8) + taken) >> 8
    return np.clip(black - taken, 0, 255).astype(np.uint8)


def _read_jpeg(data: bytes, mode: ImageReadMode, upright: bool) -> Tensor:
    if mode in _OPACITY:
        raise RuntimeError("The provided mode is not supported for JPEG files")
    with _opened(data, "JPEG") as image:
        inks = image.mode == "CMYK"
        if not inks and mode is not ImageReadMode.UNCHANGED:
            # The decoder leaves out the colours: brightness is stored by itself
            image.draft("L" if mode is ImageReadMode.GRAY else "RGB", image.size)
        pixels = np.array(_upright(image, upright))
    if inks:
        pixels = _inverted_inks(pixels)
        if mode is not ImageReadMode.UNCHANGED:
            pixels = _cmyk_to_rgb(pixels)
        if mode is ImageReadMode.GRAY:
            pixels = ((pixels.astype(np.int64) @ np.array([19595, 38470, 7471]) + 0x8000) >> 16).astype(
                np.uint8
            )
    elif mode is ImageReadMode.RGB and pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    return _tensor(pixels)


def _inverted_inks(pixels: np.ndarray) -> np.ndarray:
    """Pillow turns the inks of Adobe's files over; the file, and torchvision, has them the other way."""
    return 255 - pixels


def decode_jpeg(
    input: Tensor | list[Tensor],
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    device: str | Device = "cpu",
    apply_exif_orientation: bool = False,
) -> Any:
    """A JPEG file as a uint8 tensor (channels, height, width), or a list of them as a list.

    Args:
        input: the bytes of the file, uint8 (N,), on the CPU.
        mode: what to make of it; JPEG has no opacity.
        device: where the result goes. The decoding itself is done on the CPU.
        apply_exif_orientation: turn it as its EXIF data says.

    Raises RuntimeError for what is no JPEG or ends too soon.
    """
    mode = _mode(mode)
    if isinstance(input, list):
        if not input:
            raise ValueError("Input list must contain at least one element")
        if not all(isinstance(t, Tensor) for t in input):
            raise ValueError("All elements of the input list must be tensors.")
        if not all(t.device.type == "cpu" for t in input):
            raise ValueError("Input list must contain tensors on CPU.")
    elif input.device.type != "cpu":
        raise ValueError("Input tensor must be a CPU tensor")
    several = input if isinstance(input, list) else [input]
    images: list[Any] = [_read_jpeg(_bytes(t), mode, apply_exif_orientation) for t in several]
    images = [image.to(device) for image in images]
    return images if isinstance(input, list) else images[0]


def decode_gif(input: Tensor) -> Tensor:
    """A GIF file as a uint8 tensor (3, height, width), or (frames, 3, height, width) when it moves."""
    with _opened(_bytes(input), "GIF") as image:
        frames = []
        for k in range(image.n_frames):
            image.seek(k)
            frames.append(np.array(image.convert("RGB")))
    pixels = np.ascontiguousarray(np.stack(frames).transpose(0, 3, 1, 2))
    return from_numpy(pixels[0] if len(frames) == 1 else pixels)


def decode_webp(input: Tensor, mode: ImageReadMode | str = ImageReadMode.UNCHANGED) -> Tensor:
    """A WebP file as a uint8 tensor (3 or 4, height, width). Grey modes leave it in colours, with a warning."""
    mode = _mode(mode)
    if mode in _GREY:
        warn(
            "Webp does not support grayscale conversions. The returned tensor will be in the colorspace of the "
            "original image.",
        )
        mode = ImageReadMode.UNCHANGED
    with _opened(_bytes(input), "WEBP") as image:
        pixels = np.array(image if image.mode in ("RGB", "RGBA") else image.convert("RGBA"))
    return _tensor(pixels if mode is ImageReadMode.UNCHANGED else _in_mode(pixels, mode))


def decode_avif(input: Tensor, mode: ImageReadMode | str = ImageReadMode.UNCHANGED) -> Tensor:
    """An AVIF file as a uint8 tensor (3 or 4, height, width), where the installed Pillow reads them."""
    mode = _mode(mode)
    with _opened(_bytes(input), "AVIF") as image:
        pixels = np.array(image if image.mode in ("RGB", "RGBA") else image.convert("RGBA"))
    return _tensor(pixels if mode is ImageReadMode.UNCHANGED else _in_mode(pixels, mode))


def decode_heic(input: Tensor, mode: ImageReadMode | str = ImageReadMode.UNCHANGED) -> Tensor:
    """HEIC files are read neither by Pillow nor by torchvision alone: RuntimeError."""
    raise RuntimeError(
        "Pillow does not read HEIC files. Install pillow-heif, and hand its pixels to vision.transforms.v2.ToImage."
    )


_BEGINNINGS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))


def decode_image(
    input: Tensor | str | os.PathLike,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """A JPEG, PNG, GIF or WebP file as a tensor: see the decoder of each.

    Args:
        input: the bytes of the file, uint8 (N,), or its path.
        mode: what to make of it. A GIF is always RGB.
        apply_exif_orientation: turn JPEG and PNG images as their EXIF data says.
    """
    if not isinstance(input, Tensor):
        input = read_file(input)
    mode = _mode(mode)
    if input.dtype is not dt.uint8:
        raise RuntimeError("Expected a torch.uint8 tensor")
    if input.dim() != 1 or not input.numel():
        raise RuntimeError("Expected a non empty 1-dimensional tensor")
    head = _bytes(input[:16])
    kind = next((name for beginning, name in _BEGINNINGS if head.startswith(beginning)), None)
    if kind == "jpeg":
        return decode_jpeg(input, mode, apply_exif_orientation=apply_exif_orientation)
    if kind == "png":
        return decode_png(input, mode, apply_exif_orientation)
    if kind == "gif":
        return decode_gif(input)
    if head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8":
        return decode_webp(input, mode)
    raise RuntimeError(
        "Unsupported image file. Only jpeg, png, webp and gif are currently supported. For avif and heic format, "
        f"please rely on `decode_avif` and `decode_heic` directly.\nThe data begins with {head!r}."
    )


def read_image(
    path: str | os.PathLike,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """The image in a file: the older name of ``decode_image`` with a path."""
    return decode_image(read_file(path), mode, apply_exif_orientation)
