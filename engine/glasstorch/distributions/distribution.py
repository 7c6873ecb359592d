"""The base class of distributions, and what they share."""

# ruff: noqa: RUF012  (constraints of parameters are read only; each class has its own)
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..core import dtype as dt
from ..core.mode import no_grad
from ..core.size import Size
from ..core.tensor import Tensor
from ..ops.create import tensor
from ..ops.shape import broadcast_shapes
from . import constraints


class lazy_property:
    """An attribute that is computed when first asked for."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute = compute
        functools.update_wrapper(self, compute)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        value = self.compute(instance)
        setattr(instance, self.compute.__name__, value)
        return value


def broadcast_all(*values: Any) -> list[Tensor]:
    """Numbers and tensors as tensors of one shape; numbers get the type of the tensors."""
    tensors = [v for v in values if isinstance(v, Tensor)]
    if not all(isinstance(v, (Tensor, int, float)) for v in values):
        raise ValueError("Input arguments must all be instances of Number, torch.Tensor or objects implementing "
                         "__torch_function__.")  # fmt: skip
    like = (
        {"dtype": tensors[0].dtype, "device": tensors[0].device}
        if tensors
        else {"dtype": dt.get_default_dtype()}
    )
    full = [v if isinstance(v, Tensor) else tensor(v, **like) for v in values]
    shape = broadcast_shapes(*(v.shape for v in full))
    return [v.expand(shape) for v in full]


def eps_of(t: Tensor) -> float:
    """The smallest step at 1 of the tensor's type."""
    return dt.finfo(t.dtype).eps


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """Log odds (binary), or logarithms, of probabilities; those of 0 and 1 stay finite."""
    eps = eps_of(probs)
    safe = probs.clamp(min=eps, max=1 - eps)
    return safe.log() - (-safe).log1p() if is_binary else safe.log()


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """Probabilities from log odds (binary) or from logarithms that need not be normalised."""
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def sum_rightmost(value: Tensor, count: int) -> Tensor:
    """The sum over the last ``count`` dimensions."""
    return value.reshape(*value.shape[: value.dim() - count], -1).sum(-1) if count else value


class Distribution:
    """A probability distribution, or a batch of them.

    ``batch_shape``: the shape of the parameters; ``event_shape``: the shape of one sample of one distribution.
    ``validate_args=False`` switches the checks of parameters and values off.
    Source: https://pytorch.org/docs/stable/distributions.html
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: dict[str, Any] = {}
    support: Any = constraints.dependent
    _validate_args = True

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()

    def _check_parameters(self) -> None:
        for name, constraint in self.arg_constraints.items():
            if constraints.is_dependent(constraint):
                continue
            if name not in self.__dict__ and isinstance(
                getattr(type(self), name, None), (lazy_property, property)
            ):
                continue
            value = getattr(self, name)
            if not bool(constraint.check(value).all()):
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Switch the checks on or off for distributions that do not say themselves."""
        if value not in (True, False):
            raise ValueError
        Distribution._validate_args = value

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one sample."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        """The expected value."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most likely value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The expected squared distance from the mean."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The square root of the variance."""
        return self.variance.sqrt()

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions, repeated to a larger batch."""
        new = object.__new__(type(self))
        shape = Size(batch_shape)
        old = len(self._batch_shape)
        for name, value in self.__dict__.items():
            batched = isinstance(value, Tensor) and name != "temperature"  # one for the whole batch
            if batched and value.shape[:old] == self._batch_shape:
                value = value.expand(shape + value.shape[old:])
            elif isinstance(value, Distribution):
                value = value.expand(shape + value.batch_shape[old:])
            setattr(new, name, value)
        new._batch_shape = shape
        return new

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Random values of shape ``sample_shape + batch_shape + event_shape``, without gradients."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Random values through which gradients reach the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Tensor:
        """``sample((n,))``."""
        return self.sample((n,))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, at a value."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of values up to this one."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The value up to which lies this much probability."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution, in a new first dimension."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The expected value of ``-log_prob``, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """``exp(entropy)``."""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape: Any = ()) -> Size:
        return Size(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value: Any) -> None:
        """ValueError for a value of the wrong shape or outside the support."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        start = value.dim() - len(self._event_shape)
        if value.shape[start:] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        actual, expected = value.shape, self._batch_shape + self._event_shape
        for i, j in zip(reversed(actual), reversed(expected), strict=False):
            if 1 not in (i, j) and i != j:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {actual} vs {expected}."
                )
        if constraints.is_dependent(self.support):
            return
        if not bool(self.support.check(value).all()):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({self.support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        names = [k for k in self.arg_constraints if k in self.__dict__]
        text = ", ".join(
            f"{n}: {self.__dict__[n] if self.__dict__[n].numel() == 1 else self.__dict__[n].size()}"
            for n in names
        )
        return f"{type(self).__name__}({text})"


class ExponentialFamily(Distribution):
    """Distributions whose density is ``exp(T(x) · θ - F(θ) + k(x))``."""
