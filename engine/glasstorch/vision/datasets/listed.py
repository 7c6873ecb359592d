"""What the sets share that are a list of image files and a list of class numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .folder import default_loader
from .vision import VisionDataset


class ListedImages(VisionDataset):
    """Subclasses fill ``_image_files`` and ``_labels``.

    Args:
        root: the folder of the data.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        loader: a function of a path that reads the image.
    """

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.loader = loader
        self._image_files: list[Any] = []
        self._labels: list[Any] = []

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    def __getitem__(self, idx: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its class number (after ``target_transform``)."""
        return self._transformed(self.loader(self._image_files[idx]), self._labels[idx])

    def __len__(self) -> int:
        return len(self._image_files)


def numbered(names: list[Any]) -> dict[Any, int]:
    """The number of each name."""
    return {name: i for i, name in enumerate(names)}


def not_found(what: str, place: Path | str) -> RuntimeError:
    """The error for a set that is not there: what to put where."""
    return RuntimeError(
        f"Dataset not found. You can use download=True to download it, or put {what} into {place} and unpack it there."
    )
