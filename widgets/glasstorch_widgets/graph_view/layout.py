"""Layered (Sugiyama) layout of a directed acyclic graph: one layout for the live view, the SVG and the web
page.

Four steps, each a function below and none of them recursive:

1. `_rank`: longest path from the inputs; an input then moves down next to its first consumer.
2. `_connect`: an edge that spans several ranks gets a chain of dummy vertices, shared by all the edges of its
   source, so that a weight used at a hundred time steps is one line with a hundred branches.
3. `_order`: barycenter sweeps, keeping the order with the fewest crossings.
4. `coordinates` (a file of its own): straight lines, nothing overlapping.

An edge may leave or enter a wide node at a place of its own, a port: that is how a frame is placed whose inside was
laid out before (`frames.py`).

Reference: K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures", IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .coordinates import Work, coordinates

RANK_GAP = 31.0  # pixels between two ranks
NARROWEST_STEP = 8.0  # pixels between two edges that come into one node
PORT_GAP = 16.0  # pixels between a rank and the ports above or below it
MARGIN = 14.0


@dataclass(frozen=True)
class Box:
    """A placed node: its top-left corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """An edge's line, from its source down to the point where it enters its target from above."""

    points: tuple[tuple[float, float], ...]

    @property
    def x(self) -> float:
        """Where it enters its target."""
        return self.points[-1][0]

    @property
    def y(self) -> float:
        """The upper edge of its target."""
        return self.points[-1][1]

    @property
    def path(self) -> str:
        """As an SVG path: straight down, or from one x to another in a curve."""
        x, y = self.points[0]
        parts = [f"M{x:.1f} {y:.1f}"]
        for to_x, to_y in self.points[1:]:
            if abs(to_x - x) < 0.05:
                parts.append(f"V{to_y:.1f}")
            else:
                middle = (y + to_y) / 2
                parts.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
            x, y = to_x, to_y
        return "".join(parts)


@dataclass(frozen=True)
class Edge:
    """An edge to place. `leave` and `enter` are its ports: distances from the centre of its source and target to the
    right; None leaves from the centre, and enters beside the target's other edges."""

    source: str
    target: str
    leave: float | None = None
    enter: float | None = None


@dataclass(frozen=True)
class Layout:
    """The finished picture: its size, a box for every node, a route for every edge (in the order given)."""

    width: float
    height: float
    boxes: dict[str, Box]
    routes: list[Route]
    ranks: dict[str, int]


@dataclass(frozen=True)
class _Pair:
    """An edge with numbers for names."""

    source: int
    target: int
    leave: float
    enter: float | None


def layered(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str] | Edge],
    top: Collection[str] = (),
    bottom: Collection[str] = (),
) -> Layout:
    """Place nodes of the given (width, height) so that every edge points downwards.

    Args:
        sizes: node id -> (width, height) in pixels. The order breaks ties, so give it in forward order.
        edges: (source id, target id) or `Edge`; the same pair may occur more than once.
        top, bottom: ids of nodes that are to stand alone in the first and in the last rank.

    Raises:
        ValueError: an edge names an unknown node, or the edges form a cycle.
    """
    names = list(sizes)
    number = {name: i for i, name in enumerate(names)}
    given = [edge if isinstance(edge, Edge) else Edge(*edge) for edge in edges]
    try:
        pairs = [_Pair(number[e.source], number[e.target], e.leave or 0.0, e.enter) for e in given]
        first, last = {number[name] for name in top}, {number[name] for name in bottom}
    except KeyError as error:
        raise ValueError(f"edge to or from the unknown node {error}") from None
    if not names:
        return Layout(2 * MARGIN, 2 * MARGIN, {}, [], {})

    rank = _rank(len(names), pairs, first, last)
    work = Work([sizes[name][0] for name in names], rank, len(names), first | last)
    _connect(work, pairs)
    layers = _order(work)
    centre = coordinates(work, layers)
    return _draw(work, layers, centre, [sizes[name][1] for name in names], names, pairs)


def _rank(count: int, pairs: list[_Pair], top: set[int], bottom: set[int]) -> list[int]:
    inputs = [0] * count
    consumers: list[list[int]] = [[] for _ in range(count)]
    for pair in pairs:
        inputs[pair.target] += 1
        consumers[pair.source].append(pair.target)
    missing = list(inputs)
    rank = [0] * count
    ready = [v for v in range(count) if not missing[v]]
    done = 0
    while done < len(ready):
        v = ready[done]
        done += 1
        for w in consumers[v]:
            rank[w] = max(rank[w], rank[v] + (0 if v in top else 1))
            missing[w] -= 1
            if not missing[w]:
                ready.append(w)
    if done < count:
        raise ValueError("the edges form a cycle; a computation graph has none")
    for v in range(count):
        if not inputs[v] and consumers[v]:
            rank[v] = min(rank[w] for w in consumers[v]) - 1
    inner = [rank[v] for v in range(count) if v not in top and v not in bottom]
    lowest, highest = min(inner, default=0), max(inner, default=0)
    return (
        [lowest - 1 if v in top else highest + 1 if v in bottom else rank[v] for v in range(count)]
        if top or bottom
        else rank
    )


def _connect(work: Work, pairs: list[_Pair]) -> None:
    lowest = min(work.rank)
    work.rank[:] = [rank - lowest for rank in work.rank]
    work.up = [[] for _ in range(work.real)]
    work.down = [[] for _ in range(work.real)]
    for pair in pairs:
        chain = work.chains.setdefault((pair.source, pair.leave), [])
        while work.rank[pair.source] + len(chain) + 1 < work.rank[pair.target]:
            dummy = work.add_dummy(work.rank[pair.source] + len(chain) + 1, pair.source)
            work.join(chain[-1] if chain else pair.source, dummy, 0.0 if chain else pair.leave, 0.0)
            chain.append(dummy)
        last = _above(work, pair)
        work.join(last, pair.target, 0.0 if last >= work.real else pair.leave, pair.enter or 0.0)


