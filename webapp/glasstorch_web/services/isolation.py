"""Whether the isolation that was measured is enough for those who are let in."""

from __future__ import annotations

from ..settings import Settings

REFUSED = 3  # the exit status of a worker that may not grade here; starting it again would not help


def refusal(settings: Settings, level: str) -> str:
    """Why nobody's code may be graded at this level, and what to do; empty when it may."""
    if not settings.multi_user or level >= settings.minimum_level or settings.accept_weak_isolation:
        return ""
    return (
        f"Boxes on this machine reach isolation level {level}, and a service with accounts needs at least "
        f"{settings.minimum_level}: one learner's code could reach another's. `glasstorch serve` on a Linux "
        "machine with user namespaces or Landlock reaches it. GLASSTORCH_ACCEPT_WEAK_ISOLATION=true starts all "
        "the same, on your responsibility."
    )
