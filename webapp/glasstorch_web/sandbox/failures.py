"""Inside a box: describe an exception by the learner's own lines.

Only line numbers and function names travel: the checker has the source and adds the text itself, so
no path of this machine and no line of other code can leak through a traceback.
"""

from __future__ import annotations

from typing import Any

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
        return {"kind": "memory", "frames": _frames(error, filename)[-3:]}
    if isinstance(error, SystemExit):
        return {"kind": "exit", "frames": _frames(error, filename)}
    if isinstance(error, RecursionError):
        return {"kind": "recursion", "frames": _frames(error, filename)[-3:]}
    return {
        "kind": "exception",
        "type": _text(type(error).__name__),
        "builtin": type(error).__module__ == "builtins",
        "message": _text(error),
        "frames": _frames(error, filename),
    }


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