def _above(work: Work, pair: _Pair) -> int:
    """The vertex from which an edge enters its target's rank."""
    steps = work.rank[pair.target] - work.rank[pair.source] - 1
    return work.chains[pair.source, pair.leave][steps - 1] if steps else pair.source


def _order(work: Work) -> list[list[int]]:
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
                v: sum(place[w] + port / work.widths[w] for w, port, _ in towards[v]) / len(towards[v])
                if towards[v]
                else float(place[v])
                for v in layer
            }
            layer.sort(key=key.__getitem__)  # stable: equals keep their order
            settle(layer)
        crossings = _crossings(work, layers, place)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _first_order(work: Work) -> list[list[int]]:
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
        stack.extend(w for w, _, _ in reversed(work.up[v]))
    return layers


def _crossings(work: Work, layers: list[list[int]], place: list[int]) -> int:
    total = 0
    for layer in layers[:-1]:
        passed: list[float] = []
        lines = sorted(
            (place[v] + here / work.widths[v], place[w] + there / work.widths[w])
            for v in layer
            for w, there, here in work.down[v]
        )
        start = 0
        while start < len(lines):  # lines from one point do not cross
            end = start
            while end < len(lines) and lines[end][0] == lines[start][0]:
                end += 1
            total += sum(len(passed) - bisect_right(passed, p) for _, p in lines[start:end])
            for _, p in lines[start:end]:
                insort(passed, p)
            start = end
    return total


def _ports(work: Work, x: list[float], pairs: list[_Pair]) -> list[float]:
    """Where each edge comes down into its target: side by side, in the order in which the lines arrive.

    The computed line that comes nearest to the target's middle comes straight down, the others beside it.
    """
    arriving: dict[int, list[tuple[float, int]]] = {}
    port = [0.0] * len(pairs)
    straight: dict[int, float] = {}
    for e, pair in enumerate(pairs):
        b = pair.target
        if pair.enter is not None:
            port[e] = x[b] + pair.enter
            continue
        above = _above(work, pair)
        at = x[above] + (pair.leave if above < work.real else 0.0)
        arriving.setdefault(b, []).append((at, e))
        if work.computed(above) and abs(at - x[b]) < abs(straight.get(b, float("inf")) - x[b]):
            straight[b] = at
    for b, lines in arriving.items():
        lines.sort()
        half = max(0.0, work.widths[b] / 2 - 12)
        step = min(22.0, 2 * half / max(1, len(lines) - 1))
        first = x[b] - (len(lines) - 1) / 2 * step
        spine = straight.get(b, float("inf"))
        if abs(spine - x[b]) < half:
            before = next(i for i, (at, _) in enumerate(lines) if at == spine)
            after = len(lines) - 1 - before
            room = [(spine - x[b] + half) / before] if before else []
            room += [(x[b] + half - spine) / after] if after else []
            if min(room, default=step) >= NARROWEST_STEP:
                step = min(step, *room) if room else step
                first = spine - before * step
        for i, (_, e) in enumerate(lines):
            port[e] = first + i * step
    return port


def _draw(
    work: Work,
    layers: list[list[int]],
    x: list[float],
    heights: list[float],
    names: list[str],
    pairs: list[_Pair],
) -> Layout:
    left = min(x[v] - work.widths[v] / 2 for layer in layers for v in layer) - MARGIN
    right = max(x[v] + work.widths[v] / 2 for layer in layers for v in layer) + MARGIN
    top, bottom = [], []
    y = MARGIN
    for layer, below in zip(layers, [*layers[1:], []]):
        tallest = max((heights[v] for v in layer if v < work.real), default=0.0)
        top.append(y)
        bottom.append(y + tallest)
        ports = work.pinned.intersection(layer) or work.pinned.intersection(below)
        y += tallest + (PORT_GAP if ports else RANK_GAP)
    boxes = {}
    for v, name in enumerate(names):
        rank, width = work.rank[v], work.widths[v]
        slack = bottom[rank] - top[rank] - heights[v]
        # Beside a tall frame an input stands low, near what it goes into.
        lower = slack if work.down[v] and not work.up[v] else slack / 2
        boxes[name] = Box(round(x[v] - width / 2 - left, 1), round(top[rank] + lower, 1), width, heights[v])

    port = _ports(work, x, pairs)
    routes = []
    for e, pair in enumerate(pairs):
        chain = work.chains[pair.source, pair.leave][: work.rank[pair.target] - work.rank[pair.source] - 1]
        source, target = boxes[names[pair.source]], boxes[names[pair.target]]
        # Within its rank a line goes straight down: only between ranks there is nothing to run into.
        start = x[pair.source] + pair.leave - left
        points = [(start, source.y + source.height), (start, bottom[work.rank[pair.source]])]
        for dummy in chain:
            rank = work.rank[dummy]
            points += [(x[dummy] - left, top[rank]), (x[dummy] - left, bottom[rank])]
        points += [(port[e] - left, top[work.rank[pair.target]]), (port[e] - left, target.y)]
        routes.append(Route(tuple(dict.fromkeys((round(px, 1), round(py, 1)) for px, py in points))))
    height = bottom[-1] + MARGIN
    return Layout(round(right - left, 1), round(height, 1), boxes, routes, dict(zip(names, work.rank)))
