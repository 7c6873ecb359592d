"""ImageNet, the thousand classes of 2012: unpacked from the official archives, which one has to ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...serialization import load, save
from .folder import ImageFolder
from .matlab import read_mat
from .utils import check_integrity, extract_archive, verify_str_arg

ARCHIVE_META = {
    "train": ("ILSVRC2012_img_train.tar", "1d675b47d978889d74fa0da5fadfb00e"),
    "val": ("ILSVRC2012_img_val.tar", "29b22e2961454d5413ddabcf34fc5622"),
    "devkit": ("ILSVRC2012_devkit_t12.tar.gz", "fa75699e90414af021442c21a62c3abf"),
}
META_FILE = "meta.bin"


class ImageNet(ImageFolder):
    """Photographs of a thousand kinds of things: 1,281,167 to train on, 50,000 to validate.

    Args:
        root: the folder with ``ILSVRC2012_devkit_t12.tar.gz`` and ``ILSVRC2012_img_train.tar`` or
            ``ILSVRC2012_img_val.tar``, from https://image-net.org/challenges/LSVRC/2012/2012-downloads.php; unpacked
            at first use into ``train/`` or ``val/``, one folder for each class (the kit's labels need SciPy to read).
        split: ``train`` or ``val``.
        **kwargs: ``transform``, ``target_transform`` and ``loader``, as for ``ImageFolder``.

    Attributes: those of ``ImageFolder``, but ``classes`` are tuples of each class's names, and ``class_to_idx`` has
    every name; ``wnids`` and ``wnid_to_idx``: their ids in WordNet.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageNet.html
    """

    def __init__(self, root: str | Path, split: str = "train", **kwargs: Any) -> None:
        home = self.root = os.path.expanduser(root)
        self.split = verify_str_arg(split, "split", ("train", "val"))
        self.parse_archives()
        names = load_meta_file(home)[0]
        super().__init__(self.split_folder, **kwargs)
        self.root = home
        self.wnids, self.wnid_to_idx = self.classes, self.class_to_idx
        self.classes = [names[wnid] for wnid in self.wnids]  # type: ignore[misc]
        self.class_to_idx = {name: i for i, of_class in enumerate(self.classes) for name in of_class}

    def parse_archives(self) -> None:
        """Unpack what is not unpacked yet."""
        if not check_integrity(os.path.join(self.root, META_FILE)):  # type: ignore[arg-type]
            parse_devkit_archive(self.root)  # type: ignore[arg-type]
        if not os.path.isdir(self.split_folder):
            (parse_train_archive if self.split == "train" else parse_val_archive)(self.root)  # type: ignore[arg-type]

    @property
    def split_folder(self) -> str:
        """The folder of the class folders."""
        return os.path.join(self.root, self.split)  # type: ignore[arg-type]

    def extra_repr(self) -> str:
        return f"Split: {self.split}"


def load_meta_file(root: str | Path, file: str | None = None) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The names of each class by its WordNet id, and the id of each validation image, in order."""
    path = os.path.join(root, META_FILE if file is None else file)
    if not check_integrity(path):
        raise RuntimeError(
            f"The meta file {path} is not present in the root directory or is corrupted. "
            "This file is automatically created by the ImageNet dataset."
        )
    return load(path, weights_only=True)


def _official_archive(root: str | Path, kind: str, file: str | None) -> Path:
    name, md5 = ARCHIVE_META[kind]
    name = file or name
    if not check_integrity(os.path.join(root, name), md5):
        raise RuntimeError(
            f"The archive {name} is not present in the root directory or is corrupted. "
            f"You need to download it externally and place it in {root}. Its md5 sum is {md5}."
        )
    return Path(root, name)


def parse_devkit_archive(root: str | Path, file: str | None = None) -> None:
    """Take names and validation labels out of the development kit and save them as ``meta.bin``."""
    archive = _official_archive(root, "devkit", file)
    with tempfile.TemporaryDirectory() as folder:
        extract_archive(archive, folder)
        data = Path(folder, "ILSVRC2012_devkit_t12", "data")
        # Each entry: number, WordNet id, names, explanation, count of children. The thousand classes have no children.
        synsets = read_mat(data / "meta.mat", ("synsets",), squeeze_me=True)["synsets"]
        leaves = [
            (int(number), str(wnid), str(names))
            for number, wnid, names, _, children, *_ in synsets
            if not children
        ]
        wnid_of = {number: wnid for number, wnid, _ in leaves}
        names_of = {wnid: tuple(names.split(", ")) for _, wnid, names in leaves}
        numbers = (data / "ILSVRC2012_validation_ground_truth.txt").read_text("utf-8").split()
        save((names_of, [wnid_of[int(number)] for number in numbers]), os.path.join(root, META_FILE))


@contextmanager
def _all_or_nothing(place: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name once it is complete."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def parse_train_archive(root: str | Path, file: str | None = None, folder: str = "train") -> None:
    """Unpack the training images: an archive of one archive for each class."""
    archive = _official_archive(root, "train", file)
    with _all_or_nothing(Path(root, folder)) as fresh:
        extract_archive(archive, fresh)
        for of_class in sorted(fresh.glob("*.tar")):
            extract_archive(of_class, of_class.with_suffix(""), remove_finished=True)


def parse_val_archive(
    root: str | Path, file: str | None = None, wnids: list[str] | None = None, folder: str = "val"
) -> None:
    """Unpack the validation images, each into its class's folder.

    ``wnids``: the class of each image, in the order of their names; by default as the meta file says.
    """
    archive = _official_archive(root, "val", file)
    classes = load_meta_file(root)[1] if wnids is None else wnids
    with _all_or_nothing(Path(root, folder)) as fresh:
        extract_archive(archive, fresh)
        images = sorted(fresh.iterdir())
        if len(images) != len(classes):
            raise RuntimeError(f"{archive} holds {len(images)} images, and {len(classes)} labels are known.")
        for wnid, image in zip(classes, images, strict=True):
            (fresh / wnid).mkdir(exist_ok=True)
            image.rename(fresh / wnid / image.name)
