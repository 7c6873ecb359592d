"""Sums and means of consecutive rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..backends import resampling
from ..backends.resampling import AxisMap
from ..core.op import op


def _bag(name: str, mean: bool) -> Any:
    def rows_of(first: Any, size: Any, rows: int) -> AxisMap:
        start, length = (backends.move(v, "cpu", None) for v in (first, size))
        weight = 1 / np.repeat(length, length) if mean else None
        return AxisMap.windows(start, length, weight, rows)

    def forward(xp, input: Array, first, size):
        return resampling.resample(xp, input, (rows_of(first, size, len(input)), None))

    def d_input(F, g, input_shape, first, size):
        r"\bar y \text{ of its bag, for every row}"
        return F.resample(g, (rows_of(first, size, input_shape[0]).transposed, None))

    body = {"__doc__": f"The {'mean' if mean else 'sum'} of each bag: ``size`` rows from ``first`` on.",
            "formula": r"\frac{1}{n} \sum_{i \in \text{bag}} x_i" if mean else r"\sum_{i \in \text{bag}} x_i",
            "forward": forward, "d_input": d_input}  # fmt: skip
    return op(method=False, function=False, name="EmbeddingBagBackward0")(type(name, (), body))


embedding_bag_sum, embedding_bag_mean = _bag("embedding_bag_sum", False), _bag("embedding_bag_mean", True)


@op(method=False, function=False, name="EmbeddingBagBackward0")
class shared_gradient:
    """The rows themselves; each row's gradient is then multiplied by its ``share``."""

    formula = "x"

    def forward(xp, input: Array, share):
        return input

    def d_input(F, g, share):
        r"s \odot \bar y"
        return g * F.constant(share[:, None], g)
