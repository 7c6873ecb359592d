"""Grade a file against an exercise, with the grader that the site and the notebooks use."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from glasstorch_web.grader import Exercise, Result

PASSED, NOT_PASSED, USAGE = 0, 1, 2
_WEAK = {
    "L0": "nothing protects you from the code being graded",
    "L1": "the code being graded is limited in time, memory and output, and in nothing else",
}
_MARKS = {"passed": "✓", "skipped": "–"}


def register(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("exercise", metavar="ID", help="the exercise, such as start.backward-formula")
    parser.add_argument("file", metavar="FILE", help="the Python file to grade; - reads standard input")
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
    parser.add_argument("--lessons", metavar="DIR", help="the lessons folder (default: GLASSTORCH_LESSONS)")
    parser.add_argument("--hints", type=int, default=1, metavar="N", help="show N hints a check (default: 1)")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of the exercise's own texts")
    parser.add_argument("--seed", type=int, help="repeat a grade: the seed of an earlier result")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade and print; 0 passed, 1 not passed, 2 when there was nothing to grade or no way to."""
    # Before NumPy is imported: the checker compares small arrays, where more threads only cost.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from glasstorch_web.grader import ExerciseError, Grader, SandboxError
    from glasstorch_web.places import NoLessons

    try:
        exercise = _exercise(args.exercise, args.lessons)
        source = _source(args.file)
        if args.seed is not None and args.seed < 0:
            raise _Usage("--seed must not be negative.")
        with Grader() as grader:
            result = grader.grade(exercise, source, seed=args.seed)
        result, title = _in_language(result, exercise, args.lang)
    except (_Usage, NoLessons, ExerciseError) as problem:
        print(f"glasstorch grade: {problem}", file=sys.stderr)
        return USAGE
    except SandboxError as problem:
        print(f"glasstorch grade: the grader failed, not your code: {problem}", file=sys.stderr)
        return USAGE
    if args.json:
        print(json.dumps(result, indent=2, allow_nan=False))
    else:
        print(report(result, title, args.hints))
    return PASSED if result["status"] == "passed" else NOT_PASSED


def _in_language(result: Result, exercise: Exercise, language: str) -> tuple[Result, str]:
    """The result and the exercise's title, in a language."""
    if language == "en":
        return result, exercise.title
    from glasstorch_web.services.texts import retold, title_of

    return cast("Result", retold(dict(result), exercise, language)), title_of(exercise, language)


class _Usage(Exception):
    """What was asked for cannot be done; the message says what to do instead."""


def _exercise(name: str, lessons: str | None) -> Exercise:
    from glasstorch_web.grader.exercises import find_exercises
    from glasstorch_web.places import lessons_folder

    folder = lessons_folder(lessons)
    broken: dict[str, str] = {}
    found = find_exercises(folder, broken)
    if name in found:
        return found[name]
    if name in broken:
        raise _Usage(f"the exercise {name} is not right: {broken[name]}")
    alike = difflib.get_close_matches(name, found, 1)
    known = ", ".join(found) or "none"
    hint = f"Did you mean {alike[0]}?" if alike else f"There are: {known}."
    raise _Usage(f"there is no exercise {name} in {folder}. {hint}")


def _source(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise _Usage(f"cannot read {file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _Usage(f"{file} is not UTF-8 text.") from None


def report(result: Result, title: str, hints: int = 1) -> str:
    """A result for people, with so many hints for each check that did not pass."""
    lines = [f"{result['exercise']}: {title}", ""]
    if result["output"]:
        lines += [
            "Your code printed:",
            textwrap.indent(result["output"].rstrip(), "  | ", lambda line: True),
            "",
        ]
    if result["status"] == "error" or all(test["status"] == "skipped" for test in result["tests"]):
        lines += [result["message"], ""]
    else:
        for test in result["tests"]:
            points = f"{test['score']:g}/{test['max_score']:g}"
            name = test["name"] + (" (hidden)" if test["visibility"] == "hidden" else "")
            lines.append(f"  {_MARKS.get(test['status'], '✗')} {points:>5}  {name}")
            shown = [f"Hint: {hint}" for hint in test["hints"][:hints]]
            if shown and len(test["hints"]) > len(shown):
                shown[-1] += f" (--hints {len(shown) + 1} shows more)"
            notes = [test["output"], *shown]
            lines += [textwrap.indent(note, " " * 11) for note in notes if note]
        lines.append("")
    if result["explanation"]:
        lines += [textwrap.fill(part, 100) + "\n" for part in result["explanation"].split("\n\n")]
    level = result["isolation"]["level"]
    if level in _WEAK:
        lines += [f"Isolation {level}: on this system {_WEAK[level]}. Grade only code you trust.", ""]
    lines.append(
        f"{result['score']:g} of {result['max_score']:g} points, {result['status']} "
        f"({result['execution_time']:.2f} s, isolation {level}, seed {result['seed']})"
    )
    return "\n".join(lines)
