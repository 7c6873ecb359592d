"""iNaturalist: photographs of plants, animals and fungi, sorted by species; the contests of 2017 to 2021."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import open_image
from .utils import download_and_extract_archive, verify_str_arg
from .vision import VisionDataset

CATEGORIES_2021 = ["kingdom", "phylum", "class", "order", "family", "genus"]
_HOME = "https://ml-inat-competition-datasets.s3.amazonaws.com/"
DATASET_URLS = {
    "2017": f"{_HOME}2017/train_val_images.tar.gz",
    "2018": f"{_HOME}2018/train_val2018.tar.gz",
    "2019": f"{_HOME}2019/train_val2019.tar.gz",
    "2021_train": f"{_HOME}2021/train.tar.gz",
    "2021_train_mini": f"{_HOME}2021/train_mini.tar.gz",
    "2021_valid": f"{_HOME}2021/val.tar.gz",
}
DATASET_MD5 = {
    "2017": "7c784ea5e424efaec655bd392f87301f",
    "2018": "b1c6952ce38f31868cc50ea72d066cc3",
    "2019": "c60a6e2962c9b8ccbd458d12c8582644",
    "2021_train": "e0526d53c7f7b2e3167b2b43bb2690ed",
    "2021_train_mini": "db6ed8330e634445efc8fec83ae81442",
    "2021_valid": "f6f6e0e242e3d4c9569ba56400938afc",
}


class INaturalist(VisionDataset):
    """Living things, by Van Horn and others.

    Args:
        root: the folder with one named after the version.
        version: ``2021_train``, ``2021_train_mini``, ``2021_valid``, ``2019``, ``2018`` or ``2017``.
        target_type: ``full``, the species' number; of 2021 also ``kingdom``, ``phylum``, ``class``, ``order``,
            ``family`` and ``genus``, before that ``super``; or a list of these: a tuple.
        transform: a function of the image (a Pillow image, unless ``loader`` gives others).
        target_transform: a function of the target.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Attributes: ``all_categories``, the species' folders; ``categories_index``, for each kind of higher category the
    number of each name; ``categories_map``, the numbers of each species' higher categories; ``index``, (species,
    file) of each image.
    Source: https://github.com/visipedia/inat_comp
    """

    def __init__(
        self,
        root: str | Path,
        version: str = "2021_train",
        target_type: list[str] | str = "full",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] | None = None,
    ) -> None:
        self.version = verify_str_arg(version, "version", DATASET_URLS.keys())
        super().__init__(os.path.join(root, version), transform=transform, target_transform=target_transform)
        self.loader = loader
        os.makedirs(root, exist_ok=True)
        if download:
            self.download()
        if not self._check_exists():
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or unpack "
                f"{os.path.basename(DATASET_URLS[version])} (md5 {DATASET_MD5[version]}), its folder as {self.root}."
            )
        kinds = target_type if isinstance(target_type, list) else [target_type]
        recent = version.startswith("2021")
        known = ("full", *CATEGORIES_2021) if recent else ("full", "super")
        self.target_type = [verify_str_arg(kind, "target_type", known) for kind in kinds]
        self.all_categories: list[str] = []
        self.categories_index: dict[str, dict[str, int]] = {}
        self.categories_map: list[dict[str, int]] = []
        (self._init_2021 if recent else self._init_pre2021)()
        self.index = [
            (number, name)
            for number, folder in enumerate(self.all_categories)
            for name in os.listdir(self._home / folder)
        ]

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    def _init_2021(self) -> None:
        """Folders are named after number, kingdom, phylum, class, order, family, genus and species."""
        self.all_categories = sorted(os.listdir(self._home))
        self.categories_index = {kind: {} for kind in CATEGORIES_2021}
        for number, folder in enumerate(self.all_categories):
            pieces = folder.split("_")
            if len(pieces) != 8:
                raise RuntimeError(f"Unexpected category name {folder}, wrong number of pieces")
            if pieces[0] != f"{number:05d}":
                raise RuntimeError(f"Unexpected category id {pieces[0]}, expecting {number:05d}")
            higher = {}
            for kind, name in zip(CATEGORIES_2021, pieces[1:7], strict=True):
                names = self.categories_index[kind]
                higher[kind] = names.setdefault(name, len(names))
            self.categories_map.append(higher)

    def _init_pre2021(self) -> None:
        """Folders of higher categories hold those of species, in 2018 and 2019 named after their numbers."""
        groups = sorted(os.listdir(self._home))
        self.categories_index = {"super": {name: i for i, name in enumerate(groups)}}
        species: dict[int, tuple[str, int]] = {}
        for group_number, group in enumerate(groups):
            for name in sorted(os.listdir(self._home / group)):
                if self.version != "2017" and not name.isdecimal():
                    raise RuntimeError(f"Unexpected non-numeric dir name: {name}")
                number = len(species) if self.version == "2017" else int(name)
                if number in species:
                    raise RuntimeError(f"Duplicate category {name}")
                species[number] = (os.path.join(group, name), group_number)
        for number in range(max(species, default=-1) + 1):
            if number not in species:
                raise RuntimeError(f"Missing category {number}")
            folder, group_number = species[number]
            self.all_categories.append(folder)
            self.categories_map.append({"super": group_number})

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and what ``target_type`` asks for."""
        number, name = self.index[index]
        path = self._home / self.all_categories[number] / name
        targets = tuple(
            number if kind == "full" else self.categories_map[number][kind] for kind in self.target_type
        )
        image = open_image(path) if self.loader is None else self.loader(str(path))
        return self._transformed(image, targets if len(targets) > 1 else targets[0])

    def __len__(self) -> int:
        return len(self.index)

    def category_name(self, category_type: str, category_id: int) -> str:
        """The name of a category: of its kind (``full``: the species' folder) and number."""
        if category_type == "full":
            return self.all_categories[category_id]
        if category_type not in self.categories_index:
            raise ValueError(f"Invalid category type '{category_type}'")
        names = {number: name for name, number in self.categories_index[category_type].items()}
        if category_id not in names:
            raise ValueError(f"Invalid category id {category_id} for {category_type}")
        return names[category_id]

    def _check_exists(self) -> bool:
        return self._home.is_dir() and any(self._home.iterdir())

    def download(self) -> None:
        """Fetch the official archive and unpack it, unless that is done."""
        if self._check_exists():
            return
        url, md5 = DATASET_URLS[self.version], DATASET_MD5[self.version]
        download_and_extract_archive(url, self._home.parent, filename=f"{self.version}.tgz", md5=md5)
        unpacked = self._home.parent / os.path.basename(url).removesuffix(".tar.gz")
        if not unpacked.exists():
            raise RuntimeError(f"Unable to find downloaded files at {unpacked}")
        os.rename(unpacked, self._home)
