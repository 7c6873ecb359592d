"""Curves from old brightness to new: inverting, posterizing, solarizing, stretching, equalizing.

Tensors are (..., 1 or 3, H, W); Pillow images have mode "L" or "RGB".
"""

from __future__ import annotations

from typing import Any

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....ops.counting import bincount
from ....ops.join import stack
from .images import colour_tensor, has_dimensions, image_tensor, max_value, pillow_image


def _operations(img: Any) -> Any:
    """Pillow's module of ready-made operations, after a look that ``img`` is a Pillow image."""
    pillow_image(img)
    from PIL import ImageOps

    return ImageOps


def invert(img: Any) -> Any:
    """The negative. Source: torchvision.transforms.functional.invert"""
    if not isinstance(img, Tensor):
        return _operations(img).invert(img)
    image = colour_tensor(img, at_least=3)
    return max_value(image.dtype) - image


def posterize(img: Any, bits: int) -> Any:
    """Each channel with its ``bits`` (0 to 8) highest bits only. Tensors are of type uint8.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.posterize.html
    """
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    if not isinstance(img, Tensor):
        return _operations(img).posterize(img, bits)
    return _bytes(img, 3) & -int(2 ** (8 - bits))


def _bytes(img: Any, at_least: int, at_most: int | None = None) -> Any:
    """The tensor, after a look that it is an image of bytes."""
    image_tensor(img)
    if at_most is not None and not at_least <= img.ndim <= at_most:
        raise TypeError(
            f"Input image tensor should have {at_least} or {at_most} dimensions, but found {img.ndim}"
        )
    has_dimensions(img, at_least)
    if img.dtype is not dt.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {img.dtype}")
    return colour_tensor(img)


def solarize(img: Any, threshold: float) -> Any:
    """The image with its values from ``threshold`` on inverted.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.solarize.html
    """
    if not isinstance(img, Tensor):
        return _operations(img).solarize(img, threshold)
    image = colour_tensor(img, at_least=3)
    if threshold > max_value(image.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return invert(image).where(image >= threshold, image)


def autocontrast(img: Any) -> Any:
    """Each channel stretched so that its darkest value becomes black and its brightest as bright as can be.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.autocontrast.html
    """
    if not isinstance(img, Tensor):
        return _operations(img).autocontrast(img)
    image = colour_tensor(img, at_least=3)
    bound = max_value(image.dtype)
    kind = image.dtype if image.is_floating_point() else dt.float32
    low, high = (end(dim=(-2, -1), keepdim=True).to(kind) for end in (image.amin, image.amax))
    scale = bound / (high - low)
    flat = ~scale.isfinite()  # a channel of one value stays as it is
    low, scale = low.masked_fill(flat, 0), scale.masked_fill(flat, 1)
    return ((image - low) * scale).clamp(0, bound).to(image.dtype)


def equalize(img: Any) -> Any:
    """Each channel with its values spread so that all are about equally frequent.

    Tensors are of type uint8 and ([N,] 1 or 3, H, W). Source:
    https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.equalize.html
    """
    if not isinstance(img, Tensor):
        return _operations(img).equalize(img)
    image = _bytes(img, 3, 4)
    channels = [_equalized(c) for c in image.flatten(0, -3)]
    return stack(channels).view(image.shape)


def _equalized(channel: Any) -> Any:
    """By Pillow's rule: v becomes the number of darker pixels, in steps of 1/255 of all but the brightest."""
    counts: Any = bincount(channel.reshape(-1), minlength=256)
    step = int(counts[counts != 0][:-1].sum()) // 255
    if step == 0:
        return channel
    below = counts.cumsum(0) - counts
    table = ((below + step // 2) // step).clamp(0, 255)
    return table[channel.long()].to(dt.uint8)
