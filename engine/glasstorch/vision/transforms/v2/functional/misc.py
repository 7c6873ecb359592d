"""Normalization, blur, noise, erasing, compression, frames, and what boxes and points are fit to learn from."""

from __future__ import annotations

import io
import math
from typing import Any

from .....core import dtype as dt
from .....core.tensor import Tensor
from .....nn.functional import conv2d, pad, softmax
from .....ops.exchange import as_tensor
from .....ops.index import index_select
from .....ops.join import stack
from .....ops.random import randn_like
from .....ops.ranges import linspace
from .... import tv_tensors
from ....io import decode_jpeg, encode_jpeg
from ....pillow import pillow
from ....tv_tensors import BoundingBoxes, KeyPoints, is_rotated_bounding_format
from ...functional.convert import pil_to_tensor, to_pil_image
from .dispatch import PICTURES, PILLOW, functional, is_pure_tensor, kernel
from .meta import XYXY, XYXYXYXY, _format, converted


@functional
def normalize(inpt: Any, mean: Any, std: Any, inplace: bool = False) -> Any:
    """``(inpt - mean) / std`` for each channel of a floating picture."""


@functional
def gaussian_blur(inpt: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """Convolved with a Gaussian, the border mirrored; see ``transforms.functional.gaussian_blur``."""


@functional
def gaussian_noise(inpt: Any, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> Any:
    """With noise of the given mean and standard deviation, 1 being full brightness; ``clip``: cut off at 0 and 1."""


@functional
def erase(inpt: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    """With ``v`` in a rectangle ``h`` high and ``w`` wide, from row ``i`` and column ``j`` on."""


@functional
def jpeg(image: Any, quality: int) -> Any:
    """As it is after compression to JPEG with a quality of 1 to 100."""


@functional
def uniform_temporal_subsample(inpt: Any, num_samples: int) -> Any:
    """``num_samples`` frames of a video (…, frames, channels, height, width), evenly spaced, the last among them."""


@kernel(normalize, *PICTURES)
def _normalize_image(image: Any, mean: Any, std: Any, inplace: bool = False) -> Any:
    if not image.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {image.dtype}.")
    if image.ndim < 3:
        raise ValueError(f"Expected tensor to be a tensor image of size (..., C, H, W). Got {image.shape}.")
    if (isinstance(std, (tuple, list)) and not all(std)) or (isinstance(std, (int, float)) and std == 0):
        raise ValueError("std evaluated to zero, leading to division by zero.")
    centre, spread = (_each_channel(v, image) for v in (mean, std))
    out = image.sub_(centre) if inplace else image.sub(centre)
    return out.div_(spread)


def _each_channel(values: Any, image: Any) -> Any:
    made: Any = as_tensor(values, dtype=image.dtype, device=image.device)
    return made.view(-1, 1, 1) if made.ndim == 1 else made


def _two_sigmas(sigma: Any, kernel_size: Any) -> list[float]:
    if sigma is None:
        return [n * 0.15 + 0.35 for n in kernel_size]
    if isinstance(sigma, (list, tuple)):
        sigma = list(sigma) * (2 if len(sigma) == 1 else 1)
        if len(sigma) != 2:
            raise ValueError(f"If sigma is a sequence, its length should be 2. Got {len(sigma)}")
    elif isinstance(sigma, (int, float)):
        sigma = [float(sigma)] * 2
    else:
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    if any(s <= 0.0 for s in sigma):
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    return sigma


def _bell(size: int, sigma: float, kind: Any, device: Any) -> Any:
    """``size`` values of a Gaussian around its middle, with sum 1."""
    end = (size - 1) / (2.0 * math.sqrt(2.0))
    x: Any = linspace(-end, end, size, dtype=kind, device=device)
    return softmax(x.div(sigma).pow(2).neg(), dim=0)


@kernel(gaussian_blur, *PICTURES)
def _gaussian_blur_image(image: Any, kernel_size: Any, sigma: Any = None) -> Any:
    kernel_size = [kernel_size] * 2 if isinstance(kernel_size, int) else kernel_size
    if len(kernel_size) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(kernel_size)}")
    if any(n % 2 == 0 or n < 0 for n in kernel_size):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    sigma = _two_sigmas(sigma, kernel_size)
    if image.numel() == 0:
        return image
    exact = image if image.is_floating_point() else image.float()
    across, down = (_bell(n, s, exact.dtype, image.device) for n, s in zip(kernel_size, sigma, strict=True))
    weights = down.unsqueeze(-1) * across
    channels, (x, y) = image.shape[-3], (n // 2 for n in kernel_size)
    batch = pad(exact.reshape(-1, *image.shape[-3:]), [x, x, y, y], mode="reflect")
    out = conv2d(batch, weights.expand(channels, 1, *weights.shape), groups=channels).reshape(image.shape)
    return out if image.is_floating_point() else out.round().to(image.dtype)


@kernel(gaussian_blur, PILLOW)
def _gaussian_blur_pillow(image: Any, kernel_size: Any, sigma: Any = None) -> Any:
    return to_pil_image(_gaussian_blur_image(pil_to_tensor(image), kernel_size, sigma), mode=image.mode)


@kernel(gaussian_noise, *PICTURES)
def _gaussian_noise_image(image: Any, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> Any:
    if sigma < 0:
        raise ValueError(f"sigma shouldn't be negative. Got {sigma}")
    if image.is_floating_point():
        out = image + (mean + randn_like(image) * sigma)
        return out.clamp(0, 1) if clip else out
    if image.dtype is not dt.uint8:
        raise ValueError(f"Input tensor is expected to be in uint8 or float dtype, got dtype={image.dtype}")
    noise = ((mean * 255) + randn_like(image, dtype=dt.float32) * (sigma * 255)).to(dt.int16)
    out = image + noise
    return (out.clamp(0, 255) if clip else out).to(dt.uint8)


@kernel(gaussian_noise, PILLOW)
def _gaussian_noise_pillow(image: Any, **how: Any) -> Any:
    raise ValueError("Gaussian Noise is not implemented for PIL images.")


@kernel(erase, *PICTURES)
def _erase_image(image: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    out = image if inplace else image.clone()
    out[..., i : i + h, j : j + w] = v
    return out


@kernel(erase, PILLOW)
def _erase_pillow(image: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    return to_pil_image(_erase_image(pil_to_tensor(image), i, j, h, w, v, inplace), mode=image.mode)


@kernel(jpeg, *PICTURES)
def _jpeg_image(image: Any, quality: int) -> Any:
    if image.numel() == 0:
        return image.clone()
    each = image.reshape(-1, *image.shape[-3:])
    return stack([decode_jpeg(encode_jpeg(one, quality)) for one in each]).view(image.shape)


@kernel(jpeg, PILLOW)
def _jpeg_pillow(image: Any, quality: int) -> Any:
    file = io.BytesIO()
    image.save(file, format="JPEG", quality=quality)
    return pillow().open(file).copy()  # a plain image, as it was


@kernel(uniform_temporal_subsample, Tensor, tv_tensors.Video)
def _subsample_video(video: Any, num_samples: int) -> Any:
    places: Any = linspace(0, video.shape[-4] - 1, num_samples, device=video.device)
    return index_select(video, -4, places.long())


def sanitize_bounding_boxes(
    bounding_boxes: Any,
    format: Any = None,
    canvas_size: Any = None,
    min_size: float = 1.0,
    min_area: float = 1.0,
) -> tuple[Any, Any]:
    """The boxes that lie on their picture and are large enough, and a mask (N,) that says which these are.

    Plain tensors need to be told ``format`` and ``canvas_size``.
    """
    if isinstance(bounding_boxes, BoundingBoxes):
        if format is not None or canvas_size is not None:
            raise ValueError(
                "format and canvas_size must be None when bounding_boxes is a tv_tensors.BoundingBoxes instance. Got "
                f"format={format} and canvas_size={canvas_size}. Leave those to None or pass bounding_boxes as a pure "
                "tensor."
            )
        known: Any = bounding_boxes
        plain = known.as_subclass(Tensor)
        fit = _fit_boxes(plain, known.format, known.canvas_size, min_size, min_area)
        return tv_tensors.wrap(plain[fit], like=known), fit
    if not is_pure_tensor(bounding_boxes):
        raise ValueError("bounding_boxes must be a tv_tensors.BoundingBoxes instance or a pure tensor.")
    if format is None or canvas_size is None:
        raise ValueError(
            "format and canvas_size cannot be None if bounding_boxes is a pure tensor. "
            f"Got format={format} and canvas_size={canvas_size}."
            "Set those to appropriate values or pass bounding_boxes as a tv_tensors.BoundingBoxes object."
        )
    fit = _fit_boxes(bounding_boxes, _format(format), canvas_size, min_size, min_area)
    return bounding_boxes[fit], fit


def _fit_boxes(boxes: Any, format: Any, canvas_size: Any, min_size: float, min_area: float) -> Any:
    height, width = canvas_size
    if is_rotated_bounding_format(format):
        boxes = converted(boxes, format, XYXYXYXY)
        wide = ((boxes[:, 0] - boxes[:, 2]) ** 2 + (boxes[:, 1] - boxes[:, 3]) ** 2).sqrt()
        # The second side is measured as torchvision does, across the coordinates of its ends
        high = ((boxes[:, 3] - boxes[:, 5]) ** 2 + (boxes[:, 4] - boxes[:, 6]) ** 2).sqrt()
    else:
        boxes = converted(boxes, format, XYXY)
        wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    large = (wide >= min_size) & (high >= min_size) & (wide * high >= min_area)
    inside = (boxes[:, ::2] <= width).all(dim=-1) & (boxes[:, 1::2] <= height).all(dim=-1)
    return large & (boxes >= 0).all(dim=-1) & inside


def sanitize_keypoints(key_points: Any, canvas_size: Any = None) -> tuple[Any, Any]:
    """The points (or groups of points) that lie on their picture, and a mask (N,) that says which these are.

    Plain tensors need to be told ``canvas_size``.
    """
    if isinstance(key_points, KeyPoints):
        if canvas_size is not None:
            raise ValueError(
                "canvas_size must be None when key_points is a tv_tensors.KeyPoints instance. Got canvas_size="
                f"{canvas_size}. Leave it to None or pass key_points as a pure tensor."
            )
        known: Any = key_points
        plain = known.as_subclass(Tensor)
        fit = _fit_points(plain, known.canvas_size)
        return tv_tensors.wrap(plain[fit], like=known), fit
    if not is_pure_tensor(key_points):
        raise ValueError("key_points must be a tv_tensors.KeyPoints instance or a pure tensor.")
    if canvas_size is None:
        raise ValueError(
            "canvas_size cannot be None if key_points is a pure tensor. Set it to an appropriate value or pass "
            "key_points as a tv_tensors.KeyPoints object."
        )
    fit = _fit_points(key_points, canvas_size)
    return key_points[fit], fit


def _fit_points(points: Any, canvas_size: Any) -> Any:
    height, width = canvas_size
    x, y = points[..., 0], points[..., 1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return inside.flatten(start_dim=1).all(dim=1) if inside.ndim > 1 else inside
