"""The transforms as functions, on Pillow images and on tensors (..., channels, height, width).

What a function does to both is the same up to rounding; what only one kind of image can have done is said there.
Source: https://pytorch.org/vision/stable/transforms.html#v1-api-reference
"""

from .colour import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    rgb_to_grayscale,
    to_grayscale,
)
from .convert import convert_image_dtype, erase, normalize, pil_to_tensor, to_pil_image, to_tensor
from .filters import adjust_sharpness, gaussian_blur
from .geometry import center_crop, crop, five_crop, hflip, resize, resized_crop, ten_crop, vflip
from .images import (
    InterpolationMode,
    get_dimensions,
    get_image_num_channels,
    get_image_size,
    pil_modes_mapping,
)
from .padding import pad
from .tone import autocontrast, equalize, invert, posterize, solarize
from .warp import affine, elastic_transform, perspective, rotate

__all__ = [
    "InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
    "adjust_sharpness", "affine", "autocontrast", "center_crop", "convert_image_dtype", "crop", "elastic_transform",
    "equalize", "erase", "five_crop", "gaussian_blur", "get_dimensions", "get_image_num_channels", "get_image_size",
    "hflip", "invert", "normalize", "pad", "perspective", "pil_modes_mapping", "pil_to_tensor", "posterize", "resize",
    "resized_crop", "rgb_to_grayscale", "rotate", "solarize", "ten_crop", "to_grayscale", "to_pil_image", "to_tensor",
    "vflip",
]  # fmt: skip
