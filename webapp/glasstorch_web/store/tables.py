"""The tables, as they are after the newest migration; the same on SQLite and PostgreSQL.

A submission is what somebody handed in; it never changes. Its job is where its grading stands. Both rows are
written in one transaction, so neither exists without the other. Times are seconds since the epoch.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite's STRICT tables know INTEGER, REAL and TEXT only.
Number = BigInteger().with_variant(Integer(), "sqlite")
Real: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


class Source(TypeDecorator[str]):
    """Any Unicode text. PostgreSQL's own text cannot hold a NUL, and submitted code may: it keeps the bytes."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(LargeBinary() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return value.encode() if value is not None and dialect.name == "postgresql" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return bytes(value).decode() if value is not None and dialect.name == "postgresql" else value


metadata = MetaData()

submissions = Table(
    "submissions",
    metadata,
    Column("number", Number, primary_key=True),  # order of arrival
    Column("id", Text, nullable=False),  # public, unguessable
    Column("user", Text, nullable=False),  # users.id
    Column("exercise", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("source", Source, nullable=False),
    Column("submitted_at", Real, nullable=False),
    UniqueConstraint("id", name="submissions_id"),
    UniqueConstraint("user", "exercise", "idempotency_key", name="submissions_once"),
    Index("submissions_history", "user", "exercise", "number"),
    Index("submissions_rate", "user", "submitted_at"),
    Index("submissions_learner", "user", "number"),
    Index("submissions_exercise", "exercise", "number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Number, ForeignKey("submissions.number"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("fence", Number, nullable=False, server_default=text("0")),  # grows when the job changes hands
    Column("failures", Integer, nullable=False, server_default=text("0")),  # of the grader, never of the code
    Column("last_failure", Text, nullable=False, server_default=text("''")),
    Column("available_at", Real, nullable=False),
    Column("worker", Text),
    Column("lease_until", Real),
    Column("progress_done", Integer, nullable=False, server_default=text("0")),
    Column("progress_total", Integer, nullable=False, server_default=text("0")),
    Column("progress_now", Text, nullable=False, server_default=text("''")),
    # The submission's, once more: the queue is then ordered and limited by indexes on open jobs alone.
    Column("user", Text, nullable=False, server_default=text("''")),
    Column("exercise", Text, nullable=False, server_default=text("''")),
    Column("turn", Number, nullable=False, server_default=text("0")),
    Column(
        "losses", Integer, nullable=False, server_default=text("0")
    ),  # workers that never came back from it
    # Graded again though there is a result: 1 anew, 2 with the numbers that the result was drawn with; else 0.
    Column("regrade", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("state IN ('queued', 'running', 'done')", name="jobs_state"),
    CheckConstraint(
        "(state = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL)", name="jobs_holder"
    ),
    Index("jobs_turns", "user", "turn"),
    sqlite_strict=True,
)

# An index on some rows is used only where a query repeats its condition as it stands, not as a parameter.
_QUEUED: ColumnElement[str] = literal_column("'queued'")
_RUNNING: ColumnElement[str] = literal_column("'running'")
_DONE: ColumnElement[str] = literal_column("'done'")


def is_queued(these_jobs: FromClause) -> ColumnElement[bool]:
    """That a job waits; `these_jobs` is `jobs` or an alias of it."""
    return these_jobs.c.state == _QUEUED


QUEUED = is_queued(jobs)
RUNNING = jobs.c.state == _RUNNING
OPEN = jobs.c.state != _DONE

LAST_TURNS = 2**40  # and above: of submissions that are graded again, behind all others
_LAST_TURNS: ColumnElement[int] = literal_column(str(LAST_TURNS), Number)
IN_LINE = jobs.c.turn < _LAST_TURNS
FRESH = jobs.c.regrade == literal_column("0")

for _name, _columns, _where in (
    ("jobs_line", (jobs.c.turn, jobs.c.number), QUEUED),
    ("jobs_leases", (jobs.c.lease_until,), RUNNING),
    ("jobs_learner", (jobs.c.user, jobs.c.exercise), OPEN),
):
    Index(_name, *_columns, sqlite_where=_where, postgresql_where=_where)

# One row: the turn of the job claimed last (store/queue.py says what turns are).
line = Table(
    "line",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("turn", Number, nullable=False),
    sqlite_strict=True,
)

results = Table(
    "results",
    metadata,
    # So one result per submission, always.
    Column("number", Number, ForeignKey("submissions.number"), primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("score", Real, nullable=False),
    Column("max_score", Real, nullable=False),
    Column("result", Text, nullable=False),  # the grader's whole answer, JSON
    Column("finished_at", Real, nullable=False),
    Column("late_factor", Real, nullable=False, server_default=text("1")),  # the share that lateness leaves
    Column("counted_score", Real, nullable=False, server_default=text("0")),  # the score after lateness
    Column("version", Text, nullable=False, server_default=text("''")),  # of the exercise
    Column("regraded_at", Real),  # set when this result has replaced another
    sqlite_strict=True,
)

# Worker processes alive now, with the isolation each one measured for itself when it started.
workers = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("server", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Real, nullable=False),
    Column("seen_at", Real, nullable=False),
    Column("isolation", Text, nullable=False),
    sqlite_strict=True,
)

# Small facts about this store, such as the secret that page forms carry.
facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("role", Text, nullable=False),
    Column("created_at", Real, nullable=False),
    Column("disabled_at", Real),
    Column("section", Text, nullable=False, server_default=text("''")),  # the group within the course
    Column("language", Text),  # the one chosen on the site
    Index("users_email", "email", unique=True),
    Index("users_roster", "role", "name", "id"),
    CheckConstraint("role IN ('learner', 'assistant', 'instructor', 'admin')", name="users_role"),
    sqlite_strict=True,
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("sha256", Text, nullable=False),  # of the secret, which is not kept
    Column("label", Text, nullable=False),
    Column("created_at", Real, nullable=False),
    Column("last_used_at", Real),
    Column("expires_at", Real),
    Column("revoked_at", Real),
    UniqueConstraint("sha256", name="tokens_sha256"),
    Index("tokens_user", "user"),
    sqlite_strict=True,
)

# How those who log in here (not by a hub or a learning platform) prove who they are.
passwords = Table(
    "passwords",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("hash", Text, nullable=False),  # argon2id, with its salt and costs
    Column("changed_at", Real, nullable=False),
    sqlite_strict=True,
)

# Browsers that are logged in.
sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),  # of the cookie, which is not kept
    Column("id", Text, nullable=False),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("browser", Text, nullable=False),
    Column("created_at", Real, nullable=False),
    Column("seen_at", Real, nullable=False),
    UniqueConstraint("id", name="sessions_id"),
    Index("sessions_user", "user"),
    Index("sessions_seen", "seen_at"),
    sqlite_strict=True,
)

