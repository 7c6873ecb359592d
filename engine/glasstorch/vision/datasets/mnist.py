"""MNIST and its relatives: 28 by 28 pixels of grey, most of them 60,000 images to train on and 10,000 to test."""

from __future__ import annotations

import os
import shutil
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops.exchange import from_numpy
from ...serialization import load
from ...utils.download import download as fetch
from ..pillow import image_from_array
from .idx import read_idx
from .utils import check_integrity, download_and_extract_archive, extract_archive, verify_str_arg
from .vision import VisionDataset

DIGITS = [
    *("0 - zero", "1 - one", "2 - two", "3 - three", "4 - four"),
    *("5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"),
]


class MNIST(VisionDataset):
    """Handwritten digits, by Yann LeCun, Corinna Cortes and Christopher J.C. Burges.

    Args:
        root: the folder with ``MNIST/raw/``, which holds ``train-images-idx3-ubyte`` and the other official files,
            plain or gzipped (``.gz``).
        train: the training part, else the test part.
        transform: a function of the image (a Pillow image), for example ``transforms.ToTensor()``.
        target_transform: a function of the label (an int).
        download: fetch the official files when they are not there.

    Attributes: ``data``, uint8 (N, 28, 28); ``targets``, int64 (N,); ``classes``, the names.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html
    """

    mirrors: ClassVar[list[str]] = [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    training_file = "training.pt"
    test_file = "test.pt"
    classes: ClassVar[list[str]] = DIGITS

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
        self.data: Tensor
        self.targets: Tensor
        if self._check_legacy_exist():
            self.data, self.targets = self._load_legacy_data()
            return
        if download:
            self.download()
        if not self._check_exists():
            raise RuntimeError(
                "Dataset not found. You can use download=True to download it, or put the official files into "
                f"{self.raw_folder} yourself: {', '.join(self._official_names())}"
            )
        self.data, self.targets = self._load_data()
        self._check_labels()

    @property
    def raw_folder(self) -> str:
        """Where the official files lie."""
        return os.path.join(self.root, type(self).__name__, "raw")  # type: ignore[arg-type]

    @property
    def processed_folder(self) -> str:
        """Where torchvision before 0.10 kept files of its own, which are still read."""
        return os.path.join(self.root, type(self).__name__, "processed")  # type: ignore[arg-type]

    @property
    def images_file(self) -> str:
        """The file of this part's images, as it is named when unpacked."""
        return os.path.join(self.raw_folder, f"{'train' if self.train else 't10k'}-images-idx3-ubyte")

    @property
    def labels_file(self) -> str:
        """The file of this part's labels, as it is named when unpacked."""
        return os.path.join(self.raw_folder, f"{'train' if self.train else 't10k'}-labels-idx1-ubyte")

    def _official_names(self) -> list[str]:
        return [name for name, _ in self.resources]

    def _check_legacy_exist(self) -> bool:
        files = (self.training_file, self.test_file)
        return all(check_integrity(os.path.join(self.processed_folder, file)) for file in files)

    def _load_legacy_data(self) -> tuple[Tensor, Tensor]:
        file = self.training_file if self.train else self.test_file
        return load(os.path.join(self.processed_folder, file), weights_only=True)

    def _check_exists(self) -> bool:
        """Are this part's files there, unpacked or gzipped?"""
        return all(os.path.isfile(_plain_or_gzipped(file)) for file in (self.images_file, self.labels_file))

    def _load_data(self) -> tuple[Tensor, Tensor]:
        images, labels = _plain_or_gzipped(self.images_file), _plain_or_gzipped(self.labels_file)
        return read_image_file(images), read_label_file(labels)

    def _check_labels(self) -> None:
        if len(self.data) != len(self.targets):
            raise RuntimeError(
                f"{self.images_file} holds {len(self.data)} images, {self.labels_file} holds {len(self.targets)} "
                "labels: they do not belong together. Delete both and download them again."
            )
        labels = self.targets.numpy().reshape(len(self.targets), -1)[:, :1]
        if labels.size and not 0 <= labels.min() <= labels.max() < len(self.classes):
            raise RuntimeError(
                f"{self.labels_file} holds labels from {labels.min()} to {labels.max()}, and there are only "
                f"{len(self.classes)} classes. Delete it and download it again."
            )

    def download(self) -> None:
        """Fetch the official files that are not there, and unpack them; one's own under their names are kept."""
        for name, md5 in self.resources:
            packed = os.path.join(self.raw_folder, name)
            own = os.path.isfile(packed) and not check_integrity(packed, md5)
            if own or os.path.isfile(os.path.splitext(packed)[0]):
                continue
            if not os.path.isfile(packed):
                fetch([mirror + name for mirror in self.mirrors], packed, checksum=md5, algorithm="md5")
            extract_archive(packed, self.raw_folder)

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: i for i, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its label (after ``target_transform``)."""
        return self._transformed(image_from_array(self.data[index].numpy()), int(self.targets[index]))  # type: ignore[index]

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"

    @property
    def train_data(self) -> Tensor:
        """The old name of ``data``."""
        warn("train_data has been renamed data")
        return self.data

    @property
    def test_data(self) -> Tensor:
        """The old name of ``data``."""
        warn("test_data has been renamed data")
        return self.data

    @property
    def train_labels(self) -> Tensor:
        """The old name of ``targets``."""
        warn("train_labels has been renamed targets")
        return self.targets

    @property
    def test_labels(self) -> Tensor:
        """The old name of ``targets``."""
        warn("test_labels has been renamed targets")
        return self.targets


class FashionMNIST(MNIST):
    """Clothes instead of digits, by Zalando Research. Arguments as for ``MNIST``; the folder is ``FashionMNIST/raw/``.

    Source: https://github.com/zalandoresearch/fashion-mnist
    """

    mirrors: ClassVar[list[str]] = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes: ClassVar[list[str]] = [
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ]


class KMNIST(MNIST):
    """Old Japanese characters, by CODH. Arguments as for ``MNIST``; the folder is ``KMNIST/raw/``.

    Source: https://github.com/rois-codh/kmnist
    """

    mirrors: ClassVar[list[str]] = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
        ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
        ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
        ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"),
    ]
    classes: ClassVar[list[str]] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class EMNIST(MNIST):
    """Handwritten letters and digits, by Cohen, Afshar, Tapson and van Schaik. The folder is ``EMNIST/raw/``.

    Args:
        root: the folder with ``EMNIST/raw/``, which holds ``emnist-letters-train-images-idx3-ubyte`` and so on.
        split: ``byclass`` (62 classes), ``bymerge``, ``balanced`` (both 47: letters whose two cases look alike are
            one class), ``letters`` (26, numbered from 1), ``digits`` or ``mnist`` (10).
        **kwargs: ``train``, ``transform``, ``target_transform`` and ``download``, as for ``MNIST``.

    As published, the images lie on their side: rows and columns are exchanged.
    Source: https://www.nist.gov/itl/products-and-services/emnist-dataset
    """

    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
    md5 = "58c8d27c78d21e728a6bc7b3cc06412e"
    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")
    _all_classes = sorted(string.digits + string.ascii_letters)
    _merged_classes = sorted(set(_all_classes) - set("cijklmopsuvwxyz"))
    classes_split_dict: ClassVar[dict[str, list[str]]] = {
        "byclass": _all_classes,
        "bymerge": _merged_classes,
        "balanced": _merged_classes,
        "letters": ["N/A", *string.ascii_lowercase],
        "digits": list(string.digits),
        "mnist": list(string.digits),
    }

    def __init__(self, root: str | Path, split: str, **kwargs: Any) -> None:
        self.split = verify_str_arg(split, "split", self.splits)
        self.training_file, self.test_file = f"training_{split}.pt", f"test_{split}.pt"
        self.classes = self.classes_split_dict[split]  # type: ignore[misc]
        super().__init__(root, **kwargs)

    @property
    def images_file(self) -> str:
        return os.path.join(self.raw_folder, f"{self._file_prefix}-images-idx3-ubyte")

    @property
    def labels_file(self) -> str:
        return os.path.join(self.raw_folder, f"{self._file_prefix}-labels-idx1-ubyte")

    @property
    def _file_prefix(self) -> str:
        return f"emnist-{self.split}-{'train' if self.train else 'test'}"

    def _official_names(self) -> list[str]:
        return [os.path.basename(file) for file in (self.images_file, self.labels_file)]

    def download(self) -> None:
        """Fetch the archive of all splits and unpack it, unless that is done."""
        if self._check_exists():
            return
        download_and_extract_archive(self.url, self.raw_folder, md5=self.md5)
        folder = Path(self.raw_folder) / "gzip"
        for packed in folder.glob("*.gz"):
            extract_archive(packed, self.raw_folder)
        shutil.rmtree(folder)


def _qmnist(*files: tuple[str, str]) -> list[tuple[str, str]]:
    home = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"
    return [(home + name, md5) for name, md5 in files]


class QMNIST(MNIST):
    """The digits from which MNIST was made, with who wrote them, by Yadav and Bottou. The folder is ``QMNIST/raw/``.

    Args:
        root: the folder with ``QMNIST/raw/``, which holds ``qmnist-train-images-idx3-ubyte`` and so on.
        what: ``train``, ``test`` (60,000 images), ``test10k`` (those of MNIST's test part), ``test50k`` (the
            others) or ``nist`` (all digits of NIST); by default as ``train`` says.
        compat: the target is the digit; else all that is known: an int64 tensor of 8 numbers.
        train: the training part, else the test part, where ``what`` is not given.
        **kwargs: ``transform``, ``target_transform`` and ``download``, as for ``MNIST``.

    Source: https://github.com/facebookresearch/qmnist
    """

    subsets: ClassVar[dict[str, str]] = {
        "train": "train",
        "test": "test",
        "test10k": "test",
        "test50k": "test",
        "nist": "nist",
    }
    resources: ClassVar[dict[str, list[tuple[str, str]]]] = {  # type: ignore[assignment]
        "train": _qmnist(
            ("qmnist-train-images-idx3-ubyte.gz", "ed72d4157d28c017586c42bc6afe6370"),
            ("qmnist-train-labels-idx2-int.gz", "0058f8dd561b90ffdd0f734c6a30e5e4"),
        ),
        "test": _qmnist(
            ("qmnist-test-images-idx3-ubyte.gz", "1394631089c404de565df7b7aeaf9412"),
            ("qmnist-test-labels-idx2-int.gz", "5b5b05890a5e13444e108efe57b788aa"),
        ),
        "nist": _qmnist(
            ("xnist-images-idx3-ubyte.xz", "7f124b3b8ab81486c9d8c2749c17f834"),
            ("xnist-labels-idx2-int.xz", "5ed0e788978e45d4a8bd4b7caec3d79d"),
        ),
    }

    def __init__(
        self,
        root: str | Path,
        what: str | None = None,
        compat: bool = True,
        train: bool = True,
        **kwargs: Any,
    ) -> None:
        if what is None:
            what = "train" if train else "test"
        self.what = verify_str_arg(what, "what", tuple(self.subsets))
        self.compat = compat
        self.data_file = self.training_file = self.test_file = f"{what}.pt"
        super().__init__(root, train, **kwargs)

    @property
    def _files(self) -> list[tuple[str, str]]:
        return self.resources[self.subsets[self.what]]

    @property
    def images_file(self) -> str:
        return os.path.join(self.raw_folder, os.path.splitext(self._official_names()[0])[0])

    @property
    def labels_file(self) -> str:
        return os.path.join(self.raw_folder, os.path.splitext(self._official_names()[1])[0])

    def _official_names(self) -> list[str]:
        return [os.path.basename(url) for url, _ in self._files]

    def _load_data(self) -> tuple[Tensor, Tensor]:
        data = read_image_file(_plain_or_gzipped(self.images_file))
        labels = _plain_or_gzipped(self.labels_file)
        targets = read_sn3_pascalvincent_tensor(labels).long()  # type: ignore[attr-defined]
        if targets.dim() != 2:
            raise ValueError(f"{labels}: targets should have 2 dimensions instead of {targets.dim()}")
        part = {"test10k": slice(10000), "test50k": slice(10000, None)}.get(self.what)
        return (data, targets) if part is None else (data[part].clone(), targets[part].clone())

    def download(self) -> None:
        """Fetch the files of this part and unpack them, unless that is done."""
        if self._check_exists():
            return
        for url, md5 in self._files:
            download_and_extract_archive(url, self.raw_folder, md5=md5)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its target (after ``target_transform``)."""
        target: Any = self.targets[index]  # type: ignore[index]
        image = image_from_array(self.data[index].numpy())  # type: ignore[index]
        return self._transformed(image, int(target[0]) if self.compat else target)

    def extra_repr(self) -> str:
        return f"Split: {self.what}"


def _plain_or_gzipped(file: str) -> str:
    """The file if it is there, else its gzipped form if that is."""
    return f"{file}.gz" if not os.path.isfile(file) and os.path.isfile(f"{file}.gz") else file


def read_sn3_pascalvincent_tensor(path: str | Path, strict: bool = True) -> Tensor:
    """The tensor in an idx file, gzipped or not; PyTorch's name, after the format's inventor Pascal Vincent."""
    return from_numpy(read_idx(path))


def _read_bytes(path: str | Path, dimensions: int) -> Tensor:
    x = read_sn3_pascalvincent_tensor(path)
    if x._a.dtype != np.uint8:
        raise TypeError(f"{path}: x should be of dtype torch.uint8 instead of {x.dtype}")
    if x.dim() != dimensions:
        raise ValueError(
            f"{path}: x should have {dimensions} dimension{'s'[: dimensions > 1]} instead of {x.dim()}"
        )
    return x


def read_label_file(path: str | Path) -> Tensor:
    """The labels in an idx file: int64 (N,)."""
    return _read_bytes(path, 1).long()  # type: ignore[attr-defined]


def read_image_file(path: str | Path) -> Tensor:
    """The images in an idx file: uint8 (N, height, width)."""
    return _read_bytes(path, 3)
