"""Rotations, affine and perspective maps, and free displacements.

Each output pixel looks up where it comes from in the input, so maps are given by their inverse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np

from ....core import dtype as dt
from ....core.frames import warn
from ....core.size import Size
from ....core.tensor import Tensor
from ....nn.functional import grid_sample
from ....ops.create import ones, tensor
from ....ops.join import cat, stack
from ....ops.matrices import LinAlgError
from ....ops.ranges import linspace
from ...pillow import is_image
from .convert import pil_to_tensor, to_pil_image
from .geometry import as_batch
from .images import (
    InterpolationMode,
    checked_mode,
    get_dimensions,
    image_tensor,
    pil_modes_mapping,
    pillow_image,
)
from .padding import pillow_fill

NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR
TENSOR_MODES = (NEAREST.value, BILINEAR.value)


def inverse_affine_matrix(
    center: Sequence[float], angle: float, translate: Sequence[float], scale: float, shear: Sequence[float]
) -> list[float]:
    """Rows [a, b, c, d, e, f] of the inverse of ``T C R Sy Sx s C^-1``: where an output point comes from.

    T translates, C moves the origin to ``center``, R rotates by ``angle``, Sx and Sy shear (all angles in degrees), s
    scales. Since R, Sx and Sy have determinant 1, the inverse of their product only exchanges and negates entries.
    """
    turn, shear_x, shear_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(turn - shear_y) / math.cos(shear_y)
    b = -math.cos(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) - math.sin(turn)
    c = math.sin(turn - shear_y) / math.cos(shear_y)
    d = -math.sin(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) + math.cos(turn)
    xx, xy, yx, yy = d / scale, -b / scale, -c / scale, a / scale
    x = 0.0 / scale + (xx * (-cx - tx) + xy * (-cy - ty)) + cx
    y = 0.0 / scale + (yx * (-cx - tx) + yy * (-cy - ty)) + cy
    return [xx, xy, x, yx, yy, y]


def perspective_coefficients(startpoints: Sequence, endpoints: Sequence) -> list[float]:
    """[a, …, h] so that (x, y) comes from ``((a x + b y + c) / n, (d x + e y + f) / n)``, ``n = g x + h y + 1``.

    Four pairs of corners make eight linear equations for the eight numbers.
    """
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(
            f"Please provide exactly four corners, got {len(startpoints)} startpoints and {len(endpoints)} endpoints."
        )
    rows = []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    try:
        found = np.linalg.solve(np.array(rows, np.float64), np.array(startpoints, np.float64).reshape(8))
    except np.linalg.LinAlgError:
        raise LinAlgError(
            "No perspective map: the input matrix of its equations does not have full rank. Three of the end points "
            f"lie on one line: {endpoints}"
        ) from None
    return found.astype(np.float32).tolist()


def affine_grid(matrix: Sequence[float], kind: Any, device: Any, width: int, height: int, new_width: int,
                new_height: int) -> Any:  # fmt: skip
    """Where each of the output's pixels comes from, (1, new height, new width, 2), in ``grid_sample``'s units.

    ``matrix`` counts in pixels from the middles of the images.
    """
    theta = tensor(matrix, dtype=kind, device=device).reshape(2, 3)
    half = tensor([[0.5 * width], [0.5 * height]], dtype=kind, device=device)
    x, y = _pixels(new_width, new_height, -new_width * 0.5 + 0.5, -new_height * 0.5 + 0.5, kind, device)
    return _mapped(theta / half, x, y).to(kind).unsqueeze(0)


def perspective_grid(coefficients: Sequence[float], width: int, height: int, kind: Any, device: Any) -> Any:
    """``affine_grid`` for a perspective map, which counts in pixels from the upper left corner."""
    over = tensor(coefficients[:6], dtype=kind, device=device).reshape(2, 3)
    under = tensor([[*coefficients[6:], 1.0]], dtype=kind, device=device)
    half = tensor([[0.5 * width], [0.5 * height]], dtype=kind, device=device)
    x, y = _pixels(width, height, 0.5, 0.5, kind, device)
    over, under = _mapped(over / half, x, y).to(kind), _mapped(under, x, y).to(kind)
    return (over / under - 1.0).unsqueeze(0)


def _pixels(width: int, height: int, left: float, top: float, kind: Any, device: Any) -> tuple[Any, Any]:
    """The middles of the pixels: x (width), and y (height, 1)."""
    x: Any = linspace(left, left + width - 1, width, device=device)
    y: Any = linspace(top, top + height - 1, height, device=device)
    return x.to(kind), y.to(kind).unsqueeze(-1)


def _mapped(rows: Any, x: Any, y: Any) -> Any:
    """``a x + b y + c`` for each row (a, b, c), along a new last dimension; half types are added up in float32."""
    wide = dt.promote_types(rows.dtype, dt.float32)
    x, y, rows = x.to(wide), y.to(wide), rows.to(wide)
    return stack([x * a + y * b + c for a, b, c in rows], -1)


def identity_grid(height: int, width: int, device: Any) -> Any:
    """The grid at which ``grid_sample`` gives the image itself: (1, height, width, 2)."""
    y, x = (linspace((1 - n) / n, (n - 1) / n, n, device=device) for n in (height, width))
    ys: Any = y
    xs: Any = x
    return stack([xs.expand(height, width), ys.unsqueeze(-1).expand(height, width)], -1).unsqueeze(0)


def sample(img: Tensor, grid: Any, mode: str, fill: Any) -> Tensor:
    """The image at the points of ``grid``, with ``fill`` for what lies outside (None: 0)."""
    batch, restore = as_batch(img, grid.dtype)
    n = batch.shape[0]
    if n > 1:
        grid = grid.expand(n, *grid.shape[1:])
    if fill is None:
        return restore(grid_sample(batch, grid, mode, "zeros", align_corners=False))
    # A channel of ones, sampled like the image, says how much of each output pixel lies inside.
    inside: Any = ones((n, 1, batch.shape[2], batch.shape[3]), dtype=batch.dtype, device=batch.device)
    out: Any = grid_sample(cat([batch, inside], 1), grid, mode, "zeros", align_corners=False)
    out, share = out[:, :-1], out[:, -1:]
    colour = list(fill) if isinstance(fill, (tuple, list)) else [float(fill)]
    around = tensor(colour, dtype=batch.dtype, device=batch.device).view(1, -1, 1, 1).expand_as(out)
    if mode == "nearest":
        return restore(around.where(share < 0.5, out))
    return restore(out * share + (1.0 - share) * around)


def check_sampling(img: Any, mode: str, fill: Any) -> None:
    """The colour and the mode that tensors can be sampled with."""
    image_tensor(img)
    if fill is not None and not isinstance(fill, (int, float, tuple, list)):
        warn("Argument fill should be either int, float, tuple or list")
    channels = get_dimensions(img)[0]
    if isinstance(fill, (tuple, list)) and len(fill) > 1 and len(fill) != channels:
        raise ValueError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
            f"({len(fill)} != {channels})"
        )
    if mode not in TENSOR_MODES:
        raise ValueError(f"Interpolation mode '{mode}' is unsupported with Tensor input")


def _grid_type(img: Tensor) -> dt.dtype:
    return img.dtype if img.is_floating_point() else dt.float32


def _from_middle(center: Any, width: int, height: int) -> list[float]:
    """A point counted from the upper left corner, or None for the middle, as counted from the middle."""
    return [0.0, 0.0] if center is None else [1.0 * (c - n * 0.5) for c, n in zip(center, (width, height))]


def _check_angle_and_center(angle: Any, center: Any) -> None:
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")


def rotate(
    img: Any,
    angle: float,
    interpolation: InterpolationMode = NEAREST,
    expand: bool = False,
    center: Any = None,
    fill: Any = None,
) -> Any:
    """The image turned by ``angle`` degrees, counter-clockwise.

    Args:
        img: a Pillow image or a tensor ([N,] C, H, W).
        interpolation: NEAREST or BILINEAR; Pillow images also BICUBIC.
        expand: make the result large enough for the whole turned image.
        center: (x, y) from the upper left corner; None: the middle.
        fill: the colour outside: a number or one for each channel. None: black.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.rotate.html
    """
    interpolation = checked_mode(interpolation)
    _check_angle_and_center(angle, center)
    if not isinstance(img, Tensor):
        fill = pillow_fill(fill, pillow_image(img))
        return img.rotate(angle, pil_modes_mapping[interpolation], expand, center, fillcolor=fill)
    _, height, width = get_dimensions(img)
    matrix = inverse_affine_matrix(_from_middle(center, width, height), -angle, (0, 0), 1.0, (0, 0))
    check_sampling(img, interpolation.value, fill)
    size = expanded_size(matrix, width, height) if expand else (width, height)
    grid = affine_grid(matrix, _grid_type(img), img.device, width, height, *size)
    return sample(img, grid, interpolation.value, fill)


def expanded_size(matrix: Sequence[float], width: int, height: int) -> tuple[int, int]:
    """Width and height of the smallest whole rectangle around the turned image."""
    xs, ys = (-0.5 * width, 0.5 * width), (-0.5 * height, 0.5 * height)
    corners = np.array([[x, y, 1] for x in xs for y in ys], np.float32)
    moved = corners @ np.array(matrix, np.float32).reshape(2, 3).T
    middle = np.array([width * 0.5, height * 0.5], np.float32)
    low, high = moved.min(axis=0) + middle, moved.max(axis=0) + middle
    step = np.float32(1e-4)  # what is closer to a whole number than this is that number
    size = np.ceil(np.trunc(high / step) * step) - np.floor(np.trunc(low / step) * step)
    return int(size[0]), int(size[1])


def checked_shear(angle: Any, translate: Any, scale: Any, shear: Any) -> list[float]:
    """The shear along x and along y, after a look at all arguments of ``affine``."""
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if not isinstance(shear, (Number, list, tuple)):
        raise TypeError("Shear should be either a single value or a sequence of two values")
    shear = [shear, 0.0] if isinstance(shear, Number) else list(shear)
    shear = shear * 2 if len(shear) == 1 else shear
    if len(shear) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {shear}")
    return shear


def affine(
    img: Any,
    angle: float,
    translate: Sequence[int],
    scale: float,
    shear: Any,
    interpolation: InterpolationMode = NEAREST,
    fill: Any = None,
    center: Any = None,
) -> Any:
    """The image sheared, scaled, turned and moved, around ``center``.

    Args:
        img: a Pillow image or a tensor ([N,] C, H, W).
        angle: degrees, clockwise.
        translate: (right, down), in pixels.
        scale: more than 0.
        shear: degrees along x, or (along x, along y).
        interpolation, fill, center: as for ``rotate``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.affine.html
    """
    interpolation = checked_mode(interpolation)
    shear = checked_shear(angle, translate, scale, shear)
    _check_angle_and_center(angle, center)
    _, height, width = get_dimensions(img)
    if not isinstance(img, Tensor):
        center = (width * 0.5, height * 0.5) if center is None else center
        matrix = inverse_affine_matrix(center, angle, translate, scale, shear)
        return _transformed(img, 0, matrix, interpolation, fill)
    matrix = inverse_affine_matrix(_from_middle(center, width, height), angle, translate, scale, shear)
    check_sampling(img, interpolation.value, fill)
    grid = affine_grid(matrix, _grid_type(img), img.device, width, height, width, height)
    return sample(img, grid, interpolation.value, fill)


def _transformed(img: Any, method: int, numbers: Sequence[float], mode: InterpolationMode, fill: Any) -> Any:
    """Pillow's ``transform``; its methods are 0 for affine maps, 2 for perspective ones."""
    fill = pillow_fill(fill, img)
    return img.transform(img.size, method, numbers, pil_modes_mapping[mode], fillcolor=fill)


