"""Flickr 8k and 30k: photographs of everyday scenes, each with five sentences; to be had on request."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from .folder import default_loader
from .vision import VisionDataset


class _Captioned(VisionDataset):
    """Images with sentences: subclasses fill ``annotations``, lists of sentences by file."""

    def __init__(
        self,
        root: str | Path,
        ann_file: str | Path,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.ann_file = os.path.expanduser(ann_file)
        self.loader = loader
        self.annotations = self._read(Path(self.ann_file).read_text("utf-8"))
        self.ids = sorted(self.annotations)

    def _read(self, text: str) -> dict[str, list[str]]:
        raise NotImplementedError

    def _path(self, name: str) -> str:
        return os.path.join(self.root, name)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its sentences (after ``target_transform``)."""
        name = self.ids[index]
        return self._transformed(self.loader(self._path(name)), self.annotations[name])

    def __len__(self) -> int:
        return len(self.ids)


class _Page(HTMLParser):
    """The table of Flickr 8k: a link to each photograph's page, and its sentences as a list."""

    def __init__(self, root: str | Path) -> None:
        super().__init__()
        self.root, self.annotations = root, {}  # type: ignore[var-annotated]
        self.in_table = False
        self.tag: str | None = None
        self.image: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tag = tag
        self.in_table |= tag == "table"

    def handle_endtag(self, tag: str) -> None:
        self.tag = None
        self.in_table &= tag != "table"

    def handle_data(self, data: str) -> None:
        if not self.in_table:
            return
        if data == "Image Not Found":
            self.image = None
        elif self.tag == "a":  # http://www.flickr.com/photos/someone/1000268201/
            number = data.split("/")[-2]
            found = glob.glob(os.path.join(glob.escape(str(self.root)), f"{number}_*.jpg"))
            if not found:
                raise FileNotFoundError(
                    f"{self.root} holds no photograph {number}_*.jpg, which the sentences are about."
                )
            self.image = found[0]
            self.annotations[self.image] = []
        elif self.tag == "li" and self.image:
            self.annotations[self.image].append(data.strip())


class Flickr8k(_Captioned):
    """8,000 photographs, by Hodosh, Young and Hockenmaier.

    Args:
        root: the folder of the photographs.
        ann_file: the page of sentences, ``Flickr_8k.html``.
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the list of sentences.
        loader: a function of a path that reads the image.

    Source: http://hockenmaier.cs.illinois.edu/8k-pictures.html
    """

    def _read(self, text: str) -> dict[str, list[str]]:
        page = _Page(self.root)  # type: ignore[arg-type]
        page.feed(text)
        return page.annotations

    def _path(self, name: str) -> str:
        return name  # the page's ids were looked up as files


class Flickr30k(_Captioned):
    """31,783 photographs, by Young, Lai, Hodosh and Hockenmaier. Arguments as for ``Flickr8k``; the sentences are a
    text file, ``results_20130124.token``: file, "#" and number, tab, sentence.

    Source: https://shannon.cs.illinois.edu/DenotationGraph/
    """

    def _read(self, text: str) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for line in text.splitlines():
            name, sentence = line.strip().split("\t")
            found[name[:-2]].append(sentence)
        return found
