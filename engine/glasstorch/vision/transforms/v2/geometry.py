"""Flips, sizes and crops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....core.frames import warn
from ....ops.random import rand, randint
from ... import tv_tensors
from ..draws import sides
from ..transforms.arguments import check_sequence, crop_size
from . import functional as F
from .functional.geometry import _widths
from .samples import Fills, check_padding, check_padding_mode, has_any, query_size
from .transform import RandomlyApplied, Transform


def _one_of(low: int, high: int) -> int:
    return int(randint(low, high, (1,)))


class RandomHorizontalFlip(RandomlyApplied):
    """Mirrored, left to right, with probability ``p``."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.horizontal_flip, inpt)


class RandomVerticalFlip(RandomlyApplied):
    """Upside down, with probability ``p``."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.vertical_flip, inpt)


class _Resizing(Transform):
    """A transform that ends in ``resize`` to a size of ``make_params``."""

    interpolation: Any
    antialias: bool | None

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "antialias": self.antialias}
        return self._call_kernel(F.resize, inpt, params["size"], **how)


class Resize(Transform):
    """In another size; see ``functional.resize``.

    Args:
        size: (height, width); one number for the shorter side; None: the longer side becomes ``max_size``.
        interpolation: an ``InterpolationMode``, its name or Pillow's number.
        max_size: what the longer side may have at most.
        antialias: widen the filter when a tensor shrinks.
    """

    def __init__(
        self, size: int | Sequence[int] | None, interpolation: Any = "bilinear", max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size: list[int] | None
        if isinstance(size, int):
            self.size = [size]
        elif isinstance(size, Sequence) and len(size) in (1, 2):
            self.size = list(size)
        elif size is None:
            if not isinstance(max_size, int):
                raise ValueError(
                    f"max_size must be an integer when size is None, but got {max_size} instead."
                )
            self.size = None
        else:
            raise ValueError(
                f"size can be an integer, a sequence of one or two integers, or None, but got {size} instead."
            )
        self.interpolation, self.max_size, self.antialias = interpolation, max_size, antialias

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(
            F.resize,
            inpt,
            self.size,
            interpolation=self.interpolation,
            max_size=self.max_size,
            antialias=self.antialias,
        )


class ScaleJitter(_Resizing):
    """Scaled to fit ``target_size`` (height, width), times a factor in ``scale_range``.

    Source: https://arxiv.org/abs/2012.07177
    """

    def __init__(
        self, target_size: tuple[int, int], scale_range: tuple[float, float] = (0.1, 2.0),
        interpolation: Any = "bilinear", antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.target_size, self.scale_range = target_size, scale_range
        self.interpolation, self.antialias = interpolation, antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        low, high = self.scale_range
        scale: Any = low + rand(1) * (high - low)
        factor = min(self.target_size[1] / height, self.target_size[0] / width) * scale
        return {"size": (int(height * factor), int(width * factor))}


class RandomShortestSize(_Resizing):
    """With the shorter side one of ``min_size``, the longer at most ``max_size``."""

    def __init__(
        self, min_size: list[int] | tuple[int, ...] | int, max_size: int | None = None, interpolation: Any = "bilinear",
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.min_size = [min_size] if isinstance(min_size, int) else list(min_size)
        self.max_size, self.interpolation, self.antialias = max_size, interpolation, antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        factor = self.min_size[_one_of(0, len(self.min_size))] / min(height, width)
        if self.max_size is not None:
            factor = min(factor, self.max_size / max(height, width))
        return {"size": (int(height * factor), int(width * factor))}


class RandomResize(_Resizing):
    """With the shorter side from ``min_size`` up to, and without, ``max_size``."""

    def __init__(
        self, min_size: int, max_size: int, interpolation: Any = "bilinear", antialias: bool | None = True
    ) -> None:
        super().__init__()
        self.min_size, self.max_size = min_size, max_size
        self.interpolation, self.antialias = interpolation, antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"size": [_one_of(self.min_size, self.max_size)]}


class CenterCrop(Transform):
    """The middle, in (height, width) or as a square."""

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = crop_size(size)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.center_crop, inpt, output_size=self.size)


class RandomResizedCrop(Transform):
    """A random part, resized.

    Args:
        size: the size of the result: (height, width) or one for both.
        scale: how much of the area to take, from and to.
        ratio: width over height of the part, from and to.
        interpolation, antialias: as for ``Resize``.
    """

    def __init__(
        self, size: int | Sequence[int], scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0), interpolation: Any = "bilinear",
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size = crop_size(size)
        if not isinstance(scale, Sequence) or len(scale) != 2:
            raise TypeError("Scale should be a sequence of two floats.")
        if not isinstance(ratio, Sequence) or len(ratio) != 2:
            raise TypeError("Ratio should be a sequence of two floats.")
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            warn("Scale and ratio should be of kind (min, max)")
        self.scale, self.ratio, self.interpolation, self.antialias = scale, ratio, interpolation, antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        for _ in range(10):
            w, h = sides(height * width, self.scale, self.ratio)
            if 0 < w <= width and 0 < h <= height:
                return {
                    "top": _one_of(0, height - h + 1),
                    "left": _one_of(0, width - w + 1),
                    "height": h,
                    "width": w,
                }
        # No luck: the largest part in the middle whose ratio is permitted
        ratio = width / height
        w = round(height * max(self.ratio)) if ratio > max(self.ratio) else width
        h = round(width / min(self.ratio)) if ratio < min(self.ratio) else height
        return {"top": (height - h) // 2, "left": (width - w) // 2, "height": h, "width": w}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"size": self.size, "interpolation": self.interpolation, "antialias": self.antialias}
        return self._call_kernel(F.resized_crop, inpt, **params, **how)


class _SeveralCrops(Transform):
    """Crops of pictures; masks and boxes are refused, points pass through with a warning."""

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        if has_any(flat_inputs, tv_tensors.BoundingBoxes, tv_tensors.Mask):
            raise TypeError(f"BoundingBoxes'es and Mask's are not supported by {type(self).__name__}()")

    def _call_kernel(self, functional: Callable, inpt: Any, *args: Any, **kwargs: Any) -> Any:
        warn_of_passing(self, inpt)
        return super()._call_kernel(functional, inpt, *args, **kwargs)


def warn_of_passing(transform: Transform, inpt: Any) -> None:
    """A warning for places that a transform leaves as they are."""
    if isinstance(inpt, (tv_tensors.BoundingBoxes, tv_tensors.KeyPoints, tv_tensors.Mask)):
        warn(
            f"{type(transform).__name__}() is currently passing through inputs of type "
            f"tv_tensors.{type(inpt).__name__}. This will likely change in the future.",
        )


class FiveCrop(_SeveralCrops):
    """The corners (upper left, upper right, lower left, lower right) and the middle, as a tuple."""

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = crop_size(size)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.five_crop, inpt, self.size)


class TenCrop(_SeveralCrops):
    """``FiveCrop`` of a picture and of its mirror image (upside down with ``vertical_flip``)."""

    def __init__(self, size: int | Sequence[int], vertical_flip: bool = False) -> None:
        super().__init__()
        self.size, self.vertical_flip = crop_size(size), vertical_flip

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.ten_crop, inpt, self.size, vertical_flip=self.vertical_flip)


class Pad(Transform):
    """With a border; see ``functional.pad``. ``fill`` may be a dictionary with a colour for each type, and "others"."""

    def __init__(self, padding: int | Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        check_padding(padding)
        check_padding_mode(padding_mode)
        self.padding = padding if isinstance(padding, int) else list(padding)
        self.fill, self._fill, self.padding_mode = fill, Fills(fill), padding_mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        fill = self._fill.of(inpt)
        return self._call_kernel(F.pad, inpt, padding=self.padding, fill=fill, padding_mode=self.padding_mode)


class RandomZoomOut(RandomlyApplied):
    """On a larger canvas, with sides longer by a factor in ``side_range``. Source: https://arxiv.org/abs/1512.02325"""

    def __init__(self, fill: Any = 0, side_range: Sequence[float] = (1.0, 4.0), p: float = 0.5) -> None:
        super().__init__(p=p)
        self.fill, self._fill = fill, Fills(fill)
        check_sequence(side_range, "side_range", (2,))
        self.side_range = side_range
        if side_range[0] < 1.0 or side_range[0] > side_range[1]:
            raise ValueError(f"Invalid side range provided {side_range}.")

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        low, high = self.side_range
        factor: Any = low + rand(1) * (high - low)
        more_width, more_height = int(width * factor) - width, int(height * factor) - height
        share: Any = rand(2)
        left, top = int(more_width * share[0]), int(more_height * share[1])
        return {"padding": [left, top, more_width - left, more_height - top]}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.pad, inpt, **params, fill=self._fill.of(inpt))


