"""Submissions, jobs and results in one SQLite file: an accepted submission is never lost."""

from .database import Database, StoreError, Watch
from .queue import Claim, IdempotencyError, JobQueue, QueueFullError
from .submissions import Submission, Submissions
from .workers import WorkerRecord, WorkerRegistry

__all__ = [
    "Claim",
    "Database",
    "IdempotencyError",
    "JobQueue",
    "QueueFullError",
    "StoreError",
    "Submission",
    "Submissions",
    "Watch",
    "WorkerRecord",
    "WorkerRegistry",
]
