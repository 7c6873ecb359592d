"""Caltech 101 and 256: photographs of things, found on the web, some with an outline drawn by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import open_image
from .matlab import read_mat
from .utils import download_and_extract_archive, extract_archive, verify_str_arg
from .vision import VisionDataset


class _Caltech(VisionDataset):
    """What both share: folders of categories, with numbered files."""

    _folder: str  # in root
    _images: str  # in that folder
    _archive: tuple[str, str, str]  # address, name, md5

    def __init__(
        self, root: str | Path, transform: Callable | None, target_transform: Callable | None, download: bool
    ) -> None:
        super().__init__(
            os.path.join(root, self._folder), transform=transform, target_transform=target_transform
        )
        os.makedirs(self._home, exist_ok=True)
        if download:
            self.download()
        if not self._check_integrity():
            _, name, md5 = self._archive
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{name} (md5 {md5}) into {self.root} and unpack it there."
            )
        self.categories = sorted(os.listdir(self._home / self._images))
        self.index: list[int] = []
        self.y: list[int] = []

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    def _number(self, endings: str) -> None:
        """Files are numbered from 1 within each category."""
        for label, category in enumerate(self.categories):
            names = os.listdir(self._home / self._images / category)
            count = sum(name.endswith(endings) for name in names)
            self.index += range(1, count + 1)
            self.y += [label] * count

    def _check_integrity(self) -> bool:
        return (self._home / self._images).exists()

    def download(self) -> None:
        """Fetch the official archive and unpack it, unless that is done."""
        if not self._check_integrity():
            url, name, md5 = self._archive
            download_and_extract_archive(url, self._home, filename=name, md5=md5)

    def __len__(self) -> int:
        return len(self.index)


class Caltech101(_Caltech):
    """Things of 101 categories, by Li, Andreeto, Ranzato and Perona.

    Args:
        root: the folder with ``caltech101/``, which holds ``101_ObjectCategories/`` and ``Annotations/``.
        target_type: ``category``, its number, or ``annotation``, the outline as a NumPy array (2, points), which
            needs SciPy to read; or a list of both.
        transform: a function of the image (a Pillow image as stored, in RGB or grey).
        target_transform: a function of the target.
        download: fetch the official archive and unpack it, unless that is done.

    Attributes: ``categories``, the names; ``y``, each image's category; ``index``, its number there.
    Source: https://data.caltech.edu/records/mzrjq-6wc02
    """

    _folder, _images = "caltech101", "101_ObjectCategories"
    _archive = (
        "https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip",
        "caltech-101.zip",
        "3138e1922a9193bfa496528edbbc45d0",
    )
    _annotation_names: ClassVar[dict[str, str]] = {  # where they are called otherwise
        "Faces": "Faces_2",
        "Faces_easy": "Faces_3",
        "Motorbikes": "Motorbikes_16",
        "airplanes": "Airplanes_Side_2",
    }

    def __init__(
        self,
        root: str | Path,
        target_type: list[str] | str = "category",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        kinds = [target_type] if isinstance(target_type, str) else target_type
        self.target_type = [verify_str_arg(kind, "target_type", ("category", "annotation")) for kind in kinds]
        super().__init__(root, transform, target_transform, download)
        self.categories.remove("BACKGROUND_Google")  # images of anything, no category
        self.annotation_categories = [self._annotation_names.get(name, name) for name in self.categories]
        self._number("")

    def _target(self, kind: str, index: int) -> Any:
        label = self.y[index]
        if kind == "category":
            return label
        folder = self._home / "Annotations" / self.annotation_categories[label]
        return read_mat(folder / f"annotation_{self.index[index]:04d}.mat", ("obj_contour",))["obj_contour"]

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and what ``target_type`` asks for."""
        folder = self._home / self._images / self.categories[self.y[index]]
        image = open_image(folder / f"image_{self.index[index]:04d}.jpg")
        targets = tuple(self._target(kind, index) for kind in self.target_type)
        return self._transformed(image, targets if len(targets) > 1 else targets[0])

    def download(self) -> None:
        """Fetch the official archive, unpack it and the archives in it, unless that is done."""
        if self._check_integrity():
            return
        super().download()
        inner = self._home / "caltech-101"
        for packed in inner.glob("*.gz"):
            extract_archive(packed, self._home)
        shutil.rmtree(inner)
        (self._home / self._archive[1]).unlink()

    def extra_repr(self) -> str:
        return f"Target type: {self.target_type}"


class Caltech256(_Caltech):
    """Things of 256 categories and one of anything, by Griffin, Holub and Perona.

    Args:
        root: the folder with ``caltech256/``, which holds ``256_ObjectCategories/``.
        transform: a function of the image (a Pillow image as stored, in RGB or grey).
        target_transform: a function of the category's number.
        download: fetch the official archive and unpack it, unless that is done.

    Attributes: ``categories``, the names; ``y``, each image's category; ``index``, its number there.
    Source: https://data.caltech.edu/records/nyy15-4j048
    """

    _folder, _images = "caltech256", "256_ObjectCategories"
    _archive = (
        "https://data.caltech.edu/records/nyy15-4j048/files/256_ObjectCategories.tar",
        "256_ObjectCategories.tar",
        "67b4f42ca05d46448c6bb8ecd2220f6d",
    )

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform, target_transform, download)
        self._number(".jpg")

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and its category's number."""
        label = self.y[index]
        folder = self._home / self._images / self.categories[label]
        return self._transformed(open_image(folder / f"{label + 1:03d}_{self.index[index]:04d}.jpg"), label)
