"""Random changes of colour and tone, blurring, and erasing."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

from ....core.dtype import float32
from ....core.tensor import Tensor
from ....nn import Module
from ....ops.create import empty, tensor
from ....ops.random import randperm
from .. import functional as F
from ..draws import between, happens, sides, whole
from .arguments import check_erasing, two_sizes


class ColorJitter(Module):
    """Brightness, contrast, saturation and hue changed at random, in random order.

    Args:
        brightness, contrast, saturation: the factor is drawn from (from, to); one number d stands for
            (max(0, 1 - d), 1 + d).
        hue: the turn is drawn from (from, to), within -0.5 to 0.5; one number d stands for (-d, d).

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.ColorJitter.html
    """

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        super().__init__()
        self.brightness = _factors("brightness", brightness)
        self.contrast = _factors("contrast", contrast)
        self.saturation = _factors("saturation", saturation)
        self.hue = _factors("hue", hue, middle=0, bound=(-0.5, 0.5))

    @staticmethod
    def get_params(
        brightness: Any, contrast: Any, saturation: Any, hue: Any
    ) -> tuple[Tensor, float | None, float | None, float | None, float | None]:
        """The order (a permutation of 4) and the four factors; None for what stays."""
        order = randperm(4)
        b, c, s, h = (
            None if ends is None else between(ends[0], ends[1])
            for ends in (brightness, contrast, saturation, hue)
        )
        return order, b, c, s, h

    def forward(self, img: Any) -> Any:
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        adjust = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue)
        for k in order.tolist():
            if factors[k] is not None:
                img = adjust[k](img, factors[k])
        return img

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(brightness={self.brightness}, contrast={self.contrast}, "
            f"saturation={self.saturation}, hue={self.hue})"
        )


def _factors(
    name: str, value: Any, middle: int = 1, bound: tuple[float, float] = (0, float("inf"))
) -> tuple[float, float] | None:
    """(from, to), or None where every factor would change nothing."""
    if isinstance(value, Number):
        if value < 0:  # type: ignore[operator]
            raise ValueError(f"If {name} is a single number, it must be non negative.")
        ends = [middle - float(value), middle + float(value)]  # type: ignore[arg-type]
        if middle:
            ends[0] = max(ends[0], 0.0)
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        ends = [float(value[0]), float(value[1])]
    else:
        raise TypeError(f"{name} should be a single number or a list/tuple with length 2.")
    if not bound[0] <= ends[0] <= ends[1] <= bound[1]:
        raise ValueError(f"{name} values should be between {bound}, but got {ends}.")
    return None if ends[0] == ends[1] == middle else (ends[0], ends[1])


class Grayscale(Module):
    """The image in shades of grey, with 1 channel or 3 equal ones.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.Grayscale.html
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, num_output_channels=self.num_output_channels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class _Sometimes(Module):
    """A change that is made with probability ``p``."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def changed(self, img: Any) -> Any:
        """The image after the change."""
        raise NotImplementedError

    def forward(self, img: Any) -> Any:
        return self.changed(img) if happens(self.p) else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomGrayscale(_Sometimes):
    """The image in shades of grey with probability ``p``, with as many channels as before.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomGrayscale.html
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def changed(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, num_output_channels=F.get_dimensions(img)[0])


class RandomInvert(_Sometimes):
    """The negative with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomInvert.html
    """

    def changed(self, img: Any) -> Any:
        return F.invert(img)


