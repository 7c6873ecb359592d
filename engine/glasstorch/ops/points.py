"""Reading and adding at points of images: pooling that remembers places, its inverse, and sampling.

Points are numbered along the flattened spatial dimensions, as PyTorch's pooling indices are.
"""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..backends import resampling
from ..core.op import op


def _raw(x: Any) -> Any:
    return getattr(x, "_a", x)


@op(method=False, function=False, name="GatherBackward0")
class take_points:
    """The elements (*lead, *points) of ``input`` (*lead, *spatial) at ``index``, which may broadcast over ``lead``."""

    formula = r"x_{i}"

    def forward(xp, input: Array, index, spatial):
        lead = input.shape[: input.ndim - spatial]
        points = index.shape[len(lead) :]
        flat = input.reshape(*lead, math.prod(input.shape[len(lead) :]))
        at = index.reshape(*index.shape[: len(lead)], math.prod(points))
        return xp.take_along_axis(flat, at, axis=-1).reshape(*lead, *points)

    def d_input(F, g, input_shape, index, spatial):
        r"\sum \bar y \text{ at } i"
        return F.add_points(g, index, tuple(input_shape[len(input_shape) - spatial :]))


@op(method=False, function=False, name="ScatterAddBackward0")
class add_points:
    """Zeros (*lead, *size) with ``input`` (*lead, *points) added at ``index``: the transpose of ``take_points``."""

    formula = r"\mathrm{add}_{i}(x)"

    def forward(xp, input: Array, index, size):
        lead = input.shape[: input.ndim - len(size)]
        rows, cells = math.prod(lead), math.prod(size)
        start = (xp.arange(rows) * cells).reshape(*lead, *(1,) * len(size))
        where = xp.broadcast_to(index + start, input.shape).reshape(-1)
        out = backends.kernels(input).add_flat(input.reshape(-1), where, rows * cells)
        return out.reshape(*lead, *size)

    def d_input(F, g, index, size):
        r"\bar y_{i}"
        return F.take_points(g, index, len(size))


def _window_max(name: str, node: str) -> Any:
    """An op that gives the largest element of each window and its place. ``windows``: see ``resampling.window_max``."""

    def forward(xp, input: Array, windows):
        top, index = resampling.window_max(xp, input, windows)
        return (top, index), (index,)

    def d_input(F, g, input, index, windows):
        r"\bar y \text{ at the first largest element of each window}"
        size = tuple(input.shape[len(input.shape) - len(windows) :])
        return F.depends(F.add_points(g[0], _raw(index), size), input)

    body = {"__doc__": "The first largest element of each window, and where it is.", "several": True,
            "keeps": ("index",), "nondifferentiable": (1,),
            "formula": r"\max_{i \in \text{window}} x_i", "forward": forward,
            "d_input": d_input}  # fmt: skip
    return op(method=False, function=False, name=node)(type(name, (), body))


ADAPTIVE_MAXIMA = {
    n: _window_max(f"adaptive_max_pool{n}d", f"AdaptiveMaxPool{n}DBackward0") for n in (1, 2, 3)
}
FRACTIONAL_MAXIMA = {
    n: _window_max(f"fractional_max_pool{n}d", f"FractionalMaxPool{n}DBackward0") for n in (2, 3)
}


def _unpool(name: str, node: str) -> Any:
    """An op that writes values at the places they once came from."""

    def forward(xp, input: Array, index, size):
        lead = input.shape[: input.ndim - len(size)]
        out = xp.zeros((*lead, math.prod(size)), input.dtype)
        flat = (*lead, math.prod(input.shape[len(lead) :]))
        xp.put_along_axis(out, index.reshape(flat), input.reshape(flat), axis=-1)
        return out.reshape(*lead, *size)

    def d_input(F, g, index, size):
        r"\bar y_{i}"
        return F.take_points(g, index, len(size))

    body = {"__doc__": "Zeros with values put at places.", "formula": r"\mathrm{put}_{i}(x)", "forward": forward,
            "d_input": d_input}  # fmt: skip
    return op(method=False, function=False, name=node)(type(name, (), body))


MAX_UNPOOLS = {n: _unpool(f"max_unpool{n}d", f"MaxUnpool{n}DBackward0") for n in (2, 3)}
