"""Types of pixels, and pictures from arrays and Pillow images."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....core import dtype as dt
from .....core.tensor import Tensor
from .....ops.exchange import from_numpy
from .... import tv_tensors
from ....pillow import is_image
from ...functional.convert import pil_to_tensor, to_pil_image
from ...functional.images import max_value
from .dispatch import BOXES, MASKS, PICTURES, POINTS, functional, kernel

__all__ = [
    "convert_image_dtype",
    "pil_to_tensor",
    "to_dtype",
    "to_dtype_image",
    "to_image",
    "to_pil_image",
    "value_bits",
]

_VALUE_BITS = {dt.uint8: 8, dt.int8: 7, dt.int16: 15, dt.uint16: 16, dt.int32: 31, dt.int64: 63}


def value_bits(kind: Any) -> int:
    """The bits of an integer type that hold the value, without the sign."""
    if kind not in _VALUE_BITS:
        raise TypeError(f"Number of value bits is only defined for integer dtypes, but got {kind}.")
    return _VALUE_BITS[kind]


@functional
def to_dtype(inpt: Any, dtype: Any = dt.float32, scale: bool = False) -> Any:
    """In another type.

    ``scale``: keep full brightness, the largest number of an integer type and 1 of a floating one; not for masks, boxes
    and points.
    """


@kernel(to_dtype, *PICTURES)
def to_dtype_image(image: Any, dtype: Any = dt.float32, scale: bool = False) -> Any:
    """The kernel of ``to_dtype`` for images and videos."""
    own = image.dtype
    if own is dtype or not scale:
        return image if own is dtype else image.to(dtype)
    if own.is_floating_point:
        if dtype.is_floating_point:
            return image.to(dtype)
        if (own, dtype) in ((dt.float32, dt.int32), (dt.float32, dt.int64), (dt.float64, dt.int64)):
            raise RuntimeError(f"The conversion from {own} to {dtype} cannot be performed safely.")
        # Each integer gets an equally long piece of [0, 1]; 1 itself still falls into the last
        return image.mul(float(max_value(dtype)) + 1.0 - 1e-3).to(dtype)
    if dtype.is_floating_point:
        return image.to(dtype).mul(1.0 / max_value(own))
    bits = value_bits(dtype) - value_bits(own)
    if bits < 0:
        return (
            (image / 2**-bits).to(dtype) if own is dt.uint16 else image.bitwise_right_shift(-bits).to(dtype)
        )
    return image.to(dtype) * 2**bits if dtype is dt.uint16 else image.to(dtype).bitwise_left_shift(bits)


kernel(to_dtype, *MASKS, *BOXES, *POINTS)(lambda inpt, dtype=dt.float32, scale=False: inpt.to(dtype))


def convert_image_dtype(image: Any, dtype: Any = dt.float32) -> Any:
    """``to_dtype`` with ``scale``, under its older name."""
    return to_dtype_image(image, dtype, scale=True)


def to_image(inpt: Any) -> Any:
    """A tensor, an array (height, width[, channels]) or a Pillow image as an ``Image``; nothing is scaled."""
    if isinstance(inpt, np.ndarray):
        made: Any = from_numpy(np.atleast_3d(inpt))
        inpt = made.permute((2, 0, 1)).contiguous()
    elif is_image(inpt):
        inpt = pil_to_tensor(inpt)
    elif not isinstance(inpt, Tensor):
        raise TypeError(
            f"Input can either be a pure Tensor, a numpy array, or a PIL image, but got {type(inpt)} instead."
        )
    return tv_tensors.Image(inpt)
