"""``Graph``: an immutable picture of a computation, and its JSON form (version 1)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from .nonfinite import Nonfinite

VERSION = 1
PREVIEW = 64  # elements of an array that a preview carries

Values = Literal["preview", "full"] | None


@dataclass(frozen=True)
class ModuleCall:
    """One call of a module: its path from the outermost module called (which has the path ""), the name of its class,
    and the place in ``Graph.calls`` of the call that it ran in (None for the outermost). ``name`` is that of the
    caller's variable that holds an outermost module, if there is one."""

    path: str
    type: str
    parent: int | None = None
    name: str = ""


@dataclass(frozen=True)
class GraphNode:
    """One tensor of the computation: a leaf, a constant, or the output of an operation.

    ``bytes`` is the size of its elements; ``formula`` and the edges' formulas are LaTeX; ``value`` and
    ``gradient`` are host arrays or None when not known. ``shape`` is None only for an operation that was not
    recorded and whose graph was used up. ``call`` is the place in ``Graph.calls`` of the module call that the node
    belongs to: the one that ran an operation; for a leaf or constant the innermost that holds all its uses and was
    not given it as an argument.
    """

    id: str
    kind: Literal["leaf", "constant", "op"]
    op: str
    title: str
    shape: tuple[int, ...] | None
    dtype: str
    device: str
    bytes: int
    requires_grad: bool
    module: str = ""
    source: dict[str, Any] | None = None
    formula: str = ""
    args: str = ""
    error: str = ""
    value: np.ndarray | None = field(default=None, compare=False, repr=False)
    gradient: np.ndarray | None = field(default=None, compare=False, repr=False)
    call: int | None = None


