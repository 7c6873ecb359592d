"""Sequences of different lengths: padded into one tensor, or packed row by row without padding.

Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops import create
from ...ops.join import cat, stack
from ...ops.nnmisc import constant_pad


class PackedSequence_(NamedTuple):
    """The fields of a ``PackedSequence``."""

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(PackedSequence_):
    """Several sequences as one tensor, step by step: first the first elements of all sequences, then the second, …

    ``data`` (total, *); ``batch_sizes``: how many sequences reach each step, int64 on the CPU; ``sorted_indices`` puts
    the sequences in order of falling length, ``unsorted_indices`` puts them back. Made by ``pack_padded_sequence`` and
    ``pack_sequence``; recurrent networks take it and give it back.
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. "
                "They should be instantiated by functions like pack_sequence and pack_padded_sequences in nn.utils.rnn."
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def __getnewargs__(self) -> tuple:
        return tuple(self)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Data in another type or on another device, indices beside it; this object itself when nothing changes."""
        data = self.data.to(*args, **kwargs)  # type: ignore[attr-defined]
        if data is self.data:
            return self
        moved = (None if t is None else t.to(data.device) for t in self[2:])
        return type(self)(data, self.batch_sizes, *moved)

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Move to a GPU."""
        return self.to(*args, **kwargs) if args or "device" in kwargs else self.to(device="cuda", **kwargs)

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Move to the host."""
        return self.to(*args, **{**kwargs, "device": "cpu"})

    def pin_memory(self) -> PackedSequence:
        """A copy in page-locked memory, from where it moves to a GPU faster."""
        pinned = (None if t is None else t.pin_memory() for t in self[2:])
        return type(self)(self.data.pin_memory(), self.batch_sizes, *pinned)  # type: ignore[attr-defined]

    def is_pinned(self) -> bool:
        """Does the data lie in page-locked memory?"""
        return self.data.is_pinned()  # type: ignore[attr-defined]

    @property
    def is_cuda(self) -> bool:
        """Is the data on a GPU?"""
        return self.data.is_cuda


def _converter(name: str, dtype: dt.dtype) -> Callable[[PackedSequence], PackedSequence]:
    def convert(self: PackedSequence) -> PackedSequence:
        return self.to(dtype=dtype)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"Convert the data to {dtype!r}."
    return convert


for _name, _dtype in (("double", dt.float64), ("float", dt.float32), ("half", dt.float16), ("long", dt.int64),
                      ("int", dt.int32), ("short", dt.int16), ("char", dt.int8), ("byte", dt.uint8)):  # fmt: skip
    setattr(PackedSequence, _name, _converter(_name, _dtype))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another: int64, same shape. None of None."""
    return None if permutation is None else permutation.argsort()  # type: ignore[attr-defined]


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences (T, B, *), or (B, T, *) with ``batch_first``, leaving the padding out.

    ``lengths``: of the sequences, a list or a CPU tensor. ``enforce_sorted``: they must fall; without it the sequences
    are sorted here, and put back by what undoes the packing.
    """
    if not isinstance(lengths, Tensor):
        lengths = create.tensor(lengths, dtype=dt.int64)
    lengths = lengths.to(dt.int64)
    order = None
    if not enforce_sorted:
        lengths, order = lengths.sort(descending=True)
        order = order.to(input.device)
        input = input.index_select(0 if batch_first else 1, order)  # type: ignore[attr-defined]
    x = input.transpose(0, 1) if batch_first else input  # type: ignore[attr-defined]
    known = _checked_lengths(x, lengths)
    steps, batch = known[0], x.size(1)
    if steps > x._a.shape[0]:
        raise RuntimeError(f"Expected lengths of at most {x._a.shape[0]}, the padded length, but got {steps}")
    sizes = [sum(n > t for n in known) for t in range(steps)]
    where = [t * batch + b for t, size in enumerate(sizes) for b in range(size)]
    rows = x.reshape(x._a.shape[0] * batch, *x._a.shape[2:])
    data = rows.index_select(0, create.tensor(where, dtype=dt.int64, device=input.device))
    return PackedSequence(data, create.tensor(sizes, dtype=dt.int64), order, None)


def _checked_lengths(x: Tensor, lengths: Tensor) -> list[int]:
    """The lengths as numbers; RuntimeError when they do not suit the padded ``x`` (T, B, *)."""
    if lengths._a.ndim != 1 or lengths.device.type != "cpu":
        raise RuntimeError(
            "'lengths' argument should be a 1D CPU int64 tensor, but got "
            f"{lengths._a.ndim}D {lengths.device.type} Long tensor"
        )
    if x._a.size == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    known = lengths.tolist()
    if len(known) != x.size(1):
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(known)} (batch_size={x.size(1)})"
        )
    if min(known) <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if known != sorted(known, reverse=True):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
            "do not need ONNX exportability."
        )
    return known


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Undo ``pack_padded_sequence``: the padded sequences (T, B, *) or (B, T, *), and their lengths.

    ``total_length``: the padded length, at least that of the longest sequence.
    """
    sizes = sequence.batch_sizes.tolist()
    steps = len(sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    data, batch = sequence.data, sizes[0]
    rows = data._a.shape[0]
    where, start = [], 0
    for t in range(steps):
        size = sizes[t] if t < len(sizes) else 0
        where += [*range(start, start + size), *[rows] * (batch - size)]  # row ``rows`` is the padding
        start += size
    padding = data.new_full((1, *data._a.shape[1:]), padding_value)  # type: ignore[attr-defined]
    index = create.tensor(where, dtype=dt.int64, device=data.device)
    out = cat([data, padding]).index_select(0, index).reshape(steps, batch, *data._a.shape[1:])
    lengths = create.tensor([sum(size > b for size in sizes) for b in range(batch)], dtype=dt.int64)
    out = out.transpose(0, 1) if batch_first else out
    order = sequence.unsorted_indices
    if order is None:
        return out, lengths
    return out.index_select(0 if batch_first else 1, order), lengths.index_select(0, order.cpu())  # type: ignore[attr-defined]


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences (L, *) of different lengths, padded to the longest: (T, B, *), or (B, T, *) with ``batch_first``.

    ``padding_side``: "right" (after the sequence) or "left". The type is that of the first sequence.
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    items = list(sequences)
    if not items:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    for k, s in enumerate(items):
        if not isinstance(s, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {type(s).__name__}")
        if s._a.shape[1:] != items[0]._a.shape[1:]:
            _refuse_shapes(items[0]._a.shape[1:], s._a.shape[1:])
    longest = max(s._a.shape[0] for s in items)
    padded = []
    for s in items:
        missing = longest - s._a.shape[0]
        ends = (missing, 0) if padding_side == "left" else (0, missing)
        s = s.to(items[0].dtype)
        padded.append(constant_pad(s, (ends, *[(0, 0)] * (s._a.ndim - 1)), padding_value) if missing else s)
    return stack(padded, 0 if batch_first else 1)


def _refuse_shapes(first: tuple, other: tuple) -> None:
    k = next((k for k, (m, n) in enumerate(zip(first, other, strict=False)) if m != n), 0)
    m, n = (shape[k] if k < len(shape) else 1 for shape in (first, other))
    raise RuntimeError(
        f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension {k + 1}. "
        "pad_sequence() pads the first dimension only; the others must agree."
    )


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """Undo ``pad_sequence``: the list of sequences, cut to their ``lengths``."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)  # type: ignore[attr-defined]
    return [row[: int(n)] for row, n in zip(rows.unbind(0), lengths.tolist(), strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (L, *); with ``enforce_sorted`` the lengths must fall."""
    lengths = [v._a.shape[0] for v in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Undo ``pack_sequence``: the list of sequences."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]
