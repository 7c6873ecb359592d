"""Moving MNIST: films of two digits that drift and bounce, 20 frames of 64 by 64 pixels."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...ops.exchange import from_numpy
from .utils import download_url, verify_str_arg
from .vision import VisionDataset


class MovingMNIST(VisionDataset):
    """Films of digits, by Srivastava, Mansimov and Salakhutdinov.

    Args:
        root: the folder with ``MovingMNIST/mnist_test_seq.npy``.
        split: ``train``, the first frames of each film, ``test``, those that follow, or None: all.
        split_ratio: how many frames are the first, 1 to 19.
        download: fetch the official file, unless it is there.
        transform: a function of the film (a tensor).

    An item is a film: uint8 (frames, 1, 64, 64). Attribute ``data``: all of them.
    Source: http://www.cs.toronto.edu/~nitish/unsupervised_video/
    """

    _URL = "http://www.cs.toronto.edu/~nitish/unsupervised_video/mnist_test_seq.npy"
    _MD5 = "be083ec986bfe91a449d63653c411eb2"

    def __init__(
        self,
        root: str | Path,
        split: str | None = None,
        split_ratio: int = 10,
        download: bool = False,
        transform: Callable | None = None,
    ) -> None:
        super().__init__(root, transform=transform)
        folder = os.path.join(self.root, type(self).__name__)  # type: ignore[arg-type]
        path = os.path.join(folder, os.path.basename(self._URL))
        self.split = split if split is None else verify_str_arg(split, "split", ("train", "test"))
        if not isinstance(split_ratio, int):
            raise TypeError(f"`split_ratio` should be an integer, but got {type(split_ratio)}")
        if not 1 <= split_ratio <= 19:
            raise ValueError(
                f"`split_ratio` should be `1 <= split_ratio <= 19`, but got {split_ratio} instead."
            )
        self.split_ratio = split_ratio
        if download and not os.path.exists(path):
            download_url(self._URL, folder, md5=self._MD5)
        if not os.path.exists(path):
            raise RuntimeError(
                "Dataset not found. You can use download=True to download it. "
                f"Or put mnist_test_seq.npy (md5 {self._MD5}) into {folder}."
            )
        try:
            films = np.load(path, allow_pickle=False)  # (frames, films, 64, 64)
        except ValueError as error:
            raise RuntimeError(f"{path} is damaged: {error}. Delete it and download it again.") from error
        part = {"train": slice(split_ratio), "test": slice(split_ratio, None)}.get(split or "", slice(None))
        self.data: Any = from_numpy(np.ascontiguousarray(films[part].swapaxes(0, 1)[:, :, None]))

    def __getitem__(self, idx: int) -> Any:
        """A film (after ``transform``)."""
        return self.data[idx] if self.transform is None else self.transform(self.data[idx])

    def __len__(self) -> int:
        return len(self.data)
