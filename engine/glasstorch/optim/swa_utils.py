"""Averages of weights over training: stochastic weight averaging (SWA) and exponential moving averages (EMA).

Source: https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import numpy as np

from ..core.mode import no_grad
from ..core.tensor import Tensor, wrap
from ..nn.modules.batchnorm import _BatchNorm
from ..nn.modules.module import Module
from .lr_scheduler.base import LRScheduler
from .lr_scheduler.cyclic import per_group
from .optimizer import Optimizer


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[..., None]:
    """A function ``(averages, values, count)`` that moves lists of averages by ``1 - decay`` towards the values."""
    _check_decay(decay)

    @no_grad()
    def update(averages: list[Tensor], values: list[Tensor], count: Any) -> None:
        for a, v in zip(averages, values, strict=True):
            if a.is_floating_point() or a.is_complex():
                a.lerp_(v, 1 - decay)
            else:
                a.copy_(a * decay + v * (1 - decay))

    return update


def get_swa_multi_avg_fn() -> Callable[..., None]:
    """A function ``(averages, values, count)`` that takes lists of values into the mean of ``count`` before."""

    @no_grad()
    def update(averages: list[Tensor], values: list[Tensor], count: Any) -> None:
        for a, v in zip(averages, values, strict=True):
            if a.is_floating_point() or a.is_complex():
                a.lerp_(v, float(1 / (count + 1)))
            else:
                a.add_(((v - a) / (count + 1)).to(a.dtype))

    return update


def get_ema_avg_fn(decay: float = 0.999) -> Callable[..., Tensor]:
    """A function ``(average, value, count)`` with the average moved by ``1 - decay`` towards the value."""
    _check_decay(decay)

    @no_grad()
    def update(average: Tensor, value: Tensor, count: Any) -> Tensor:
        return decay * average + (1 - decay) * value

    return update


def get_swa_avg_fn() -> Callable[..., Tensor]:
    """A function ``(average, value, count)`` with the mean of the value and ``count`` before it."""

    @no_grad()
    def update(average: Tensor, value: Tensor, count: Any) -> Tensor:
        return average + (value - average) / (count + 1)

    return update


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of the model's over time.

    Call ``update_parameters(model)`` after each step or epoch: the first call copies, later ones average, equally
    weighted unless ``avg_fn`` (for one tensor) or ``multi_avg_fn`` (for lists, in place) says otherwise.
    ``use_buffers``: average buffers too, instead of copying them. ``device``: where the averages are kept.

    Source: https://arxiv.org/abs/1803.05407
    """

    n_averaged: Tensor

    def __init__(self, model: Module, device: Any = None, avg_fn: Callable[..., Tensor] | None = None,
                 multi_avg_fn: Callable[..., None] | None = None, use_buffers: bool = False) -> None:  # fmt: skip
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        count = wrap(np.array(0, np.int64))
        if device is not None:
            self.module = self.module.to(device)
            count = count.to(device)
        self.register_buffer("n_averaged", count)
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The averaged model's output."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present parameters into the averages."""
        if self.use_buffers:
            own: Iterable[Tensor] = itertools.chain(self.module.parameters(), self.module.buffers())
            new: Iterable[Tensor] = itertools.chain(model.parameters(), model.buffers())
        else:
            own, new = self.parameters(), model.parameters()
        averages = [p.detach() for p in own]
        values = [p.detach().to(a.device) for a, p in zip(averages, new)]
        count = self.n_averaged
        if count == 0:
            for a, v in zip(averages, values):
                a.copy_(v)
        elif self.avg_fn is not None:
            for a, v in zip(averages, values):
                a.copy_(self.avg_fn(a, v, count.to(a.device)))
        else:
            average = self.multi_avg_fn or get_swa_multi_avg_fn()
            groups: dict[Any, tuple[list[Tensor], list[Tensor]]] = {}
            for a, v in zip(averages, values):
                some, others = groups.setdefault((a.device, a.dtype), ([], []))
                some.append(a)
                others.append(v)
            for (device, _), (some, others) in groups.items():
                average(some, others, count.to(device))
        if not self.use_buffers:
            for b, v in zip(self.module.buffers(), model.buffers(), strict=True):
                b.detach().copy_(v.detach().to(b.device))
        self.n_averaged += 1


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of batch normalization anew, as means over all batches of ``loader``.

    A batch is a tensor, or a list or tuple whose first element is the model's input.
    """
    momenta = {m: m.momentum for m in model.modules() if isinstance(m, _BatchNorm)}
    if not momenta:
        return
    was_training = model.training
    model.train()
    for m in momenta:
        m.reset_running_stats()
        m.momentum = None  # the mean over all batches
    for batch in loader:
        x = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(x if device is None else x.to(device))
    for m, momentum in momenta.items():
        m.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """The rate goes to ``swa_lr`` in ``anneal_epochs`` epochs (along a cosine or a line) and stays there."""

    def __init__(self, optimizer: Optimizer, swa_lr: Any, anneal_epochs: int = 10, anneal_strategy: str = "cos",
                 last_epoch: int = -1) -> None:  # fmt: skip
        for group, lr in zip(optimizer.param_groups, per_group("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_strategy = anneal_strategy
        self._choose_curve()
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _choose_curve(self) -> None:
        # Under PyTorch's name: the schedule is pickled with it.
        self.anneal_func = self._linear_anneal if self._anneal_strategy == "linear" else self._cosine_anneal

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and the curve."""
        return {k: v for k, v in super().state_dict().items() if k != "anneal_func"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back a ``state_dict``."""
        super().load_state_dict(state_dict)
        self._choose_curve()

    def _way(self, step: int) -> float:
        """How much of the way is behind after ``step`` epochs, from 0 to 1."""
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))

    @staticmethod
    def _linear_anneal(t: float) -> float:
        return t

    @staticmethod
    def _cosine_anneal(t: float) -> float:
        return (1 - math.cos(math.pi * t)) / 2

    def get_lr(self) -> list[Any]:
        self._warn_unless_stepping()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._way(step - 1), self._way(step)
        out = []
        for group in self.optimizer.param_groups:
            lr, goal = group["lr"], group["swa_lr"]
            start = (
                goal if before == 1 else (lr - before * goal) / (1 - before)
            )  # another schedule may have moved it
            out.append(goal * now + start * (1 - now))
        return out


__all__ = ["SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "get_swa_multi_avg_fn",
           "update_bn"]  # fmt: skip
