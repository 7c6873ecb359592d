"""What counts as an image: a Pillow image, or a tensor (..., channels, height, width) or (height, width)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ....core import dtype as dt
from ....core.tensor import Tensor
from ...pillow import is_image


class InterpolationMode(Enum):
    """How the value between pixels is found. Tensors know the first four; Pillow takes all."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


#: Pillow's numbers for them (``PIL.Image.Resampling``).
pil_modes_mapping = {
    InterpolationMode.NEAREST: 0,
    InterpolationMode.BILINEAR: 2,
    InterpolationMode.BICUBIC: 3,
    InterpolationMode.NEAREST_EXACT: 0,
    InterpolationMode.BOX: 4,
    InterpolationMode.HAMMING: 5,
    InterpolationMode.LANCZOS: 1,
}
MODES_BY_NUMBER = {n: m for m, n in pil_modes_mapping.items() if m is not InterpolationMode.NEAREST_EXACT}


def checked_mode(interpolation: Any) -> InterpolationMode:
    """The mode, also when it is given as Pillow's number."""
    if isinstance(interpolation, int):
        return MODES_BY_NUMBER[interpolation]
    if not isinstance(interpolation, InterpolationMode):
        raise TypeError(
            "Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant"
        )
    return interpolation


def image_tensor(img: Tensor) -> Any:
    """The tensor, after a look that it has a height and a width."""
    if img._a.ndim < 2:
        raise TypeError(
            "Tensor is not a torch image.\n"
            f"It has {img._a.ndim} dimensions; an image has at least a height and a width."
        )
    return img


def pillow_image(img: Any) -> Any:
    """The Pillow image, after a look that it is one."""
    if not is_image(img):
        raise TypeError(f"img should be PIL Image. Got {type(img)}")
    return img


def has_dimensions(img: Tensor, at_least: int) -> None:
    """TypeError for a tensor of fewer dimensions."""
    if img._a.ndim < at_least:
        raise TypeError(
            f"Input image tensor should have at least {at_least} dimensions, but found {img._a.ndim}"
        )


def colour_tensor(img: Tensor, at_least: int = 2, permitted: tuple[int, ...] = (1, 3)) -> Any:
    """The tensor, after a look that it has enough dimensions and a permitted number of channels."""
    has_dimensions(image_tensor(img), at_least)
    channels = get_dimensions(img)[0]
    if channels not in permitted:
        raise TypeError(
            f"Input image tensor permitted channel values are {list(permitted)}, but found {channels}"
        )
    return img


def get_dimensions(img: Any) -> list[int]:
    """[channels, height, width] of an image.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.get_dimensions.html
    """
    if isinstance(img, Tensor):
        shape = image_tensor(img)._a.shape
        return [1 if len(shape) == 2 else shape[-3], *shape[-2:]]
    width, height = _picture(img).size
    return [len(img.getbands()), height, width]


def get_image_size(img: Any) -> list[int]:
    """[width, height] of an image: the order Pillow has them in."""
    if isinstance(img, Tensor):
        return list(image_tensor(img)._a.shape[:-3:-1])
    return list(_picture(img).size)


def get_image_num_channels(img: Any) -> int:
    """The number of channels of an image."""
    return get_dimensions(img)[0]


def _picture(img: Any) -> Any:
    if not is_image(img):
        raise TypeError(f"Unexpected type {type(img)}")
    return img


def max_value(dtype: dt.dtype) -> int:
    """What stands for full brightness: the largest integer of the type, 1 for floating numbers and bool."""
    return _BRIGHTEST.get(dtype, 1)


_BRIGHTEST = {
    kind: dt.iinfo(kind).max for kind in (dt.uint8, dt.int8, dt.int16, dt.uint16, dt.int32, dt.int64)
}
