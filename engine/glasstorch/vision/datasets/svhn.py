"""SVHN, Street View House Numbers: digits cut out of photographs of houses, 32 by 32 pixels."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..pillow import image_from_array
from .matlab import read_mat
from .utils import check_integrity, download_url, verify_str_arg
from .vision import VisionDataset


class SVHN(VisionDataset):
    """House numbers, by Netzer and others; the files are MATLAB's, and reading them needs SciPy.

    Args:
        root: the folder with ``train_32x32.mat``, ``test_32x32.mat`` or ``extra_32x32.mat``.
        split: ``train`` (73,257 digits), ``test`` (26,032) or ``extra`` (531,131 easier ones).
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the digit.
        download: fetch the official file, unless it is there.

    Attributes: ``data``, a NumPy array of uint8 (N, 3, 32, 32); ``labels``, int64 (N,): the digit itself, though in
    the files 10 stands for 0.
    Source: http://ufldl.stanford.edu/housenumbers/
    """

    split_list: ClassVar[dict[str, list[str]]] = {
        split: [f"http://ufldl.stanford.edu/housenumbers/{split}_32x32.mat", f"{split}_32x32.mat", md5]
        for split, md5 in (
            ("train", "e26dedcc434d2e4c54c9b2d4a06d8373"),
            ("test", "eb5a983be6a315427106f1b164d9cef3"),
            ("extra", "a93ce644f1a588dc4d68dda5feec44a7"),
        )
    }

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = verify_str_arg(split, "split", tuple(self.split_list))
        self.url, self.filename, self.file_md5 = self.split_list[split]
        if download:
            self.download()
        path = os.path.join(self.root, self.filename)  # type: ignore[arg-type]
        if not self._check_integrity():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{self.filename} (md5 {self.file_md5}) into {self.root}."
            )
        content = read_mat(path, ("X", "y"))
        pixels, labels = content["X"], content["y"].astype(np.int64).reshape(-1)
        if pixels.ndim != 4 or pixels.shape[:3] != (32, 32, 3) or pixels.shape[3] != len(labels):
            raise RuntimeError(
                f"{path} holds images of shape {pixels.shape} and {len(labels)} labels, not (32, 32, 3, labels)."
            )
        if labels.size and not 0 <= labels.min() <= labels.max() <= 10:
            raise RuntimeError(
                f"{path} holds labels from {labels.min()} to {labels.max()}, not from 1 to 10."
            )
        self.data = pixels.transpose(3, 2, 0, 1)
        self.labels = np.where(labels == 10, 0, labels)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its digit (after ``target_transform``)."""
        image = image_from_array(np.ascontiguousarray(self.data[index].transpose(1, 2, 0)))
        return self._transformed(image, int(self.labels[index]))

    def __len__(self) -> int:
        return len(self.data)

    def _check_integrity(self) -> bool:
        return check_integrity(os.path.join(self.root, self.filename), self.file_md5)  # type: ignore[arg-type]

    def download(self) -> None:
        """Fetch the official file, unless it is there."""
        download_url(self.url, self.root, self.filename, self.file_md5)  # type: ignore[arg-type]

    def extra_repr(self) -> str:
        return f"Split: {self.split}"
