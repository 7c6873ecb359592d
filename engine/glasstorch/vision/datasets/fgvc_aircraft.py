"""FGVC Aircraft: 100 photographs of each of 100 variants of aircraft, which are hard to tell apart."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import default_loader
from .listed import ListedImages, not_found, numbered
from .utils import download_and_extract_archive, verify_str_arg


class FGVCAircraft(ListedImages):
    """Aircraft, by Maji, Kannala, Rahtu, Blaschko and Vedaldi.

    Args:
        root: the folder with ``fgvc-aircraft-2013b/``.
        split: ``train``, ``val``, ``trainval`` or ``test``.
        annotation_level: classes are each ``variant`` (100), ``family`` (70) or ``manufacturer`` (41).
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the names; ``class_to_idx``, their numbers.
    Source: https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/
    """

    _URL = "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/archives/fgvc-aircraft-2013b.tar.gz"
    _lists: ClassVar[dict[str, str]] = {
        "variant": "variants.txt",
        "family": "families.txt",
        "manufacturer": "manufacturers.txt",
    }

    def __init__(
        self,
        root: str | Path,
        split: str = "trainval",
        annotation_level: str = "variant",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        self._split = verify_str_arg(split, "split", ("train", "val", "trainval", "test"))
        self._annotation_level = verify_str_arg(annotation_level, "annotation_level", tuple(self._lists))
        folder = self._home / "fgvc-aircraft-2013b"
        if download and not folder.is_dir():
            download_and_extract_archive(self._URL, self._home)
        if not folder.is_dir():
            raise not_found("fgvc-aircraft-2013b.tar.gz", self._home)
        data = folder / "data"
        names = (data / self._lists[annotation_level]).read_text("utf-8").splitlines()
        self.classes = [name.strip() for name in names]
        self.class_to_idx = numbered(self.classes)
        listed = data / f"images_{annotation_level}_{split}.txt"
        for line in listed.read_text("utf-8").splitlines():
            image, name = line.strip().split(" ", 1)
            if name not in self.class_to_idx:
                raise RuntimeError(f"{listed} has {name!r}, which is no {annotation_level}.")
            self._image_files.append(os.path.join(data, "images", f"{image}.jpg"))
            self._labels.append(self.class_to_idx[name])
