"""Random rotations, affine and perspective maps, and displacements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core.tensor import Tensor
from ....nn import Module
from ....ops.join import cat
from ....ops.random import rand
from .. import functional as F
from ..draws import between, happens, whole
from ..functional import InterpolationMode
from .arguments import angle_range, check_sequence, checked_fill, fill_for, mode_of

NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR


class RandomPerspective(Module):
    """The image as seen from a random angle, with probability ``p``.

    Args:
        distortion_scale: how far corners may move inwards, as a share of half the image: 0 to 1.
        interpolation: NEAREST or BILINEAR; Pillow images also BICUBIC.
        fill: the colour outside: a number or one for each channel.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomPerspective.html
    """

    def __init__(
        self, distortion_scale: float = 0.5, p: float = 0.5, interpolation: InterpolationMode = BILINEAR, fill: Any = 0
    ) -> None:  # fmt: skip
        super().__init__()
        self.p, self.distortion_scale = p, distortion_scale
        self.interpolation = mode_of(interpolation)
        self.fill = checked_fill(fill)

    @staticmethod
    def get_params(
        width: int, height: int, distortion_scale: float
    ) -> tuple[list[list[int]], list[list[int]]]:
        """The corners (upper left, upper right, lower right, lower left) and where each of them goes, as [x, y]."""
        x, y = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        left, right = (0, x + 1), (width - x - 1, width)
        top, bottom = (0, y + 1), (height - y - 1, height)
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        startpoints = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        return startpoints, [[whole(*across), whole(*down)] for across, down in corners]

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill)
        _, height, width = F.get_dimensions(img)
        if not happens(self.p):
            return img
        points = self.get_params(width, height, self.distortion_scale)
        return F.perspective(img, *points, self.interpolation, fill)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomRotation(Module):
    """The image turned by a random angle.

    Args:
        degrees: (from, to), counter-clockwise; one number d stands for (-d, d).
        interpolation, expand, center, fill: as for ``functional.rotate``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomRotation.html
    """

    def __init__(
        self,
        degrees: Any,
        interpolation: InterpolationMode = NEAREST,
        expand: bool = False,
        center: Any = None,
        fill: Any = 0,
    ) -> None:
        super().__init__()
        self.degrees = angle_range(degrees, "degrees")
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center, self.expand = center, expand
        self.interpolation = mode_of(interpolation)
        self.fill = checked_fill(fill)

    @staticmethod
    def get_params(degrees: Sequence[float]) -> float:
        """A random angle."""
        return between(float(degrees[0]), float(degrees[1]))

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill)
        F.get_dimensions(img)  # refuses what is no image before a number is drawn
        return F.rotate(
            img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, fill
        )

    def __repr__(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        fill = "" if self.fill is None else f", fill={self.fill}"
        return (
            f"{type(self).__name__}(degrees={self.degrees}, interpolation={self.interpolation.value}, "
            f"expand={self.expand}{center}{fill})"
        )


class RandomAffine(Module):
    """The image turned, moved, scaled and sheared at random.

    Args:
        degrees: (from, to); one number d stands for (-d, d), 0 for not at all.
        translate: how far it may move, as shares (0 to 1) of its width and of its height.
        scale: (from, to), more than 0.
        shear: degrees along x, (from, to); one number d stands for (-d, d); four numbers are for x and y.
        interpolation, fill, center: as for ``functional.affine``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAffine.html
    """

    def __init__(
        self,
        degrees: Any,
        translate: Any = None,
        scale: Any = None,
        shear: Any = None,
        interpolation: InterpolationMode = NEAREST,
        fill: Any = 0,
        center: Any = None,
    ) -> None:
        super().__init__()
        self.degrees = angle_range(degrees, "degrees")
        if translate is not None:
            check_sequence(translate, "translate", (2,))
            if not all(0.0 <= t <= 1.0 for t in translate):
                raise ValueError("translation values should be between 0 and 1")
        if scale is not None:
            check_sequence(scale, "scale", (2,))
            if any(s <= 0 for s in scale):
                raise ValueError("scale values should be positive")
        self.translate, self.scale = translate, scale
        self.shear = None if shear is None else angle_range(shear, "shear", (2, 4))
        self.interpolation = mode_of(interpolation)
        self.fill = checked_fill(fill)
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    @staticmethod
    def get_params(
        degrees: Sequence[float], translate: Any, scale_ranges: Any, shears: Any, img_size: Sequence[int]
    ) -> tuple[float, tuple[int, int], float, tuple[float, float]]:
        """A random (angle, translation in pixels, scale, shear) for ``affine``; ``img_size``: (width, height)."""
        angle = between(float(degrees[0]), float(degrees[1]))
        move, scale, shear_x, shear_y = (0, 0), 1.0, 0.0, 0.0
        if translate is not None:
            furthest = [float(t * n) for t, n in zip(translate, img_size)]
            x, y = (round(between(-d, d)) for d in furthest)
            move = (x, y)
        if scale_ranges is not None:
            scale = between(scale_ranges[0], scale_ranges[1])
        if shears is not None:
            shear_x = between(shears[0], shears[1])
            if len(shears) == 4:
                shear_y = between(shears[2], shears[3])
        return angle, move, scale, (shear_x, shear_y)

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill)
        _, height, width = F.get_dimensions(img)
        found = self.get_params(self.degrees, self.translate, self.scale, self.shear, [width, height])
        return F.affine(img, *found, interpolation=self.interpolation, fill=fill, center=self.center)

    def __repr__(self) -> str:
        parts = [f"degrees={self.degrees}"]
        parts += [
            f"{name}={value}"
            for name in ("translate", "scale", "shear")
            if (value := getattr(self, name)) is not None
        ]
        if self.interpolation is not NEAREST:
            parts.append(f"interpolation={self.interpolation.value}")
        if self.fill != 0:
            parts.append(f"fill={self.fill}")
        if self.center is not None:
            parts.append(f"center={self.center}")
        return f"{type(self).__name__}({', '.join(parts)})"


class ElasticTransform(Module):
    """The image as if drawn on rubber: every pixel displaced at random, neighbours alike.

    Args:
        alpha: how far, in half pixels: one float, or one for each of x and y.
        sigma: how smoothly: the standard deviation of the Gaussian that blurs the displacements.
        interpolation, fill: as for ``functional.rotate``.

    Source: Simard et al., *Best practices for convolutional neural networks applied to visual document analysis*, 2003;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.ElasticTransform.html
    """

    def __init__(
        self, alpha: Any = 50.0, sigma: Any = 5.0, interpolation: InterpolationMode = BILINEAR, fill: Any = 0
    ) -> None:  # fmt: skip
        super().__init__()
        self.alpha = _two_floats(alpha, "alpha")
        self.sigma = _two_floats(sigma, "sigma")
        self.interpolation = mode_of(interpolation)
        if not isinstance(fill, (int, float, list, tuple)):
            raise TypeError(f"fill should be int or float or a list or tuple of them. Got {type(fill)}")
        self.fill = [float(f) for f in (fill if isinstance(fill, (list, tuple)) else [fill])]

    @staticmethod
    def get_params(alpha: Sequence[float], sigma: Sequence[float], size: Sequence[int]) -> Tensor:
        """A random displacement (1, H, W, 2) for ``elastic_transform`` of an image of ``size`` (H, W)."""
        parts = []
        for distance, spread, length in zip(alpha, sigma, reversed(size)):
            noise: Any = rand([1, 1, *size])
            noise = noise * 2 - 1
            if spread > 0.0:
                width = int(8 * spread + 1) | 1  # odd
                noise = F.gaussian_blur(noise, [width, width], sigma)
            parts.append(noise * distance / length)
        return cat(parts, 1).permute([0, 2, 3, 1])

    def forward(self, tensor: Any) -> Any:
        _, height, width = F.get_dimensions(tensor)
        displacement = self.get_params(self.alpha, self.sigma, [height, width])
        return F.elastic_transform(tensor, displacement, self.interpolation, self.fill)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(alpha={self.alpha}, sigma={self.sigma}, interpolation={self.interpolation}, "
            f"fill={self.fill})"
        )


def _two_floats(x: Any, name: str) -> Any:
    if not isinstance(x, (float, Sequence)):
        raise TypeError(f"{name} should be float or a sequence of floats. Got {type(x)}")
    if isinstance(x, float):
        return [x, x]
    if len(x) != 2:
        raise ValueError(f"If {name} is a sequence its length should be 2. Got {len(x)}")
    for element in x:
        if not isinstance(element, float):
            raise TypeError(f"{name} should be a sequence of floats. Got {type(element)}")
    return x
