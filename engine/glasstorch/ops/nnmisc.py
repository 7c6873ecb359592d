"""Normalization, embedding and padding."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..backends import determinism
from ..core.forms import public
from ..core.op import op
from ..core.tensor import Tensor


def _stats(xp: Any, x: Any, dims: tuple, eps: float) -> tuple[Any, Any, Any]:
    """``x`` minus its mean over ``dims``, and the mean and the variance (both keeping the dimensions)."""
    n = x.dtype.type(max(1, math.prod(x.shape[d] for d in dims)))
    mean = xp.sum(x, axis=dims, keepdims=True) / n
    centred = x - mean
    var = xp.sum(centred * centred, axis=dims, keepdims=True) / n
    return centred, mean, var


def _standardised(F: Any, x: Any, mean: Any, rstd: Any, dims: tuple, eps: float) -> tuple[Any, Any]:
    """The standardised input and ``1 / sigma``. On tensors both are computed anew, since they depend on ``x``."""
    if isinstance(x, Tensor):
        centred = x - F.mean(x, dims, True)
        rstd = F.rsqrt(F.mean(centred * centred, dims, True) + eps)
        return centred * rstd, rstd
    return (x - mean) * rstd, rstd


def _through_statistics(F: Any, g: Any, z: Any, rstd: Any, dims: tuple) -> Any:
    """The gradient of standardising: without the parts along a constant and along ``z`` itself."""
    return (g - F.mean(g, dims, True) - z * F.mean(g * z, dims, True)) * rstd


def _channel(a: Any, ndim: int) -> Any:
    """A vector with one entry for each channel, shaped to broadcast over (N, C, *)."""
    return a.reshape((1, -1, *(1,) * (ndim - 2)))


@op(wide=True, method=False, function=False, name="NativeBatchNormBackward0")
class batch_norm_op:
    """Standardise every channel over the batch, then scale and shift it. Also gives the mean and variance."""

    formula = r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot w + b"
    keeps = ("mean", "rstd")
    nondifferentiable = (1, 2)
    several = True

    def forward(xp, input: Array, weight: Array | None, bias: Array | None, eps):
        dims = (0, *range(2, input.ndim))
        z, mean, var = _stats(xp, input, dims, eps)
        rstd = 1 / xp.sqrt(var + input.dtype.type(eps))
        z *= rstd if weight is None else rstd * _channel(weight, input.ndim)
        if bias is not None:
            z += _channel(bias, input.ndim)
        return (z, mean.reshape(-1), var.reshape(-1)), (mean, rstd)

    def d_input(F, g, input, weight, mean, rstd, eps):
        r"\frac{w}{\sigma} (\bar y - \mathrm{mean}(\bar y) - z\,\mathrm{mean}(\bar y \odot z))"
        g = g[0]
        dims = (0, *range(2, len(input.shape)))
        z, rstd = _standardised(F, input, mean, rstd, dims, eps)
        return _through_statistics(
            F, g if weight is None else g * _channel(weight, len(g.shape)), z, rstd, dims
        )

    def d_weight(F, g, input, mean, rstd, eps):
        r"\sum \bar y \odot z"
        dims = (0, *range(2, len(input.shape)))
        return F.sum(g[0] * _standardised(F, input, mean, rstd, dims, eps)[0], dims, False)

    def d_bias(F, g):
        r"\sum \bar y"
        return F.sum(g[0], (0, *range(2, len(g[0].shape))), False)


@op(wide=True, method=False, function=False, name="NativeBatchNormBackward0")
class batch_norm_fixed:
    """Batch normalization with a mean and a variance from elsewhere (the running ones): one scale and one shift."""

    label = "batch_norm"
    formula = r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot w + b"

    def forward(xp, input: Array, weight: Array | None, bias: Array | None, mean, var, eps):
        rstd = _rstd(xp, var, eps)
        scale = rstd if weight is None else rstd * weight
        out = input * _channel(scale, input.ndim)
        shift = -mean * scale if bias is None else bias - mean * scale
        out += _channel(shift, input.ndim)
        return out

    def d_input(F, g, input, weight, var, eps):
        r"\frac{w}{\sigma} \bar y"
        scale = F.constant(_rstd(backends.namespace(var), var, eps), g)
        return F.depends(g * _channel(scale if weight is None else weight * scale, len(g.shape)), input)

    def d_weight(F, g, input, mean, var, eps):
        r"\sum \bar y \odot \frac{x - \mu}{\sigma}"
        ndim, rstd = len(input.shape), _rstd(backends.namespace(var), var, eps)
        z = (input - F.constant(_channel(mean, ndim), g)) * F.constant(_channel(rstd, ndim), g)
        return F.sum(g * z, (0, *range(2, ndim)), False)

    def d_bias(F, g):
        r"\sum \bar y"
        return F.sum(g, (0, *range(2, len(g.shape))), False)


def _rstd(xp: Any, var: Any, eps: float) -> Any:
    return 1 / xp.sqrt(var + var.dtype.type(eps))


@op(method=False, function=False, name="NativeGroupNormBackward0")
class group_norm_op:
    """Standardise each group of channels of each sample, then scale and shift every channel."""

    formula = r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot w + b"
    keeps = ("mean", "rstd")

    def forward(xp, input: Array, weight: Array | None, bias: Array | None, groups, eps):
        z, mean, var = _stats(xp, _grouped(input, groups), (2,), eps)
        rstd = 1 / xp.sqrt(var + input.dtype.type(eps))
        z *= rstd
        z = z.reshape(input.shape)
        if weight is not None:
            z *= _channel(weight, input.ndim)
        if bias is not None:
            z += _channel(bias, input.ndim)
        return z, (mean, rstd)

    def d_input(F, g, input, weight, mean, rstd, groups, eps):
        r"\frac{1}{\sigma} (v - \mathrm{mean}(v) - z\,\mathrm{mean}(v \odot z)), \; v = \bar y \odot w"
        z, rstd = _standardised(F, _grouped(input, groups), mean, rstd, (2,), eps)
        v = g if weight is None else g * _channel(weight, len(g.shape))
        return _through_statistics(F, _grouped(v, groups), z, rstd, (2,)).reshape(tuple(input.shape))

    def d_weight(F, g, input, mean, rstd, groups, eps):
        r"\sum \bar y \odot z"
        z = _standardised(F, _grouped(input, groups), mean, rstd, (2,), eps)[0].reshape(tuple(input.shape))
        return F.sum(g * z, (0, *range(2, len(g.shape))), False)

    def d_bias(F, g):
        r"\sum \bar y"
        return F.sum(g, (0, *range(2, len(g.shape))), False)


def _grouped(x: Any, groups: int) -> Any:
    """(N, C, *) as (N, groups, all the rest)."""
    n, *rest = x.shape
    return x.reshape((n, groups, math.prod(rest) // groups))


@op(wide=True, method=False, function=False, name="NativeLayerNormBackward0")
class layer_norm_op:
    """Standardise over the last dimensions, then scale and shift element by element."""

    formula = r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot w + b"
    keeps = ("mean", "rstd")

    def forward(xp, input: Array, weight: Array | None, bias: Array | None, dims, eps):
        z, mean, var = _stats(xp, xp.ascontiguousarray(input), dims, eps)  # row by row, as PyTorch's
        rstd = 1 / xp.sqrt(var + input.dtype.type(eps))
        z *= rstd
        if weight is not None:
            z *= weight
        if bias is not None:
            z += bias
        return z, (mean, rstd)

    def d_input(F, g, input, weight, mean, rstd, dims, eps):
        r"\frac{1}{\sigma} (v - \mathrm{mean}(v) - z\,\mathrm{mean}(v \odot z)), \; v = \bar y \odot w"
        z, rstd = _standardised(F, input, mean, rstd, dims, eps)
        return _through_statistics(F, g if weight is None else g * weight, z, rstd, dims)

    def d_weight(F, g, input, weight_shape, mean, rstd, dims, eps):
        r"\sum \bar y \odot z"
        return F.sum_to_size(g * _standardised(F, input, mean, rstd, dims, eps)[0], weight_shape)

    def d_bias(F, g, bias_shape):
        r"\sum \bar y"
        return F.sum_to_size(g, bias_shape)


@op(method=False, function=False, name="EmbeddingBackward0")
class embedding_op:
    """The rows of ``weight`` named by ``indices``. The row ``padding_idx`` gets no gradient."""

    formula = r"W_{i}"

    def forward(xp, weight: Array, indices: Array, padding_idx, by_frequency):
        if not backends.readable(indices):  # a row that is not there is nan
            there = (indices >= 0) & (indices < weight.shape[0])
            rows = xp.take(weight, xp.where(there, indices, 0), axis=0)
            return xp.where(there[..., None], rows, xp.nan).astype(weight.dtype, copy=False)
        if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < weight.shape[0]:
            raise IndexError("index out of range in self")
        return xp.take(weight, indices, axis=0)

    def d_weight(F, g, weight_shape, indices, padding_idx, by_frequency):
        r"\sum \bar y \text{ at row } i"
        i = getattr(indices, "_a", indices)
        xp = backends.namespace(i)
        if by_frequency:
            counts = xp.bincount(i.reshape(-1), minlength=weight_shape[0])
            share = (1 / counts[i]).astype(getattr(g.dtype, "np", g.dtype))
            g = g * F.constant(share[..., None], g)
        if padding_idx >= 0:
            g = g * F.constant((i != padding_idx)[..., None], g)
        return F.embedding_gradient(g, i, weight_shape[0])


@op(method=False, function=False, name="EmbeddingDenseBackward0")
class embedding_gradient:
    """Rows added up by index: the transpose of ``embedding``."""

    formula = r"\sum_{i} x_i \text{ at row } i"

    def forward(xp, input: Array, indices, rows):
        flat, values = indices.reshape(-1), input.reshape(-1, input.shape[-1])
        out = xp.zeros((rows, input.shape[-1]), input.dtype)
        if xp.__name__ != "numpy":
            determinism.add_at(xp, out, flat, values)
        elif flat.size:  # sort and add up runs: quicker than add.at
            order = xp.argsort(flat, kind="stable")
            found, start = xp.unique(flat[order], return_index=True)
            out[found] = xp.add.reduceat(values[order], start, axis=0)
        return out

    def d_input(F, g, indices):
        r"\bar W_{i}"
        return F.embedding(g, indices if not isinstance(g, Tensor) else F.constant(indices, g), -1, False)


@op(name="ConstantPadNdBackward0", method=False, function=False)
class constant_pad:
    """A border of one value. ``pads``: (before, after) for each dimension; negative cuts off."""

    formula = r"\mathrm{pad}(x)"

    def forward(xp, input: Array, pads, value):
        inner = tuple(slice(max(0, -a), n - max(0, -b)) for (a, b), n in zip(pads, input.shape, strict=True))
        x = input[inner]
        shape = tuple(n + max(0, a) + max(0, b) for (a, b), n in zip(pads, x.shape, strict=True))
        out = xp.full(shape, value, input.dtype)
        out[tuple(slice(max(0, a), max(0, a) + n) for (a, b), n in zip(pads, x.shape, strict=True))] = x
        return out

    def d_input(F, g, pads):
        r"\bar y \text{ without the border}"
        return F.constant_pad(g, tuple((-a, -b) for a, b in pads), 0)


@op(name="ZerosBackward0", method=False, function=False)
class depends:
    """``input``, counted as a function of ``other`` with derivative 0.

    For formulas that are constant in a tensor almost everywhere, such as a mask of it: PyTorch's gradients of gradients
    are then zero, and not an error.
    """

    formula = "x"

    def forward(xp, input: Array, other: Array):
        return input

    def d_input(F, g):
        r"\bar y"
        return g

    def d_other(F, g, other_shape):
        "0"
        return F.zeros_of(other_shape, g)


@public
def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """constant_pad_nd(input, pad, value=0) -> Tensor

    A border of ``value``; ``pad`` is (before, after) of the last dimension, then of the one before it, …. Negative
    lengths cut off. ``nn.functional.pad`` has other borders too.
    """
    pads, ndim = [int(p) for p in pad], input._a.ndim
    if len(pads) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(pads)}")
    if len(pads) > 2 * ndim:
        raise RuntimeError(
            "Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(pads)}while the input has {ndim}dimensions."
        )
    pairs = [(0, 0)] * (ndim - len(pads) // 2) + [
        (pads[k], pads[k + 1]) for k in range(len(pads) - 2, -1, -2)
    ]
    for n, (a, b) in zip(input._a.shape, pairs, strict=True):
        if n + min(a, 0) + min(b, 0) < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    return constant_pad(input, tuple(pairs), value)
