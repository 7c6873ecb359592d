"""Colours and tones, chosen at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....ops.random import rand, randperm
from ..draws import between, happens
from . import functional as F
from .samples import query_chw
from .transform import RandomlyApplied, Transform


class Grayscale(Transform):
    """In shades of grey, of one channel or of three that are alike."""

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.rgb_to_grayscale, inpt, num_output_channels=self.num_output_channels)


class RandomGrayscale(RandomlyApplied):
    """In shades of grey with probability ``p``, the number of channels kept."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p=p)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"num_input_channels": query_chw(flat_inputs)[0]}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.rgb_to_grayscale, inpt, num_output_channels=params["num_input_channels"])


class RGB(Transform):
    """In three channels; what has three or more stays."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.grayscale_to_rgb, inpt)


_ADJUST = {
    "brightness_factor": F.adjust_brightness,
    "contrast_factor": F.adjust_contrast,
    "saturation_factor": F.adjust_saturation,
    "hue_factor": F.adjust_hue,
}


class _Adjusting(Transform):
    """A transform that adjusts what ``params`` have a factor for."""

    def _adjusted(self, inpt: Any, params: dict[str, Any], factor: str) -> Any:
        if params[factor] is None:
            return inpt
        return self._call_kernel(_ADJUST[factor], inpt, **{factor: params[factor]})


class ColorJitter(_Adjusting):
    """Brightness, contrast, saturation and hue changed, in a random order.

    Args:
        brightness, contrast, saturation: factors from and to; one number x means from ``1 - x`` to ``1 + x``.
        hue: turns from and to, within -0.5 and 0.5; one number x means from -x to x.
    """

    def __init__(
        self,
        brightness: float | Sequence[float] | None = None,
        contrast: float | Sequence[float] | None = None,
        saturation: float | Sequence[float] | None = None,
        hue: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.brightness = _jitter(brightness, "brightness")
        self.contrast = _jitter(contrast, "contrast")
        self.saturation = _jitter(saturation, "saturation")
        self.hue = _jitter(hue, "hue", centre=0, bound=(-0.5, 0.5))

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        order = randperm(4).tolist()
        ranges = (self.brightness, self.contrast, self.saturation, self.hue)
        factors = {f: None if r is None else between(*r) for f, r in zip(_ADJUST, ranges, strict=True)}
        return {"order": order, **factors}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        for k in params["order"]:
            inpt = self._adjusted(inpt, params, list(_ADJUST)[k])
        return inpt


def _jitter(
    value: Any, name: str, centre: float = 1.0, bound: tuple[float, float] = (0, float("inf"))
) -> tuple[float, float] | None:
    """From and to; None where nothing would change."""
    if value is None:
        return None
    if isinstance(value, (int, float)):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be non negative.")
        low, high = centre - value, centre + value
        value = [max(low, 0.0) if bound[0] == 0 else low, high]
    elif isinstance(value, Sequence) and len(value) == 2:
        value = [float(v) for v in value]
    else:
        raise TypeError(f"{name}={value} should be a single number or a sequence with length 2.")
    if not bound[0] <= value[0] <= value[1] <= bound[1]:
        raise ValueError(f"{name} values should be between {bound} and increasing, but got {value}.")
    return None if value[0] == value[1] == centre else (float(value[0]), float(value[1]))


class RandomChannelPermutation(Transform):
    """With the channels in a random order."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"permutation": randperm(query_chw(flat_inputs)[0])}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.permute_channels, inpt, params["permutation"])


class RandomPhotometricDistort(_Adjusting):
    """Each of brightness, contrast, saturation, hue and order of channels changed with probability ``p``.

    Source: https://arxiv.org/abs/1512.02325
    """

    def __init__(
        self,
        brightness: tuple[float, float] = (0.875, 1.125),
        contrast: tuple[float, float] = (0.5, 1.5),
        saturation: tuple[float, float] = (0.5, 1.5),
        hue: tuple[float, float] = (-0.05, 0.05),
        p: float = 0.5,
    ) -> None:
        super().__init__()
        self.brightness, self.contrast, self.hue, self.saturation, self.p = (
            brightness,
            contrast,
            hue,
            saturation,
            p,
        )

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        channels = query_chw(flat_inputs)[0]
        ranges = (self.brightness, self.contrast, self.saturation, self.hue)
        params: dict[str, Any] = {
            factor: between(*r) if happens(self.p) else None
            for factor, r in zip(_ADJUST, ranges, strict=True)
        }
        params["contrast_before"] = rand(()).item() < 0.5
        params["permutation"] = randperm(channels) if happens(self.p) else None
        return params

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        order = ["brightness_factor", "saturation_factor", "hue_factor"]
        order.insert(1 if params["contrast_before"] else 3, "contrast_factor")
        for factor in order:
            inpt = self._adjusted(inpt, params, factor)
        if params["permutation"] is None:
            return inpt
        return self._call_kernel(F.permute_channels, inpt, permutation=params["permutation"])


class RandomEqualize(RandomlyApplied):
    """With values spread so that all occur about equally often, with probability ``p``."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.equalize, inpt)


class RandomInvert(RandomlyApplied):
    """Light made dark and dark made light, with probability ``p``."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.invert, inpt)


class RandomPosterize(RandomlyApplied):
    """With only the highest ``bits`` of each value, with probability ``p``."""

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.bits = bits

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.posterize, inpt, bits=self.bits)


class RandomSolarize(RandomlyApplied):
    """With the values from ``threshold`` on inverted, with probability ``p``."""

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.threshold = threshold

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.solarize, inpt, threshold=self.threshold)


class RandomAutocontrast(RandomlyApplied):
    """With each channel stretched to all values there are, with probability ``p``."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.autocontrast, inpt)


class RandomAdjustSharpness(RandomlyApplied):
    """Sharper or softer with probability ``p``; see ``functional.adjust_sharpness``."""

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.sharpness_factor = sharpness_factor

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.adjust_sharpness, inpt, sharpness_factor=self.sharpness_factor)
