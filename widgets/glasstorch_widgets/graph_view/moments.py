"""One graph at many moments of a training: only the leaves are kept, the rest is computed again when looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 200  # moments; when there are more, every second one is let go
MEMORY = 64 * 2**20  # bytes of leaves kept, at most


class Moments:
    """The leaves of one computation as they were, thinned so that the first and the latest stay."""

    def __init__(self, record: Any) -> None:
        self.shape = self._shape(record)
        self.labels: list[str] = []
        self.roots: list[
            float
        ] = []  # the first root's value (its mean, if it has many): what a small curve shows
        self.leaves: list[dict[str, np.ndarray]] = []
        self._added = 0
        self._stride = 1

    def keep(self, record: Any, label: str | None = None) -> bool:
        """Keep a moment; False when it falls between two that are kept.

        Raises:
            ValueError: another computation than the first: other operations or other shapes.
        """
        if self._shape(record) != self.shape:
            raise ValueError(
                "this computation has other operations or shapes than the one on show, so it is no moment of the same "
                "graph; show it with graph(loss), or keep batches of one size"
            )
        number = self._added
        self._added += 1
        if number % self._stride:
            return False
        self.labels.append(str(number) if label is None else label)
        self.roots.append(_size(record.node(record.roots[0]).value))
        before = self.leaves[-1] if self.leaves else {}
        now = {n.id: n.value for n in record.nodes if n.kind != "op" and n.value is not None}
        # What did not change (the data, frozen weights) is kept once.
        self.leaves.append(
            {k: before[k] if k in before and np.array_equal(before[k], v) else v for k, v in now.items()}
        )
        if len(self.labels) > MOST or (self._bytes() > MEMORY and len(self.labels) > 2):
            self._thin()
        return True

    def _thin(self) -> None:
        for kept in (self.labels, self.roots, self.leaves):
            del kept[1::2]
        self._stride *= 2

    def _bytes(self) -> int:
        return sum({id(a): a.nbytes for leaves in self.leaves for a in leaves.values()}.values())

    @staticmethod
    def _shape(record: Any) -> list[tuple[Any, ...]]:
        edges = [(edge.source, edge.target, edge.arg) for edge in record.edges]
        return [(node.id, node.kind, node.op, node.shape, node.args) for node in record.nodes] + edges


def _size(value: np.ndarray | None) -> float:
    if value is None or not value.size:
        return float("nan")
    return float(np.mean(np.abs(value) if value.dtype.kind == "c" else value))
