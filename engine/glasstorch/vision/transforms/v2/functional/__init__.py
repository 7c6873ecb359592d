"""The transforms as functions of every kind of input: pictures, masks, boxes and points.

Source: https://pytorch.org/vision/stable/transforms.html#v2-api-reference-recommended
"""

# ruff: noqa: F401  (places registers what happens to boxes and points)
from ...functional.convert import to_tensor
from ...functional.images import InterpolationMode, get_image_size
from . import places
from .colour import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    adjust_sharpness,
    autocontrast,
    equalize,
    grayscale_to_rgb,
    invert,
    permute_channels,
    posterize,
    rgb_to_grayscale,
    solarize,
    to_grayscale,
)
from .convert import convert_image_dtype, pil_to_tensor, to_dtype, to_image, to_pil_image
from .crops import center_crop, crop, five_crop, resized_crop, ten_crop
from .dispatch import is_pure_tensor, register_kernel
from .geometry import hflip, horizontal_flip, pad, resize, vertical_flip, vflip
from .kernels import by_name
from .meta import (
    clamp_bounding_boxes,
    clamp_keypoints,
    convert_bounding_box_format,
    get_dimensions,
    get_image_num_channels,
    get_num_channels,
    get_num_frames,
    get_size,
)
from .misc import (
    erase,
    gaussian_blur,
    gaussian_noise,
    jpeg,
    normalize,
    sanitize_bounding_boxes,
    sanitize_keypoints,
    uniform_temporal_subsample,
)
from .warp import affine, elastic, elastic_transform, perspective, rotate

__all__ = [
    "InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
    "adjust_sharpness", "affine", "autocontrast", "center_crop", "clamp_bounding_boxes", "clamp_keypoints",
    "convert_bounding_box_format", "convert_image_dtype", "crop", "elastic", "elastic_transform", "equalize", "erase",
    "five_crop", "gaussian_blur", "gaussian_noise", "get_dimensions", "get_image_num_channels", "get_image_size",
    "get_num_channels", "get_num_frames", "get_size", "grayscale_to_rgb", "hflip", "horizontal_flip", "invert",
    "is_pure_tensor", "jpeg", "normalize", "pad", "permute_channels", "perspective", "pil_to_tensor", "posterize",
    "register_kernel", "resize", "resized_crop", "rgb_to_grayscale", "rotate", "sanitize_bounding_boxes",
    "sanitize_keypoints", "solarize", "ten_crop", "to_dtype", "to_grayscale", "to_image", "to_pil_image", "to_tensor",
    "uniform_temporal_subsample", "vertical_flip", "vflip",
]  # fmt: skip

globals().update(by_name())  # resize_image, crop_bounding_boxes, …
