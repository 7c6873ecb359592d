"""Where a learner stands: what the map and the lessons say about each exercise and lesson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from ...grader.exercises import Exercise
from ...services.grading import GradingService
from ...services.lessons import Lesson, Lessons
from ...services.texts import title_of
from ..language import current, ngettext
from ..language import gettext as _
from ..rendering import Asker

State = Literal["passed", "tried", "next", "open"]


@dataclass
class Step:
    """One exercise of a lesson."""

    id: str
    title: str
    summary: str
    state: State
    score: float
    max_score: float
    tried: bool
    deadline: Any

    @property
    def words(self) -> str:
        """The state as text, for those who do not see the mark."""
        return {
            "passed": _("passed"),
            "tried": _("begun"),
            "next": _("next"),
            "open": _("not begun"),
        }[self.state]


@dataclass
class Stretch:
    """One lesson of the map."""

    slug: str
    number: str
    title: str
    summary: str
    has_text: bool
    exercises: list[Step]
    read: bool
    deadline: Any
    state: Literal["done", "current", "ahead"] = "ahead"
    open: bool = False

    @property
    def score(self) -> float:
        return sum(step.score for step in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(step.max_score for step in self.exercises)

    @property
    def share(self) -> float:
        """From 0 to 1: the points reached; a lesson without exercises is done when it was read."""
        return self.score / self.max_score if self.max_score else float(self.read)

    @property
    def words(self) -> str:
        if self.share >= 1:
            return _("done")
        passed = sum(step.state == "passed" for step in self.exercises)
        return ngettext(
            "%(passed)s of %(num)s exercise passed",
            "%(passed)s of %(num)s exercises passed",
            len(self.exercises),
        ) % {"passed": passed, "num": len(self.exercises)}


def stretches(request: Request, service: GradingService, visitor: Asker) -> list[Stretch]:
    """Every lesson with its exercises, and where this learner stands in each."""
    lessons: Lessons = request.app.state.lessons
    scores = scores_of(request, service, visitor)
    deadlines = deadlines_of(request, visitor)
    read = read_by(request, visitor)
    by_lesson: dict[str, list[Exercise]] = {}
    for exercise in service.catalogue.all().values():
        by_lesson.setdefault(exercise.lesson, []).append(exercise)
    made = [
        Stretch(
            slug=lesson.slug,
            number=lesson.number,
            title=lesson.title,
            summary=lesson.summary,
            has_text=lesson.has_text,
            exercises=steps(by_lesson.get(lesson.slug, ()), scores, deadlines),
            read=lesson.slug in read,
            deadline=deadlines.get(lesson.slug),
        )
        for lesson in lessons.all(current())
        if lesson.has_text or lesson.slug in by_lesson
    ]
    _mark(made)
    return made


def steps(
    exercises: Iterable[Exercise], scores: Mapping[str, tuple[float, float]], deadlines: Mapping[str, Any]
) -> list[Step]:
    made = []
    for exercise in exercises:
        score, max_score = scores.get(exercise.id, (0.0, exercise.points))
        tried = exercise.id in scores
        made.append(
            Step(
                id=exercise.id,
                title=title_of(exercise, current()),
                summary=exercise.statement,
                state="passed" if tried and score >= max_score else "tried" if tried else "open",
                score=score,
                max_score=max_score,
                tried=tried,
                deadline=deadlines.get(exercise.id),
            )
        )
    return made


def _mark(lessons: list[Stretch]) -> None:
    """Say which lesson the learner is in: the first that is not done; and which exercise comes next in it."""
    for lesson in lessons:
        if lesson.share >= 1:
            lesson.state = "done"
        else:
            lesson.open = any(step.tried for step in lesson.exercises)  # begun
    here = next((lesson for lesson in lessons if lesson.state != "done"), None)
    if here is None:
        return
    here.state, here.open = "current", True
    following = next((step for step in here.exercises if step.state == "open"), None)
    if following is not None:
        following.state = "next"


def scores_of(request: Request, service: GradingService, visitor: Asker) -> dict[str, tuple[float, float]]:
    """For each exercise with a result: (points that count, points there are)."""
    progress = getattr(request.app.state, "progress", None)
    if progress is None:
        return service.best()
    return {name: (score.counted, score.max_score) for name, score in progress.scores(visitor.id).items()}


def deadlines_of(request: Request, visitor: Asker) -> dict[str, Any]:
    course = getattr(request.app.state, "course", None)
    return {} if course is None else dict(course.deadlines(visitor.id))


def read_by(request: Request, visitor: Asker) -> set[str]:
    """The lessons that this learner has marked as read."""
    progress = getattr(request.app.state, "progress", None)
    return set() if progress is None else set(progress.read(visitor.id))


def lesson_of(request: Request, exercise: Exercise) -> Lesson | None:
    lessons: Lessons = request.app.state.lessons
    return lessons.get(exercise.lesson, current())
