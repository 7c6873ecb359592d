"""The named tuples that functions with several results return: ``max``, ``sort``, ``linalg.svd``…."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

#: By name; public as ``glasstorch.return_types``.
CLASSES: dict[str, type] = {}


def return_type(name: str, fields: tuple[str, ...] = ("values", "indices")) -> Any:
    """The named tuple of that name, with PyTorch's repr. One name is one class."""
    if name in CLASSES:
        return CLASSES[name]
    base = namedtuple(name, fields)  # type: ignore[misc]

    def text(self: Any) -> str:
        parts = ",\n".join(f"{f}={getattr(self, f)!r}" for f in fields)
        return f"torch.return_types.{name}(\n{parts})"

    doc = f"The results of ``{name.replace('linalg_', 'linalg.')}``: {', '.join(f'``{f}``' for f in fields)}."
    body = {"__slots__": (), "__repr__": text, "__module__": "glasstorch.return_types", "__doc__": doc}
    CLASSES[name] = type(name, (base,), body)
    return CLASSES[name]
