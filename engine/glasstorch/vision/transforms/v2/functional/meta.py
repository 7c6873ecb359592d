"""Sizes, and what boxes and points are: their formats, and how they are cut off at the borders of their picture."""

from __future__ import annotations

import math
from typing import Any

from .....core import dtype as dt
from .....core.tensor import Tensor
from .....ops.binary import atan2
from .....ops.join import cat, stack
from .... import tv_tensors
from ....tv_tensors import BoundingBoxes, BoundingBoxFormat, KeyPoints, is_rotated_bounding_format
from ...functional import images as v1
from .dispatch import BOXES, MASKS, PICTURES, PILLOW, POINTS, functional, is_pure_tensor
from .rotated import clamp_turned

XYXY, XYWH, CXCYWH = BoundingBoxFormat.XYXY, BoundingBoxFormat.XYWH, BoundingBoxFormat.CXCYWH
XYWHR, CXCYWHR, XYXYXYXY = BoundingBoxFormat.XYWHR, BoundingBoxFormat.CXCYWHR, BoundingBoxFormat.XYXYXYXY


def _last(image: Any, n: int) -> list[int]:
    if image.ndim < 2:
        raise TypeError(f"Input tensor should have at least two dimensions, but got {image.ndim}")
    shape = [1, *image.shape] if n == 3 and image.ndim == 2 else image.shape
    return list(shape[-n:])


@functional
def get_dimensions(inpt: Any) -> list[int]:  # type: ignore[empty-body]
    """[channels, height, width] of an image or video."""


@functional
def get_num_channels(inpt: Any) -> int:  # type: ignore[empty-body]
    """The number of channels of an image or video."""


@functional
def get_size(inpt: Any) -> list[int]:  # type: ignore[empty-body]
    """[height, width] of a picture, or of that on which boxes or points are."""


@functional
def get_num_frames(inpt: Any) -> int:  # type: ignore[empty-body]
    """The number of frames of a video (…, frames, channels, height, width)."""


get_image_num_channels = get_num_channels


def _register_sizes() -> None:
    """These give numbers, so their kernels are not wrapped."""
    from .dispatch import _KERNELS

    for t in PICTURES:
        _KERNELS[get_dimensions][t] = lambda image: _last(image, 3)
        _KERNELS[get_num_channels][t] = lambda image: _last(image, 3)[0]
    for t in (*PICTURES, *MASKS):
        _KERNELS[get_size][t] = lambda image: _last(image, 2)
    for t in (*BOXES, *POINTS):
        _KERNELS[get_size][t] = lambda places: list(places.canvas_size)
    for t in (Tensor, tv_tensors.Video):
        _KERNELS[get_num_frames][t] = lambda video: video.shape[-4]
    _KERNELS[get_dimensions][PILLOW] = v1.get_dimensions
    _KERNELS[get_num_channels][PILLOW] = v1.get_image_num_channels
    _KERNELS[get_size][PILLOW] = lambda image: v1.get_image_size(image)[::-1]


_register_sizes()


def _halves(b: Any) -> Any:
    return b.div(2, rounding_mode=None if b.is_floating_point() else "floor")


def _centre_to_corners(b: Any) -> Any:
    exact = b if b.is_floating_point() else b.float()
    start = exact[..., :2] - exact[..., 2:] / 2
    return cat([start, start + exact[..., 2:]], -1).to(b.dtype)


def _corners_to_centre(b: Any) -> Any:
    size = b[..., 2:] - b[..., :2]
    return cat([_halves(b[..., :2] * 2 + size), size], -1)


def _turned_half_sides(b: Any) -> tuple[Any, Any]:
    """From the first corner to the centre, along x and along y."""
    w, h = b[..., 2] / 2, b[..., 3] / 2
    angle = b[..., 4].mul(math.pi).div(180.0)
    cos, sin = angle.cos(), angle.sin()
    return w * cos + h * sin, h * cos - w * sin


