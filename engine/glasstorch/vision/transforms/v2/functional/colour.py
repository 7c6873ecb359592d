"""Colours and tones of pictures."""

from __future__ import annotations

from typing import Any

from .....core import dtype as dt
from .....core.tensor import Tensor
from .....nn.functional import conv2d
from .....ops.choose import where
from .....ops.create import tensor
from .....ops.join import cat
from ....tv_tensors import Image
from ...functional import colour as v1
from ...functional import filters, tone
from ...functional.convert import pil_to_tensor, to_pil_image
from ...functional.images import max_value
from .convert import to_dtype_image, value_bits
from .dispatch import PICTURES, PILLOW, functional, kernel


@functional
def rgb_to_grayscale(inpt: Any, num_output_channels: int = 1) -> Any:
    """In shades of grey, of one channel or of three that are alike."""


@functional
def grayscale_to_rgb(inpt: Any) -> Any:
    """In three channels; what has three or more stays."""


@functional
def adjust_brightness(inpt: Any, brightness_factor: float) -> Any:
    """Brighter or darker: 0 gives black, 1 changes nothing, 2 doubles the values."""


@functional
def adjust_contrast(inpt: Any, contrast_factor: float) -> Any:
    """With more or less contrast: 0 gives an even grey, 1 changes nothing."""


@functional
def adjust_saturation(inpt: Any, saturation_factor: float) -> Any:
    """With more or less colour: 0 gives grey, 1 changes nothing."""


@functional
def adjust_sharpness(inpt: Any, sharpness_factor: float) -> Any:
    """Sharper or softer: 0 gives a blurred picture, 1 changes nothing, 2 doubles the difference."""


@functional
def adjust_hue(inpt: Any, hue_factor: float) -> Any:
    """With its colours turned along the circle of hues, by -0.5 (half a turn) to 0.5."""


@functional
def adjust_gamma(inpt: Any, gamma: float, gain: float = 1) -> Any:
    """``gain * value ** gamma`` for values in [0, 1]."""


@functional
def posterize(inpt: Any, bits: int) -> Any:
    """With only the highest ``bits`` of each value."""


@functional
def solarize(inpt: Any, threshold: float) -> Any:
    """With the values from ``threshold`` on inverted."""


@functional
def autocontrast(inpt: Any) -> Any:
    """With each channel stretched to all values there are."""


@functional
def equalize(inpt: Any) -> Any:
    """With each channel's values spread so that all occur about equally often."""


@functional
def invert(inpt: Any) -> Any:
    """Light made dark and dark made light."""


@functional
def permute_channels(inpt: Any, permutation: list[int]) -> Any:
    """With the channels in another order: output channel k is input channel ``permutation[k]``."""


kernel(adjust_brightness, PILLOW)(v1.adjust_brightness)
kernel(adjust_contrast, PILLOW)(v1.adjust_contrast)
kernel(adjust_saturation, PILLOW)(v1.adjust_saturation)
kernel(adjust_sharpness, PILLOW)(filters.adjust_sharpness)
kernel(adjust_hue, PILLOW)(v1.adjust_hue)
kernel(adjust_gamma, PILLOW)(v1.adjust_gamma)
kernel(posterize, PILLOW)(tone.posterize)
kernel(solarize, PILLOW)(tone.solarize)
kernel(autocontrast, PILLOW)(tone.autocontrast)
kernel(equalize, PILLOW)(tone.equalize)
kernel(invert, PILLOW)(tone.invert)
kernel(grayscale_to_rgb, PILLOW)(lambda image: image.convert(mode="RGB"))


def _check_channels(image: Any) -> int:
    channels = image.shape[-3]
    if channels not in (1, 3):
        raise TypeError(f"Input image tensor permitted channel values are 1 or 3, but found {channels}")
    return channels


