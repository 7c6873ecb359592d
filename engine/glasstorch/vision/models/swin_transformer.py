"""Swin Transformer: attention inside windows, which shift from layer to layer.

Sources: https://arxiv.org/abs/2103.14030, https://arxiv.org/abs/2111.09883 (V2)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ... import nn
from ...core.tensor import Tensor
from ..ops.misc import MLP, Permute
from ..ops.stochastic_depth import StochasticDepth
from ..transforms.functional import InterpolationMode
from ._api import WeightsEnum, published, register_model
from ._utils import handle_legacy_interface, pretrained
from ._windows import (
    Normalization,
    PatchMerging,
    PatchMergingV2,
    ShiftedWindowAttention,
    ShiftedWindowAttentionV2,
    shifted_window_attention,  # noqa: F401  (public there)
)

__all__ = [
    "SwinTransformer",
    *(f"Swin_{size}_Weights" for size in ("T", "S", "B", "V2_T", "V2_S", "V2_B")),
    *(f"swin_{size}" for size in ("t", "s", "b", "v2_t", "v2_s", "v2_b")),
]


class SwinTransformerBlock(nn.Module):
    """Attention in windows, then two linear layers, each normalized before and added to its input.

    Args:
        dim: length C of the vector at each place.
        num_heads: of the attention.
        window_size: height and width of a window.
        shift_size: by how much the windows are moved.
        mlp_ratio: length between the two linear layers, divided by ``dim``.
        dropout: the probability after attention and linear layers.
        attention_dropout: the probability on the attention weights.
        stochastic_depth_prob: the probability that a row of a batch goes without either part, in training.
        norm_layer: called with ``dim``.
        attn_layer: makes the attention; called as ``ShiftedWindowAttention``.

    From (N, H, W, C) to the same.
    """

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: list[int],
        shift_size: list[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.0,
        norm_layer: Normalization = nn.LayerNorm,
        attn_layer: Callable[..., nn.Module] = ShiftedWindowAttention,
    ) -> None:
        super().__init__()
        self.norm1 = norm_layer(dim)
        self.attn = attn_layer(
            dim, window_size, shift_size, num_heads, attention_dropout=attention_dropout, dropout=dropout
        )
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.norm2 = norm_layer(dim)
        hidden = int(dim * mlp_ratio)
        self.mlp = MLP(dim, [hidden, dim], activation_layer=nn.GELU, inplace=None, dropout=dropout)
        for m in self.mlp.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                if m.bias is not None:
                    nn.init.normal_(m.bias, std=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.stochastic_depth(self.attn(self.norm1(x)))
        return x + self.stochastic_depth(self.mlp(self.norm2(x)))


class SwinTransformerBlockV2(SwinTransformerBlock):
    """The second version: normalized after, not before. Arguments as for ``SwinTransformerBlock``."""

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: list[int],
        shift_size: list[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.0,
        norm_layer: Normalization = nn.LayerNorm,
        attn_layer: Callable[..., nn.Module] = ShiftedWindowAttentionV2,
    ) -> None:
        super().__init__(
            dim, num_heads, window_size, shift_size, mlp_ratio, dropout, attention_dropout,
            stochastic_depth_prob, norm_layer, attn_layer,
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.stochastic_depth(self.norm1(self.attn(x)))
        return x + self.stochastic_depth(self.norm2(self.mlp(x)))


class SwinTransformer(nn.Module):
    """Patches, stages of blocks, and between them the merging of four neighbours into one.

    Args:
        patch_size: height and width of a patch.
        embed_dim: length of the vector for a patch; it doubles from stage to stage.
        depths: blocks in each stage.
        num_heads: of the attention in each stage.
        window_size: height and width of a window.
        mlp_ratio, dropout, attention_dropout: as for ``SwinTransformerBlock``.
        stochastic_depth_prob: that of the last block; it grows linearly from 0.
        num_classes: of the output (N, num_classes).
        norm_layer: called with the length of the vectors; layer normalization by default.
        block: makes a block; called as ``SwinTransformerBlock``.
        downsample_layer: makes the merging; called as ``PatchMerging``.

    The input is (N, 3, H, W).
    """

    def __init__(
        self,
        patch_size: list[int],
        embed_dim: int,
        depths: list[int],
        num_heads: list[int],
        window_size: list[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.1,
        num_classes: int = 1000,
        norm_layer: Normalization | None = None,
        block: Callable[..., nn.Module] | None = None,
        downsample_layer: Callable[..., nn.Module] = PatchMerging,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        norm_layer = norm_layer or partial(nn.LayerNorm, eps=1e-5)
        block = partial(
            block or SwinTransformerBlock, window_size=window_size, mlp_ratio=mlp_ratio, dropout=dropout,
            attention_dropout=attention_dropout, norm_layer=norm_layer,
        )  # fmt: skip
        size = (patch_size[0], patch_size[1])
        patches = nn.Conv2d(3, embed_dim, size, stride=size)
        layers: list[nn.Module] = [nn.Sequential(patches, Permute([0, 2, 3, 1]), norm_layer(embed_dim))]
        dim, total, done = embed_dim, sum(depths), 0
        for i, (depth, heads) in enumerate(zip(depths, num_heads)):
            stage = []
            for k in range(depth):
                shift = [0 if k % 2 == 0 else w // 2 for w in window_size]
                probability = stochastic_depth_prob * done / (total - 1)
                stage.append(block(dim, heads, shift_size=shift, stochastic_depth_prob=probability))
                done += 1
            layers.append(nn.Sequential(*stage))
            if i < len(depths) - 1:
                layers.append(downsample_layer(dim, norm_layer))
                dim *= 2
        self.features = nn.Sequential(*layers)
        self.norm = norm_layer(dim)
        self.permute = Permute([0, 3, 1, 2])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.head = nn.Linear(dim, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.trunc_normal_(m.weight, std=0.02)
                if m.bias is not None:
                    nn.init.zeros_(m.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.permute(self.norm(self.features(x)))
        return self.head(self.flatten(self.avgpool(x)))


def _swin(
    embed_dim: int,
    third: int,
    heads: int,
    window: int,
    stochastic_depth_prob: float,
    weights: WeightsEnum | None,
    progress: bool,
    kwargs: dict[str, Any],
    **kind: Any,
) -> SwinTransformer:
    """Four stages: ``third`` blocks in the third, two in the others; heads double from stage to stage."""
    make = partial(
        SwinTransformer, [4, 4], embed_dim, [2, 2, third, 2], [heads << i for i in range(4)], [window, window],
        stochastic_depth_prob=stochastic_depth_prob, **kind,
    )  # fmt: skip
    return pretrained(make, weights, progress, kwargs)


V2: dict[str, Any] = {"block": SwinTransformerBlockV2, "downsample_layer": PatchMergingV2}


class Swin_T_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_t-704ceda3.pth", crop_size=224, resize_size=232, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


class Swin_S_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_s-5e29d889.pth", crop_size=224, resize_size=246, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


class Swin_B_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_b-68c6b09e.pth", crop_size=224, resize_size=238, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


class Swin_V2_T_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_v2_t-b137f0e2.pth", crop_size=256, resize_size=260, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


class Swin_V2_S_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_v2_s-637d8ceb.pth", crop_size=256, resize_size=260, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


class Swin_V2_B_Weights(WeightsEnum):
    IMAGENET1K_V1 = published(
        "swin_v2_b-781e5279.pth", crop_size=256, resize_size=272, interpolation=InterpolationMode.BICUBIC
    )
    DEFAULT = IMAGENET1K_V1


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_T_Weights.IMAGENET1K_V1))
def swin_t(*, weights: Swin_T_Weights | None = None, progress: bool = True, **kwargs: Any) -> SwinTransformer:
    """Swin Transformer T: 28.3 million parameters.

    Args:
        weights: a member of ``Swin_T_Weights``, its name, or None for the random start.
        progress: show how far a download is.
        kwargs: for ``SwinTransformer``.
    """
    return _swin(96, 6, 3, 7, 0.2, Swin_T_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_S_Weights.IMAGENET1K_V1))
def swin_s(*, weights: Swin_S_Weights | None = None, progress: bool = True, **kwargs: Any) -> SwinTransformer:
    """Swin Transformer S: 49.6 million parameters. Arguments as for ``swin_t``."""
    return _swin(96, 18, 3, 7, 0.3, Swin_S_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_B_Weights.IMAGENET1K_V1))
def swin_b(*, weights: Swin_B_Weights | None = None, progress: bool = True, **kwargs: Any) -> SwinTransformer:
    """Swin Transformer B: 87.8 million parameters. Arguments as for ``swin_t``."""
    return _swin(128, 18, 4, 7, 0.5, Swin_B_Weights.verify(weights), progress, kwargs)


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_V2_T_Weights.IMAGENET1K_V1))
def swin_v2_t(
    *, weights: Swin_V2_T_Weights | None = None, progress: bool = True, **kwargs: Any
) -> SwinTransformer:
    """Swin Transformer V2 T: 28.4 million parameters. Arguments as for ``swin_t``."""
    return _swin(96, 6, 3, 8, 0.2, Swin_V2_T_Weights.verify(weights), progress, kwargs, **V2)


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_V2_S_Weights.IMAGENET1K_V1))
def swin_v2_s(
    *, weights: Swin_V2_S_Weights | None = None, progress: bool = True, **kwargs: Any
) -> SwinTransformer:
    """Swin Transformer V2 S: 49.7 million parameters. Arguments as for ``swin_t``."""
    return _swin(96, 18, 3, 8, 0.3, Swin_V2_S_Weights.verify(weights), progress, kwargs, **V2)


@register_model()
@handle_legacy_interface(weights=("pretrained", Swin_V2_B_Weights.IMAGENET1K_V1))
def swin_v2_b(
    *, weights: Swin_V2_B_Weights | None = None, progress: bool = True, **kwargs: Any
) -> SwinTransformer:
    """Swin Transformer V2 B: 87.9 million parameters. Arguments as for ``swin_t``."""
    return _swin(128, 18, 4, 8, 0.5, Swin_V2_B_Weights.verify(weights), progress, kwargs, **V2)
