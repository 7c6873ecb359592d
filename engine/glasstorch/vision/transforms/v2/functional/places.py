"""Affine and perspective maps and free displacements, of boxes and points.

They move by the inverse of the map by which pictures look up where their pixels come from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .....core import dtype as dt
from .....ops.create import ones, tensor
from .....ops.join import cat
from ....tv_tensors import is_rotated_bounding_format
from ...functional import warp as v1
from .dispatch import BOXES, POINTS, kernel
from .meta import CXCYWHR, XYXY, XYXYXYXY, clamped, converted
from .rotated import rectangle_of
from .warp import (
    _affine_arguments,
    _affine_matrix,
    _check_displacement,
    _coefficients,
    _identity_grid,
    affine,
    elastic,
    perspective,
    rotate,
)


def _homogeneous(points: Any) -> Any:
    return cat([points, ones((points.shape[0], 1), device=points.device, dtype=points.dtype)], -1)


class _Affine:
    """An affine map of points on a canvas."""

    def __init__(self, canvas_size: Any, expand: bool, angle: Any, translate: Any, scale: Any, shear: Any,
                 center: Any) -> None:  # fmt: skip
        self.canvas_size, self.expand = tuple(canvas_size), expand
        angle, shear, center = _affine_arguments(angle, translate, scale, shear, center)
        height, width = canvas_size
        how = ([width * 0.5, height * 0.5] if center is None else center, angle, translate, scale, shear)
        self.matrix = _affine_matrix(*how, False)
        self.inverse = _affine_matrix(*how, True)

    def _moved(self, points: Any) -> Any:
        rows = tensor(self.matrix, dtype=points.dtype, device=points.device).reshape(2, 3)
        return _homogeneous(points) @ rows.T

    def __call__(self, points: Any) -> Any:
        return self._moved(points)

    def new_origin(self, like: Any) -> Any:
        """With ``expand``, where the upper left corner of the larger canvas is on the old one: (1, 2)."""
        height, width = self.canvas_size
        corners = [[0.0, 0.0], [0.0, float(height)], [float(width), float(height)], [float(width), 0.0]]
        return self._moved(tensor(corners, dtype=like.dtype, device=like.device)).amin(dim=0, keepdim=True)

    def new_size(self) -> tuple[int, int]:
        if not self.expand:
            return self.canvas_size
        width, height = v1.expanded_size(self.inverse, self.canvas_size[1], self.canvas_size[0])
        return height, width


def _affine_points(points: Any, map: _Affine) -> Any:
    if points.numel() == 0:
        return points, map.canvas_size
    exact = points if points.is_floating_point() else points.float()
    moved = map(exact.reshape(-1, 2))
    if map.expand:
        moved = moved - map.new_origin(exact)
    return moved.reshape(points.shape).to(points.dtype), map.new_size()


def _corners(boxes: Any, rotated: bool) -> Any:
    """The corners (4 N, 2) of turned boxes (N, 8) or upright ones (N, 4)."""
    return (boxes if rotated else boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]]).reshape(-1, 2)


def _boxes_around(corners: Any, rotated: bool) -> Any:
    """The boxes that hold four corners each."""
    if rotated:
        return rectangle_of(corners.reshape(-1, 8))
    corners = corners.reshape(-1, 4, 2)
    return cat([corners.amin(dim=1), corners.amax(dim=1)], 1)


def _affine_boxes(boxes: Any, map: _Affine, format: Any, clamping_mode: Any) -> Any:
    if boxes.numel() == 0:
        return boxes, map.canvas_size
    rotated = is_rotated_bounding_format(format)
    middle = XYXYXYXY if rotated else XYXY
    exact = boxes if boxes.is_floating_point() else boxes.float()
    exact = converted(exact, format, middle).reshape(-1, 8 if rotated else 4)
    out = _boxes_around(map(_corners(exact, rotated)), rotated)
    if map.expand:
        out = out - map.new_origin(out).repeat((1, 4 if rotated else 2))
    size = map.new_size()
    out = converted(clamped(out, middle, size, clamping_mode), middle, format)
    return out.reshape(boxes.shape).to(boxes.dtype), size


def _turn(canvas_size: Any, angle: float, expand: bool, center: Any) -> _Affine:
    return _Affine(canvas_size, expand, -angle, [0.0, 0.0], 1.0, [0.0, 0.0], center)


@kernel(affine, *POINTS)
def _affine_keypoints(points: Any, angle: Any, translate: Any, scale: Any, shear: Any, center: Any = None, *,
                      canvas_size: Any, **other: Any) -> Any:  # fmt: skip
    return _affine_points(points, _Affine(canvas_size, False, angle, translate, scale, shear, center))


@kernel(affine, *BOXES)
def _affine_bounding_boxes(boxes: Any, angle: Any, translate: Any, scale: Any, shear: Any, center: Any = None, *,
                           format: Any, canvas_size: Any, clamping_mode: Any, **other: Any) -> Any:  # fmt: skip
    map = _Affine(canvas_size, False, angle, translate, scale, shear, center)
    return _affine_boxes(boxes, map, format, clamping_mode)


@kernel(rotate, *POINTS)
def _rotate_points(points: Any, angle: float, expand: bool = False, center: Any = None, *, canvas_size: Any,
                   **other: Any) -> Any:  # fmt: skip
    return _affine_points(points, _turn(canvas_size, angle, expand, center))


@kernel(rotate, *BOXES)
def _rotate_boxes(boxes: Any, angle: float, expand: bool = False, center: Any = None, *, format: Any, canvas_size: Any,
                  clamping_mode: Any, **other: Any) -> Any:  # fmt: skip
    return _affine_boxes(boxes, _turn(canvas_size, angle, expand, center), format, clamping_mode)


def _perspective_map(numbers: list[float], what: str) -> Callable[[Any], Any]:
    """The inverse of a perspective map, for points (N, 2)."""
    a, b, c, d, e, f, g, h = numbers
    scale = a * e - b * d
    if scale == 0:
        raise RuntimeError(
            f"Provided perspective_coeffs {numbers} can not be inverted to transform {what}. Denominator is zero, "
            f"denom={scale}"
        )
    over = [[e - f * h, c * h - b, b * f - c * e], [f * g - d, a - c * g, c * d - a * f]]
    under = [d * h - e * g, b * g - a * h]

    def map(points: Any) -> Any:
        kind = points.dtype if points.is_floating_point() else dt.float32
        top, bottom = (
            tensor(rows, dtype=kind, device=points.device)
            for rows in ([[v / scale for v in row] for row in over], [[*(v / scale for v in under), 1.0]] * 2)
        )
        known = cat([points, ones((points.shape[0], 1), device=points.device)], -1)
        return (known @ top.T) / (known @ bottom.T)

    return map


@kernel(perspective, *POINTS)
def _perspective_points(
    points: Any, startpoints: Any, endpoints: Any, coefficients: Any = None, **other: Any
) -> Any:
    if points.numel() == 0:
        return points
    map = _perspective_map(_coefficients(startpoints, endpoints, coefficients), "keypoints")
    return map(points.reshape(-1, 2)).to(points.dtype).reshape(points.shape)


@kernel(perspective, *BOXES)
def _perspective_boxes(boxes: Any, startpoints: Any, endpoints: Any, coefficients: Any = None, *, format: Any,
                       canvas_size: Any, clamping_mode: Any, **other: Any) -> Any:  # fmt: skip
    if boxes.numel() == 0:
        return boxes
    map = _perspective_map(_coefficients(startpoints, endpoints, coefficients), "bounding boxes")
    rotated = is_rotated_bounding_format(format)
    middle = XYXYXYXY if rotated else XYXY
    known = converted(boxes, format, middle).reshape(-1, 8 if rotated else 4)
    out = _boxes_around(map(_corners(known, rotated)), rotated)
    out = converted(clamped(out, middle, canvas_size, clamping_mode), middle, format)
    return out.reshape(boxes.shape).to(boxes.dtype)


def _displaced(points: Any, displacement: Any, canvas_size: Any) -> Any:
    """Where points come to lie: the displacement at their pixel, taken back."""
    kind = points.dtype if points.is_floating_point() else dt.float32
    height, width = canvas_size
    back = _identity_grid(canvas_size, kind, points.device) - displacement.to(kind)
    x, y = points.to(dt.int64).unbind(-1)
    at = back[0, y.clamp(0, height - 1), x.clamp(0, width - 1)]
    return (at + 1) * (0.5 * tensor([width, height], dtype=kind, device=points.device)) - 0.5


@kernel(elastic, *POINTS)
def _elastic_points(points: Any, displacement: Any, *, canvas_size: Any, **other: Any) -> Any:
    _check_displacement(displacement, canvas_size)
    if points.numel() == 0:
        return points
    return _displaced(points.reshape(-1, 2), displacement, canvas_size).to(points.dtype).reshape(points.shape)


@kernel(elastic, *BOXES)
def _elastic_boxes(boxes: Any, displacement: Any, *, format: Any, canvas_size: Any, clamping_mode: Any,
                   **other: Any) -> Any:  # fmt: skip
    _check_displacement(displacement, canvas_size)
    if boxes.numel() == 0:
        return boxes
    rotated = is_rotated_bounding_format(format)
    middle = CXCYWHR if rotated else XYXY
    known = converted(boxes, format, middle).reshape(-1, 5 if rotated else 4)
    points = known[:, :2] if rotated else _corners(known, False)
    moved = _displaced(points.ceil() if points.is_floating_point() else points, displacement, canvas_size)
    # Turned boxes move as a whole
    out = cat([moved, known[:, 2:]], 1) if rotated else _boxes_around(moved, False)
    out = clamped(out.to(known.dtype), middle, canvas_size, clamping_mode)
    return converted(out, middle, format).reshape(boxes.shape)
