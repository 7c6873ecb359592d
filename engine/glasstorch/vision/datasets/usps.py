"""USPS: handwritten digits from envelopes, 16 by 16 pixels of grey, 7,291 to train on and 2,007 to test."""

from __future__ import annotations

import bz2
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..pillow import image_from_array
from .utils import download_url
from .vision import VisionDataset


class USPS(VisionDataset):
    """Digits of the United States Postal Service, as text: ``label 1:value 2:value ... 256:value`` on each line.

    Args:
        root: the folder with ``usps.bz2`` (training) or ``usps.t.bz2`` (test).
        train: the training part, else the test part.
        transform: a function of the image (a Pillow image of grey).
        target_transform: a function of the digit.
        download: fetch the official file, unless it is there.

    Attributes: ``data``, a NumPy array of uint8 (N, 16, 16), from the file's values in [-1, 1]; ``targets``, a list
    of ints from 0 to 9, in the file 1 to 10.
    Source: https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps
    """

    split_list: ClassVar[dict[str, list[str]]] = {
        split: [f"https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/{name}", name, md5]
        for split, name, md5 in (
            ("train", "usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197"),
            ("test", "usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118"),
        )
    }

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        url, filename, md5 = self.split_list["train" if train else "test"]
        path = os.path.join(self.root, filename)  # type: ignore[arg-type]
        if download and not os.path.exists(path):
            download_url(url, self.root, filename, md5=md5)  # type: ignore[arg-type]
        try:
            with bz2.open(path, "rt", encoding="ascii") as f:
                lines = [line.split() for line in f]
            values = np.array([[pair.split(":")[-1] for pair in pairs] for _, *pairs in lines], np.float32)
            self.targets = [int(label) - 1 for label, *_ in lines]
            self.data = ((values.reshape(-1, 16, 16) + 1) / 2 * 255).astype(np.uint8)
        except FileNotFoundError:
            raise
        except (OSError, EOFError, ValueError) as error:
            raise RuntimeError(f"{path} is damaged: {error}. Delete it and download it again.") from error
        if not all(0 <= target < 10 for target in self.targets):
            raise RuntimeError(f"{path} holds labels beside 1 to 10. Delete it and download it again.")

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its digit (after ``target_transform``)."""
        return self._transformed(image_from_array(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)
