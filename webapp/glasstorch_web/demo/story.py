"""Six weeks of a course: who hands what in when, what it is graded, what staff does meanwhile.

Everything goes the way of real work (the queue, deadlines, scores), only with a clock that is set. Every grade is the
grader's: each different source is graded once, and its result stands for everybody who hands in the same. What is
drawn for a learner alone is graded for that learner.
"""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..grader import Grader
from ..grader.exercises import Exercise
from ..services.annotations import Annotations
from ..services.catalogue import Catalogue
from ..services.course import CourseService
from ..services.progress import Progress
from ..services.regrade import Regrades
from ..services.reviews import Reviews
from ..store import Database, JobQueue, NotTakenError, Submissions
from ..store.rules import DAY
from .cast import Learner

WEEKS = 6
LESSONS = 4  # of the course, the first
WEEK = 7 * DAY
HOUR = 3600.0
LATE_PERCENT = 10.0
GRACE_MINUTES = 30.0
_EXPECTED = re.compile(r"\A(?:#.*\n)+")  # what an author's wrong answer says about itself

REMARKS = (
    "Try this line on its own with a tensor of shape (2, 3): which shape comes out?",
    "Nearly. What happens to the gradients of the **last** step here?",
    "Good idea. Say in a comment *why* it is right, and the next reader will thank you.",
    "这里的顺序很重要：先清零梯度，再反向传播。",
)


@dataclass(frozen=True)
class Event:
    """Somebody hands something in."""

    at: float
    learner: Learner
    exercise: Exercise
    source: str


