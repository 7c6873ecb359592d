"""Sliding blocks of images as columns of a matrix, and back. Each is the transpose of the other."""

from __future__ import annotations

from ..backends import convolution
from ..core.op import op


@op(name="Im2ColBackward0", method=False, function=False)
class im2col:
    """The blocks of (N, C, H, W) as columns: (N, C * taps, blocks)."""

    formula = r"\mathrm{im2col}(x)"

    def forward(xp, input: Array, kernel, geometry):
        return convolution.unfold(xp, input, kernel, geometry)

    def d_input(F, g, input_shape, kernel, geometry):
        r"\mathrm{col2im}(\bar y)"
        return F.col2im(g, tuple(input_shape[2:]), kernel, geometry)


@op(name="Col2ImBackward0", method=False, function=False)
class col2im:
    """Columns added up where their blocks lie on an image of spatial size ``size``."""

    formula = r"\mathrm{col2im}(x)"

    def forward(xp, input: Array, size, kernel, geometry):
        return convolution.fold(xp, input, size, kernel, geometry)

    def d_input(F, g, kernel, geometry):
        r"\mathrm{im2col}(\bar y)"
        return F.im2col(g, kernel, geometry)
