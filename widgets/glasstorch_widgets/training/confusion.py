"""`confusion(targets, predictions)`: which classes a model takes for which; `worst(...)`: where it is most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from ..drawing import INK, SOFT, Picture
from ..heat import ink, mix
from ..language import filled
from ..palette import GREEN, VERMILLION, number
from ..view import View
from .examples import Example, array_of, classes_and_losses, examples_message, thumbnail
from .static import percent

PER_CELL = 8  # examples kept of each pair of classes
MOST_EXAMPLES = 400  # and of all; those with the smallest loss go first
MOST_CLASSES = 40  # shown; of more, those that are confused most
PAPER = "#FFFFFF"


class Confusion(
    View, module="training_confusion.js", styles=("training.css", "training_confusion.css"), words="confusion"
):
    """A confusion matrix that grows with what it is given. See `confusion` for the arguments.

    view = confusion(classes=names)
    for images, labels in test_loader:
        view.add(labels, model(images), images)
    """

    title = traitlets.Unicode("").tag(sync=True)
    matrix = traitlets.Dict().tag(sync=True)
    examples = traitlets.Dict().tag(sync=True)

    def __init__(self, classes: Sequence[Any] | None, *, title: str, lang: str | None) -> None:
        self._names = [str(name) for name in classes] if classes is not None else []
        self.counts = np.zeros((len(self._names), len(self._names)), np.int64)
        self._examples: dict[tuple[int, int], list[Example]] = {}
        self._seen = 0
        super().__init__(title=title, lang=lang)
        self._show_all()

    def add(self, targets: Any, predictions: Any, images: Any = None) -> Confusion:
        """Count more examples; see `confusion` for the arguments."""
        self._count(*self._checked(targets, predictions, images))
        return self

    def update(self, targets: Any, predictions: Any, images: Any = None) -> Confusion:
        """Start anew with these examples, as after each epoch."""
        checked = self._checked(targets, predictions, images)
        self.counts = np.zeros_like(self.counts)
        self._examples, self._seen = {}, 0
        self._count(*checked)
        return self

    @property
    def accuracy(self) -> float:
        """The share of examples whose class was found; NaN before the first."""
        total = self.counts.sum()
        return float(np.trace(self.counts) / total) if total else float("nan")

    def name(self, k: int) -> str:
        """A class's name, or its number."""
        return self._names[k] if k < len(self._names) else str(k)

    def mistakes(self, most: int = 5) -> list[tuple[int, int, int]]:
        """The pairs confused most often: target, prediction, count."""
        wrong = self.counts * ~np.eye(len(self.counts), dtype=bool)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        pairs = [(int(k // len(wrong)), int(k % len(wrong))) for k in order]
        return [(t, p, int(wrong[t, p])) for t, p in pairs if wrong[t, p]]

    def text(self) -> str:
        """The matrix and the pairs confused most often."""
        total = int(self.counts.sum())
        words = filled(self.labels["accuracy"], share=percent(self.accuracy), n=total)
        lines = [f"{self.title or self.labels['title']}: {words}" if total else self.labels["waiting"]]
        for target, predicted, count in self.mistakes():
            lines.append(
                filled(
                    self.labels["mistake"], target=self.name(target), predicted=self.name(predicted), n=count
                )
            )
        shown = self._shown()
        heads = [self.name(k) for k in shown]
        width = max([len(str(self.counts.max(initial=0))), *map(len, heads)], default=1)
        lines += ["", self.labels["axes"], " " * width + " " + " ".join(head.rjust(width) for head in heads)]
        for k, name in zip(shown, heads):
            lines.append(
                f"{name.rjust(width)} " + " ".join(str(n).rjust(width) for n in self.counts[k, shown])
            )
        return "\n".join(lines)

    def svg(self) -> str | None:
        """The matrix as a heat map; None before the first example."""
        if not self.counts.sum():
            return None
        shown = self._shown()
        side = max(14, min(44, 560 // max(1, len(shown))))
        left = 20 + 7 * max(len(self.name(k)) for k in shown)
        picture = Picture(self.title or self.labels["title"])
        words = filled(self.labels["accuracy"], share=percent(self.accuracy), n=int(self.counts.sum()))
        picture.text(14, 20, f"{self.title or self.labels['title']}: {words}", size=13)
        picture.text(left, 42, self.labels["predicted"], fill=SOFT)
        rates = self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True))
        for row, target in enumerate(shown):
            y = 66 + row * side
            picture.text(left - 6, y + side / 2 + 4, self.name(target), anchor="end", fill=INK)
            for column, predicted in enumerate(shown):
                x = left + column * side
                back = mix(
                    PAPER,
                    GREEN if target == predicted else VERMILLION,
                    float(rates[target, predicted]) ** 0.5,
                )
                picture.rect(x, y, side - 1, side - 1, fill=back)
                count = self.counts[target, predicted]
                if count and side >= 22:
                    size = min(11.0, 1.6 * side / len(str(count)))
                    picture.text(
                        x + side / 2, y + side / 2 + 4, str(count), size=size, anchor="middle", fill=ink(back)
                    )
                if row == 0:
                    size = min(11.0, 1.7 * side / len(self.name(predicted)))
                    picture.text(x + side / 2, 60, self.name(predicted), size=size, anchor="middle", fill=INK)
        return picture.done()

    def _checked(self, targets: Any, predictions: Any, images: Any) -> tuple[Any, ...]:
        """The arguments as arrays, all of them looked at before anything is counted."""
        wanted, given, losses = classes_and_losses(targets, predictions)
        pictures = None if images is None else array_of(images)
        if pictures is not None and len(pictures) != len(wanted):
            raise ValueError(f"there are {len(wanted)} targets and {len(pictures)} images")
        if pictures is not None and len(pictures):
            thumbnail(pictures[0])
        if len(wanted):
            scored = array_of(predictions).shape[1:] or (0,)
            self._make_room(max(int(wanted.max()) + 1, int(given.max()) + 1, *scored))
        return wanted, given, losses, pictures

    def _make_room(self, classes: int) -> None:
        if self._names and classes > len(self._names):
            raise ValueError(f"there is a class {classes - 1}, but only {len(self._names)} names in classes")
        if classes > len(self.counts):
            more = classes - len(self.counts)
            self.counts = np.pad(self.counts, ((0, more), (0, more)))

    def _count(
        self, wanted: np.ndarray, given: np.ndarray, losses: np.ndarray, pictures: np.ndarray | None
    ) -> None:
        np.add.at(self.counts, (wanted, given), 1)
        self._keep_examples(wanted, given, losses, pictures)
        self._seen += len(wanted)
        self._show_all()

    def _keep_examples(
        self, wanted: np.ndarray, given: np.ndarray, losses: np.ndarray, pictures: np.ndarray | None
    ) -> None:
        # Mistakes first, then by loss: only those that can be among the kept ones get a thumbnail.
        order = np.lexsort((-np.nan_to_num(losses), wanted == given))
        fresh: dict[tuple[int, int], int] = {}
        for k in order.tolist():
            cell = (int(wanted[k]), int(given[k]))
            kept = self._examples.setdefault(cell, [])
            if fresh.get(cell, 0) >= PER_CELL:
                continue
            fresh[cell] = fresh.get(cell, 0) + 1
            if len(kept) == PER_CELL and not losses[k] > kept[-1].loss:
                continue
            pixels = None if pictures is None else thumbnail(pictures[k])
            kept.append(Example(self._seen + k, *cell, float(losses[k]), pixels))
            kept.sort(key=lambda one: -np.nan_to_num(one.loss))
            del kept[PER_CELL:]

    def _shown(self) -> list[int]:
        """The classes in the picture: all, or those with the most mistakes."""
        if len(self.counts) <= MOST_CLASSES:
            return list(range(len(self.counts)))
        wrong = self.counts.sum(axis=0) + self.counts.sum(axis=1) - 2 * np.diag(self.counts)
        return sorted(np.argsort(-wrong, kind="stable")[:MOST_CLASSES].tolist())

    def _show_all(self) -> None:
        shown = self._shown()
        kept = [one for (t, p), cell in self._examples.items() if t in shown and p in shown for one in cell]
        kept.sort(key=lambda one: (one.target == one.predicted, -np.nan_to_num(one.loss)))
        self.examples = examples_message(kept[:MOST_EXAMPLES])
        self.matrix = {
            "classes": [[k, self.name(k)] for k in shown],
            "counts": self.counts[np.ix_(shown, shown)].tolist(),
            "totals": self.counts.sum(axis=1)[shown].tolist(),
            "all": len(self.counts),
            "total": int(self.counts.sum()),
            "right": int(np.trace(self.counts)),
        }


class Worst(
    View, module="training_worst.js", styles=("training.css", "training_confusion.css"), words="confusion"
):
    """Examples side by side, the worst first. See `worst`."""

    title = traitlets.Unicode("").tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.Dict().tag(sync=True)

    def __init__(self, found: list[Example], names: list[str], *, title: str, lang: str | None) -> None:
        self.found = found
        super().__init__(title=title, names=names, examples=examples_message(found), lang=lang)

    def text(self) -> str:
        """One line for each example."""
        lines = [self.title or self.labels["worst"]]
        for one in self.found:
            values = {
                "index": one.index,
                "target": self._name(one.target),
                "predicted": self._name(one.predicted),
            }
            lines.append(filled(self.labels["example"], loss=number(round(one.loss, 3)), **values))
        return "\n".join(lines)

    def svg(self) -> str | None:
        """The pictures with what they are and what they were taken for; None without pictures."""
        shown = [one for one in self.found if one.pixels is not None]
        if not shown:
            return None
        picture = Picture(self.text())
        picture.text(12, 20, self.title or self.labels["worst"], size=13, bold=True)
        for k, one in enumerate(shown):
            x, y = 12.0 + k % 6 * 104, 34.0 + k // 6 * 118
            assert one.pixels is not None
            height, width = one.pixels.shape[:2]
            unit = 72 / max(height, width)
            picture.image(x, y, width * unit, height * unit, one.pixels)
            picture.text(x, y + 86, f"{self._name(one.target)} → {self._name(one.predicted)}")
            picture.text(x, y + 100, number(round(one.loss, 3)), fill=SOFT)
        return picture.done()

    def _name(self, k: int) -> str:
        return self.names[k] if k < len(self.names) else str(k)


def confusion(
    targets: Any = None,
    predictions: Any = None,
    *,
    classes: Sequence[Any] | None = None,
    images: Any = None,
    title: str = "",
    lang: str | None = None,
) -> Confusion:
    """A confusion matrix: rows are the true classes, columns what was predicted. `.add(...)` counts more.

    Args:
        targets: (N,) class numbers; without them the matrix starts empty.
        predictions: (N,) class numbers, or (N, C) scores before softmax, which also rank the examples by loss.
        classes: the classes' names. images: (N, H, W) or (N, 1 or 3, H, W), to see the examples of each cell.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: shapes that do not fit together, or more classes than names.
    """
    view = Confusion(classes, title=title, lang=lang)
    return view if targets is None else view.add(targets, predictions, images)


def worst(
    images: Any,
    logits: Any,
    targets: Any,
    *,
    n: int = 20,
    classes: Sequence[Any] | None = None,
    title: str = "",
    lang: str | None = None,
) -> Worst:
    """The examples with the largest cross-entropy, as pictures with what they are and what they were taken for.

    Args:
        images: (N, H, W) or (N, 1 or 3, H, W). logits: (N, C) scores before softmax. targets: (N,) class numbers.
        n: how many at most. classes: the classes' names.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: shapes that do not fit together.
    """
    if getattr(logits, "ndim", 0) != 2:
        raise ValueError(
            "logits must be scores of shape (N, C): without them no example is worse than another"
        )
    wanted, given, losses = classes_and_losses(targets, logits)
    pictures = array_of(images)
    if len(pictures) != len(wanted):
        raise ValueError(f"there are {len(wanted)} targets and {len(pictures)} images")
    order = np.argsort(-np.nan_to_num(losses, nan=np.inf), kind="stable")[: min(n, 200)].tolist()
    found = [
        Example(k, int(wanted[k]), int(given[k]), float(losses[k]), thumbnail(pictures[k])) for k in order
    ]
    return Worst(found, [str(name) for name in classes or ()], title=title, lang=lang)
