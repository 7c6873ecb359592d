"""Files of one class in one folder: ``root/dog/1.jpg``, ``root/dog/more/2.jpg``, ``root/cat/3.jpg``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..pillow import pillow
from .vision import VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: str | tuple[str, ...]) -> bool:
    """Does the name end in one of the extensions (in lower case, with their dot)?"""
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename: str) -> bool:
    """Is this an image, by its name?"""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: str | Path) -> tuple[list[str], dict[str, int]]:
    """The names of the folders in a folder, sorted, and the number of each; FileNotFoundError if there is none."""
    with os.scandir(directory) as entries:
        classes = sorted(entry.name for entry in entries if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(
    directory: str | Path,
    class_to_idx: dict[str, int] | None = None,
    extensions: str | tuple[str, ...] | None = None,
    is_valid_file: Callable[[str], bool] | None = None,
    allow_empty: bool = False,
) -> list[tuple[str, int]]:
    """(path, class number) of every file that counts, sorted by class and path. See ``DatasetFolder``."""
    directory = os.path.expanduser(directory)
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")

    def counts(path: str) -> bool:
        if is_valid_file is not None:
            return is_valid_file(path)
        return has_file_allowed_extension(path, extensions)  # type: ignore[arg-type]

    samples: list[tuple[str, int]] = []
    empty = []
    for name in sorted(class_to_idx):
        before = len(samples)
        # Folders that are links are followed, as in PyTorch: large sets are often put together from links.
        for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
            paths = (os.path.join(folder, file) for file in sorted(files))
            samples += [(path, class_to_idx[name]) for path in paths if counts(path)]
        if len(samples) == before:
            empty.append(name)
    if empty and not allow_empty:
        text = f"Found no valid file for the classes {', '.join(empty)}. "
        if extensions is not None:
            listed = extensions if isinstance(extensions, str) else ", ".join(extensions)
            text += f"Supported extensions are: {listed}"
        raise FileNotFoundError(text)
    return samples


def open_image(path: str | Path, mode: str | None = None) -> Any:
    """The Pillow image in a file, all of it read; converted to ``mode`` if given.

    Pillow's own errors (OSError, UnidentifiedImageError), with the file's name in them.
    """
    with open(path, "rb") as f:
        try:
            image = pillow().open(f)
            image.load()
        except OSError as error:
            if error.errno is not None:  # the disk's trouble, not the image's
                raise
            raise type(error)(f"{path} cannot be read as an image: {error}") from error
    return image if mode is None else image.convert(mode)


def pil_loader(path: str | Path) -> Any:
    """The Pillow image in a file, as RGB."""
    return open_image(path, "RGB")


def default_loader(path: str | Path) -> Any:
    """How image folders read a file by default: ``pil_loader``."""
    return pil_loader(path)


class DatasetFolder(VisionDataset):
    """Samples of any kind, one folder for each class; override ``find_classes`` for another arrangement.

    Args:
        root: the folder of the class folders.
        loader: a function of a path that reads the sample.
        extensions: how the names of the files that count end (in lower case, with the dot).
        transform: a function of the sample.
        target_transform: a function of the class number.
        is_valid_file: a function of a path that says whether the file counts; instead of ``extensions``.
        allow_empty: a class folder without any such file is a class nevertheless, not a FileNotFoundError.

    Attributes: ``classes``, the sorted names; ``class_to_idx``, their numbers; ``samples``, (path, class number) of
    each sample; ``targets``, the class numbers.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.DatasetFolder.html
    """

    def __init__(
        self,
        root: str | Path,
        loader: Callable[[str], Any],
        extensions: tuple[str, ...] | None = None,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        home: Any = self.root
        self.classes, self.class_to_idx = self.find_classes(home)
        self.loader, self.extensions = loader, extensions
        self.samples = self.make_dataset(
            home,
            class_to_idx=self.class_to_idx,
            extensions=extensions,
            is_valid_file=is_valid_file,
            allow_empty=allow_empty,
        )
        self.targets = [target for _, target in self.samples]

    @staticmethod
    def make_dataset(
        directory: str | Path,
        class_to_idx: dict[str, int],
        extensions: tuple[str, ...] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> list[tuple[str, int]]:
        """(path, class number) of every sample; to be overridden where samples are not plain files."""
        if class_to_idx is None:  # else the folders would be numbered anew, past an overridden find_classes
            raise ValueError("The class_to_idx parameter cannot be None.")
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        """The names of the classes and the number of each; to be overridden for another arrangement."""
        return find_classes(directory)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The sample (after ``transform``) and its class number (after ``target_transform``)."""
        path, target = self.samples[index]
        return self._transformed(self.loader(path), target)

    def __len__(self) -> int:
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """Images, one folder for each class: ``root/dog/1.jpg``, ``root/dog/more/2.png``, ``root/cat/3.jpg``.

    Args:
        root: the folder of the class folders.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        loader: a function of a path that reads the image.
        is_valid_file: a function of a path that says whether it counts; by default its extension does.
        allow_empty: a class folder without images is a class nevertheless, not a FileNotFoundError.

    Attributes: those of ``DatasetFolder``; ``imgs`` is another name of ``samples``.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
    """

    def __init__(
        self,
        root: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(
            root,
            loader,
            IMG_EXTENSIONS if is_valid_file is None else None,
            transform=transform,
            target_transform=target_transform,
            is_valid_file=is_valid_file,
            allow_empty=allow_empty,
        )
        self.imgs = self.samples
