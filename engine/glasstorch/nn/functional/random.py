"""Functions that are random in training: the dropout family."""

from __future__ import annotations

import math

from ...core import dtype as dt
from ...core.frames import warn
from ...core.lanes import blank_like
from ...core.mode import THREAD
from ...core.tensor import Tensor
from ...ops.create import empty_like
from ._refuse import not_tensors


def _check(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _noise(input: Tensor, p: float, by_channel: bool) -> Tensor:
    """0 with probability ``p``, else 1: for each element, or for each channel of each sample."""
    if by_channel:
        blank = blank_like(input, (*input._a.shape[:2], *(1,) * (input._a.ndim - 2)))
    elif THREAD.levels or input.is_contiguous():
        blank = blank_like(input, input._a.shape)
    else:
        blank = empty_like(input)  # lies as the input does: numbers are drawn in the order of memory
    return blank.bernoulli_(1 - p)


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, by_channel: bool = False) -> Tensor:
    if not isinstance(input, Tensor):
        not_tensors("dropout", input=input)
    _check(p)
    if by_channel and input._a.ndim < 2 and input._a.size and training:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    if not training or p == 0 or input._a.size == 0:
        return input
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError(f"result type Float can't be cast to the desired output type {input.dtype.legacy}")
    if p == 1:
        noise = input.new_zeros(input._a.shape)  # type: ignore[attr-defined]
    else:
        noise = _noise(input, p, by_channel).div_(1 - p)  # type: ignore[attr-defined]
    return input.mul_(noise) if inplace else input * noise  # type: ignore[attr-defined, operator]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zero each element with probability ``p`` and scale the rest by ``1 / (1 - p)``.

    Source: https://arxiv.org/abs/1207.0580
    """
    return _dropped(input, p, training, inplace)


def _warn_dimensions(n: int, ndim: int) -> None:
    """PyTorch's warning for an input that is neither (C, n dimensions) nor (N, C, n dimensions)."""
    if ndim not in (n + 1, n + 2):
        warn(
            f"dropout{n}d: Received a {ndim}-D input to dropout{n}d, which is deprecated and will result in an error "
            "in a future release. To retain the behavior and silence this warning, please use dropout instead. "
            f"Note that dropout{n}d exists to provide channel-wise dropout on inputs with {n} spatial dimensions, "
            f"a channel dimension, and an optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs).",
        )


def _channel_dropout(n: int, input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    """Dropout of whole channels; all but (N, C, n dimensions) counts as one sample without a batch."""
    if input._a.ndim == n + 2:
        return _dropped(input, p, training, inplace, True)
    out = _dropped(input.unsqueeze(0), p, training, inplace, True)  # type: ignore[attr-defined]
    return input if inplace else out.squeeze(0)  # type: ignore[attr-defined]


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, L) or (C, L)."""
    _check(p)
    if input._a.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input._a.ndim}D input. Note that dropout1d exists to "
            "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    return _channel_dropout(1, input, p, training, inplace)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, H, W). An input (N, C, L) is taken as one with a batch."""
    _check(p)
    _warn_dimensions(2, input._a.ndim)
    if input._a.ndim == 3:
        warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
            "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain "
            "the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
        )
    return _dropped(input, p, training, inplace, True)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    _check(p)
    _warn_dimensions(3, input._a.ndim)
    return _channel_dropout(3, input, p, training, inplace)


def _alpha(input: Tensor, p: float, training: bool, inplace: bool, by_channel: bool) -> Tensor:
    _check(p)
    if by_channel and input._a.ndim < 2 and input._a.size and training:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    if not training or p == 0 or input._a.size == 0:
        return input
    if input.dtype.category < dt.FLOATING:
        raise RuntimeError(f"result type Float can't be cast to the desired output type {input.dtype.legacy}")
    if p == 1:
        zeros = input.new_zeros(input._a.shape)  # type: ignore[attr-defined]
        return input.mul_(zeros) if inplace else input * zeros  # type: ignore[attr-defined, operator]
    low = 1.7580993408473766  # selu's limit at minus infinity, negated
    scale = 1 / math.sqrt((low * low * p + 1) * (1 - p))
    noise = _noise(input, p, by_channel)
    shift = (noise - 1) * (low * scale) + low * scale * p
    noise = noise * scale
    if inplace:
        return input.mul_(noise).add_(shift)  # type: ignore[attr-defined]
    return input * noise + shift  # type: ignore[operator]


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout for ``selu``: dropped elements take its lower limit, and mean and variance are kept."""
    return _alpha(input, p, training, inplace, False)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """``alpha_dropout`` of whole channels."""
    return _alpha(input, p, training, inplace, True)
