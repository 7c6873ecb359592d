"""DTD, the Describable Textures Dataset: 47 kinds of textures, from banded to zigzagged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .listed import ListedImages, not_found, numbered
from .utils import download_and_extract_archive, verify_str_arg


class DTD(ListedImages):
    """Textures, by Cimpoi, Maji, Kokkinos, Mohamed and Vedaldi.

    Args:
        root: the folder with ``dtd/dtd/``, which holds ``images/`` and ``labels/``.
        split: ``train``, ``val`` or ``test``.
        partition: which of the ten published partitions into splits, 1 to 10.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the sorted names; ``class_to_idx``, their numbers.
    Source: https://www.robots.ox.ac.uk/~vgg/data/dtd/
    """

    _URL = "https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz"
    _MD5 = "fff73e5086ae6bdbea199a49dfb8a4c1"

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        partition: int = 1,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        self._split = verify_str_arg(split, "split", ("train", "val", "test"))
        if not isinstance(partition, int) or not 1 <= partition <= 10:
            raise ValueError(
                "Parameter 'partition' should be an integer with `1 <= partition <= 10`, "
                f"but got {partition} instead"
            )
        self._partition = partition
        super().__init__(root, transform, target_transform, loader)
        folder = self._home / "dtd"
        if download and not (folder / "dtd").is_dir():
            download_and_extract_archive(self._URL, folder, md5=self._MD5)
        if not (folder / "dtd").is_dir():
            raise not_found(f"dtd-r1.0.1.tar.gz (md5 {self._MD5})", folder)
        listed = folder / "dtd" / "labels" / f"{split}{partition}.txt"
        names = [line.strip().split("/") for line in listed.read_text("utf-8").splitlines()]
        self.classes = sorted({name for name, _ in names})
        self.class_to_idx = numbered(self.classes)
        self._image_files = [folder / "dtd" / "images" / name / file for name, file in names]
        self._labels = [self.class_to_idx[name] for name, _ in names]

    def extra_repr(self) -> str:
        return f"split={self._split}, partition={self._partition}"
