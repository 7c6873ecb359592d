"""Between Pillow images, arrays and tensors; normalizing and whitening tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ....core.dtype import dtype as DType
from ....core.tensor import Tensor
from ....nn import Module
from .. import functional as F


class ToTensor:
    """A Pillow image or array (H, W[, C]) as a tensor (C, H, W); bytes become floating numbers in [0, 1].

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html
    """

    def __call__(self, pic: Any) -> Tensor:
        return F.to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PILToTensor:
    """A Pillow image as a tensor (C, H, W) with the same numbers.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.PILToTensor.html
    """

    def __call__(self, pic: Any) -> Tensor:
        return F.pil_to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ConvertImageDtype(Module):
    """A tensor image in another type, full brightness staying full brightness: ``functional.convert_image_dtype``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.ConvertImageDtype.html
    """

    def __init__(self, dtype: DType) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, image: Tensor) -> Tensor:
        return F.convert_image_dtype(image, self.dtype)


class ToPILImage:
    """A tensor (C, H, W) or array (H, W, C) as a Pillow image, of the given ``mode`` or one that fits.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.ToPILImage.html
    """

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        return F.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class Normalize(Module):
    """``(channel - mean) / std`` for each channel of a floating image (..., C, H, W).

    Args:
        mean: one number for each channel.
        std: one number for each channel, not 0.
        inplace: change the given tensor.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor: Tensor) -> Tensor:
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class LinearTransformation(Module):
    """``(x - mean) @ matrix`` of the flattened image x: whitening, say, with a matrix from the data's covariance.

    Args:
        transformation_matrix: (D, D), where D = C * H * W.
        mean_vector: (D), of the same type and on the same device.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.LinearTransformation.html
    """

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        super().__init__()
        rows, columns = transformation_matrix.size(0), transformation_matrix.size(1)
        if rows != columns:
            raise ValueError(
                "transformation_matrix should be square. Got "
                f"{tuple(transformation_matrix.size())} rectangular matrix."
            )
        if mean_vector.size(0) != rows:
            raise ValueError(
                f"mean_vector should have the same length {mean_vector.size(0)} as any one of the dimensions of the "
                f"transformation_matrix [{tuple(transformation_matrix.size())}]"
            )
        for what, a, b in (
            ("on the same device", transformation_matrix.device, mean_vector.device),
            ("the same dtype", transformation_matrix.dtype, mean_vector.dtype),
        ):
            if a != b:
                verb = "be" if what.startswith("on") else "have"
                raise ValueError(f"Input tensors should {verb} {what}. Got {a} and {b}")
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def forward(self, tensor: Tensor) -> Tensor:
        image: Any = tensor
        shape = image.shape
        n = math.prod(shape[-3:])
        if n != self.transformation_matrix.shape[0]:
            raise ValueError(
                "Input tensor and transformation matrix have incompatible shape."
                f"[{shape[-3]} x {shape[-2]} x {shape[-1]}] != {self.transformation_matrix.shape[0]}"
            )
        if image.device.type != self.mean_vector.device.type:
            raise ValueError(
                "Input tensor should be on the same device as transformation matrix and mean vector. "
                f"Got {image.device} vs {self.mean_vector.device}"
            )
        flat = image.view(-1, n) - self.mean_vector
        return flat.mm(self.transformation_matrix.to(flat.dtype)).view(shape)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(transformation_matrix={self.transformation_matrix.tolist()}, "
            f"mean_vector={self.mean_vector.tolist()})"
        )
