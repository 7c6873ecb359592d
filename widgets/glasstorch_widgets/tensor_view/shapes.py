"""The rule of broadcasting, told step by step (https://pytorch.org/docs/stable/notes/broadcasting.html)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Alignment:
    """Shapes written below each other, from the right.

    sizes: for each shape its sizes, None where it has no such dimension. result: the size of each dimension, None where
    the sizes clash. All have the length of the longest shape.
    """

    sizes: tuple[tuple[int | None, ...], ...]
    result: tuple[int | None, ...]

    @property
    def shape(self) -> Shape | None:
        """The shape of the result, None if the shapes clash."""
        return None if None in self.result else tuple(n for n in self.result if n is not None)

    @property
    def clashes(self) -> list[int]:
        """The dimensions that clash, counted from the end (-1 is the last)."""
        return [k - len(self.result) for k, n in enumerate(self.result) if n is None]


def align(shapes: Sequence[Shape]) -> Alignment:
    """Write the shapes below each other from the right; sizes agree if they are equal or one of them is 1."""
    length = max(map(len, shapes), default=0)
    sizes = tuple((None,) * (length - len(shape)) + tuple(shape) for shape in shapes)
    result: list[int | None] = []
    for column in zip(*sizes):
        larger = {n for n in column if n is not None and n != 1}
        result.append(None if len(larger) > 1 else larger.pop() if larger else 1)
    return Alignment(sizes, tuple(result))


def remedies(shapes: Sequence[Shape], names: Sequence[str], most: int = 4) -> list[tuple[str, Shape]]:
    """Single steps after which shapes that clash would fit: an expression, and the shape of the result then.

    A new dimension of size 1, or two dimensions swapped, in one of the tensors.
    """
    found: list[tuple[str, Shape]] = []
    for k in reversed(range(len(shapes))):  # the later operand is the one people mean to fit
        shape, name = tuple(shapes[k]), names[k]
        tries = [
            (f"{name}.unsqueeze({at})", (*shape[:at], 1, *shape[at:])) for at in range(1, len(shape) + 1)
        ]
        if len(shape) > 1:
            tries.insert(0, (f"{name}.mT", (*shape[:-2], shape[-1], shape[-2])))
        for text, changed in tries:
            result = align([*shapes[:k], changed, *shapes[k + 1 :]]).shape
            if result is not None:
                found.append((text, result))
    return found[:most]
