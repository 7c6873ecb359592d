"""Write exercises: `new` makes one from a template, `test` proves that exercises are right."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glasstorch_web.grader import Exercise
    from glasstorch_web.grader.authoring import Proof

RIGHT, NOT_RIGHT, USAGE = 0, 1, 2
_MARKS = {"error": "✗", "warning": "!", "note": "·"}
KINDS = ("function", "module", "backward", "training", "bug", "prediction")


def register(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    commands = parser.add_subparsers(dest="what", required=True)
    new = commands.add_parser("new", help="write a small complete exercise, to be changed")
    new.add_argument("id", metavar="ID", help="such as two-layers.relu")
    new.add_argument("--kind", choices=KINDS, default="function")
    new.add_argument("--lesson", required=True, metavar="NN-slug", help="the lesson's folder")
    test = commands.add_parser("test", help="prove that exercises are right")
    test.add_argument("id", metavar="ID", nargs="*")
    test.add_argument("--all", action="store_true", help="every exercise of every lesson")
    test.add_argument("--json", action="store_true", help="print everything as JSON")
    test.add_argument("--seeds", type=int, default=3, metavar="N", help="runs of each answer (default: 3)")
    test.add_argument("--mutants", type=int, default=16, metavar="N", help="mistakes to try (default: 16)")
    for one in (new, test):
        one.add_argument(
            "--lessons",
            metavar="DIR",
            help="the lessons folder (default: GLASSTORCH_LESSONS, else those that came with Glasstorch)",
        )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 all is right, 1 something is not, 2 there was nothing to do or no way to."""
    # Before NumPy is imported: the checker compares small arrays, where more threads only cost.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from glasstorch_web.grader import ExerciseError, SandboxError
    from glasstorch_web.places import NoLessons, lessons_folder

    try:
        lessons = lessons_folder(args.lessons)
        return _new(args, lessons) if args.what == "new" else _test(args, lessons)
    except (ExerciseError, NoLessons) as problem:
        print(f"glasstorch exercise: {problem}", file=sys.stderr)
    except SandboxError as problem:
        print(f"glasstorch exercise: the grader failed: {problem}", file=sys.stderr)
    return USAGE


def _new(args: argparse.Namespace, lessons: Path) -> int:
    from glasstorch_web.grader.authoring import create, taught
    from glasstorch_web.grader.exercises import load_exercise

    for path in create(lessons, args.lesson, args.id, args.kind):
        print(path)
    folder = lessons / args.lesson
    left = taught.to_list(load_exercise(folder / "exercises" / args.id))
    if left:
        print(
            "\nThe template uses names that no lesson so far teaches. Those that this lesson teaches belong into "
            f"`teaches` in {folder / taught.FILE}: {', '.join(json.dumps(name) for name in left)}."
        )
    where = f" --lessons {shlex.quote(args.lessons)}" if args.lessons else ""
    print(
        "\nIt is complete and small: change it bit by bit, and run "
        f"`glasstorch exercise test {args.id}{where}`."
    )
    return RIGHT


def _test(args: argparse.Namespace, lessons: Path) -> int:
    from glasstorch_web.grader import Grader
    from glasstorch_web.grader.authoring import prove

    chosen, broken = _chosen(args, lessons)
    seeds = range(1, max(2, args.seeds) + 1)
    proofs: list[Proof] = []
    with Grader() as grader:
        for exercise in chosen:
            proofs.append(prove(exercise, grader, seeds=seeds, most=max(0, args.mutants)))
    if args.json:
        print(json.dumps([proof.to_dict() for proof in proofs] + broken, indent=2))
    else:
        if proofs:
            print(report(proofs))
        for one in broken:
            print(f"{one['exercise']}: {one['findings'][0]['message']}")
    return RIGHT if proofs and not broken and all(proof.ok for proof in proofs) else NOT_RIGHT


def _chosen(args: argparse.Namespace, lessons: Path) -> tuple[list[Exercise], list[dict[str, Any]]]:
    from glasstorch_web.grader import ExerciseError, find_exercises

    broken: dict[str, str] = {}
    found = find_exercises(lessons, broken)
    if not args.id and not args.all:
        raise ExerciseError(
            f"which exercise? Name one or say --all. There are: {', '.join(found) or 'none'}."
        )
    names = list(found) + list(broken) if args.all else args.id
    for name in names:
        if name not in found and name not in broken:
            near = difflib.get_close_matches(name, [*found, *broken], n=3, cutoff=0.5)
            raise ExerciseError(
                f"there is no exercise {name} in {lessons}. "
                + (f"Did you mean {' or '.join(near)}? " if near else "")
                + "Another folder of lessons is chosen by --lessons or GLASSTORCH_LESSONS."
            )
    unread: list[dict[str, Any]] = [
        {
            "ok": False,
            "exercise": name,
            "findings": [{"level": "error", "about": "exercise.toml", "message": broken[name]}],
            "figures": {},
        }
        for name in names
        if name in broken
    ]
    return [found[name] for name in names if name in found], unread


def report(proofs: list[Proof]) -> str:
    """A table, then what was found."""
    width = max([len(proof.exercise) for proof in proofs] + [8])
    lines = [
        f"{'exercise':<{width}}  {'':5}  {'CPU':>14}  {'memory':>15}  {'time':>14}  wrong  changes noticed"
    ]
    for proof in proofs:
        verdict = "right" if proof.ok else "WRONG"
        lines.append(f"{proof.exercise:<{width}}  {verdict}  {_figures(proof.figures)}".rstrip())
    for proof in proofs:
        if proof.findings:
            lines += ["", f"{proof.exercise}:"]
        lines += [
            f"  {_MARKS[finding.level]} {finding.about}: {finding.message}" for finding in proof.findings
        ]
    return "\n".join(lines)


def _figures(f: dict[str, float]) -> str:
    if "cpu_share" not in f:
        return ""
    parts = [
        f"{f['cpu_seconds']:6.2f} s ({f['cpu_share']:4.0%})",
        f"{f['memory_mb']:6.0f} MB ({f['memory_share']:4.0%})",
        f"{f['wall_seconds']:6.2f} s ({f['wall_share']:4.0%})",
        f"{f.get('wrong', 0):5.0f}",
        f"{f.get('caught', 0):.0f} of {f.get('mutants', 0):.0f}",
    ]
    return "  ".join(parts)
