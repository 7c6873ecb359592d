"""Brightness, contrast, saturation, hue, gamma, and grey pictures.

Tensors are (..., 1 or 3, H, W); floating ones hold values in [0, 1], integer ones up to their type's largest. An
adjusting factor of 1 changes nothing, 0 takes the quality away altogether, 2 doubles it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....ops.join import stack
from ...pillow import image_from_buffer, is_image
from .convert import convert_image_dtype
from .images import colour_tensor, get_dimensions, has_dimensions, max_value, pillow_image

LUMA = (
    0.2989,
    0.587,
    0.114,
)  # how bright red, green and blue look: ITU-R BT.601, rounded as torchvision has them


def blend(img: Any, other: Any, factor: float) -> Any:
    """``factor`` parts of the image and ``1 - factor`` parts of the other, cut off at black and full brightness."""
    factor = float(factor)
    return (factor * img + (1.0 - factor) * other).clamp(0, max_value(img.dtype)).to(img.dtype)


def not_negative(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def enhanced(img: Any, quality: str, factor: float) -> Any:
    """One of Pillow's enhancements."""
    pillow_image(img)
    from PIL import ImageEnhance

    return getattr(ImageEnhance, quality)(img).enhance(factor)


def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """The image brighter or darker: 0 gives black.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_brightness.html
    """
    if not isinstance(img, Tensor):
        return enhanced(img, "Brightness", brightness_factor)
    not_negative("brightness_factor", brightness_factor)
    return blend(colour_tensor(img), 0.0, brightness_factor)


def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """The image with more or less contrast: 0 gives its mean grey.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_contrast.html
    """
    if not isinstance(img, Tensor):
        return enhanced(img, "Contrast", contrast_factor)
    not_negative("contrast_factor", contrast_factor)
    image = colour_tensor(img, permitted=(3, 1))
    grey = grey_tensor(image) if get_dimensions(image)[0] == 3 else image
    mean = grey.to(image.dtype if image.is_floating_point() else dt.float32).mean((-3, -2, -1), keepdim=True)
    return blend(image, mean, contrast_factor)


def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """The image with stronger or weaker colours: 0 gives a grey one. Grey images stay as they are.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_saturation.html
    """
    if not isinstance(img, Tensor):
        return enhanced(img, "Color", saturation_factor)
    not_negative("saturation_factor", saturation_factor)
    image = colour_tensor(img)
    if get_dimensions(image)[0] == 1:
        return image
    return blend(image, grey_tensor(image), saturation_factor)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """The image with its colours turned along the circle of hues: by -0.5 (half a turn) to 0.5. Grey images stay.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_hue.html
    """
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    if not isinstance(img, Tensor):
        return _pillow_hue(pillow_image(img), hue_factor)
    image = colour_tensor(img)
    if get_dimensions(image)[0] == 1:
        return image
    hue, saturation, value = rgb_to_hsv(convert_image_dtype(image, dt.float32))
    turned = hsv_to_rgb((hue + hue_factor) % 1.0, saturation, value)
    return convert_image_dtype(turned, image.dtype)


def _pillow_hue(img: Any, hue_factor: float) -> Any:
    if img.mode in ("L", "1", "I", "F"):
        return img
    from PIL import Image

    hue, saturation, value = img.convert("HSV").split()
    turned = np.array(hue, np.uint8) + np.int32(hue_factor * 255).astype(
        np.uint8
    )  # a full turn is 256: it wraps
    return Image.merge("HSV", (image_from_buffer(turned, "L"), saturation, value)).convert(img.mode)


def rgb_to_hsv(img: Any) -> tuple[Any, Any, Any]:
    """Hue, saturation and value, each in [0, 1], of a floating image (..., 3, H, W): each (..., H, W).

    Source: Smith, *Color gamut transform pairs*, 1978
    """
    red, green, blue = img.unbind(-3)
    high, low = img.amax(-3), img.amin(-3)
    grey = high == low  # neither hue nor saturation: divide by 1 there
    spread = high - low
    saturation = spread / high.masked_fill(grey, 1)
    part = spread.masked_fill(grey, 1)
    r, g, b = (high - red) / part, (high - green) / part, (high - blue) / part
    is_red, is_green = high == red, high == green
    sixths = is_red * (b - g) + (is_green & ~is_red) * (2.0 + r - b) + (~is_green & ~is_red) * (4.0 + g - r)
    return (sixths / 6.0 + 1.0).fmod(1.0), saturation, high


def hsv_to_rgb(hue: Any, saturation: Any, value: Any) -> Any:
    """The floating image (..., 3, H, W) of the three parts, each (..., H, W)."""
    sixth = (hue * 6.0).floor()
    rest = hue * 6.0 - sixth
    low = (value * (1.0 - saturation)).clamp(0.0, 1.0)
    falling = (value * (1.0 - saturation * rest)).clamp(0.0, 1.0)
    rising = (value * (1.0 - saturation * (1.0 - rest))).clamp(0.0, 1.0)
    sector = (sixth.to(dt.int64) % 6).unsqueeze(-3)
    # In each sixth of the circle one primary is highest, one lowest, and one rises or falls between them.
    red = stack((value, falling, low, low, rising, value), -3)
    green = stack((rising, value, value, falling, low, low), -3)
    blue = stack((low, low, rising, value, value, falling), -3)
    return stack([c.gather(-3, sector).squeeze(-3) for c in (red, green, blue)], -3)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    """``gain * img ** gamma`` for values in [0, 1]: above 1 darkens shadows, below 1 lightens them.

    Source: https://en.wikipedia.org/wiki/Gamma_correction;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_gamma.html
    """
    if isinstance(img, Tensor):
        image = colour_tensor(img)
        _check_gamma(gamma)
        floating = image if image.is_floating_point() else convert_image_dtype(image, dt.float32)
        return convert_image_dtype((gain * floating.pow(gamma)).clamp(0, 1), image.dtype)
    pillow_image(img)
    _check_gamma(gamma)
    table = [int((255 + 1 - 1e-3) * gain * pow(value / 255.0, gamma)) for value in range(256)]
    return img.convert("RGB").point(table * 3).convert(img.mode)


def _check_gamma(gamma: float) -> None:
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")


def grey_tensor(img: Any) -> Any:
    """(..., 3, H, W) as (..., 1, H, W): how bright the colours look."""
    red, green, blue = img.unbind(-3)
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).to(img.dtype).unsqueeze(-3)


def _check_grey_channels(n: int) -> None:
    if n not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """The image in shades of grey, with 1 channel or 3 equal ones.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.rgb_to_grayscale.html
    """
    if not isinstance(img, Tensor):
        return _pillow_grey(pillow_image(img), num_output_channels)
    has_dimensions(img, 3)
    image = colour_tensor(img)
    _check_grey_channels(num_output_channels)
    grey = grey_tensor(image) if image.shape[-3] == 3 else image.clone()
    return grey.expand(image.shape) if num_output_channels == 3 else grey


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """A Pillow image of any mode in shades of grey, with 1 channel or 3 equal ones.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_grayscale.html
    """
    if not is_image(img):
        raise TypeError("Input should be PIL Image")
    return _pillow_grey(img, num_output_channels)


def _pillow_grey(img: Any, channels: int) -> Any:
    _check_grey_channels(channels)
    grey = img.convert("L")
    if channels == 1:
        return grey
    from PIL import Image

    return Image.merge("RGB", (grey, grey, grey))
