"""Resampling: interpolation and adaptive averages. Linear in the input, and its own derivative.

Which input elements make up an output element is in an ``AxisMap`` for each dimension; see
``backends/resampling.py``.
"""

from __future__ import annotations

from typing import Any

from ..backends import resampling
from ..core.op import op


def _resampler(name: str, node: str, remembers: bool = False) -> Any:
    """An op that resamples; the name says for what. ``remembers``: PyTorch keeps its input for the backward."""

    def forward(xp, input: Array, maps):
        return resampling.resample(xp, input, maps)

    def d_input(F, g, maps):
        r"\sum_i w_{i j} \bar y_i"
        return F.resample(g, resampling.transposed(maps))

    def d_remembered(F, g, input, maps):
        r"\sum_i w_{i j} \bar y_i"
        return F.depends(d_input(F, g, maps), input)

    body = {"__doc__": "Weighted sums of input elements, dimension by dimension.", "forward": forward,
            "formula": r"\sum_j w_{i j} x_j", "d_input": d_remembered if remembers else d_input}  # fmt: skip
    return op(method=False, function=False, name=node)(type(name, (), body))


resample = _resampler("resample", "UpsampleBackwardBackward0")

#: The interpolations by mode and number of spatial dimensions, under PyTorch's names in the graph.
INTERPOLATIONS = {
    (mode, n): _resampler(f"upsample_{mode.replace('-', '_')}{n}d", f"Upsample{title}{n}DBackward0")
    for mode, title, dims in (
        ("nearest", "Nearest", (1, 2, 3)),
        ("nearest-exact", "NearestExact", (1, 2, 3)),
        ("linear", "Linear", (1,)),
        ("bilinear", "Bilinear", (2,)),
        ("bicubic", "Bicubic", (2,)),
        ("trilinear", "Trilinear", (3,)),
    )
    for n in dims
}
#: The same with a filter as wide as an output pixel.
ANTIALIASED = {
    mode: _resampler(f"upsample_{mode}2d_aa", f"Upsample{mode.title()}2DAaBackward0")
    for mode in ("bilinear", "bicubic", "lanczos")
}
#: Means of windows that cover the input evenly.
ADAPTIVE_MEANS = {
    n: _resampler(f"adaptive_avg_pool{n}d", f"AdaptiveAvgPool{n}DBackward0", remembers=True)
    for n in (1, 2, 3)
}
#: Borders made of the input's own elements, by mode and number of padded dimensions.
BORDERS = {
    (mode, n): _resampler(f"{title.lower()}_pad{n}d", f"{title}Pad{n}DBackward0", remembers=True)
    for mode, title in (("reflect", "Reflection"), ("replicate", "Replication"))
    for n in (1, 2, 3)
}
