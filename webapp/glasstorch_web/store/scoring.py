"""What a result changes besides itself: the learner's score, and the tallies that pages read.

All of it happens in the transaction that writes the result, so no page ever counts results. A score is folded from
a learner's attempts one by one, in any order; after a change of rules or results it is folded anew.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from .course_tables import check_tallies, day_tallies, former_results, scores, version_tallies
from .rules import Rule, Rules, rule_for
from .tables import results, submissions

UNGRADED = "grader_error"  # the status of a result that says nothing about the code

NO_SCORE: dict[str, Any] = {
    "attempts": 0,
    "max_score": 0.0,
    "best_score": 0.0,
    "best_number": None,
    "last_score": 0.0,
    "last_number": None,
    "counted_score": 0.0,
    "counted_number": None,
    "first_at": None,
    "last_at": None,
    "first_passed_at": None,
    "updated_at": 0.0,
}

_SHARED = text("SELECT pg_advisory_xact_lock_shared(1735158896, hashtext(:exercise))")
_ALONE = text("SELECT pg_advisory_xact_lock(1735158896, hashtext(:exercise))")

_SUBMISSION = select(
    submissions.c.user, submissions.c.exercise, submissions.c.number, submissions.c.submitted_at
).where(submissions.c.number == bindparam("number"))
_MY_SCORE = (scores.c.user == bindparam("its_user"), scores.c.exercise == bindparam("its_exercise"))
_SCORE = select(scores).where(*_MY_SCORE).with_for_update()
_SAVE = update(scores).where(*_MY_SCORE)
_FORGET = delete(scores).where(*_MY_SCORE)
_ATTEMPTS = (
    select(
        *_SUBMISSION.selected_columns,
        results.c.status,
        results.c.score,
        results.c.max_score,
        results.c.late_factor,
        results.c.counted_score,
        results.c.finished_at,
    )
    .join_from(submissions, results, results.c.number == submissions.c.number)
    .where(submissions.c.exercise == bindparam("exercise"), results.c.status != UNGRADED)
)


def folded(score: Mapping[str, Any], attempt: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """A row of `scores` after one more graded attempt."""
    number, at = attempt["number"], attempt["submitted_at"]
    new = dict(score)
    new["attempts"] += 1
    new["updated_at"] = max(new["updated_at"], attempt["finished_at"])
    if new["first_at"] is None or at < new["first_at"]:
        new["first_at"] = at
    passed = new["first_passed_at"]
    if attempt["status"] == "passed" and (passed is None or at < passed):
        new["first_passed_at"] = at
    if _beats(attempt["score"], number, new["best_score"], new["best_number"]):
        new["best_score"], new["best_number"] = attempt["score"], number
    is_last = new["last_at"] is None or (at, number) > (new["last_at"], new["last_number"])
    if is_last:
        new["last_score"], new["last_number"], new["last_at"] = attempt["score"], number, at
        new["max_score"] = attempt["max_score"]
    counts = (
        is_last
        if rule.keep == "last"
        else _beats(attempt["counted_score"], number, new["counted_score"], new["counted_number"])
    )
    if counts:
        new["counted_score"], new["counted_number"] = attempt["counted_score"], number
    return new


def _beats(score: float, number: int, best: float, best_number: int | None) -> bool:
    """Among equals the earliest counts."""
    return best_number is None or (-score, number) < (-best, best_number)


def write_result(db: Connection, number: int, result: dict[str, Any], now: float, lesson: str | None) -> None:
    """Store a submission's first result, with everything that follows from it."""
    found = db.execute(_SUBMISSION, {"number": number}).one()._asdict()
    rule = _rule(db, found, lesson)
    row = _row(result, found, rule, now)
    db.execute(insert(results), row)
    day = datetime.datetime.fromtimestamp(found["submitted_at"]).date().isoformat()
    _add(db, day_tallies, [{"day": day, "exercise": found["exercise"], "submissions": 1}])
    if row["status"] != UNGRADED:
        _tally(db, found["exercise"], result, +1)
        _save(db, folded(_locked(db, found), {**found, **row}, rule))


def replace_result(
    db: Connection, number: int, result: dict[str, Any], now: float, lesson: str | None
) -> None:
    """Put a new result in the place of an old one, which is kept among the former ones."""
    found = db.execute(_SUBMISSION, {"number": number}).one()._asdict()
    rule = _rule(db, found, lesson)
    old = db.execute(select(results).where(results.c.number == number)).one()._asdict()
    kept = {
        name: old[name]
        for name in ("number", "status", "score", "max_score", "version", "finished_at", "result")
    }
    db.execute(insert(former_results), {**kept, "replaced_at": now})
    row = {**_row(result, found, rule, now), "regraded_at": now}
    db.execute(update(results).where(results.c.number == number).values(**row))
    if old["status"] != UNGRADED:
        _tally(db, found["exercise"], json.loads(old["result"]), -1)
    if row["status"] != UNGRADED:
        _tally(db, found["exercise"], result, +1)
    _locked(db, found)
    theirs = _ATTEMPTS.where(submissions.c.user == found["user"])
    attempts = db.execute(theirs, {"exercise": found["exercise"]})
    _save(db, _folded_all(found, [row._asdict() for row in attempts], rule))


