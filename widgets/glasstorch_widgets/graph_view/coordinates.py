"""Where the vertices of a layered graph stand, once their ranks and their order are known.

Every rank in turn takes the positions nearest to its neighbours' that keep the vertices apart: isotonic regression,
which pooling adjacent violators solves exactly. Then each line that can be straight is made straight.

Reference: U. Brandes, B. Köpf, "Fast and Simple Horizontal Coordinate Assignment", Graph Drawing 2001, whose idea
of aligning chains the last step follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

NODE_GAP = 22.0  # pixels between two neighbours in a rank
DUMMY_WIDTH = 4.0
# How hard a line pulls its ends under each other: chains of computed nodes come out straight, and so do
# long lines.
INPUT_PULL, CHAIN_PULL, DUMMY_PULL = 1.0, 24.0, 60.0

Pull = Callable[[int, int], float]  # how hard the line from an upper to a lower vertex pulls
# An end of an edge: the other vertex, the port there, the port here.
_End = tuple[int, float, float]


@dataclass
class Work:
    """The graph with dummies: vertices are integers, real nodes first."""

    widths: list[float]
    rank: list[int]
    real: int
    pinned: set[int]  # nodes that stand for a line, and pull like one
    source: list[int] = field(default_factory=list)  # of each dummy, the real node that its line comes from
    up: list[list[_End]] = field(default_factory=list)  # neighbours in the rank above
    down: list[list[_End]] = field(default_factory=list)  # neighbours in the rank below
    # Dummies of each node and port, from the top down.
    chains: dict[tuple[int, float], list[int]] = field(default_factory=dict)

    def add_dummy(self, rank: int, source: int) -> int:
        self.source.append(source)
        self.widths.append(DUMMY_WIDTH)
        self.rank.append(rank)
        self.up.append([])
        self.down.append([])
        return len(self.widths) - 1

    def join(self, upper: int, lower: int, leave: float, enter: float) -> None:
        self.down[upper].append((lower, enter, leave))
        self.up[lower].append((upper, leave, enter))

    def computed(self, v: int) -> bool:
        """Does this vertex stand for something computed, rather than for a leaf or a constant?"""
        v = self.source[v - self.real] if v >= self.real else v
        return bool(self.up[v]) or v in self.pinned


def coordinates(work: Work, layers: list[list[int]]) -> list[float]:
    """The centre x of every vertex."""
    gaps = [_separations(work, layer) for layer in layers]
    x = [0.0] * len(work.rank)
    for layer, gap in zip(layers, gaps):
        position = -sum(gap) / 2
        for i, v in enumerate(layer):
            position += gap[i - 1] if i else 0.0
            x[v] = position

    # Where only one input is computed its line is the spine, however long it is.
    spine = {v for v in range(work.real) if sum(work.computed(w) for w, _, _ in work.up[v]) == 1}

    def pull(upper: int, lower: int) -> float:
        if upper >= work.real and lower >= work.real:
            return DUMMY_PULL
        if not work.computed(upper) or (upper >= work.real and lower not in spine):
            return INPUT_PULL
        return CHAIN_PULL

    def move(layer: list[int], gap: list[float], above: bool, below: bool) -> None:
        wanted, weight = [], []
        for v in layer:
            sum_x = sum_w = 0.0
            if above:
                for w, there, here in work.up[v]:
                    p, to = pull(w, v), x[w] + there - here
                    sum_x += p * to
                    sum_w += p
            if below:
                for w, there, here in work.down[v]:
                    p, to = pull(v, w), x[w] + there - here
                    sum_x += p * to
                    sum_w += p
            wanted.append(sum_x / sum_w if sum_w else x[v])
            weight.append(sum_w or 0.1)
        for v, position in zip(layer, _keep_apart(wanted, weight, gap)):
            x[v] = position

    size = len(work.rank)
    sweeps = 24 if size < 300 else 6 if size < 1500 else 3
    for sweep in range(sweeps):
        both = sweep >= 2  # two rough passes first, then towards the neighbours on both sides
        for layer, gap in zip(layers, gaps):
            move(layer, gap, above=True, below=both)
        for layer, gap in zip(layers[::-1], gaps[::-1]):
            move(layer, gap, above=both, below=True)
    _straighten(work, layers, gaps, x, pull)
    return x


def _straighten(
    work: Work, layers: Sequence[Sequence[int]], gaps: Sequence[Sequence[float]], x: list[float], pull: Pull
) -> None:
    """Give the vertices of each chain one x, as far as their neighbours leave room; changes `x`."""
    room: dict[int, tuple[float, float, int | None, int | None]] = {}
    for layer, gap in zip(layers, gaps):
        for i, v in enumerate(layer):
            left, right = layer[i - 1] if i else None, layer[i + 1] if i + 1 < len(layer) else None
            room[v] = (gap[i - 1] if i else 0.0, gap[i] if right is not None else 0.0, left, right)
    chains = sorted(_chains(work, x, pull), key=len, reverse=True)
    for chain in [*chains, *chains]:  # what gave way in the first round may leave room in the second
        start = 0
        while start < len(chain):
            low, high = float("-inf"), float("inf")
            end = start
            while end < len(chain):
                v, offset = chain[end]
                before, after, left, right = room[v]
                lower = max(low, x[left] + before - offset) if left is not None else low
                upper = min(high, x[right] - after - offset) if right is not None else high
                if lower > upper:
                    break
                low, high, end = lower, upper, end + 1
            end = max(end, start + 1)
            part = chain[start:end]
            wanted = sorted(x[v] - offset for v, offset in part)[len(part) // 2]
            if low <= high:
                for v, offset in part:
                    x[v] = min(max(wanted, low), high) + offset
            start = end


def _chains(work: Work, x: list[float], pull: Pull) -> list[list[tuple[int, float]]]:
    """Vertices that should stand below each other, with their distance from the chain's x."""

    def best(v: int, ends: list[_End], down: bool) -> tuple[int, float] | None:
        found = None
        for w, there, here in ends:
            strength = pull(v, w) if down else pull(w, v)
            shift = here - there
            rank = (strength, -abs(x[v] + shift - x[w]))
            if strength > INPUT_PULL and (found is None or rank > found[0]):
                found = rank, w, shift
        return None if found is None else found[1:]

    below = {v: best(v, work.down[v], True) for v in range(len(work.rank))}
    above = {v: best(v, work.up[v], False) for v in range(len(work.rank))}
    chains = []
    for v in range(len(work.rank)):
        up = above[v]
        if up is not None and below[up[0]] is not None and below[up[0]][0] == v:  # type: ignore[index]
            continue  # not the first of its chain
        chain, offset = [(v, 0.0)], 0.0
        while (step := below[v]) is not None and (back := above[step[0]]) is not None and back[0] == v:
            offset += step[1]
            v = step[0]
            chain.append((v, offset))
        if len(chain) > 1:
            chains.append(chain)
    return chains


def _separations(work: Work, layer: list[int]) -> list[float]:
    half = [work.widths[v] / 2 for v in layer]
    return [half[i] + half[i + 1] + NODE_GAP for i in range(len(layer) - 1)]


def _keep_apart(wanted: list[float], weight: list[float], gap: list[float]) -> list[float]:
    """The positions nearest to `wanted` (least squares) with position[i+1] - position[i] >= gap[i]."""
    offsets = [0.0]
    for g in gap:
        offsets.append(offsets[-1] + g)
    blocks: list[list[float]] = []  # [weighted sum, weight, members]
    for want, w, offset in zip(wanted, weight, offsets):
        blocks.append([w * (want - offset), w, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            for i in range(3):
                blocks[-1][i] += last[i]
    out: list[float] = []
    for total, w, members in blocks:
        out.extend([total / w] * int(members))
    return [level + offset for level, offset in zip(out, offsets)]
