"""Affine and perspective maps and free displacements, of pictures and masks.

Each pixel looks up where it comes from. Boxes and points go the other way: see ``places``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .....core import dtype as dt
from .....core.tensor import Tensor
from .....ops.join import stack
from .....ops.ranges import linspace
from ...functional import warp as v1
from ...functional.convert import pil_to_tensor, to_pil_image
from .dispatch import MASKS, PICTURES, PILLOW, functional, kernel, on_batch, with_channel
from .geometry import BILINEAR, NEAREST, checked_mode


@functional
def affine(
    inpt: Any, angle: float, translate: Sequence[float], scale: float, shear: Any, interpolation: Any = NEAREST,
    fill: Any = None, center: Any = None,
) -> Any:  # fmt: skip
    """Sheared, scaled, turned and moved, around ``center``; see ``transforms.functional.affine``."""


@functional
def rotate(
    inpt: Any,
    angle: float,
    interpolation: Any = NEAREST,
    expand: bool = False,
    center: Any = None,
    fill: Any = None,
) -> Any:
    """Turned by ``angle`` degrees, counter-clockwise; see ``transforms.functional.rotate``."""


@functional
def perspective(
    inpt: Any, startpoints: Any, endpoints: Any, interpolation: Any = BILINEAR, fill: Any = None,
    coefficients: Any = None,
) -> Any:  # fmt: skip
    """Drawn so that ``startpoints`` come to lie at ``endpoints``; see ``transforms.functional.perspective``.

    ``coefficients``: the eight numbers of the map instead, from the result to the input.
    """


@functional
def elastic(inpt: Any, displacement: Any, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    """Each point moved by ``displacement`` (1, height, width, 2), in ``grid_sample``'s units."""


elastic_transform = elastic


def _check_sampling(image: Any, mode: str, fill: Any) -> None:
    if isinstance(fill, (tuple, list)):
        if len(fill) > 1 and len(fill) != image.shape[-3]:
            raise ValueError(
                "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
                f"({len(fill)} != {image.shape[-3]})"
            )
    elif fill is not None and not isinstance(fill, (int, float)):
        raise ValueError("Argument fill should be either int, float, tuple or list")
    if mode not in v1.TENSOR_MODES:
        raise ValueError(f"Interpolation mode '{mode}' is unsupported with Tensor input")


def _sampled(image: Any, grid: Any, mode: str, fill: Any) -> Any:
    """The image at the points of a grid."""
    if image.numel() == 0:
        return image.reshape(*image.shape[:-2], *grid.shape[1:3])
    if image.dtype is dt.bool_:
        return on_batch(v1.sample, image.float(), grid, mode, fill).round().to(dt.bool_)
    return on_batch(v1.sample, image, grid, mode, fill)


def _grid_type(image: Any) -> Any:
    return image.dtype if image.is_floating_point() else dt.float32


def _affine_arguments(
    angle: Any, translate: Any, scale: Any, shear: Any, center: Any
) -> tuple[float, Any, Any]:
    """Angle, shear along x and y, and centre, after a look at all arguments."""
    shear = v1.checked_shear(angle, translate, scale, shear)
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")
    return float(angle), shear, None if center is None else [float(c) for c in center]


def _affine_matrix(
    center: Any, angle: float, translate: Any, scale: float, shear: Any, inverted: bool
) -> list[float]:
    """Rows [a, b, c, d, e, f] of ``T C R Sy Sx s C^-1``, or of its inverse; see ``inverse_affine_matrix`` of v1."""
    turn, shear_x, shear_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(turn - shear_y) / math.cos(shear_y)
    b = -(a * math.tan(shear_x) + math.sin(turn))
    c = math.sin(turn - shear_y) / math.cos(shear_y)
    d = math.cos(turn) - c * math.tan(shear_x)
    if inverted:
        xx, xy, yx, yy = d / scale, -b / scale, -c / scale, a / scale
        from_x, from_y, to_x, to_y = cx + tx, cy + ty, cx, cy
    else:
        xx, xy, yx, yy = a * scale, b * scale, c * scale, d * scale
        from_x, from_y, to_x, to_y = cx, cy, cx + tx, cy + ty
    x = to_x - xx * from_x - xy * from_y
    y = to_y - yx * from_x - yy * from_y
    return [xx, xy, x, yx, yy, y]


def _from_middle(center: Any, height: int, width: int) -> list[float]:
    return [0.0, 0.0] if center is None else [center[0] - width * 0.5, center[1] - height * 0.5]


@kernel(affine, *PICTURES)
def affine_image(
    image: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: Any = NEAREST, fill: Any = None,
    center: Any = None,
) -> Any:  # fmt: skip
    mode = checked_mode(interpolation).value
    angle, shear, center = _affine_arguments(angle, translate, scale, shear, center)
    height, width = image.shape[-2:]
    middle = _from_middle(center, height, width)
    matrix = _affine_matrix(middle, angle, [float(t) for t in translate], scale, shear, True)
    _check_sampling(image, mode, fill)
    grid = v1.affine_grid(matrix, _grid_type(image), image.device, width, height, width, height)
    return _sampled(image, grid, mode, fill)


@kernel(affine, PILLOW)
def _affine_pillow(image: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: Any, fill: Any,
                   center: Any) -> Any:  # fmt: skip
    mode = checked_mode(interpolation)
    angle, shear, center = _affine_arguments(angle, translate, scale, shear, center)
    middle = [image.width * 0.5, image.height * 0.5] if center is None else center
    matrix = _affine_matrix(middle, angle, translate, scale, shear, True)
    return v1._transformed(image, 0, matrix, mode, fill)


