"""MNIST and its relatives: 28 by 28 pixels of grey, ten classes, 60,000 images to train on and 10,000 to test."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.tensor import Tensor
from ...ops.exchange import from_numpy
from ..pillow import image_from_array
from .download import fetch, unpack
from .idx import read_idx
from .vision import VisionDataset


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
    classes: ClassVar[list[str]] = [
        *("0 - zero", "1 - one", "2 - two", "3 - three", "4 - four"),
        *("5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"),
    ]

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
        if download:
            self.download()
        self.data, self.targets = self._load()

    @property
    def raw_folder(self) -> str:
        """Where the official files lie."""
        return str(Path(self.root) / type(self).__name__ / "raw")  # type: ignore[arg-type]

    def _file(self, kind: str) -> Path | None:
        """A file of this part, plain or gzipped."""
        name = f"{'train' if self.train else 't10k'}-{kind}"
        folder = Path(self.raw_folder)
        return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)

    def _load(self) -> tuple[Tensor, Tensor]:
        images_file, labels_file = self._file("images-idx3-ubyte"), self._file("labels-idx1-ubyte")
        if images_file is None or labels_file is None:
            names = ", ".join(name for name, _ in self.resources)
            raise RuntimeError(
                "Dataset not found. You can use download=True to download it, or put the official files into "
                f"{self.raw_folder} yourself: {names}"
            )
        images, labels = read_image_file(images_file), read_label_file(labels_file)
        if len(images) != len(labels):
            raise RuntimeError(
                f"{images_file} holds {len(images)} images, {labels_file} holds {len(labels)} labels: "
                "they do not belong together. Delete both and download them again."
            )
        return images, labels

    def download(self) -> None:
        """Fetch the official files, unless they are there."""
        folder = Path(self.raw_folder)
        for name, md5 in self.resources:
            if not (folder / name).with_suffix("").is_file():
                unpack(fetch(name, md5, self.mirrors, folder))

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: i for i, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its label (after ``target_transform``)."""
        image: Any = image_from_array(self.data[index].numpy())  # type: ignore[index]
        target: Any = int(self.targets[index])  # type: ignore[index]
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"

    @property
    def train_data(self) -> Tensor:
        """The old name of ``data``."""
        warnings.warn("train_data has been renamed data", stacklevel=2)
        return self.data

    @property
    def test_data(self) -> Tensor:
        """The old name of ``data``."""
        warnings.warn("test_data has been renamed data", stacklevel=2)
        return self.data

    @property
    def train_labels(self) -> Tensor:
        """The old name of ``targets``."""
        warnings.warn("train_labels has been renamed targets", stacklevel=2)
        return self.targets

    @property
    def test_labels(self) -> Tensor:
        """The old name of ``targets``."""
        warnings.warn("test_labels has been renamed targets", stacklevel=2)
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


def _read_bytes(path: str | Path, dimensions: int) -> Tensor:
    x = from_numpy(read_idx(path))
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
