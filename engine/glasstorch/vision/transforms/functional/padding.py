"""A border around an image."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....nn.functional import pad as pad_tensor
from ....ops.create import tensor
from ...pillow import image_from_array
from .images import image_tensor, pillow_image

MODES = ("constant", "edge", "reflect", "symmetric")


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    """The image with a border.

    Args:
        img: a Pillow image, or a tensor (..., H, W); ([N,] C, H, W) for the modes other than "constant".
        padding: one width for all sides; or (left and right, top and bottom); or (left, top, right, bottom). Negative
            widths cut off.
        fill: the colour of a constant border: a number, or for Pillow images one for each channel.
        padding_mode: "constant"; "edge" repeats the outermost pixels; "reflect" mirrors the image at them
            ([3, 2, 1, 2, 3, 4, 3, 2] from [1, 2, 3, 4]); "symmetric" mirrors it at its edge ([2, 1, 1, 2, 3, 4, 4, 3]).

    Raises:
        TypeError: arguments of other types. ValueError: another mode or number of widths.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pad.html
    """
    if isinstance(img, Tensor):
        image_tensor(img)
        fill = 0 if fill is None else fill
        _check(padding, int, fill, (int, float), padding_mode)
        return _pad_tensor(img, _widths(padding), fill, padding_mode)
    pillow_image(img)
    _check(padding, Number, 0 if fill is None else fill, (Number, tuple, list), padding_mode)
    return _pad_pillow(img, padding, fill, padding_mode)


def _check(padding: Any, number: Any, fill: Any, fills: Any, padding_mode: Any) -> None:
    if not isinstance(padding, (number, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    if not isinstance(fill, fills):
        raise TypeError("Got inappropriate fill arg")
    if not isinstance(padding_mode, str):
        raise TypeError("Got inappropriate padding_mode arg")
    if isinstance(padding, (tuple, list)) and len(padding) not in (1, 2, 4):
        raise ValueError(
            f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple"
        )
    if padding_mode not in MODES:
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")


def _widths(padding: Any) -> list[int]:
    """The widths left, top, right and bottom."""
    widths = list(padding) if isinstance(padding, (tuple, list)) else [padding]
    return widths * (4 // len(widths))


def _pad_tensor(img: Any, widths: list[int], fill: float, mode: str) -> Tensor:
    left, top, right, bottom = widths
    if mode == "symmetric":
        return _pad_symmetric(img, left, top, right, bottom)
    if mode == "constant":
        return _unbatched(img, lambda x: pad_tensor(x, (left, right, top, bottom), value=float(fill)))
    whole = img.dtype not in (dt.float32, dt.float64)
    mode = "replicate" if mode == "edge" else mode
    padded = _unbatched(
        img.to(dt.float32) if whole else img, lambda x: pad_tensor(x, (left, right, top, bottom), mode=mode)
    )
    return padded.to(img.dtype)


def _unbatched(img: Any, fn: Any) -> Any:
    """``fn`` of the image with a batch dimension, where it has none."""
    return fn(img.unsqueeze(0)).squeeze(0) if img.ndim < 4 else fn(img)


def _pad_symmetric(img: Any, left: int, top: int, right: int, bottom: int) -> Tensor:
    if img.ndim not in (3, 4):
        raise RuntimeError("Symmetric padding of N-D tensors are not supported yet")
    height, width = img.shape[-2:]
    img = img[..., max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    rows, columns = (
        tensor(_mirrored(n, before, after), device=img.device)
        for n, before, after in zip(img.shape[-2:], (top, left), (bottom, right), strict=True)
    )
    return img[..., rows[:, None], columns[None, :]]


def _mirrored(n: int, before: int, after: int) -> list[int]:
    """The elements of a line with its mirror images at both ends."""
    return [*range(before - 1, -1, -1), *range(n), *range(-1, -after - 1, -1)]


def pillow_fill(fill: Any, img: Any) -> Any:
    """The colour as Pillow wants it: one number, or one for each channel; whole numbers but for mode "F"."""
    channels = len(img.getbands())
    if fill is None:
        fill = 0
    if isinstance(fill, (int, float)) and channels > 1:
        fill = [fill]
    if not isinstance(fill, (list, tuple)):
        return fill if img.mode == "F" else int(fill)
    if len(fill) not in (1, channels):
        raise ValueError(
            "The number of elements in 'fill' does not match the number of channels of the image "
            f"({len(fill)} != {channels})"
        )
    colour = tuple(fill) if img.mode == "F" else tuple(int(x) for x in fill)
    return colour * (channels if len(fill) == 1 else 1)


def _pad_pillow(img: Any, padding: Any, fill: Any, mode: str) -> Any:
    if mode == "constant":
        from PIL import ImageOps

        border = padding[0] if isinstance(padding, (tuple, list)) and len(padding) == 1 else padding
        border = tuple(border) if isinstance(border, list) else border
        return _with_palette(img, ImageOps.expand(img, border=border, fill=pillow_fill(fill, img)))
    widths = np.array(_widths(padding))
    if (widths < 0).any():
        left, top, right, bottom = (int(n) for n in np.maximum(-widths, 0))
        img = img.crop((left, top, img.width - right, img.height - bottom))
    left, top, right, bottom = np.maximum(widths, 0)
    pixels = np.asarray(img)
    around = ((top, bottom), (left, right), (0, 0))[: pixels.ndim]
    return _with_palette(img, image_from_array(np.pad(pixels, around, mode)))  # type: ignore[call-overload]


def _with_palette(source: Any, img: Any) -> Any:
    """An image of palette numbers needs the palette they came from."""
    if source.mode == "P":
        img.putpalette(source.getpalette())
    return img
