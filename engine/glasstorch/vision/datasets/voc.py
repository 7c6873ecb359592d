"""Pascal VOC, 2007 to 2012: photographs with boxes around things of 20 classes, some with every pixel labelled."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .folder import open_image
from .utils import download_and_extract_archive, verify_str_arg
from .vision import VisionDataset


def _year(path: str, filename: str, md5: str, base_dir: str) -> dict[str, str]:
    url = f"https://thor.robots.ox.ac.uk/pascal/VOC/{path}"
    return {"url": url, "filename": filename, "md5": md5, "base_dir": os.path.join(*base_dir.split("/"))}


DATASET_YEAR_DICT = {
    "2012": _year(
        "voc2012/VOCtrainval_11-May-2012.tar",
        "VOCtrainval_11-May-2012.tar",
        "6cd6e144f989b92b3379bac3b3de84fd",
        "VOCdevkit/VOC2012",
    ),
    "2011": _year(
        "voc2011/VOCtrainval_25-May-2011.tar",
        "VOCtrainval_25-May-2011.tar",
        "6c3384ef61512963050cb5d687e5bf1e",
        "TrainVal/VOCdevkit/VOC2011",
    ),
    "2010": _year(
        "voc2010/VOCtrainval_03-May-2010.tar",
        "VOCtrainval_03-May-2010.tar",
        "da459979d0c395079b5c75ee67908abb",
        "VOCdevkit/VOC2010",
    ),
    "2009": _year(
        "voc2009/VOCtrainval_11-May-2009.tar",
        "VOCtrainval_11-May-2009.tar",
        "a3e00b113cfcfebf17e343f59da3caa1",
        "VOCdevkit/VOC2009",
    ),
    "2008": _year(
        "voc2008/VOCtrainval_14-Jul-2008.tar",
        "VOCtrainval_11-May-2012.tar",  # PyTorch's name for it, so that its copy is found
        "2629fa636546599198acfcfbfcf1904a",
        "VOCdevkit/VOC2008",
    ),
    "2007": _year(
        "voc2007/VOCtrainval_06-Nov-2007.tar",
        "VOCtrainval_06-Nov-2007.tar",
        "c52e279531787c972589f7e41ab4ae64",
        "VOCdevkit/VOC2007",
    ),
    "2007-test": _year(
        "voc2007/VOCtest_06-Nov-2007.tar",
        "VOCtest_06-Nov-2007.tar",
        "b6e924de25625d8de591ea690078ad9f",
        "VOCdevkit/VOC2007",
    ),
}


class _VOC(VisionDataset):
    """What detection and segmentation share: a list of names, each of an image and of its target."""

    _SPLITS_DIR: str
    _TARGET_DIR: str
    _TARGET_FILE_EXT: str

    def __init__(
        self,
        root: str | Path,
        year: str = "2012",
        image_set: str = "train",
        download: bool = False,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        transforms: Callable | None = None,
    ) -> None:
        super().__init__(root, transforms, transform, target_transform)
        self.year = verify_str_arg(year, "year", [str(number) for number in range(2007, 2013)])
        sets = ["train", "trainval", "val", *(["test"] if year == "2007" else [])]
        self.image_set = verify_str_arg(image_set, "image_set", sets)
        source = DATASET_YEAR_DICT["2007-test" if (year, image_set) == ("2007", "test") else year]
        self.url, self.filename, self.md5 = source["url"], source["filename"], source["md5"]
        if download:
            download_and_extract_archive(self.url, self.root, filename=self.filename, md5=self.md5)  # type: ignore[arg-type]
        home = os.path.join(self.root, source["base_dir"])  # type: ignore[arg-type]
        if not os.path.isdir(home):
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put "
                f"{self.filename} (md5 {self.md5}) into {self.root} and unpack it there."
            )
        listed = Path(home, "ImageSets", self._SPLITS_DIR, f"{image_set}.txt").read_text("utf-8")
        names = [line.strip() for line in listed.splitlines()]
        self.images = [os.path.join(home, "JPEGImages", f"{name}.jpg") for name in names]
        self.targets = [os.path.join(home, self._TARGET_DIR, name + self._TARGET_FILE_EXT) for name in names]

    def __len__(self) -> int:
        return len(self.images)


class VOCSegmentation(_VOC):
    """Photographs, and images of the same size whose pixels are class numbers (255: undecided).

    Args:
        root: the folder with ``VOCdevkit/``.
        year: ``2007`` to ``2012``.
        image_set: ``train``, ``val`` or ``trainval``; of 2007 also ``test``.
        download: fetch the official archive and unpack it.
        transform: a function of the image (a Pillow image in RGB).
        target_transform: a function of the target.
        transforms: a function of image and target, instead of the two.

    Source: http://host.robots.ox.ac.uk/pascal/VOC/
    """

    _SPLITS_DIR = "Segmentation"
    _TARGET_DIR = "SegmentationClass"
    _TARGET_FILE_EXT = ".png"

    @property
    def masks(self) -> list[str]:
        """The files of the targets."""
        return self.targets

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image, and the Pillow image (mode P) of its classes."""
        return self._transformed_together(
            open_image(self.images[index], "RGB"), open_image(self.masks[index])
        )


class VOCDetection(_VOC):
    """Photographs, and what is in them and where, as a dictionary. Arguments as for ``VOCSegmentation``.

    Source: http://host.robots.ox.ac.uk/pascal/VOC/
    """

    _SPLITS_DIR = "Main"
    _TARGET_DIR = "Annotations"
    _TARGET_FILE_EXT = ".xml"

    @property
    def annotations(self) -> list[str]:
        """The files of the targets."""
        return self.targets

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image, and its annotation: the tags of the XML file as nested dictionaries."""
        path = self.annotations[index]
        return self._transformed_together(
            open_image(self.images[index], "RGB"), self.parse_voc_xml(read_xml(path))
        )

    @staticmethod
    def parse_voc_xml(node: ElementTree.Element) -> dict[str, Any]:
        """``{tag: text}``, or ``{tag: {...}}`` of its children. Tags that repeat, and ``object``, give lists."""
        if not len(node):
            return {node.tag: node.text.strip()} if node.text else {}
        content: dict[str, list[Any]] = {}
        for child in node:
            for tag, value in VOCDetection.parse_voc_xml(child).items():
                content.setdefault(tag, []).append(value)
        values = {tag: found[0] if len(found) == 1 else found for tag, found in content.items()}
        if node.tag == "annotation":
            values["object"] = content.get("object", [])
        return {node.tag: values}


def read_xml(path: str | Path) -> ElementTree.Element:
    """The outermost element of an XML file; RuntimeError naming the file when it is damaged or declares entities.

    Entities are how a small XML file grows to gigabytes; VOC's files have none.
    """

    class NoDoctype(ElementTree.TreeBuilder):
        def doctype(self, *args: Any) -> None:
            raise RuntimeError(f"{path} has a document type declaration, which VOC's annotations have not.")

    try:
        return ElementTree.parse(path, ElementTree.XMLParser(target=NoDoctype())).getroot()
    except ElementTree.ParseError as error:
        raise RuntimeError(f"{path} is damaged: {error}. Unpack its archive again.") from error
