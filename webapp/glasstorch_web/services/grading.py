"""Handing in and looking up: what the routes call."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..grader.exercises import Exercise
from ..store import JobQueue, Submission, Submissions
from .catalogue import Catalogue

USER = "local"  # one person per service until accounts exist

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class UnknownExercise(LookupError):
    """There is no exercise of that name."""


class UnacceptableSubmission(ValueError):
    """What was handed in cannot be graded; the message says why."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class GradingService:
    """Exercises and the submissions to them."""

    def __init__(
        self,
        catalogue: Catalogue,
        queue: JobQueue,
        submissions: Submissions,
        source_limit: int,
        ring: Callable[[], None],
    ) -> None:
        self.catalogue = catalogue
        self._queue = queue
        self._submissions = submissions
        self._source_limit = source_limit
        self._ring = ring

    def exercise(self, exercise: str) -> Exercise:
        """Raises UnknownExercise."""
        found = self.catalogue.get(exercise)
        if found is None:
            raise UnknownExercise(exercise)
        return found

    def submit(self, exercise: str, source: str, idempotency_key: str | None = None) -> Submission:
        """Store a submission; once this returns, it will be graded whatever happens to this process.

        Raises:
            UnknownExercise, UnacceptableSubmission: nothing was stored.
            QueueFullError, IdempotencyError: as in the store.
        """
        self.exercise(exercise)
        self._require_acceptable(source)
        if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
            raise UnacceptableSubmission("An idempotency key is 1 to 200 visible ASCII characters.")
        ident = self._queue.submit(USER, exercise, source, idempotency_key)
        self._ring()
        return self.submission(ident)

    def _require_acceptable(self, source: str) -> None:
        try:
            size = len(source.encode())
        except UnicodeEncodeError:
            raise UnacceptableSubmission("The code holds half of a character pair; is it text?") from None
        if size > self._source_limit:
            limit = f"{self._source_limit / 1024:g} KiB"
            raise UnacceptableSubmission(
                f"The code is {size / 1024:.0f} KiB long; at most {limit} can be graded. "
                "Hand in only the function asked for, without data or outputs.",
                too_large=True,
            )
        if not source.strip():
            raise UnacceptableSubmission("There is no code in this submission yet.")

    def find(self, ident: str) -> Submission | None:
        return self._submissions.get(ident, USER)

    def submission(self, ident: str) -> Submission:
        """Raises LookupError when there is no such submission."""
        found = self.find(ident)
        if found is None:
            raise LookupError(ident)
        return found

    def history(self, exercise: str) -> list[Submission]:
        return self._submissions.history(USER, exercise)

    def best(self) -> dict[str, tuple[float, float]]:
        return self._submissions.best(USER)
