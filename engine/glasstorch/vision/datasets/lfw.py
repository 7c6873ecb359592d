"""LFW, Labeled Faces in the Wild: portraits of 5,749 people found in the news; who is it, and are two the same?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from .folder import default_loader
from .listed import numbered
from .utils import check_integrity, verify_str_arg
from .vision import VisionDataset


class _LFW(VisionDataset):
    """What both share: where the portraits and lists are. The lists' numbers and names are divided by tabs."""

    base_folder = "lfw-py"
    file_dict: ClassVar[dict[str, tuple[str, str, str]]] = {
        "original": ("lfw", "lfw.tgz", "a17d05bd522c52d84eca14327a23d494"),
        "funneled": ("lfw_funneled", "lfw-funneled.tgz", "1b42dfed7d15c9b2dd63d5e5840c86ad"),
        "deepfunneled": ("lfw-deepfunneled", "lfw-deepfunneled.tgz", "68331da3eb755a505a502b5aacb3c201"),
    }
    checksums: ClassVar[dict[str, str]] = {
        "pairs.txt": "9f1ba174e4e1c508ff7cdf10ac338a7d",
        "pairsDevTest.txt": "5132f7440eb68cf58910c8a45a2ac10b",
        "pairsDevTrain.txt": "4f27cbf15b2da4a85c1907eb4181ad21",
        "people.txt": "450f0863dd89e85e73936a6d71a3474b",
        "peopleDevTest.txt": "e4bf5be0a43b5dcd9dc5ccfcb8fb19c5",
        "peopleDevTrain.txt": "54eaac34beb6d042ed3a7d883e247a21",
        "lfw-names.txt": "a6d0a479bd074669f656265a6e693f6d",
    }
    annot_file: ClassVar[dict[str, str]] = {"10fold": "", "train": "DevTrain", "test": "DevTest"}
    names = "lfw-names.txt"

    def __init__(
        self,
        root: str | Path,
        split: str,
        image_set: str,
        view: str,
        transform: Callable | None,
        target_transform: Callable | None,
        download: bool,
        loader: Callable[[Any], Any],
    ) -> None:
        super().__init__(
            os.path.join(root, self.base_folder), transform=transform, target_transform=target_transform
        )
        self.image_set = verify_str_arg(image_set.lower(), "image_set", self.file_dict.keys())
        images_dir, self.filename, self.md5 = self.file_dict[self.image_set]
        self.view = verify_str_arg(view.lower(), "view", ["people", "pairs"])
        self.split = verify_str_arg(split.lower(), "split", ["10fold", "train", "test"])
        self.labels_file = f"{self.view}{self.annot_file[self.split]}.txt"
        files = [self.labels_file, *([self.names] if view == "people" else [])]
        wanted = {self.filename: self.md5, **{name: self.checksums[name] for name in files}}
        listed = ", ".join(f"{name} (md5 {md5})" for name, md5 in wanted.items())
        if download:
            raise ValueError(
                "LFW dataset is no longer available for automatic download."
                f" Bring these files from elsewhere, put them into {self.root} and unpack the first there: {listed}"
            )
        if not all(check_integrity(self._home / name, md5) for name, md5 in wanted.items()):
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it"
                f" no more; put these files into {self.root} and unpack the first there: {listed}"
            )
        self.images_dir = os.path.join(self._home, images_dir)
        self._loader = loader
        self.data: list[Any] = []
        self.targets: list[int] = []

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    def _rows(self) -> Iterator[list[str]]:
        for line in (self._home / self.labels_file).read_text("utf-8").splitlines():
            yield line.strip().split("\t")

    def _get_path(self, identity: str, no: int | str) -> str:
        return os.path.join(self.images_dir, identity, f"{identity}_{int(no):04d}.jpg")

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Alignment: {self.image_set}\nSplit: {self.split}"


class LFWPeople(_LFW):
    """Who is it? By Huang, Ramesh, Berg and Learned-Miller.

    Args:
        root: the folder with ``lfw-py/``, which holds the archive, what was in it, and the lists.
        split: ``10fold``, ``train`` or ``test``.
        image_set: as found, ``original``, or with the faces moved into place: ``funneled``, ``deepfunneled``.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the person's number.
        download: must be False: the official address does not answer any more.
        loader: a function of a path that reads the image.

    Attributes: ``data``, the files; ``targets``, the numbers; ``class_to_idx``, the number of each name.
    Source: http://vis-www.cs.umass.edu/lfw/
    """

    def __init__(
        self,
        root: str | Path,
        split: str = "10fold",
        image_set: str = "funneled",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, split, image_set, "people", transform, target_transform, download, loader)
        lines = (self._home / self.names).read_text("utf-8").splitlines()
        self.class_to_idx = numbered([line.split()[0] for line in lines])
        rows = self._rows()
        folds = int(next(rows)[0]) if self.split == "10fold" else 1
        for _ in range(folds):
            for _ in range(int(next(rows)[0])):
                name, count = next(rows)
                self.data += [self._get_path(name, number) for number in range(1, int(count) + 1)]
                self.targets += [self.class_to_idx[name]] * int(count)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and the person's number (after ``target_transform``)."""
        return self._transformed(self._loader(self.data[index]), self.targets[index])

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}\nClasses (identities): {len(self.class_to_idx)}"


class LFWPairs(_LFW):
    """Are two portraits of the same person (1) or not (0)? Arguments as for ``LFWPeople``; items are
    (image, image, 0 or 1).

    Attributes: ``data``, pairs of files; ``targets``; ``pair_names``, pairs of names.
    Source: http://vis-www.cs.umass.edu/lfw/
    """

    def __init__(
        self,
        root: str | Path,
        split: str = "10fold",
        image_set: str = "funneled",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, split, image_set, "pairs", transform, target_transform, download, loader)
        self.pair_names: list[tuple[str, str]] = []
        rows = self._rows()
        head = [int(number) for number in next(rows)]
        folds, count = head if self.split == "10fold" else (1, head[0])
        for _ in range(folds):
            for same in [1] * count + [0] * count:  # name, two numbers; or name, number, name, number
                row = next(rows)
                first, second = (row[0], row[0]) if same else (row[0], row[2])
                self.pair_names.append((first, second))
                self.data.append(
                    (self._get_path(first, row[1]), self._get_path(second, row[2] if same else row[3]))
                )
                self.targets.append(same)

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        """The two images (each after ``transform``), and whether they are of the same person."""
        first, second = (self._loader(path) for path in self.data[index])
        if self.transform is not None:
            first, second = self.transform(first), self.transform(second)
        target: Any = self.targets[index]
        return first, second, target if self.target_transform is None else self.target_transform(target)
