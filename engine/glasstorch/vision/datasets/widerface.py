"""WIDER FACE: photographs with a box around every face, 32,203 images and 393,703 faces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...ops.create import tensor
from .folder import open_image
from .utils import (
    download_and_extract_archive,
    download_file_from_google_drive,
    extract_archive,
    verify_str_arg,
)
from .vision import VisionDataset


class WIDERFace(VisionDataset):
    """Faces, by Yang, Luo, Loy and Tang.

    Args:
        root: the folder with ``widerface/``, which holds ``WIDER_train/``, ``WIDER_val/``, ``WIDER_test/`` and
            ``wider_face_split/``.
        split: ``train``, ``val`` or ``test`` (whose targets are None).
        transform: a function of the image (a Pillow image).
        target_transform: a function of the target.
        download: fetch the official archives (most from Google Drive, with the package ``gdown``) and unpack them.

    A target is a dictionary of int64 tensors: ``bbox`` (faces, 4): x, y, width, height; ``blur``, ``expression``,
    ``illumination``, ``occlusion``, ``pose`` and ``invalid`` (faces,).
    Source: http://shuoyang1213.me/WIDERFACE/
    """

    BASE_FOLDER = "widerface"
    FILE_LIST = (  # Google Drive's id, md5, name
        ("15hGDLhsx8bLgLcIRD5DhYt5iBxnjNF1M", "3fedf70df600953d25982bcd13d91ba2", "WIDER_train.zip"),
        ("1GUCogbp16PMGa39thoMMeWxp7Rp5oM8Q", "dfa7d7e790efa35df3788964cf0bbaea", "WIDER_val.zip"),
        ("1HIfDbVEWKmsYKJZm4lchTBDLW5N7dY5T", "e5d8f4248ed24c334bbd12f49c29dd40", "WIDER_test.zip"),
    )
    ANNOTATIONS_FILE = (
        "http://shuoyang1213.me/WIDERFACE/support/bbx_annotation/wider_face_split.zip",
        "0e3767bcf0e326556d407bf5bff5d27c",
        "wider_face_split.zip",
    )
    _FIELDS = ("blur", "expression", "illumination", "occlusion", "pose", "invalid")

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(
            os.path.join(root, self.BASE_FOLDER), transform=transform, target_transform=target_transform
        )
        self.split = verify_str_arg(split, "split", ("train", "val", "test"))
        if download:
            self.download()
        if not self._check_integrity():
            names = ", ".join(name for _, _, name in (*self.FILE_LIST, self.ANNOTATIONS_FILE))
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download and prepare it, or put these "
                f"files into {self.root} and unpack them there: {names}"
            )
        lists = self._home / "wider_face_split"
        name = "wider_face_test_filelist.txt" if split == "test" else f"wider_face_{split}_bbx_gt.txt"
        lines = iter((lists / name).read_text("utf-8").splitlines())
        self.img_info: list[dict[str, Any]] = []
        try:
            for line in lines:
                path = os.path.abspath(self._home / f"WIDER_{split}" / "images" / line.rstrip())
                self.img_info.append(
                    {"img_path": path} | ({} if split == "test" else self._annotations(lines))
                )
        except (ValueError, StopIteration) as error:
            raise RuntimeError(f"Error parsing annotation file {lists / name}: {error!r}") from error

    def _annotations(self, lines: Iterator[str]) -> dict[str, Any]:
        """After an image's name comes the number of faces, then a line for each; one of zeros where there is none."""
        count = max(int(next(lines)), 1)
        rows: Any = tensor([[int(x) for x in next(lines).split()] for _ in range(count)])
        if rows.shape != (count, 10):
            raise ValueError(f"a face has {rows.shape[-1]} numbers instead of 10")
        fields = {name: rows[:, 4 + i].clone() for i, name in enumerate(self._FIELDS)}
        return {"annotations": {"bbox": rows[:, :4].clone(), **fields}}

    @property
    def _home(self) -> Path:
        return Path(self.root)  # type: ignore[arg-type]

    def _check_integrity(self) -> bool:
        return all(
            (self._home / Path(name).stem).exists() for _, _, name in (*self.FILE_LIST, self.ANNOTATIONS_FILE)
        )

    def download(self) -> None:
        """Fetch the official archives and unpack them, unless that is done."""
        if self._check_integrity():
            return
        for file_id, md5, name in self.FILE_LIST:
            download_file_from_google_drive(file_id, self._home, name, md5)
            extract_archive(self._home / name)
        url, md5, _ = self.ANNOTATIONS_FILE
        download_and_extract_archive(url, self._home, md5=md5)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its faces (after ``target_transform``)."""
        info = self.img_info[index]
        image = open_image(info["img_path"])
        target = info.get("annotations")
        if self.transform is not None:
            image = self.transform(image)
        return image, target if self.target_transform is None else self.target_transform(target)

    def __len__(self) -> int:
        return len(self.img_info)

    def extra_repr(self) -> str:
        return f"Split: {self.split}"
