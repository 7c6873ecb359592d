"""What the widgets need of the running notebook: IPython, if there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any


def shell() -> Any:
    """The running IPython shell, or None in plain Python. Does not import IPython itself."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def run_cells(ipython: Any = None) -> Iterable[str]:
    """The source of the cells run so far, latest first."""
    ipython = ipython or shell()
    if ipython is None:
        return []
    return [text for text in reversed(ipython.history_manager.input_hist_raw) if text]


def after_each_cell(call: Callable[[], None]) -> None:
    """Call `call` whenever a cell has ended (nothing happens outside IPython)."""
    ipython = shell()
    if ipython is not None:
        ipython.events.register("post_run_cell", lambda result: call())


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext glasstorch_widgets`: record values and source lines of every operation from now on.

    When an operation raises, the graph up to it is shown below the error.
    """
    from glasstorch.autograd import graph

    graph.start_recording()
    ipython.events.register("post_run_cell", _show_failure)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext glasstorch_widgets`: stop recording."""
    from glasstorch.autograd import graph

    graph.stop_recording()
    ipython.events.unregister("post_run_cell", _show_failure)


def _show_failure(result: Any) -> None:
    """The graph that ends at the operation that failed, if it was one and had a graph behind it."""
    error = result.error_in_exec
    if error is None:
        return
    from glasstorch.autograd.graph import snapshot_failure
    from IPython.display import display

    from .graph_view.view import GraphView

    try:
        record = snapshot_failure(error)
    except ValueError:  # the error came from elsewhere
        return
    if len(record.nodes) > 1:
        display(GraphView(record))
