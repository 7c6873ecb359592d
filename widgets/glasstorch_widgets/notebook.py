"""What the widgets need of the running notebook: IPython, if there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
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

    When an operation raises, the error shows the notebook's own lines (`%tb` shows all) and, below, the graph up to it.
    The magics `%%submit` and `%submissions` are there too, as they are after `import glasstorch_widgets`.
    """
    from glasstorch.autograd import graph

    add_magics()
    graph.start_recording()
    ipython.set_custom_exc((Exception,), _show_error)
    ipython.events.register("post_run_cell", _show_failure)


def add_magics() -> None:
    """`%%submit`, `%submit` and `%submissions` (nothing happens outside IPython)."""
    ipython = shell()
    if ipython is not None:
        from .exercises.magics import register

        register(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext glasstorch_widgets`: stop recording."""
    from glasstorch.autograd import graph

    graph.stop_recording()
    ipython.set_custom_exc((), None)
    ipython.events.unregister("post_run_cell", _show_failure)


def _show_error(
    ipython: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None
) -> None:
    """Leave the engine's own lines out of an error, unless there are no others."""
    own = without_engine(trace)
    ipython.showtraceback((kind, error, trace if own is None else own), tb_offset=tb_offset)
    sys.last_traceback = trace  # what %tb shows


def without_engine(trace: TracebackType | None) -> TracebackType | None:
    """A copy of a traceback without the frames of the engine; None when all are the engine's."""
    import glasstorch

    engine = (os.path.dirname(os.path.abspath(glasstorch.__file__)) + os.sep, "<glasstorch")
    steps = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(engine):
            steps.append(trace)
        trace = trace.tb_next
    copy = None
    for step in reversed(steps):
        copy = TracebackType(copy, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return copy


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
