"""Where the user's own code called the engine: for the record, for tracebacks that learners read, for warnings."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from types import FrameType

_ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_engine(frame: FrameType) -> bool:
    """Is a frame the engine's: a file of the package, or text it compiled? Also that of a tool that hides itself."""
    return frame.f_code.co_filename.startswith((_ENGINE, "<glasstorch")) or bool(
        frame.f_globals.get("__glasstorch_hidden__")
    )


def user_frame(frame: FrameType | None = None) -> FrameType | None:
    """The nearest caller outside the engine, from ``frame`` (the caller's own) outwards; None when there is none."""
    here = sys._getframe(1) if frame is None else frame
    while here is not None and is_engine(here):
        here = here.f_back  # type: ignore[assignment]
    return here


def user_stack() -> list[str]:
    """The stack of calls as ``traceback.format_stack`` writes it, outermost first, without the engine's frames."""
    frames = [(f, line) for f, line in traceback.walk_stack(sys._getframe(1)) if not is_engine(f)]
    return traceback.StackSummary.extract(reversed(frames)).format()  # type: ignore[arg-type]


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """``warnings.warn`` that names the user's line, however many layers of the engine lie between."""
    frame = user_frame()
    if frame is None:
        warnings.warn(message, category, stacklevel=2)
        return
    scope = frame.f_globals
    registry = scope.setdefault("__warningregistry__", {})
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        scope.get("__name__") or "<string>",
        registry,
    )


class _Arithmetic:
    """Stands for a module's pattern in a warning filter: matches the engine, and NumPy at work for the engine.

    A reduction warns under the name of NumPy's own module, for NumPy runs Python code around it. Only the stack tells
    who asked for it; it is looked at when there is a warning to judge, not when an operation runs.
    """

    def match(self, module: str) -> bool:
        package = module.partition(".")[0]
        if package != "numpy":
            return package == "glasstorch"
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "numpy":
            frame = frame.f_back
        return frame is not None and is_engine(frame)


def silence_arithmetic() -> None:
    """Let inf and nan come about without NumPy's warnings, as in PyTorch; what the user asks of NumPy warns still."""
    warnings.filters.insert(0, ("ignore", None, RuntimeWarning, _Arithmetic(), 0))  # type: ignore[attr-defined]


#: What was said once already, and whether that counts (``set_warn_always``).
_said: set[str] = set()
once = {"on": True}


def warn_once(message: str, category: type[Warning] = UserWarning) -> None:
    """``warn``, but only the first time in this process, as PyTorch's kernels do, unless ``set_warn_always(True)``."""
    if once["on"]:
        if message in _said:
            return
        _said.add(message)
    warn(message, category)


__all__ = ["is_engine", "once", "silence_arithmetic", "user_frame", "user_stack", "warn", "warn_once"]
