"""DenseNet: every layer sees all earlier layers of its block. Source: https://arxiv.org/abs/1608.06993"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from ...ops.join import cat
from ...ops.shape import flatten
from ...utils.checkpoint import checkpoint
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained

__all__ = [
    "DenseNet",
    *("DenseNet121_Weights", "DenseNet161_Weights", "DenseNet169_Weights", "DenseNet201_Weights"),
    *("densenet121", "densenet161", "densenet169", "densenet201"),
]  # fmt: skip


class _DenseLayer(nn.Module):
    """``growth_rate`` new channels out of all channels so far, by way of ``bn_size * growth_rate``."""

    def __init__(
        self,
        num_input_features: int,
        growth_rate: int,
        bn_size: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(num_input_features)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(num_input_features, bn_size * growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.drop_rate = float(drop_rate)
        self.memory_efficient = memory_efficient

    def _bottleneck(self, *inputs: Tensor) -> Tensor:
        return self.conv1(self.relu1(self.norm1(cat(inputs, 1))))

    def forward(self, input: Tensor | list[Tensor]) -> Tensor:
        inputs = [input] if isinstance(input, Tensor) else input
        if self.memory_efficient and any(x.requires_grad for x in inputs):
            # The concatenations are what DenseNet needs its memory for: make them again in the backward pass.
            narrow = checkpoint(self._bottleneck, *inputs, use_reentrant=False)
        else:
            narrow = self._bottleneck(*inputs)
        out = self.conv2(self.relu2(self.norm2(narrow)))
        return F.dropout(out, self.drop_rate, self.training) if self.drop_rate > 0 else out


class _DenseBlock(nn.ModuleDict):
    """Layers each of which takes the block's input and all earlier layers' outputs."""

    _version = 2

    def __init__(
        self,
        num_layers: int,
        num_input_features: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        for i in range(num_layers):
            channels = num_input_features + i * growth_rate
            layer = _DenseLayer(channels, growth_rate, bn_size, drop_rate, memory_efficient)
            self.add_module(f"denselayer{i + 1}", layer)

    def forward(self, init_features: Tensor) -> Tensor:
        features = [init_features]
        for layer in self.values():
            features.append(layer(features))
        return cat(features, 1)


class _Transition(nn.Sequential):
    """Between blocks: fewer channels, half the height and width."""

    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(num_input_features)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(num_input_features, num_output_features, 1, bias=False)
        self.pool = nn.AvgPool2d(2, stride=2)


class DenseNet(nn.Module):
    """Dense blocks with transitions between them (the paper's DenseNet-BC).

    Args:
        growth_rate: channels that each layer adds (the paper's k).
        block_config: layers in each block.
        num_init_features: channels of the first convolution.
        bn_size: a layer's channels in between, in units of ``growth_rate``.
        drop_rate: the probability of dropout after each layer.
        num_classes: of the output (N, num_classes).
        memory_efficient: trade time for memory (https://arxiv.org/abs/1707.06990).

    The input is (N, 3, H, W), at least 29 by 29.
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(3, num_init_features, 7, stride=2, padding=3, bias=False),
            norm0=nn.BatchNorm2d(num_init_features),
            relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(3, stride=2, padding=1),
        )
        channels = num_init_features
        for i, count in enumerate(block_config, 1):
            layers[f"denseblock{i}"] = _DenseBlock(
                count, channels, bn_size, growth_rate, drop_rate, memory_efficient
            )
            channels += count * growth_rate
            if i < len(block_config):
                layers[f"transition{i}"] = _Transition(channels, channels // 2)
                channels //= 2
        layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(layers)
        self.classifier = nn.Linear(channels, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight)
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.ones_(m.weight)
                nn.init.zeros_(m.bias)
            elif isinstance(m, nn.Linear) and m.bias is not None:
                nn.init.zeros_(m.bias)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any) -> None:
        # The published files are older than the ban on dots in names: they say norm.1 where we say norm1.
        dotted = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.(?=[12]\.)")
        for key in [key for key in state_dict if dotted.search(key)]:
            state_dict[dotted.sub(r"\1", key)] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


class DenseNet121_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("densenet121-a639ec97.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class DenseNet161_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("densenet161-8d451a50.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class DenseNet169_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("densenet169-b2777c0a.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


class DenseNet201_Weights(WeightsEnum):
    IMAGENET1K_V1 = published("densenet201-c1103571.pth", crop_size=224)
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", DenseNet121_Weights.IMAGENET1K_V1))
def densenet121(
    *, weights: DenseNet121_Weights | None = None, progress: bool = True, **kwargs: Any
) -> DenseNet:
    """DenseNet of 121 layers: 8.0 million parameters.

    Args:
        weights: a member of ``DenseNet121_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``DenseNet``.
    """
    return pretrained(
        partial(DenseNet, 32, (6, 12, 24, 16), 64), DenseNet121_Weights.verify(weights), progress, kwargs
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", DenseNet161_Weights.IMAGENET1K_V1))
def densenet161(
    *, weights: DenseNet161_Weights | None = None, progress: bool = True, **kwargs: Any
) -> DenseNet:
    """DenseNet of 161 layers: 28.7 million parameters. Arguments as for ``densenet121``."""
    return pretrained(
        partial(DenseNet, 48, (6, 12, 36, 24), 96), DenseNet161_Weights.verify(weights), progress, kwargs
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", DenseNet169_Weights.IMAGENET1K_V1))
def densenet169(
    *, weights: DenseNet169_Weights | None = None, progress: bool = True, **kwargs: Any
) -> DenseNet:
    """DenseNet of 169 layers: 14.1 million parameters. Arguments as for ``densenet121``."""
    return pretrained(
        partial(DenseNet, 32, (6, 12, 32, 32), 64), DenseNet169_Weights.verify(weights), progress, kwargs
    )


@register_model()
@handle_legacy_interface(weights=("pretrained", DenseNet201_Weights.IMAGENET1K_V1))
def densenet201(
    *, weights: DenseNet201_Weights | None = None, progress: bool = True, **kwargs: Any
) -> DenseNet:
    """DenseNet of 201 layers: 20.0 million parameters. Arguments as for ``densenet121``."""
    return pretrained(
        partial(DenseNet, 32, (6, 12, 48, 32), 64), DenseNet201_Weights.verify(weights), progress, kwargs
    )
