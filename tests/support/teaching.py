"""A small course with people, attempts and notes, as a month of teaching leaves it; graded by the real grader."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from glasstorch_web.app import create_app
from glasstorch_web.app.auth import session_cookie
from glasstorch_web.grader import Grader
from glasstorch_web.settings import Settings
from glasstorch_web.store import JobQueue, WorkerRegistry
from support.service import EXERCISES

SQUARE, DENSE, RELU = "service.weighted-square", "service.dense-layer", "fixture.relu-backward"
DAY = 24 * 3600.0
LEARNERS = (
    *("Ada Lovelace", "Alan Turing", "Barbara Liskov", "Claude Shannon", "Edsger Dijkstra", "Emmy Noether"),
    *("Grace Hopper", "Hedy Lamarr", "John McCarthy", "Katherine Johnson", "Margaret Hamilton", "王选"),
)
WRONG = "def backward(x, w, dy):\n    # the 2 is missing\n    return w * x * dy\n"
BROKEN = "def backward(x, w, dy):\n    return 2 * w * y * dy\n"
LONG = """import numpy as np

def backward(x, w, dy):
    grad = np.empty(x.shape, dtype=x.dtype)
    flat, weights, out = x.reshape(-1), w.reshape(-1), grad.reshape(-1)
    for index in range(flat.size):
        slope = 2.0 * flat[index]
        slope = slope * weights[index]
        out[index] = slope * dy
    if not np.isfinite(grad).all():
        grad = np.where(np.isfinite(grad), grad, 0.0)
    total = np.abs(grad).sum()
    if total == 0:
        return np.zeros_like(x)
    return grad
"""
RENAMED = (
    LONG.replace("slope", "steep")
    .replace("flat", "line")
    .replace("grad", "result")
    .replace("    total = np.abs(result).sum()\n    if total == 0:\n        return np.zeros_like(x)\n", "")
)
ISOLATION = {
    "level": "L3",
    "system": "Linux x86_64",
    "namespaces": True,
    "userns": True,
    "landlock_abi": 0,
    "seccomp": True,
    "cgroup": False,
    "own_uid": False,
    "files": True,
    "selftest_at": "2026-11-21T20:00:00Z",
    "attacks_stopped": 24,
    "attacks_tried": 24,
    "gaps": ["cgroup: Permission denied", "landlock: this kernel has none, or it is switched off"],
}


@dataclass
class Course:
    """`sessions`: cookies by role, and by learner's name; `ids`: users by name; `newest`: a submission's id."""

    app: FastAPI
    sessions: dict[str, str]
    ids: dict[str, str]
    newest: str
    cookie: str

    def beat(self) -> None:
        """A worker says that it is alive, as each does every few seconds."""
        WorkerRegistry(self.app.state.database).sign_in("one", self.app.state.pool.server, 1, ISOLATION)


def make_course(state: Path, lessons: Path = EXERCISES, **settings: Any) -> Course:
    """Twelve learners and three of the staff; two lessons, the first of which is nearly due."""
    app = create_app(Settings(state=state, lessons=lessons, workers=0, multi_user=True, **settings))
    accounts = app.state.accounts
    ids, sessions = {}, {}
    for role in ("assistant", "instructor", "admin"):
        user = accounts.people.add(role.title(), role, f"{role}@example.org")
        ids[role], sessions[role] = user.id, accounts.sessions.begin(user.id)
    for at, name in enumerate(LEARNERS):
        first = name.split()[0].lower() if name.isascii() else "wang"
        user = accounts.people.add(name, "learner", f"{first}@example.org", section="AB"[at % 2])
        ids[name], sessions[name] = user.id, accounts.sessions.begin(user.id)
    newest = _attempts(app, ids)
    now = time.time()
    course = app.state.course
    course.assign(
        ids["instructor"], "01-service", due_at=now + 3 * DAY, late_percent_per_day=10, grace_minutes=15
    )
    course.assign(ids["instructor"], "00-fixtures", due_at=now - 2 * DAY, closes_at=now + 9 * DAY)
    course.extend(ids["instructor"], ids["Grace Hopper"], "00-fixtures", now + DAY)
    number = app.state.course.submissions(exercise=SQUARE, limit=1)[0].number
    app.state.annotations.add(ids["assistant"], number, 2, "Where does the **2** of $x^2$ go?")
    made = Course(app, sessions, ids, newest, session_cookie(app.state.settings))
    made.beat()
    return made


def _attempts(app: FastAPI, ids: dict[str, str]) -> str:
    """Four weeks of handing in; the id of the last submission to the first exercise."""
    right = (EXERCISES / "01-service/exercises" / SQUARE / "solution.py").read_text("utf-8")
    dense = (EXERCISES / "01-service/exercises" / DENSE / "solution.py").read_text("utf-8")
    now = time.time()
    attempts: list[tuple[float, str, str, str]] = []
    for at, name in enumerate(LEARNERS[:10]):
        start = now - (26 - 2 * at) * DAY
        for more in range(1 + at % 3):
            attempts.append((start + more * 900, name, SQUARE, (WRONG, BROKEN)[(at + more) % 2]))
        if at % 4:
            attempts.append((start + DAY, name, SQUARE, LONG if at == 1 else RENAMED if at == 5 else right))
        if at % 2:
            attempts.append((start + 1.5 * DAY, name, DENSE, dense))
    for more in range(6):
        attempts.append((now - 3 * DAY + more * 600, LEARNERS[8], SQUARE, WRONG))
    attempts.append((now - 3600, LEARNERS[2], SQUARE, WRONG))
    ident = ""
    clock = [0.0]
    queue = JobQueue(
        app.state.database,
        clock=lambda: clock[0],
        lesson_of=app.state.service.catalogue.lesson_of,
    )
    results: dict[tuple[str, str], dict[str, Any]] = {}
    with Grader() as grader:
        for when, name, exercise, source in sorted(attempts):
            clock[0] = when
            ident = queue.submit(ids[name], exercise, source)
            if (exercise, source) not in results:  # the same source has the same result
                found = app.state.service.catalogue.get(exercise)
                results[exercise, source] = dict(grader.grade(found, source))
            claim = queue.claim("seed")
            assert claim is not None
            assert queue.finish(claim, results[exercise, source])
    return ident
