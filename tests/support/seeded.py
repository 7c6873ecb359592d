"""A course of any size in a store, written in bulk: as consistent as if everything had been handed in and graded."""

from __future__ import annotations

import datetime
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from glasstorch_web.grader.checker import version
from glasstorch_web.grader.exercises import Exercise, find_exercises
from glasstorch_web.store import Database, course_tables, tables
from glasstorch_web.store.rules import DAY, Rules
from glasstorch_web.store.scoring import NO_SCORE, folded
from sqlalchemy import Table, insert, text

TEMPLATE = (
    Path(__file__).resolve().parents[1] / "webapp/exercises/01-service/exercises/service.weighted-square"
)
NOW = 1_790_000_000.0
WEEKS = 6
NAMES = ("Ada", "Zoë", "王芳", "José", "Nguyễn", "Олена", "فاطمة", "Søren", "Łukasz", "Aiko")
AT_ONCE = 2000
VARIANTS = 24  # different results of an exercise


def make_lessons(folder: Path, lessons: int = 10, each: int = 4) -> Path:
    """A course of many exercises, all alike but for their names."""
    for lesson in range(lessons):
        for number in range(each):
            name = f"l{lesson:02}.exercise-{number}"
            copy = folder / f"{lesson:02}-lesson-{lesson}" / "exercises" / name
            shutil.copytree(TEMPLATE, copy)
            spec = (copy / "exercise.toml").read_text("utf-8")
            (copy / "exercise.toml").write_text(spec.replace(TEMPLATE.name, name), "utf-8")
    return folder


def seed(
    database: Database, lessons: Path, *, learners: int = 1000, submissions: int = 50_000, seed: int = 1
) -> list[str]:
    """Fill an empty store; the learners' ids. Half of the lessons have deadlines that cost something."""
    random_ = random.Random(seed)
    exercises = list(find_exercises(lessons).values())
    people = [f"learner-{n:05}" for n in range(learners)]
    with database.write() as db:
        db.execute(insert(tables.users), list(_people(people)))
        db.execute(insert(course_tables.assignments), list(_rules(exercises)))
        extended = [
            {"user": user, "target": exercises[0].lesson, "due_at": NOW - 20 * DAY} for user in people[::50]
        ]
        db.execute(insert(course_tables.extensions), extended)
        rules = Rules(db)
    graded = _Graded(exercises, rules, random_)
    begin = NOW - WEEKS * 7 * DAY
    for numbers in _portions(range(1, submissions + 1)):
        rows = [
            graded.submission(n, random_.choice(people), begin + (NOW - begin) * n / submissions)
            for n in numbers
        ]
        with database.write(durable=False) as db:
            db.execute(insert(tables.submissions), [one for one, _, _ in rows])
            db.execute(insert(tables.jobs), [job for _, job, _ in rows])
            db.execute(insert(tables.results), [result for _, _, result in rows])
    graded.write(database)
    with database.write() as db:
        noted = [
            {"number": n, "author": "staff-0", "line": 1, "text": "Well done.", "created_at": NOW}
            for n in range(1, submissions, 50)
        ]
        db.execute(insert(course_tables.notes), noted)
        db.execute(text("ANALYZE"))
    return people


def _people(learners: list[str]) -> Iterator[dict[str, Any]]:
    for at, user in enumerate(learners):
        name = f"{NAMES[at % len(NAMES)]} {at:05}"
        yield {
            "id": user,
            "name": name,
            "email": f"{user}@example.org",
            "role": "learner",
            "created_at": NOW - 50 * DAY,
            "section": f"group {at % 5}",
        }
    for at, role in enumerate(("assistant", "instructor", "admin")):
        yield {
            "id": f"staff-{at}",
            "name": role.capitalize(),
            "email": None,
            "role": role,
            "created_at": NOW - 60 * DAY,
            "section": "",
        }


def _rules(exercises: list[Exercise]) -> Iterator[dict[str, Any]]:
    lessons = sorted({exercise.lesson for exercise in exercises})
    for at, lesson in enumerate(lessons[::2]):
        yield {
            "id": f"rule-{at}",
            "target": lesson,
            "due_at": NOW - (WEEKS * 7 * DAY) * (1 - (at + 1) / (len(lessons) + 1)),
            "late_percent_per_day": 10.0,
            "grace_minutes": 15.0,
            "keep": "last" if at % 3 == 2 else "best",
        }


