"""The ring all-reduce, step by step.

P. Patarasuk and X. Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009
(https://doi.org/10.1016/j.jpdc.2008.09.002).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glasstorch import Tensor

from ..engine import torch

Combine = Callable[[Tensor, Tensor], Tensor]
OPERATIONS: dict[str, Combine] = {
    "sum": torch.add,
    "product": torch.mul,
    "max": torch.maximum,
    "min": torch.minimum,
}


@dataclass(frozen=True)
class Message:
    """A chunk on its way: from one rank to the next, `elements` numbers long."""

    source: int
    target: int
    chunk: int
    elements: int


@dataclass(frozen=True)
class Step:
    """One step of all ranks at once: what is sent, and what everybody holds afterwards.

    phase: "start", "reduce" (what arrives is combined with what is there) or "gather" (it replaces it). parts: for each
    rank and chunk, how many ranks' numbers are in it.
    """

    phase: str
    messages: tuple[Message, ...]
    values: tuple[Tensor, ...]
    parts: tuple[tuple[int, ...], ...]


def bounds(length: int, ranks: int) -> list[tuple[int, int]]:
    """Where each rank's chunk begins and ends; the first ones are longer where it does not come out even."""
    size, more = divmod(length, ranks)
    ends = [0]
    for k in range(ranks):
        ends.append(ends[-1] + size + (k < more))
    return list(itertools.pairwise(ends))


def ring_all_reduce(values: Sequence[Tensor], combine: Combine) -> list[Step]:
    """All steps: n - 1 that combine a chunk each, n - 1 that hand the finished chunks round.

    In every step each rank sends one chunk to its right. In step s of the first half rank r sends chunk r - s; what
    arrives is combined with its own. After that rank r holds the finished chunk r + 1, and the second half passes the
    finished chunks on.
    """
    n = len(values)
    chunks = bounds(len(values[0]), n)
    held = [value.clone() for value in values]
    parts = [[1] * n for _ in range(n)]

    def snapshot(phase: str, messages: Sequence[Message]) -> Step:
        return Step(phase, tuple(messages), tuple(h.clone() for h in held), tuple(map(tuple, parts)))

    steps = [snapshot("start", ())]
    for k in range(2 * (n - 1)):
        reducing = k < n - 1
        s = k if reducing else k - (n - 1)
        messages, arriving = [], []
        for r in range(n):
            chunk = (r - s) % n if reducing else (r + 1 - s) % n
            start, end = chunks[chunk]
            messages.append(Message(r, (r + 1) % n, chunk, end - start))
            arriving.append((held[r][start:end].clone(), parts[r][chunk]))
        for message, (numbers, count) in zip(messages, arriving, strict=True):
            start, end = chunks[message.chunk]
            target = held[message.target]
            if reducing:
                target[start:end] = combine(target[start:end], numbers)
                parts[message.target][message.chunk] += count
            else:
                target[start:end] = numbers
                parts[message.target][message.chunk] = count
        steps.append(snapshot("reduce" if reducing else "gather", messages))
    return steps
