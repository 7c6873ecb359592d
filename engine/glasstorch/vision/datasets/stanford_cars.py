"""Stanford Cars: 196 models of cars, by make and year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .listed import ListedImages, numbered
from .matlab import read_mat
from .utils import verify_str_arg


class StanfordCars(ListedImages):
    """Cars, by Krause, Stark, Deng and Fei-Fei; the labels are MATLAB files, and reading them needs SciPy.

    Args:
        root: the folder with ``stanford_cars/``, which holds ``devkit/``, ``cars_train/`` or ``cars_test/`` and
            ``cars_test_annos_withlabels.mat``.
        split: ``train`` (8,144 images) or ``test`` (8,041).
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: must be False: the official address does not answer any more.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the names; ``class_to_idx``, their numbers.
    """

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        self._split = verify_str_arg(split, "split", ("train", "test"))
        folder = self._home / "stanford_cars"
        devkit, images = folder / "devkit", folder / f"cars_{split}"
        labels = (
            devkit / "cars_train_annos.mat" if split == "train" else folder / "cars_test_annos_withlabels.mat"
        )
        if download:
            raise ValueError(
                "The original URL is broken so the StanfordCars dataset cannot be downloaded anymore. "
                f"Bring it from elsewhere and put it into {folder}."
            )
        if not (devkit.is_dir() and labels.exists() and images.is_dir()):
            raise RuntimeError(f"Dataset not found. {devkit}, {labels} and {images} should be there.")
        self.classes = read_mat(devkit / "cars_meta.mat", ("class_names",), squeeze_me=True)[
            "class_names"
        ].tolist()
        self.class_to_idx = numbered(self.classes)
        for entry in read_mat(labels, ("annotations",), squeeze_me=True)["annotations"]:
            self._image_files.append(str(images / entry["fname"]))
            self._labels.append(int(entry["class"]) - 1)
