"""SBD, the Semantic Boundaries Dataset: photographs of Pascal VOC 2011 with the outlines of things of 20 classes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..pillow import image_from_array
from .folder import open_image
from .matlab import read_mat
from .utils import download_and_extract_archive, download_url, verify_str_arg
from .vision import VisionDataset


class SBDataset(VisionDataset):
    """Outlines, by Hariharan, Arbelaez, Bourdev, Maji and Malik; MATLAB files, and reading them needs SciPy.

    Args:
        root: the folder with ``img/``, ``cls/``, ``train.txt`` and ``val.txt``.
        image_set: ``train``, ``val`` or ``train_noval`` (without what is in VOC 2012's validation set).
        mode: targets are ``boundaries``, a NumPy array (20, height, width) of 0 and 1, or ``segmentation``, a Pillow
            image of class numbers.
        download: fetch the official archive and unpack it.
        transforms: a function of image and target.

    Source: http://home.bharathh.info/pubs/codes/SBD/download.html
    """

    url = (
        "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/semantic_contours/benchmark.tgz"
    )
    md5 = "82b4d87ceb2ed10f6038a1cba92111cb"
    filename = "benchmark.tgz"
    voc_train_url = "https://www.cs.cornell.edu/~bharathh/train_noval.txt"
    voc_split_filename = "train_noval.txt"
    voc_split_md5 = "79bff800c5f0b1ec6b21080a3c066722"

    def __init__(
        self,
        root: str | Path,
        image_set: str = "train",
        mode: str = "boundaries",
        download: bool = False,
        transforms: Callable | None = None,
    ) -> None:
        super().__init__(root, transforms)
        self.image_set = verify_str_arg(image_set, "image_set", ("train", "val", "train_noval"))
        self.mode = verify_str_arg(mode, "mode", ("segmentation", "boundaries"))
        self.num_classes = 20
        home = Path(self.root)  # type: ignore[arg-type]
        if download:
            self.download()
        if not home.is_dir():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or unpack "
                f"{self.filename} (md5 {self.md5}) and put what is in its benchmark_RELEASE/dataset into {home}."
            )
        names = [line.strip() for line in (home / f"{image_set}.txt").read_text("utf-8").splitlines()]
        self.images = [os.path.join(home, "img", f"{name}.jpg") for name in names]
        self.masks = [os.path.join(home, "cls", f"{name}.mat") for name in names]

    def download(self) -> None:
        """Fetch the official archive and unpack it, with the third list where that is asked for."""
        home = Path(self.root)  # type: ignore[arg-type]
        if not (home / "cls").is_dir():
            download_and_extract_archive(self.url, home, filename=self.filename, md5=self.md5)
            for name in ("cls", "img", "inst", "train.txt", "val.txt"):
                shutil.move(home / "benchmark_RELEASE" / "dataset" / name, home / name)
        if self.image_set == "train_noval":
            download_url(self.voc_train_url, home, self.voc_split_filename, self.voc_split_md5)

    def _target(self, path: str) -> Any:
        labels = read_mat(path, ("GTcls",))["GTcls"][0]
        if self.mode == "segmentation":
            return image_from_array(labels["Segmentation"][0])
        outlines = labels["Boundaries"][0]  # a sparse matrix for each class
        return np.stack([outlines[i][0].toarray() for i in range(self.num_classes)])

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (a Pillow image in RGB) and its outlines or class numbers."""
        return self._transformed_together(
            open_image(self.images[index], "RGB"), self._target(self.masks[index])
        )

    def __len__(self) -> int:
        return len(self.images)

    def extra_repr(self) -> str:
        return f"Image set: {self.image_set}\nMode: {self.mode}"
