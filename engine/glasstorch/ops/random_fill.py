"""Filling tensors with random numbers, in place. Sampling has no gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import backends
from ..backends.rounding import fma
from ..core.inplace import check_writable, write
from ..core.lanes import batched, drawn_apart, levels_of
from ..core.mode import STATE, THREAD
from ..core.tensor import Tensor, wrap
from ..random import Generator, generator_for
from .distributions import (
    DIGITS,
    Draw,
    check_chances,
    floating,
    from_uniform,
    integers,
    largest,
    normal,
    number,
    trials,
    uniform,
)
from .random import draw_numbers


def _fill(self: Tensor, name: str, draw: Draw, generator: Generator | None) -> Tensor:
    """Put numbers into a tensor, in the order of its memory."""
    check_writable(self, name)
    source = generator_for(self.device, generator)
    if STATE.special and THREAD.levels:
        return _fill_examples(self, name, draw, generator)
    if self._a.size == 0:
        return self
    draws = (draw, self._a.shape, self._a.strides, self.dtype, source, self.is_contiguous())
    a = _drawn_as_it_lies(*draws)
    if STATE.recorder is not None:
        STATE.recorder.did(_drawn_as_it_lies, draws, [a])
    write(self, wrap(a))
    return self


def _drawn_as_it_lies(
    draw: Draw, shape: tuple, strides: tuple, kind: Any, source: Generator, whole: bool
) -> Any:
    axes = sorted(range(len(shape)), key=lambda d: -strides[d])
    a = draw_numbers(draw, tuple(shape[d] for d in axes), kind, source, whole)
    back = [0] * len(axes)
    for i, d in enumerate(axes):
        back[d] = i
    return a.transpose(back)


def _fill_examples(self: Tensor, name: str, draw: Draw, generator: Generator | None) -> Tensor:
    """``_fill`` inside ``vmap``: the same numbers for all examples, or numbers for each."""
    levels, have = drawn_apart(), levels_of(self)
    if any(v not in have for v in levels):
        raise RuntimeError(
            "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same "
            "randomness. If this is necessary for your usage, please file an issue with functorch."
        )
    before, THREAD.levels = THREAD.levels, ()
    try:
        if have and levels == have:
            _fill(self._a.tensor, name, draw, generator)
            return self
        shape = (*(v.size for v in levels), *self._a.shape)
        numbers = draw_numbers(draw, shape, self.dtype, generator_for(self.device, generator), True)
    finally:
        THREAD.levels = before
    write(self, batched(wrap(numbers), levels))
    return self


def _in_place(fn: Callable) -> Callable:
    setattr(Tensor, fn.__name__, fn)
    return fn


@_in_place
def uniform_(
    self: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None, **names: Any
) -> Tensor:
    """uniform_(from=0, to=1, *, generator=None) -> Tensor

    Fill with uniform random numbers in [from, to).
    """
    low = names.pop("from", from_)  # PyTorch's name for it is a Python keyword
    if names:
        raise TypeError(f"uniform_() got an unexpected keyword argument '{next(iter(names))}'")
    return _fill(self, "uniform_", uniform(self.dtype, float(low), float(to)), generator)


@_in_place
def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """normal_(mean=0, std=1, *, generator=None) -> Tensor

    Fill with normal random numbers.
    """
    return _fill(self, "normal_", normal(self.dtype, float(mean), float(std)), generator)


@_in_place
def random_(self: Tensor, *args: Any, generator: Generator | None = None, **names: Any) -> Tensor:
    """random_(from=0, to=None, *, generator=None) -> Tensor

    Fill with random integers in [from, to); without ``to`` up to the largest the type holds exactly.
    """
    low, high = names.pop("from", None), names.pop("to", None)
    if names or len(args) > 2:
        raise TypeError("random_() takes (), (to), or (from, to)")
    if len(args) == 1 and low is None and high is None:
        high = args[0]
    else:
        given = list(args)
        low = given.pop(0) if given else low
        high = given.pop(0) if given else high
    kind = self.dtype
    if low is not None or high is not None:
        draw = integers(kind, low or 0, high)
    else:
        if kind.is_complex or kind.name in ("uint16", "uint32", "uint64"):
            raise NotImplementedError(f"\"random_kernel_cpu\" not implemented for '{kind.legacy}'")
        span = (1 << DIGITS[kind.name]) + 1 if kind.is_floating_point else largest(kind) + 1
        draw = lambda stream, n, whole: stream.integers(n, span, kind.itemsize == 8)  # noqa: E731
    return _fill(self, "random_", draw, generator)


@_in_place
def exponential_(self: Tensor, lambd: float = 1, *, generator: Generator | None = None) -> Tensor:
    """exponential_(lambd=1, *, generator=None) -> Tensor

    Fill from the exponential distribution with rate ``lambd``.
    """
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={number(lambd)}")
    if not self.is_floating_point():
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {self.dtype.legacy}"
        )
    return _fill(self, "exponential_", from_uniform(lambda xp, u: -1.0 / lambd * xp.log1p(-u)), generator)


@_in_place
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """geometric_(p, *, generator=None) -> Tensor

    Fill with the number of trials up to the first success, each of probability ``p``.
    """
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={number(p)}")
    return _fill(
        self, "geometric_", from_uniform(lambda xp, u: xp.ceil(xp.log(u) / math.log1p(-p))), generator
    )


@_in_place
def cauchy_(
    self: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None
) -> Tensor:
    """cauchy_(median=0, sigma=1, *, generator=None) -> Tensor

    Fill from the Cauchy distribution.
    """
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={number(sigma)}")
    if not self.is_floating_point():
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {self.dtype!r}"
        )
    draw = from_uniform(lambda xp, u: fma(xp.tan(math.pi * (u - 0.5)), float(sigma), float(median)))
    return _fill(self, "cauchy_", draw, generator)


@_in_place
def log_normal_(
    self: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None
) -> Tensor:
    """log_normal_(mean=1, std=2, *, generator=None) -> Tensor

    Fill with numbers whose logarithm is normal with this mean and standard deviation.
    """
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={number(std)}")
    floating(self.dtype, "log_normal_cpu", complex_too=False)
    return _fill(
        self, "log_normal_", lambda stream, n, whole: _exp(stream.normal_one_by_one(n, mean, std)), generator
    )


def _exp(x: Any) -> Any:
    return backends.exact_functions(x).exp(x)


@_in_place
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """bernoulli_(p=0.5, *, generator=None) -> Tensor

    Fill with ones of probability ``p`` (a number, or a tensor that broadcasts) and zeros.
    """
    if isinstance(p, Tensor):
        check_chances(p)
        chances = p.detach().expand(self._a.shape)._a
        order = sorted(range(self._a.ndim), key=lambda d: -self._a.strides[d])
        chances = chances.transpose(order)
        return _fill(self, "bernoulli_", trials(chances, chances.shape), generator)
    p = float(p)
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={number(p)}")
    if self.is_complex():
        raise NotImplementedError(f"\"bernoulli_scalar_cpu_\" not implemented for '{self.dtype.legacy}'")
    return _fill(self, "bernoulli_", from_uniform(lambda xp, u: u < p), generator)
