"""Cityscapes: street scenes of 50 cities, every pixel labelled; the archives are to be had after registration."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from .folder import open_image
from .utils import extract_archive, iterable_to_str, verify_str_arg
from .vision import VisionDataset


class CityscapesClass(NamedTuple):
    """A class: its number in the files (``id``) and in training (``train_id``, 255: leave out), its colour."""

    name: str
    id: int
    train_id: int
    category: str
    category_id: int
    has_instances: bool
    ignore_in_eval: bool
    color: tuple[int, int, int]


_c = CityscapesClass
SUFFIXES = {
    "instance": "instanceIds.png",
    "semantic": "labelIds.png",
    "polygon": "polygons.json",
    "color": "color.png",
}


class Cityscapes(VisionDataset):
    """Street scenes, by Cordts and others.

    Args:
        root: the folder with ``leftImg8bit/`` and ``gtFine/`` or ``gtCoarse/``, or with their archives as published,
            which are then unpacked.
        split: ``train``, ``val``, and ``test`` (``mode="fine"``) or ``train_extra`` (``mode="coarse"``).
        mode: ``fine`` or ``coarse`` labels.
        target_type: ``instance`` and ``semantic`` (Pillow images of numbers), ``color`` (one to look at), ``polygon``
            (a dictionary), or a list of these: a tuple.
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the target.
        transforms: a function of image and target, instead of the two.

    Source: https://www.cityscapes-dataset.com
    """

    CityscapesClass = CityscapesClass
    classes: ClassVar[list[Any]] = [
        _c("unlabeled", 0, 255, "void", 0, False, True, (0, 0, 0)),
        _c("ego vehicle", 1, 255, "void", 0, False, True, (0, 0, 0)),
        _c("rectification border", 2, 255, "void", 0, False, True, (0, 0, 0)),
        _c("out of roi", 3, 255, "void", 0, False, True, (0, 0, 0)),
        _c("static", 4, 255, "void", 0, False, True, (0, 0, 0)),
        _c("dynamic", 5, 255, "void", 0, False, True, (111, 74, 0)),
        _c("ground", 6, 255, "void", 0, False, True, (81, 0, 81)),
        _c("road", 7, 0, "flat", 1, False, False, (128, 64, 128)),
        _c("sidewalk", 8, 1, "flat", 1, False, False, (244, 35, 232)),
        _c("parking", 9, 255, "flat", 1, False, True, (250, 170, 160)),
        _c("rail track", 10, 255, "flat", 1, False, True, (230, 150, 140)),
        _c("building", 11, 2, "construction", 2, False, False, (70, 70, 70)),
        _c("wall", 12, 3, "construction", 2, False, False, (102, 102, 156)),
        _c("fence", 13, 4, "construction", 2, False, False, (190, 153, 153)),
        _c("guard rail", 14, 255, "construction", 2, False, True, (180, 165, 180)),
        _c("bridge", 15, 255, "construction", 2, False, True, (150, 100, 100)),
        _c("tunnel", 16, 255, "construction", 2, False, True, (150, 120, 90)),
        _c("pole", 17, 5, "object", 3, False, False, (153, 153, 153)),
        _c("polegroup", 18, 255, "object", 3, False, True, (153, 153, 153)),
        _c("traffic light", 19, 6, "object", 3, False, False, (250, 170, 30)),
        _c("traffic sign", 20, 7, "object", 3, False, False, (220, 220, 0)),
        _c("vegetation", 21, 8, "nature", 4, False, False, (107, 142, 35)),
        _c("terrain", 22, 9, "nature", 4, False, False, (152, 251, 152)),
        _c("sky", 23, 10, "sky", 5, False, False, (70, 130, 180)),
        _c("person", 24, 11, "human", 6, True, False, (220, 20, 60)),
        _c("rider", 25, 12, "human", 6, True, False, (255, 0, 0)),
        _c("car", 26, 13, "vehicle", 7, True, False, (0, 0, 142)),
        _c("truck", 27, 14, "vehicle", 7, True, False, (0, 0, 70)),
        _c("bus", 28, 15, "vehicle", 7, True, False, (0, 60, 100)),
        _c("caravan", 29, 255, "vehicle", 7, True, True, (0, 0, 90)),
        _c("trailer", 30, 255, "vehicle", 7, True, True, (0, 0, 110)),
        _c("train", 31, 16, "vehicle", 7, True, False, (0, 80, 100)),
        _c("motorcycle", 32, 17, "vehicle", 7, True, False, (0, 0, 230)),
        _c("bicycle", 33, 18, "vehicle", 7, True, False, (119, 11, 32)),
        _c("license plate", -1, -1, "vehicle", 7, False, True, (0, 0, 142)),
    ]

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        mode: str = "fine",
        target_type: list[str] | str = "instance",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        transforms: Callable | None = None,
    ) -> None:
        super().__init__(root, transforms, transform, target_transform)
        verify_str_arg(mode, "mode", ("fine", "coarse"))
        splits = ("train", "test", "val") if mode == "fine" else ("train", "train_extra", "val")
        self.split = verify_str_arg(
            split,
            "split",
            splits,
            f"Unknown value '{split}' for argument split if mode is '{mode}'. "
            f"Valid values are {{{iterable_to_str(splits)}}}.",
        )
        self.target_type = target_type if isinstance(target_type, list) else [target_type]
        for kind in self.target_type:
            verify_str_arg(kind, "target_type", tuple(SUFFIXES))
        self.mode = "gtFine" if mode == "fine" else "gtCoarse"
        home: Any = self.root
        self.images_dir = os.path.join(home, "leftImg8bit", split)
        self.targets_dir = os.path.join(home, self.mode, split)
        if not (os.path.isdir(self.images_dir) and os.path.isdir(self.targets_dir)):
            self._unpack(home)
        self.images: list[str] = []
        self.targets: list[list[str]] = []
        for city in os.listdir(self.images_dir):
            for name in os.listdir(os.path.join(self.images_dir, city)):
                start = os.path.join(self.targets_dir, city, f"{name.split('_leftImg8bit')[0]}_{self.mode}")
                self.images.append(os.path.join(self.images_dir, city, name))
                self.targets.append([f"{start}_{SUFFIXES[kind]}" for kind in self.target_type])

    def _unpack(self, home: str) -> None:
        images = (
            "leftImg8bit_trainextra.zip" if self.split == "train_extra" else "leftImg8bit_trainvaltest.zip"
        )
        targets = "gtFine_trainvaltest.zip" if self.mode == "gtFine" else "gtCoarse.zip"
        archives = [os.path.join(home, name) for name in (images, targets)]
        if not all(os.path.isfile(archive) for archive in archives):
            raise RuntimeError(
                "Dataset not found or incomplete. Please make sure all required folders for the specified "
                f'"split" and "mode" are inside the "root" directory, or put {images} and {targets} into {home}.'
            )
        for archive in archives:
            extract_archive(archive, home)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and what ``target_type`` asks for."""
        targets = tuple(
            json.loads(Path(path).read_text("utf-8")) if kind == "polygon" else open_image(path)
            for kind, path in zip(self.target_type, self.targets[index], strict=True)
        )
        image = open_image(self.images[index], "RGB")
        return self._transformed_together(image, targets if len(targets) > 1 else targets[0])

    def __len__(self) -> int:
        return len(self.images)

    def extra_repr(self) -> str:
        return f"Split: {self.split}\nMode: {self.mode}\nType: {self.target_type}"