class RandomPosterize(_Sometimes):
    """Only the ``bits`` (0 to 8) highest bits of each channel, with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomPosterize.html
    """

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def changed(self, img: Any) -> Any:
        return F.posterize(img, self.bits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(bits={self.bits},p={self.p})"


class RandomSolarize(_Sometimes):
    """Values from ``threshold`` on inverted, with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomSolarize.html
    """

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def changed(self, img: Any) -> Any:
        return F.solarize(img, self.threshold)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(threshold={self.threshold},p={self.p})"


class RandomAdjustSharpness(_Sometimes):
    """``functional.adjust_sharpness`` by ``sharpness_factor``, with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAdjustSharpness.html
    """

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def changed(self, img: Any) -> Any:
        return F.adjust_sharpness(img, self.sharpness_factor)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(sharpness_factor={self.sharpness_factor},p={self.p})"


class RandomAutocontrast(_Sometimes):
    """Each channel stretched to full contrast, with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAutocontrast.html
    """

    def changed(self, img: Any) -> Any:
        return F.autocontrast(img)


class RandomEqualize(_Sometimes):
    """Each channel with its values spread evenly, with probability ``p``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomEqualize.html
    """

    def changed(self, img: Any) -> Any:
        return F.equalize(img)


class GaussianBlur(Module):
    """The image blurred by a Gaussian of random width.

    Args:
        kernel_size: odd: one, or two numbers.
        sigma: its standard deviation in pixels, drawn from (from, to); one number stays.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.GaussianBlur.html
    """

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = two_sizes(kernel_size, "Kernel size should be a tuple/list of two integers")
        if any(n <= 0 or n % 2 == 0 for n in self.kernel_size):
            raise ValueError("Kernel size value should be an odd and positive number.")
        if isinstance(sigma, Number):
            if sigma <= 0:  # type: ignore[operator]
                raise ValueError("If sigma is a single number, it must be positive.")
            sigma = (sigma, sigma)
        elif not (isinstance(sigma, Sequence) and len(sigma) == 2):
            raise ValueError("sigma should be a single number or a list/tuple with length 2.")
        elif not 0.0 < sigma[0] <= sigma[1]:
            raise ValueError("sigma values should be positive and of the form (min, max).")
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """A random standard deviation."""
        return between(sigma_min, sigma_max)

    def forward(self, img: Any) -> Any:
        sigma = self.get_params(self.sigma[0], self.sigma[1])
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"


class RandomErasing(Module):
    """A random rectangle of a tensor image overwritten, with probability ``p``.

    Args:
        scale: the least and the largest share of the image's area.
        ratio: the least and the largest height over width.
        value: what is written: a number, one for each channel, or "random" for normal random numbers.
        inplace: change the given tensor.

    Source: Zhong et al. 2017, https://arxiv.org/abs/1708.04896;
    https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomErasing.html
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0,
        inplace: bool = False,
    ) -> None:
        super().__init__()
        check_erasing(scale, ratio, value)
        if p < 0 or p > 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    @staticmethod
    def get_params(
        img: Tensor, scale: Sequence[float], ratio: Sequence[float], value: list[float] | None = None
    ) -> tuple[int, int, int, int, Tensor]:
        """A random (top, left, height, width, what to write) for ``erase``.

        ``value`` None: random numbers. Should ten tries not fit into the image, it is overwritten with itself.
        """
        channels, height, width = img.shape[-3:]
        for _ in range(10):
            h, w = sides(height * width, scale, ratio)
            if h < height and w < width:
                noise: Any = empty([channels, h, w] if value is None else [0], dtype=float32)
                v = noise.normal_() if value is None else tensor(value)[:, None, None]
                return whole(0, height - h + 1), whole(0, width - w + 1), h, w, v
        return 0, 0, height, width, img

    def forward(self, img: Tensor) -> Tensor:
        if not happens(self.p):
            return img
        value: list[float] | None = None
        if not isinstance(self.value, str):
            given: Any = self.value if isinstance(self.value, (tuple, list)) else [self.value]
            value = [float(v) for v in given]
            if len(value) not in (1, img.shape[-3]):
                raise ValueError(
                    "If value is a sequence, it should have either a single value or "
                    f"{img.shape[-3]} (number of input channels)"
                )
        return F.erase(img, *self.get_params(img, self.scale, self.ratio, value), self.inplace)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(p={self.p}, scale={self.scale}, ratio={self.ratio}, value={self.value}, "
            f"inplace={self.inplace})"
        )
