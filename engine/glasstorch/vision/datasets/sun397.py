"""SUN397: photographs of 397 kinds of scenes, from abbey to zoo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .listed import ListedImages, not_found, numbered
from .utils import download_and_extract_archive


class SUN397(ListedImages):
    """Scenes, by Xiao, Hays, Ehinger, Oliva and Torralba.

    Args:
        root: the folder with ``SUN397/``, which holds ``ClassName.txt`` and folders of images.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the names; ``class_to_idx``, their numbers.
    Source: https://vision.princeton.edu/projects/2010/SUN/
    """

    _DATASET_URL = "http://vision.princeton.edu/projects/2010/SUN/SUN397.tar.gz"
    _DATASET_MD5 = "8ca2778205c41d23104230ba66911c7a"

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        folder = self._home / "SUN397"
        if download and not folder.is_dir():
            download_and_extract_archive(self._DATASET_URL, self._home, md5=self._DATASET_MD5)
        if not folder.is_dir():
            raise not_found(f"SUN397.tar.gz (md5 {self._DATASET_MD5})", self._home)
        lines = (folder / "ClassName.txt").read_text("utf-8").splitlines()
        self.classes = [line[3:].strip() for line in lines]  # without the first letter's folder: "/a/abbey"
        self.class_to_idx = numbered(self.classes)
        self._image_files = list(folder.rglob("sun_*.jpg"))
        self._labels = [
            self.class_to_idx["/".join(p.relative_to(folder).parts[1:-1])] for p in self._image_files
        ]
