"""Omniglot: 1,623 characters of 50 alphabets, each drawn by 20 people; for learning from few examples."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import open_image
from .utils import check_integrity, download_and_extract_archive, list_dir, list_files
from .vision import VisionDataset


class Omniglot(VisionDataset):
    """Characters, by Lake, Salakhutdinov and Tenenbaum.

    Args:
        root: the folder with ``omniglot-py/``, which holds ``images_background.zip`` or ``images_evaluation.zip``
            and what was in it.
        background: the 30 alphabets to learn from, else the 20 to evaluate on.
        transform: a function of the image (a Pillow image of grey, unless ``loader`` gives others).
        target_transform: a function of the character's number.
        download: fetch the official archive and unpack it, unless that is done.
        loader: a function of a path that reads the image.

    Source: https://github.com/brendenlake/omniglot
    """

    folder = "omniglot-py"
    download_url_prefix = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python"
    zips_md5: ClassVar[dict[str, str]] = {
        "images_background": "68d2efa1b9178cc56df9314c21c6e718",
        "images_evaluation": "6b91aef0f799c5bb55b94e3f2daec811",
    }

    def __init__(
        self,
        root: str | Path,
        background: bool = True,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] | None = None,
    ) -> None:
        home = os.path.join(os.path.expanduser(root), self.folder)
        super().__init__(home, transform=transform, target_transform=target_transform)
        self.background, self.loader = background, loader
        part = "images_background" if background else "images_evaluation"
        archive, md5 = os.path.join(home, f"{part}.zip"), self.zips_md5[part]
        if download and not check_integrity(archive, md5):
            download_and_extract_archive(f"{self.download_url_prefix}/{part}.zip", home, md5=md5)
        if not check_integrity(archive, md5):
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{part}.zip (md5 {md5}) into {home} and unpack it there."
            )
        self.target_folder = os.path.join(home, part)
        self._characters = [
            os.path.join(alphabet, character)
            for alphabet in list_dir(self.target_folder)
            for character in list_dir(os.path.join(self.target_folder, alphabet))
        ]
        self._flat_character_images = [
            (name, number)
            for number, character in enumerate(self._characters)
            for name in list_files(os.path.join(self.target_folder, character), ".png")
        ]

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its character's number (after ``target_transform``)."""
        name, number = self._flat_character_images[index]
        path = os.path.join(self.target_folder, self._characters[number], name)
        return self._transformed(open_image(path, "L") if self.loader is None else self.loader(path), number)

    def __len__(self) -> int:
        return len(self._flat_character_images)
