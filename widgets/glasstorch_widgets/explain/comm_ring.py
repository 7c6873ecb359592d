"""`comm_ring(...)`: a ring all-reduce chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets
from glasstorch import Tensor

from ..drawing import SOFT, Picture
from ..engine import torch
from ..heat import scale_of
from ..palette import BLACK, number
from ..view import View
from .comm_timeline import CommTimeline, comm_timeline, recordings_in
from .ring import OPERATIONS, Step, bounds, ring_all_reduce

MOST_RANKS, MOST_NUMBERS = 8, 64


class CommRing(
    View, module="comm_ring.js", styles=("cell_grid.css", "explain.css", "ring.css"), words="ring"
):
    """A ring all-reduce; see `comm_ring`."""

    title = traitlets.Unicode("").tag(sync=True)
    ring = traitlets.Dict().tag(sync=True)

    def __init__(
        self, values: Sequence[Tensor], *, op: str = "sum", title: str = "", lang: str | None = None
    ) -> None:
        self.steps = ring_all_reduce(values, OPERATIONS[op])
        super().__init__(title=title, lang=lang)
        n, length, size = len(values), len(values[0]), values[0].element_size()
        self.ring = {
            "ranks": n,
            "length": length,
            "op": op,
            "chunks": [list(b) for b in bounds(length, n)],
            "bytes": length * size,
            "sent": self.bytes_sent(size),
            "dtype": str(values[0].dtype),
            "steps": [
                {
                    "phase": step.phase,
                    "messages": [[m.source, m.target, m.chunk, m.elements * size] for m in step.messages],
                    "values": [v.to(torch.float64).tolist() for v in step.values],
                    "parts": [list(p) for p in step.parts],
                }
                for step in self.steps
            ],
        }

    def bytes_sent(self, size: int) -> list[int]:
        """How many bytes each rank sends in all."""
        sent = [0] * len(self.steps[0].values)
        for step in self.steps:
            for message in step.messages:
                sent[message.source] += message.elements * size
        return sent

    @property
    def result(self) -> Tensor:
        """What every rank holds in the end."""
        return self.steps[-1].values[0]

    def text(self) -> str:
        """Every step: who sends which chunk, and what everybody holds afterwards."""
        words = self.labels
        lines = [
            f"{self.title or words['title']}: {words['ranks'].format(n=self.ring['ranks'])}, {self.ring['op']}"
        ]
        for k, step in enumerate(self.steps):
            lines.append(f"{k} {words['phase_' + step.phase]}" + _arrows(step))
            lines += [f"  {r}: {_numbers(v)}" for r, v in enumerate(step.values)]
        n, sent = self.ring["ranks"], max(self.ring["sent"])
        every = self.ring["bytes"]
        share = number(2 * (n - 1) / n)
        lines.append(words["traffic"].format(n=n, sent=sent, all=every, share=share, central=(n - 1) * every))
        return "\n".join(lines)

    def svg(self) -> str | None:
        """Every step as a row of everybody's numbers."""
        picture = Picture(self.text())
        picture.text(12, 20, self.title or self.labels["title"], size=13, bold=True)
        cell = 30.0 if self.ring["length"] <= 12 else 16.0
        width = cell * self.ring["length"] + 22
        top, n = 40.0, self.ring["ranks"]
        for r in range(n):
            picture.text(96 + r * width, top, self.labels["rank"].format(r=r), bold=True)
        top += 8
        scale = scale_of(v for step in self.ring["steps"] for row in step["values"] for v in row)
        for k, step in enumerate(self.ring["steps"]):
            picture.text(12, top + 15, f"{k} {self.labels['short_' + step['phase']]}", fill=SOFT)
            for r, row in enumerate(step["values"]):
                for i, value in enumerate(row):
                    picture.cell(
                        96 + r * width + i * cell, top, cell, 22, value, scale, text=None if cell > 20 else ""
                    )
                for c, (start, end) in enumerate(self.ring["chunks"]):
                    if end > start and step["parts"][r][c] == n:
                        x = 96 + r * width + start * cell
                        picture.rect(
                            x, top, (end - start) * cell, 22, fill="none", stroke=BLACK, stroke_width=2
                        )
            top += 30
        for k, line in enumerate((self.labels["outlined"], self.text().splitlines()[-1])):
            picture.text(12, top + 14 + 16 * k, line, fill=SOFT)
        return picture.done()

    def __repr__(self) -> str:
        return f"<CommRing of {self.ring['ranks']} ranks>"


def comm_ring(
    values: Any = 4, *, op: str = "sum", title: str = "", lang: str | None = None
) -> CommRing | CommTimeline:
    """Show how a ring of processes adds up its numbers, step by step.

        comm_ring([grad_of_rank_0, grad_of_rank_1, grad_of_rank_2])   # the ring with your numbers
        comm_ring(4)                                                  # four ranks with small numbers

    What `comm_timeline` takes gives what that gives: real collectives over time.

    Args:
        values: one vector for each rank, all of the same length and type (2 to 8 ranks, up to 64 numbers); how many
            ranks; or recordings of `glasstorch.distributed.traffic`.
        op: "sum", "product", "max" or "min".
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: vectors that do not match, too many or too few, or an unknown op.
        TypeError: none of the above.
    """
    if op not in OPERATIONS:
        raise ValueError(f"op must be one of {', '.join(OPERATIONS)}, not {op!r}")
    if recordings_in(values) is not None:
        return comm_timeline(values, title=title, lang=lang)
    if isinstance(values, int) and not isinstance(values, bool):
        if not 2 <= values <= MOST_RANKS:
            raise ValueError(f"a ring has 2 to {MOST_RANKS} ranks, not {values}")
        values = [torch.arange(1, 2 * values + 1) + 10 * r for r in range(values)]
    vectors = _vectors(values)
    return CommRing(vectors, op=op, title=title, lang=lang)


def _vectors(values: Any) -> list[Tensor]:
    if not isinstance(values, (list, tuple, Tensor)):
        raise TypeError(
            f"comm_ring() takes one vector for each rank, a number or a recording, not {type(values).__name__}"
        )
    vectors = [torch.as_tensor(v).detach().cpu().reshape(-1) for v in values]
    if not 2 <= len(vectors) <= MOST_RANKS:
        raise ValueError(f"a ring has 2 to {MOST_RANKS} ranks, not {len(vectors)}")
    lengths = [len(v) for v in vectors]
    if len({*lengths}) > 1 or len({v.dtype for v in vectors}) > 1:
        raise ValueError(f"all ranks must hold as many numbers of the same type, not {lengths}")
    if not 1 <= lengths[0] <= MOST_NUMBERS:
        raise ValueError(f"each rank holds 1 to {MOST_NUMBERS} numbers here, not {lengths[0]}; take a part")
    return vectors


def _arrows(step: Step) -> str:
    return "".join(f" {m.source}-[{m.chunk}]->{m.target}" for m in step.messages)


def _numbers(vector: Tensor) -> str:
    return " ".join(number(float(v)) for v in vector.tolist())
