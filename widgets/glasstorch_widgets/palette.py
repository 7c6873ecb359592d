"""The Okabe-Ito colours, which people with any kind of colour vision can tell apart.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008. The style sheets use the same values.
"""

from __future__ import annotations

import math

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"

GREY = "#6e7781"

KIND = {"leaf": ORANGE, "constant": SKY, "op": GREEN, "group": GREY}
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
POSITIVE, NEGATIVE, BAD = VERMILLION, BLUE, PURPLE


def number(value: float) -> str:
    """A number in at most four significant digits, as the views write it."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    size = abs(value)
    if size >= 1e5 or size < 1e-4:
        return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.4g}"
