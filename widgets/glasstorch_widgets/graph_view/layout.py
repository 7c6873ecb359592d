"""Layered (Sugiyama) layout of a directed acyclic graph: one layout for the live view, the SVG and the web
page.

Four steps, each a function below and none of them recursive:

1. `_rank`: longest path from the inputs; an input then moves down next to its first consumer.
2. `_connect`: an edge that spans several ranks gets a chain of dummy vertices, shared by all the edges of its
   source, so that a weight used at a hundred time steps is one line with a hundred branches.
3. `_order`: barycenter sweeps, keeping the order with the fewest crossings.
4. `_coordinates`: every rank in turn takes the positions nearest to its neighbours' that keep
   the nodes apart. That is isotonic regression, which pooling adjacent violators solves exactly.

Reference: K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures", IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RANK_GAP = 31.0  # pixels between two ranks
NODE_GAP = 22.0  # pixels between two neighbours in a rank
MARGIN = 14.0
DUMMY_WIDTH = 4.0
# How hard a line pulls its ends under each other: chains of computed nodes come out straight, and so do
# long lines.
INPUT_PULL, CHAIN_PULL, DUMMY_PULL = 1.0, 24.0, 60.0


@dataclass(frozen=True)
class Box:
    """A placed node: its top-left corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """An edge's line: an SVG path, and the point (x, y) where it enters its target from above."""

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """The finished picture: its size, a box for every node, a route for every edge (in the order given)."""

    width: float
    height: float
    boxes: dict[str, Box]
    routes: list[Route]
    ranks: dict[str, int]


@dataclass
class _Work:
    """The graph with dummies: vertices are integers, real nodes first."""

    widths: list[float]
    rank: list[int]
    real: int
    up: list[list[int]] = field(default_factory=list)  # neighbours in the rank above
    down: list[list[int]] = field(default_factory=list)  # neighbours in the rank below
    chains: list[list[int]] = field(default_factory=list)  # dummies of each real node, from the top down

    def add_dummy(self, rank: int) -> int:
        self.widths.append(DUMMY_WIDTH)
        self.rank.append(rank)
        self.up.append([])
        self.down.append([])
        return len(self.widths) - 1


def layered(sizes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]]) -> Layout:
    """Place nodes of the given (width, height) so that every edge points downwards.

    Args:
        sizes: node id -> (width, height) in pixels. The order breaks ties, so give it in forward order.
        edges: (source id, target id); the same pair may occur more than once.

    Raises:
        ValueError: an edge names an unknown node, or the edges form a cycle.
    """
    names = list(sizes)
    number = {name: i for i, name in enumerate(names)}
    try:
        pairs = [(number[a], number[b]) for a, b in edges]
    except KeyError as error:
        raise ValueError(f"edge to or from the unknown node {error}") from None
    if not names:
        return Layout(2 * MARGIN, 2 * MARGIN, {}, [], {})

    work = _Work([sizes[name][0] for name in names], _rank(len(names), pairs), len(names))
    _connect(work, pairs)
    layers = _order(work, pairs)
    centre = _coordinates(work, layers)
    return _draw(work, layers, centre, [sizes[name][1] for name in names], names, pairs)


