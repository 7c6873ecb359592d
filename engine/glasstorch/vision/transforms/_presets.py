"""The preprocessing that published weights were trained with; made by their ``transforms()``."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...core.dtype import float32
from ...core.tensor import Tensor
from . import functional as F
from .functional import InterpolationMode

__all__ = ["ImageClassification", "SemanticSegmentation"]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class _Preset(nn.Module):
    """Resize, crop where there is a crop, numbers in [0, 1], then normalize."""

    def __init__(
        self,
        crop_size: int | None,
        resize_size: int | None,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        interpolation: InterpolationMode,
        antialias: bool | None,
    ) -> None:
        super().__init__()
        if crop_size is not None:
            self.crop_size = [crop_size]
        self.resize_size = None if resize_size is None else [resize_size]
        self.mean = list(mean)
        self.std = list(std)
        self.interpolation = interpolation
        self.antialias = antialias

    def forward(self, img: Any) -> Tensor:
        if self.resize_size is not None:
            img = F.resize(img, self.resize_size, self.interpolation, antialias=self.antialias)
        if hasattr(self, "crop_size"):
            img = F.center_crop(img, self.crop_size)
        if not isinstance(img, Tensor):
            img = F.pil_to_tensor(img)
        return F.normalize(F.convert_image_dtype(img, float32), self.mean, self.std)

    def __repr__(self) -> str:
        names = ("crop_size", "resize_size", "mean", "std", "interpolation")
        lines = [f"    {name}={getattr(self, name)}" for name in names if hasattr(self, name)]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])

    def describe(self) -> str:
        """What happens to an image, in words."""
        crop = f"Its middle of size {self.crop_size} is cut out. " if hasattr(self, "crop_size") else ""
        resize = f"It is resized to {self.resize_size} ({self.interpolation}). " if self.resize_size else ""
        return (
            "Takes a ``PIL.Image`` or a tensor, one image ``(C, H, W)`` or a batch ``(B, C, H, W)``. "
            f"{resize}{crop}Its values are scaled to [0, 1] and normalized with mean {self.mean} and std {self.std}."
        )


class ImageClassification(_Preset):
    """Resize the shorter side, cut out the middle, normalize.

    Args:
        crop_size: height and width of the result.
        resize_size: length of the shorter side before the crop.
        mean, std: of each channel, as the training data had them.
        interpolation: how the image is resized.
        antialias: smooth before making smaller; for tensors (Pillow always does).
    """

    def __init__(
        self,
        *,
        crop_size: int,
        resize_size: int = 256,
        mean: tuple[float, ...] = IMAGENET_MEAN,
        std: tuple[float, ...] = IMAGENET_STD,
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__(crop_size, resize_size, mean, std, interpolation, antialias)


class SemanticSegmentation(_Preset):
    """Resize the shorter side (unless ``resize_size`` is None) and normalize.

    Arguments as for ``ImageClassification``.
    """

    def __init__(
        self,
        *,
        resize_size: int | None,
        mean: tuple[float, ...] = IMAGENET_MEAN,
        std: tuple[float, ...] = IMAGENET_STD,
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__(None, resize_size, mean, std, interpolation, antialias)
