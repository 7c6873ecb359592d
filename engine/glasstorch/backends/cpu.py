"""What the processor can do."""

from __future__ import annotations

import numpy as np


def get_cpu_capability() -> str:
    """The widest vector instructions that NumPy uses: ``AVX512``, ``AVX2`` or ``DEFAULT``."""
    found = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    for name, feature in (("AVX512", "AVX512F"), ("AVX2", "AVX2")):
        if found.get(feature):
            return name
    return "DEFAULT"
