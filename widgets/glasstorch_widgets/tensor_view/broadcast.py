"""`broadcast(a, b)`: how two or more shapes are fitted to one another, or why they are not."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import traitlets
from glasstorch import Tensor

from ..drawing import INK, SOFT, Picture
from ..engine import torch
from ..heat import scale_of
from ..palette import VERMILLION, number
from ..view import View
from .shapes import align, remedies
from .view import _variable_name

MOST_DRAWN = 4096  # elements of the result; of larger ones only the shapes are shown
PRINTED = 8  # rows and columns in the static picture

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


class Broadcast(View, module="broadcast.js", styles=("cell_grid.css", "broadcast.css"), words="broadcast"):
    """Shapes aligned from the right, with ghost copies where a dimension is stretched; see `broadcast`."""

    shapes = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *operands: Any,
        op: str | Callable[..., Any] = "+",
        names: Sequence[str] | None = None,
        lang: str | None = None,
    ) -> None:
        if len(operands) < 2:
            raise TypeError("broadcast() compares at least two tensors or shapes, as in broadcast(a, b)")
        if isinstance(op, str) and op not in OPERATORS:
            raise ValueError(f"op must be one of {' '.join(OPERATORS)} or a function, not {op!r}")
        tensors = [_tensor(operand) for operand in operands]
        if names is None:
            names = [_variable_name(operand) or "abcdefgh"[k % 8] for k, operand in enumerate(operands)]
        if len(names) != len(operands):
            raise ValueError(f"there are {len(operands)} operands and {len(names)} names")
        self._shapes = [tuple(t.shape) for t in tensors]
        self._aligned = align(self._shapes)
        shape = self._aligned.shape
        self._answer: Tensor | None = None
        size = -1 if shape is None else torch.Size(shape).numel()
        self._tensors = [t.detach() for t in tensors] if 0 <= size <= MOST_DRAWN else []
        if self._tensors and not any(isinstance(operand, (tuple, list)) for operand in operands):
            with torch.no_grad():
                found = functools.reduce(OPERATORS[op] if isinstance(op, str) else op, self._tensors)
            if tuple(found.shape) != shape:
                raise ValueError(
                    f"op gives shape {tuple(found.shape)}, not {shape}: it does not work by element"
                )
            self._answer = found
        super().__init__(lang=lang)
        self.shapes = {
            "names": list(names),
            "op": op if isinstance(op, str) else getattr(op, "__name__", "f"),
            "infix": isinstance(op, str),
            "own": [list(s) for s in self._shapes],
            "sizes": [list(s) for s in self._aligned.sizes],
            "result": list(self._aligned.result),
            "clashes": self._aligned.clashes,
            "remedies": [] if shape is not None else [[t, list(s)] for t, s in remedies(self._shapes, names)],
        }
        self.numbers = self._numbers()

    def text(self) -> str:
        """The shapes below each other, and what happens to each dimension."""
        names = [*self.shapes["names"], self.labels["result"]]
        rows = [*self._aligned.sizes, tuple("✗" if n is None else n for n in self._aligned.result)]
        width = max(map(len, names))
        lines = [
            f"{name.ljust(width)} : " + " ".join(("" if n is None else str(n)).rjust(5) for n in row)
            for name, row in zip(names, rows)
        ]
        return "\n".join(lines + self.sentences())

    def sentences(self) -> list[str]:
        """What happens to each dimension, or what clashes and what would help, in words."""
        words, out = self.labels, []
        names, count = self.shapes["names"], len(self._aligned.result)
        for k, n in enumerate(self._aligned.result):
            sizes = [(name, s[k]) for name, s in zip(names, self._aligned.sizes)]
            if n is None:
                told = ", ".join(f"{name}: {s}" for name, s in sizes if s is not None)
                out.append(words["clash"].format(axis=k - count, sizes=told))
                continue
            for name, size in sizes:
                if size is None and n != 1:
                    out.append(words["added"].format(name=name, axis=k - count, n=n))
                elif size is not None and size != n:
                    out.append(words["stretched"].format(name=name, axis=k - count, n=n))
        if self._aligned.shape is None:
            out.append(words["rule"])
            out += [words["remedy"].format(code=t, shape=tuple(s)) for t, s in self.shapes["remedies"]]
        return out or [words["same"]]

    def svg(self) -> str | None:
        """The shapes below each other and, if they fit and are small, the numbers with their ghosts."""
        words, count = self.labels, len(self._aligned.result)
        picture = Picture(self.text())
        picture.text(12, 20, words["title"], size=13, bold=True)
        left = 24 + 7 * max(len(n) for n in (*self.shapes["names"], words["result"]))
        for k in range(count):
            picture.text(left + 52 * k + 26, 40, str(k - count), anchor="middle", fill=SOFT)
        top = 46.0
        for name, sizes in zip(
            (*self.shapes["names"], words["result"]), (*self._aligned.sizes, self._aligned.result)
        ):
            picture.text(left - 8, top + 17, name, anchor="end", bold=name == words["result"])
            for k, size in enumerate(sizes):
                wanted = self._aligned.result[k]
                dash = {"stroke_dasharray": "4 3"} if size is None or size != wanted else {}
                line = VERMILLION if wanted is None else INK
                picture.rect(left + 52 * k, top, 48, 24, fill="none", stroke=line, **dash)
                shown = ("✗" if wanted is None else "") if size is None else str(size)
                picture.text(left + 52 * k + 24, top + 16, shown, anchor="middle", fill=line)
            top += 30
        for sentence in self.sentences():
            picture.text(12, top + 14, sentence)
            top += 16
        if self._tensors:
            self._grids(picture, top + 12)
        return picture.done()

    def _grids(self, picture: Picture, top: float) -> None:
        """The last two dimensions of every operand, stretched, and of the result."""
        shape = self._aligned.shape
        if shape is None or 0 in shape:
            return
        x = 12.0
        shown = [*self._tensors, *([self._answer] if self._answer is not None else [])]
        for name, tensor in zip((*self.shapes["names"], self.labels["result"]), shown):
            own = (1,) * max(0, 2 - tensor.dim()) + tuple(tensor.shape)[-2:]
            wide = tensor.expand((1,) * max(0, 2 - len(shape)) + shape)
            matrix = _doubles(wide[(0,) * (wide.dim() - 2)][:PRINTED, :PRINTED])
            scale = scale_of(v for row in matrix for v in row)
            picture.text(x, top + 11, name, bold=True)
            for r, row in enumerate(matrix):
                for c, value in enumerate(row):
                    ghost = r >= own[0] or c >= own[1]
                    look = {"stroke_dasharray": "3 2", "fill_opacity": 0.35} if ghost else {}
                    text = number(value) if not ghost else ""
                    picture.cell(x + 40 * c, top + 18 + 22 * r, 40, 22, value, scale, text=text, **look)
            x += 40 * len(matrix[0]) + 24

    def _numbers(self) -> dict[str, Any]:
        """Every operand's numbers and the result's, one after the other; nothing where the shapes clash."""
        shown = [*self._tensors, *([self._answer] if self._answer is not None else [])]
        flat = [_doubles_flat(tensor) for tensor in shown]
        joined = torch.cat(flat) if flat else torch.zeros(0, dtype=torch.float64)
        return {
            "counts": [int(f.numel()) for f in flat],
            "answered": self._answer is not None,
            "data": joined.numpy().astype("<f8").tobytes(),
        }

    def __repr__(self) -> str:
        return f"<Broadcast of {', '.join(str(s) for s in self._shapes)}>"


def broadcast(
    *operands: Any,
    op: str | Callable[..., Any] = "+",
    names: Sequence[str] | None = None,
    lang: str | None = None,
) -> Broadcast:
    """Show how shapes are broadcast: aligned from the right, stretched where a size is 1, or where they clash and why.

    The arrow keys walk through the result; the elements it comes from light up in every operand.

    Args:
        operands: two or more tensors, or shapes such as (3, 1) (then the numbers just count up).
        op: what joins tensors: one of + - * / // % ** == < > or a function of two tensors.
        names: for the operands; default the notebook's variables, or a, b, c.
        lang: "en" or "zh"; default from the environment.

    Raises:
        TypeError: fewer than two operands, or one that is neither a tensor nor a shape.
        ValueError: no such op, or not one name for each operand. Shapes that clash are shown, not raised.
    """
    return Broadcast(*operands, op=op, names=names, lang=lang)


def _tensor(operand: Any) -> Any:
    if isinstance(operand, Tensor):
        return operand
    if isinstance(operand, (bool, int, float, complex)):
        return torch.tensor(operand)
    if isinstance(operand, (tuple, list)) and all(isinstance(n, int) and n >= 0 for n in operand):
        size = torch.Size(operand).numel()
        return (
            torch.arange(size).reshape(tuple(operand))
            if size <= MOST_DRAWN
            else torch.zeros(()).expand(tuple(operand))
        )
    raise TypeError(f"broadcast() takes tensors or shapes such as (3, 1), not {type(operand).__name__}")


def _doubles_flat(tensor: Any) -> Any:
    values = tensor.abs() if tensor.is_complex() else tensor
    return values.to(torch.float64).cpu().reshape(-1)


def _doubles(matrix: Tensor) -> list[list[float]]:
    rows: list[list[float]] = _doubles_flat(matrix).reshape(matrix.shape).tolist()
    return rows
