"""STL-10: photographs of ten classes, 96 by 96 pixels, few of them labelled and 100,000 not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..pillow import image_from_array
from .utils import check_integrity, download_and_extract_archive, verify_str_arg
from .vision import VisionDataset


class STL10(VisionDataset):
    """Photographs for learning from few labels, by Coates, Lee and Ng.

    Args:
        root: the folder with ``stl10_binary/``, which holds ``train_X.bin`` and the other official files.
        split: ``train`` (5,000), ``test`` (8,000), ``unlabeled`` (100,000, label -1) or ``train+unlabeled``.
        folds: one of the ten folds of 1,000 training images, 0 to 9; None: all of them.
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done.

    Attributes: ``data``, a NumPy array of uint8 (N, 3, 96, 96); ``labels``, (N,), counted from 0; ``classes``.
    Source: https://cs.stanford.edu/~acoates/stl10/
    """

    base_folder = "stl10_binary"
    url = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"
    filename = "stl10_binary.tar.gz"
    tgz_md5 = "91f7769df0f17e558f3565bffb0c7dfb"
    class_names_file = "class_names.txt"
    folds_list_file = "fold_indices.txt"
    train_list: ClassVar[list[list[str]]] = [
        ["train_X.bin", "918c2871b30a85fa023e0c44e0bee87f"],
        ["train_y.bin", "5a34089d4802c674881badbb80307741"],
        ["unlabeled_X.bin", "5242ba1fed5e4be9e1e742405eb56ca4"],
    ]
    test_list: ClassVar[list[list[str]]] = [
        ["test_X.bin", "7f263ba9f9e0b06b93213547f721ac82"],
        ["test_y.bin", "36f9794fa4beb8a2c72628de14fa638e"],
    ]
    splits = ("train", "train+unlabeled", "unlabeled", "test")

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        folds: int | None = None,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = verify_str_arg(split, "split", self.splits)
        self.folds = self._verify_folds(folds)
        if download:
            self.download()
        if not self._check_integrity():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{self.filename} (md5 {self.tgz_md5}) into {self.root} and unpack it there."
            )
        images, labels = [], []
        if "train" in split:
            data, classes = self._load_labelled("train")
            chosen = slice(None) if folds is None else self._fold(folds)
            images.append(data[chosen])
            labels.append(classes[chosen])
        if "unlabeled" in split:
            images.append(self._load_images("unlabeled_X.bin"))
            labels.append(np.full(len(images[-1]), -1))
        if split == "test":
            images, labels = ([part] for part in self._load_labelled("test"))
        self.data, self.labels = np.concatenate(images), np.concatenate(labels)
        names = Path(self._path(self.class_names_file))
        if names.is_file():
            self.classes = names.read_text("utf-8").splitlines()

    def _verify_folds(self, folds: int | None) -> int | None:
        if folds is None or (isinstance(folds, int) and folds in range(10)):
            return folds
        if isinstance(folds, int):
            raise ValueError(f"Value for argument folds should be in the range [0, 10), but got {folds}.")
        raise ValueError(f"Expected type None or int for argument folds, but got type {type(folds)}.")

    def _path(self, name: str) -> str:
        return os.path.join(self.root, self.base_folder, name)  # type: ignore[arg-type]

    def _load_images(self, name: str) -> np.ndarray:
        pixels = np.fromfile(self._path(name), np.uint8)
        if pixels.size % (3 * 96 * 96):
            raise RuntimeError(
                f"{self._path(name)} is cut short: {pixels.size} bytes are no whole number of images."
            )
        return pixels.reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)  # as published, column after column

    def _load_labelled(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        images = self._load_images(f"{part}_X.bin")
        path = self._path(f"{part}_y.bin")
        labels = np.fromfile(path, np.uint8)
        if len(labels) != len(images) or (labels.size and not 1 <= labels.min() <= labels.max() <= 10):
            raise RuntimeError(f"{path} does not hold {len(images)} labels from 1 to 10, one for each image.")
        return images, labels - 1

    def _fold(self, number: int) -> np.ndarray:
        path = Path(self._path(self.folds_list_file))
        return np.array(path.read_text("utf-8").splitlines()[number].split(), np.int64)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its class number (after ``target_transform``)."""
        image = image_from_array(np.ascontiguousarray(self.data[index].transpose(1, 2, 0)))
        return self._transformed(image, int(self.labels[index]))

    def __len__(self) -> int:
        return len(self.data)

    def _check_integrity(self) -> bool:
        return all(check_integrity(self._path(name), md5) for name, md5 in self.train_list + self.test_list)

    def download(self) -> None:
        """Fetch the official archive and unpack it, unless its files are there."""
        if not self._check_integrity():
            download_and_extract_archive(self.url, self.root, filename=self.filename, md5=self.tgz_md5)  # type: ignore[arg-type]

    def extra_repr(self) -> str:
        return f"Split: {self.split}"
