"""What `<gt-graph-view>` shows of a check that failed, in the reader's language: it was drawn for English ones."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..services.sentences import Sentences


def told(page: dict[str, Any], language: str, sentences: Sentences) -> dict[str, Any]:
    """The view's state with labels and marks in a language; as it is where the views have no such labels."""
    labels = _labels(language)
    if language == page.get("lang", "en") or not labels:
        return page
    levels = [_marked(level, sentences) for level in page.get("levels", [])]
    return {**_marked(page, sentences), "lang": language, "labels": labels, "levels": levels}


def _marked(part: dict[str, Any], sentences: Sentences) -> dict[str, Any]:
    """A picture with its marks translated; results that were stored long ago may have none."""

    def said(mark: dict[str, Any]) -> dict[str, Any]:
        return {**mark, "text": sentences.say(mark["text"])}

    marks = part.get("marks")
    if not marks:
        return part
    nodes = {node: said(mark) for node, mark in marks["nodes"].items()}
    return {
        **part,
        "marks": {**marks, "nodes": nodes, "headline": marks["headline"] and said(marks["headline"])},
    }


@lru_cache(maxsize=4)
def _labels(language: str) -> dict[str, str]:
    """The texts of the view, from the package of views; it is found without importing it."""
    spec = importlib.util.find_spec("glasstorch_widgets")
    if not spec or not spec.origin:
        return {}
    folder = Path(spec.origin).parent / "labels" / language
    paths = [folder / "common.json", folder / "graph.json"]
    texts = [json.loads(path.read_text("utf-8")) for path in paths if path.exists()]
    return {key: text for one in texts for key, text in one.items()}
