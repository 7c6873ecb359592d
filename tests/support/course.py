"""A course of a test's own: a store, lessons, a clock that is set, and its services; graded by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glasstorch_web.services.annotations import Annotations
from glasstorch_web.services.catalogue import Catalogue
from glasstorch_web.services.course import CourseService
from glasstorch_web.services.dashboard import Dashboard
from glasstorch_web.services.gradebook import Gradebook
from glasstorch_web.services.progress import Progress
from glasstorch_web.services.regrade import Regrades
from glasstorch_web.services.reviews import Reviews
from glasstorch_web.services.similarity import Similarity
from glasstorch_web.store import Audit, Database, JobQueue, People, Submissions
from glasstorch_web.store.rules import DAY
from support.seeded import NOW, make_lessons

FIRST, SECOND = "l00.exercise-0", "l00.exercise-1"  # of the first lesson
OTHER = "l01.exercise-0"
LESSON, LATER = "00-lesson-0", "01-lesson-1"


class Course:
    """Two lessons of two exercises with ten points each, and three learners. `clock.now` is the time."""

    def __init__(self, place: str | Path, folder: Path) -> None:
        self.now = NOW
        self.lessons = folder / "lessons"
        if not self.lessons.exists():
            make_lessons(self.lessons, lessons=2, each=2)
        self.database = Database(place)
        self.catalogue = Catalogue(self.lessons)
        parts: tuple[Any, ...] = (self.database, self.catalogue)
        self.queue = JobQueue(
            self.database, limit=1000, clock=self.clock, lesson_of=self.catalogue.lesson_of, lease=2 * DAY
        )
        self.submissions = Submissions(self.database)
        self.people = People(self.database, self.clock)
        self.audit = Audit(self.database)
        self.rules = CourseService(*parts, self.clock)
        self.regrades = Regrades(*parts, clock=self.clock)
        self.dashboard = Dashboard(*parts, self.regrades, self.clock)
        self.gradebook = Gradebook(*parts)
        self.annotations = Annotations(self.database, self.clock)
        self.reviews = Reviews(*parts, self.lessons, self.clock)
        self.progress = Progress(self.database, trust_files=True, clock=self.clock)
        self.similarity = Similarity(*parts, self.clock)
        for user in ("ann", "ben", "cyd"):
            self.people.ensure(user, user.capitalize(), "learner")
        self.people.ensure("staff", "Prof. Sum", "instructor")

    def clock(self) -> float:
        return self.now

    def hand_in(self, user: str, score: float | None, exercise: str = FIRST, source: str = "pass") -> int:
        """A submission with this result (None: it is not graded yet); its number."""
        ident = self.queue.submit(user, exercise, source)
        found = self.submissions.get(ident, user)
        assert found is not None
        if score is not None:
            self.grade(score)
        return found.number

    def grade(self, score: float, **more: Any) -> None:
        """What a worker does with the next in line."""
        claim = self.queue.claim("w")
        assert claim is not None
        assert self.queue.finish(claim, self.result(claim.exercise, score) | more)

    def result(self, exercise: str, score: float) -> dict[str, Any]:
        """10: all checks pass; else the first `score` points of them."""
        checks, left = [], score
        for check in self.catalogue.all()[exercise].checks:
            passed = left >= check.points
            left -= check.points if passed else 0
            checks.append(
                {
                    "id": check.id,
                    "name": check.title,
                    "status": "passed" if passed else "failed",
                    "score": check.points if passed else 0,
                    "max_score": check.points,
                    "output": "",
                    "hint": "",
                    "hints": [],
                    "visibility": "visible",
                    "detail": None,
                }
            )
        return {
            "exercise": exercise,
            "exercise_version": self.catalogue.versions()[exercise],
            "status": "passed" if score == 10 else "failed",
            "score": score,
            "max_score": 10,
            "seed": 7,
            "tests": checks,
        }

    def change_checks(self, exercise: str) -> None:
        """An author has changed what is asked."""
        path = self.catalogue.all()[exercise].folder / "checks.py"
        path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")

    def score(self, user: str, exercise: str = FIRST) -> Any:
        return self.progress.scores(user).get(exercise)
