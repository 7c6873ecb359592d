"""Between Pillow images, arrays and tensors, and between their types of pixels."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....ops.exchange import as_tensor, from_numpy
from ...pillow import image_from_buffer, is_image
from .images import image_tensor, max_value

SHORTS = (
    "I;16" if sys.byteorder == "little" else "I;16B"
)  # Pillow's mode of 16-bit pixels as this machine has them
PLAIN_FLOATS = (dt.float32, dt.float64)  # NumPy has them too
ZERO_SPREAD = "std evaluated to zero after conversion to {}, leading to division by zero."
WIDE_PIXELS = {"I": np.int32, SHORTS: np.int16, "F": np.float32}  # all other modes have bytes


def to_tensor(pic: Any) -> Tensor:
    """A Pillow image or array (height, width[, channels]) as a tensor (channels, height, width).

    8-bit pixels become floating numbers in [0, 1] of the default type; other types keep their values.

    Raises:
        TypeError: neither an image nor an array. ValueError: an array of other than 2 or 3 dimensions.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_tensor.html
    """
    if is_image(pic):
        pixels = np.array(pic, WIDE_PIXELS.get(pic.mode, np.uint8))
        if pic.mode == "1":
            pixels *= 255
        pixels = pixels.reshape(pic.height, pic.width, len(pic.getbands()))
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        pixels = pic[:, :, None] if pic.ndim == 2 else pic
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    pixels = pixels.transpose(2, 0, 1)
    kind = dt.get_default_dtype()
    if pixels.dtype == np.uint8 and kind in PLAIN_FLOATS:  # one pass over the pixels in place of three
        return from_numpy(np.divide(pixels, 255, dtype=kind.np, order="C"))
    image: Any = from_numpy(pixels).contiguous()  # type: ignore[attr-defined]
    return image.to(kind).div(255) if image.dtype is dt.uint8 else image


def pil_to_tensor(pic: Any) -> Tensor:
    """A copy of a Pillow image as a tensor (channels, height, width) of the same type of pixels, not scaled.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
    """
    if not is_image(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    pixels = np.array(pic).reshape(pic.height, pic.width, len(pic.getbands()))
    return from_numpy(pixels.transpose(2, 0, 1))


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor or array as a Pillow image.

    Args:
        pic: tensor ([channels,] height, width) or array (height, width[, channels]) of 1 to 4 channels. Floating
            numbers in [0, 1] become bytes (but one channel with ``mode="F"``, which stays).
        mode: Pillow's mode. None: "L", "I;16", "I" or "F" for one channel, by its type; "LA", "RGB", "RGBA" for bytes.

    Raises:
        TypeError: not a tensor or array; pixels that Pillow has no mode for.
        ValueError: dimensions, channels or ``mode`` that do not fit.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_pil_image.html
    """
    if isinstance(pic, Tensor):
        image: Any = pic
        pixels = (image.permute((1, 2, 0)) if image.ndim == 3 else image).numpy(force=True)
    elif isinstance(pic, np.ndarray):
        pixels = pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3:
        raise ValueError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
    channels = pixels.shape[2]
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    if pixels.dtype.kind == "f" and mode != "F":
        pixels = (pixels * 255).astype(np.uint8)
    if channels == 1:
        pixels = pixels[:, :, 0]
        mode = _grey_mode(pixels.dtype, mode)
    else:
        mode = _colour_mode(pixels.dtype, mode, channels)
    if mode is None:
        raise TypeError(f"Input type {pixels.dtype} is not supported")
    return image_from_buffer(pixels, mode)


GREY_MODES = {
    np.dtype(t): m for t, m in ((np.uint8, "L"), (np.int16, SHORTS), (np.int32, "I"), (np.float32, "F"))
}
COLOUR_MODES = {
    2: ["LA"],
    3: ["RGB", "YCbCr", "HSV"],
    4: ["RGBA", "CMYK", "RGBX"],
}  # the first is taken unasked


def _grey_mode(kind: np.dtype, mode: str | None) -> str | None:
    fitting = GREY_MODES.get(kind)
    if mode is not None and mode != fitting:
        raise ValueError(
            f"Incorrect mode ({mode}) supplied for input type {np.dtype}. Should be {fitting}\n"
            f"One channel of {kind} makes an image of that mode only."
        )
    return fitting