def _rank(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    inputs = [0] * count
    consumers: list[list[int]] = [[] for _ in range(count)]
    for a, b in pairs:
        inputs[b] += 1
        consumers[a].append(b)
    missing = list(inputs)
    rank = [0] * count
    ready = [v for v in range(count) if not missing[v]]
    done = 0
    while done < len(ready):
        v = ready[done]
        done += 1
        for w in consumers[v]:
            rank[w] = max(rank[w], rank[v] + 1)
            missing[w] -= 1
            if not missing[w]:
                ready.append(w)
    if done < count:
        raise ValueError("the edges form a cycle; a computation graph has none")
    for v in range(count):
        if not inputs[v] and consumers[v]:
            rank[v] = min(rank[w] for w in consumers[v]) - 1
    return rank


def _connect(work: _Work, pairs: list[tuple[int, int]]) -> None:
    work.up = [[] for _ in range(work.real)]
    work.down = [[] for _ in range(work.real)]
    work.chains = [[] for _ in range(work.real)]
    for a, b in pairs:
        chain = work.chains[a]
        while work.rank[a] + len(chain) + 1 < work.rank[b]:
            above = chain[-1] if chain else a
            dummy = work.add_dummy(work.rank[a] + len(chain) + 1)
            chain.append(dummy)
            work.down[above].append(dummy)
            work.up[dummy].append(above)
        last = _above(work, a, b)
        work.down[last].append(b)
        work.up[b].append(last)


def _above(work: _Work, source: int, target: int) -> int:
    """The vertex from which the edge source -> target enters the target's rank."""
    steps = work.rank[target] - work.rank[source] - 1
    return work.chains[source][steps - 1] if steps else source


def _order(work: _Work, pairs: list[tuple[int, int]]) -> list[list[int]]:
    layers = _first_order(work)
    place = [0] * len(work.rank)

    def settle(layer: list[int]) -> None:
        for i, v in enumerate(layer):
            place[v] = i

    for layer in layers:
        settle(layer)
    best, fewest = [list(layer) for layer in layers], _crossings(work, layers, place)
    sweeps = 8 if len(work.rank) < 1500 else 3
    for sweep in range(sweeps):
        if not fewest:
            break
        towards, walk = (work.up, layers[1:]) if sweep % 2 == 0 else (work.down, layers[-2::-1])
        for layer in walk:
            key = {
                v: sum(place[w] for w in towards[v]) / len(towards[v]) if towards[v] else float(place[v])
                for v in layer
            }
            layer.sort(key=key.__getitem__)  # stable: equals keep their order
            settle(layer)
        crossings = _crossings(work, layers, place)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _first_order(work: _Work) -> list[list[int]]:
    """Depth first from the results upwards, arguments from left to right."""
    layers: list[list[int]] = [[] for _ in range(max(work.rank) + 1)]
    seen = [False] * len(work.rank)
    results = [v for v in range(work.real) if not work.down[v]]
    stack = results[::-1]
    while stack:
        v = stack.pop()
        if seen[v]:
            continue
        seen[v] = True
        layers[work.rank[v]].append(v)
        stack.extend(reversed(work.up[v]))
    return layers


def _crossings(work: _Work, layers: list[list[int]], place: list[int]) -> int:
    total = 0
    for layer in layers[:-1]:
        passed: list[int] = []
        for v in layer:
            below = sorted(place[w] for w in work.down[v])
            total += sum(len(passed) - bisect_right(passed, p) for p in below)
            for p in below:
                insort(passed, p)
    return total


def _coordinates(work: _Work, layers: list[list[int]]) -> list[float]:
    """The centre x of every vertex."""
    gaps = [_separations(work, layer) for layer in layers]
    x = [0.0] * len(work.rank)
    for layer, gap in zip(layers, gaps):
        position = -sum(gap) / 2
        for i, v in enumerate(layer):
            position += gap[i - 1] if i else 0.0
            x[v] = position

    def pull(upper: int, lower: int) -> float:
        if upper >= work.real and lower >= work.real:
            return DUMMY_PULL
        return CHAIN_PULL if upper < work.real and work.up[upper] else INPUT_PULL

    def move(layer: list[int], gap: list[float], above: bool, below: bool) -> None:
        wanted, weight = [], []
        for v in layer:
            sum_x = sum_w = 0.0
            if above:
                for w in work.up[v]:
                    p = pull(w, v)
                    sum_x += p * x[w]
                    sum_w += p
            if below:
                for w in work.down[v]:
                    p = pull(v, w)
                    sum_x += p * x[w]
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
    return x


def _separations(work: _Work, layer: list[int]) -> list[float]:
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


def _draw(
    work: _Work,
    layers: list[list[int]],
    x: list[float],
    heights: list[float],
    names: list[str],
    pairs: list[tuple[int, int]],
) -> Layout:
    left = min(x[v] - work.widths[v] / 2 for layer in layers for v in layer) - MARGIN
    right = max(x[v] + work.widths[v] / 2 for layer in layers for v in layer) + MARGIN
    top, bottom = [], []
    y = MARGIN
    for layer in layers:
        tallest = max((heights[v] for v in layer if v < work.real), default=0.0)
        top.append(y)
        bottom.append(y + tallest)
        y += tallest + RANK_GAP
    boxes = {}
    for v, name in enumerate(names):
        rank, width = work.rank[v], work.widths[v]
        slack = bottom[rank] - top[rank] - heights[v]
        boxes[name] = Box(
            round(x[v] - width / 2 - left, 1), round(top[rank] + slack / 2, 1), width, heights[v]
        )

    # Where each edge comes down into its target: side by side, in the order in which the lines arrive.
    arriving: dict[int, list[tuple[float, int]]] = {}
    for e, (a, b) in enumerate(pairs):
        arriving.setdefault(b, []).append((x[_above(work, a, b)], e))
    port = [0.0] * len(pairs)
    for b, lines in arriving.items():
        lines.sort()
        step = min(22.0, (work.widths[b] - 24) / max(1, len(lines) - 1))
        for i, (_, e) in enumerate(lines):
            port[e] = x[b] + (i - (len(lines) - 1) / 2) * step

    routes = []
    for e, (a, b) in enumerate(pairs):
        chain = work.chains[a][: work.rank[b] - work.rank[a] - 1]
        source, target = boxes[names[a]], boxes[names[b]]
        cx, cy = x[a] - left, source.y + source.height
        parts = [f"M{cx:.1f} {cy:.1f}"]
        for dummy in chain:
            dx, rank = x[dummy] - left, work.rank[dummy]
            parts.append(_bend(cx, cy, dx, top[rank]))
            parts.append(f"V{bottom[rank]:.1f}")
            cx, cy = dx, bottom[rank]
        parts.append(_bend(cx, cy, port[e] - left, target.y))
        routes.append(Route("".join(parts), round(port[e] - left, 1), target.y))
    height = bottom[-1] + MARGIN
    return Layout(round(right - left, 1), round(height, 1), boxes, routes, dict(zip(names, work.rank)))


def _bend(x0: float, y0: float, x1: float, y1: float) -> str:
    middle = (y0 + y1) / 2
    return f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