@dataclass(frozen=True)
class GraphEdge:
    """``source`` is an input of ``target``: argument ``arg``. ``contribution`` is the gradient
    that flows back along it."""

    source: str
    target: str
    arg: str
    formula: str = ""
    output: int = 0
    contribution: np.ndarray | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Graph:
    """A computation. ``nodes`` are in forward order; ``recorded`` tells whether values and source lines are known."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    roots: tuple[str, ...]
    recorded: bool
    _program: Any = field(default=None, compare=False, repr=False)
    calls: tuple[ModuleCall, ...] = ()

    @property
    def forward_order(self) -> tuple[str, ...]:
        """Ids in the order the values were computed."""
        return tuple(n.id for n in self.nodes)

    @property
    def backward_order(self) -> tuple[str, ...]:
        """Ids in the order the gradients are computed, from the roots to the leaves; none where the forward failed."""
        if self.failed is not None:
            return ()
        return tuple(n.id for n in reversed(self.nodes) if n.requires_grad)

    def node(self, id: str) -> GraphNode:
        """The node with this id; KeyError when there is none."""
        for n in self.nodes:
            if n.id == id:
                return n
        raise KeyError(f"no node {id!r}; ids run from n0 to n{len(self.nodes) - 1}")

    @property
    def failed(self) -> str | None:
        """The id of the operation that failed, in a graph from ``snapshot_failure``; else None."""
        return next((n.id for n in self.nodes if n.error), None)

    @property
    def replayable(self) -> bool:
        """Can ``replay`` run the operations again? Not where some were not recorded, nor after ``from_dict``."""
        return self._program is not None

    def nonfinite(self) -> Nonfinite:
        """Where nan and inf come from: the nodes that made them, and the paths they took.

        Raises RuntimeError when the values of the operations are not known: the graph was not recorded.
        """
        from .nonfinite import nonfinite_of

        return nonfinite_of(self)

    def replay(self, changes: Mapping[str, Any] | None = None) -> Graph:
        """The same operations again with some leaves or constants changed, values and gradients included.

        ``changes`` maps node ids to arrays of the node's shape. Ids stay the same.
        Raises ValueError for an unknown id or another shape, RuntimeError when the graph was not recorded.
        """
        if self._program is None:
            raise RuntimeError(
                "this graph cannot be replayed: it was not recorded. Run the forward inside "
                "`with glasstorch.autograd.graph.record():` and take the snapshot again."
            )
        return self._program.replay(self, dict(changes or {}))

    def to_dict(self, values: Values = "preview") -> dict[str, Any]:
        """A JSON-able dictionary. ``values``: "preview" (first elements and statistics), "full", or None."""

        def show(a: np.ndarray | None) -> dict | None:
            return None if a is None or values is None else preview(a, None if values == "full" else PREVIEW)

        nodes = [
            {
                "id": n.id, "kind": n.kind, "op": n.op, "title": n.title,
                "shape": None if n.shape is None else list(n.shape), "dtype": n.dtype,
                "device": n.device, "bytes": n.bytes, "requires_grad": n.requires_grad, "module": n.module,
                "source": n.source, "formula": n.formula, "args": n.args,
                "error": n.error, "value": show(n.value),
                "gradient": show(n.gradient), "call": n.call,
            }
            for n in self.nodes
        ]  # fmt: skip
        edges = [
            {"source": e.source, "target": e.target, "arg": e.arg, "formula": e.formula, "output": e.output,
             "contribution": show(e.contribution)}
            for e in self.edges
        ]  # fmt: skip
        return {
            "version": VERSION, "roots": list(self.roots), "recorded": self.recorded,
            "forward_order": list(self.forward_order), "backward_order": list(self.backward_order),
            "nodes": nodes, "edges": edges,
            "calls": [asdict(c) for c in self.calls],
        }  # fmt: skip

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Graph:
        """A graph from its dictionary. Arrays come back when they were saved
        in full. ValueError for another version."""
        if data.get("version") != VERSION:
            raise ValueError(
                f"this graph has version {data.get('version')!r}; this Glasstorch reads version {VERSION}"
            )
        nodes = tuple(
            GraphNode(
                **{
                    **n,
                    "shape": None if n["shape"] is None else tuple(n["shape"]),
                    "value": _array(n["value"]),
                    "gradient": _array(n["gradient"]),
                }
            )
            for n in data["nodes"]
        )
        edges = tuple(GraphEdge(**{**e, "contribution": _array(e["contribution"])}) for e in data["edges"])
        calls = tuple(ModuleCall(**c) for c in data.get("calls", ()))
        return Graph(nodes, edges, tuple(data["roots"]), data["recorded"], calls=calls)

    def without_values(self) -> Graph:
        """The structure alone."""
        return Graph(
            tuple(replace(n, value=None, gradient=None) for n in self.nodes),
            tuple(replace(e, contribution=None) for e in self.edges),
            self.roots, self.recorded, calls=self.calls,
        )  # fmt: skip


def preview(array: np.ndarray, limit: int | None = PREVIEW) -> dict[str, Any]:
    """An array as JSON: its first ``limit`` elements (row by row) and statistics of all. NaN and inf become strings."""
    a = np.asarray(array)
    flat = a.reshape(-1)
    numbers = flat.astype(np.float64) if a.dtype.kind not in "c" else np.abs(flat)
    finite = numbers[np.isfinite(numbers)]
    known = finite.size > 0
    return {
        "shape": list(a.shape), "dtype": str(a.dtype), "data": [plain(v) for v in flat[:limit]], "total": int(a.size),
        "min": float(finite.min()) if known else None, "max": float(finite.max()) if known else None,
        "mean": float(finite.mean()) if known else None, "nan": int(np.isnan(numbers).sum()),
        "inf": int(np.isinf(numbers).sum()),
    }  # fmt: skip


def plain(v: Any) -> Any:
    """A number as JSON can hold it: nan, inf and complex numbers become strings."""
    if isinstance(v, (complex, np.complexfloating)):
        return str(v)
    x = v.item() if isinstance(v, np.generic) else v
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return x


def _array(p: Mapping[str, Any] | None) -> np.ndarray | None:
    if p is None or len(p["data"]) != p["total"]:
        return None
    return np.array([complex(v) if isinstance(v, str) and "j" in v else float(v) if isinstance(v, str) else v
                     for v in p["data"]]).astype(p["dtype"]).reshape(p["shape"])  # fmt: skip
