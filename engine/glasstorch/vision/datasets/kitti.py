"""KITTI: road scenes seen from a car, with boxes in the picture and in space around cars, people and others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import open_image
from .utils import download_and_extract_archive
from .vision import VisionDataset


class Kitti(VisionDataset):
    """Road scenes, by Geiger, Lenz and Urtasun: the benchmark of objects in pictures of the left colour camera.

    Args:
        root: the folder with ``Kitti/raw/``, which holds ``training/`` and ``testing/``.
        train: the training part, else the test part (whose targets are None).
        transform: a function of the image (a Pillow image).
        target_transform: a function of the target.
        transforms: a function of image and target, instead of the two.
        download: fetch the official archives and unpack them, unless that is done.

    A target is a list of dictionaries: ``type``, ``truncated``, ``occluded``, ``alpha``, ``bbox`` (left, top, right,
    bottom), ``dimensions``, ``location`` and ``rotation_y``.
    Source: https://www.cvlibs.net/datasets/kitti/eval_object.php
    """

    data_url = "https://s3.eu-central-1.amazonaws.com/avg-kitti/"
    resources = ("data_object_image_2.zip", "data_object_label_2.zip")
    image_dir_name = "image_2"
    labels_dir_name = "label_2"

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        transforms: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform, transforms=transforms)
        self.train = train
        home = os.path.join(self.root, type(self).__name__, "raw")  # type: ignore[arg-type]
        images, labels = (
            os.path.join(home, "training" if train else "testing", name)
            for name in (self.image_dir_name, self.labels_dir_name)
        )

        def there() -> bool:
            return os.path.isdir(images) and (not train or os.path.isdir(labels))

        if download and not there():
            for name in self.resources:
                download_and_extract_archive(self.data_url + name, home, filename=name)
        if not there():
            raise RuntimeError(
                "Dataset not found. You may use download=True to download it. "
                f"Or put {' and '.join(self.resources)} into {home} and unpack them there."
            )
        names = os.listdir(images)
        self.images = [os.path.join(images, name) for name in names]
        self.targets = [os.path.join(labels, f"{name.split('.')[0]}.txt") for name in names] if train else []

    def _parse_target(self, index: int) -> list[dict[str, Any]]:
        path = Path(self.targets[index])
        try:
            return [_thing(line.split(" ")) for line in path.read_text("utf-8").splitlines()]
        except (ValueError, IndexError) as error:
            raise RuntimeError(f"{path} is damaged: {error}. Unpack its archive again.") from error

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and what is in it."""
        image = open_image(self.images[index])
        return self._transformed_together(image, self._parse_target(index) if self.train else None)

    def __len__(self) -> int:
        return len(self.images)


def _thing(row: list[str]) -> dict[str, Any]:
    return {
        "type": row[0],
        "truncated": float(row[1]),
        "occluded": int(row[2]),
        "alpha": float(row[3]),
        "bbox": [float(x) for x in row[4:8]],
        "dimensions": [float(x) for x in row[8:11]],
        "location": [float(x) for x in row[11:14]],
        "rotation_y": float(row[14]),
    }
