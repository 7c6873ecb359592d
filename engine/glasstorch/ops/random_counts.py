"""Random counts: Poisson and binomial numbers, with PyTorch's numbers for PyTorch's seeds on the CPU.

Each takes as many uniform numbers from the stream as its rejection method needs, so they are drawn one after another.
Sources: Hoermann, *The transformed rejection method for generating Poisson random variables*, 1993, and *The generation
of binomial random variates*, 1993; Devroye, *Non-Uniform Random Variate Generation*, 1986, X.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.forms import FUNCTIONS, public
from ..core.op import op
from ..core.tensor import Tensor
from ..random import Generator, generator_for
from .kinds import not_implemented, supports

_BLOCK = 1024  # uniform numbers taken from the stream at a time


class _Uniforms:
    """Uniform numbers one by one. Those that were not used go back to the stream at the end."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.used, self.block = stream, 0, []

    def __enter__(self) -> _Uniforms:
        self.start = self.stream.get_state()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.stream.set_state(self.start)
        self.stream.uniform(self.used, np.dtype(np.float64))

    def __call__(self) -> float:
        k = self.used % _BLOCK
        if k == 0:
            fresh = self.stream.uniform(_BLOCK, np.dtype(np.float64))
            self.block = backends.move(fresh, "cpu", None).tolist()
        self.used += 1
        return self.block[k]


# ---------------------------------------------------------------------- Poisson
def _poisson_number(rate: Any, uniform: Callable[[], float]) -> float:
    rate = float(rate)
    if not rate >= 0:
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    if rate >= 10:
        return _poisson_by_rejection(rate, uniform)
    if rate == 0:
        return 0
    limit, count, product = math.exp(-rate), 0, 1.0  # how many gaps between events fit into the time
    while True:
        product *= uniform()
        if product <= limit:
            return count
        count += 1


def _poisson_by_rejection(rate: float, uniform: Callable[[], float]) -> float:
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    log_scale = math.log(1.1239 + 1.1328 / (b - 3.4))
    tight = 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43) if us else -1
        if us >= 0.07 and v <= tight:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = math.log(v) + log_scale - math.log(a / (us * us) + b) if v else -math.inf
        if left <= -rate + k * math.log(rate) - math.lgamma(k + 1):
            return k


# ---------------------------------------------------------------------- binomial
def _binomial_number(count: Any, p: Any, uniform: Callable[[], float]) -> float:
    """``count`` and ``p`` are NumPy's numbers: as in PyTorch their products are rounded to their own type."""
    if count <= 0 or p <= 0:
        return 0
    if p >= 1:
        return count
    if p != p or count != count:
        return math.nan
    low = p if p <= 0.5 else 1 - p  # the rarer of the two outcomes is counted
    hits = (
        _binomial_by_rejection(count, low, uniform)
        if count * low >= 10
        else _binomial_by_gaps(count, low, uniform)
    )
    return hits if p <= 0.5 else count - hits


def _binomial_by_gaps(count: Any, p: Any, uniform: Callable[[], float]) -> float:
    """Trials until the next hit are geometric: how many such gaps fit into ``count``?"""
    log_miss, trials, hits = math.log1p(-float(p)), 0.0, 0
    while True:
        u = uniform()
        trials += math.ceil(math.log(u) / log_miss) if u else math.inf
        if trials > count:
            return hits
        hits += 1


_STIRLING_TAIL = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
    0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def _stirling_tail(k: float) -> float:
    """``log k!`` less Stirling's formula."""
    if k <= 9:
        return _STIRLING_TAIL[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def _binomial_by_rejection(n: Any, p: Any, uniform: Callable[[], float]) -> float:
    deviation, mean, odds = math.sqrt(n * p * (1 - p)), float(n * p), float(p / (1 - p))
    m = math.floor((n + 1) * p)
    n, p = float(n), float(p)
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    tight, alpha = 0.92 - 4.2 / b, (2.83 + 5.1 / b) * deviation
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + (mean + 0.5)) if us else -1
        if us >= 0.07 and v <= tight:
            return k
        if k < 0 or k > n:
            continue
        left = math.log(v * alpha / (a / (us * us) + b)) if v else -math.inf
        bound = (
            (m + 0.5) * math.log((m + 1) / (odds * (n - m + 1)))
            + (n + 1) * math.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * math.log(odds * (n - k + 1) / (k + 1))
            + _stirling_tail(m) + _stirling_tail(n - m) - _stirling_tail(k) - _stirling_tail(n - k)
        )  # fmt: skip
        if left <= bound:
            return k


# ---------------------------------------------------------------------- the functions
def _drawn(xp: Any, number: Callable, generator: Any, like: Any, *parameters: Any) -> Any:
    """One number for each element; the parameters are arrays of one shape."""
    rows = zip(*(backends.move(p, "cpu", None).reshape(-1) for p in parameters), strict=True)
    with generator.stream.lock, _Uniforms(generator.stream) as uniform:
        numbers = [number(*row, uniform) for row in rows]
    return xp.asarray(np.array(numbers, np.float64).astype(like.dtype).reshape(like.shape))


@op(name="PoissonBackward0", method=False, function=False)
class poisson_op:
    """Poisson numbers. Their derivative counts as 0."""

    formula = r"\mathrm{Poisson}(\lambda)"

    def forward(xp, input: Array, generator):
        if dt.from_numpy_dtype(input.dtype).category != dt.FLOATING:
            not_implemented("poisson_cpu", dt.from_numpy_dtype(input.dtype))
        return _drawn(xp, _poisson_number, generator, input, input)

    def d_input(F, g):
        "0"
        return F.zeros_of(g.shape, g)


@public
def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """poisson(input, generator=None) -> Tensor

    Counts of events that happen at the rates in ``input`` (not negative), in its shape and type.
    Source: https://pytorch.org/docs/stable/generated/torch.poisson.html
    """
    if not isinstance(input, Tensor):
        raise TypeError(
            f"poisson(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    return poisson_op(input, generator_for(input.device, generator))


@op(name="BinomialBackward0", method=False, function=False)
class binomial_op:
    """Binomial numbers. Their derivative counts as 0."""

    formula = r"\mathrm{B}(n, p)"

    def forward(xp, count: Array, prob: Array, generator):
        count, prob = xp.broadcast_arrays(count, prob)
        return _drawn(xp, _binomial_number, generator, count, count, prob)

    def d_count(F, g, count_shape):
        "0"
        return F.zeros_of(count_shape, g)

    def d_prob(F, g, prob_shape):
        "0"
        return F.zeros_of(prob_shape, g)


@public
def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """binomial(count, prob, generator=None) -> Tensor

    How many of ``count`` trials succeed that each do with probability ``prob``; the tensors broadcast and are of one
    floating type.
    """
    for name, t in (("count", count), ("prob", prob)):
        if not t.dtype.is_floating_point:
            raise ValueError(
                f"binomial only supports floating-point dtypes for {name}, got: {t.dtype.legacy}"
            )
    supports(count.dtype, "binomial_cpu", half=False)
    if count.dtype is not prob.dtype:
        raise RuntimeError(f"Found dtype {prob.dtype.legacy} but expected {count.dtype.legacy}")
    FUNCTIONS["broadcast_shapes"](count.shape, prob.shape)  # RuntimeError where they do not go together
    return binomial_op(count, prob, generator_for(count.device, generator))
