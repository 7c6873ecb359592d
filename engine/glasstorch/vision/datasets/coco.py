"""MS COCO, "Common Objects in Context": photographs, the things in them, and sentences about them.

A set is a folder of images and one JSON file, which lists images, annotations and categories, each with an ``id``;
an annotation names its image by ``image_id``. Source: https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .coco_masks import mask_of
from .folder import open_image
from .vision import VisionDataset


class COCO:
    """A JSON file of COCO's, indexed; with the look-ups of the package ``pycocotools`` that data loading needs.

    Attributes: ``dataset``, the file's content; ``anns``, ``imgs`` and ``cats``, entries by id; ``imgToAnns`` and
    ``catToImgs``, lists by id. All in the file's order.
    """

    def __init__(self, annotation_file: str | Path | None = None) -> None:
        self.dataset: dict[str, Any] = {}
        if annotation_file is not None:
            try:
                with open(annotation_file, encoding="utf-8") as f:
                    self.dataset = json.load(f)
            except ValueError as error:
                raise RuntimeError(
                    f"{annotation_file} is damaged: {error}. Unpack its archive again."
                ) from error
            if not isinstance(self.dataset, dict):
                raise TypeError(
                    f"annotation file format {type(self.dataset)} not supported: {annotation_file}"
                )
        self.createIndex()

    def createIndex(self) -> None:
        """Make the look-up tables from ``dataset``."""
        annotations = self.dataset.get("annotations", [])
        self.anns = {entry["id"]: entry for entry in annotations}
        self.imgs = {entry["id"]: entry for entry in self.dataset.get("images", [])}
        self.cats = {entry["id"]: entry for entry in self.dataset.get("categories", [])}
        self.imgToAnns: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        self.catToImgs: defaultdict[int, list[int]] = defaultdict(list)
        for entry in annotations:
            self.imgToAnns[entry["image_id"]].append(entry)
            if self.cats and "category_id" in entry:
                self.catToImgs[entry["category_id"]].append(entry["image_id"])

    def getAnnIds(
        self, imgIds: Any = (), catIds: Any = (), areaRng: Any = (), iscrowd: bool | None = None
    ) -> list[int]:
        """The ids of annotations of these images and categories, with an area between the two numbers of
        ``areaRng``, of crowds or not; what is not given does not matter."""
        images, categories = _ids(imgIds), set(_ids(catIds))
        entries: Iterable[dict[str, Any]] = self.dataset.get("annotations", [])
        if images:
            entries = (
                entry for image in images if image in self.imgToAnns for entry in self.imgToAnns[image]
            )
        return [
            entry["id"]
            for entry in entries
            if (not categories or entry["category_id"] in categories)
            and (not len(areaRng) or areaRng[0] < entry["area"] < areaRng[1])
            and (iscrowd is None or entry["iscrowd"] == iscrowd)
        ]

    def getCatIds(self, catNms: Any = (), supNms: Any = (), catIds: Any = ()) -> list[int]:
        """The ids of categories with these names, higher categories and ids; what is not given does not matter."""
        names = [catNms] if isinstance(catNms, str) else catNms
        higher = [supNms] if isinstance(supNms, str) else supNms
        wanted = _ids(catIds)
        return [
            entry["id"]
            for entry in self.dataset.get("categories", [])
            if (not names or entry["name"] in names)
            and (not higher or entry["supercategory"] in higher)
            and (not wanted or entry["id"] in wanted)
        ]

    def getImgIds(self, imgIds: Any = (), catIds: Any = ()) -> list[int]:
        """The ids of images among these that show things of all these categories."""
        images, categories = _ids(imgIds), _ids(catIds)
        if not images and not categories:
            return list(self.imgs)
        found = set(images or self.catToImgs[categories[0]])
        for category in categories:
            found &= set(self.catToImgs[category])
        return list(found)

    def loadAnns(self, ids: Any = ()) -> list[dict[str, Any]]:
        """The annotations with these ids."""
        return [self.anns[i] for i in _ids(ids)]

    def loadCats(self, ids: Any = ()) -> list[dict[str, Any]]:
        """The categories with these ids."""
        return [self.cats[i] for i in _ids(ids)]

    def loadImgs(self, ids: Any = ()) -> list[dict[str, Any]]:
        """What is known of the images with these ids: file name, size and so on."""
        return [self.imgs[i] for i in _ids(ids)]

    def annToMask(self, ann: dict[str, Any]) -> np.ndarray:
        """Which pixels belong to an annotated thing: uint8 (height, width) of its image, 0 and 1."""
        image = self.imgs[ann["image_id"]]
        return mask_of(ann["segmentation"], image["height"], image["width"])


def _ids(ids: Any) -> list[Any]:
    return list(ids) if hasattr(ids, "__iter__") and not isinstance(ids, str) else [ids]


class CocoDetection(VisionDataset):
    """COCO's photographs, and what is in each: a list of dictionaries.

    Args:
        root: the folder of the images.
        annFile: the JSON file, for example ``instances_val2017.json``.
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the target.
        transforms: a function of image and target, instead of the two.

    Attributes: ``ids``, the images' ids, sorted; ``coco``, the annotations (``COCO``). A target's dictionaries have
    what the file has: ``bbox`` (x, y, width, height), ``category_id``, ``segmentation`` (polygons or run lengths,
    as they stand), ``area``, ``iscrowd``, ``id`` and ``image_id``.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoDetection.html
    """

    def __init__(
        self,
        root: str | Path,
        annFile: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        transforms: Callable | None = None,
    ) -> None:
        super().__init__(root, transforms, transform, target_transform)
        self.coco = COCO(annFile)
        self.ids = sorted(self.coco.imgs)

    def _load_image(self, id: int) -> Any:
        name = self.coco.loadImgs(id)[0]["file_name"]
        return open_image(os.path.join(self.root, name), "RGB")  # type: ignore[arg-type]

    def _load_target(self, id: int) -> list[Any]:
        return self.coco.loadAnns(self.coco.getAnnIds(id))

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and its annotations, in the file's order."""
        if not isinstance(index, int):
            raise ValueError(f"Index must be of type integer, got {type(index)} instead.")
        id = self.ids[index]
        return self._transformed_together(self._load_image(id), self._load_target(id))

    def __len__(self) -> int:
        return len(self.ids)


class CocoCaptions(CocoDetection):
    """COCO's photographs, and sentences about each: a list of strings. Arguments as for ``CocoDetection``.

    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoCaptions.html
    """

    def _load_target(self, id: int) -> list[str]:
        return [entry["caption"] for entry in super()._load_target(id)]
