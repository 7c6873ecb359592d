"""The gamma distribution and those made of gamma numbers: chi-squared, beta, Dirichlet, Student's t, negative binomial.

Sampling: Marsaglia and Tsang, *A simple method for generating gamma variables*, 2000; with PyTorch's numbers for
PyTorch's seeds on the CPU. Gradients through samples: Figurnov et al., *Implicit reparameterization gradients*, 2018.
"""

# ruff: noqa: RUF012  (constraints of parameters are read only; each class has its own)
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.function import Function
from ..core import dtype as dt
from ..core.mode import no_grad
from ..core.tensor import Tensor
from ..ops.create import tensor
from ..ops.incomplete_gamma import igamma as gammainc
from ..ops.join import stack
from ..ops.random_counts import _Uniforms, poisson
from ..random import generator_for
from . import constraints
from .continuous import standard_normal
from .discrete import _either, _Trials
from .distribution import Distribution, ExponentialFamily, broadcast_all

THIRD, SQUEEZE = float(np.float32(1 / 3)), float(np.float32(0.0331))  # PyTorch has them in float32


def _gamma_number(alpha: Any, uniform: Callable[[], float], normal: Callable[[], float]) -> float:
    """``alpha``: a NumPy number; what is made of it alone is made in its type, as PyTorch does."""
    scale = 1.0
    if alpha < 1:
        if alpha == 0:
            return 0.0
        scale = (1 - uniform()) ** float(1 / alpha)
        alpha = alpha + 1
    d = float(alpha - type(alpha)(THIRD))
    c = 1 / math.sqrt(9 * d)
    while True:
        y = 0.0
        while y <= 0:
            x = normal()
            y = 1 + c * x
        v, u, xx = y * y * y, 1 - uniform(), x * x
        if u < 1 - SQUEEZE * xx * xx or math.log(u) < 0.5 * xx + d * (1 - v + math.log(v)):
            return scale * d * v


def gamma_numbers(alpha: Tensor) -> Tensor:
    """One gamma number of rate 1 for each element of ``alpha``, in float64."""
    stream = generator_for(alpha.device, None).stream
    kept = getattr(stream, "kept", None)  # Box and Muller's method makes two normal numbers at a time
    spare: list[float] = [] if kept is None else [kept]

    with _Uniforms(stream) as uniform:

        def normal() -> float:
            if spare:
                return spare.pop()
            angle, radius = 2 * math.pi * uniform(), math.sqrt(-2 * math.log1p(-uniform()))
            spare.append(radius * math.sin(angle))
            return radius * math.cos(angle)

        single = alpha if alpha.dtype is dt.float32 else alpha.double()
        values = [_gamma_number(a, uniform, normal) for a in single.detach().cpu().numpy().reshape(-1)]
    if hasattr(stream, "kept"):
        stream.kept = spare[0] if spare else None
    return tensor(np.array(values).reshape(alpha.shape), device=alpha.device)


class _Gamma(Function):
    @staticmethod
    def forward(ctx: Any, alpha: Tensor) -> Tensor:
        value = gamma_numbers(alpha).to(alpha.dtype).clamp(min=dt.finfo(alpha.dtype).tiny)
        ctx.save_for_backward(alpha, value)
        return value

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """A sample keeps its place in the distribution: dx/da = -(dF/da) / density."""
        alpha, value = (t.double() for t in ctx.saved_tensors)
        step = 1e-5 * alpha.clamp(max=1)
        slope = (gammainc(alpha + step, value) - gammainc(alpha - step, value)) / (2 * step)
        density = ((alpha - 1) * value.log() - value - alpha.lgamma()).exp()
        return grad_outputs[0] * (-slope / density).to(grad_outputs[0].dtype)


