"""FER2013: faces with one of seven expressions, 48 by 48 pixels of grey; from a contest on Kaggle."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..pillow import image_from_array
from .utils import check_integrity, verify_str_arg
from .vision import VisionDataset


class FER2013(VisionDataset):
    """Expressions, by Goodfellow and others: 0 anger, 1 disgust, 2 fear, 3 happiness, 4 sadness, 5 surprise, 6 none.

    Args:
        root: the folder with ``fer2013/``, which holds ``fer2013.csv`` or ``icml_face_data.csv`` (both parts), or
            ``train.csv`` and ``test.csv`` (without labels, so that these are None).
        split: ``train`` or ``test``.
        transform: a function of the image (a Pillow image of grey).
        target_transform: a function of the label.

    Source: https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge
    """

    _RESOURCES: ClassVar[dict[str, tuple[str, str]]] = {
        "train": ("train.csv", "3f0dfb3d3fd99c811a1299cb947e3131"),
        "test": ("test.csv", "b02c2298636a634e8c2faabbf3ea9a23"),
        "fer": ("fer2013.csv", "f8428a1edbd21e88f42c73edd2a14f95"),
        "icml": ("icml_face_data.csv", "b114b9e04e6949e5fe8b6a98b3892b1d"),
    }

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
    ) -> None:
        self._split = verify_str_arg(split, "split", ("train", "test"))
        super().__init__(root, transform=transform, target_transform=target_transform)
        folder = Path(self.root) / "fer2013"  # type: ignore[arg-type]
        kind = next((k for k in ("fer", "icml") if (folder / self._RESOURCES[k][0]).exists()), split)
        name, md5 = self._RESOURCES[kind]
        if not check_integrity(folder / name, md5):
            raise RuntimeError(
                f"{name} not found in {folder} or corrupted. You can download it from "
                "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge"
                f" (its md5 sum is {md5})"
            )
        wanted = {"train": ["Training"], "test": ["PublicTest", "PrivateTest"]}[split]
        with (folder / name).open(encoding="utf-8", newline="") as f:
            # One of the files has blanks before its columns' names.
            rows = [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(f)]
        self._samples = [
            (
                np.array(row["pixels"].split(), np.uint8).reshape(48, 48),
                int(row["emotion"]) if "emotion" in row else None,
            )
            for row in rows
            if "Usage" not in row or row["Usage"] in wanted
        ]

    def __getitem__(self, idx: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its label (after ``target_transform``)."""
        pixels, label = self._samples[idx]
        return self._transformed(image_from_array(pixels), label)

    def __len__(self) -> int:
        return len(self._samples)

    def extra_repr(self) -> str:
        return f"split={self._split}"
