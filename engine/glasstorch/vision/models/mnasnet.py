"""MNASNet (B1): MobileNet's blocks, chosen by measuring on a telephone. Source: https://arxiv.org/abs/1807.11626"""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import nn
from ...core.frames import warn
from ...core.tensor import Tensor
from ._api import WeightsEnum, published, register_model
from ._utils import first_values, handle_legacy_interface, pretrained

__all__ = [
    "MNASNet",
    *("MNASNet0_5_Weights", "MNASNet0_75_Weights", "MNASNet1_0_Weights", "MNASNet1_3_Weights"),
    *("mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"),
]  # fmt: skip

_BN_MOMENTUM = 1 - 0.9997  # TensorFlow counts it from the other end


class _InvertedResidual(nn.Module):
    """Widen by 1 by 1, filter each channel by itself, narrow by 1 by 1; the input is added where it fits."""

    def __init__(
        self,
        in_ch: int,
        out_ch: int,
        kernel_size: int,
        stride: int,
        expansion_factor: int,
        bn_momentum: float = 0.1,
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        if kernel_size not in (3, 5):
            raise ValueError(f"kernel_size should be 3 or 5 instead of {kernel_size}")
        width = in_ch * expansion_factor
        self.apply_residual = in_ch == out_ch and stride == 1
        self.layers = nn.Sequential(
            nn.Conv2d(in_ch, width, 1, bias=False),
            nn.BatchNorm2d(width, momentum=bn_momentum),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, kernel_size, stride, padding=kernel_size // 2, groups=width, bias=False),
            nn.BatchNorm2d(width, momentum=bn_momentum),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, out_ch, 1, bias=False),
            nn.BatchNorm2d(out_ch, momentum=bn_momentum),
        )

    def forward(self, input: Tensor) -> Tensor:
        return self.layers(input) + input if self.apply_residual else self.layers(input)


def _stack(
    in_ch: int, out_ch: int, kernel_size: int, stride: int, exp_factor: int, repeats: int, bn_momentum: float
) -> nn.Sequential:
    """Blocks in a row, of which the first changes channels, height and width."""
    if repeats < 1:
        raise ValueError(f"repeats should be >= 1, instead got {repeats}")
    first = _InvertedResidual(in_ch, out_ch, kernel_size, stride, exp_factor, bn_momentum)
    others = [
        _InvertedResidual(out_ch, out_ch, kernel_size, 1, exp_factor, bn_momentum) for _ in range(1, repeats)
    ]
    return nn.Sequential(first, *others)


