"""Oxford-IIIT Pet: photographs of 37 breeds of cats and dogs, with each animal's outline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .folder import open_image
from .listed import not_found, numbered
from .utils import download_and_extract_archive, verify_str_arg
from .vision import VisionDataset


class OxfordIIITPet(VisionDataset):
    """Cats and dogs, by Parkhi, Vedaldi, Zisserman and Jawahar.

    Args:
        root: the folder with ``oxford-iiit-pet/``, which holds ``images/`` and ``annotations/``.
        split: ``trainval`` or ``test``.
        target_types: ``category`` (the breed's number), ``binary-category`` (0: cat, 1: dog), ``segmentation`` (a
            Pillow image: 1 animal, 2 background, 3 outline), or a list of these: a tuple; of none: None.
        transforms: a function of image and target, instead of the two that follow.
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the target.
        download: fetch the official archives and unpack them, unless that is done.

    Attributes: ``classes`` and ``class_to_idx``, the breeds; ``bin_classes`` and ``bin_class_to_idx``, the species.
    Source: https://www.robots.ox.ac.uk/~vgg/data/pets/
    """

    _RESOURCES = (
        ("https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c"),
        (
            "https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz",
            "95a8c909bbe2e81eed6a22bccdf3f68f",
        ),
    )
    _VALID_TARGET_TYPES = ("category", "binary-category", "segmentation")

    def __init__(
        self,
        root: str | Path,
        split: str = "trainval",
        target_types: Sequence[str] | str = "category",
        transforms: Callable | None = None,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        self._split = verify_str_arg(split, "split", ("trainval", "test"))
        kinds = [target_types] if isinstance(target_types, str) else target_types
        self._target_types = [
            verify_str_arg(kind, "target_types", self._VALID_TARGET_TYPES) for kind in kinds
        ]
        super().__init__(root, transforms=transforms, transform=transform, target_transform=target_transform)
        folder = Path(self.root) / "oxford-iiit-pet"  # type: ignore[arg-type]
        self._images_folder, self._anns_folder = folder / "images", folder / "annotations"
        if download and not self._check_exists():
            for url, md5 in self._RESOURCES:
                download_and_extract_archive(url, folder, md5=md5)
        if not self._check_exists():
            raise not_found("images.tar.gz and annotations.tar.gz", folder)
        listed = self._anns_folder / f"{self._split}.txt"
        lines = [line.split() for line in listed.read_text("utf-8").splitlines()]
        if not all(len(line) == 4 for line in lines):
            raise RuntimeError(f"{listed} is damaged: each line is a name and three numbers.")
        self._labels = [int(breed) - 1 for _, breed, _, _ in lines]
        self._bin_labels = [int(species) - 1 for _, _, species, _ in lines]
        # A file is named after the breed and a number: "Egyptian_Mau_17".
        breeds = {
            label: name.rsplit("_", 1)[0] for (name, *_), label in zip(lines, self._labels, strict=True)
        }
        self.classes = [" ".join(part.title() for part in breeds[i].split("_")) for i in sorted(breeds)]
        self.class_to_idx = numbered(self.classes)
        self.bin_classes = ["Cat", "Dog"]
        self.bin_class_to_idx = numbered(self.bin_classes)
        self._images = [self._images_folder / f"{name}.jpg" for name, *_ in lines]
        self._segs = [self._anns_folder / "trimaps" / f"{name}.png" for name, *_ in lines]

    def _check_exists(self) -> bool:
        return self._images_folder.is_dir() and self._anns_folder.is_dir()

    def _target(self, kind: str, idx: int) -> Any:
        if kind == "segmentation":
            return open_image(self._segs[idx])
        return (self._labels if kind == "category" else self._bin_labels)[idx]

    def __getitem__(self, idx: int) -> tuple[Any, Any]:
        """The image and what ``target_types`` asks for."""
        targets = tuple(self._target(kind, idx) for kind in self._target_types)
        target = targets if len(targets) > 1 else targets[0] if targets else None
        return self._transformed_together(open_image(self._images[idx], "RGB"), target)

    def __len__(self) -> int:
        return len(self._images)
