"""Inside a box: describe an exception by the learner's own lines.

Only line numbers and function names travel: the checker has the source and adds the text itself, so
no path of this machine and no line of other code can leak through a traceback.
"""

from __future__ import annotations

import builtins
import contextlib
import difflib
import traceback
import types
from typing import Any

from glasstorch_web.sandbox.edition import LEFT_OUT

MAX_FRAMES = 12
MAX_TEXT = 2000


def describe(error: BaseException, module: str) -> dict[str, Any]:
    """JSON fields of one failure."""
    filename = f"{module}.py"
    if isinstance(error, SyntaxError) and error.filename == filename:
        return {
            "kind": "syntax",
            "type": type(error).__name__,
            "message": _text(error.msg),
            "line": error.lineno,
            "column": error.offset,
            "end_column": error.end_offset if error.end_lineno == error.lineno else None,
        }
    if isinstance(error, MemoryError):
        frames = _frames(error, filename)[-3:]
        # What fills the memory hangs on the frames; without it there is some to answer with.
        with contextlib.suppress(BaseException):
            traceback.clear_frames(error.__traceback__)
        return {"kind": "memory", "message": _text(error), "frames": frames}
    if isinstance(error, SystemExit):
        return {"kind": "exit", "frames": _frames(error, filename)}
    if isinstance(error, RecursionError):
        return {"kind": "recursion", "frames": _frames(error, filename)}
    return {
        "kind": "exception",
        "type": _text(type(error).__name__),
        "builtin": type(error).__module__ == "builtins",
        "message": _text(error),
        "near": _near(error),
        "frames": _frames(error, filename),
    }


def _near(error: BaseException) -> str:
    """The name most like one that is not there; empty when none is, or the error is another."""
    try:
        wanted = getattr(error, "name", None)
        if type(wanted) is not str or str(error).endswith(LEFT_OUT):
            return ""
        if isinstance(error, AttributeError):
            known = set(dir(error.obj))
        elif isinstance(error, NameError):
            frame = _innermost(error)
            known = {*frame.f_locals, *frame.f_globals, *dir(builtins)}
        else:
            return ""
        return next(iter(difflib.get_close_matches(wanted[:200], map(_text, known - {wanted}), 1)), "")
    except BaseException:  # a learner's __dir__ may fail
        return ""


def _innermost(error: BaseException) -> types.FrameType:
    step = error.__traceback__
    assert step is not None
    while step.tb_next is not None:
        step = step.tb_next
    return step.tb_frame


def _text(value: object) -> str:
    try:
        return str(value)[:MAX_TEXT].encode("utf-8", "replace").decode()
    except BaseException:  # a learner's __str__ may itself fail
        return ""


def _frames(error: BaseException, filename: str) -> list[dict[str, Any]]:
    frames = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == filename:
            frames.append({"line": step.tb_lineno, "name": _text(code.co_name)})
        step = step.tb_next
    return frames[-MAX_FRAMES:]
