"""Moving pixels: resizing, padding, cropping, flipping. No pixel gets a value that was not asked for.

Images are Pillow images or tensors (..., height, width).
"""

from __future__ import annotations

from numbers import Number
from typing import Any

from ....core import dtype as dt
from ....core.frames import warn
from ....core.tensor import Tensor
from ....nn.functional import interpolate
from .images import (
    InterpolationMode,
    checked_mode,
    get_dimensions,
    image_tensor,
    pil_modes_mapping,
    pillow_image,
)
from .padding import pad


def resized_size(height: int, width: int, size: Any, max_size: int | None = None) -> list[int]:
    """[height, width] after resizing.

    Args:
        size: [height, width]; or [shorter edge], the longer one in proportion; or None: up to ``max_size``.
        max_size: what the longer edge is cut down to, the shorter in proportion.
    """
    if size is not None and len(size) == 2:
        return [size[0], size[1]]
    short, long = sorted((height, width))
    if size is None:
        if not isinstance(max_size, int):
            raise ValueError(f"max_size must be an integer when size is None, but got {max_size} instead.")
        new_short, new_long = int(max_size * short / long), max_size
    else:
        new_short, new_long = size[0], int(size[0] * long / short)
        if max_size is not None and max_size <= new_short:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge "
                f"size = {size}"
            )
        if max_size is not None and new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return [new_long, new_short] if width <= height else [new_short, new_long]


def resize(
    img: Any,
    size: Any,
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:
    """The image in another size.

    Args:
        img: a Pillow image or a tensor ([N,] C, H, W).
        size: (height, width); or one int or (int,): the shorter edge's length, the longer one in proportion.
        interpolation: tensors take NEAREST, NEAREST_EXACT, BILINEAR and BICUBIC, Pillow images all modes.
        max_size: what the longer edge may have at most, with a single ``size``.
        antialias: for BILINEAR and BICUBIC on tensors, widen the filter when the image shrinks. Pillow always does.

    Raises:
        TypeError, ValueError: sizes or modes that do not fit. NotImplementedError: a mode or shape tensors do not know.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.resize.html
    """
    interpolation = checked_mode(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) != 1:
            raise ValueError(
                "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
                "an int or a sequence of length 1 in torchscript mode."
            )
    _, height, width = get_dimensions(img)
    new = resized_size(height, width, [size] if isinstance(size, int) else size, max_size)
    if new == [height, width]:
        return img
    if isinstance(img, Tensor):
        return resample(img, new, interpolation.value, bool(antialias))
    if antialias is False:
        warn(
            "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.",
        )
    return img.resize(tuple(new[::-1]), pil_modes_mapping[interpolation])


def resample(img: Tensor, size: list[int], mode: str, antialias: bool) -> Tensor:
    """A tensor image in another size; types other than float32 and float64 are interpolated as float32."""
    smooth = mode in ("bilinear", "bicubic")
    batch, restore = as_batch(img)
    out: Any = interpolate(
        batch, size, mode=mode, align_corners=False if smooth else None, antialias=antialias and smooth
    )
    if mode == "bicubic" and img.dtype is dt.uint8:  # the cubic overshoots at edges
        out = out.clamp(0, 255)
    return restore(out)


def as_batch(img: Any, kind: dt.dtype | None = None) -> tuple[Any, Any]:
    """The image as (N, C, H, W) of a floating type, and the function that undoes it, rounding for integer types.

    ``kind``: the type; None: the image's own if that is float32 or float64, else float32.
    """
    own = img.dtype
    kind = kind or (own if own in (dt.float32, dt.float64) else dt.float32)
    whole = own in (dt.uint8, dt.int8, dt.int16, dt.int32, dt.int64)

    def restore(out: Any) -> Any:
        if img.ndim < 4:
            out = out.squeeze(0)
        if own is kind:
            return out
        return (out.round() if whole else out).to(own)

    batch = img.unsqueeze(0) if img.ndim < 4 else img
    return batch.to(kind), restore


def hflip(img: Any) -> Any:
    """The image mirrored, left to right. Source: torchvision.transforms.functional.hflip"""
    if isinstance(img, Tensor):
        return image_tensor(img).flip(-1)
    return pillow_image(img).transpose(0)


def vflip(img: Any) -> Any:
    """The image upside down. Source: torchvision.transforms.functional.vflip"""
    if isinstance(img, Tensor):
        return image_tensor(img).flip(-2)
    return pillow_image(img).transpose(1)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """A rectangle of the image, from row ``top`` and column ``left`` on; black where it reaches beyond the image.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.crop.html
    """
    bottom, right = top + height, left + width
    if not isinstance(img, Tensor):
        return pillow_image(img).crop((left, top, right, bottom))
    _, h, w = get_dimensions(img)
    image: Any = img
    if min(left, top) >= 0 and right <= w and bottom <= h:
        return image[..., top:bottom, left:right]
    beyond = [
        max(min(0, right) - left, 0),
        max(min(0, bottom) - top, 0),
        max(right - max(w, left), 0),
        max(bottom - max(h, top), 0),
    ]
    return pad(image[..., max(top, 0) : bottom, max(left, 0) : right], beyond, fill=0)


def height_and_width(size: Any) -> Any:
    """``size`` as a pair, where one number stands for a square."""
    if isinstance(size, Number):
        return (int(size), int(size))  # type: ignore[call-overload]
    if isinstance(size, (tuple, list)) and len(size) == 1:
        return (size[0], size[0])
    return size


def center_crop(img: Any, output_size: Any) -> Any:
    """The middle of the image, in the given (height, width) or as a square; a smaller image gets a black border.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.center_crop.html
    """
    new_height, new_width = height_and_width(output_size)
    _, height, width = get_dimensions(img)
    more_height, more_width = max(new_height - height, 0), max(new_width - width, 0)
    if more_height or more_width:
        border = [more_width // 2, more_height // 2, (more_width + 1) // 2, (more_height + 1) // 2]
        img = pad(img, border, fill=0)
        _, height, width = get_dimensions(img)
        if (new_height, new_width) == (height, width):
            return img
    return crop(img, round((height - new_height) / 2), round((width - new_width) / 2), new_height, new_width)


def resized_crop(
    img: Any,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
    antialias: bool | None = True,
) -> Any:
    """``resize`` of ``crop``. Source: torchvision.transforms.functional.resized_crop"""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img: Any, size: Any) -> tuple[Any, ...]:
    """The corners (upper left, upper right, lower left, lower right) and the middle. ``size``: (height, width) or one.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.five_crop.html
    """
    size = height_and_width(size)
    if len(size) != 2:
        raise ValueError("Please provide only two dimensions (h, w) for size.")
    _, height, width = get_dimensions(img)
    h, w = size
    if w > width or h > height:
        raise ValueError(f"Requested crop size {size} is bigger than input size {(height, width)}")
    corners = [crop(img, top, left, h, w) for top in (0, height - h) for left in (0, width - w)]
    return (*corners, center_crop(img, [h, w]))


def ten_crop(img: Any, size: Any, vertical_flip: bool = False) -> tuple[Any, ...]:
    """``five_crop`` of the image and of its mirror image (upside down with ``vertical_flip``).

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.ten_crop.html
    """
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)