def _moved_by(b: Any, x: Any, y: Any) -> Any:
    return cat([stack([b[..., 0] + x, b[..., 1] + y], -1), b[..., 2:]], -1)


def _turned_centre_to_corner(b: Any) -> Any:
    x, y = _turned_half_sides(b)
    return _moved_by(b, -x, -y)


def _turned_corner_to_centre(b: Any) -> Any:
    return _moved_by(b, *_turned_half_sides(b))


def _turned_corner_to_corners(b: Any) -> Any:
    x, y, w, h, r = b.unbind(-1)
    angle = r.mul(math.pi).div(180.0)
    cos, sin = angle.cos(), angle.sin()
    across, down = (w * cos, -w * sin), (h * sin, h * cos)
    corners = [x, y, x + across[0], y + across[1], x + (across[0] + down[0]), y + (across[1] + down[1])]
    return stack([*corners, x + down[0], y + down[1]], -1)


def _turned_corners_to_corner(b: Any) -> Any:
    exact = b if b.dtype in (dt.float32, dt.float64) else b.float()
    x1, y1, x2, y2, x3, y3, _, _ = exact.unbind(-1)
    angle = atan2(y1 - y2, x2 - x1) / math.pi * 180.0
    w = ((x2 - x1) ** 2 + (y2 - y1) ** 2).sqrt()
    h = ((x3 - x2) ** 2 + (y3 - y2) ** 2).sqrt()
    return stack([x1, y1, w, h, angle], -1).to(b.dtype)


#: To the one format of its kind through which the others are reached, and back.
_TO_MIDDLE = {
    XYWH: lambda b: cat([b[..., :2], b[..., :2] + b[..., 2:]], -1),
    CXCYWH: _centre_to_corners,
    CXCYWHR: _turned_centre_to_corner,
    XYXYXYXY: _turned_corners_to_corner,
}
_FROM_MIDDLE = {
    XYWH: lambda b: cat([b[..., :2], b[..., 2:] - b[..., :2]], -1),
    CXCYWH: _corners_to_centre,
    CXCYWHR: _turned_corner_to_centre,
    XYXYXYXY: _turned_corner_to_corners,
}


def converted(boxes: Any, old: BoundingBoxFormat, new: BoundingBoxFormat) -> Any:
    """Plain boxes in another format."""
    if new is old:
        return boxes
    if is_rotated_bounding_format(old) != is_rotated_bounding_format(new):
        raise ValueError("Cannot convert between rotated and unrotated bounding boxes.")
    if (old, new) == (XYWH, CXCYWH):  # (by way of corners, whole numbers would be rounded otherwise)
        return cat([boxes[..., :2] + _halves(boxes[..., 2:]), boxes[..., 2:]], -1)
    if old in _TO_MIDDLE:
        boxes = _TO_MIDDLE[old](boxes)
    return _FROM_MIDDLE[new](boxes) if new in _FROM_MIDDLE else boxes


def _format(format: Any) -> Any:
    return BoundingBoxFormat[format.upper()] if isinstance(format, str) else format


def convert_bounding_box_format(
    inpt: Any, old_format: Any = None, new_format: Any = None, inplace: bool = False
) -> Any:
    """Boxes in another format; plain tensors need to be told their ``old_format``.

    ``inplace``: write into the given tensor, where the format has as many numbers.
    """
    if new_format is None:
        raise TypeError("convert_bounding_box_format() missing 1 required argument: 'new_format'")
    old, new = _format(old_format), _format(new_format)
    if isinstance(inpt, BoundingBoxes):
        if old is not None:
            raise ValueError("For bounding box tv_tensor inputs, `old_format` must not be passed.")
        boxes: Any = inpt
        out = _converted_in(boxes.as_subclass(Tensor), boxes.format, new, inplace)
        return tv_tensors.wrap(out, like=inpt, format=new)
    if not is_pure_tensor(inpt):
        raise TypeError(
            f"Input can either be a plain tensor or a bounding box tv_tensor, but got {type(inpt)} instead."
        )
    if old is None:
        raise ValueError("For pure tensor inputs, `old_format` has to be passed.")
    return _converted_in(inpt, old, new, inplace)


