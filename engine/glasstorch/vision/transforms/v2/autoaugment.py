"""Augmentation by policies: AutoAugment, RandAugment, TrivialAugment and AugMix, of one image or video in a sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ....core.dtype import int32
from ....core.tensor import Tensor
from ....core.tree import tree_flatten, tree_unflatten
from ....distributions import Dirichlet
from ....ops.create import tensor
from ....ops.random import rand, randint
from ....ops.ranges import arange, linspace
from ... import tv_tensors
from ...pillow import is_image
from ..autoaugment import SIGNED, AutoAugmentPolicy
from ..functional.images import max_value
from ..policies import POLICIES
from . import functional as F
from .functional.dispatch import is_pure_tensor
from .samples import Fills
from .transform import Transform


def _one_of(n: int) -> int:
    return int(randint(n, (1,)))


def _affine(
    image: Any, how: dict[str, Any], shear: Any = (0.0, 0.0), translate: Any = (0, 0), **where: Any
) -> Any:
    return F.affine(image, 0.0, list(translate), 1.0, list(shear), **how, **where)


def _degrees(slope: float) -> float:
    return math.degrees(math.atan(slope))


def _brightest(image: Any) -> float:
    return max_value(image.dtype) if isinstance(image, Tensor) else 255.0


#: The operations: what each does to a picture, with a strength and with how to interpolate and to fill.
OPERATIONS: dict[str, Callable[[Any, float, dict[str, Any]], Any]] = {
    "Identity": lambda image, m, how: image,
    "ShearX": lambda image, m, how: _affine(image, how, shear=(_degrees(m), 0.0), center=[0, 0]),
    "ShearY": lambda image, m, how: _affine(image, how, shear=(0.0, _degrees(m)), center=[0, 0]),
    "TranslateX": lambda image, m, how: _affine(image, how, translate=(int(m), 0)),
    "TranslateY": lambda image, m, how: _affine(image, how, translate=(0, int(m))),
    "Rotate": lambda image, m, how: F.rotate(image, m, **how),
    "Brightness": lambda image, m, how: F.adjust_brightness(image, 1.0 + m),
    "Color": lambda image, m, how: F.adjust_saturation(image, 1.0 + m),
    "Contrast": lambda image, m, how: F.adjust_contrast(image, 1.0 + m),
    "Sharpness": lambda image, m, how: F.adjust_sharpness(image, 1.0 + m),
    "Posterize": lambda image, m, how: F.posterize(image, int(m)),
    "Solarize": lambda image, m, how: F.solarize(image, _brightest(image) * m),
    "AutoContrast": lambda image, m, how: F.autocontrast(image),
    "Equalize": lambda image, m, how: F.equalize(image),
    "Invert": lambda image, m, how: F.invert(image),
}


def _scales(
    bins: int, shear: float, x: float, y: float, angle: float, factor: float, start: int, bits: int
) -> dict:
    """For each operation its strengths, weak to strong, or None; posterizing takes ``bits`` off ``start``."""
    away: Any = arange(bins)
    furthest = {"ShearX": shear, "ShearY": shear, "TranslateX": x, "TranslateY": y, "Rotate": angle}
    furthest |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), factor)
    scales: dict[str, Any] = {name: linspace(0.0, end, bins) for name, end in furthest.items()}
    return scales | {
        "Posterize": (start - (away / ((bins - 1) / bits))).round().to(int32),
        "Solarize": linspace(1.0, 0.0, bins),
        "AutoContrast": None,
        "Equalize": None,
    }


class _Augment(Transform):
    """What the four have in common.

    Args:
        interpolation: an ``InterpolationMode``, its name or Pillow's number.
        fill: the colour outside, or a dictionary with one for each type, and "others".
    """

    def __init__(self, *, interpolation: Any = "nearest", fill: Any = None) -> None:
        super().__init__()
        self.interpolation, self.fill, self._fill = interpolation, fill, Fills(fill)

    def forward(self, *inputs: Any) -> Any:
        flat, spec = tree_flatten(inputs if len(inputs) > 1 else inputs[0])
        place = self._place(flat)
        flat[place] = self.augmented(flat[place])
        return tree_unflatten(flat, spec)

    def augmented(self, image: Any) -> Any:
        """The picture after the operations of the policy."""
        raise NotImplementedError

    def _place(self, flat: list[Any]) -> int:
        """Where the one picture of the sample is; TypeError for other than one, and for masks and places."""
        found = []
        for k, (inpt, want) in enumerate(zip(flat, self._needs_transform_list(flat))):
            picture = (
                isinstance(inpt, (tv_tensors.Image, tv_tensors.Video))
                or is_image(inpt)
                or is_pure_tensor(inpt)
            )
            if want and picture:
                found.append(k)
            elif isinstance(inpt, (tv_tensors.BoundingBoxes, tv_tensors.Mask, tv_tensors.KeyPoints)):
                raise TypeError(
                    f"Inputs of type {type(inpt).__name__} are not supported by {type(self).__name__}()"
                )
        if not found:
            raise TypeError("Found no image in the sample.")
        if len(found) > 1:
            raise TypeError(
                "Auto augment transformations are only properly defined for a single image or video, but found "
                f"{len(found)}."
            )
        return found[0]

    def _operation(self, image: Any, name: str, scale: Any, choose: Callable[[], int]) -> Any:
        """The picture after one operation, its strength chosen from the scale, and often its direction."""
        strength = 0.0
        if scale is not None:
            strength = float(scale[choose()])
            if name in SIGNED and rand(()).item() <= 0.5:
                strength = -strength
        how = {"interpolation": self.interpolation, "fill": self._fill.of(image)}
        return OPERATIONS[name](image, strength, how)

    def _random_operation(self, image: Any, scales: dict[str, Any], choose: Callable[[], int]) -> Any:
        name = list(scales)[_one_of(len(scales))]
        return self._operation(image, name, scales[name], choose)


class AutoAugment(_Augment):
    """One of 25 learned pairs of operations. Source: https://arxiv.org/abs/1805.09501

    Args:
        policy: the data it was learned on.
    """

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: Any = "nearest",
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation=interpolation, fill=fill)
        if not isinstance(policy, AutoAugmentPolicy):
            raise ValueError(f"The provided policy {policy} is not recognized.")
        self.policy = policy
        self._policies = POLICIES[policy.value]

    def augmented(self, image: Any) -> Any:
        height, width = F.get_size(image)
        share = 150.0 / 331.0
        scales = _scales(10, 0.3, share * width, share * height, 30.0, 0.9, 8, 4) | {"Invert": None}
        for name, probability, strength in self._policies[_one_of(len(self._policies))]:
            if rand(()).item() <= probability:
                image = self._operation(image, name, scales[name], lambda: strength)  # type: ignore[arg-type, return-value]  # noqa: B023
        return image


class RandAugment(_Augment):
    """``num_ops`` random operations, all of the same strength. Source: https://arxiv.org/abs/1909.13719

    Args:
        num_ops: how many.
        magnitude: the strength, of ``num_magnitude_bins``.
    """

    def __init__(
        self, num_ops: int = 2, magnitude: int = 9, num_magnitude_bins: int = 31, interpolation: Any = "nearest",
        fill: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(interpolation=interpolation, fill=fill)
        if not isinstance(num_ops, int) or num_ops < 0:
            raise ValueError(f"num_ops should be a non-negative integer, but got {num_ops} instead.")
        self.num_ops, self.magnitude, self.num_magnitude_bins = num_ops, magnitude, num_magnitude_bins

    def augmented(self, image: Any) -> Any:
        height, width = F.get_size(image)
        share = 150.0 / 331.0
        how = (0.3, share * width, share * height, 30.0, 0.9, 8, 4)
        scales = {"Identity": None} | _scales(self.num_magnitude_bins, *how)
        for _ in range(self.num_ops):
            image = self._random_operation(image, scales, lambda: self.magnitude)
        return image


class TrivialAugmentWide(_Augment):
    """One random operation of random strength, of ``num_magnitude_bins``. Source: https://arxiv.org/abs/2103.10158"""

    def __init__(
        self, num_magnitude_bins: int = 31, interpolation: Any = "nearest", fill: Any = None
    ) -> None:
        super().__init__(interpolation=interpolation, fill=fill)
        self.num_magnitude_bins = num_magnitude_bins

    def augmented(self, image: Any) -> Any:
        bins = self.num_magnitude_bins
        scales = {"Identity": None} | _scales(bins, 0.99, 32.0, 32.0, 135.0, 0.99, 8, 6)
        return self._random_operation(image, scales, lambda: _one_of(bins))


