"""Food-101: photographs of 101 dishes, 750 of each to train on (not cleaned) and 250 to test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .listed import ListedImages, not_found, numbered
from .utils import download_and_extract_archive, verify_str_arg


class Food101(ListedImages):
    """Dishes, by Bossard, Guillaumin and Van Gool.

    Args:
        root: the folder with ``food-101/``, which holds ``images/`` and ``meta/``.
        split: ``train`` or ``test``.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the sorted names; ``class_to_idx``, their numbers.
    Source: https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/
    """

    _URL = "http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz"
    _MD5 = "85eeb15f3717b99a5da872d97d918f87"

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        self._split = verify_str_arg(split, "split", ("train", "test"))
        folder = self._home / "food-101"
        self._meta_folder, self._images_folder = folder / "meta", folder / "images"
        if download and not self._check_exists():
            download_and_extract_archive(self._URL, self._home, md5=self._MD5)
        if not self._check_exists():
            raise not_found(f"food-101.tar.gz (md5 {self._MD5})", self._home)
        images = json.loads((self._meta_folder / f"{split}.json").read_text("utf-8"))
        self.classes: list[str] = sorted(images)
        self.class_to_idx = numbered(self.classes)
        for name, paths in images.items():
            self._image_files += [self._images_folder.joinpath(*f"{path}.jpg".split("/")) for path in paths]
            self._labels += [self.class_to_idx[name]] * len(paths)

    def _check_exists(self) -> bool:
        return self._meta_folder.is_dir() and self._images_folder.is_dir()

    def extra_repr(self) -> str:
        return f"split={self._split}"
