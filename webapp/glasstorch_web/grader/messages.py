"""What a learner reads when their code does not come to an answer. No path of this machine appears in it."""

from __future__ import annotations

import collections
import dataclasses
import difflib
import re
import site
import sys
from pathlib import Path

from glasstorch_web.grader.checks import CheckFailed
from glasstorch_web.grader.learner_source import LearnerSource
from glasstorch_web.sandbox.box import CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import PACKAGE_ROOT, BoxEnded

_HINTS = {
    "PermissionError": "The grader runs your code without network, other processes, or files to write.",
    "ModuleNotFoundError": "The grader has Python's standard library, NumPy and Glasstorch, nothing else.",
    "EOFError": "Nobody is there to answer `input()` while your code is graded.",
    "FileNotFoundError": "There are no files beside your code while it is graded.",
}
_HINTS_BY_TEXT = (
    (r"can't start new thread", "The grader runs your code without threads."),
    (
        r"No module named '(matplotlib|plotly|IPython|tqdm|ipywidgets)",
        "Nobody looks at pictures or progress bars while code is graded: leave that import out.",
    ),
    (
        r"leaf Variable that requires grad.*in-place",
        (
            "The line changes a tensor that was given to your code (`+=`, `x[...] = ...` or a method ending in `_`). "
            "Compute a new tensor: `x = x + 1` in place of `x += 1`."
        ),
    ),
    (
        r"modified by an inplace operation",
        (
            "A value that backward still needs was overwritten (`+=`, `x[...] = ...` or a method ending in `_`). "
            "Compute a new tensor instead."
        ),
    ),
    (
        (
            r"broadcast together|must match the size of tensor|shapes cannot be multiplied|not aligned|"
            r"mismatch in its core dimension"
        ),
        "Print the shapes on that line (`print(x.shape)`): is one of them transposed, or is a dimension missing?",
    ),
    (r"before Module\.__init__\(\) call", "Let `__init__` begin with `super().__init__()`."),
    (
        r"'NoneType' object|NoneType'? and |unsupported operand type.*'NoneType'",
        "Something on that line is None: perhaps a function of yours that ends without `return`.",
    ),
)
_IMPORTS = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "math": "import math",
    "optim": "from torch import optim",
    "random": "import random",
}
_UNSUPPORTED = {
    "generator": "It holds a `yield`, or round brackets around a `for`: use `return`, or square brackets.",
    "function": "Did you mean to call it, with `()`?",
    "method": "Did you mean to call it, with `()`?",
    "builtin_function_or_method": "Did you mean to call it, with `()`?",
    "type": "Did you mean to make one, with `()`?",
    **dict.fromkeys(
        ("map", "zip", "filter", "range", "enumerate", "set", "dict_keys", "dict_values"), "Use `list(...)`."
    ),
}
_ASKED = re.compile(
    r"Unable to allocate ([\d.]+ \w+) for an array with shape (\([\d, ]*\)) and data type (\w+)"
)


def for_failure(failed: CallFailed, source: LearnerSource, limits: Limits) -> str:
    """Why a call had no value, with the learner's own lines."""
    places = _places(failed, source)
    match failed.kind:
        case "syntax":
            return _syntax(failed, source)
        case "exit":
            return f"Your code ended the program (`exit` or `sys.exit`) instead of returning.{places}"
        case "memory":
            return _memory(failed, source, limits)
        case "recursion":
            return _recursion(failed, source)
        case "missing":
            return f"There is no function `{failed.name}` to call."
        case "unsupported":
            kind = re.match(r"Your code returned an? (\w+)", failed.message)
            hint = _UNSUPPORTED.get(kind[1], "") if kind else ""
            return f"{failed.message.replace('builtin_function_or_', '')} {hint}".strip()
        case "no_gradient":
            said = f"No gradient could be computed: {failed.message}."
            return " ".join([said, *(source.without_value()[:2] if "returned None" in said else ())])
        case "harness":
            return f"The exercise's own code does not run beside yours: {scrub(failed.message)}"
        case "signature":
            return f"Your function has no argument called `{failed.name}`."
    name = failed.type or "An exception"
    text = scrub(f"{name}: {failed.message}" if failed.message else name)
    return "\n".join(filter(None, (text + places, _hint(failed))))


def _hint(failed: CallFailed) -> str:
    if failed.type == "NameError":
        undefined = re.match(r"name '(\w+)' is not defined", failed.message)
        if undefined and undefined[1] in _IMPORTS:
            return f"Is `{_IMPORTS[undefined[1]]}` missing at the top?"
    if failed.near:
        return f"Did you mean `{failed.near}`?"
    by_text = (hint for pattern, hint in _HINTS_BY_TEXT if re.search(pattern, failed.message))
    return next(by_text, _HINTS.get(failed.type, ""))


