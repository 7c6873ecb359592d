"""Submissions, jobs, results and people in SQLite or PostgreSQL: an accepted submission is never lost."""

from .admission import IdempotencyError, NotTakenError, QueueFullError, TooManyError
from .audit import Audit, AuditEntry
from .database import Database
from .errors import StoreError, UnavailableError
from .people import People, PeopleError, Token, User
from .platform import Platform
from .queue import Claim, JobQueue, OnSubmit
from .submissions import Submission, Submissions
from .watch import Watch
from .workers import WorkerRecord, WorkerRegistry

__all__ = [
    "Audit",
    "AuditEntry",
    "Claim",
    "Database",
    "IdempotencyError",
    "JobQueue",
    "NotTakenError",
    "OnSubmit",
    "People",
    "PeopleError",
    "Platform",
    "QueueFullError",
    "StoreError",
    "Submission",
    "Submissions",
    "Token",
    "TooManyError",
    "UnavailableError",
    "User",
    "Watch",
    "WorkerRecord",
    "WorkerRegistry",
]