def _round_to_multiple_of(val: float, divisor: int, round_up_bias: float = 0.9) -> int:
    """The nearest multiple, one more if it is below ``round_up_bias * val``: 83 becomes 80, but 84 becomes 88."""
    if not 0.0 < round_up_bias < 1.0:
        raise ValueError(
            f"round_up_bias should be greater than 0.0 and smaller than 1.0 instead of {round_up_bias}"
        )
    nearest = max(divisor, int(val + divisor / 2) // divisor * divisor)
    return nearest if nearest >= round_up_bias * val else nearest + divisor


def _get_depths(alpha: float) -> list[int]:
    return [_round_to_multiple_of(depth * alpha, 8) for depth in (32, 16, 24, 40, 80, 96, 192, 320)]


def _stem(first: int, second: int) -> list[nn.Module]:
    """A convolution, and one that filters each channel by itself and mixes them after."""
    return [
        nn.Conv2d(3, first, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(first, momentum=_BN_MOMENTUM),
        nn.ReLU(inplace=True),
        nn.Conv2d(first, first, 3, padding=1, groups=first, bias=False),
        nn.BatchNorm2d(first, momentum=_BN_MOMENTUM),
        nn.ReLU(inplace=True),
        nn.Conv2d(first, second, 1, bias=False),
        nn.BatchNorm2d(second, momentum=_BN_MOMENTUM),
    ]


class MNASNet(nn.Module):
    """Stacks of inverted residual blocks.

    Args:
        alpha: all channels but the last 1280 times this.
        num_classes: of the output (N, num_classes).
        dropout: the probability before the linear layer.

    The input is (N, 3, H, W).
    """

    _version = 2  # version 1 did not scale the channels of the first layers

    def __init__(self, alpha: float, num_classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        if alpha <= 0.0:
            raise ValueError(f"alpha should be greater than 0.0 instead of {alpha}")
        self.alpha = alpha
        self.num_classes = num_classes
        d = _get_depths(alpha)
        stack = partial(_stack, bn_momentum=_BN_MOMENTUM)
        self.layers = nn.Sequential(
            *_stem(d[0], d[1]),
            stack(d[1], d[2], 3, 2, 3, 3),
            stack(d[2], d[3], 5, 2, 3, 3),
            stack(d[3], d[4], 5, 2, 6, 3),
            stack(d[4], d[5], 3, 1, 6, 2),
            stack(d[5], d[6], 5, 2, 6, 4),
            stack(d[6], d[7], 3, 1, 6, 1),
            nn.Conv2d(d[7], 1280, 1, bias=False),
            nn.BatchNorm2d(1280, momentum=_BN_MOMENTUM),
            nn.ReLU(inplace=True),
        )
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True), nn.Linear(1280, num_classes))
        first_values(self, partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="sigmoid"))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.layers(x).mean([2, 3]))

    def _load_from_state_dict(self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any) -> None:
        version = local_metadata.get("version")
        if version not in (1, 2):
            raise ValueError(f"version should be set to 1 or 2 instead of {version}")
        if version == 1 and self.alpha != 1.0:
            stem = [*_stem(32, 16), _stack(16, _get_depths(self.alpha)[2], 3, 2, 3, 3, _BN_MOMENTUM)]
            for i, layer in enumerate(stem):
                self.layers[i] = layer
            self._version = 1  # what it is now, and must be saved as
            warn(
                "These parameters are of MNASNet's first version, whose first layers are wider; this model takes "
                "its shape. Train or fetch new ones when you can.",
            )
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)


class MNASNet0_5_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mnasnet0.5_top1_67.823-3ffadce67e.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class MNASNet0_75_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mnasnet0_75-7090bc5f.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


class MNASNet1_0_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mnasnet1.0_top1_73.512-f206786ef8.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class MNASNet1_3_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("mnasnet1_3-a4c69d6f.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", MNASNet0_5_Weights.IMAGENET1K_V1))
def mnasnet0_5(*, weights: MNASNet0_5_Weights | None = None, progress: bool = True, **kwargs: Any) -> MNASNet:
    """MNASNet at width 0.5: 2.2 million parameters.

    Args:
        weights: a member of ``MNASNet0_5_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``MNASNet``.
    """
    return pretrained(partial(MNASNet, 0.5), MNASNet0_5_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", MNASNet0_75_Weights.IMAGENET1K_V1))
def mnasnet0_75(
    *, weights: MNASNet0_75_Weights | None = None, progress: bool = True, **kwargs: Any
) -> MNASNet:
    """MNASNet at width 0.75: 3.2 million parameters. Arguments as for ``mnasnet0_5``."""
    return pretrained(partial(MNASNet, 0.75), MNASNet0_75_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", MNASNet1_0_Weights.IMAGENET1K_V1))
def mnasnet1_0(*, weights: MNASNet1_0_Weights | None = None, progress: bool = True, **kwargs: Any) -> MNASNet:
    """MNASNet at width 1.0: 4.4 million parameters. Arguments as for ``mnasnet0_5``."""
    return pretrained(partial(MNASNet, 1.0), MNASNet1_0_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", MNASNet1_3_Weights.IMAGENET1K_V1))
def mnasnet1_3(*, weights: MNASNet1_3_Weights | None = None, progress: bool = True, **kwargs: Any) -> MNASNet:
    """MNASNet at width 1.3: 6.3 million parameters. Arguments as for ``mnasnet0_5``."""
    return pretrained(partial(MNASNet, 1.3), MNASNet1_3_Weights.verify(weights), progress, kwargs)
