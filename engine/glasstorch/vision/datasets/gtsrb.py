"""GTSRB, the German Traffic Sign Recognition Benchmark: 43 kinds of signs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from .folder import make_dataset
from .listed import ListedImages, not_found
from .utils import download_and_extract_archive, verify_str_arg


class GTSRB(ListedImages):
    """Traffic signs, by Stallkamp, Schlipsing, Salmen and Igel.

    Args:
        root: the folder with ``gtsrb/``, which holds ``GTSRB/`` and, to test, ``GT-final_test.csv``.
        split: ``train`` (26,640 images) or ``test`` (12,630).
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the class number.
        download: fetch the official archives and unpack them, unless that is done.

    Source: https://benchmark.ini.rub.de/gtsrb_news.html
    """

    _URL = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"
    _FILES = (
        ("GTSRB-Training_fixed.zip", "513f3c79a4c5141765e10e952eaa2478"),
        ("GTSRB_Final_Test_Images.zip", "c7e4e6327067d32654124b0fe9e82185"),
        ("GTSRB_Final_Test_GT.zip", "fe31e9c9270bbcd7b84b7f21a9d9d9e5"),
    )

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform)
        self._split = verify_str_arg(split, "split", ("train", "test"))
        base = self._home / "gtsrb"
        folder = base / "GTSRB" / ("Training" if split == "train" else "Final_Test/Images")
        files = self._FILES[:1] if split == "train" else self._FILES[1:]
        if download and not folder.is_dir():
            for name, md5 in files:
                download_and_extract_archive(self._URL + name, base, md5=md5)
        if not folder.is_dir():
            raise not_found(" and ".join(f"{name} (md5 {md5})" for name, md5 in files), base)
        if split == "train":
            samples = make_dataset(str(folder), extensions=(".ppm",))
        else:
            with (base / "GT-final_test.csv").open(encoding="utf-8", newline="") as f:
                rows = csv.DictReader(f, delimiter=";", skipinitialspace=True)
                samples = [(str(folder / row["Filename"]), int(row["ClassId"])) for row in rows]
        self._image_files, self._labels = [path for path, _ in samples], [label for _, label in samples]