def apply_rules(db: Connection, exercise: str, lesson: str | None, users: Iterable[str] | None = None) -> int:
    """Reckon an exercise's scores anew after its rules have changed; how many attempts now count otherwise.

    users: whose; everybody's by default.
    """
    if db.dialect.name == "postgresql":  # a result that is written meanwhile would follow the old rules
        db.execute(_ALONE, {"exercise": exercise})
    query = _ATTEMPTS.order_by(submissions.c.user, submissions.c.number)
    if users is not None:
        query = query.where(submissions.c.user.in_(list(users)))
    rules = Rules(db, {exercise, lesson or exercise})
    by_user: dict[str, list[dict[str, Any]]] = {}
    for row in db.execute(query, {"exercise": exercise}).mappings():
        by_user.setdefault(row["user"], []).append(dict(row))
    changed, reckoned = [], []
    for user, attempts in by_user.items():
        rule = rules.of(user, exercise, lesson)
        for attempt in attempts:
            factor = rule.late_factor(attempt["submitted_at"])
            if factor != attempt["late_factor"]:
                attempt["late_factor"], attempt["counted_score"] = factor, attempt["score"] * factor
                changed.append({"n": attempt["number"], "f": factor, "c": attempt["counted_score"]})
        score = _folded_all({"user": user, "exercise": exercise}, attempts, rule)
        reckoned.append({"u": user, "c": score["counted_score"], "n": score["counted_number"]})
    if changed:
        values: dict[str, Any] = {"late_factor": bindparam("f"), "counted_score": bindparam("c")}
        db.execute(update(results).where(results.c.number == bindparam("n")).values(**values), changed)
    if reckoned:
        mine = (scores.c.user == bindparam("u"), scores.c.exercise == exercise)
        counted: dict[str, Any] = {"counted_score": bindparam("c"), "counted_number": bindparam("n")}
        db.execute(update(scores).where(*mine).values(**counted), reckoned)
    return len(changed)


def _rule(db: Connection, found: Mapping[str, Any], lesson: str | None) -> Rule:
    if db.dialect.name == "postgresql":
        db.execute(_SHARED, {"exercise": found["exercise"]})
    return rule_for(db, found["user"], found["exercise"], lesson)


def _row(result: dict[str, Any], found: Mapping[str, Any], rule: Rule, now: float) -> dict[str, Any]:
    score = float(result.get("score") or 0)
    factor = rule.late_factor(found["submitted_at"])
    return {
        "number": found["number"],
        "status": str(result["status"]),
        "score": score,
        "max_score": float(result.get("max_score") or 0),
        "result": json.dumps(result, allow_nan=False),
        "finished_at": now,
        "late_factor": factor,
        "counted_score": score * factor,
        "version": str(result.get("exercise_version") or ""),
    }


def _folded_all(
    whose: Mapping[str, Any], attempts: Iterable[Mapping[str, Any]], rule: Rule
) -> dict[str, Any]:
    score = {"user": whose["user"], "exercise": whose["exercise"], **NO_SCORE}
    for attempt in attempts:
        score = folded(score, attempt, rule)
    return score


def _locked(db: Connection, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The learner's row of `scores`, which nobody else changes until this transaction ends."""
    key = {"user": found["user"], "exercise": found["exercise"]}
    db.execute(_making(db.dialect.name, scores), key)
    return db.execute(_SCORE, _whose(found)).one()._asdict()


def _save(db: Connection, score: Mapping[str, Any]) -> None:
    if score["attempts"] == 0:  # all that is left are breakdowns of the grader
        db.execute(_FORGET, _whose(score))
    else:
        db.execute(_SAVE, {**score, **_whose(score)})


def _whose(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"its_user": row["user"], "its_exercise": row["exercise"]}


def _tally(db: Connection, exercise: str, result: Mapping[str, Any], by: int) -> None:
    version = str(result.get("exercise_version") or "")
    _add(db, version_tallies, [{"exercise": exercise, "version": version, "results": by}])
    outcomes: dict[str, bool] = {
        str(test["id"]): test["status"] == "passed"
        for test in result.get("tests") or ()
        if test["status"] != "skipped"
    }
    tallies = [
        {"exercise": exercise, "check_id": check, "passed": by * passed, "failed": by * (not passed)}
        for check, passed in sorted(
            outcomes.items()
        )  # in one order, so that no two workers wait for each other
    ]
    if tallies:
        _add(db, check_tallies, tallies)


def _add(db: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add to counts: every column that is not part of the key."""
    db.execute(_adding(db.dialect.name, table), rows)


# Statements are built once: that takes longer than to run them.


@cache
def _adding(dialect: str, table: Table) -> Insert:
    upsert = _insert(dialect, table)
    counts = [column.name for column in table.columns if not column.primary_key]
    more = {name: table.c[name] + upsert.excluded[name] for name in counts}
    key = [column.name for column in table.primary_key]
    return upsert.on_conflict_do_update(index_elements=key, set_=more)  # type: ignore[no-any-return]


@cache
def _making(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()  # type: ignore[no-any-return]


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
