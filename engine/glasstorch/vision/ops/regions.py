"""Pooling of regions of interest. Source: https://pytorch.org/vision/stable/ops.html#roi-align

The boxes are (x1, y1, x2, y2) with x1 < x2 and y1 < y2: a list with (L, 4) for each image, or one tensor (K, 5) whose
first column is the number of the image.
"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...core import dtype as dt
from ...core.refusals import not_implemented
from ...core.tensor import Tensor
from ...nn.modules.utils import _pair
from ...ops.choose import where
from ...ops.create import full_like
from ...ops.join import cat
from ...ops.pick import take
from ...ops.regions import Averaged, Regions, Sampled, average_regions, largest_in_regions

Boxes = Tensor | list[Tensor]


def boxes_with_images(boxes: Any) -> Tensor:
    """Boxes (K, 5), each with the number of its image before it; AssertionError for any other shape."""
    if isinstance(boxes, Tensor):
        if boxes.shape[1] != 5:
            raise AssertionError("The boxes tensor shape is not correct as Tensor[K, 5]")
        return boxes
    if not isinstance(boxes, (list, tuple)):
        raise AssertionError("boxes is expected to be a Tensor[L, 5] or a List[Tensor[K, 4]]")
    for b in boxes:
        if b.shape[1] != 4:
            raise AssertionError(
                "The shape of the tensor in the boxes list is not correct as List[Tensor[L, 4]]"
            )
    numbers = [full_like(b[:, :1], k) for k, b in enumerate(boxes)]
    return cat([cat(numbers), cat(list(boxes))], 1)


def _check(kernel: str, input: Any, rois: Any) -> None:
    if input.dtype is not rois.dtype:
        types = [f"torch.{t.dtype.legacy}Tensor" for t in (input, rois)]
        raise RuntimeError(
            f"Expected tensor for argument #1 'input' to have the same type as tensor for argument #2 'rois'; but type "
            f"{types[0]} does not equal {types[1]} (while checking arguments for {kernel})"
        )
    if input.dim() != 4:
        raise IndexError(f"Expected images (N, C, H, W), got {input.dim()} dimensions: {tuple(input.shape)}")
    if input.dtype not in (dt.float16, dt.float32, dt.float64):
        not_implemented(kernel, input.dtype)


def roi_align(
    input: Tensor,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    """Means of interpolated points in a grid of bins over each region. Source: https://arxiv.org/abs/1703.06870

    Args:
        input: images or features (N, C, H, W).
        boxes: see above; of the type of ``input``.
        output_size: rows and columns of the grid.
        spatial_scale: size of the features over the size of the images the boxes are measured on.
        sampling_ratio: points along each side of a bin; 0 or less takes about one for each element.
        aligned: count elements by their middles, which moves the boxes by half an element.

    Returns (K, C, *output_size).
    """
    rois = boxes_with_images(boxes)
    _check("roi_align_forward_kernel", input, rois)
    shift, at_least = (0.5, None) if aligned else (0.0, 1.0)
    how = Sampled(
        _pair(output_size), spatial_scale, sampling_ratio=sampling_ratio, shift=shift, at_least=at_least
    )
    return average_regions(input, rois, how)


def roi_pool(
    input: Tensor, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: float = 1.0
) -> Tensor:
    """The largest element in each of a grid of bins over each region. Source: https://arxiv.org/abs/1504.08083

    The arguments are those of ``roi_align``. Returns (K, C, *output_size); bins outside the image are 0.
    """
    rois = boxes_with_images(boxes)
    _check("roi_pool_forward_kernel", input, rois)
    at = largest_in_regions(input, rois, _pair(output_size), spatial_scale)
    return where(at >= 0, take(input, at.clamp(min=0)), 0) if input.numel() else at.to(input.dtype)


def _own_channels(input: Any, how: Regions) -> None:
    if input.shape[1] % (how.size[0] * how.size[1]):
        raise RuntimeError("input channels must be a multiple of pooling height * pooling width")


def ps_roi_align(
    input: Tensor,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
) -> Tensor:
    """``roi_align`` in which each bin has channels of its own. Source: https://arxiv.org/abs/1711.07264

    Returns (K, C / bins, *output_size).
    """
    rois = boxes_with_images(boxes)
    _check("ps_roi_align_forward_kernel", input, rois)
    how = Sampled(_pair(output_size), spatial_scale, True, sampling_ratio=sampling_ratio, shift=0.5)
    _own_channels(input, how)
    return average_regions(input, rois, how)


def ps_roi_pool(
    input: Tensor, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: float = 1.0
) -> Tensor:
    """Means over a grid of bins, each with channels of its own. Source: https://arxiv.org/abs/1605.06409

    Returns (K, C / bins, *output_size).
    """
    rois = boxes_with_images(boxes)
    _check("ps_roi_pool_forward_kernel", input, rois)
    how = Averaged(_pair(output_size), spatial_scale, True)
    _own_channels(input, how)
    return average_regions(input, rois, how)


class _RegionPool(nn.Module):
    """A pooling of regions as a layer."""

    output_size: Any
    spatial_scale: float

    def __init__(self, output_size: int | tuple[int, int], spatial_scale: float) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale

    def __repr__(self) -> str:
        given = ", ".join(f"{k}={v}" for k, v in vars(self).items() if k in self.shown)
        return f"{type(self).__name__}({given})"

    shown: tuple[str, ...] = ("output_size", "spatial_scale")


class RoIAlign(_RegionPool):
    """``roi_align`` as a layer, called with the features and the boxes."""

    shown = ("output_size", "spatial_scale", "sampling_ratio", "aligned")

    def __init__(
        self,
        output_size: int | tuple[int, int],
        spatial_scale: float,
        sampling_ratio: int,
        aligned: bool = False,
    ) -> None:
        super().__init__(output_size, spatial_scale)
        self.sampling_ratio, self.aligned = sampling_ratio, aligned

    def forward(self, input: Tensor, rois: Boxes) -> Tensor:
        return roi_align(input, rois, self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned)


class RoIPool(_RegionPool):
    """``roi_pool`` as a layer, called with the features and the boxes."""

    def forward(self, input: Tensor, rois: Boxes) -> Tensor:
        return roi_pool(input, rois, self.output_size, self.spatial_scale)


class PSRoIAlign(_RegionPool):
    """``ps_roi_align`` as a layer, called with the features and the boxes."""

    shown = ("output_size", "spatial_scale", "sampling_ratio")

    def __init__(self, output_size: int | tuple[int, int], spatial_scale: float, sampling_ratio: int) -> None:
        super().__init__(output_size, spatial_scale)
        self.sampling_ratio = sampling_ratio

    def forward(self, input: Tensor, rois: Boxes) -> Tensor:
        return ps_roi_align(input, rois, self.output_size, self.spatial_scale, self.sampling_ratio)


class PSRoIPool(_RegionPool):
    """``ps_roi_pool`` as a layer, called with the features and the boxes."""

    def forward(self, input: Tensor, rois: Boxes) -> Tensor:
        return ps_roi_pool(input, rois, self.output_size, self.spatial_scale)
