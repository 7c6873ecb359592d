"""Files written in memory, and the element types they are tested with."""

from __future__ import annotations

import io
from typing import Any

DTYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
    "uint16",
    "uint32",
    "uint64",
]


def saved(E: Any, obj: Any, **options: Any) -> bytes:
    """What ``E.save`` writes."""
    f = io.BytesIO()
    E.save(obj, f, **options)
    return f.getvalue()
