"""EuroSAT: ten kinds of land use, seen from the satellite Sentinel-2; 64 by 64 pixels."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import ImageFolder, default_loader
from .listed import not_found
from .utils import download_and_extract_archive


class EuroSAT(ImageFolder):
    """Land use, by Helber, Bischke, Dengel and Borth; the version in RGB.

    Args:
        root: the folder with ``eurosat/2750/``, which holds the class folders.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: those of ``ImageFolder``. Source: https://github.com/phelber/eurosat
    """

    _URL = "https://huggingface.co/datasets/torchgeo/eurosat/resolve/c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip"
    _MD5 = "c8fa014336c82ac7804f0398fcb19387"

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        home = os.path.expanduser(root)
        self._base_folder = os.path.join(home, "eurosat")
        self._data_folder = os.path.join(self._base_folder, "2750")
        if download and not os.path.isdir(self._data_folder):
            download_and_extract_archive(self._URL, self._base_folder, md5=self._MD5)
        if not os.path.isdir(self._data_folder):
            raise not_found(f"EuroSAT.zip (md5 {self._MD5})", self._base_folder)
        super().__init__(self._data_folder, transform, target_transform, loader)
        self.root = home
