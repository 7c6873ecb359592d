"""The graph as text: one line per node in forward order. Terminals, screen readers and diffs read this."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..palette import number
from .wire import node_name, numbers, shape_text

_COLUMNS = ("node", "operation", "shape", "dtype", "inputs", "value", "gradient", "source line")
_MOST_ROWS = 200


def text_table(graph: Any, limit: int = _MOST_ROWS) -> str:
    """The graph as an aligned table; the last `limit` nodes if there are more (the results come last)."""
    inputs: dict[str, list[str]] = {}
    for edge in graph.edges:
        inputs.setdefault(edge.target, []).append(edge.source)
    by_id = {node.id: node for node in graph.nodes}
    order = [by_id[name] for name in graph.forward_order]
    shown = order[-limit:]
    rows = [_COLUMNS, *(_row(node, inputs.get(node.id, [])) for node in shown)]
    if all(not row[5] for row in rows[1:]):
        rows = [row[:5] + row[7:] for row in rows]
    width = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, width)).rstrip() for row in rows]
    lines.insert(1, "  ".join("─" * w for w in width))
    roots = ", ".join(by_id[root].title for root in graph.roots)
    head = f"Computation graph of {roots}: {len(order)} nodes"
    if len(shown) < len(order):
        head += f" (the last {len(shown)} shown)"
    return "\n".join([head, *lines])


def _row(node: Any, inputs: list[str]) -> tuple[str, ...]:
    kind = {"leaf": " (learns)", "constant": " (data)", "op": ""}[node.kind]
    title = (
        node_name(node)
        + kind
        + (f" [{node.module}]" if node.module and node_name(node) == node.title else "")
    )
    line = f"{node.source['line']}: {node.source['text'].strip()}" if node.source else ""
    if len(line) > 48:
        line = line[:47] + "…"
    return (
        node.id,
        title,
        shape_text(node.shape),
        node.dtype,
        " ".join(inputs),
        summary(node.value),
        summary(node.gradient),
        line,
    )


def summary(array: Any) -> str:
    """`0.693` for one number, `-1.2 … 3.4` for the range of many, with a count of bad ones."""
    if array is None:
        return ""
    flat = numbers(array)
    if flat.size == 0:
        return "empty"
    if flat.size == 1:
        return number(float(flat[0]))
    finite = flat[np.isfinite(flat)]
    bad = flat.size - finite.size
    text = f"{number(float(finite.min()))} … {number(float(finite.max()))}" if finite.size else ""
    return f"{text} ({bad} not finite)".strip() if bad else text