def _colour_mode(kind: np.dtype, mode: str | None, channels: int) -> str | None:
    permitted = COLOUR_MODES.get(channels, COLOUR_MODES[3])
    if mode is not None and mode not in permitted:
        shown = channels if channels in COLOUR_MODES else 3
        raise ValueError(f"Only modes {permitted} are supported for {shown}D inputs")
    return permitted[0] if mode is None and kind == np.uint8 else mode


def convert_image_dtype(image: Tensor, dtype: dt.dtype = dt.float32) -> Tensor:
    """The image in another type, with full brightness staying full brightness.

    That is the largest number of an integer type, and 1 of a floating one. From a smaller integer type to a larger one
    values are shifted by bits, so the brightest falls a little short of the largest number.

    Raises:
        RuntimeError: float32 to int32 or int64, or float64 to int64: the floats are too coarse for these integers.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.convert_image_dtype.html
    """
    if not isinstance(image, Tensor):
        raise TypeError("Input img should be Tensor Image")
    img: Any = image
    if img.dtype is dtype:
        return img
    if img.is_floating_point():
        if dtype.is_floating_point:
            return img.to(dtype)
        if (img.dtype, dtype) in ((dt.float32, dt.int32), (dt.float32, dt.int64), (dt.float64, dt.int64)):
            raise RuntimeError(f"The cast from {img.dtype} to {dtype} cannot be performed safely.")
        # Each integer gets an equally long piece of [0, 1]; 1 itself still falls into the last.
        return img.mul(max_value(dtype) + 1.0 - 1e-3).to(dtype)
    bright, wanted = max_value(img.dtype), max_value(dtype)
    if dtype.is_floating_point:
        return img.to(dtype) / float(bright)
    if bright > wanted:
        return img.div((bright + 1) // (wanted + 1), rounding_mode="floor").to(dtype)
    return img.to(dtype) * ((wanted + 1) // (bright + 1))


def normalize(tensor: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """``(tensor - mean) / std`` for each channel of a floating image (..., channels, height, width).

    Args:
        mean, std: one number for each channel; no ``std`` may be 0 in the image's type.
        inplace: change the given tensor.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.normalize.html
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    image_tensor(tensor)
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.dim() < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    if (
        type(tensor) is Tensor
        and type(tensor._a) is np.ndarray
        and tensor.dtype in PLAIN_FLOATS
        and not (inplace or tensor.requires_grad)
        and all(isinstance(x, (tuple, list)) and len(x) in (1, tensor.shape[-3]) for x in (mean, std))
    ):
        return from_numpy(_normalize_pixels(tensor._a, mean, std))
    out: Any = tensor if inplace else tensor.clone()  # type: ignore[attr-defined]
    centre: Any = as_tensor(mean, dtype=tensor.dtype, device=tensor.device)
    spread: Any = as_tensor(std, dtype=tensor.dtype, device=tensor.device)
    if bool((spread == 0).any()):
        raise ValueError(ZERO_SPREAD.format(tensor.dtype))
    if centre.dim() == 1:
        centre = centre.view(-1, 1, 1)
    if spread.dim() == 1:
        spread = spread.view(-1, 1, 1)
    return out.sub_(centre).div_(spread)


def _normalize_pixels(pixels: np.ndarray, mean: Any, std: Any) -> np.ndarray:
    """The same on an array: images come by the thousand, and each small operation on tensors would cost as much."""
    centre, spread = (np.array(x, pixels.dtype).reshape(-1, 1, 1) for x in (mean, std))
    if not spread.all():
        raise ValueError(ZERO_SPREAD.format(dt.from_numpy_dtype(pixels.dtype)))
    out = pixels - centre
    out /= spread
    return out


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The image with ``v`` in a rectangle ``h`` high and ``w`` wide, from row ``i`` and column ``j`` on.

    ``v``: a tensor that broadcasts to (..., channels, h, w), or a number. Source:
    https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.erase.html
    """
    if not isinstance(img, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")
    out: Any = image_tensor(img) if inplace else image_tensor(img).clone()
    out[..., i : i + h, j : j + w] = v.to(out.device) if isinstance(v, Tensor) else v
    return out
