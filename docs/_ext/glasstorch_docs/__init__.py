"""Glasstorch's documentation: what Sphinx needs to know to build it from the engine itself."""

from __future__ import annotations

from typing import Any


def setup(app: Any) -> dict[str, Any]:
    """Sphinx calls this."""
    from . import compatibility, course, directives, formulas, links, sources

    for part in (formulas, directives, links, sources, compatibility, course):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