# Links that staff hands out: to join the course, or (with a user) to set a new password.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),  # of the secret in the link, which is not kept
    Column("user", Text, ForeignKey("users.id")),
    Column("role", Text, nullable=False),
    Column("email", Text),
    Column("section", Text, nullable=False, server_default=text("''")),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False, server_default=text("0")),
    Column("created_by", Text, nullable=False),
    Column("created_at", Real, nullable=False),
    Column("expires_at", Real, nullable=False),
    Column("revoked_at", Real),
    UniqueConstraint("sha256", name="invitations_sha256"),
    CheckConstraint("role IN ('learner', 'assistant', 'instructor', 'admin')", name="invitations_role"),
    CheckConstraint("uses <= max_uses", name="invitations_uses"),
    Index("invitations_made", "created_at"),
    sqlite_strict=True,
)

# Failed log-ins of late, by account and by address.
attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Real, nullable=False),
    Index("attempts_since", "since"),
    sqlite_strict=True,
)

# Who somebody is at a hub or a learning platform.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("created_at", Real, nullable=False),
    Index("identities_user", "user"),
    sqlite_strict=True,
)

# What people did that others may have to answer for. Rows are only ever added.
audit = Table(
    "audit",
    metadata,
    Column("number", Number, primary_key=True),
    Column("at", Real, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Index("audit_who", "who", "number"),
    Index("audit_what", "what", "number"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
