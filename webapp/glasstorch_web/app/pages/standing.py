"""Where a learner stands: what the map and the lessons say about each exercise and lesson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from ...grader.exercises import Exercise
from ...services.course import CourseService, Deadline
from ...services.grading import GradingService
from ...services.lessons import Lesson, Lessons
from ...services.progress import Progress, Score
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
    state: State
    score: float
    max_score: float
    deadline: Deadline | None
    continued: bool = False  # of those that are begun, the one to go on with

    @property
    def tried(self) -> bool:
        return self.state in ("passed", "tried")

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
    deadline: Deadline | None
    question: str = ""  # that it answers
    minutes: int = 0  # that it takes, about; 0: not told
    state: Literal["done", "current", "ahead"] = "ahead"
    open: bool = False

    @property
    def score(self) -> float:
        return sum(step.score for step in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(step.max_score for step in self.exercises)

    @property
    def done(self) -> bool:
        """All its exercises passed, late or not; a lesson without exercises is done when it was read."""
        return all(step.state == "passed" for step in self.exercises) if self.exercises else self.read

    @property
    def share(self) -> float:
        """From 0 to 1: how much of it is done, by points."""
        if self.done:
            return 1.0
        return min(0.99, self.score / self.max_score) if self.max_score else 0.0

    @property
    def words(self) -> str:
        if self.done:
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
    progress: Progress = request.app.state.progress
    scores, read = progress.scores(visitor.id), progress.read(visitor.id)
    course: CourseService = request.app.state.course
    deadlines = course.deadlines(visitor.id)
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
            question=lesson.question,
            minutes=lesson.minutes,
        )
        for lesson in lessons.all(current())
        if lesson.has_text or lesson.slug in by_lesson
    ]
    last = progress.last(visitor.id)
    mark(made, last[0] if last else "")
    return made


def steps(
    exercises: Iterable[Exercise], scores: Mapping[str, Score], deadlines: Mapping[str, Deadline]
) -> list[Step]:
    made = []
    for exercise in exercises:
        score = scores.get(exercise.id)
        state: State = "open" if score is None else "tried" if score.first_passed_at is None else "passed"
        made.append(
            Step(
                id=exercise.id,
                title=title_of(exercise, current()),
                state=state,
                score=score.counted if score else 0.0,
                max_score=score.max_score if score else exercise.points,
                deadline=deadlines.get(exercise.id),
            )
        )
    return made


def mark(lessons: list[Stretch], last: str) -> None:
    """Say which exercise to continue, which lesson the learner is in, and which exercise comes next in it.

    Continued is the exercise handed in last (by its id), else the last of those that are begun. The lesson is that of
    the exercise to continue; without one the first that is not done from that on in which ``last`` was handed in.
    """
    tried = [step for lesson in lessons for step in lesson.exercises if step.state == "tried"]
    continued = next((step for step in tried if step.id == last), tried[-1] if tried else None)
    if continued is not None:
        continued.continued, last = True, continued.id
    for lesson in lessons:
        if lesson.done:
            lesson.state = "done"
        else:
            lesson.open = any(step.tried for step in lesson.exercises)  # begun
    ids = [{step.id for step in lesson.exercises} for lesson in lessons]
    start = next((k for k, some in enumerate(ids) if last in some), 0)
    here = next((one for one in [*lessons[start:], *lessons] if one.state != "done"), None)
    if here is None:
        return
    here.state, here.open = "current", True
    following = next((step for step in here.exercises if step.state == "open"), None)
    if following is not None:
        following.state = "next"


def lesson_of(request: Request, exercise: Exercise) -> Lesson | None:
    lessons: Lessons = request.app.state.lessons
    return lessons.get(exercise.lesson, current())