_LATER = ("Brightness", "Color", "Contrast", "Sharpness")


class AugMix(_Augment):
    """A mixture of the picture and of several chains of operations on it. Source: https://arxiv.org/abs/1912.02781

    Args:
        severity: how strong the operations may be, 1 to 10.
        mixture_width: how many chains.
        chain_depth: operations in each; -1 draws 1 to 3.
        alpha: of the distributions of the weights.
        all_ops: also change brightness, colour, contrast and sharpness.
    """

    def __init__(
        self, severity: int = 3, mixture_width: int = 3, chain_depth: int = -1, alpha: float = 1.0,
        all_ops: bool = True, interpolation: Any = "bilinear", fill: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(interpolation=interpolation, fill=fill)
        if not 1 <= severity <= 10:
            raise ValueError(f"The severity must be between [1, 10]. Got {severity} instead.")
        self.severity, self.mixture_width, self.chain_depth = severity, mixture_width, chain_depth
        self.alpha, self.all_ops = alpha, all_ops

    def augmented(self, image: Any) -> Any:
        height, width = F.get_size(image)
        scales = _scales(10, 0.3, width / 3.0, height / 3.0, 30.0, 0.9, 4, 4)
        later = {name: scales.pop(name) for name in _LATER}
        scales = scales | later if self.all_ops else scales
        pixels = image if isinstance(image, Tensor) else F.pil_to_tensor(image)
        missing = max((5 if isinstance(image, tv_tensors.Video) else 4) - pixels.ndim, 0)
        batch = pixels.reshape([1] * missing + list(pixels.shape))
        n, each = batch.size(0), [batch.size(0)] + [1] * (batch.ndim - 1)
        own: Any = self._weights(2, n)
        chains: Any = self._weights(self.mixture_width, n) * own[:, 1].reshape(n, -1)
        mix = own[:, 0].reshape(each) * batch
        for k in range(self.mixture_width):
            chain = batch
            for _ in range(self.chain_depth if self.chain_depth > 0 else int(randint(1, 4, (1,)))):
                chain = self._random_operation(chain, scales, lambda: _one_of(self.severity))
            mix = mix.add(chains[:, k].reshape(each) * chain)
        mix = mix.reshape(pixels.shape).to(pixels.dtype)
        if isinstance(image, (tv_tensors.Image, tv_tensors.Video)):
            return tv_tensors.wrap(mix, like=image)
        return mix if isinstance(image, Tensor) else F.to_pil_image(mix)

    def _weights(self, parts: int, n: int) -> Any:
        """Weights (n, parts) of sum 1."""
        same: Any = tensor([self.alpha] * parts)
        return Dirichlet(same.expand(n, -1)).sample()