def _memory(failed: CallFailed, source: LearnerSource, limits: Limits) -> str:
    said = (
        f"Your code needed more than the {limits.memory_mb:g} MiB of memory allowed.{_places(failed, source)}"
    )
    asked = _ASKED.search(failed.message)
    if asked:
        return f"{said}\nAn array of {asked[1]} was asked for: shape {asked[2]}, {asked[3]}."
    loop = source.loop(failed.frames[::-1])
    if loop is None:
        return said
    return f"{said}\nYour loop at line {loop.line} was running: does something grow in it?"


def _recursion(failed: CallFailed, source: LearnerSource) -> str:
    """Which functions call each other, from the calls that came last; in the order of the file, whichever was last."""
    calls = sorted(list(dict.fromkeys(failed.frames))[:6])
    names = list(dict.fromkeys(f"`{name}`" for _, name in calls))
    if not names:
        return "Your code calls itself without end (RecursionError)."
    if len(names) == 1:
        said = f"{names[0]} calls itself without end (RecursionError)."
    else:
        said = f"{' and '.join(names)} call each other: your code calls itself without end (RecursionError)."
    shown = _places(dataclasses.replace(failed, frames=calls), source)
    return f"{said}{shown}\nWhich case ends it, and is it reached?"


def for_end(ended: BoxEnded, source: LearnerSource, limits: Limits) -> str:
    """Why there is no longer a process to ask."""
    match ended.kind:
        case "cpu":
            return f"Stopped after {limits.cpu_seconds:g} s of computing{_running(ended, source)}"
        case "wall":
            return _too_late(ended, source, limits)
        case "memory":
            return f"Stopped: your code needed more than the {limits.memory_mb:g} MiB of memory allowed."
        case "output":
            return _too_much_printed(ended, source, limits)
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


def _running(ended: BoxEnded, source: LearnerSource) -> str:
    """Which loop, function or line was running, and whether it could have come to an end."""
    if not ended.frames:
        return ". Is there a loop that never ends?"
    line = ended.frames[0][0]
    repeated = collections.Counter(name for _, name in ended.frames).most_common(1)[0]
    if repeated[1] > 20:
        return (
            f"; `{repeated[0]}` was calling itself (your code was at line {line}):{_quoted(line, source)}"
            "\nIt computes the same again and again, or never comes to the case that ends it."
        )
    loop = source.loop(ended.frames)
    if loop is None:
        return f"; your code was at line {line}:{_quoted(line, source)}\nThis one line has too much to do."
    at = "" if loop.at == loop.line == line else f" (your code was at line {line})"
    return f"; your loop at line {loop.line} was running{at}:{_quoted(loop.line, source)}\n{loop.why}"


def _too_late(ended: BoxEnded, source: LearnerSource, limits: Limits) -> str:
    stopped = f"Stopped after {limits.wall_seconds:g} s"
    if ended.detail:
        return stopped + _running(ended, source)
    if not ended.frames:
        return f"{stopped}. Is it waiting for something?"
    line = ended.frames[0][0]
    call = source.waiting(line)
    waited = f" in `{call}`" if call else " for something"
    return f"{stopped}; your code was waiting{waited} at line {line}:{_quoted(line, source)}\nLeave the waiting out."


def _too_much_printed(ended: BoxEnded, source: LearnerSource, limits: Limits) -> str:
    stopped = f"Stopped: your code printed more than {limits.output_kb:g} KiB"
    line = ended.frames[0][0] if ended.frames else 0
    if not source.printing(line):
        return f"{stopped}. Is there a print in a loop?"
    loop = source.loop(ended.frames)
    where = f", in the loop at line {loop.line}" if loop else ""
    return f"{stopped}; the print at line {line}{where}, was the last:{_quoted(line, source)}"


def _quoted(number: int, source: LearnerSource) -> str:
    text = source.line(number)
    return f"\n    {text}" if text else ""


def for_wrong(wrong: CheckFailed, source: LearnerSource) -> str:
    """A check's verdict; where the answer was None, with what the source says about that."""
    if wrong.kind != "type" or wrong.detail["got"] != "None":
        return str(wrong)
    return " ".join([str(wrong), *source.without_value()[:2]])


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


def _places(failed: CallFailed, source: LearnerSource) -> str:
    shown = []
    before = 0
    for number, name in failed.frames:
        unnamed = name.startswith("<")  # a module, comprehension or lambda
        if unnamed and number == before:
            continue
        before = number
        inside = "" if unnamed else f", in {name}"
        shown.append(f"\n  line {number}{inside}{_quoted(number, source)}")
    return "".join(shown)


def _syntax(failed: CallFailed, source: LearnerSource) -> str:
    number = failed.line or 0
    head = f"{failed.type} on line {number}: {scrub(failed.message)}"
    line = source.whole_line(number)
    text = line.lstrip()
    if not text:
        return head
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
