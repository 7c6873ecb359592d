"""The named tuples that functions with several results return: ``max``, ``sort``, ``linalg_svd``….

The classes are made where their functions are, by ``return_type``. Source: https://pytorch.org/docs/stable/torch.html
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def return_type(name: str, fields: tuple[str, ...] = ("values", "indices")) -> Any:
    """The named tuple of that name, with PyTorch's repr. One name is one class."""
    if name in globals():
        return globals()[name]
    base = namedtuple(name, fields)  # type: ignore[misc]

    def text(self: Any) -> str:
        parts = ",\n".join(f"{f}={getattr(self, f)!r}" for f in fields)
        return f"torch.return_types.{name}(\n{parts})"

    doc = f"The results of ``{name.replace('linalg_', 'linalg.')}``: {', '.join(f'``{f}``' for f in fields)}."
    cls = type(name, (base,), {"__slots__": (), "__repr__": text, "__module__": __name__, "__doc__": doc})
    globals()[name] = cls
    return cls
