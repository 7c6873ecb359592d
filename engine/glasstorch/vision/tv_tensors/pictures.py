"""Images, videos and masks."""

from __future__ import annotations

from typing import Any

from ..pillow import is_image
from .base import TVTensor


def _pixels(data: Any) -> Any:
    """The pixels of a Pillow image; anything else as it is."""
    if not is_image(data):
        return data
    from ..transforms.functional import pil_to_tensor

    return pil_to_tensor(data)


class Image(TVTensor):
    """An image (…, channels, height, width).

    Args:
        data: a tensor, an array, numbers or a Pillow image. (height, width) gets a channel.
        dtype, device: as for ``as_tensor``.
        requires_grad: that of ``data`` if not given.
    """

    def __new__(
        cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None
    ) -> Any:
        tensor = cls._to_tensor(_pixels(data), dtype, device, requires_grad)
        if tensor.ndim < 2:
            raise ValueError(f"Tensor must be 2D or higher, got {tensor.ndim}D tensor.")
        return (tensor.unsqueeze(0) if tensor.ndim == 2 else tensor).as_subclass(cls)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return self._shown()


class Video(TVTensor):
    """A video (…, frames, channels, height, width). The arguments are those of ``Image``."""

    def __new__(
        cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None
    ) -> Any:
        tensor = cls._to_tensor(data, dtype, device, requires_grad)
        if data.ndim < 4:
            raise ValueError(
                f"A video has at least 4 dimensions: frames, channels, height, width. Got {data.ndim}."
            )
        return tensor.as_subclass(cls)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return self._shown()


class Mask(TVTensor):
    """Masks (…, height, width) for segmentation or detection. The arguments are those of ``Image``."""

    def __new__(
        cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None
    ) -> Any:
        return cls._to_tensor(_pixels(data), dtype, device, requires_grad).as_subclass(cls)
