"""Local response normalization across channels, in the form PyTorch keeps from its Lua days."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core.op import op


def _neighbours(channels: int, size: int) -> np.ndarray:
    """Which squares (columns) count in which channel's scale (rows).

    A window around the channel; and PyTorch, which slides it, forgets to take the very first square out again.
    """
    reach = int((size - 1) / 2 + 1)
    row, column = np.ogrid[:channels, :channels]
    near = abs(column - row) < reach
    near[:, 0] = True
    return near


def _spread(channels: int, size: int) -> np.ndarray:
    """Which channels' ratios (columns) reach which channel's gradient (rows), as PyTorch's backward has it."""
    shift = int(size - (size - 1) / 2)
    if shift > size - 1:
        raise RuntimeError(
            f"start ({shift}) + length ({channels}) exceeds dimension size ({channels + size - 1})."
        )
    row, column = np.ogrid[:channels, :channels]
    return (column >= row - shift) & (column < row - shift + size)


def _mixed(F: Any, x: Any, table: np.ndarray) -> Any:
    """A 0-1 matrix times the channels of (N, C, H, W)."""
    n, c, h, w = x.shape
    a = getattr(x, "_a", x)
    matrix = F.constant(backends.namespace(a).asarray(table.astype(a.dtype)), x)
    return F.batched_matmul(matrix, x.reshape((n, c, h * w))).reshape((n, c, h, w))


@op(method=False, function=False, name="CrossMapLRN2dBackward")
class cross_map_lrn:
    """Divided by a power of a weighted sum of squares over nearby channels."""

    formula = r"x_c \left(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2\right)^{-\beta}"
    keeps = ("scale",)

    def forward(xp, input: Array, size, alpha, beta, k):
        n, c, h, w = input.shape
        near = xp.asarray(_neighbours(c, size).astype(input.dtype))
        total = xp.matmul(near, (input * input).reshape(n, c, h * w)).reshape(input.shape)
        scale = total * input.dtype.type(alpha / size) + input.dtype.type(k)
        return (input * scale ** input.dtype.type(-beta)).astype(input.dtype, copy=False), (scale,)

    def d_input(F, g, input, size, alpha, beta, scale):
        r"\bar y s^{-\beta} - \frac{2 \alpha \beta}{n} x \sum \frac{\bar y y}{s}"
        power = F.pow(scale, -beta)
        ratio = g * input * power / scale
        return g * power - input * _mixed(F, ratio, _spread(input.shape[1], size)) * (2 * alpha * beta / size)
