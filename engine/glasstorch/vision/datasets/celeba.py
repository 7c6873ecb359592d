"""CelebA: 202,599 portraits of known people, with 40 attributes, a box and five points on each face."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from ...core.tensor import Tensor
from ...ops.create import tensor
from .folder import open_image
from .utils import check_integrity, download_file_from_google_drive, extract_archive, verify_str_arg
from .vision import VisionDataset


class CSV(NamedTuple):
    """A table: names of its columns, names of its rows, its numbers (int64)."""

    header: list[str]
    index: list[str]  # type: ignore[assignment]  # a tuple has a method of this name
    data: Tensor


class CelebA(VisionDataset):
    """Portraits, by Liu, Luo, Wang and Tang.

    Args:
        root: the folder with ``celeba/``, which holds ``img_align_celeba/`` and the lists.
        split: ``train``, ``valid``, ``test`` or ``all``.
        target_type: ``attr`` (int64 (40,), 0 or 1), ``identity`` (a person's number), ``bbox`` (int64 (4,): x, y,
            width, height, in the picture before it was cut out), ``landmarks`` (int64 (10,): x and y of eyes,
            nose and corners of the mouth), or a list of these: a tuple; of none: None.
        transform: a function of the image (a Pillow image).
        target_transform: a function of the target.
        download: fetch the official files from Google Drive (with the package ``gdown``), unless they are there.

    Source: https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
    """

    base_folder = "celeba"
    file_list: ClassVar[list[tuple[str, str, str]]] = [  # Google Drive's id, md5, name
        ("0B7EVK8r0v71pZjFTYXZWM3FlRnM", "00d2c5bc6d35e252742224ab0c1e8fcb", "img_align_celeba.zip"),
        ("0B7EVK8r0v71pblRyaVFSWGxPY0U", "75e246fa4810816ffd6ee81facbd244c", "list_attr_celeba.txt"),
        ("1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS", "32bd1bd63d3c78cd57e08160ec5ed1e2", "identity_CelebA.txt"),
        ("0B7EVK8r0v71pbThiMVRxWXZ4dU0", "00566efa6fedff7a56946cd1c10f1c16", "list_bbox_celeba.txt"),
        (
            "0B7EVK8r0v71pd0FJY3Blby1HUTQ",
            "cc24ecafdb5b50baae59b03474781f8c",
            "list_landmarks_align_celeba.txt",
        ),
        ("0B7EVK8r0v71pY0NSMzRuSXJEVkk", "d32c9cbf5e040fd4025c592c306e6668", "list_eval_partition.txt"),
    ]

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        target_type: list[str] | str = "attr",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.split = split
        self.target_type = target_type if isinstance(target_type, list) else [target_type]
        if not self.target_type and self.target_transform is not None:
            raise RuntimeError("target_transform is specified but target_type is empty")
        if download:
            self.download()
        if not self._check_integrity():
            names = ", ".join(f"{name} (md5 {md5})" for _, md5, name in self.file_list)
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put the official "
                f"files into {self._folder} and unpack the first there: {names}"
            )
        name = split.lower() if isinstance(split, str) else split
        parts = {"train": 0, "valid": 1, "test": 2, "all": None}
        wanted = parts[verify_str_arg(name, "split", tuple(parts))]

        partition = self._load_csv("list_eval_partition.txt")
        part_of = partition.data.numpy()[:, 0]
        rows: Any = slice(None) if wanted is None else tensor((part_of == wanted).nonzero()[0])
        chosen = range(len(part_of)) if wanted is None else rows.tolist()
        self.filename = [partition.index[i] for i in chosen]
        self.identity = self._load_csv("identity_CelebA.txt").data[rows]
        self.bbox = self._load_csv("list_bbox_celeba.txt", header=1).data[rows]
        self.landmarks_align = self._load_csv("list_landmarks_align_celeba.txt", header=1).data[rows]
        attributes = self._load_csv("list_attr_celeba.txt", header=1)
        self.attr: Any = (attributes.data[rows] + 1) // 2  # type: ignore[operator]  # from -1 and 1 to 0 and 1
        self.attr_names = attributes.header

    @property
    def _folder(self) -> Path:
        return Path(self.root) / self.base_folder  # type: ignore[arg-type]

    def _load_csv(self, filename: str, header: int | None = None) -> CSV:
        """A list with blanks between the columns; row ``header`` names them, what is above it does not matter."""
        path = self._folder / filename
        with path.open(encoding="utf-8", newline="") as f:
            rows = list(csv.reader(f, delimiter=" ", skipinitialspace=True))
        names = [] if header is None else rows[header]
        rows = rows if header is None else rows[header + 1 :]
        try:
            return CSV(names, [row[0] for row in rows], tensor([[int(x) for x in row[1:]] for row in rows]))
        except (ValueError, IndexError) as error:
            raise RuntimeError(f"{path} is damaged: {error}. Delete it and download it again.") from error

    def _check_integrity(self) -> bool:
        lists = [(md5, name) for _, md5, name in self.file_list if not name.endswith(".zip")]
        return (
            all(check_integrity(self._folder / name, md5) for md5, name in lists)
            and (self._folder / "img_align_celeba").is_dir()
        )

    def download(self) -> None:
        """Fetch the official files and unpack the images, unless that is done."""
        if self._check_integrity():
            return
        for file_id, md5, name in self.file_list:
            download_file_from_google_drive(file_id, self._folder, name, md5)
        extract_archive(self._folder / "img_align_celeba.zip")

    def _target(self, kind: str, index: int) -> Any:
        if kind == "identity":
            return self.identity[index, 0]  # type: ignore[index]
        tables = {"attr": self.attr, "bbox": self.bbox, "landmarks": self.landmarks_align}
        if kind not in tables:
            raise ValueError(f'Target type "{kind}" is not recognized.')
        return tables[kind][index, :]  # type: ignore[index]

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and what ``target_type`` asks for."""
        image = open_image(self._folder / "img_align_celeba" / self.filename[index])
        targets = tuple(self._target(kind, index) for kind in self.target_type)
        if not targets:
            return (image if self.transform is None else self.transform(image)), None
        return self._transformed(image, targets if len(targets) > 1 else targets[0])

    def __len__(self) -> int:
        return len(self.attr)

    def extra_repr(self) -> str:
        return f"Target type: {self.target_type}\nSplit: {self.split}"
