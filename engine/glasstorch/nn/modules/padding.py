"""Padding layers."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from .. import functional as F
from .module import Module
from .utils import _ntuple


def _family(kind: str, mode: str, words: str) -> dict[str, type[Module]]:
    """The padding layers of one kind, for 1, 2 and 3 dimensions."""
    out: dict[str, type[Module]] = {}
    for n in (1, 2, 3):
        name = f"{kind}Pad{n}d"

        def __init__(self: Any, padding: Any, *value: Any, _n: int = n, **kw: Any) -> None:
            Module.__init__(self)
            self.padding = _ntuple(2 * _n)(padding)
            if mode == "constant":
                self.value = 0.0 if kind == "Zero" else (value[0] if value else kw["value"])

        def forward(self: Any, input: Tensor) -> Tensor:
            return F.pad(input, self.padding, mode, self.value if mode == "constant" else None)

        def extra_repr(self: Any) -> str:
            return f"padding={self.padding}, value={self.value}" if kind == "Constant" else f"{self.padding}"

        out[name] = type(name, (Module,), {
            "__init__": __init__, "forward": forward, "extra_repr": extra_repr, "__module__": __name__,
            "__doc__": f"A border {words} around the last {n} dimension(s). ``padding``: one length, or {2 * n}: "
                       "before and after the last dimension, then the one before it, …",
            "__constants__": ["padding", "value"] if mode == "constant" else ["padding"],
        })  # fmt: skip
    return out


_ALL = {
    **_family("Constant", "constant", "of one value"),
    **_family("Zero", "constant", "of zeros"),
    **_family("Reflection", "reflect", "that mirrors the inside"),
    **_family("Replication", "replicate", "that repeats the edge"),
    **_family("Circular", "circular", "that wraps around"),
}
globals().update(_ALL)
__all__ = list(_ALL)