class RandomCrop(Transform):
    """A part of a given size, from a random place.

    Args:
        size: (height, width) or one for both.
        padding: a border to add first, as for ``Pad``.
        pad_if_needed: add a border where the picture is too small.
        fill, padding_mode: of the border.
    """

    def __init__(
        self, size: int | Sequence[int], padding: int | Sequence[int] | None = None, pad_if_needed: bool = False,
        fill: Any = 0, padding_mode: str = "constant",
    ) -> None:  # fmt: skip
        super().__init__()
        self.size = crop_size(size)
        if pad_if_needed or padding is not None:
            if padding is not None:
                check_padding(padding)
            check_padding_mode(padding_mode)
        self.padding = list(_widths(padding)) if padding else None  # left, right, top, bottom
        self.pad_if_needed, self.fill, self._fill = pad_if_needed, fill, Fills(fill)
        self.padding_mode = padding_mode

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        left, right, top, bottom = self.padding or (0, 0, 0, 0)
        height, width = height + top + bottom, width + left + right
        new_height, new_width = self.size
        if self.pad_if_needed:
            down, across = max(new_height - height, 0), max(new_width - width, 0)
            left, right, top, bottom = left + across, right + across, top + down, bottom + down
            height, width = height + 2 * down, width + 2 * across
        if height < new_height or width < new_width:
            padded = "padded " if self.padding is not None else ""
            raise ValueError(
                f"Required crop size {(new_height, new_width)} is larger than {padded}input image size "
                f"{(height, width)}."
            )
        place = {
            "top": _one_of(0, height - new_height + 1) if height > new_height else 0,
            "left": _one_of(0, width - new_width + 1) if width > new_width else 0,
        }
        crop = (
            {**place, "height": new_height, "width": new_width}
            if (height, width) != (new_height, new_width)
            else None
        )
        return {"padding": [left, top, right, bottom], "crop": crop}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if any(params["padding"]):
            how = {"fill": self._fill.of(inpt), "padding_mode": self.padding_mode}
            inpt = self._call_kernel(F.pad, inpt, padding=params["padding"], **how)
        return inpt if params["crop"] is None else self._call_kernel(F.crop, inpt, **params["crop"])
