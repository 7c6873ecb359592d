"""Borders around tensors."""

from __future__ import annotations

from typing import Any

from ...backends.resampling import border_map
from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.nnmisc import constant_pad
from ...ops.resample import BORDERS
from ._refuse import not_tensors

#: Number of padding lengths: the dimensions (with and without a batch) an input may have, other borders than constant.
_DIMENSIONS = {2: (2, 3), 4: (3, 4), 6: (4, 5)}


def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """A border around the last dimensions; ``pad`` is (before, after) of the last, then of the one before it, …

    ``mode``: "constant" (``value``), "reflect", "replicate" or "circular". Negative lengths cut off.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
    """
    if not isinstance(input, Tensor):
        not_tensors("pad", input=input)
    pads = _lengths(pad)
    ndim = input._a.ndim
    if len(pads) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pads) // 2 > ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pads)} and input of dimension {ndim}"
        )
    pairs = [(0, 0)] * (ndim - len(pads) // 2) + [
        (pads[k], pads[k + 1]) for k in range(len(pads) - 2, -1, -2)
    ]
    if mode == "constant":
        for n, (a, b) in zip(input._a.shape, pairs, strict=True):
            if n + min(a, 0) + min(b, 0) < 0:
                raise RuntimeError("narrow(): length must be non-negative.")
        return constant_pad(input, tuple(pairs), 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if ndim not in _DIMENSIONS.get(len(pads), ()):
        raise NotImplementedError(f"Padding size {len(pads)} is not supported for {ndim}D input tensor.")
    _check(input, pairs, mode, len(pads) // 2)
    n = len(pads) // 2
    if mode != "circular":
        sizes = input._a.shape[ndim - n :]
        maps = (border_map(m, a, b, mode) for m, (a, b) in zip(sizes, pairs[ndim - n :], strict=True))
        return BORDERS[mode, n](input, tuple(maps))
    out = input
    for d, (a, b) in enumerate(pairs):
        if a or b:
            out = _wrapped_around(out, d, a, b)
    return out


def _lengths(pad: Any) -> list[int]:
    if not isinstance(pad, (tuple, list)):
        raise TypeError(f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}")
    for k, p in enumerate(pad):
        if not hasattr(p, "__index__"):
            raise TypeError(
                "pad(): argument 'pad' (position 2) must be tuple of ints, but found element of type "
                f"{type(p).__name__} at pos {k}"
            )
    return [p.__index__() for p in pad]


def _check(input: Tensor, pairs: list[tuple[int, int]], mode: str, n: int) -> None:
    """What PyTorch refuses to pad with the input's own elements, in its words."""
    shape = list(input._a.shape)
    after = [m + a + b for m, (a, b) in zip(shape, pairs, strict=True)]
    padded = after[len(shape) - n :]
    if mode == "circular":
        if any(m <= 0 for m in padded):
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
        return
    if 0 in shape[len(shape) - n - 1 :]:
        raise RuntimeError(
            f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {shape}"
        )
    kernel = {"reflect": "reflection", "replicate": "replication"}[mode] + f"_pad{n}d"
    if input.dtype is dt.bool_:
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'. Convert first: .float()")
    for d in range(len(shape) - 1, len(shape) - n - 1, -1):
        before, behind = pairs[d]
        if mode == "reflect" and (before >= shape[d] or behind >= shape[d]):
            raise RuntimeError(
                f"Argument #{4 + 2 * (len(shape) - 1 - d)}: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {behind}) at dimension {d} of input {shape}"
            )
    if any(m <= 0 for m in padded):
        if n == 1:
            raise RuntimeError(f"input (W: {shape[-1]}) is too small. Calculated output W: {after[-1]}")
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(padded)}: {after}")


def _wrapped_around(x: Tensor, d: int, before: int, after: int) -> Tensor:
    """One dimension continued with its other end."""
    n = x._a.shape[d]
    if before > n or after > n:
        raise RuntimeError("Padding value causes wrapping around more than once.")
    start = max(-before, 0)
    left = n - start - max(-after, 0)  # what is cut off does not come round
    index = [start + k % left for k in range(-max(before, 0), left + max(after, 0))]
    from ...ops.create import tensor

    return x.index_select(d, tensor(index, dtype=dt.int64, device=x.device))  # type: ignore[attr-defined]
