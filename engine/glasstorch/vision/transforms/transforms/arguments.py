"""Checks of arguments that several transforms take."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

from ....core.frames import warn
from ....core.tensor import Tensor
from .. import functional as F
from ..functional.images import MODES_BY_NUMBER


def two_sizes(size: Any, words: str) -> Any:
    """``size`` as a pair (height, width); one number stands for both. ``words``: what to say of other lengths."""
    if isinstance(size, Number):
        return int(size), int(size)  # type: ignore[call-overload]
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(words)
    return size


def crop_size(size: Any) -> Any:
    """``two_sizes`` of a crop."""
    return two_sizes(size, "Please provide only two dimensions (h, w) for size.")


def check_sequence(x: Any, name: str, lengths: tuple[int, ...]) -> None:
    """TypeError for what is no sequence, ValueError for one of another length."""
    words = f"{name} should be a sequence of length {' or '.join(map(str, lengths))}."
    if not isinstance(x, Sequence):
        raise TypeError(words)
    if len(x) not in lengths:
        raise ValueError(words)


def angle_range(x: Any, name: str, lengths: tuple[int, ...] = (2,)) -> list[float]:
    """Degrees from and to; one number stands for as far to either side."""
    if isinstance(x, Number):
        if x < 0:  # type: ignore[operator]
            raise ValueError(f"If {name} is a single number, it must be positive.")
        x = [-x, x]  # type: ignore[operator]
    else:
        check_sequence(x, name, lengths)
    return [float(d) for d in x]


def mode_of(interpolation: Any) -> Any:
    """The mode, also when it is given as Pillow's number."""
    return MODES_BY_NUMBER[interpolation] if isinstance(interpolation, int) else interpolation


def checked_fill(fill: Any) -> Any:
    """A colour: a number or one for each channel; None is black."""
    if fill is None:
        return 0
    if not isinstance(fill, (Sequence, Number)):
        raise TypeError("Fill should be either a sequence or a number.")
    return fill


def fill_for(img: Any, fill: Any) -> Any:
    """The colour for this image: tensors want a floating number for each channel."""
    if not isinstance(img, Tensor) or fill is None:
        return fill
    if isinstance(fill, (int, float)):
        return [float(fill)] * F.get_dimensions(img)[0]
    return [float(f) for f in fill]


def check_erasing(scale: Any, ratio: Any, value: Any) -> None:
    """The arguments of ``RandomErasing``: TypeError, ValueError or a warning for those out of order."""
    if not isinstance(value, (Number, str, tuple, list)):
        raise TypeError("Argument value should be either a number or str or a sequence")
    if isinstance(value, str) and value != "random":
        raise ValueError("If value is str, it should be 'random'")
    if not isinstance(scale, Sequence):
        raise TypeError("Scale should be a sequence")
    if not isinstance(ratio, Sequence):
        raise TypeError("Ratio should be a sequence")
    if scale[0] > scale[1] or ratio[0] > ratio[1]:
        warn("Scale and ratio should be of kind (min, max)")
    if scale[0] < 0 or scale[1] > 1:
        raise ValueError("Scale should be between 0 and 1")
