"""Optimizers that scale each step by past gradients: RMSprop, Adagrad, Adadelta."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.tensor import Tensor
from .optimizer import Optimizer, check, check_lr, like, scalar, working_view


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients, with optional momentum.

    ``centered``: the running variance instead of the mean square. Source: https://arxiv.org/abs/1308.0850
    """

    def __init__(self, params: Any, lr: Any = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
                 momentum: float = 0, centered: bool = False, capturable: bool = False, foreach: bool | None = None,
                 maximize: bool = False, differentiable: bool = False) -> None:  # fmt: skip
        check_lr(lr)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check("momentum", momentum)
        check("weight_decay", weight_decay)
        check("alpha", alpha)
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        names = (
            ["square_avg"] + ["momentum_buffer"] * (s["momentum"] > 0) + ["grad_avg"] * bool(s["centered"])
        )
        state = self.state_of(p, *names)
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        square = working_view(state["square_avg"]._a)
        square *= s["alpha"]
        square += g * g * (1 - s["alpha"])
        scale = square
        if s["centered"]:
            mean = working_view(state["grad_avg"]._a)
            mean += (g - mean) * (1 - s["alpha"])
            scale = square - mean * mean
        step = g / (xp.sqrt(scale) + s["eps"])
        if s["momentum"] > 0:
            buffer = working_view(state["momentum_buffer"]._a)
            buffer *= s["momentum"]
            buffer += step
            step = buffer
        a -= step * s["lr"]


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of squared gradients. Source: https://jmlr.org/papers/v12/duchi11a.html"""

    def __init__(self, params: Any, lr: Any = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
                 initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool | None = None, *,
                 maximize: bool = False, differentiable: bool = False, fused: bool | None = None) -> None:  # fmt: skip
        check_lr(lr)
        check("lr_decay", lr_decay)
        check("weight_decay", weight_decay)
        check("initial_accumulator_value", initial_accumulator_value)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        super().__init__(params, {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        })  # fmt: skip
        for group in self.param_groups:  # PyTorch makes this state at once, not at the first step
            for p in group["params"]:
                value = group["initial_accumulator_value"]
                start = complex(value, value) if p.is_complex() else value
                self.state[p] = {"step": scalar(0.0), "sum": like(p, start)}

    def share_memory(self) -> None:
        """Move the sums to where other processes see them: for one model that several of them train."""
        for state in self.state.values():
            state["sum"].share_memory_()

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state_of(p)
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        total = working_view(state["sum"]._a)
        total += g * g
        lr = s["lr"] / (1 + (float(state["step"]._a) - 1) * s["lr_decay"])
        a -= g / (xp.sqrt(total) + s["eps"]) * lr


class Adadelta(Optimizer):
    """Steps scaled by the ratio of past steps to past gradients. Source: https://arxiv.org/abs/1212.5701"""

    def __init__(self, params: Any, lr: Any = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0,
                 foreach: bool | None = None, *, capturable: bool = False, maximize: bool = False,
                 differentiable: bool = False) -> None:  # fmt: skip
        check_lr(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check("weight_decay", weight_decay)
        super().__init__(params, {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "capturable": capturable, "foreach": foreach, "differentiable": differentiable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state_of(p, "square_avg", "acc_delta")
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        rho, eps = s["rho"], s["eps"]
        square, moved = working_view(state["square_avg"]._a), working_view(state["acc_delta"]._a)
        square *= rho
        square += g * g * (1 - rho)
        delta = xp.sqrt(moved + eps) / xp.sqrt(square + eps) * g
        moved *= rho
        moved += delta * delta * (1 - rho)
        a -= delta * s["lr"]