class _Graded:
    """Makes submissions with results, and keeps the count of all that the store counts."""

    def __init__(self, exercises: list[Exercise], rules: Rules, random_: random.Random) -> None:
        self._exercises = exercises
        self._versions = {exercise.id: version(exercise) for exercise in exercises}
        self._rules = rules
        self._random = random_
        self._results = {exercise.id: self._variants(exercise) for exercise in exercises}
        self._scores: dict[tuple[str, str], dict[str, Any]] = {}
        self._checks: dict[tuple[str, str], list[int]] = {}
        self._days: Counter[tuple[str, str]] = Counter()
        self._used: Counter[tuple[str, str]] = Counter()

    def submission(self, number: int, user: str, at: float) -> tuple[dict[str, Any], ...]:
        """Rows of submissions, jobs and results."""
        exercise = self._random.choice(self._exercises)
        result, stored = self._random.choice(self._results[exercise.id])
        rule = self._rules.of(user, exercise.id, exercise.lesson)
        factor = rule.late_factor(at)
        row = {
            "number": number,
            "status": result["status"],
            "score": result["score"],
            "max_score": result["max_score"],
            "result": stored,
            "finished_at": at + 1,
            "late_factor": factor,
            "counted_score": result["score"] * factor,
            "version": result["exercise_version"],
        }
        key = (user, exercise.id)
        before = self._scores.get(key, {"user": user, "exercise": exercise.id, **NO_SCORE})
        self._scores[key] = folded(before, {**row, "submitted_at": at}, rule)
        for test in result["tests"]:
            tally = self._checks.setdefault((exercise.id, test["id"]), [0, 0])
            tally[test["status"] != "passed"] += 1
        self._days[datetime.datetime.fromtimestamp(at).date().isoformat(), exercise.id] += 1
        self._used[exercise.id, result["exercise_version"]] += 1
        source = f"# attempt {number}\ndef weighted(x, w):\n    return sum(w * x ** 2) * {number % 97}\n"
        handed_in = {
            "number": number,
            "id": f"s{number:011}",
            "user": user,
            "exercise": exercise.id,
            "idempotency_key": f"once:{number}",
            "source": source,
            "submitted_at": at,
        }
        job = {
            "number": number,
            "state": "done",
            "available_at": at,
            "user": user,
            "exercise": exercise.id,
            "turn": number,
        }
        return handed_in, job, row

    def write(self, database: Database) -> None:
        versions = [{"exercise": e, "version": v, "results": n} for (e, v), n in self._used.items()]
        days = [{"day": d, "exercise": e, "submissions": n} for (d, e), n in self._days.items()]
        checks = [
            {"exercise": e, "check_id": c, "passed": p, "failed": f}
            for (e, c), (p, f) in self._checks.items()
        ]
        _insert(database, course_tables.scores, self._scores.values())
        _insert(database, course_tables.check_tallies, checks)
        _insert(database, course_tables.version_tallies, versions)
        _insert(database, course_tables.day_tallies, days)

    def _variants(self, exercise: Exercise) -> list[tuple[dict[str, Any], str]]:
        made = []
        for at in range(VARIANTS):
            tests = [self._test(check) for check in exercise.checks]
            score = sum(test["score"] for test in tests)
            result = {
                "exercise": exercise.id,
                "exercise_version": "before" if at == 0 else self._versions[exercise.id],
                "status": "passed" if score == exercise.points else "failed",
                "score": score,
                "max_score": exercise.points,
                "execution_time": 0.05,
                "cpu_time": 0.04,
                "memory_mb": 60.0,
                "output": "printed\n" * 5,
                "message": "So many checks passed.",
                "explanation": "",
                "seed": at,
                "isolation": {"level": "L3", "gaps": []},
                "tests": tests,
            }
            made.append((result, json.dumps(result)))
        return made

    def _test(self, check: Any) -> dict[str, Any]:
        passed = self._random.random() < 0.7
        return {
            "id": check.id,
            "name": check.title,
            "status": "passed" if passed else "failed",
            "score": check.points if passed else 0,
            "max_score": check.points,
            "output": "" if passed else "`f` is off by 0.25 at [2]. " * 4,
            "hint": check.hint,
            "hints": list(check.hints),
            "visibility": "hidden" if check.hidden else "visible",
            "detail": None,
        }


def _insert(database: Database, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for some in _portions(rows):
        with database.write(durable=False) as db:
            db.execute(insert(table), list(some))


def _portions(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some
