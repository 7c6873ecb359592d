"""How the service is: can it store, can it grade, and behind what protection."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..settings import Settings
from ..store import StoreError, WorkerRegistry
from ..store.figures import Figures, Line
from .pool import WorkerPool


@dataclass(frozen=True)
class Condition:
    """`reasons`: why submissions are not graded now, in words; empty when they are."""

    reasons: list[str] = field(default_factory=list)
    isolation: dict[str, Any] | None = None
    workers: dict[str, int] = field(default_factory=dict)  # alive, by isolation level
    line: Line | None = None
    schema_version: str | None = None
    weak: bool = False  # below the level that a service with accounts needs


def condition(settings: Settings, pool: WorkerPool, registry: WorkerRegistry, figures: Figures) -> Condition:
    """The condition now. A store that does not answer is a reason, no error."""
    try:
        alive = registry.alive()
        isolation = pool.isolation()
        line = figures.line()
        schema_version = figures.schema_version()
    except StoreError:
        return Condition(["The store does not answer. Nothing can be handed in until it does."])
    reasons = [] if alive else ["No worker can grade yet. Submissions are taken and wait."]
    weak = isolation is not None and str(isolation["level"]) < settings.minimum_level
    if weak and settings.multi_user and not settings.accept_weak_isolation:
        reasons.append("The workers are not shut off as well as a service with accounts needs.")
    levels = Counter(str(worker.isolation["level"]) for worker in alive)
    return Condition(reasons, isolation, dict(sorted(levels.items())), line, schema_version, weak)