def perspective(
    img: Any, startpoints: Sequence, endpoints: Sequence, interpolation: InterpolationMode = BILINEAR, fill: Any = None
) -> Any:  # fmt: skip
    """The image drawn so that its ``startpoints`` come to lie at ``endpoints``.

    Args:
        img: a Pillow image or a tensor ([N,] C, H, W).
        startpoints, endpoints: four points [x, y] each: upper left, upper right, lower right, lower left.
        interpolation, fill: as for ``rotate``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.perspective.html
    """
    coefficients = perspective_coefficients(startpoints, endpoints)
    interpolation = checked_mode(interpolation)
    if not isinstance(img, Tensor):
        return _transformed(pillow_image(img), 2, coefficients, interpolation, fill)
    check_sampling(img, interpolation.value, fill)
    _, height, width = get_dimensions(img)
    grid = perspective_grid(coefficients, width, height, _grid_type(img), img.device)
    return sample(img, grid, interpolation.value, fill)


def elastic_transform(
    img: Any, displacement: Tensor, interpolation: InterpolationMode = BILINEAR, fill: Any = None
) -> Any:
    """The image with each pixel taken from elsewhere.

    Args:
        img: a Pillow image or a tensor (C, H, W) or (1, C, H, W).
        displacement: how far away, (1, H, W, 2): right and down, where 2 is the image's whole width or height.
        interpolation, fill: as for ``rotate``.

    Source: Simard et al., *Best practices for convolutional neural networks applied to visual document analysis*, 2003;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.elastic_transform.html
    """
    if isinstance(interpolation, int):
        warn(
            "Argument interpolation should be of type InterpolationMode instead of int. "
            "Please, use InterpolationMode enum.",
        )
        interpolation = checked_mode(interpolation)
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    image = img
    if not isinstance(img, Tensor):
        if not is_image(img):
            raise TypeError(f"img should be PIL Image or Tensor. Got {type(img)}")
        image = pil_to_tensor(img)
    shape = Size((1, *image.shape[-2:], 2))
    if shape != displacement.shape:
        raise ValueError(f"Argument displacement shape should be {shape}, but given {displacement.shape}")
    height, width = image.shape[-2:]
    grid = identity_grid(height, width, image.device) + displacement.to(image.device)  # type: ignore[attr-defined]
    out = sample(image, grid, interpolation.value, fill)
    return out if isinstance(img, Tensor) else to_pil_image(out, mode=img.mode)