def _not_negative(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def _in_range(values: Any, like: Any) -> Any:
    """Values cut off at black and white, in the type of ``like``."""
    return values.clamp(0, max_value(like.dtype)).to(like.dtype)


def _plus(x: Any, y: Any, factor: float) -> Any:
    """``x + factor * y``, rounded once as by a processor's fused multiply-add: a pixel's value may hang on it."""
    if x.dtype is not dt.float32:
        return x.add(y, alpha=factor)
    return (x.double() + y.double() * float(tensor(factor))).float()


def _luma(image: Any) -> Any:
    """Brightness (…, 1, H, W), as floating numbers."""
    red, green, blue = image.unbind(dim=-3)
    return _plus(_plus(red.mul(0.2989), green, 0.587), blue, 0.114).unsqueeze(-3)


def _grey(image: Any, channels: int) -> Any:
    if image.shape[-3] == 1:
        if channels == 1:
            return image.clone()
        return image.repeat([3 if k == image.ndim - 3 else 1 for k in range(image.ndim)])
    grey = _luma(image).to(image.dtype)
    return grey.expand(image.shape) if channels == 3 else grey


def _check_grey(channels: int) -> None:
    if channels not in (1, 3):
        raise ValueError(f"num_output_channels must be 1 or 3, got {channels}.")


@kernel(rgb_to_grayscale, Tensor, Image)
def _rgb_to_grayscale_image(image: Any, num_output_channels: int = 1) -> Any:
    _check_grey(num_output_channels)
    return _grey(image, num_output_channels)


@kernel(rgb_to_grayscale, PILLOW)
def _rgb_to_grayscale_pillow(image: Any, num_output_channels: int = 1) -> Any:
    _check_grey(num_output_channels)
    return v1.to_grayscale(image, num_output_channels)


def to_grayscale(inpt: Any, num_output_channels: int = 1) -> Any:
    """``rgb_to_grayscale`` under its older name."""
    return rgb_to_grayscale(inpt, num_output_channels)


@kernel(grayscale_to_rgb, Tensor, Image)
def _grayscale_to_rgb_image(image: Any) -> Any:
    return image if image.shape[-3] >= 3 else _grey(image, 3)


@kernel(adjust_brightness, *PICTURES)
def _adjust_brightness_image(image: Any, brightness_factor: float) -> Any:
    _not_negative("brightness_factor", brightness_factor)
    _check_channels(image)
    return _in_range(image.mul(brightness_factor), image)


def _blend(image: Any, other: Any, ratio: float) -> Any:
    ratio = float(ratio)
    return _in_range(_plus(image.mul(ratio), other, 1.0 - ratio), image)


def _whole(grey: Any, image: Any) -> Any:
    """Brightness as an image of the same type would have it, but still floating."""
    return grey if image.is_floating_point() else grey.floor()


@kernel(adjust_saturation, *PICTURES)
def _adjust_saturation_image(image: Any, saturation_factor: float) -> Any:
    _not_negative("saturation_factor", saturation_factor)
    if _check_channels(image) == 1:
        return image
    return _blend(image, _whole(_luma(image), image), saturation_factor)


@kernel(adjust_contrast, *PICTURES)
def _adjust_contrast_image(image: Any, contrast_factor: float) -> Any:
    _not_negative("contrast_factor", contrast_factor)
    if _check_channels(image) == 3:
        grey = _whole(_luma(image), image)
    else:
        grey = image if image.is_floating_point() else image.float()
    return _blend(image, grey.mean(dim=(-3, -2, -1), keepdim=True), contrast_factor)


@kernel(adjust_sharpness, *PICTURES)
def _adjust_sharpness_image(image: Any, sharpness_factor: float) -> Any:
    channels, height, width = image.shape[-3:]
    if channels not in (1, 3):
        raise TypeError(f"Input image tensor can have 1 or 3 channels, but found {channels}")
    _not_negative("sharpness_factor", sharpness_factor)
    if image.numel() == 0 or height <= 2 or width <= 2:
        return image
    exact = image.clone() if image.is_floating_point() else image.float()
    around, middle = 1.0 / 13.0, 5.0 / 13.0
    weights = tensor([around] * 4 + [middle] + [around] * 4, dtype=exact.dtype, device=image.device)
    batch = exact.reshape(-1, channels, height, width) if image.ndim > 4 else exact
    soft = conv2d(batch, weights.reshape(3, 3).expand(channels, 1, 3, 3), groups=channels)
    inner = batch[..., 1:-1, 1:-1]  # the outermost pixels stay
    soft = soft if image.is_floating_point() else soft.round()
    batch[..., 1:-1, 1:-1] = _plus(inner, soft.sub(inner), 1.0 - sharpness_factor)
    return _in_range(batch.reshape(image.shape), image)


@kernel(adjust_hue, *PICTURES)
def _adjust_hue_image(image: Any, hue_factor: float) -> Any:
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    if _check_channels(image) == 1 or image.numel() == 0:
        return image
    hue, saturation, value = v1.rgb_to_hsv(to_dtype_image(image, dt.float32, scale=True))
    turned = v1.hsv_to_rgb((hue + hue_factor).remainder(1.0), saturation, value)
    return to_dtype_image(turned, image.dtype, scale=True)


@kernel(adjust_gamma, *PICTURES)
def _adjust_gamma_image(image: Any, gamma: float, gain: float = 1) -> Any:
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    exact = image if image.is_floating_point() else to_dtype_image(image, dt.float32, scale=True)
    out = exact.pow(gamma)
    if gain != 1.0:
        out = out.mul(gain).clamp(0.0, 1.0)
    return to_dtype_image(out, image.dtype, scale=True)


@kernel(posterize, *PICTURES)
def _posterize_image(image: Any, bits: int) -> Any:
    if not isinstance(bits, int) or not 0 <= bits <= 8:
        raise TypeError(f"bits must be a positive integer in the range [0, 8], got {bits} instead.")
    if image.is_floating_point():
        levels = 1 << bits
        return image.mul(levels).floor().clamp(0, levels - 1).mul(1.0 / levels)
    all_bits = value_bits(image.dtype)
    return image if bits >= all_bits else image & (((1 << bits) - 1) << (all_bits - bits))


@kernel(invert, *PICTURES)
def _invert_image(image: Any) -> Any:
    if image.is_floating_point():
        return 1.0 - image
    return image.bitwise_xor((1 << value_bits(image.dtype)) - 1)


@kernel(solarize, *PICTURES)
def _solarize_image(image: Any, threshold: float) -> Any:
    if threshold > max_value(image.dtype):
        raise TypeError(
            f"Threshold should be less or equal the maximum value of the dtype, but got {threshold}"
        )
    return where(image >= threshold, _invert_image(image), image)


@kernel(autocontrast, *PICTURES)
def _autocontrast_image(image: Any) -> Any:
    _check_channels(image)
    if image.numel() == 0:
        return image
    bound = max_value(image.dtype)
    exact = image if image.is_floating_point() else image.float()
    low, high = exact.amin(dim=(-2, -1), keepdim=True), exact.amax(dim=(-2, -1), keepdim=True)
    flat = high == low  # a channel of one value stays as it is
    scale = (high - low).mul(1.0 / bound)
    return (
        exact.sub(low.masked_fill(flat, 0.0))
        .div(scale.masked_fill(flat, 1.0))
        .clamp(0, bound)
        .to(image.dtype)
    )


@kernel(equalize, *PICTURES)
def _equalize_image(image: Any) -> Any:
    if image.numel() == 0:
        return image
    levels = to_dtype_image(image, dt.uint8, scale=True)
    flat = levels.flatten(start_dim=-2).long()
    lead = levels.shape[:-2]
    counts = flat.new_zeros((*lead, 256), dtype=dt.int32)
    counts = counts.scatter_add(-1, flat, counts.new_ones(1).expand(flat.shape))
    below = counts.cumsum(dim=-1)
    # The brightest level that occurs has no say in the step, as in Pillow
    brightest = below.argmax(dim=-1).unsqueeze(-1)
    step = (flat.shape[-1] - counts.gather(-1, brightest)).div(255, rounding_mode="floor")
    table = (
        below[..., :-1]
        .add(step // 2)
        .div(step.clamp(min=1), rounding_mode="floor")
        .clamp(0, 255)
        .to(dt.uint8)
    )
    table = cat([table.new_zeros(1).expand(*lead, 1), table], -1)
    spread = table.gather(-1, flat).view(levels.shape)
    out = where(step.ne(0).unsqueeze(-1), spread, levels)
    return to_dtype_image(out, image.dtype, scale=True)


@kernel(permute_channels, *PICTURES)
def _permute_channels_image(image: Any, permutation: list[int]) -> Any:
    channels = image.shape[-3]
    if len(permutation) != channels:
        raise ValueError(
            f"Length of permutation does not match number of channels: {len(permutation)} != {channels}"
        )
    return image if image.numel() == 0 else image[..., permutation, :, :]


@kernel(permute_channels, PILLOW)
def _permute_channels_pillow(image: Any, permutation: list[int]) -> Any:
    return to_pil_image(_permute_channels_image(pil_to_tensor(image), permutation))