def _converted_in(boxes: Any, old: Any, new: Any, inplace: bool) -> Any:
    out = converted(boxes, old, new)
    return boxes.copy_(out) if inplace and out is not boxes and out.shape == boxes.shape else out


def clamped(boxes: Any, format: Any, canvas_size: Any, clamping_mode: Any) -> Any:
    """Plain boxes cut off at the borders of the canvas."""
    if clamping_mode is None:
        return boxes.clone()
    if is_rotated_bounding_format(format):
        corners = converted(boxes, _format(format), XYXYXYXY).reshape(-1, 8)
        corners = clamp_turned(corners, canvas_size, clamping_mode)
        return converted(corners, XYXYXYXY, _format(format)).reshape(boxes.shape)
    height, width = canvas_size
    exact = boxes if boxes.is_floating_point() else boxes.float()
    x1, y1, x2, y2 = converted(exact, _format(format), XYXY).unbind(-1)
    x1, x2 = x1.clamp(0, width), x2.clamp(0, width)
    y1, y2 = y1.clamp(0, height), y2.clamp(0, height)
    return converted(stack([x1, y1, x2, y2], -1), XYXY, _format(format)).to(boxes.dtype)


def clamp_bounding_boxes(
    inpt: Any, format: Any = None, canvas_size: Any = None, clamping_mode: str | None = "auto"
) -> Any:
    """Boxes cut off at the borders of their picture; see ``BoundingBoxes`` for the modes. "auto" takes their own.

    Plain tensors need to be told ``format``, ``canvas_size`` and ``clamping_mode``.
    """
    if clamping_mode not in (None, "soft", "hard", "auto"):
        raise ValueError(f"clamping_mode must be soft, hard, auto or None, got {clamping_mode}")
    if isinstance(inpt, BoundingBoxes):
        if format is not None or canvas_size is not None:
            raise ValueError(
                "For bounding box tv_tensor inputs, `format` and `canvas_size` must not be passed."
            )
        boxes: Any = inpt
        mode = boxes.clamping_mode if clamping_mode == "auto" else clamping_mode
        out = clamped(boxes.as_subclass(Tensor), boxes.format, boxes.canvas_size, mode)
        return tv_tensors.wrap(out, like=inpt)
    if not is_pure_tensor(inpt):
        raise TypeError(
            f"Input can either be a plain tensor or a bounding box tv_tensor, but got {type(inpt)} instead."
        )
    if format is None or canvas_size is None or clamping_mode == "auto":
        raise ValueError(
            "For pure tensor inputs, `format`, `canvas_size` and `clamping_mode` have to be passed."
        )
    return clamped(inpt, format, canvas_size, clamping_mode)


def clamp_keypoints(inpt: Any, canvas_size: Any = None) -> Any:
    """Points moved into their picture; plain tensors need to be told its ``canvas_size``."""
    if isinstance(inpt, KeyPoints):
        if canvas_size is not None:
            raise ValueError("For keypoints tv_tensor inputs, `canvas_size` must not be passed.")
        points: Any = inpt
        return tv_tensors.wrap(_clamped_points(points.as_subclass(Tensor), points.canvas_size), like=inpt)
    if not is_pure_tensor(inpt):
        raise TypeError(
            f"Input can either be a plain tensor or a keypoints tv_tensor, but got {type(inpt)} instead."
        )
    if canvas_size is None:
        raise ValueError("For pure tensor inputs, `canvas_size` has to be passed.")
    return _clamped_points(inpt, canvas_size)


def _clamped_points(points: Any, canvas_size: tuple[int, int]) -> Any:
    height, width = canvas_size
    exact = points if points.is_floating_point() else points.float()
    x, y = exact.unbind(-1)
    return stack([x.clamp(0, width - 1), y.clamp(0, height - 1)], -1).to(points.dtype)
