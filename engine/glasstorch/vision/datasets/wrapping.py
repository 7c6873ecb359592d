"""Targets as ``transforms.v2`` want them: boxes, masks and labels as tensors that say what they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from typing import Any

import numpy as np

from ... import vision  # tv_tensors make every call look further: imported with the first wrapped item
from ...ops.create import tensor
from ...ops.exchange import from_numpy
from ...ops.join import stack
from .caltech import Caltech101, Caltech256
from .celeba import CelebA
from .cifar import CIFAR10
from .cityscapes import Cityscapes
from .coco import CocoCaptions, CocoDetection
from .coco_masks import mask_of
from .folder import DatasetFolder
from .gtsrb import GTSRB
from .imagenette import Imagenette
from .kitti import Kitti
from .mnist import MNIST
from .oxford_iiit_pet import OxfordIIITPet
from .sbd import SBDataset
from .vision import VisionDataset
from .voc import VOCDetection, VOCSegmentation
from .widerface import WIDERFace

# What changes an item: a function of (index, (image, target)) that gives the new pair. For each class, how to make it
# for one of its objects; a class without an entry takes that of the class it comes from.
Change = Callable[[int, tuple[Any, Any]], tuple[Any, Any]]
CHANGES: dict[type, Callable[[Any, Any], Change]] = {}
WITH_KEYS = (CocoDetection, VOCDetection, Kitti, WIDERFace)  # whose targets are dictionaries

VOC_CATEGORIES = (
    *(
        "__background__",
        "aeroplane",
        "bicycle",
        "bird",
        "boat",
        "bottle",
        "bus",
        "car",
        "cat",
        "chair",
        "cow",
    ),
    *(
        "diningtable",
        "dog",
        "horse",
        "motorbike",
        "person",
        "pottedplant",
        "sheep",
        "sofa",
        "train",
        "tvmonitor",
    ),
)
KITTI_CATEGORIES = (
    *("Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc", "DontCare"),
)


def wrap_dataset_for_transforms_v2(dataset: Any, target_keys: str | Collection[str] | None = None) -> Any:
    """The same data set, with targets for ``transforms.v2``: ``Mask`` and ``BoundingBoxes`` (x1, y1, x2, y2).

    Sets for classification are left as they are. ``CocoDetection``, ``VOCDetection``, ``Kitti`` and ``WIDERFace``
    give dictionaries, with ``boxes``, ``labels`` and for COCO ``masks``, and the keys of their own.

    Args:
        dataset: one of this package's sets, or of a class that comes from one.
        target_keys: which keys of a dictionary are wanted; None: image_id, boxes and labels, where there are (of
            WIDERFace all); "all".

    Raises: TypeError for other sets, ValueError for keys that there are not.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.wrap_dataset_for_transforms_v2.html
    """
    several = isinstance(target_keys, Collection) and all(isinstance(key, str) for key in target_keys)
    if not (target_keys is None or target_keys == "all" or several):
        raise ValueError(
            "`target_keys` can be None, 'all', or a collection of strings denoting the keys to be returned, "
            f"but got {target_keys}"
        )
    # A new class that comes from both, so that isinstance(wrapped, CocoDetection) holds.
    cls = type(f"Wrapped{type(dataset).__name__}", (_Wrapped, type(dataset)), {})
    return cls(dataset, target_keys)


class _Wrapped:
    """Takes items from another data set, changes them, and then applies that one's transforms."""

    def __init__(self, dataset: Any, target_keys: Any) -> None:
        kind = type(dataset)
        if not isinstance(dataset, VisionDataset):
            raise TypeError(
                "This wrapper is meant for subclasses of `torchvision.datasets.VisionDataset`, "
                f"but got a '{kind.__name__}' instead."
            )
        known = next((cls for cls in kind.mro() if cls in CHANGES), None)
        if known is None:
            raise TypeError(
                f"No wrapper exists for dataset class {kind.__name__}. Please wrap the output yourself."
            )
        if target_keys is not None and known not in WITH_KEYS:
            raise ValueError(
                "`target_keys` is currently only supported for `CocoDetection`, `VOCDetection`, `Kitti`, and "
                f"`WIDERFace`, but got {known.__name__}."
            )
        self._dataset, self._target_keys = dataset, target_keys
        self._change = CHANGES[known](dataset, target_keys)
        # The transforms are to see the changed items, so the wrapped set gives its own without.
        for name in ("transform", "target_transform", "transforms"):
            setattr(self, name, getattr(dataset, name))
            setattr(dataset, name, None)

    def __getattr__(self, name: str) -> Any:
        if name == "_dataset":  # while it is being made
            raise AttributeError(name)
        return getattr(self._dataset, name)

    def __getitem__(self, index: int) -> Any:
        sample = self._change(index, self._dataset[index])
        return sample if self.transforms is None else self.transforms(*sample)

    def __len__(self) -> int:
        return len(self._dataset)

    def __reduce__(self) -> tuple:
        dataset = copy(self._dataset)
        for name in ("transform", "target_transform", "transforms"):
            setattr(dataset, name, getattr(self, name))
        return wrap_dataset_for_transforms_v2, (dataset, self._target_keys)


