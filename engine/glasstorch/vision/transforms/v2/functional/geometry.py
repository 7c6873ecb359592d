"""Flips, sizes and borders, of pictures, masks, boxes and points."""

from __future__ import annotations

import math
from typing import Any

from .....core import dtype as dt
from .....nn.functional import interpolate
from .....ops.create import tensor
from .....ops.join import stack
from ....tv_tensors import BoundingBoxFormat, is_rotated_bounding_format
from ...functional import geometry as v1
from ...functional import images
from ...functional import padding as v1_padding
from ...functional.images import InterpolationMode
from .dispatch import BOXES, MASKS, PICTURES, PILLOW, POINTS, functional, kernel, on_batch, with_channel
from .meta import CXCYWHR, XYWH, XYWHR, XYXY, XYXYXYXY, clamped, converted
from .rotated import rectangle_of

NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR
_BY_NAME = {m.value: m for m in InterpolationMode}


def checked_mode(interpolation: Any) -> InterpolationMode:
    """The mode, also when given by its name or by Pillow's number."""
    if isinstance(interpolation, str):
        if interpolation not in _BY_NAME:
            raise ValueError(
                f"Invalid interpolation mode: '{interpolation}'. Supported string values are: {list(_BY_NAME)}."
            )
        return _BY_NAME[interpolation]
    if isinstance(interpolation, (int, InterpolationMode)):
        return images.checked_mode(interpolation)
    raise ValueError(
        "Argument interpolation should be an `InterpolationMode` or a corresponding Pillow integer constant, but got "
        f"{interpolation}."
    )


@functional
def horizontal_flip(inpt: Any) -> Any:
    """Mirrored, left to right."""


@functional
def vertical_flip(inpt: Any) -> Any:
    """Upside down."""


hflip, vflip = horizontal_flip, vertical_flip

kernel(horizontal_flip, *PICTURES, *MASKS)(lambda image: image.flip(-1))
kernel(vertical_flip, *PICTURES, *MASKS)(lambda image: image.flip(-2))
kernel(horizontal_flip, PILLOW)(v1.hflip)
kernel(vertical_flip, PILLOW)(v1.vflip)


@kernel(horizontal_flip, *POINTS)
def _flip_points(points: Any, canvas_size: tuple[int, int]) -> Any:
    x, y = points.unbind(-1)
    return stack([canvas_size[1] - 1 - x, y], -1)


@kernel(vertical_flip, *POINTS)
def _flip_points_down(points: Any, canvas_size: tuple[int, int]) -> Any:
    x, y = points.unbind(-1)
    return stack([x, canvas_size[0] - 1 - y], -1)


def _turned(r: Any) -> tuple[Any, Any]:
    angle = r.mul(math.pi).div(180)
    return angle.cos(), angle.sin()


@kernel(horizontal_flip, *BOXES)
def _flip_boxes(boxes: Any, format: BoundingBoxFormat, canvas_size: tuple[int, int]) -> Any:
    width, columns = canvas_size[1], list(boxes.unbind(-1))
    if format is XYXY:
        columns[0], columns[2] = width - columns[2], width - columns[0]
    elif format is XYXYXYXY:
        columns[::2] = [width - x for x in columns[::2]]
        columns = [columns[k] for k in (2, 3, 0, 1, 6, 7, 4, 5)]  # the upper left corner stays the first
    elif format is XYWHR:
        cos, sin = _turned(columns[4])
        columns[0] = width - (columns[0] + columns[2] * cos)
        columns[1] = columns[1] - columns[2] * sin
        columns[4] = -columns[4]
    else:
        columns[0] = width - (columns[0] + columns[2] if format is XYWH else columns[0])
        if format is CXCYWHR:
            columns[4] = -columns[4]
    return stack(columns, -1)


@kernel(vertical_flip, *BOXES)
def _flip_boxes_down(boxes: Any, format: BoundingBoxFormat, canvas_size: tuple[int, int]) -> Any:
    height, columns = canvas_size[0], list(boxes.unbind(-1))
    if format is XYXY:
        columns[1], columns[3] = height - columns[3], height - columns[1]
    elif format is XYXYXYXY:
        columns[1::2] = [height - y for y in columns[1::2]]
        columns = [columns[k] for k in (2, 3, 0, 1, 6, 7, 4, 5)]
    elif format is XYWHR:
        cos, sin = _turned(columns[4])
        columns[1] = height - (columns[1] - columns[2] * sin)
        columns[0] = columns[0] + columns[2] * cos
        columns[4] = 180 - columns[4]
    else:
        columns[1] = height - (columns[1] + columns[3] if format is XYWH else columns[1])
        if format is CXCYWHR:
            columns[4] = 180 - columns[4]
    return stack(columns, -1)


