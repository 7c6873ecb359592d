"""Two sets that OpenAI published with CLIP: photographs by country, and sentences as pictures of text.

Source: https://github.com/openai/CLIP/tree/main/data
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import ImageFolder, default_loader, make_dataset
from .listed import ListedImages, not_found, numbered
from .utils import download_and_extract_archive, verify_str_arg


class Country211(ImageFolder):
    """In which of 211 countries was it taken? 150 photographs of each to train on, 50 to validate, 100 to test.

    Args:
        root: the folder with ``country211/``, which holds ``train/``, ``valid/`` and ``test/``.
        split: ``train``, ``valid`` or ``test``.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the country's number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: those of ``ImageFolder``.
    """

    _URL = "https://openaipublic.azureedge.net/clip/data/country211.tgz"
    _MD5 = "84988d7644798601126c29e9877aab6a"

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        self._split = verify_str_arg(split, "split", ("train", "valid", "test"))
        home = os.path.expanduser(root)
        folder = Path(home) / "country211"
        if download and not folder.is_dir():
            download_and_extract_archive(self._URL, home, md5=self._MD5)
        if not folder.is_dir():
            raise not_found(f"country211.tgz (md5 {self._MD5})", home)
        super().__init__(str(folder / split), transform, target_transform, loader)
        self.root = home


class RenderedSST2(ListedImages):
    """Sentences about films, drawn as text: is the opinion ``negative`` (0) or ``positive`` (1)?

    Args:
        root: the folder with ``rendered-sst2/``, which holds ``train/``, ``valid/`` and ``test/``.
        split: ``train``, ``val`` or ``test``.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the names; ``class_to_idx``, their numbers.
    """

    _URL = "https://openaipublic.azureedge.net/clip/data/rendered-sst2.tgz"
    _MD5 = "2384d08e9dcfa4bd55b324e610496ee5"

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
        self._split = verify_str_arg(split, "split", ("train", "val", "test"))
        self.classes = ["negative", "positive"]
        self.class_to_idx = numbered(self.classes)
        folder = self._home / "rendered-sst2" / ("valid" if split == "val" else split)
        there = all((folder / name).is_dir() for name in self.classes)
        if download and not there:
            download_and_extract_archive(self._URL, self._home, md5=self._MD5)
        elif not there:
            raise not_found(f"rendered-sst2.tgz (md5 {self._MD5})", self._home)
        samples = make_dataset(str(folder), extensions=("png",))
        self._image_files, self._labels = [path for path, _ in samples], [label for _, label in samples]

    def extra_repr(self) -> str:
        return f"split={self._split}"
