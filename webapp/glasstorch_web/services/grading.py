"""Handing in and looking up: what the routes call."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable
from typing import Protocol

from ..grader.exercises import Exercise
from ..store import JobQueue, Submission, Submissions
from .catalogue import Catalogue

LOCAL = "local"  # the one person of a service without accounts
STAFF = ("assistant", "instructor", "admin")  # the roles that may read what others handed in

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Person(Protocol):
    """Whoever asks."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


class NotAllowed(Exception):
    """This person's role does not allow it; the message says what."""


class UnknownExercise(LookupError):
    """There is no exercise of that name; ``near`` is one that may have been meant, or empty."""

    def __init__(self, name: str, near: str = "") -> None:
        super().__init__(name)
        self.near = near


class UnacceptableSubmission(ValueError):
    """What was handed in cannot be graded; the message says why."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class GradingService:
    """Exercises and the submissions to them, as one person may see them."""

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
        self._user = LOCAL
        self._sees_all = True

    def acting_for(self, person: Person) -> GradingService:
        """The same service for somebody else."""
        theirs = copy.copy(self)
        theirs._user = person.id
        theirs._sees_all = person.role in STAFF
        return theirs

    def exercise(self, exercise: str) -> Exercise:
        """Raises UnknownExercise."""
        found = self.catalogue.get(exercise)
        if found is None:
            near = difflib.get_close_matches(exercise[:100], self.catalogue.all(), 1)
            raise UnknownExercise(exercise, near[0] if near else "")
        return found

    def submit(self, exercise: str, source: str, idempotency_key: str | None = None) -> Submission:
        """Store a submission; once this returns, it will be graded whatever happens to this process.

        Raises:
            UnknownExercise, UnacceptableSubmission: nothing was stored.
            QueueFullError, TooManyError, IdempotencyError, UnavailableError: as in the store.
        """
        self.exercise(exercise)
        self._require_acceptable(source)
        if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
            raise UnacceptableSubmission("An idempotency key is 1 to 200 visible ASCII characters.")
        ident = self._queue.submit(self._user, exercise, source, idempotency_key)
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
        return self._submissions.get(ident, None if self._sees_all else self._user)

    def submission(self, ident: str) -> Submission:
        """Raises LookupError when there is no such submission, or it is another's."""
        found = self.find(ident)
        if found is None:
            raise LookupError(ident)
        return found

    def history(
        self,
        exercise: str | None = None,
        *,
        user: str | None = None,
        limit: int = 20,
        before: int | None = None,
    ) -> list[Submission]:
        """The newest submissions of this person, or of `user`, with a number below `before`.

        Raises:
            NotAllowed: `user` is somebody else, and this person may not see others' submissions.
        """
        if user not in (None, self._user) and not self._sees_all:
            raise NotAllowed("Only the course's staff may list what others handed in.")
        return self._submissions.history(user or self._user, exercise, limit, before)

    def first_waiting(self) -> Submission | None:
        """This person's submission that is next in line, of those that wait now."""
        waiting = [one for one in self._submissions.history(self._user, None, 20) if one.state == "queued"]
        return min(waiting, key=lambda one: one.place, default=None)

    def best(self) -> dict[str, tuple[float, float]]:
        return self._submissions.best(self._user)