@functional
def resize(
    inpt: Any,
    size: Any,
    interpolation: Any = BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:
    """In another size.

    Args:
        size: (height, width); one int or (int,): the shorter side, the longer in proportion; None: up to ``max_size``.
        interpolation: an ``InterpolationMode``, its name or Pillow's number; for masks always one of the nearest.
        max_size: what the longer side may have at most, with a single ``size`` or none.
        antialias: widen the filter when a tensor shrinks. Pillow always does.
    """


def _new_size(old: Any, size: Any, max_size: int | None) -> tuple[int, int]:
    if isinstance(size, int):
        size = [size]
    elif max_size is not None and size is not None and len(size) != 1:
        raise ValueError(
            "max_size should only be passed if size is None or specifies the length of the smaller edge, i.e. size "
            "should be an int or a sequence of length 1 in torchscript mode."
        )
    height, width = v1.resized_size(old[0], old[1], size, max_size)
    return height, width


@kernel(resize, *PICTURES)
def resize_image(
    image: Any,
    size: Any,
    interpolation: Any = BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:
    mode = checked_mode(interpolation).value
    smooth = mode in ("bilinear", "bicubic", "lanczos")
    if mode == "lanczos" and not antialias:
        raise ValueError("InterpolationMode.LANCZOS requires antialias=True")
    new = _new_size(image.shape[-2:], size, max_size)
    if new == tuple(image.shape[-2:]):
        return image
    shape = (*image.shape[:-2], *new)
    if image.numel() == 0:
        return image.reshape(shape)
    # Bytes are interpolated as bytes, in the fixed-point arithmetic that Pillow has too
    own = image.dtype in (dt.float32, dt.float64, dt.uint8)
    batch = image.reshape(-1, *image.shape[-3:])
    out = interpolate(
        batch if own else batch.float(),
        list(new),
        mode=mode,
        align_corners=False if smooth else None,
        antialias=bool(antialias) and smooth,
    )
    if not own:
        whole = not image.is_floating_point() and image.dtype is not dt.bool_
        out = (out.round_() if whole else out).to(image.dtype)
    return out.reshape(shape)


@kernel(resize, PILLOW)
def _resize_pillow(
    image: Any, size: Any, interpolation: Any = BILINEAR, max_size: Any = None, antialias: Any = True
) -> Any:
    new = _new_size((image.height, image.width), size, max_size)
    return v1.resize(image, list(new), checked_mode(interpolation), antialias=antialias)


@kernel(resize, *MASKS)
def _resize_mask(
    mask: Any, size: Any, interpolation: Any = NEAREST, max_size: Any = None, **other: Any
) -> Any:
    mode = checked_mode(interpolation)
    mode = mode if mode in (NEAREST, InterpolationMode.NEAREST_EXACT) else NEAREST  # labels have no mean
    return with_channel(resize_image, mask, size, mode, max_size)


def _ratios(new: tuple[int, int], old: tuple[int, int], times: int, like: Any) -> Any:
    return tensor([new[1] / old[1], new[0] / old[0]] * times, device=like.device)


@kernel(resize, *POINTS)
def _resize_points(points: Any, size: Any, max_size: Any = None, *, canvas_size: Any, **other: Any) -> Any:
    new = _new_size(canvas_size, size, max_size)
    if new == tuple(canvas_size):
        return points, canvas_size
    return points.mul(_ratios(new, canvas_size, 1, points)).to(points.dtype), new


@kernel(resize, *BOXES)
def resize_boxes(
    boxes: Any,
    size: Any,
    max_size: Any = None,
    *,
    format: Any,
    canvas_size: Any,
    clamping_mode: Any,
    **other: Any,
) -> Any:
    new = _new_size(canvas_size, size, max_size)
    if new == tuple(canvas_size):
        return boxes, canvas_size
    if not is_rotated_bounding_format(format):
        return boxes.mul(_ratios(new, canvas_size, 2, boxes)).to(boxes.dtype), new
    corners = converted(boxes, format, XYXYXYXY).reshape(-1, 8)
    corners = rectangle_of(corners.mul(_ratios(new, canvas_size, 4, boxes)))
    corners = clamped(corners, XYXYXYXY, new, clamping_mode)
    return converted(corners, XYXYXYXY, format).to(boxes.dtype).reshape(boxes.shape), new


@functional
def pad(inpt: Any, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Any:
    """With a border.

    Args:
        padding: one width; (left and right, top and bottom); or (left, top, right, bottom). Negative widths cut off.
        fill: the colour of a constant border: a number, or one for each channel. None: 0.
        padding_mode: "constant", "edge", "reflect" or "symmetric"; boxes and points take the first only.
    """


def _widths(padding: Any) -> tuple[int, int, int, int]:
    """Left, right, top, bottom."""
    if isinstance(padding, int):
        return (padding,) * 4
    if not isinstance(padding, (tuple, list)):
        raise TypeError(f"`padding` should be an integer or tuple or list of integers, but got {padding}")
    if len(padding) not in (1, 2, 4):
        raise ValueError(
            f"Padding must be an int or a 1, 2, or 4 element tuple or list. Found {len(padding)}"
        )
    left, top, right, bottom = list(padding) * (4 // len(padding))
    return left, right, top, bottom


@kernel(pad, *PICTURES)
def pad_image(image: Any, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Any:
    left, right, top, bottom = _widths(padding)
    if padding_mode not in v1_padding.MODES:
        raise ValueError(
            "`padding_mode` should be either `'constant'`, `'edge'`, `'reflect'` or `'symmetric'`, but got "
            f"`'{padding_mode}'`."
        )
    colour = list(fill) if isinstance(fill, (tuple, list)) else [0 if fill is None else fill]
    if len(colour) > 1 and padding_mode != "constant":
        raise ValueError(f"Padding mode '{padding_mode}' is not supported if fill is not scalar")
    edge = colour[0] if len(colour) == 1 else 0
    out = on_batch(v1_padding.pad, image, [left, top, right, bottom], edge, padding_mode)
    if len(colour) > 1:
        channels = tensor(colour, device=image.device).to(image.dtype).reshape(-1, 1, 1)
        height, width = out.shape[-2:]
        for n, part in (
            (top, (..., slice(None, top), slice(None))),
            (left, (..., slice(None), slice(None, left))),
            (bottom, (..., slice(height - bottom, None), slice(None))),
            (right, (..., slice(None), slice(width - right, None))),
        ):
            if n > 0:
                out[part] = channels
    return out


kernel(pad, PILLOW)(v1_padding.pad)


@kernel(pad, *MASKS)
def _pad_mask(mask: Any, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Any:
    if isinstance(fill, (tuple, list)):
        raise ValueError("Non-scalar fill value is not supported")
    return with_channel(pad_image, mask, padding, fill, padding_mode)


@kernel(pad, *POINTS)
def _pad_points(
    points: Any, padding: Any, padding_mode: str = "constant", *, canvas_size: Any, **other: Any
) -> Any:
    if padding_mode != "constant":
        raise ValueError(
            f"Padding mode '{padding_mode}' is not supported with KeyPoints (supported modes are constant)"
        )
    left, right, top, bottom = _widths(padding)
    moved = points + tensor([left, top], dtype=points.dtype, device=points.device)
    return moved, (canvas_size[0] + top + bottom, canvas_size[1] + left + right)


def shifted(boxes: Any, format: Any, x: int, y: int) -> Any:
    """Boxes moved to the right and down."""
    places = {XYXYXYXY: 4, XYXY: 2}.get(format, 1)
    move = [x, y] * places + [0] * (boxes.shape[-1] - 2 * places)
    return boxes + tensor(move, dtype=boxes.dtype, device=boxes.device)


@kernel(pad, *BOXES)
def _pad_boxes(
    boxes: Any, padding: Any, padding_mode: str = "constant", *, format: Any, canvas_size: Any, clamping_mode: Any,
    **other: Any,
) -> Any:  # fmt: skip
    if padding_mode != "constant":
        raise ValueError(f"Padding mode '{padding_mode}' is not supported with bounding boxes")
    left, right, top, bottom = _widths(padding)
    new = (canvas_size[0] + top + bottom, canvas_size[1] + left + right)
    return clamped(shifted(boxes, format, left, top), format, new, clamping_mode), new
