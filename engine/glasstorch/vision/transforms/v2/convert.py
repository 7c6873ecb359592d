"""Types: of pixels, of pictures, of boxes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....core import dtype as dt
from ....core.frames import warn
from ....core.tensor import Tensor
from ... import tv_tensors
from ...pillow import is_image
from ..functional.convert import to_tensor
from . import functional as F
from .functional.dispatch import is_pure_tensor
from .transform import Transform


class PILToTensor(Transform):
    """Pillow images as tensors (channels, height, width) of the same type of pixels; nothing is scaled."""

    _transformed_types = (is_image,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.pil_to_tensor(inpt)


class ToImage(Transform):
    """Tensors, arrays (height, width[, channels]) and Pillow images as ``Image``; nothing is scaled."""

    _transformed_types = (is_pure_tensor, is_image, np.ndarray)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.to_image(inpt)


class ToPILImage(Transform):
    """Tensors and arrays as Pillow images; ``mode``: as for ``functional.to_pil_image``."""

    _transformed_types = (is_pure_tensor, tv_tensors.Image, np.ndarray)

    def __init__(self, mode: str | None = None) -> None:
        super().__init__()
        self.mode = mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.to_pil_image(inpt, mode=self.mode)


class ToPureTensor(Transform):
    """All that know what they hold as plain tensors, with the same values."""

    _transformed_types = (tv_tensors.TVTensor,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return inpt.as_subclass(Tensor)


class ToTensor(Transform):
    """Pillow images and arrays as floating tensors in [0, 1]. Deprecated: use ``ToImage`` and ``ToDtype``."""

    _transformed_types = (is_image, np.ndarray)

    def __init__(self) -> None:
        warn(
            "The transform `ToTensor()` is deprecated and will be removed in a future release. Instead, please use "
            "`v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])`.Output is equivalent up to float "
            "precision.",
        )
        super().__init__()

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return to_tensor(inpt)


def _is_picture(inpt: Any) -> bool:
    return is_pure_tensor(inpt) or isinstance(inpt, (tv_tensors.Image, tv_tensors.Video))


class ToDtype(Transform):
    """In another type.

    Args:
        dtype: for images and videos; or a dictionary with one for each type, and "others". None leaves as it is.
        scale: keep full brightness; see ``functional.to_dtype``.
    """

    _transformed_types = (Tensor,)

    def __init__(self, dtype: Any, scale: bool = False) -> None:
        super().__init__()
        if not isinstance(dtype, (dict, dt.dtype)):
            raise ValueError(f"dtype must be a dict or a torch.dtype, got {type(dtype)} instead")
        if (
            isinstance(dtype, dict)
            and Tensor in dtype
            and (tv_tensors.Image in dtype or tv_tensors.Video in dtype)
        ):
            warn(
                "Got `dtype` values for `torch.Tensor` and either `tv_tensors.Image` or `tv_tensors.Video`. Note that "
                "a plain `torch.Tensor` will *not* be transformed by this (or any other transformation) in case a "
                "`tv_tensors.Image` or `tv_tensors.Video` is present in the input.",
            )
        self.dtype, self.scale = dtype, scale

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if isinstance(self.dtype, dt.dtype):
            if not _is_picture(inpt):
                return inpt
            wanted = self.dtype
        elif type(inpt) in self.dtype:
            wanted = self.dtype[type(inpt)]
        elif "others" in self.dtype:
            wanted = self.dtype["others"]
        else:
            raise ValueError(
                f"No dtype was specified for type {type(inpt)}. If you only need to convert the dtype of images or "
                "videos, you can just pass e.g. dtype=torch.float32. If you're passing a dict as dtype, you can use "
                '"others" as a catch-all key e.g. dtype={tv_tensors.Mask: torch.int64, "others": None} to pass-through '
                "the rest of the inputs."
            )
        if wanted is None:
            if self.scale and _is_picture(inpt):
                warn(
                    "scale was set to True but no dtype was specified for images or videos: no scaling will be done.",
                )
            return inpt
        return self._call_kernel(F.to_dtype, inpt, dtype=wanted, scale=self.scale)


class ConvertImageDtype(Transform):
    """``ToDtype`` with ``scale``, under its older name."""

    def __init__(self, dtype: Any = dt.float32) -> None:
        super().__init__()
        self.dtype = dtype

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.to_dtype, inpt, dtype=self.dtype, scale=True)


class ConvertBoundingBoxFormat(Transform):
    """Boxes in another format: a ``BoundingBoxFormat`` or its name."""

    _transformed_types = (tv_tensors.BoundingBoxes,)

    def __init__(self, format: str | tv_tensors.BoundingBoxFormat) -> None:
        super().__init__()
        self.format = format

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.convert_bounding_box_format(inpt, new_format=self.format)


class ClampBoundingBoxes(Transform):
    """Boxes cut off at the borders of their picture; see ``functional.clamp_bounding_boxes``."""

    _transformed_types = (tv_tensors.BoundingBoxes,)

    def __init__(self, clamping_mode: str | None = "auto") -> None:
        super().__init__()
        self.clamping_mode = clamping_mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.clamp_bounding_boxes(inpt, clamping_mode=self.clamping_mode)


class ClampKeyPoints(Transform):
    """Points moved into their picture."""

    _transformed_types = (tv_tensors.KeyPoints,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.clamp_keypoints(inpt)


class SetClampingMode(Transform):
    """Boxes with another ``clamping_mode``, for the transforms that follow."""

    _transformed_types = (tv_tensors.BoundingBoxes,)

    def __init__(self, clamping_mode: str | None) -> None:
        super().__init__()
        if clamping_mode not in (None, "soft", "hard"):
            raise ValueError(f"clamping_mode must be soft, hard or None, got {clamping_mode}")
        self.clamping_mode = clamping_mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        out = inpt.clone()
        out.clamping_mode = self.clamping_mode
        return out
