"""Crops, of pictures, masks, boxes and points."""

from __future__ import annotations

from typing import Any

from .....ops.create import tensor
from ...functional import geometry as v1
from .dispatch import BOXES, MASKS, PICTURES, PILLOW, POINTS, functional, kernel, on_batch, with_channel
from .geometry import (
    BILINEAR,
    _resize_mask,
    _resize_pillow,
    _resize_points,
    resize_boxes,
    resize_image,
    shifted,
)
from .meta import XYXYXYXY, clamped
from .rotated import rectangle_of


@functional
def crop(inpt: Any, top: int, left: int, height: int, width: int) -> Any:
    """A rectangle, from row ``top`` and column ``left`` on; 0 where it reaches beyond the picture."""


@kernel(crop, *PICTURES)
def crop_image(image: Any, top: int, left: int, height: int, width: int) -> Any:
    return on_batch(v1.crop, image, top, left, height, width)


kernel(crop, PILLOW)(v1.crop)
kernel(crop, *MASKS)(
    lambda mask, top, left, height, width: with_channel(crop_image, mask, top, left, height, width)
)


@kernel(crop, *POINTS)
def _crop_points(
    points: Any, top: int, left: int, height: int, width: int, *, canvas_size: Any = None
) -> Any:
    return points - tensor([left, top], dtype=points.dtype, device=points.device), (height, width)


@kernel(crop, *BOXES)
def crop_boxes(
    boxes: Any, top: int, left: int, height: int, width: int, *, format: Any, clamping_mode: Any
) -> Any:
    moved = shifted(boxes, format, -left, -top)
    if format is XYXYXYXY:
        moved = rectangle_of(moved)
    return clamped(moved, format, (height, width), clamping_mode), (height, width)


@functional
def center_crop(inpt: Any, output_size: Any) -> Any:
    """The middle, in (height, width) or as a square; what is smaller gets a border of 0."""


def _middle(output_size: Any, canvas_size: Any) -> tuple[int, int, int, int]:
    height, width = v1.height_and_width(output_size)
    return round((canvas_size[0] - height) / 2), round((canvas_size[1] - width) / 2), height, width


def _center_crop_image(image: Any, output_size: Any) -> Any:
    return on_batch(v1.center_crop, image, output_size)


kernel(center_crop, *PICTURES)(_center_crop_image)
kernel(center_crop, PILLOW)(v1.center_crop)
kernel(center_crop, *MASKS)(lambda mask, output_size: with_channel(_center_crop_image, mask, output_size))


@kernel(center_crop, *POINTS)
def _center_crop_points(points: Any, output_size: Any, *, canvas_size: Any) -> Any:
    return _crop_points(points, *_middle(output_size, canvas_size))


@kernel(center_crop, *BOXES)
def _center_crop_boxes(
    boxes: Any, output_size: Any, *, format: Any, canvas_size: Any, clamping_mode: Any
) -> Any:
    return crop_boxes(boxes, *_middle(output_size, canvas_size), format=format, clamping_mode=clamping_mode)


@functional
def resized_crop(
    inpt: Any, top: int, left: int, height: int, width: int, size: Any, interpolation: Any = BILINEAR,
    antialias: bool | None = True,
) -> Any:  # fmt: skip
    """``resize`` of ``crop``."""


@kernel(resized_crop, *PICTURES)
def _resized_crop_image(
    image: Any, top: int, left: int, height: int, width: int, size: Any, interpolation: Any, antialias: Any
) -> Any:
    part = crop_image(image, top, left, height, width)
    return resize_image(part, size, interpolation, antialias=antialias)


@kernel(resized_crop, PILLOW)
def _resized_crop_pillow(
    image: Any, top: int, left: int, height: int, width: int, size: Any, interpolation: Any, antialias: Any
) -> Any:
    return _resize_pillow(v1.crop(image, top, left, height, width), size, interpolation, antialias=antialias)


@kernel(resized_crop, *MASKS)
def _resized_crop_mask(
    mask: Any, top: int, left: int, height: int, width: int, size: Any, **other: Any
) -> Any:
    return _resize_mask(with_channel(crop_image, mask, top, left, height, width), size)


@kernel(resized_crop, *POINTS)
def _resized_crop_points(
    points: Any, top: int, left: int, height: int, width: int, size: Any, *, canvas_size: Any, **other: Any
) -> Any:
    points, canvas = _crop_points(points, top, left, height, width)
    return _resize_points(points, size, canvas_size=canvas)


@kernel(resized_crop, *BOXES)
def _resized_crop_boxes(
    boxes: Any, top: int, left: int, height: int, width: int, size: Any, *, format: Any, clamping_mode: Any,
    canvas_size: Any, **other: Any,
) -> Any:  # fmt: skip
    boxes, canvas = crop_boxes(boxes, top, left, height, width, format=format, clamping_mode=clamping_mode)
    return resize_boxes(boxes, size, format=format, canvas_size=canvas, clamping_mode=clamping_mode)


@functional
def five_crop(inpt: Any, size: Any) -> Any:
    """The corners (upper left, upper right, lower left, lower right) and the middle."""


@functional
def ten_crop(inpt: Any, size: Any, vertical_flip: bool = False) -> Any:
    """``five_crop`` of the picture and of its mirror image (upside down with ``vertical_flip``)."""


@kernel(five_crop, *PICTURES)
def _five_crop_image(image: Any, size: Any) -> tuple:
    if image.ndim in (3, 4):
        return v1.five_crop(image, size)
    crops = v1.five_crop(image.reshape(-1, *image.shape[-3:]), size)
    return tuple(c.reshape(*image.shape[:-2], *c.shape[-2:]) for c in crops)


@kernel(ten_crop, *PICTURES)
def _ten_crop_image(image: Any, size: Any, vertical_flip: bool = False) -> tuple:
    return _five_crop_image(image, size) + _five_crop_image(image.flip(-2 if vertical_flip else -1), size)


kernel(five_crop, PILLOW)(v1.five_crop)
kernel(ten_crop, PILLOW)(v1.ten_crop)
