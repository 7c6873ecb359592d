"""Places365: photographs of 365 kinds of places, 1.8 million to train on, or 8 million."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import default_loader
from .utils import check_integrity, download_and_extract_archive, verify_str_arg
from .vision import VisionDataset


class Places365(VisionDataset):
    """Places, by Zhou, Lapedriza, Khosla, Oliva and Torralba.

    Args:
        root: the folder of the lists (``categories_places365.txt`` and others) and folders of images.
        split: ``train-standard``, ``train-challenge``, ``val`` or ``test`` (whose targets are None).
        small: images of 256 by 256 pixels, else larger ones of any shape.
        download: fetch the official archives and unpack them, unless that is done.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the sorted names; ``class_to_idx``, their numbers; ``imgs``, (path, class number) of each
    image; ``targets``, the class numbers.
    Source: http://places2.csail.mit.edu
    """

    _SPLITS = ("train-standard", "train-challenge", "val", "test")
    _BASE_URL = "http://data.csail.mit.edu/places/places365/"
    _DEVKIT_META: ClassVar[dict[str, tuple[str, str]]] = {
        "standard": ("filelist_places365-standard.tar", "35a0585fee1fa656440f3ab298f8479c"),
        "challenge": ("filelist_places365-challenge.tar", "70a8307e459c3de41690a7c76c931734"),
    }
    _CATEGORIES_META = ("categories_places365.txt", "06c963b85866bd0649f97cb43dd16673")
    _FILE_LIST_META: ClassVar[dict[str, tuple[str, str]]] = {
        "train-standard": ("places365_train_standard.txt", "30f37515461640559006b8329efbed1a"),
        "train-challenge": ("places365_train_challenge.txt", "b2931dc997b8c33c27e7329c073a6b57"),
        "val": ("places365_val.txt", "e9f2fd57bfd9d07630173f4e8708e4b1"),
        "test": ("places365_test.txt", "2fce8233fe493576d724142e45d93653"),
    }
    _IMAGES_META: ClassVar[dict[tuple[str, bool], tuple[str, str]]] = {
        ("train-standard", False): ("train_large_places365standard.tar", "67e186b496a84c929568076ed01a8aa1"),
        ("train-challenge", False): (
            "train_large_places365challenge.tar",
            "605f18e68e510c82b958664ea134545f",
        ),
        ("val", False): ("val_large.tar", "9b71c4993ad89d2d8bcbdc4aef38042f"),
        ("test", False): ("test_large.tar", "41a4b6b724b1d2cd862fb3871ed59913"),
        ("train-standard", True): ("train_256_places365standard.tar", "53ca1c756c3d1e7809517cc47c5561c5"),
        ("train-challenge", True): ("train_256_places365challenge.tar", "741915038a5e3471ec7332404dfb64ef"),
        ("val", True): ("val_256.tar", "e27b17d8d44f4af9a78502beb927f808"),
        ("test", True): ("test_256.tar", "f532f6ad7b582262a2ec8009075e186b"),
    }

    def __init__(
        self,
        root: str | Path,
        split: str = "train-standard",
        small: bool = False,
        download: bool = False,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = verify_str_arg(split, "split", self._SPLITS)
        self.small, self.loader = small, loader
        lines = self._lines(*self._CATEGORIES_META, download)
        self.class_to_idx = {name: int(number) for name, number in (line.split() for line in lines)}
        self.classes = sorted(self.class_to_idx)
        self.imgs = [
            self._entry(*line.split()) for line in self._lines(*self._FILE_LIST_META[split], download)
        ]
        self.targets = [target for _, target in self.imgs]
        if download:
            self.download_images()

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    @property
    def variant(self) -> str:
        """Which of the two editions the lists are from."""
        return "challenge" if "challenge" in self.split else "standard"

    @property
    def images_dir(self) -> str:
        """The folder of the images."""
        size = "256" if self.small else "large"
        name = f"data_{size}_{self.variant}" if self.split.startswith("train") else f"{self.split}_{size}"
        return os.path.join(self.root, name)  # type: ignore[arg-type]

    def _entry(self, name: str, number: str | None = None) -> tuple[str, int | None]:
        path = os.path.join(self.images_dir, *name.lstrip("/").split("/"))
        return path, None if number is None else int(number)

    def _lines(self, name: str, md5: str, download: bool) -> list[str]:
        path = self._home / name
        if not check_integrity(path, md5):
            archive, archive_md5 = self._DEVKIT_META[self.variant]
            if not download:
                raise RuntimeError(
                    f"The file {path} does not exist or is corrupted. You can set download=True to download it. "
                    f"It comes in {archive} (md5 {archive_md5})."
                )
            download_and_extract_archive(self._BASE_URL + archive, self._home, md5=archive_md5)
        return path.read_text("utf-8").splitlines()

    def download_images(self) -> None:
        """Fetch the official archive of images and unpack it, unless that is done."""
        if os.path.exists(self.images_dir):
            return
        name, md5 = self._IMAGES_META[self.split, self.small]
        download_and_extract_archive(self._BASE_URL + name, self._home, md5=md5)
        if self.split.startswith("train"):  # unpacked, both editions have the same name
            os.rename(self.images_dir.rsplit("_", 1)[0], self.images_dir)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its class number (after ``target_transform``)."""
        path, target = self.imgs[index]
        return self._transformed_together(self.loader(path), target)

    def __len__(self) -> int:
        return len(self.imgs)

    def extra_repr(self) -> str:
        return f"Split: {self.split}\nSmall: {self.small}"
