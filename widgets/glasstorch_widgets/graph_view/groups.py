"""Which nodes of a graph belong together: calls of modules, iterations of loops, and parts of what is still too long.

A group is always a run of consecutive operations in forward order, so that drawing it as one box can make no cycle:
every edge goes from an earlier run to a later one. A module that is called three times is three groups.

* A **module call** is what ran in one call of a module. One that ran a single operation is no group.
* In a long sequence the iterations of a **loop** are found by the source line and operation that begins each.
* What is longer than `LONGEST` even so is cut into **parts** of equal length, and those into parts again.
* Leaves and constants stand with the operations that use them, but outside the module calls that were given them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

LOOPS_FROM = 24  # children, from which on loops are looked for
LONGEST = 40  # children that a group shows at once
_PART = 25  # children of a part
_FEW = 4  # boxes that are too few to open with
_TIMES = (1, 2, 3, 4, 6, 8)  # that an operation may come in one iteration of a loop
_ATTEMPTS = 50  # places at which a loop may begin, so that the search stays linear


@dataclass
class Group:
    """Some nodes that can be drawn as one box. `children` are node and group ids in forward order.

    `kind` is "module", "loop" (all its iterations), "step" (one iteration), "part" or "inputs". `title` is the
    module's path or a loop's source line; `type` is the module's class or "line"; `number` of `count` tells calls of
    one module and iterations apart, from 1. `first` and `last` are the iterations or operations that a part holds.
    """

    id: str
    kind: str
    parent: str
    title: str = ""
    type: str = ""
    number: int = 1
    count: int = 1
    first: int = 0
    last: int = 0
    call: int | None = None
    children: list[str] = field(default_factory=list)


class Tree:
    """All groups of a graph. The picture itself is the group "" around everything."""

    def __init__(self, graph: Any) -> None:
        self.nodes = {node.id: node for node in graph.nodes}
        self.order = {name: i for i, name in enumerate(graph.forward_order)}
        self.groups: dict[str, Group] = {"": Group("", "picture", "")}
        self.parent: dict[str, str] = {}
        self._calls = getattr(graph, "calls", ())
        self._made = 0
        self._module_calls(graph)
        for group in list(self.groups.values()):
            self._shorten(group)
        self._place_inputs(graph)
        self._dissolve_single()
        self._number_calls()
        self.place = self._places()

    # ---- reading ---

    def around(self, name: str) -> list[str]:
        """The groups around a node or group, the innermost first, without the picture."""
        out = []
        name = self.parent.get(name, "")
        while name:
            out.append(name)
            name = self.parent[name]
        return out

    def module(self, name: str) -> str:
        """The path of the module that a group belongs to, "" outside all."""
        call = self.groups[name].call
        return "" if call is None else str(self._calls[call].path)

    def depth(self, name: str) -> int:
        """How many groups are around a group."""
        return len(self.around(name))

    def members(self, name: str) -> list[str]:
        """The ids of all nodes in a group, in forward order."""
        found, stack = [], [name]
        while stack:
            for child in self.groups[stack.pop()].children:
                if child in self.groups:
                    stack.append(child)
                else:
                    found.append(child)
        return sorted(found, key=self.order.__getitem__)

    def visible(self, opened: set[str]) -> list[str]:
        """What is drawn when these groups are open: nodes and closed groups, in forward order."""
        shown: list[str] = []
        stack = list(reversed(self.groups[""].children))
        while stack:
            name = stack.pop()
            if name in opened:
                stack.extend(reversed(self.groups[name].children))
            else:
                shown.append(name)
        return shown

    def level(self, depth: int) -> set[str]:
        """The groups to open so that everything down to this depth is seen; 0 opens none."""
        return {name for name in self.groups if name and self.depth(name) < depth}

    @property
    def deepest(self) -> int:
        """The depth at which every group is open."""
        return max((self.depth(name) + 1 for name in self.groups if name), default=0)

    def opening(self, whole: int, most: int) -> set[str]:
        """The groups to open at first: all, if that draws at most `whole` boxes; else as many levels as draw `most`.

        Then the innermost modules, a layer and its weights, stay one box each. A picture of next to nothing is opened
        further.
        """
        if len(self.nodes) <= whole:
            return self.level(self.deepest)
        layers = {
            name
            for name, group in self.groups.items()
            if group.kind == "module" and not any(child in self.groups for child in group.children)
        }
        depth, shown = 0, len(self.visible(set()))
        while depth < self.deepest:
            more = len(self.visible(self.level(depth + 1) - layers))
            if more > (whole if shown < _FEW else most):
                break
            depth, shown = depth + 1, more
        return self.level(depth) - layers

    # ---- building ---

    def _new(self, kind: str, parent: str, **fields: Any) -> Group:
        self._made += 1
        group = self.groups[f"g{self._made}"] = Group(f"g{self._made}", kind, parent, **fields)
        self.parent[group.id] = parent
        return group

    def _chain(self, call: int | None) -> list[int]:
        out: list[int] = []
        while call is not None:
            out.append(call)
            call = self._calls[call].parent
        return out[::-1]

    def _module_calls(self, graph: Any) -> None:
        """Walk the operations and open and close groups as the calls were entered and left."""
        open_: list[Group] = []
        for name in graph.forward_order:
            node = self.nodes[name]
            if node.kind != "op":
                continue
            chain = self._chain(getattr(node, "call", None))
            same = 0
            while same < min(len(open_), len(chain)) and open_[same].call == chain[same]:
                same += 1
            del open_[same:]
            for call in chain[same:]:
                parent = open_[-1] if open_ else self.groups[""]
                fact = self._calls[call]
                group = self._new(
                    "module", parent.id, title=fact.path or fact.name, type=fact.type, call=call
                )
                parent.children.append(group.id)
                open_.append(group)
            home = open_[-1] if open_ else self.groups[""]
            home.children.append(name)
            self.parent[name] = home.id

    def _adopt(self, group: Group, children: Sequence[str]) -> None:
        group.children = list(children)
        for child in children:
            self.parent[child] = group.id
            if child in self.groups:
                self.groups[child].parent = group.id

    def _shorten(self, group: Group) -> None:
        """Find loops in a long sequence of children, and cut what is still long into parts."""
        waiting = [group]
        while waiting:
            group = waiting.pop()
            if group.kind != "loop" and len(group.children) > LOOPS_FROM:
                waiting += self._find_loops(group)
            self._cut(group, group.children)

    def _find_loops(self, group: Group) -> list[Group]:
        """Put each loop among the children into a group of its iterations; returns the new groups."""
        keys = [self._key(child) for child in group.children]
        places: dict[Any, list[int]] = {}
        for i, key in enumerate(keys):
            places.setdefault(key, []).append(i)
        found: list[Group] = []
        children: list[str] = []
        tried: set[Any] = {None}  # a child without a source line says nothing of loops
        at = 0
        while at < len(keys):
            runs = []
            if keys[at] not in tried and len(tried) <= _ATTEMPTS:
                tried.add(keys[at])
                runs = _iterations(keys, [i for i in places[keys[at]] if i >= at])
            if runs:
                made = self._loop(group, runs, keys[at])
                found += made
                children.append(made[0].id)
                at = runs[-1][1]
            else:
                children.append(group.children[at])
                at += 1
        if found:
            self._adopt(group, children)
        return found

    def _loop(self, group: Group, runs: list[tuple[int, int]], key: tuple) -> list[Group]:
        facts: dict[str, Any] = {"title": str(key[1]), "type": key[0], "count": len(runs), "call": group.call}
        loop = self._new("loop", group.id, **facts)
        made = [loop]
        for number, (a, b) in enumerate(runs, 1):
            step = self._new("step", loop.id, number=number, first=number, last=number, **facts)
            self._adopt(step, group.children[a:b])
            loop.children.append(step.id)
            made.append(step)
        return made

    def _key(self, child: str) -> Any:
        """What the same child of another iteration has in common with this one."""
        if child in self.groups:
            group = self.groups[child]
            return ("module", group.title or group.type, group.type)
        node = self.nodes[child]
        if node.source is None:
            return None
        return ("line", node.source["line"], node.source["file"], node.op)

    def _cut(self, group: Group, children: Sequence[str], kind: str = "part") -> None:
        """Cut a group's children (or some that follow each other) into parts until it has no more than `LONGEST`."""
        if len(children) <= LONGEST:
            return
        loop = {"title": group.title, "type": group.type} if group.kind == "loop" else {}
        numbers = range(1, len(children) + 1)
        pieces: list[tuple[str, int, int]] = list(zip(children, numbers, numbers))
        while len(pieces) > LONGEST:
            parts = -(-len(pieces) // _PART)
            ends = [round(i * len(pieces) / parts) for i in range(parts + 1)]
            larger = []
            for a, b in pairwise(ends):
                first, last = pieces[a][1], pieces[b - 1][2]
                part = self._new(kind, group.id, first=first, last=last, call=group.call, **loop)
                self._adopt(part, [name for name, _, _ in pieces[a:b]])
                larger.append((part.id, first, last))
            pieces = larger
        cut = set(children)
        others = [child for child in group.children if child not in cut]
        self._adopt(group, [*others, *(name for name, _, _ in pieces)])

    def _place_inputs(self, graph: Any) -> None:
        """Put each leaf and constant into the innermost group that holds all its uses and may hold it."""
        uses: dict[str, list[str]] = {}
        for edge in graph.edges:
            uses.setdefault(edge.source, []).append(edge.target)
        filled: set[str] = set()
        for name in graph.forward_order:
            node = self.nodes[name]
            if node.kind == "op":
                continue
            chains = [self.around(use)[::-1] for use in dict.fromkeys(uses.get(name, ()))]
            shared = _common(chains)
            own = self._chain(getattr(node, "call", None))
            while shared and self.groups[shared[-1]].call not in (None, *own):
                shared.pop()
            home = shared[-1] if shared else ""
            self.parent[name] = home
            self.groups[home].children.append(name)
            filled.add(home)
        for home in filled:
            group = self.groups[home]
            given = [
                child for child in group.children if child in self.nodes and self.nodes[child].kind != "op"
            ]
            self._cut(group, given, "inputs")
        place = self._places()
        for group in self.groups.values():
            group.children.sort(key=place.__getitem__)

    def _places(self) -> dict[str, int]:
        """Where in forward order each node stands, and each group's first node."""
        place = dict(self.order)
        for name, i in self.order.items():  # in forward order: the first to come is the first in its groups
            around = self.parent[name]
            while around and around not in place:
                place[around] = i
                around = self.parent[around]
        return place

    def _dissolve_single(self) -> None:
        """A group around one node says nothing that the node does not say."""
        for group in list(self.groups.values()):
            if not group.id or len(group.children) != 1 or group.children[0] in self.groups:
                continue
            around = self.groups[group.parent]
            around.children[around.children.index(group.id)] = group.children[0]
            self.parent[group.children[0]] = around.id
            del self.groups[group.id], self.parent[group.id]

    def _number_calls(self) -> None:
        """Tell the calls of one module apart."""
        calls: dict[tuple[str, str], list[Group]] = {}
        for group in self.groups.values():
            if group.kind == "module":
                calls.setdefault((group.title, group.type), []).append(group)
        for same in calls.values():
            for number, group in enumerate(same, 1):
                group.number, group.count = number, len(same)


def _iterations(keys: Sequence[Any], starts: list[int]) -> list[tuple[int, int]]:
    """The (begin, end) of each iteration of a loop; empty when it is none.

    `starts` is where the operation that begins it stands. It may come several times in one iteration: the fewest
    times are taken that make nearly all iterations alike, else those that make most alike.
    """
    if len(starts) < 3:
        return []
    body = set(keys[starts[0] : starts[-1]])
    end = starts[-1] + 1
    while end < len(keys) and keys[end] in body:
        end += 1
    best: list[tuple[int, int]] = []
    share = 0.5
    for times in _TIMES:
        runs = list(pairwise([*starts[::times], end]))
        if len(runs) < 3 or share >= 0.9:
            break
        alike = Counter(tuple(keys[a:b]) for a, b in runs).most_common(1)[0][1] / len(runs)
        if alike > share or (not best and alike >= share):
            best, share = runs, alike
    return best


def _common(chains: Iterable[Sequence[str]]) -> list[str]:
    """What all chains begin with."""
    shared: list[str] | None = None
    for chain in chains:
        if shared is None:
            shared = list(chain)
            continue
        same = 0
        while same < min(len(shared), len(chain)) and shared[same] == chain[same]:
            same += 1
        del shared[same:]
    return shared or []