class Gamma(ExponentialFamily):
    r"""Positive numbers with ``concentration`` α and ``rate`` β.

    Density :math:`\frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha-1} e^{-\beta x}`.
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        value = _Gamma.apply(self.concentration.expand(shape)) / self.rate.expand(shape)
        return value.clamp(min=dt.finfo(value.dtype).tiny)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        a, b = self.concentration, self.rate
        return a.xlogy(b) + (a - 1).xlogy(value) - b * value - a.lgamma()

    def cdf(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        return gammainc(self.concentration, self.rate * value)

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()


class Chi2(Gamma):
    """The sum of the squares of ``df`` standard normal numbers."""

    arg_constraints = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = broadcast_all(df)
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    df = property(lambda self: self.concentration * 2, doc="Degrees of freedom.")


class Dirichlet(ExponentialFamily):
    """Shares that add up to one; ``concentration`` says how large each tends to be."""

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        above = (self.concentration - 1).clamp(min=0.0)
        mode = above / above.sum(-1, True)
        nothing = (self.concentration < 1).all(dim=-1)
        if not bool(nothing.any()):
            return mode
        from ..nn.functional import one_hot

        corner = one_hot(mode.argmax(dim=-1), self.concentration.shape[-1]).to(mode)
        return corner.where(nothing.unsqueeze(-1), mode)

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        concentration = self.concentration.expand(self._extended_shape(sample_shape))
        parts = _Gamma.apply(concentration.double())
        value = (parts / parts.sum(-1, True)).to(concentration.dtype)
        info = dt.finfo(concentration.dtype)
        return value.clamp(min=info.tiny, max=1 - info.eps / 2)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        a = self.concentration
        return (a - 1.0).xlogy(value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> Tensor:
        a, k = self.concentration, self.concentration.size(-1)
        total = a.sum(-1)
        constant = a.lgamma().sum(-1) - total.lgamma()
        return constant - (k - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)


class Beta(ExponentialFamily):
    """A share between 0 and 1.

    Density proportional to ``x ** (concentration1 - 1) * (1 - x) ** (concentration0 - 1)``.
    """

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        one, zero = broadcast_all(concentration1, concentration0)
        self._dirichlet = Dirichlet(stack([one, zero], -1), validate_args=validate_args)
        super().__init__(one.shape, validate_args=validate_args)

    concentration1 = property(lambda self: self._dirichlet.concentration[..., 0], doc="Pulls towards 1.")
    concentration0 = property(lambda self: self._dirichlet.concentration[..., 1], doc="Pulls towards 0.")

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        return self._dirichlet.log_prob(stack([value, 1.0 - value], -1))

    def entropy(self) -> Tensor:
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """A normal number divided by a random spread: heavier tails, the more so the fewer degrees of freedom ``df``."""

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc.masked_fill(self.df <= 1, math.nan)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        wide = self.scale.pow(2) * self.df / (self.df - 2)
        return wide.masked_fill(self.df <= 2, math.inf).masked_fill(self.df <= 1, math.nan)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        x = standard_normal(self._extended_shape(sample_shape), self.df)
        return self.loc + self.scale * x * (self._chi2.rsample(sample_shape) / self.df).rsqrt()

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        df, y = self.df, (value - self.loc) / self.scale
        constant = self.scale.log() + 0.5 * df.log() + 0.5 * math.log(math.pi)
        constant = constant + (0.5 * df).lgamma() - (0.5 * (df + 1.0)).lgamma()
        return -0.5 * (df + 1.0) * (y**2.0 / df).log1p() - constant

    def entropy(self) -> Tensor:
        df = self.df
        log_beta = (0.5 * df).lgamma() + math.lgamma(0.5) - (0.5 * (df + 1)).lgamma()
        spread = 0.5 * (df + 1) * ((0.5 * (df + 1)).digamma() - (0.5 * df).digamma())
        return self.scale.log() + spread + 0.5 * df.log() + log_beta


class NegativeBinomial(Distribution):
    """How many successes come before ``total_count`` failures."""

    arg_constraints = {"total_count": constraints.nonnegative,
                       "probs": constraints.half_open_interval(0.0, 1.0), "logits": constraints.real}  # fmt: skip
    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        _either(probs, logits)
        if probs is not None:
            self.total_count, self.probs = broadcast_all(total_count, probs)
        else:
            self.total_count, self.logits = broadcast_all(total_count, logits)
        self.total_count = self.total_count.type_as(self.probs if probs is not None else self.logits)
        super().__init__(self.total_count.shape, validate_args=validate_args)

    logits, probs = _Trials.logits, _Trials.probs

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Tensor:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Tensor:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            rates = Gamma(self.total_count, (-self.logits).exp(), validate_args=False)
            return poisson(rates.sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        from ..nn.functional import logsigmoid

        self._validate_sample(value)
        n = self.total_count
        shape = n * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
        ways = -(n + value).lgamma() + (1.0 + value).lgamma() + n.lgamma()
        return shape - ways.masked_fill(n + value == 0.0, 0.0)
