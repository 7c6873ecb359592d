"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor, wrap
from .optimizer import Optimizer, check, check_lr, number, working_view


class SGD(Optimizer):
    """``p -= lr * g``, with momentum ``b = momentum * b + (1 - dampening) * g`` in place of g, plain or Nesterov's.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(self, params: Any, lr: Any = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
                 nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None,
                 differentiable: bool = False, fused: bool | None = None) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and lr._a.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        check_lr(lr)
        check("momentum", momentum)
        check("weight_decay", number(weight_decay))
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        momentum = s["momentum"]
        if momentum:
            state = self.state[p]
            buffer = state.get("momentum_buffer")
            if buffer is None:
                kept = p._a.copy()
                state["momentum_buffer"] = wrap(kept)
                b = working_view(kept)
                b[...] = g
            else:
                b = working_view(buffer._a)
                b *= momentum
                b += g if not s["dampening"] else g * (1 - s["dampening"])
            g = g + b * momentum if s["nesterov"] else b
        a -= g * s["lr"]
