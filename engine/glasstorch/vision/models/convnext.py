"""ConvNeXt: a convolutional network with what Transformers taught. Source: https://arxiv.org/abs/2201.03545"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.create import ones
from ..ops.misc import Conv2dNormActivation, Permute
from ..ops.stochastic_depth import StochasticDepth
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = [
    "ConvNeXt",
    *(f"ConvNeXt_{size}_Weights" for size in ("Tiny", "Small", "Base", "Large")),
    *(f"convnext_{size}" for size in ("tiny", "small", "base", "large")),
]


class LayerNorm2d(nn.LayerNorm):
    """Layer normalization over the channels of (N, C, H, W)."""

    def forward(self, x: Any) -> Tensor:
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class CNBlock(nn.Module):
    """A 7 by 7 filter of each channel by itself, and two linear layers over the channels; added to the input.

    Args:
        dim: channels.
        layer_scale: what the block's result is multiplied by at first, for each channel.
        stochastic_depth_prob: the probability that a row of a batch goes without the block, in training.
        norm_layer: called with ``dim``; layer normalization by default.
    """

    def __init__(
        self,
        dim: int,
        layer_scale: float,
        stochastic_depth_prob: float,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or partial(nn.LayerNorm, eps=1e-6)
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, 7, padding=3, groups=dim),
            Permute([0, 2, 3, 1]),
            norm_layer(dim),
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(ones(dim, 1, 1) * layer_scale)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def forward(self, input: Tensor) -> Tensor:
        result = self.stochastic_depth(self.layer_scale * self.block(input))  # type: ignore[operator]
        result += input
        return result


@dataclass(eq=False)
class CNBlockConfig:
    """One stage: its channels, those of the next one (None after the last), and its blocks."""

    input_channels: int
    out_channels: int | None
    num_layers: int


class ConvNeXt(nn.Module):
    """Stages of blocks, with convolutions between them that halve height and width.

    Args:
        block_setting: the stages.
        stochastic_depth_prob: that of the last block; it grows linearly from 0.
        layer_scale: of each block at first.
        num_classes: of the output (N, num_classes).
        block: makes a block; called with channels, layer scale and probability.
        norm_layer: called with the number of channels; ``LayerNorm2d`` by default.

    The input is (N, 3, H, W), at least 32 by 32.
    """

    def __init__(
        self,
        block_setting: Sequence[CNBlockConfig],
        stochastic_depth_prob: float = 0.0,
        layer_scale: float = 1e-6,
        num_classes: int = 1000,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        stages = block_setting
        if not stages:
            raise ValueError("The block_setting should not be empty")
        if not (isinstance(stages, Sequence) and all(isinstance(s, CNBlockConfig) for s in stages)):
            raise TypeError("The block_setting should be List[CNBlockConfig]")
        block = block or CNBlock
        norm_layer = norm_layer or partial(LayerNorm2d, eps=1e-6)
        layers: list[nn.Module] = [
            Conv2dNormActivation(
                3, stages[0].input_channels, 4, 4, padding=0, norm_layer=norm_layer, activation_layer=None, bias=True
            )
        ]  # fmt: skip
        total, done = sum(stage.num_layers for stage in stages), 0
        for stage in stages:
            width, blocks = stage.input_channels, []
            for _ in range(stage.num_layers):
                blocks.append(block(width, layer_scale, stochastic_depth_prob * done / (total - 1.0)))
                done += 1
            layers.append(nn.Sequential(*blocks))
            if stage.out_channels is not None:
                halve = nn.Conv2d(width, stage.out_channels, 2, stride=2)
                layers.append(nn.Sequential(norm_layer(width), halve))
        last = stages[-1].out_channels if stages[-1].out_channels is not None else stages[-1].input_channels
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(norm_layer(last), nn.Flatten(1), nn.Linear(last, num_classes))
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(m.weight, std=0.02)
                if m.bias is not None:
                    nn.init.zeros_(m.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)))


def _convnext(
    width: int,
    third: int,
    stochastic_depth_prob: float,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
) -> ConvNeXt:
    """Four stages, each twice as wide as the one before; ``third`` blocks in the third, three in the others."""
    widths = [width, 2 * width, 4 * width, 8 * width]
    stages = [CNBlockConfig(*s) for s in zip(widths, [*widths[1:], None], (3, 3, third, 3))]
    probability = kwargs.pop("stochastic_depth_prob", stochastic_depth_prob)
    return pretrained(partial(ConvNeXt, stages, probability), weights, progress, kwargs)


class ConvNeXt_Tiny_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("convnext_tiny-983f1562.pth", crop_size=224, resize_size=236)
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Small_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("convnext_small-0c510722.pth", crop_size=224, resize_size=230)
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Base_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("convnext_base-6075fbad.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Large_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("convnext_large-ea097f82.pth", crop_size=224, resize_size=232)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", ConvNeXt_Tiny_Weights.IMAGENET1K_V1))
def convnext_tiny(
    *, weights: ConvNeXt_Tiny_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ConvNeXt:
    """ConvNeXt Tiny: 28.6 million parameters.

    Args:
        weights: a member of ``ConvNeXt_Tiny_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``ConvNeXt``.
    """
    return _convnext(96, 9, 0.1, ConvNeXt_Tiny_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ConvNeXt_Small_Weights.IMAGENET1K_V1))
def convnext_small(
    *, weights: ConvNeXt_Small_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ConvNeXt:
    """ConvNeXt Small: 50.2 million parameters. Arguments as for ``convnext_tiny``."""
    return _convnext(96, 27, 0.4, ConvNeXt_Small_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ConvNeXt_Base_Weights.IMAGENET1K_V1))
def convnext_base(
    *, weights: ConvNeXt_Base_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ConvNeXt:
    """ConvNeXt Base: 88.6 million parameters. Arguments as for ``convnext_tiny``."""
    return _convnext(128, 27, 0.5, ConvNeXt_Base_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", ConvNeXt_Large_Weights.IMAGENET1K_V1))
def convnext_large(
    *, weights: ConvNeXt_Large_Weights | None = None, progress: bool = True, **kwargs: Any
) -> ConvNeXt:
    """ConvNeXt Large: 197.8 million parameters. Arguments as for ``convnext_tiny``."""
    return _convnext(192, 27, 0.5, ConvNeXt_Large_Weights.verify(weights), progress, kwargs)
