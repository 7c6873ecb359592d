"""`comm_ring(...)`: a ring all-reduce chunk by chunk, and the timeline of real collectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets
from glasstorch import Tensor

from ..drawing import SOFT, Picture
from ..engine import torch
from ..heat import scale_of
from ..palette import BLACK, SERIES, number
from ..view import View
from .ring import OPERATIONS, Step, bounds, ring_all_reduce

MOST_RANKS, MOST_NUMBERS = 8, 64
MOST_EVENTS = 400


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


class CommTimeline(View, module="comm_timeline.js", styles=("explain.css", "ring.css"), words="ring"):
    """Collectives as they happened; see `comm_ring`."""

    title = traitlets.Unicode("").tag(sync=True)
    timeline = traitlets.Dict().tag(sync=True)

    def __init__(
        self, ranks: Sequence[Sequence[Mapping[str, Any]]], *, title: str = "", lang: str | None = None
    ) -> None:
        super().__init__(title=title, lang=lang)
        count = sum(map(len, ranks))
        if count > MOST_EVENTS:
            raise ValueError(
                f"comm_ring() shows at most {MOST_EVENTS} events, not {count}; record fewer steps"
            )
        began = min((e["start"] for events in ranks for e in events), default=0.0)
        keep = ("name", "nbytes", "algorithm", "asynchronous", "seconds", "waited")
        self.timeline = {
            "ranks": [
                [{key: e[key] for key in keep} | {"start": e["start"] - began} for e in events]
                for events in ranks
            ]
        }

    def text(self) -> str:
        """Every event in a line."""
        lines = [self.title or self.labels["timeline"]]
        for r, events in enumerate(self.timeline["ranks"]):
            for e in events:
                began, took, wait = (number(1e3 * e[key]) for key in ("start", "seconds", "waited"))
                rank, waited = self.labels["rank"].format(r=r), self.labels["waited"]
                what = f"{e['name']} {e['nbytes']} bytes {e['algorithm']}"
                lines.append(f"{rank}: {began} ms {what} {took} ms, {waited} {wait} ms")
        return "\n".join(lines)

    def svg(self) -> str | None:
        """A lane for every rank, a bar for every event."""
        ranks = self.timeline["ranks"]
        last = max((e["start"] + e["seconds"] for events in ranks for e in events), default=0.0) or 1.0
        names = list(dict.fromkeys(e["name"] for events in ranks for e in events))
        picture = Picture(self.text())
        picture.text(12, 20, self.title or self.labels["timeline"], size=13, bold=True)
        for r, events in enumerate(ranks):
            top = 36.0 + 30 * r
            picture.text(12, top + 15, self.labels["rank"].format(r=r))
            picture.line([(70, top + 22), (630, top + 22)], stroke_width=0.5)
            for e in events:
                x, wide = 70 + 560 * e["start"] / last, max(1.5, 560 * e["seconds"] / last)
                picture.rect(
                    x, top, wide, 20, fill=SERIES[names.index(e["name"]) % len(SERIES)], fill_opacity=0.85
                )
        top = 48.0 + 30 * len(ranks)
        for k, name in enumerate(names):
            picture.rect(70 + 130 * k, top, 12, 12, fill=SERIES[k % len(SERIES)])
            picture.text(88 + 130 * k, top + 10, name)
        picture.text(630, top + 10, f"{number(1e3 * last)} ms", anchor="end", fill=SOFT)
        return picture.done()

    def __repr__(self) -> str:
        return f"<CommTimeline of {sum(map(len, self.timeline['ranks']))} events>"


def comm_ring(
    values: Any = 4, *, op: str = "sum", title: str = "", lang: str | None = None
) -> CommRing | CommTimeline:
    """Show how a ring of processes adds up its numbers, step by step, or what real processes sent each other and when.

        comm_ring([grad_of_rank_0, grad_of_rank_1, grad_of_rank_2])   # the ring with your numbers
        comm_ring(4)                                                  # four ranks with small numbers

        with dist.traffic.record() as events:
            loss.backward()
        comm_ring(events)                                             # a timeline of this process's collectives

    Args:
        values: one vector for each rank, all of the same length and type (2 to 8 ranks, up to 64 numbers); how many
            ranks; or a recording of `glasstorch.distributed.traffic` (or one for each rank, also as plain values).
        op: "sum", "product", "max" or "min".
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: vectors that do not match, too many or too few, or an unknown op.
        TypeError: none of the above.
    """
    if op not in OPERATIONS:
        raise ValueError(f"op must be one of {', '.join(OPERATIONS)}, not {op!r}")
    recorded = _recordings(values)
    if recorded is not None:
        return CommTimeline(recorded, title=title, lang=lang)
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


def _recordings(values: Any) -> list[list[dict[str, Any]]] | None:
    """Recordings as plain values, one list for each rank; None if these are none."""
    if isinstance(values, Mapping) and "events" in values:
        values = values["events"]
    if not isinstance(values, (list, tuple)) or not values:
        return None
    if all(_is_event(v) for v in values):
        return [[_event(v) for v in values]]
    if all(isinstance(v, (list, tuple, Mapping)) for v in values):
        lists = [v["events"] if isinstance(v, Mapping) and "events" in v else v for v in values]
        if all(isinstance(v, (list, tuple)) and v and all(map(_is_event, v)) for v in lists):
            return [[_event(e) for e in v] for v in lists]
    return None


def _is_event(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "nbytes" in value
    return hasattr(value, "to_dict") and hasattr(value, "nbytes")


def _event(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else value.to_dict()


def _arrows(step: Step) -> str:
    return "".join(f" {m.source}-[{m.chunk}]->{m.target}" for m in step.messages)


def _numbers(vector: Tensor) -> str:
    return " ".join(number(float(v)) for v in vector.tolist())
