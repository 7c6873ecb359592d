"""Pooling of regions from the level of a feature pyramid that suits their size. Source: https://arxiv.org/abs/1612.03144"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.choose import where
from ...ops.create import tensor, zeros
from ...ops.join import cat
from .boxes import box_area
from .regions import boxes_with_images, roi_align


class LevelMapper:
    """The level of the pyramid for each box: equation 1 of the paper.

    Args:
        k_min: the finest level there is; results count from it.
        k_max: the coarsest.
        canonical_scale: a box of this side belongs to ``canonical_level``.
        canonical_level: that level.
        eps: keeps boxes of just that side from falling a level.
    """

    def __init__(
        self, k_min: int, k_max: int, canonical_scale: int = 224, canonical_level: int = 4, eps: float = 1e-6
    ) -> None:
        self.k_min, self.k_max, self.eps = k_min, k_max, eps
        self.s0, self.lvl0 = canonical_scale, canonical_level

    def __call__(self, boxlists: list[Tensor]) -> Tensor:
        side: Any = cat([box_area(boxes) for boxes in boxlists]).sqrt()
        level = (self.lvl0 + (side / self.s0).log2() + tensor(self.eps, dtype=side.dtype)).floor()
        return level.clamp(min=self.k_min, max=self.k_max).to(dt.int64) - self.k_min


def _scale(feature: Any, image_size: tuple[int, int]) -> float:
    """Size of a feature map over that of the image: the nearest power of two."""
    return 2 ** float(tensor(float(feature.shape[-2]) / float(image_size[0])).log2().round())


class MultiScaleRoIAlign(nn.Module):
    """``roi_align`` from several feature maps, each box from the one that suits its size.

    Args:
        featmap_names: the names of the feature maps to use, finest first.
        output_size: rows and columns of the grid of bins.
        sampling_ratio: see ``roi_align``.
        canonical_scale: a box of this side …
        canonical_level: … is taken from this level, counted so that level k is smaller than the image by 2**k.
    """

    scales: list[float] | None
    map_levels: LevelMapper | None
    output_size: Any

    def __init__(
        self,
        featmap_names: list[str],
        output_size: int | tuple[int, int] | list[int],
        sampling_ratio: int,
        *,
        canonical_scale: int = 224,
        canonical_level: int = 4,
    ) -> None:
        super().__init__()
        self.featmap_names, self.sampling_ratio = featmap_names, sampling_ratio
        self.output_size = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
        self.scales, self.map_levels = None, None
        self.canonical_scale, self.canonical_level = canonical_scale, canonical_level

    def _measure(
        self, features: list, image_shapes: list[tuple[int, int]]
    ) -> tuple[list[float], LevelMapper]:
        """The scale of each map, found from the first batch."""
        if not image_shapes:
            raise ValueError("images list should not be empty")
        largest = (max(h for h, _ in image_shapes), max(w for _, w in image_shapes))
        scales = [_scale(f, largest) for f in features]
        finest, coarsest = (int(-tensor(s).log2().item()) for s in (scales[0], scales[-1]))
        return scales, LevelMapper(finest, coarsest, self.canonical_scale, self.canonical_level)

    def forward(
        self, x: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]
    ) -> Tensor:
        """Bins (K, C, *output_size) of all boxes.

        Args:
            x: feature maps (N, C, H, W) by name, in one number of channels.
            boxes: (L, 4) for each image, measured on the images.
            image_shapes: (height, width) of each image before the network.
        """
        features: list[Any] = [f for name, f in x.items() if name in self.featmap_names]
        if self.scales is None or self.map_levels is None:
            self.scales, self.map_levels = self._measure(features, image_shapes)
        rois: Any = boxes_with_images(boxes)
        if len(features) == 1:
            return roi_align(features[0], rois, self.output_size, self.scales[0], self.sampling_ratio)
        levels = self.map_levels(boxes)
        first = features[0]
        out = zeros((len(rois), first.shape[1], *self.output_size), dtype=first.dtype, device=first.device)
        for level, (feature, scale) in enumerate(zip(features, self.scales)):
            here = where(levels == level)[0]
            bins: Any = roi_align(feature, rois[here], self.output_size, scale, self.sampling_ratio)
            out[here] = bins.to(out.dtype)  # autocast may have left the levels in different types
        return out

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(featmap_names={self.featmap_names}, output_size={self.output_size}, "
            f"sampling_ratio={self.sampling_ratio})"
        )
