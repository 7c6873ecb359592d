"""The transforms as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.dtype import get_default_dtype, uint8
from ...core.tensor import Tensor
from ...ops.exchange import as_tensor, from_numpy
from ..pillow import is_image

PIXELS = {"I": np.int32, "I;16": np.int16, "F": np.float32}  # other Pillow modes have 8 bits for each channel


def to_tensor(pic: Any) -> Tensor:
    """A Pillow image or array (height, width[, channels]) as a tensor (channels, height, width).

    8-bit pixels become floats in [0, 1]; other types keep their values.
    """
    if is_image(pic):
        pixels = np.array(pic, PIXELS.get(pic.mode, np.uint8))
        if pic.mode == "1":
            pixels *= 255
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        pixels = pic
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    image: Any = from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
    return image.to(get_default_dtype()).div(255) if image.dtype is uint8 else image


def normalize(tensor: Tensor, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> Tensor:
    """``(tensor - mean) / std`` for each channel of a float image (…, channels, height, width)."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.dim() < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    out: Any = tensor if inplace else tensor.clone()  # type: ignore[attr-defined]
    centre: Any = as_tensor(mean, dtype=tensor.dtype, device=tensor.device)
    spread: Any = as_tensor(std, dtype=tensor.dtype, device=tensor.device)
    if bool((spread == 0).any()):
        raise ValueError(
            f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero."
        )
    if centre.dim() == 1:
        centre = centre.view(-1, 1, 1)
    if spread.dim() == 1:
        spread = spread.view(-1, 1, 1)
    return out.sub_(centre).div_(spread)
