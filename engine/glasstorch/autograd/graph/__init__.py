"""The record of a computation: one immutable, serialisable snapshot that every view and tool reads.

``record()`` keeps, while it is on, what each operation was called with and where; ``snapshot(loss)`` turns
the graph behind a tensor into a ``Graph``; ``Graph.replay`` runs the same operations again with changed
inputs. Nothing here runs, and nothing is kept, unless recording is asked for.
"""

from __future__ import annotations

from ...core.node import Node
from .model import Graph, GraphEdge, GraphNode, preview
from .recorder import record, recording, start_recording, stop_recording
from .snapshot import snapshot

__all__ = [
    "Graph", "GraphEdge", "GraphNode", "Node", "preview", "record", "recording", "snapshot", "start_recording",
    "stop_recording",
]  # fmt: skip
