"""The memory of one step: what lives all the time, and what the graph keeps between forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_RUNS = 200  # of operations on the wire


@dataclass(frozen=True)
class Memory:
    """Bytes in one step.

    `kept`: for each operation of the forward, its layer (-1: none) and what it is the first to keep. `gradients`: by
    layer.
    """

    step: int
    kept: list[tuple[int, int]]
    weights: int
    gradients: dict[int, int]
    optimizer: int

    def of_layers(self) -> dict[int, int]:
        """What is kept for the backward, by layer."""
        total: dict[int, int] = {}
        for layer, size in self.kept:
            total[layer] = total.get(layer, 0) + size
        return total

    def runs(self) -> list[tuple[int, int]]:
        """`kept` with the operations of one layer that follow each other taken together."""
        runs: list[tuple[int, int]] = []
        for layer, size in self.kept:
            if runs and (runs[-1][0] == layer or len(runs) >= MOST_RUNS):
                runs[-1] = (runs[-1][0], runs[-1][1] + size)
            else:
                runs.append((layer, size))
        return runs

    def timeline(self) -> list[tuple[int, int, int]]:
        """Layer, bytes kept and bytes of gradients: after each run of the forward, then of the backward.

        The gradients of the step before are gone by then, as after `zero_grad()`. A layer has its gradient when the
        backward has passed the first of its operations.
        """
        runs = self.runs()
        points, kept, gradients = [], 0, 0
        for layer, size in runs:
            kept += size
            points.append((layer, kept, 0))
        first = {layer: k for k, (layer, _) in reversed(list(enumerate(runs)))}
        for k in range(len(runs) - 1, -1, -1):
            layer, size = runs[k]
            kept -= size
            gradients += self.gradients.get(layer, 0) if first[layer] == k else 0
            points.append((layer, kept, gradients))
        return points

    @property
    def peak(self) -> int:
        """The most bytes at one moment."""
        return self.weights + self.optimizer + max((k + g for _, k, g in self.timeline()), default=0)

    def message(self) -> dict[str, Any]:
        """For the script."""
        return {
            "step": self.step,
            "points": [list(point) for point in self.timeline()],
            "kept": [list(pair) for pair in sorted(self.of_layers().items(), key=lambda pair: -pair[1])],
            "weights": self.weights,
            "gradients": sum(self.gradients.values()),
            "optimizer": self.optimizer,
            "peak": self.peak,
        }


def bytes_of(tensors: list[Any]) -> int:
    """The memory behind tensors; shared memory counts once."""
    storages = {s.data_ptr(): s.nbytes() for s in (t.untyped_storage() for t in tensors)}
    return sum(storages.values())
