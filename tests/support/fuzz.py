"""Hypothesis strategies for tensors of any shape, memory layout and type, and one comparison for all of them.

``alike(fn, *specs)`` runs ``fn(E, *tensors)`` on both engines: both must refuse (with PyTorch's class of error) or
both must agree in value, shape and type.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import glasstorch
import numpy as np
from hypothesis import strategies as st

from .differential import equal, torch

FLOATS = ["float32", "float64"]
HALVES = ["float16", "bfloat16"]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
COMPLEX = ["complex64", "complex128"]
ALL = ["bool", *INTEGERS, *HALVES, *FLOATS, *COMPLEX]


@dataclass(frozen=True)
class Spec:
    """A tensor to be built alike on both engines: base values, how the view is cut from them, its type."""

    base: tuple[int, ...]
    seed: int
    dtype: str
    cuts: tuple[slice, ...]
    order: tuple[int, ...]
    stretch: tuple[int, ...]

    def build(self, E: Any) -> Any:
        """The tensor: a base, sliced with steps, its dimensions permuted, some of length one stretched."""
        rng = np.random.default_rng(self.seed)
        if self.dtype == "bool":
            values = rng.random(self.base) < 0.5
        elif self.dtype in INTEGERS:
            values = rng.integers(0 if self.dtype == "uint8" else -6, 7, self.base)
        else:
            values = np.round(rng.normal(0, 2, self.base), 1)
            values = values + 1j * rng.integers(-2, 3, self.base) if self.dtype in COMPLEX else values
        t = E.tensor(np.asarray(values)).to(getattr(E, self.dtype))
        t = t[self.cuts] if self.cuts else t
        t = t.permute(self.order) if len(self.order) > 1 else t
        return t.expand(self.stretch) if self.stretch != tuple(t.shape) else t


@st.composite
def specs(
    draw: Any, dtypes: list[str] = ALL, dims: tuple[int, int] = (0, 4), like: Spec | None = None
) -> Spec:
    """A tensor. ``like``: one whose shape broadcasts with that of another."""
    if like is None:
        rank = draw(st.integers(*dims))
        shape = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 3, 4, 0]), min_size=rank, max_size=rank)))
    else:
        shape = tuple(1 if draw(st.booleans()) and n else n for n in like.stretch)
        shape = shape[draw(st.integers(0, len(shape))) :]
    steps = [draw(st.sampled_from([1, 1, 1, 2])) for _ in shape]
    starts = [draw(st.sampled_from([0, 0, 1])) for _ in shape]
    order = tuple(draw(st.permutations(range(len(shape)))))
    base = tuple(n * s + o for n, s, o in zip(shape, steps, starts, strict=True))
    cuts = tuple(slice(o, o + n * s, s) for n, s, o in zip(shape, steps, starts, strict=True))
    after = [shape[k] for k in order]
    stretch = tuple(n if n != 1 or like is not None or draw(st.integers(0, 3)) else 3 for n in after)
    if like is not None:  # a permuted shape would not broadcast any more
        order, stretch = tuple(range(len(shape))), shape
    return Spec(base, draw(st.integers(0, 99)), draw(st.sampled_from(dtypes)), cuts, order, stretch)


def _outcome(E: Any, fn: Callable, given: tuple) -> tuple[Any, Exception | None]:
    tensors = [g.build(E) if isinstance(g, Spec) else g for g in given]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return fn(E, *tensors), None
        except Exception as error:  # whatever it is: the classes are compared
            return None, error


def _refuses_type(error: Exception) -> bool:
    return "not implemented for" in str(error) or "complex" in str(error)


def _small(given: tuple) -> bool:
    return any(isinstance(g, Spec) and (0 in g.stretch or not g.stretch) for g in given)


def alike(fn: Callable, *given: Any) -> None:
    """Both engines refuse, or both agree."""
    theirs, their_error = _outcome(torch, fn, given)
    ours, our_error = _outcome(glasstorch, fn, given)
    if our_error is not None and _refuses_type(our_error) and (their_error is not None or _small(given)):
        return  # either of two faults may be named first; PyTorch's kernels do not look at nothing, or at one number
    if their_error is not None:
        assert our_error is not None, f"PyTorch refuses: {their_error!r}; ours gives {ours!r}"
        names = [c.__name__ for c in type(our_error).__mro__]
        assert type(their_error).__name__.lstrip("_") in names, (
            f"ours: {our_error!r}; PyTorch: {their_error!r}"
        )
        return
    assert our_error is None, f"ours refuses: {our_error!r}; PyTorch gives {theirs!r}"
    equal(ours, theirs, "value")
