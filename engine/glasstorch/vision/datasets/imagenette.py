"""Imagenette: ten classes of ImageNet that are easy to tell apart, for quick experiments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import default_loader, find_classes, make_dataset
from .listed import ListedImages, not_found
from .utils import download_and_extract_archive, verify_str_arg


class Imagenette(ListedImages):
    """Ten easy classes, chosen by fast.ai.

    Args:
        root: the folder with ``imagenette2/``, ``imagenette2-320/`` or ``imagenette2-160/``.
        split: ``train`` or ``val``.
        size: ``full``, or the shorter side: ``320px`` or ``160px``.
        download: fetch the official archive and unpack it, unless that is done.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, tuples of each class's names; ``class_to_idx``, the number of each name; ``wnids`` and
    ``wnid_to_idx``: their ids in WordNet.
    Source: https://github.com/fastai/imagenette
    """

    _ARCHIVES: ClassVar[dict[str, tuple[str, str]]] = {
        size: (f"https://s3.amazonaws.com/fast-ai-imageclas/{name}.tgz", md5)
        for size, name, md5 in (
            ("full", "imagenette2", "fe2fc210e6bb7c5664d602c3cd71e612"),
            ("320px", "imagenette2-320", "3df6f0d01a2c9592104656642f5e78a3"),
            ("160px", "imagenette2-160", "e793b78cc4c9e9a4ccc0c1155377a412"),
        )
    }
    _WNID_TO_CLASS: ClassVar[dict[str, tuple[str, ...]]] = {
        "n01440764": ("tench", "Tinca tinca"),
        "n02102040": ("English springer", "English springer spaniel"),
        "n02979186": ("cassette player",),
        "n03000684": ("chain saw", "chainsaw"),
        "n03028079": ("church", "church building"),
        "n03394916": ("French horn", "horn"),
        "n03417042": ("garbage truck", "dustcart"),
        "n03425413": ("gas pump", "gasoline pump", "petrol pump", "island dispenser"),
        "n03445777": ("golf ball",),
        "n03888257": ("parachute", "chute"),
    }

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        size: str = "full",
        download: bool = False,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        self._split = verify_str_arg(split, "split", ["train", "val"])
        self._size = verify_str_arg(size, "size", list(self._ARCHIVES))
        self._url, self._md5 = self._ARCHIVES[size]
        folder = self._home / Path(self._url).stem
        if download and not folder.exists():
            download_and_extract_archive(self._url, self._home, md5=self._md5)
        elif not folder.exists():
            raise not_found(f"{Path(self._url).name} (md5 {self._md5})", self._home)
        images = str(folder / split)
        self.wnids, self.wnid_to_idx = find_classes(images)
        self.classes = [self._WNID_TO_CLASS[wnid] for wnid in self.wnids]
        self.class_to_idx = {name: i for i, of_class in enumerate(self.classes) for name in of_class}
        samples = make_dataset(images, self.wnid_to_idx, extensions=".jpeg")
        self._image_files, self._labels = [path for path, _ in samples], [label for _, label in samples]
