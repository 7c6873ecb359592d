"""Feature maps of all scales with the meaning of the coarsest. Source: https://arxiv.org/abs/1612.03144"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ...nn import functional as F
from .misc import Conv2dNormActivation


class ExtraFPNBlock(nn.Module):
    """What may add further, coarser maps to a pyramid.

    ``forward(results, x, names)`` gets the maps of the pyramid, those it was made from, and the names; it returns the
    longer lists of maps and names.
    """

    def forward(
        self, results: list[Tensor], x: list[Tensor], names: list[str]
    ) -> tuple[list[Tensor], list[str]]:
        raise NotImplementedError("An extra block says in forward() what it adds to the pyramid.")


class FeaturePyramidNetwork(nn.Module):
    """A pyramid over feature maps: each is joined by the next coarser one, enlarged.

    Args:
        in_channels_list: channels of each map, finest first.
        out_channels: channels of every map of the pyramid.
        extra_blocks: adds coarser maps.
        norm_layer: a normalization after each convolution.
    """

    _version = 2

    def __init__(
        self,
        in_channels_list: list[int],
        out_channels: int,
        extra_blocks: ExtraFPNBlock | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.inner_blocks = nn.ModuleList()
        self.layer_blocks = nn.ModuleList()
        for in_channels in in_channels_list:
            if in_channels == 0:
                raise ValueError("in_channels=0 is currently not supported")
            self.inner_blocks.append(
                Conv2dNormActivation(
                    in_channels, out_channels, 1, padding=0, norm_layer=norm_layer, activation_layer=None
                )
            )
            self.layer_blocks.append(
                Conv2dNormActivation(
                    out_channels, out_channels, 3, norm_layer=norm_layer, activation_layer=None
                )
            )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                _initialize(module)
        if extra_blocks is not None and not isinstance(extra_blocks, ExtraFPNBlock):
            raise TypeError(f"extra_blocks should be of type ExtraFPNBlock not {type(extra_blocks)}")
        self.extra_blocks = extra_blocks

    def _load_from_state_dict(self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any) -> None:
        if local_metadata.get("version") is None or local_metadata["version"] < 2:
            # Blocks were bare convolutions then
            for block in ("inner_blocks", "layer_blocks"):
                for i in range(len(self.inner_blocks)):
                    for kind in ("weight", "bias"):
                        old = f"{prefix}{block}.{i}.{kind}"
                        if old in state_dict:
                            state_dict[f"{prefix}{block}.{i}.0.{kind}"] = state_dict.pop(old)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

    def forward(self, x: dict[str, Tensor]) -> dict[str, Tensor]:
        """Maps (N, out_channels, H, W) under the names of ``x``, whose maps (N, C, H, W) come finest first."""
        names, maps = list(x), list(x.values())
        joined = self.inner_blocks[-1](maps[-1])
        results = [self.layer_blocks[-1](joined)]
        for k in range(len(maps) - 2, -1, -1):
            lateral = self.inner_blocks[k](maps[k])
            joined = lateral + F.interpolate(joined, size=lateral.shape[-2:], mode="nearest")
            results.insert(0, self.layer_blocks[k](joined))
        if self.extra_blocks is not None:
            results, names = self.extra_blocks(results, maps, names)
        return OrderedDict(zip(names, results))


def _initialize(convolution: Any) -> None:
    nn.init.kaiming_uniform_(convolution.weight, a=1)
    if convolution.bias is not None:
        nn.init.constant_(convolution.bias, 0)


class LastLevelMaxPool(ExtraFPNBlock):
    """Adds a map "pool": every second element of the coarsest."""

    def forward(
        self, results: list[Tensor], x: list[Tensor], names: list[str]
    ) -> tuple[list[Tensor], list[str]]:
        names.append("pool")
        results.append(F.max_pool2d(results[-1], kernel_size=1, stride=2, padding=0))
        return results, names


class LastLevelP6P7(ExtraFPNBlock):
    """Adds maps "p6" and "p7" by convolutions of stride 2, as RetinaNet does. Source: https://arxiv.org/abs/1708.02002"""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.p6 = nn.Conv2d(in_channels, out_channels, 3, 2, 1)
        self.p7 = nn.Conv2d(out_channels, out_channels, 3, 2, 1)
        for module in (self.p6, self.p7):
            _initialize(module)
        self.use_P5 = in_channels == out_channels

    def forward(
        self, results: list[Tensor], x: list[Tensor], names: list[str]
    ) -> tuple[list[Tensor], list[str]]:
        p6 = self.p6(results[-1] if self.use_P5 else x[-1])
        results.extend([p6, self.p7(F.relu(p6))])
        names.extend(["p6", "p7"])
        return results, names
