"""How much a submission may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

MIB = 1 << 20

CEILINGS = {
    "cpu_seconds": 60,
    "wall_seconds": 120,
    "memory_mb": 4096,
    "reply_mb": 256,
    "output_kb": 16384,
    "threads": 16,
}


@dataclass(frozen=True)
class Limits:
    """Limits of one submission over all its checks.

    cpu_seconds: computing time. wall_seconds: time passing while the learner's code runs.
    memory_mb: memory beyond what Python, NumPy and Glasstorch already take. output_kb: printed text,
    after which the box is stopped; keep_kb of it is kept. reply_mb: size of one returned value. threads: how many
    may be started besides the first. There are no further processes, and no files to write.
    """

    cpu_seconds: float = 10
    wall_seconds: float = 20
    memory_mb: int = 512
    output_kb: int = 1024
    keep_kb: int = 64
    reply_mb: int = 32
    threads: int = 0

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> Limits:
        """From an exercise's [limits]; ValueError names the entry that is wrong."""
        known = {entry.name for entry in fields(cls)}
        for name, value in table.items():
            if name not in known:
                raise ValueError(f"limits has no entry {name!r}; it has {', '.join(sorted(known))}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
                raise ValueError(f"limits.{name} must be a positive number, not {value!r}")
            if name == "threads" and not isinstance(value, int):
                raise ValueError(f"limits.threads must be a whole number, not {value!r}")
            if value > CEILINGS.get(name, value):
                raise ValueError(f"limits.{name} is {value}; the most is {CEILINGS[name]}")
        return cls(**table)

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


SOURCE_BYTES = 256 * 1024
