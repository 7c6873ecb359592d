"""Erasing, compression, and mixing of the samples of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ....core.dtype import float32
from ....core.tensor import Tensor
from ....core.tree import tree_flatten, tree_unflatten
from ....distributions import Beta
from ....nn.functional import one_hot
from ....ops.create import empty, tensor
from ....ops.random import randint
from ... import tv_tensors
from ...pillow import is_image
from ..draws import sides
from ..transforms.arguments import check_erasing, check_sequence
from . import functional as F
from .functional.dispatch import is_pure_tensor
from .geometry import warn_of_passing
from .samples import has_any, labels_getter_of, query_chw, query_size
from .transform import RandomlyApplied, Transform


class RandomErasing(RandomlyApplied):
    """A random rectangle erased, with probability ``p``. Source: https://arxiv.org/abs/1708.04896

    Args:
        scale: its share of the area, from and to.
        ratio: its height over its width, from and to.
        value: what to write: a number, one for each channel, or "random" for normal noise.
        inplace: change the given tensor.
    """

    def __init__(
        self, p: float = 0.5, scale: Sequence[float] = (0.02, 0.33), ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0.0, inplace: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(p=p)
        check_erasing(scale, ratio, value)
        self.scale, self.ratio = scale, ratio
        several: Any = value if isinstance(value, (tuple, list)) else [value]
        self.value = None if isinstance(value, str) else [float(v) for v in several]
        self.inplace = inplace

    def _call_kernel(self, functional: Callable, inpt: Any, *args: Any, **kwargs: Any) -> Any:
        warn_of_passing(self, inpt)
        return super()._call_kernel(functional, inpt, *args, **kwargs)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        channels, height, width = query_chw(flat_inputs)
        if self.value is not None and len(self.value) not in (1, channels):
            raise ValueError(
                f"If value is a sequence, it should have either a single value or {channels} (number of inpt channels)"
            )
        for _ in range(10):
            h, w = sides(height * width, self.scale, self.ratio)
            if not (h < height and w < width):
                continue
            value: Any
            if self.value is None:
                value = empty([channels, h, w], dtype=float32).normal_()
            else:
                value = tensor(self.value)[:, None, None]
            i, j = int(randint(0, height - h + 1, (1,))), int(randint(0, width - w + 1, (1,)))
            return {"i": i, "j": j, "h": h, "w": w, "v": value}
        return {}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.erase, inpt, **params, inplace=self.inplace) if params else inpt


class JPEG(Transform):
    """As it is after compression to JPEG; ``quality``: one of 1 to 100, or from and to."""

    def __init__(self, quality: int | Sequence[int]) -> None:
        super().__init__()
        if isinstance(quality, bool):
            raise TypeError("quality can't be bool")
        if isinstance(quality, int):
            quality = [quality, quality]
        else:
            check_sequence(quality, "quality", (2,))
        low, high = quality
        if not (1 <= low <= high <= 100 and isinstance(low, int) and isinstance(high, int)):
            raise ValueError(f"quality must be an integer from 1 to 100, got {quality =}")
        self.quality = quality

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"quality": int(randint(self.quality[0], self.quality[1] + 1, (1,)))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.jpeg, inpt, quality=params["quality"])


class _Mixing(Transform):
    """What mixes each sample of a batch with the one before it, and their labels."""

    def __init__(
        self, *, alpha: float = 1.0, num_classes: int | None = None, labels_getter: Any = "default"
    ) -> None:
        super().__init__()
        self.alpha = float(alpha)
        self._distribution = Beta(tensor([alpha]), tensor([alpha]))
        self.num_classes = num_classes
        self._labels_getter = labels_getter_of(labels_getter)

    def _share(self) -> float:
        """How much of each sample stays."""
        return float(self._distribution.sample(()))

    def forward(self, *inputs: Any) -> Any:
        sample = inputs if len(inputs) > 1 else inputs[0]
        flat, spec = tree_flatten(sample)
        wanted = self._needs_transform_list(flat)
        if has_any(flat, is_image, tv_tensors.BoundingBoxes, tv_tensors.Mask, tv_tensors.KeyPoints):
            raise ValueError(
                f"{type(self).__name__}() does not support PIL images, bounding boxes, keypoints and masks."
            )
        labels = self._labels_getter(sample)
        self._check_labels(labels)
        params = self.make_params([inpt for inpt, want in zip(flat, wanted) if want])
        params |= {"labels": labels, "batch_size": labels.shape[0]}
        out = [
            self.transform(inpt, params) if want or inpt is labels else inpt
            for inpt, want in zip(flat, wanted)
        ]
        return tree_unflatten(out, spec)

    def _check_labels(self, labels: Any) -> None:
        if not isinstance(labels, Tensor):
            raise ValueError(f"The labels must be a tensor, but got {type(labels)} instead.")
        if labels.ndim not in (1, 2):
            raise ValueError(
                "labels should be index based with shape (batch_size,) or probability based with shape (batch_size, "
                f"num_classes), but got a tensor of shape {labels.shape} instead."
            )
        if labels.ndim == 2 and self.num_classes is not None and labels.shape[-1] != self.num_classes:
            raise ValueError(
                "When passing 2D labels, the number of elements in last dimension must match num_classes: "
                f"{labels.shape[-1]} != {self.num_classes}. You can Leave num_classes to None."
            )
        if labels.ndim == 1 and self.num_classes is None:
            raise ValueError("num_classes must be passed if the labels are index-based (1D)")

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if inpt is params["labels"]:
            return self._mixed_labels(inpt, params["share"])
        if not (isinstance(inpt, (tv_tensors.Image, tv_tensors.Video)) or is_pure_tensor(inpt)):
            return inpt
        dimensions = 5 if isinstance(inpt, tv_tensors.Video) else 4
        if inpt.ndim != dimensions:
            raise ValueError(
                f"Expected a batched input with {dimensions} dims, but got {inpt.ndim} dimensions instead."
            )
        if inpt.shape[0] != params["batch_size"]:
            raise ValueError(
                "The batch size of the image or video does not match the batch size of the labels: "
                f"{inpt.shape[0]} != {params['batch_size']}."
            )
        mixed = self._mixed(inpt.as_subclass(Tensor), params)
        return mixed if is_pure_tensor(inpt) else tv_tensors.wrap(mixed, like=inpt)

    def _mixed_labels(self, labels: Any, share: float) -> Any:
        if labels.ndim == 1:
            labels = one_hot(labels, num_classes=self.num_classes or -1)
        labels = labels if labels.is_floating_point() else labels.float()
        return labels.roll(1, 0).mul_(1.0 - share).add_(labels.mul(share))

    def _mixed(self, images: Any, params: dict[str, Any]) -> Any:
        raise NotImplementedError


class MixUp(_Mixing):
    """Each sample of a batch averaged with the one before it. Source: https://arxiv.org/abs/1710.09412

    Args:
        alpha: of the Beta distribution of the weights.
        num_classes: classes there are, where labels are their numbers.
        labels_getter: "default" looks for labels; a function finds them in a batch.
    """

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"share": self._share()}

    def _mixed(self, images: Any, params: dict[str, Any]) -> Any:
        return images.roll(1, 0).mul_(1.0 - params["share"]).add_(images.mul(params["share"]))


class CutMix(_Mixing):
    """Each sample of a batch with a rectangle from the one before it. Source: https://arxiv.org/abs/1905.04899

    The arguments are those of ``MixUp``; labels are mixed by area.
    """

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        share = self._share()
        height, width = query_size(flat_inputs)
        x, y = int(randint(width, (1,))), int(randint(height, (1,)))
        half = 0.5 * math.sqrt(1.0 - share)
        across, down = int(half * width), int(half * height)
        left, right = max(x - across, 0), min(x + across, width)
        top, bottom = max(y - down, 0), min(y + down, height)
        share = float(1.0 - (right - left) * (bottom - top) / (width * height))
        return {"box": (left, top, right, bottom), "share": share}

    def _mixed(self, images: Any, params: dict[str, Any]) -> Any:
        left, top, right, bottom = params["box"]
        out = images.clone()
        out[..., top:bottom, left:right] = images.roll(1, 0)[..., top:bottom, left:right]
        return out
