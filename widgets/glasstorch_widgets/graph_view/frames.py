"""Layout of a graph in which some nodes stand inside frames, and frames inside frames.

Every frame is laid out by itself, the innermost first, and is then one wide node for what is around it. Where an edge
crosses its border it has a port: inside, a point in the first or last rank; outside, a place on the border. So frames
never overlap, and a line that passes through one stays one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .coordinates import DUMMY_WIDTH
from .layout import Box, Edge, Layout, Route, layered

HEADER = 22.0  # pixels above a frame's content, for its name


@dataclass(frozen=True)
class Frame:
    """A frame to place: the frame around it ("" for none), and how wide its name is in pixels."""

    parent: str
    header: float


@dataclass(frozen=True)
class _Piece:
    """A part of an edge that lies at one level; `leave` and `enter` are ports of frames there, (frame, port).

    Edges share the pieces that coincide; the last piece of each is its own (`number`).
    """

    level: str
    source: str
    target: str
    leave: tuple[str, str] | None = None
    enter: tuple[str, str] | None = None
    number: int = -1


@dataclass
class _Level:
    """What stands directly inside one frame, and the lines there."""

    sizes: dict[str, tuple[float, float]] = field(default_factory=dict)
    pieces: dict[_Piece, Route | None] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)  # source outside -> its port
    exits: dict[str, str] = field(default_factory=dict)  # source inside -> its port
    layout: Layout | None = None
    shift: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (0.0, 0.0)

    def port(self, name: str) -> float:
        """How far right of the frame's centre a port is."""
        assert self.layout is not None
        box = self.layout.boxes[name]
        return box.x + box.width / 2 - self.layout.width / 2


def nested(
    sizes: Mapping[str, tuple[float, float]],
    inside: Mapping[str, str],
    frames: Mapping[str, Frame],
    edges: Sequence[tuple[str, str]],
) -> Layout:
    """Place nodes and the frames around them so that every edge points downwards.

    Args:
        sizes: node id -> (width, height), in forward order.
        inside: node id -> id of its frame; nodes that are in none may be left out.
        frames: frame id -> `Frame`, outer ones before inner ones. A frame without nodes is not drawn.
        edges: (source id, target id) between nodes.

    Returns:
        A `Layout` whose boxes are those of nodes and frames; its ranks are those of each frame for itself.

    Raises:
        ValueError: the edges form a cycle, in the whole or between frames.
    """
    levels = {name: _Level() for name in ("", *frames)}
    around = {**{name: inside.get(name, "") for name in sizes}, **{f: frames[f].parent for f in frames}}
    for name in sizes:  # forward order, also of frames: each stands where its first node does
        child = name
        while child not in levels[around[child]].sizes:
            level = levels[around[child]]
            level.sizes[child] = sizes.get(child, (0.0, 0.0))
            child = around[child]
            if not child:
                break
    lines = [_cut(e, source, target, around, levels) for e, (source, target) in enumerate(edges)]

    for name in reversed(levels):  # inner ones first
        level = levels[name]
        if level.sizes or not name:
            _place(level, levels, frames[name].header if name else 0.0)
            if name:
                levels[frames[name].parent].sizes[name] = level.size
    return _gather(levels, around, lines)


def _cut(
    number: int, source: str, target: str, around: Mapping[str, str], levels: Mapping[str, _Level]
) -> list[_Piece]:
    """Cut an edge where it crosses borders, and note each piece at its level."""
    ups, downs = _outwards(source, around), _outwards(target, around)
    while len(ups) > 1 and len(downs) > 1 and ups[-2] == downs[-2]:
        ups.pop()
        downs.pop()
    pieces = []
    at, leave = source, None
    for frame in ups[:-1]:
        exit_ = levels[frame].exits.setdefault(source, f"out:{source}")
        pieces.append(_Piece(frame, at, exit_, leave))
        at, leave = frame, (frame, exit_)
    shared = ups[-1]
    for frame in reversed(downs[:-1]):
        entry = levels[frame].entries.setdefault(source, f"in:{source}")
        pieces.append(_Piece(shared, at, frame, leave, (frame, entry)))
        at, leave, shared = entry, None, frame
    pieces.append(_Piece(shared, at, target, leave, None, number))
    for piece in pieces:
        levels[piece.level].pieces[piece] = None
    return pieces


def _outwards(name: str, around: Mapping[str, str]) -> list[str]:
    """The frames around a node, the innermost first, the picture ("") last."""
    out = []
    while name:
        name = around[name]
        out.append(name)
    return out


def _place(level: _Level, levels: Mapping[str, _Level], header: float) -> None:
    """Lay out one frame's inside; the frames in it are laid out already."""
    top, bottom = list(level.entries.values()), list(level.exits.values())
    ports = dict.fromkeys([*top, *bottom], (DUMMY_WIDTH, 0.0))

    def offset(port: tuple[str, str] | None) -> float | None:
        return None if port is None else levels[port[0]].port(port[1])

    edges = [Edge(p.source, p.target, offset(p.leave), offset(p.enter)) for p in level.pieces]
    placed = layered({**level.sizes, **ports}, edges, top, bottom)
    level.layout = placed
    level.pieces = dict(zip(level.pieces, placed.routes))
    level.size = max(placed.width, header), placed.height + HEADER
    level.shift = (level.size[0] - placed.width) / 2, HEADER


def _gather(levels: Mapping[str, _Level], around: Mapping[str, str], lines: list[list[_Piece]]) -> Layout:
    """Put the levels into each other, and the pieces of each edge together."""
    boxes: dict[str, Box] = {}
    ranks: dict[str, int] = {}
    origin = {"": (0.0, 0.0)}
    for name, level in levels.items():  # outer ones first
        if level.layout is None:
            continue
        if name:
            origin[name] = boxes[name].x + level.shift[0], boxes[name].y + level.shift[1]
        dx, dy = origin[name]
        for child in level.sizes:
            box = level.layout.boxes[child]
            boxes[child] = Box(round(box.x + dx, 1), round(box.y + dy, 1), box.width, box.height)
            ranks[child] = level.layout.ranks[child]
    routes = []
    for pieces in lines:
        points: list[tuple[float, float]] = []
        for piece in pieces:
            route, (dx, dy) = levels[piece.level].pieces[piece], origin[piece.level]
            assert route is not None
            points += [(round(x + dx, 1), round(y + dy, 1)) for x, y in route.points]
        routes.append(Route(tuple(points)))
    whole = levels[""].layout
    assert whole is not None
    return Layout(whole.width, whole.height, boxes, routes, ranks)