def _not_supported(what: str) -> RuntimeError:
    return RuntimeError(
        f"{what} is currently not supported by this wrapper. Please wrap the output yourself."
    )


def _chosen(target_keys: Any, available: set[str], default: set[str]) -> set[str]:
    if target_keys is None:
        return default
    if target_keys == "all":
        return available
    if unknown := set(target_keys) - available:
        raise ValueError(f"Target keys {sorted(unknown)} are not available")
    return set(target_keys)


def _boxes(corners: Any, image: Any) -> vision.tv_tensors.BoundingBoxes:
    """Boxes (x1, y1, x2, y2) in a Pillow image."""
    size = (image.height, image.width)
    return vision.tv_tensors.BoundingBoxes(
        corners, format=vision.tv_tensors.BoundingBoxFormat.XYXY, canvas_size=size
    )


def _boxes_of_sizes(sizes: Any, image: Any) -> vision.tv_tensors.BoundingBoxes:
    """Boxes given as (x, y, width, height)."""
    corners: Any = tensor(sizes) if isinstance(sizes, list) else sizes.clone()
    corners[..., 2:] += corners[..., :2]
    return _boxes(corners, image)


def _columns(things: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """A list of dictionaries as a dictionary of lists."""
    names = dict.fromkeys(name for thing in things for name in thing)
    return {name: [thing[name] for thing in things if name in thing] for name in names}


def _unchanged(dataset: Any, target_keys: Any) -> Change:
    return lambda index, sample: sample


def _by_kind(kinds: list[str], changes: dict[str, Callable[[Any, Any], Any]]) -> Change:
    """For targets that are a tuple of several kinds: change each as its kind asks."""

    def change(index: int, sample: tuple[Any, Any]) -> tuple[Any, Any]:
        image, target = sample
        if target is None:
            return sample
        parts = target if isinstance(target, (tuple, list)) else (target,)
        new = tuple(
            changes[kind](image, part) if kind in changes else part
            for kind, part in zip(kinds, parts, strict=False)
        )
        return image, new if len(new) > 1 else new[0]

    return change


def _mask(image: Any, mask: Any) -> vision.tv_tensors.Mask:
    return vision.tv_tensors.Mask(mask)


def _caltech101(dataset: Any, target_keys: Any) -> Change:
    if "annotation" in dataset.target_type:
        raise _not_supported("Caltech101 dataset with `target_type=['annotation', ...]`")
    return _unchanged(dataset, target_keys)


def _sbd(dataset: Any, target_keys: Any) -> Change:
    if dataset.mode == "boundaries":
        raise _not_supported("SBDataset with mode='boundaries'")
    return _voc_segmentation(dataset, target_keys)


def _voc_segmentation(dataset: Any, target_keys: Any) -> Change:
    return lambda index, sample: (sample[0], vision.tv_tensors.Mask(sample[1]))


def _coco(dataset: Any, target_keys: Any) -> Change:
    own = {"segmentation", "area", "iscrowd", "image_id", "bbox", "category_id"}
    keys = _chosen(target_keys, own | {"boxes", "masks", "labels"}, {"image_id", "boxes", "labels"})

    def change(index: int, sample: tuple[Any, Any]) -> tuple[Any, Any]:
        image, things = sample
        image_id = dataset.ids[index]
        if not things:
            return image, {"image_id": image_id}
        columns = _columns(things)
        target: dict[str, Any] = {key: columns[key] for key in keys & own}
        if "image_id" in keys:
            target["image_id"] = image_id
        if "boxes" in keys:
            target["boxes"] = _boxes_of_sizes(columns["bbox"], image)
        if "masks" in keys:
            masks = [from_numpy(mask_of(s, image.height, image.width)) for s in columns["segmentation"]]
            target["masks"] = vision.tv_tensors.Mask(stack(masks))
        if "labels" in keys:
            target["labels"] = tensor(columns["category_id"])
        return image, target

    return change


def _voc_detection(dataset: Any, target_keys: Any) -> Change:
    keys = _chosen(target_keys, {"annotation", "boxes", "labels"}, {"boxes", "labels"})

    def change(index: int, sample: tuple[Any, Any]) -> tuple[Any, Any]:
        image, target = sample
        things = target["annotation"]["object"]
        if "annotation" not in keys:
            target = {}
        if "boxes" in keys:
            corners = [[int(t["bndbox"][side]) for side in ("xmin", "ymin", "xmax", "ymax")] for t in things]
            target["boxes"] = _boxes(corners, image)
        if "labels" in keys:
            target["labels"] = tensor([VOC_CATEGORIES.index(t["name"]) for t in things])
        return image, target

    return change


def _celeba(dataset: Any, target_keys: Any) -> Change:
    if {"attr", "landmarks"} & set(dataset.target_type):
        raise _not_supported("`CelebA` dataset with `target_type=['attr', 'landmarks', ...]`")
    return _by_kind(dataset.target_type, {"bbox": lambda image, box: _boxes_of_sizes(box, image)})


def _kitti(dataset: Any, target_keys: Any) -> Change:
    own = {"type", "truncated", "occluded", "alpha", "bbox", "dimensions", "location", "rotation_y"}
    keys = _chosen(target_keys, own | {"boxes", "labels"}, {"boxes", "labels"})

    def change(index: int, sample: tuple[Any, Any]) -> tuple[Any, Any]:
        image, things = sample
        if things is None:
            return sample
        columns = _columns(things)
        target: dict[str, Any] = {key: columns[key] for key in keys & own}
        if "boxes" in keys:
            target["boxes"] = _boxes(columns["bbox"], image)
        if "labels" in keys:
            target["labels"] = tensor([KITTI_CATEGORIES.index(name) for name in columns["type"]])
        return image, target

    return change


def _pets(dataset: Any, target_keys: Any) -> Change:
    return _by_kind(dataset._target_types, {"segmentation": _mask})


def _instances(image: Any, mask: Any) -> dict[str, Any]:
    """A mask (1, height, width) for each number in an image; from 1000 on a number is class times 1000 plus count."""
    pixels = np.array(mask)
    if pixels.dtype == np.uint16:  # of which tensors can do little
        pixels = pixels.astype(np.int32)
    numbers = np.unique(pixels)
    labels = np.array([n // 1000 if n >= 1000 else n for n in numbers.tolist()], numbers.dtype)
    return {
        "masks": vision.tv_tensors.Mask(from_numpy(pixels == numbers[:, None, None, None])),
        "labels": from_numpy(labels),
    }


def _cityscapes(dataset: Any, target_keys: Any) -> Change:
    if {"polygon", "color"} & set(dataset.target_type):
        raise _not_supported("`Cityscapes` dataset with `target_type=['polygon', 'color', ...]`")
    return _by_kind(dataset.target_type, {"instance": _instances, "semantic": _mask})


def _widerface(dataset: Any, target_keys: Any) -> Change:
    available = {"bbox", "blur", "expression", "illumination", "occlusion", "pose", "invalid"}
    keys = _chosen(target_keys, available, available)

    def change(index: int, sample: tuple[Any, Any]) -> tuple[Any, Any]:
        image, faces = sample
        if faces is None:
            return sample
        target = {key: faces[key] for key in keys}
        if "bbox" in keys:
            target["bbox"] = _boxes_of_sizes(target["bbox"], image)
        return image, target

    return change


CHANGES.update(
    dict.fromkeys((Caltech256, CIFAR10, MNIST, DatasetFolder, GTSRB, Imagenette, CocoCaptions), _unchanged)
)
CHANGES.update(
    {
        Caltech101: _caltech101,
        CelebA: _celeba,
        Cityscapes: _cityscapes,
        CocoDetection: _coco,
        Kitti: _kitti,
        OxfordIIITPet: _pets,
        SBDataset: _sbd,
        VOCDetection: _voc_detection,
        VOCSegmentation: _voc_segmentation,
        WIDERFace: _widerface,
    }
)
