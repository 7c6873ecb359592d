"""Blurring and sharpening: convolution with one small kernel, the same for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....nn.functional import conv2d, pad
from ....ops.create import tensor
from ....ops.ranges import linspace
from ...pillow import is_image
from .colour import blend, enhanced, not_negative
from .convert import pil_to_tensor, to_pil_image
from .geometry import as_batch
from .images import colour_tensor, image_tensor


def gaussian_kernel(size: int, sigma: float, kind: dt.dtype, device: Any) -> Tensor:
    """``size`` values of a Gaussian around its middle, with sum 1."""
    x: Any = linspace(-(size - 1) * 0.5, (size - 1) * 0.5, size, dtype=kind, device=device)
    bell = (-0.5 * (x / sigma).pow(2)).exp()
    return bell / bell.sum()


def filtered(batch: Any, kernel: Any) -> Any:
    """Each channel of a batch (N, C, H, W) convolved with ``kernel`` (h, w)."""
    channels = batch.shape[-3]
    return conv2d(batch, kernel.expand(channels, 1, *kernel.shape), groups=channels)


def gaussian_blur(img: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """The image convolved with a Gaussian, its border mirrored.

    Args:
        img: a Pillow image or a tensor ([N,] C, H, W).
        kernel_size: odd: one, or (width, height).
        sigma: the Gaussian's standard deviation in pixels, more than 0: one, or (along x, along y). None:
            ``0.15 * kernel_size + 0.35``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.gaussian_blur.html
    """
    if not isinstance(kernel_size, (int, list, tuple)):
        raise TypeError(f"kernel_size should be int or a sequence of integers. Got {type(kernel_size)}")
    if isinstance(kernel_size, int):
        kernel_size = [kernel_size, kernel_size]
    if len(kernel_size) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(kernel_size)}")
    if any(n % 2 == 0 or n < 0 for n in kernel_size):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    sigma = _two_sigmas(sigma, kernel_size)
    if isinstance(img, Tensor):
        return _blurred(img, kernel_size, sigma)
    if not is_image(img):
        raise TypeError(f"img should be PIL Image or Tensor. Got {type(img)}")
    return to_pil_image(_blurred(pil_to_tensor(img), kernel_size, sigma), mode=img.mode)


def _two_sigmas(sigma: Any, kernel_size: Sequence[int]) -> Sequence[float]:
    if sigma is None:
        return [n * 0.15 + 0.35 for n in kernel_size]
    if not isinstance(sigma, (int, float, list, tuple)):
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    if isinstance(sigma, (int, float)):
        sigma = [float(sigma), float(sigma)]
    sigma = list(sigma) * 2 if len(sigma) == 1 else sigma
    if len(sigma) != 2:
        raise ValueError(f"If sigma is a sequence, its length should be 2. Got {len(sigma)}")
    if any(s <= 0.0 for s in sigma):
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    return sigma


def _blurred(img: Tensor, kernel_size: Sequence[int], sigma: Sequence[float]) -> Tensor:
    image_tensor(img)
    kind = img.dtype if img.is_floating_point() else dt.float32
    across, down = (gaussian_kernel(n, s, kind, img.device) for n, s in zip(kernel_size, sigma, strict=True))
    batch, restore = as_batch(img, kind)
    x, y = (n // 2 for n in kernel_size)
    return restore(filtered(pad(batch, (x, x, y, y), mode="reflect"), down[:, None] * across[None, :]))  # type: ignore[index]


def adjust_sharpness(img: Any, sharpness_factor: float) -> Any:
    """The image sharper or softer: 0 gives a blurred one, 1 changes nothing, 2 doubles the difference.

    Tensors are (..., 1 or 3, H, W), at most 4-D. Source:
    https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_sharpness.html
    """
    if not isinstance(img, Tensor):
        return enhanced(img, "Sharpness", sharpness_factor)
    not_negative("sharpness_factor", sharpness_factor)
    image = colour_tensor(img)
    if min(image.shape[-2:]) <= 2:
        return image
    return blend(image, softened(image), sharpness_factor)


def softened(img: Any) -> Any:
    """Each pixel averaged with its eight neighbours, itself five times over; the outermost pixels stay."""
    kind = img.dtype if img.is_floating_point() else dt.float32
    kernel: Any = tensor([[1, 1, 1], [1, 5, 1], [1, 1, 1]], dtype=kind, device=img.device)
    batch, restore = as_batch(img, kind)
    out = img.clone()
    out[..., 1:-1, 1:-1] = restore(filtered(batch, kernel / kernel.sum()))
    return out