class Story:
    """Writes the course into a store. `begin` and `end` are seconds since the epoch."""

    def __init__(
        self, database: Database, catalogue: Catalogue, grader: Grader, draw: random.Random, end: float
    ) -> None:
        self.now = self.begin = end - WEEKS * WEEK
        self.end = end
        self._draw = draw
        self._grader = grader
        self._catalogue = catalogue
        self._graded: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._queue = JobQueue(
            database, limit=10_000, clock=self._clock, lesson_of=catalogue.lesson_of, lease=DAY
        )
        self._submissions = Submissions(database)
        self._course = CourseService(database, catalogue, self._clock)
        self._annotations = Annotations(database, self._clock)
        self._progress = Progress(database, trust_files=False, clock=self._clock)
        self._regrades = Regrades(database, catalogue, clock=self._clock)
        self._database = database

    @property
    def different(self) -> int:
        """How many different sources have been graded."""
        return len(self._graded)

    def tell(self, learners: list[Learner], say: Callable[[str], None]) -> int:
        """Everything in the order in which it happened; how many submissions there are now."""
        self._set_deadlines(learners)
        events = sorted(
            (event for learner in learners for event in self._attempts(learner)),
            key=lambda event: (event.at, event.learner.id),
        )
        handed_in: list[int] = []
        for at, event in enumerate(events):
            if at % 100 == 0:
                say(f"  {at} of {len(events)} submissions")
            number = self._hand_in(event)
            if number is not None:
                handed_in.append(number)
        self._comment(handed_in)
        self._review(learners)
        self._grade_again(handed_in)
        self._leave_waiting(learners)
        return len(handed_in)

    def _clock(self) -> float:
        return self.now

    def _exercises(self) -> list[Exercise]:
        """Those of the first lessons: each different answer is graded, which takes its time."""
        every = list(self._catalogue.all().values())
        told = list(dict.fromkeys(exercise.lesson for exercise in every))[:LESSONS]
        return [exercise for exercise in every if exercise.lesson in told]

    def _lessons(self) -> list[str]:
        return list(dict.fromkeys(exercise.lesson for exercise in self._exercises()))

    def _due(self, lesson: str) -> float:
        """The lessons' deadlines lie evenly in the course, on evenings; the last one is still ahead."""
        lessons = self._lessons()
        share = (lessons.index(lesson) + 1) / (len(lessons) + 1) if len(lessons) > 1 else 0.6
        day = datetime.datetime.fromtimestamp(self.begin + share * (self.end - self.begin + WEEK))
        return day.replace(hour=23, minute=59, second=0, microsecond=0).timestamp()

    def _set_deadlines(self, learners: list[Learner]) -> None:
        for at, lesson in enumerate(self._lessons()):
            due = self._due(lesson)
            self._course.assign(
                "instructor",
                lesson,
                due_at=due,
                closes_at=due + 3 * WEEK,
                late_percent_per_day=LATE_PERCENT,
                grace_minutes=GRACE_MINUTES,
            )
            if at == 0:
                self._course.extend("instructor", learners[len(learners) // 2].id, lesson, due + 5 * DAY)

    def _attempts(self, learner: Learner) -> Iterator[Event]:
        """What one learner hands in: wrong answers of the exercise's author first, then, with skill, a right one."""
        draw = self._draw
        leaves = self.end if learner.leaves_in is None else self.begin + learner.leaves_in * WEEK
        for exercise in self._exercises():
            if draw.random() > 0.55 + 0.45 * learner.zeal:
                continue  # this one is left out
            due = self._due(exercise.lesson)
            at = due - draw.triangular(-2 * DAY, 10 * DAY, 1.5 * DAY + 4 * DAY * learner.zeal)
            at = _awake(max(self.begin, at), draw)
            wrong = self._wrong(exercise)
            draw.shuffle(wrong)
            sources = [exercise.read("starter.py")] if draw.random() < 0.12 else []
            sources += wrong[: int(draw.triangular(0, 8, 1 + 5 * (1 - learner.skill)))]
            if draw.random() < 0.35 + 0.65 * learner.skill:
                sources.append(exercise.read("solution.py"))
            for source in sources:
                if at < min(leaves, self.end - HOUR):
                    yield Event(at, learner, exercise, source)
                at += draw.expovariate(1 / (12 * 60)) + 90
                if draw.random() < 0.12:  # to be slept on
                    at = _awake(at + DAY * draw.random(), draw)

    @staticmethod
    def _wrong(exercise: Exercise) -> list[str]:
        files = sorted((exercise.folder / "wrong").glob("*.py"))
        return [_EXPECTED.sub("", path.read_text(encoding="utf-8")) for path in files]

    def _hand_in(self, event: Event) -> int | None:
        """One submission, graded at once; its number, or None where the deadline had closed the exercise."""
        self.now = event.at
        try:
            ident = self._queue.submit(event.learner.id, event.exercise.id, event.source)
        except NotTakenError:
            return None
        claim = self._queue.claim("demo")
        assert claim is not None
        self.now += 0.5 + self._draw.random()
        self._queue.finish(claim, self._result(event))
        if event.at - self.begin < WEEK or self._draw.random() < 0.5:
            self._progress.mark_read(event.learner.id, event.exercise.lesson, read=True)
        found = self._submissions.get(ident, None)
        return found.number if found else None

    def _result(self, event: Event) -> dict[str, Any]:
        learner = event.learner.id if event.exercise.kind == "prediction" else ""
        key = (event.exercise.id, event.source, learner)
        if key not in self._graded:
            seed = self._draw.getrandbits(48)
            result = self._grader.grade(event.exercise, event.source, seed=seed, learner=event.learner.id)
            self._graded[key] = dict(result)
        return self._graded[key]

    def _comment(self, numbers: list[int]) -> None:
        """The assistant reads some of what went wrong."""
        by_number = {line.number: line for line in self._course.submissions(limit=len(numbers) + 1)}
        failed = [number for number in numbers if by_number[number].status == "failed"]
        for at, number in enumerate(sorted(self._draw.sample(failed, min(12, len(failed))))):
            found = self._submissions.get(by_number[number].id, None)
            assert found is not None
            lines = found.source.splitlines()
            code = [
                n for n, line in enumerate(lines, 1) if line.strip() and not line.startswith(("import", "#"))
            ]
            self.now = min(self.end, found.submitted_at + 20 * HOUR)
            self._annotations.add(
                "assistant", number, self._draw.choice(code or [0]), REMARKS[at % len(REMARKS)]
            )

    def _review(self, learners: list[Learner]) -> None:
        """The eager ones go through their cards, not every day."""
        reviews = Reviews(self._database, self._catalogue, self._catalogue.folder, self._clock)
        for learner in learners:
            day = datetime.datetime.fromtimestamp(self.begin).date()
            last = datetime.datetime.fromtimestamp(self.end).date()
            while day < last:
                day += datetime.timedelta(days=1)
                if self._draw.random() < 0.6 * learner.zeal:
                    self.now = datetime.datetime.combine(day, datetime.time(20)).timestamp()
                    for card in reviews.due(learner.id, day):
                        reviews.answer(
                            learner.id, card.id, self._draw.random() < 0.4 + 0.6 * learner.skill, day
                        )

    def _grade_again(self, numbers: list[int]) -> None:
        """One submission is graded again with other numbers, as an instructor may order."""
        self.now = self.end - 2 * DAY
        if numbers and self._regrades.submission("instructor", numbers[-1]):
            claim = self._queue.claim("demo")
            assert claim is not None
            exercise = self._catalogue.all()[claim.exercise]
            seed = self._draw.getrandbits(48)
            result = self._grader.grade(exercise, claim.source, seed=seed, learner=claim.user)
            self._queue.finish(claim, dict(result))

    def _leave_waiting(self, learners: list[Learner]) -> None:
        """What the service will grade when it starts."""
        exercise = self._exercises()[-1]
        for learner, minutes in zip(learners[:2], (3, 1), strict=False):
            self.now = self.end - 60 * minutes
            try:
                self._queue.submit(learner.id, exercise.id, exercise.read("solution.py"))
            except NotTakenError:
                return


def _awake(at: float, draw: random.Random) -> float:
    """The same day at an hour at which people work."""
    when = datetime.datetime.fromtimestamp(at)
    if when.hour < 8:
        when = when.replace(hour=draw.choice((9, 14, 17, 20, 21, 22)), minute=draw.randrange(60))
    return when.timestamp()
