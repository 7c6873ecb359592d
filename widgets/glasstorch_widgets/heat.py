"""Numbers as colours, the same in every view and in the engine's own preview of a tensor.

Blue below zero, orange above (both from the Okabe-Ito palette), the paler the nearer to zero; NaN is purple. The
colours bring their own background, so that they look alike on light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from .palette import BAD, NEGATIVE, POSITIVE

ZERO = "#F4F4F2"


def scale_of(values: Iterable[float]) -> float:
    """The size that has the full colour: that of the largest finite value, 1 where all are zero."""
    return max((abs(v) for v in values if math.isfinite(v)), default=0.0) or 1.0


def colour(value: float, scale: float) -> str:
    """The colour of a number; infinite ones have the full colour of their sign."""
    if math.isnan(value):
        return BAD
    share = 1.0 if math.isinf(value) else min(abs(value) / scale, 1.0)
    return mix(ZERO, NEGATIVE if value < 0 else POSITIVE, share)


def mix(start: str, end: str, share: float) -> str:
    """The colour that lies `share` (0 to 1) of the way from one to the other."""
    pairs = zip(_channels(start), _channels(end))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def ink(background: str) -> str:
    """Black or white, whichever has more contrast on it (relative luminance as WCAG 2 defines it)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(background))
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#FFFFFF"


def _channels(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
