"""Which submissions to an exercise are remarkably alike: for staff to read both, never a proof of anything.

Compared are the submissions that count. What stands in the starter is left out, and what very many have written: a
short exercise has few right answers. Renaming, comments and layout make no difference (services/fingerprints.py).
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select

from ..store.course_tables import scores
from ..store.database import Database
from ..store.tables import submissions, users
from .catalogue import Catalogue
from .fingerprints import Print, every_run, fingerprint, regions

MOST_COMPARED = 1000  # the newest
MOST_PAIRS = 100
TELLING = 6  # fingerprints of its own that a submission must have to be compared
LEAST_SHARE = 0.3
COMMON = 10  # in more submissions than that, and in more than
COMMON_SHARE = 0.2  # of all, a passage says nothing
_KEPT_REPORTS = 16
_KEPT_PRINTS = 20_000
_AT_ONCE = 4096  # fingerprints that are compared in one product


@dataclass(frozen=True)
class Side:
    """A submission in a comparison."""

    number: int
    id: str
    user: str
    name: str
    submitted_at: float


@dataclass(frozen=True)
class Pair:
    """Two submissions; `share`: of the smaller one's telling fingerprints, how many the other has too (0 to 1)."""

    share: float
    left: Side
    right: Side


@dataclass(frozen=True)
class Report:
    """The most alike first. `compared` submissions had enough of their own; `submissions` there were."""

    exercise: str
    submissions: int
    compared: int
    made_at: float
    pairs: list[Pair]


@dataclass(frozen=True)
class Region:
    """Lines that correspond: (first, last) on each side."""

    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True)
class Comparison:
    """Two submissions side by side."""

    share: float
    left: Side
    right: Side
    left_source: str
    right_source: str
    regions: list[Region]


@dataclass(frozen=True)
class _Known:
    """A report with what it was made from."""

    key: tuple[int, ...]
    report: Report
    unspoken: frozenset[int]  # fingerprints that say nothing
    sides: Mapping[int, Side]


class Similarity:
    """Made when asked for, and kept until somebody's counted submission is another one."""

    def __init__(
        self, database: Database, catalogue: Catalogue, clock: Callable[[], float] = time.time
    ) -> None:
        self._db = database
        self._catalogue = catalogue
        self._clock = clock
        self._reports: OrderedDict[str, _Known] = OrderedDict()
        self._prints: OrderedDict[int, Print] = OrderedDict()  # a submission never changes
        self._lock = threading.Lock()  # one comparison at a time: they take seconds of computing

    def report(self, exercise: str) -> Report:
        """Everybody's counted submission compared with everybody else's; takes seconds for a thousand."""
        return self._known(exercise).report

    def pair(self, exercise: str, one: int, other: int) -> Comparison:
        """Two of the report's submissions, by their numbers.

        Raises:
            LookupError: one of them is not among those that count for this exercise.
        """
        known = self._known(exercise)
        if one not in known.sides or other not in known.sides or one == other:
            raise LookupError((one, other))
        query = select(submissions.c.number, submissions.c.source).where(
            submissions.c.number.in_((one, other))
        )
        with self._db.read() as db:
            sources = {row.number: row.source for row in db.execute(query)}
        left, right = fingerprint(sources[one]), fingerprint(sources[other])
        return Comparison(
            share=_share(left.hashes - known.unspoken, right.hashes - known.unspoken),
            left=known.sides[one],
            right=known.sides[other],
            left_source=sources[one],
            right_source=sources[other],
            regions=[Region(*lines) for lines in regions(left, right, known.unspoken)],
        )

    def _known(self, exercise: str) -> _Known:
        with self._lock:
            counted = (
                select(scores.c.counted_number)
                .where(scores.c.exercise == exercise)
                .order_by(scores.c.counted_number.desc())
                .limit(MOST_COMPARED)
            )
            with self._db.read() as db:
                key = tuple(db.execute(counted).scalars())
            known = self._reports.get(exercise)
            if known is None or known.key != key:
                known = self._reports[exercise] = self._compare(exercise, key)
            self._reports.move_to_end(exercise)
            while len(self._reports) > _KEPT_REPORTS:
                self._reports.popitem(last=False)
            return known

    def _compare(self, exercise: str, key: tuple[int, ...]) -> _Known:
        sides, prints = self._read(key)
        found = self._catalogue.get(exercise)
        starter = every_run(found.read("starter.py")) if found else frozenset()
        common = max(COMMON, COMMON_SHARE * len(key))
        spread = Counter(value for number in key for value in prints[number].hashes)
        unspoken = starter | {value for value, count in spread.items() if count > common}
        telling = {number: prints[number].hashes - unspoken for number in key}
        compared = [number for number in key if len(telling[number]) >= TELLING]
        pairs = [
            Pair(share, *sorted((sides[one], sides[other]), key=lambda side: side.number))
            for share, one, other in _alike(compared, telling)
        ]
        pairs.sort(key=lambda pair: (-pair.share, pair.left.number, pair.right.number))
        report = Report(exercise, len(key), len(compared), self._clock(), pairs[:MOST_PAIRS])
        return _Known(key, report, frozenset(unspoken), sides)

    def _read(self, key: tuple[int, ...]) -> tuple[dict[int, Side], dict[int, Print]]:
        """Whose the submissions are, and their fingerprints: made once for each."""
        query = (
            select(
                *(submissions.c.number, submissions.c.id, submissions.c.user, submissions.c.submitted_at),
                func.coalesce(users.c.name, submissions.c.user).label("name"),
            )
            .select_from(submissions.outerjoin(users, users.c.id == submissions.c.user))
            .where(submissions.c.number.in_(key))
        )
        new = [number for number in key if number not in self._prints]
        code = select(submissions.c.number, submissions.c.source).where(submissions.c.number.in_(new))
        with self._db.read() as db:
            sides = {
                row.number: Side(row.number, row.id, row.user, row.name, row.submitted_at)
                for row in db.execute(query)
            }
            sources = db.execute(code).all() if new else []
        for row in sources:
            self._prints[row.number] = fingerprint(row.source)
        prints = {number: self._prints[number] for number in key}
        while len(self._prints) > _KEPT_PRINTS:
            self._prints.popitem(last=False)
        return sides, prints


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _alike(compared: list[int], telling: Mapping[int, frozenset[int]]) -> list[tuple[float, int, int]]:
    """(share, number, number) of every pair above LEAST_SHARE."""
    spread = Counter(value for number in compared for value in telling[number])
    shared = [value for value, count in spread.items() if count > 1]
    both = np.zeros((len(compared), len(compared)), np.float32)
    for start in range(0, len(shared), _AT_ONCE):
        column = {value: at for at, value in enumerate(shared[start : start + _AT_ONCE])}
        has = np.zeros((len(compared), len(column)), np.float32)
        for row, number in enumerate(compared):
            has[row, [column[value] for value in telling[number] if value in column]] = 1
        both += has @ has.T
    sizes = np.array([len(telling[number]) for number in compared], np.float32)
    shares = np.triu(both / np.minimum.outer(sizes, sizes), 1) if compared else both
    rows, columns = np.nonzero(shares >= LEAST_SHARE)
    return [
        (float(shares[row, other]), compared[row], compared[other])
        for row, other in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
