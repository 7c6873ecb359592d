"""CIFAR-10 and CIFAR-100: small colour photographs, 32 by 32 pixels, 50,000 to train on and 10,000 to test."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError, URLError

import numpy as np

from ...core.frames import warn
from ..pillow import image_from_array
from .utils import check_integrity, download_and_extract_archive
from .vision import VisionDataset


class _ArraysOnly(pickle.Unpickler):
    """Reads a pickle of plain values and NumPy arrays; whatever else it names is refused, so none of it runs."""

    ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("_codecs", "encode"): lambda text, encoding: text.encode(
            "latin1"
        ),  # how Python 3 writes bytes for Python 2
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which no file of this data set does"
            ) from None


def read_batch(path: str | Path) -> dict[str, Any]:
    """The dictionary in one of CIFAR's pickle files; RuntimeError naming the file when it is damaged or hostile.

    No code runs from the file: it may hold numbers, text, lists, dictionaries and NumPy arrays, nothing else.
    """
    try:
        with open(path, "rb") as f:
            batch = _ArraysOnly(f, encoding="latin1").load()
        if not isinstance(batch, dict):
            raise pickle.UnpicklingError(f"it holds a {type(batch).__name__}, not a dictionary")
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged pickle fails in any way
        raise RuntimeError(
            f"{path} cannot be read: {error}. Delete it and download it again (download=True)."
        ) from error
    return batch


class CIFAR10(VisionDataset):
    """Photographs of ten classes of things and animals, by Alex Krizhevsky.

    Args:
        root: the folder with ``cifar-10-batches-py/``, which holds ``data_batch_1`` and the other official files.
        train: the training part, else the test part.
        transform: a function of the image (a Pillow image in RGB, 32 by 32).
        target_transform: a function of the class number.
        download: fetch the official archive and unpack it, unless that is done. Where there is no network, files of
            the same names and format (one's own images, say) are used as they are, with a warning.

    Attributes: ``data``, a NumPy array of uint8 (N, 32, 32, 3); ``targets``, a list of ints; ``classes``, the names;
    ``class_to_idx``, their numbers. The files are pickles, read so that no code in them runs.
    Source: https://www.cs.toronto.edu/~kriz/cifar.html
    """

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    filename = "cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list: ClassVar[list[list[str]]] = [
        ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
        ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
        ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
        ["data_batch_4", "634d18415352ddfa80567beed471001a"],
        ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
    ]
    test_list: ClassVar[list[list[str]]] = [["test_batch", "40351d587109b95175f43aff81a1287e"]]
    meta: ClassVar[dict[str, str]] = {
        "filename": "batches.meta",
        "key": "label_names",
        "md5": "5ff9c542aee3614f3951f8cda6e48888",
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
        self.train = train
        self._unofficial = False
        if download:
            self.download()
        if not self._check_integrity():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{self.filename} (md5 {self.tgz_md5}) into {self.root} and unpack it there."
            )
        self._load_meta()
        parts = [self._load_part(name) for name, _ in (self.train_list if train else self.test_list)]
        self.data = np.concatenate([data for data, _ in parts]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.targets: list[int] = [label for _, labels in parts for label in labels]

    def _path(self, name: str) -> str:
        return os.path.join(self.root, self.base_folder, name)  # type: ignore[arg-type]

    def _load_part(self, name: str) -> tuple[np.ndarray, list[int]]:
        path = self._path(name)
        batch = read_batch(path)
        data = np.asarray(batch.get("data"))
        labels = batch["labels"] if "labels" in batch else batch.get("fine_labels")
        if data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * 32 * 32 or labels is None:
            raise RuntimeError(f"{path} does not hold images of 3 x 32 x 32 bytes and their labels.")
        if len(labels) != len(data):
            raise RuntimeError(f"{path} holds {len(data)} images and {len(labels)} labels.")
        wrong = next((label for label in labels if not 0 <= label < len(self.classes)), None)
        if wrong is not None:
            raise RuntimeError(f"{path} holds the label {wrong}; there are only {len(self.classes)} classes.")
        return data, labels

    def _load_meta(self) -> None:
        path = self._path(self.meta["filename"])
        if not self._as_it_should_be(path, self.meta["md5"]):
            raise RuntimeError(
                "Dataset metadata file not found or corrupted. You can use download=True to download it. "
                f"It belongs there: {path}"
            )
        self.classes: list[str] = read_batch(path)[self.meta["key"]]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its class number (after ``target_transform``)."""
        return self._transformed(image_from_array(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def _check_integrity(self) -> bool:
        return all(
            self._as_it_should_be(self._path(name), md5) for name, md5 in self.train_list + self.test_list
        )

    def _as_it_should_be(self, path: str, md5: str) -> bool:
        return check_integrity(path, None if self._unofficial else md5)

    def download(self) -> None:
        """Fetch the official archive and unpack it, unless its files are there."""
        if self._check_integrity():
            return
        try:
            download_and_extract_archive(self.url, self.root, filename=self.filename, md5=self.tgz_md5)  # type: ignore[arg-type]
        except URLError as error:
            self._unofficial = True
            if isinstance(error, HTTPError) or not self._check_integrity():
                raise
            warn(
                f"The files in {self._path('')} are not the official ones, which cannot be fetched without a network "
                f"({error.reason}). They are used as they are.",
            )

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train is True else 'Test'}"


class CIFAR100(CIFAR10):
    """Photographs of a hundred classes. Arguments as for ``CIFAR10``; the folder is ``cifar-100-python/``.

    Source: https://www.cs.toronto.edu/~kriz/cifar.html
    """

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    filename = "cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list: ClassVar[list[list[str]]] = [["train", "16019d7e3df5f24257cddd939b257f8d"]]
    test_list: ClassVar[list[list[str]]] = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]]
    meta: ClassVar[dict[str, str]] = {
        "filename": "meta",
        "key": "fine_label_names",
        "md5": "7973b15100ade9c7d40fb424638fde48",
    }
