"""The record of a computation: one immutable, serialisable snapshot that every view and tool reads.

``record()`` keeps, while it is on, what each operation was called with and where; ``snapshot(loss)`` turns
the graph behind a tensor into a ``Graph``; ``Graph.replay`` runs the same operations again with changed
inputs. A ``Tape`` keeps a forward as it ran, gradients or not. ``find_nonfinite`` names the operation that
made nan or inf; ``snapshot_failure`` gives the graph that ends at the operation that raised. Nothing here
runs, and nothing is kept, unless recording is asked for.
"""

from __future__ import annotations

from ...core.node import GradientEdge, Node
from .compare import Difference, align, differences, first_difference
from .edges import (
    get_gradient_edge,
    increment_version,
    register_backward_start_hook,
    register_multi_grad_hook,
)
from .failure import explain_failure, snapshot_failure
from .model import Graph, GraphEdge, GraphNode, ModuleCall, preview
from .nonfinite import Nonfinite, Origin, find_nonfinite, trace_nonfinite
from .recorder import record, recording, start_recording, stop_recording
from .saved import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from .snapshot import snapshot
from .tape import Tape

__all__ = [
    "Difference", "GradientEdge", "Graph", "GraphEdge", "GraphNode", "ModuleCall", "Node", "Nonfinite", "Origin",
    "Tape", "align", "allow_mutation_on_saved_tensors", "differences", "disable_saved_tensors_hooks", "explain_failure",
    "find_nonfinite", "first_difference", "get_gradient_edge", "increment_version", "preview", "record", "recording",
    "register_backward_start_hook", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks", "snapshot",
    "snapshot_failure", "start_recording", "stop_recording", "trace_nonfinite",
]  # fmt: skip
