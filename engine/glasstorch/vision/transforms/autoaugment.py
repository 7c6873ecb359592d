"""Augmentation by policies: AutoAugment, RandAugment, TrivialAugment and AugMix.

All draw operations and strengths at random, on Pillow images or on tensors (..., 1 or 3, H, W) of type uint8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from ...core.dtype import int32
from ...core.tensor import Tensor
from ...nn import Module
from ...ops.create import tensor
from ...ops.random import rand, randint
from ...ops.ranges import arange, linspace
from . import functional as F
from .draws import whole
from .functional import InterpolationMode
from .policies import POLICIES, Operation
from .transforms.arguments import fill_for

__all__ = ["AugMix", "AutoAugment", "AutoAugmentPolicy", "RandAugment", "TrivialAugmentWide"]

NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR


def _sheared(img: Any, shear: list[float], how: dict[str, Any]) -> Any:
    degrees = [math.degrees(math.atan(s)) for s in shear]
    return F.affine(img, 0.0, [0, 0], 1.0, degrees, center=[0, 0], **how)


#: The operations: what each does to an image, with a strength and with how to interpolate and to fill.
OPERATIONS: dict[str, Callable[[Any, float, dict[str, Any]], Any]] = {
    "Identity": lambda img, m, how: img,
    "ShearX": lambda img, m, how: _sheared(img, [m, 0.0], how),
    "ShearY": lambda img, m, how: _sheared(img, [0.0, m], how),
    "TranslateX": lambda img, m, how: F.affine(img, 0.0, [int(m), 0], 1.0, [0.0, 0.0], **how),
    "TranslateY": lambda img, m, how: F.affine(img, 0.0, [0, int(m)], 1.0, [0.0, 0.0], **how),
    "Rotate": lambda img, m, how: F.rotate(img, m, **how),
    "Brightness": lambda img, m, how: F.adjust_brightness(img, 1.0 + m),
    "Color": lambda img, m, how: F.adjust_saturation(img, 1.0 + m),
    "Contrast": lambda img, m, how: F.adjust_contrast(img, 1.0 + m),
    "Sharpness": lambda img, m, how: F.adjust_sharpness(img, 1.0 + m),
    "Posterize": lambda img, m, how: F.posterize(img, int(m)),
    "Solarize": lambda img, m, how: F.solarize(img, m),
    "AutoContrast": lambda img, m, how: F.autocontrast(img),
    "Equalize": lambda img, m, how: F.equalize(img),
    "Invert": lambda img, m, how: F.invert(img),
}
#: Operations that go both ways: half of the time their strength is negative.
SIGNED = {
    "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness",
}  # fmt: skip


class _Augment(Module):
    """What the four have in common: operations by name, with a scale of strengths for each.

    Args:
        interpolation: NEAREST or BILINEAR; Pillow images also BICUBIC.
        fill: the colour outside: a number or one for each channel. None: black.
    """

    def __init__(self, interpolation: InterpolationMode, fill: Any) -> None:
        super().__init__()
        self.interpolation, self.fill = interpolation, fill

    def strengths(self, bins: int, height: int, width: int) -> dict[str, Any]:
        """For each operation its ``bins`` strengths, weak to strong; None for operations that have no strength."""
        raise NotImplementedError

    def operate(self, img: Any, name: str, strength: float, fill: Any) -> Any:
        """The image after one operation."""
        return OPERATIONS[name](img, strength, {"interpolation": self.interpolation, "fill": fill})

    def operate_at_random(
        self, img: Any, scales: dict[str, Any], choose: Callable[[Any], Any], fill: Any
    ) -> Any:
        """The image after an operation drawn at random, of the strength that ``choose`` takes from its scale."""
        name = list(scales)[whole(0, len(scales))]
        scale = scales[name]
        strength = 0.0 if scale is None else float(choose(scale).item())
        if name in SIGNED and whole(0, 2):
            strength = -strength
        return self.operate(img, name, strength, fill)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)}" for name in self.shown)
        return f"{type(self).__name__}({values})"

    shown: tuple[str, ...]


def _scales(
    bins: int, shear: float, x: float, y: float, angle: float, factor: float, bits: int
) -> dict[str, Any]:
    """The scales of all operations; posterizing takes away up to ``bits`` bits."""
    away: Any = arange(bins)
    away = (away / ((bins - 1) / bits)).round().to(int32)
    furthest = {"ShearX": shear, "ShearY": shear, "TranslateX": x, "TranslateY": y, "Rotate": angle}
    furthest |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), factor)
    scales: dict[str, Any] = {name: linspace(0.0, end, bins) for name, end in furthest.items()}
    return scales | {
        "Posterize": 8 - away,
        "Solarize": linspace(255.0, 0.0, bins),
        "AutoContrast": None,
        "Equalize": None,
    }


class AutoAugmentPolicy(Enum):
    """The data on which a policy of ``AutoAugment`` was learned."""

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


class AutoAugment(_Augment):
    """One of 25 learned pairs of operations, each made with its own probability.

    Args:
        policy: the data it was learned on.
        interpolation: NEAREST or BILINEAR; Pillow images also BICUBIC.
        fill: the colour outside: a number or one for each channel. None: black.

    Source: Cubuk et al. 2018, https://arxiv.org/abs/1805.09501;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.AutoAugment.html
    """

    shown = ("policy", "fill")

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: InterpolationMode = NEAREST,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        if not isinstance(policy, AutoAugmentPolicy):
            raise ValueError(f"The provided policy {policy} is not recognized.")
        self.policy = policy
        self.policies: list[tuple[Operation, Operation]] = list(POLICIES[policy.value])

    def strengths(self, bins: int, height: int, width: int) -> dict[str, Any]:
        share = 150.0 / 331.0
        return _scales(bins, 0.3, share * width, share * height, 30.0, 0.9, 4) | {"Invert": None}

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Tensor, Tensor]:
        """The number of a pair, two numbers to compare with its probabilities, and two signs (0 for minus)."""
        return whole(0, transform_num), rand((2,)), randint(2, (2,))

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        fill = fill_for(img, self.fill)
        pair, draws, signs = self.get_params(len(self.policies))
        scales = self.strengths(10, height, width)
        for (name, p, k), draw, sign in zip(self.policies[pair], draws.tolist(), signs.tolist()):
            if draw <= p:
                strength = 0.0 if k is None else float(scales[name][k].item())
                img = self.operate(img, name, -strength if name in SIGNED and sign == 0 else strength, fill)
        return img


class RandAugment(_Augment):
    """Random operations, all of one strength.

    Args:
        num_ops: how many, one after the other.
        magnitude: their strength, a number below ``num_magnitude_bins``.
        num_magnitude_bins: how many strengths there are.
        interpolation, fill: as for ``AutoAugment``.

    Source: Cubuk et al. 2019, https://arxiv.org/abs/1909.13719;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.RandAugment.html
    """

    shown = ("num_ops", "magnitude", "num_magnitude_bins", "interpolation", "fill")

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = NEAREST,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        self.num_ops, self.magnitude, self.num_magnitude_bins = num_ops, magnitude, num_magnitude_bins

    def strengths(self, bins: int, height: int, width: int) -> dict[str, Any]:
        share = 150.0 / 331.0
        return {"Identity": None} | _scales(bins, 0.3, share * width, share * height, 30.0, 0.9, 4)

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        fill = fill_for(img, self.fill)
        scales = self.strengths(self.num_magnitude_bins, height, width)
        for _ in range(self.num_ops):
            img = self.operate_at_random(img, scales, lambda scale: scale[self.magnitude], fill)
        return img


class TrivialAugmentWide(_Augment):
    """One random operation of random strength.

    Args:
        num_magnitude_bins: how many strengths there are.
        interpolation, fill: as for ``AutoAugment``.

    Source: Müller and Hutter 2021, https://arxiv.org/abs/2103.10158;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.TrivialAugmentWide.html
    """

    shown = ("num_magnitude_bins", "interpolation", "fill")

    def __init__(
        self, num_magnitude_bins: int = 31, interpolation: InterpolationMode = NEAREST, fill: Any = None
    ) -> None:
        super().__init__(interpolation, fill)
        self.num_magnitude_bins = num_magnitude_bins

    def strengths(self, bins: int, height: int, width: int) -> dict[str, Any]:
        return {"Identity": None} | _scales(bins, 0.99, 32.0, 32.0, 135.0, 0.99, 6)

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        scales = self.strengths(self.num_magnitude_bins, height, width)
        return self.operate_at_random(img, scales, lambda s: s[whole(0, len(s))], fill_for(img, self.fill))


class AugMix(_Augment):
    """The image mixed with others made from it by chains of random operations.

    Args:
        severity: the largest strength, 1 to 10.
        mixture_width: how many chains there are.
        chain_depth: how many operations make a chain; 0 or less for 1 to 3, drawn for each.
        alpha: the concentration of the Dirichlet and beta distributions of the shares: large for equal ones.
        all_ops: also change brightness, contrast, colour and sharpness.
        interpolation, fill: as for ``AutoAugment``.

    Source: Hendrycks et al. 2019, https://arxiv.org/abs/1912.02781;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.AugMix.html
    """

    shown = ("severity", "mixture_width", "chain_depth", "alpha", "all_ops", "interpolation", "fill")
    strongest = 10

    def __init__(
        self,
        severity: int = 3,
        mixture_width: int = 3,
        chain_depth: int = -1,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: InterpolationMode = BILINEAR,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        if not 1 <= severity <= self.strongest:
            raise ValueError(f"The severity must be between [1, {self.strongest}]. Got {severity} instead.")
        self.severity, self.mixture_width, self.chain_depth = severity, mixture_width, chain_depth
        self.alpha, self.all_ops = alpha, all_ops

    def strengths(self, bins: int, height: int, width: int) -> dict[str, Any]:
        scales = _scales(bins, 0.3, width / 3.0, height / 3.0, 30.0, 0.9, 4)
        scales["Posterize"] = scales["Posterize"] - 4
        last = {name: scales.pop(name) for name in ("Brightness", "Color", "Contrast", "Sharpness")}
        return scales | last if self.all_ops else scales

    def shares(self, batch: int, parts: int) -> Any:
        """For each image of a batch, ``parts`` random shares that make up 1."""
        from ...distributions import Dirichlet

        concentration: Any = tensor([self.alpha] * parts)
        return Dirichlet(concentration.expand(batch, -1)).sample()

    def forward(self, orig_img: Any) -> Any:
        _, height, width = F.get_dimensions(orig_img)
        fill = fill_for(orig_img, self.fill)
        img: Any = orig_img if isinstance(orig_img, Tensor) else F.pil_to_tensor(orig_img)
        scales = self.strengths(self.strongest, height, width)
        batch = img.view([1] * max(4 - img.ndim, 0) + list(img.shape))
        n = batch.size(0)
        each = [n] + [1] * (batch.ndim - 1)
        kept, mixed = self.shares(n, 2).to(batch.device).unbind(1)
        weights = self.shares(n, self.mixture_width).to(batch.device) * mixed.view(n, 1)
        mix = kept.view(each) * batch
        for k in range(self.mixture_width):
            chain = batch
            for _ in range(self.chain_depth if self.chain_depth > 0 else whole(1, 4)):
                chain = self.operate_at_random(chain, scales, lambda s: s[whole(0, self.severity)], fill)
            mix = mix + weights[:, k].view(each) * chain
        out = mix.view(img.shape).to(img.dtype)
        return out if isinstance(orig_img, Tensor) else F.to_pil_image(out)
