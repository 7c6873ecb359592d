"""CLEVR: rendered scenes of simple bodies; here the question is only how many there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .listed import ListedImages
from .utils import download_and_extract_archive, verify_str_arg


class CLEVRClassification(ListedImages):
    """How many bodies are there? By Johnson and others.

    Args:
        root: the folder with ``clevr/CLEVR_v1.0/``, which holds ``images/`` and ``scenes/``.
        split: ``train`` (70,000 images), ``val`` (15,000) or ``test`` (15,000, label None).
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the count, 3 to 10.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Source: https://cs.stanford.edu/people/jcjohns/clevr/
    """

    _URL = "https://dl.fbaipublicfiles.com/clevr/CLEVR_v1.0.zip"
    _MD5 = "b11922020e72d0cd9154779b2d3d07d2"

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        self._split = verify_str_arg(split, "split", ("train", "val", "test"))
        super().__init__(root, transform, target_transform, loader)
        base = self._home / "clevr"
        folder = base / "CLEVR_v1.0"
        if download and not folder.is_dir():
            download_and_extract_archive(self._URL, base, md5=self._MD5)
        if not folder.is_dir():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"CLEVR_v1.0.zip (md5 {self._MD5}) into {base} and unpack it there."
            )
        self._image_files = sorted((folder / "images" / split).glob("*"))
        self._labels = [None] * len(self._image_files)
        if split != "test":
            scenes = json.loads((folder / "scenes" / f"CLEVR_{split}_scenes.json").read_text("utf-8"))[
                "scenes"
            ]
            counts = {scene["image_filename"]: len(scene["objects"]) for scene in scenes}
            self._labels = [counts[file.name] for file in self._image_files]

    def extra_repr(self) -> str:
        return f"split={self._split}"
