"""The layers of a model: its modules that hold parameters of their own."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Layer:
    """A module with parameters, by its name in the model; the parameters are not kept alive."""

    name: str
    kind: str
    shape: str
    count: int
    frozen: bool
    parameters: list[weakref.ref] = field(default_factory=list)

    def alive(self) -> list[Any]:
        """The parameters that still exist."""
        return [p for ref in self.parameters if (p := ref()) is not None]

    def channels_first(self) -> bool:
        """Do its outputs have their channels in dimension 1 (rather than last)?"""
        return any(word in self.kind for word in ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm"))


def layers_of(model: Any) -> list[Layer]:
    """One layer for each module that has parameters of its own, in the order of definition.

    A parameter that several modules share belongs to the first of them.
    """
    seen: set[int] = set()
    layers = []
    for name, module in model.named_modules():
        own = [p for p in module.parameters(recurse=False) if id(p) not in seen]
        if not own:
            continue
        seen.update(map(id, own))
        largest = max(own, key=lambda p: p.numel())
        layers.append(
            Layer(
                name=name or type(module).__name__,
                kind=type(module).__name__,
                shape="×".join(map(str, largest.shape)),
                count=sum(p.numel() for p in own),
                frozen=not any(p.requires_grad for p in own),
                parameters=[weakref.ref(p) for p in own],
            )
        )
    return layers
