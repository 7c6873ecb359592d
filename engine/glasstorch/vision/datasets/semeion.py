"""SEMEION: 1,593 handwritten digits, 16 by 16 pixels, each black or white."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..pillow import image_from_array
from .utils import check_integrity, download_url
from .vision import VisionDataset


class SEMEION(VisionDataset):
    """Digits as text: on each line 256 pixels and ten numbers of which one is 1; by Buscema and Terzi.

    Args:
        root: the folder with ``semeion.data``.
        transform: a function of the image (a Pillow image of grey).
        target_transform: a function of the digit.
        download: fetch the official file, unless it is there.

    Attributes: ``data``, a NumPy array of uint8 (N, 16, 16), 0 or 255; ``labels``, int64 (N,).
    Source: https://archive.ics.uci.edu/dataset/178/semeion+handwritten+digit
    """

    url = "http://archive.ics.uci.edu/ml/machine-learning-databases/semeion/semeion.data"
    filename = "semeion.data"
    md5_checksum = "cb545d371d2ce14ec121470795a77432"

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = True,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        path = os.path.join(self.root, self.filename)  # type: ignore[arg-type]
        if download:
            download_url(self.url, self.root, self.filename, self.md5_checksum)  # type: ignore[arg-type]
        if not check_integrity(path, self.md5_checksum):
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{self.filename} (md5 {self.md5_checksum}) into {self.root}."
            )
        table = np.loadtxt(path, ndmin=2)
        if table.shape[1] != 266 or not (table[:, 256:].sum(1) == 1).all():
            raise RuntimeError(f"{path} does not hold 256 pixels and one digit of ten on each line.")
        self.data = (table[:, :256] * 255).astype(np.uint8).reshape(-1, 16, 16)
        self.labels = np.nonzero(table[:, 256:])[1]

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its digit (after ``target_transform``)."""
        return self._transformed(image_from_array(self.data[index]), int(self.labels[index]))

    def __len__(self) -> int:
        return len(self.data)
