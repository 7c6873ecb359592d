"""What a learner reads when their code does not come to an answer. No path of this machine appears in it."""

from __future__ import annotations

import difflib
import re
import site
import sys
from pathlib import Path

from glasstorch_web.sandbox.box import CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import PACKAGE_ROOT, BoxEnded

_HINTS = {
    "PermissionError": "The grader runs your code without network, other processes, or files to write.",
    "ModuleNotFoundError": "The grader has Python's standard library, NumPy and Glasstorch, nothing else.",
    "EOFError": "Nobody is there to answer `input()` while your code is graded.",
}
_THREAD = "can't start new thread"


def for_failure(failed: CallFailed, source: str, limits: Limits) -> str:
    """Why a call had no value, with the learner's own lines."""
    places = _places(failed, source)
    match failed.kind:
        case "syntax":
            return _syntax(failed, source)
        case "exit":
            return f"Your code ended the program (`exit` or `sys.exit`) instead of returning.{places}"
        case "memory":
            return f"Your code needed more than the {limits.memory_mb:g} MiB of memory allowed.{places}"
        case "recursion":
            return f"Your code calls itself without end (RecursionError).{places}"
        case "missing":
            return f"There is no function `{failed.name}` to call."
        case "unsupported":
            return failed.message
        case "no_gradient":
            return f"No gradient could be computed: {failed.message}."
        case "harness":
            return f"The exercise's own code does not run beside yours: {scrub(failed.message)}"
        case "signature":
            return f"Your function has no argument called `{failed.name}`."
    name = failed.type or "An exception"
    text = scrub(f"{name}: {failed.message}" if failed.message else name)
    hint = _HINTS.get(failed.type, "")
    if _THREAD in failed.message:
        hint = "The grader runs your code without threads."
    return "\n".join(filter(None, (text + places, hint)))


def for_end(ended: BoxEnded, limits: Limits) -> str:
    """Why there is no longer a process to ask."""
    at = f"; your code was at line {ended.line}" if ended.line else ""
    match ended.kind:
        case "cpu":
            return (
                f"Stopped after {limits.cpu_seconds:g} s of computing{at}. Is there a loop that never ends?"
            )
        case "wall":
            cause = "there a loop that never ends" if ended.detail else "it waiting for something"
            return f"Stopped after {limits.wall_seconds:g} s{at}. Is {cause}?"
        case "memory":
            return f"Stopped: your code needed more than the {limits.memory_mb:g} MiB of memory allowed."
        case "output":
            return (
                f"Stopped: your code printed more than {limits.output_kb:g} KiB. Is there a print in a loop?"
            )
        case "exit":
            status = f" (exit status {ended.detail})" if ended.detail else ""
            return f"Your code ended the whole process{status} before it had answered."
        case "crash":
            return (
                f"Your code crashed Python ({ended.detail or 'a signal'}). "
                "Very deep recursion or a wrong use of ctypes can do that."
            )
        case "unreadable":
            return "Your code sent the grader something it cannot read as an answer."
    return "Your code closed its connection to the grader before it had answered."


def for_missing(missing: list[str], defined: list[str]) -> str:
    """Names asked for that the submission does not define."""
    names = ", ".join(f"`{name}`" for name in missing)
    alike = difflib.get_close_matches(missing[0], defined, 1)
    if alike:
        return f"Your code does not define {names}. Did you mean to call `{alike[0]}` so?"
    return f"Your code does not define {names}. Keep the names of the starter code."


def for_broken_check(error: Exception) -> str:
    """A check that did not come to a verdict."""
    return (
        f"This check stopped with an error of its own ({type(error).__name__}). "
        "Perhaps your code returned something of another kind than it should."
    )


_HIDDEN = {
    "shape": "The result has the wrong shape.",
    "dtype": "The result has the wrong dtype.",
    "type": "The result has the wrong type.",
    "not finite": "The result holds NaN or infinity.",
    "values": "The values are off.",
    "wrong": "The answer is not right.",
}


def for_hidden(kind: str) -> str:
    """All that a hidden check tells about a wrong answer."""
    return _HIDDEN.get(kind, _HIDDEN["wrong"])


def for_hidden_failure(failed: CallFailed) -> str:
    """A failure inside a hidden check: its kind alone, because text may carry the hidden inputs."""
    if failed.kind == "exception":
        return f"Your code raised {failed.type if failed.builtin else 'an exception'}."
    words = {
        "memory": "needed more memory than allowed",
        "recursion": "calls itself without end",
        "exit": "ended the program instead of returning",
        "unsupported": "returned something that is neither number, text, list, dict, array nor tensor",
        "no_gradient": "returned something without a gradient",
    }
    return f"Your code {words.get(failed.kind, 'could not be called')}."


def _places(failed: CallFailed, source: str) -> str:
    lines = source.splitlines()
    shown = []
    for number, name in failed.frames:
        inside = "" if name == "<module>" else f", in {name}"
        shown.append(f"\n  line {number}{inside}")
        if 0 < number <= len(lines):
            shown.append(f"\n    {lines[number - 1].strip()[:200]}")
    return "".join(shown)


def _syntax(failed: CallFailed, source: str) -> str:
    lines = source.splitlines()
    number = failed.line or 0
    head = f"{failed.type} on line {number}: {scrub(failed.message)}"
    if not 0 < number <= len(lines):
        return head
    line = lines[number - 1].rstrip()
    text = line.lstrip()
    column = (failed.column or 1) - (len(line) - len(text))
    width = max(1, (failed.end_column or 0) - (failed.column or 0))
    if not 0 < column <= 160:
        return f"{head}\n    {text[:200]}"
    caret = " " * (column - 1) + "^" * min(width, max(1, len(text) - column + 1))
    return f"{head}\n    {text[:200]}\n    {caret}"


def _host_paths() -> list[str]:
    places = {sys.prefix, sys.base_prefix, str(PACKAGE_ROOT), str(PACKAGE_ROOT.parent), str(Path.home())}
    places |= {str(Path(place).resolve()) for place in places} | set(site.getsitepackages())
    return sorted((place for place in places if len(place) > 4), key=len, reverse=True)


_HOST_PATH = re.compile("|".join(map(re.escape, _host_paths())))


def scrub(text: str) -> str:
    """The text without this machine's own paths."""
    return _HOST_PATH.sub("...", text)
