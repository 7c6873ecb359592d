"""Keeping gradients small. Source: https://arxiv.org/abs/1211.5063"""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Any

from ... import linalg
from ...core.frames import warn
from ...core.mode import no_grad
from ...core.tensor import Tensor
from ...ops import create
from ...ops.join import stack


def _listed(tensors: Any) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters: Any) -> list[Any]:
    return [p.grad for p in _listed(parameters) if p.grad is not None]


@no_grad()
def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of several tensors as if they were one vector, 0-d.

    ``norm_type``: its order, ``inf`` for the largest absolute value. ``error_if_nonfinite``: RuntimeError when it is
    inf or nan. ``foreach`` chooses an implementation in PyTorch and is accepted.
    """
    tensors, order = _listed(tensors), float(norm_type)
    if not tensors:
        return create.tensor(0.0)
    norms: list[Any] = [linalg.vector_norm(t, order) for t in tensors]
    total: Any = linalg.vector_norm(stack([n.to(norms[0].device) for n in norms]), order)
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it cannot be clipped. "
            "To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale the gradients of the parameters, in place, by ``max_norm / total_norm`` where that is below 1."""
    inverse: Any = (total_norm + 1e-6).reciprocal()  # type: ignore[attr-defined]
    factor = (inverse * float(max_norm)).clamp(max=1.0)  # rounded in PyTorch's order, which lower types show
    for g in _gradients(parameters):
        g.mul_(factor.to(g.device))


@no_grad()
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients in place so that their norm, taken together, is at most ``max_norm``.

    Gives the norm before. Arguments as of ``get_total_norm``.
    """
    is_generator = isinstance(parameters, types.GeneratorType)
    parameters = _listed(parameters)
    if is_generator and not parameters:
        warn("`parameters` is an empty generator, no gradient clipping will occur.")
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(parameters, max_norm, total, foreach)
    return total


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The old name of ``clip_grad_norm_``; FutureWarning."""
    warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


@no_grad()
def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Clamp every element of the gradients to [-clip_value, clip_value], in place."""
    limit = float(clip_value)
    for g in _gradients(parameters):
        g.clamp_(-limit, limit)