@kernel(affine, *MASKS)
def _affine_mask(mask: Any, fill: Any = None, interpolation: Any = None, **how: Any) -> Any:
    return with_channel(affine_image, mask, fill=fill, **how)


@kernel(rotate, *PICTURES)
def rotate_image(
    image: Any,
    angle: float,
    interpolation: Any = NEAREST,
    expand: bool = False,
    center: Any = None,
    fill: Any = None,
) -> Any:
    angle = angle % 360
    if center is None:  # quarter turns need no interpolation
        square = expand or image.shape[-1] == image.shape[-2]
        if angle == 0:
            return image.clone()
        if angle == 180 or (square and angle in (90, 270)):
            return image.rot90(int(angle) // 90, (-2, -1))
    mode = checked_mode(interpolation).value
    height, width = image.shape[-2:]
    matrix = _affine_matrix(_from_middle(center, height, width), -angle, [0.0, 0.0], 1.0, [0.0, 0.0], True)
    _check_sampling(image, mode, fill)
    size = v1.expanded_size(matrix, width, height) if expand else (width, height)
    grid = v1.affine_grid(matrix, _grid_type(image), image.device, width, height, *size)
    return _sampled(image, grid, mode, fill)


@kernel(rotate, PILLOW)
def _rotate_pillow(image: Any, angle: float, interpolation: Any, expand: bool, center: Any, fill: Any) -> Any:
    return v1.rotate(image, angle, checked_mode(interpolation), expand, center, fill)


@kernel(rotate, *MASKS)
def _rotate_mask(mask: Any, interpolation: Any = None, **how: Any) -> Any:
    return with_channel(rotate_image, mask, **how)


def _coefficients(startpoints: Any, endpoints: Any, coefficients: Any) -> list[float]:
    if coefficients is not None:
        if startpoints is not None and endpoints is not None:
            raise ValueError(
                "The startpoints/endpoints and the coefficients shouldn't be defined concurrently."
            )
        if len(coefficients) != 8:
            raise ValueError("Argument coefficients should have 8 float values")
        return coefficients
    if startpoints is None or endpoints is None:
        raise ValueError("Either the startpoints/endpoints or the coefficients must have non `None` values.")
    return v1.perspective_coefficients(startpoints, endpoints)


@kernel(perspective, *PICTURES)
def perspective_image(
    image: Any, startpoints: Any, endpoints: Any, interpolation: Any = BILINEAR, fill: Any = None,
    coefficients: Any = None,
) -> Any:  # fmt: skip
    numbers = _coefficients(startpoints, endpoints, coefficients)
    mode = checked_mode(interpolation).value
    _check_sampling(image, mode, fill)
    grid = v1.perspective_grid(numbers, image.shape[-1], image.shape[-2], _grid_type(image), image.device)
    return _sampled(image, grid, mode, fill)


@kernel(perspective, PILLOW)
def _perspective_pillow(image: Any, startpoints: Any, endpoints: Any, interpolation: Any, fill: Any,
                        coefficients: Any) -> Any:  # fmt: skip
    numbers = _coefficients(startpoints, endpoints, coefficients)
    return v1._transformed(image, 2, numbers, checked_mode(interpolation), fill)


@kernel(perspective, *MASKS)
def _perspective_mask(mask: Any, startpoints: Any, endpoints: Any, fill: Any = None, coefficients: Any = None,
                      **other: Any) -> Any:  # fmt: skip
    return with_channel(perspective_image, mask, startpoints, endpoints, NEAREST, fill, coefficients)


def _identity_grid(size: Any, kind: Any, device: Any) -> Any:
    """The grid at which ``grid_sample`` gives the picture itself: (1, height, width, 2)."""
    y, x = (linspace((1 - n) / n, (n - 1) / n, n, dtype=kind, device=device) for n in size)
    height, width = size
    return stack([x.expand(height, width), y.unsqueeze(-1).expand(height, width)], -1).unsqueeze(0)


def _check_displacement(displacement: Any, size: Any) -> None:
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    expected = (1, *size, 2)
    if displacement.shape != expected:
        raise ValueError(f"Argument displacement shape should be {expected}, but given {displacement.shape}")


@kernel(elastic, *PICTURES)
def elastic_image(image: Any, displacement: Any, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    mode = checked_mode(interpolation).value
    size = tuple(image.shape[-2:])
    _check_displacement(displacement, size)
    exact = image.float() if image.dtype is dt.float16 else image
    kind = _grid_type(exact)
    moved: Any = displacement.to(kind)  # type: ignore[attr-defined]
    return _sampled(exact, _identity_grid(size, kind, image.device) + moved, mode, fill).to(image.dtype)


@kernel(elastic, PILLOW)
def _elastic_pillow(image: Any, displacement: Any, interpolation: Any, fill: Any) -> Any:
    out = elastic_image(pil_to_tensor(image), displacement, interpolation, fill)
    return to_pil_image(out, mode=image.mode)


@kernel(elastic, *MASKS)
def _elastic_mask(mask: Any, displacement: Any, fill: Any = None, **other: Any) -> Any:
    return with_channel(elastic_image, mask, displacement, NEAREST, fill)
