"""Boxes and points, which know the size of the picture they are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from .base import TVTensor, first_of


class BoundingBoxFormat(Enum):
    """How boxes are written down; see ``ops.box_convert``. Those with R, and XYXYXYXY, are turned."""

    XYXY = "XYXY"
    XYWH = "XYWH"
    CXCYWH = "CXCYWH"
    XYWHR = "XYWHR"
    CXCYWHR = "CXCYWHR"
    XYXYXYXY = "XYXYXYXY"


_ROTATED = ("XYWHR", "CXCYWHR", "XYXYXYXY")


def is_rotated_bounding_format(format: BoundingBoxFormat | str) -> bool:
    """Can boxes in this format be turned?"""
    if not isinstance(format, (str, BoundingBoxFormat)):
        raise ValueError(f"format should be str or BoundingBoxFormat, got {type(format)}")
    return (format.value if isinstance(format, BoundingBoxFormat) else format) in _ROTATED


class BoundingBoxes(TVTensor):
    """Boxes (N, 4), turned ones (N, 5) or (N, 8), on a picture.

    Args:
        data: a tensor, an array or numbers; turned boxes are floating.
        format: a ``BoundingBoxFormat`` or its name.
        canvas_size: (height, width) of the picture.
        clamping_mode: how transforms cut off turned boxes at its borders: "soft" keeps what of the picture is in them,
            "hard" leaves nothing outside, None leaves them.
        dtype, device: as for ``as_tensor``.
        requires_grad: that of ``data`` if not given.
    """

    format: BoundingBoxFormat
    canvas_size: tuple[int, int]
    clamping_mode: str | None

    def __new__(
        cls, data: Any, *, format: BoundingBoxFormat | str, canvas_size: tuple[int, int],
        clamping_mode: str | None = "soft", dtype: Any = None, device: Any = None, requires_grad: bool | None = None,
    ) -> Any:  # fmt: skip
        tensor = cls._to_tensor(data, dtype, device, requires_grad)
        if not tensor.is_floating_point() and is_rotated_bounding_format(format):
            raise ValueError(f"Rotated bounding boxes should be floating point tensors, got {tensor.dtype}.")
        return cls._wrap(tensor, format, canvas_size, clamping_mode)

    @classmethod
    def _wrap(
        cls, tensor: Any, format: Any, canvas_size: Any, clamping_mode: Any, check_dims: bool = True
    ) -> Any:
        if check_dims:
            if tensor.ndim == 1:
                tensor = tensor.unsqueeze(0)
            elif tensor.ndim != 2:
                raise ValueError(f"Expected a 1D or 2D tensor, got {tensor.ndim}D")
        if clamping_mode not in (None, "hard", "soft"):
            raise ValueError(f"clamping_mode must be None, hard or soft, got {clamping_mode}.")
        boxes = tensor.as_subclass(cls)
        boxes.format = BoundingBoxFormat[format.upper()] if isinstance(format, str) else format
        boxes.canvas_size, boxes.clamping_mode = canvas_size, clamping_mode
        return boxes

    @classmethod
    def wrap(cls, tensor: Any, like: Any, **kwargs: Any) -> Any:
        """``tensor`` as boxes that know what ``like`` knows, but for the keywords given."""
        known = ("format", "canvas_size", "clamping_mode")
        return cls._wrap(tensor, *(kwargs.get(name, getattr(like, name)) for name in known))

    @classmethod
    def _like_first(cls, output: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        first = first_of(BoundingBoxes, args, kwargs)
        return BoundingBoxes._wrap(
            output, first.format, first.canvas_size, first.clamping_mode, check_dims=False
        )

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return self._shown(format=self.format, canvas_size=self.canvas_size, clamping_mode=self.clamping_mode)


class KeyPoints(TVTensor):
    """Points (…, 2), x and y of each, on a picture: polygons, chains or skeletons.

    Args:
        data: a tensor, an array or numbers.
        canvas_size: (height, width) of the picture.
        dtype, device: as for ``as_tensor``.
        requires_grad: that of ``data`` if not given.
    """

    canvas_size: tuple[int, int]

    def __new__(
        cls, data: Any, *, canvas_size: tuple[int, int], dtype: Any = None, device: Any = None,
        requires_grad: bool | None = None,
    ) -> Any:  # fmt: skip
        return cls._wrap(cls._to_tensor(data, dtype, device, requires_grad), canvas_size)

    @classmethod
    def _wrap(cls, tensor: Any, canvas_size: Any, check_dims: bool = True) -> Any:
        if check_dims:
            if tensor.ndim == 1:
                tensor = tensor.unsqueeze(0)
            elif tensor.shape[-1] != 2:
                raise ValueError(f"Expected a tensor of shape (..., 2), not {tensor.shape}")
        points = tensor.as_subclass(cls)
        points.canvas_size = canvas_size
        return points

    @classmethod
    def wrap(cls, tensor: Any, like: Any, **kwargs: Any) -> Any:
        """``tensor`` as points on the same picture, or one of the ``canvas_size`` given."""
        return cls._wrap(tensor, kwargs.get("canvas_size", like.canvas_size))

    @classmethod
    def _like_first(cls, output: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        return KeyPoints._wrap(output, first_of(KeyPoints, args, kwargs).canvas_size, check_dims=False)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return self._shown(canvas_size=self.canvas_size)
