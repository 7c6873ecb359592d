"""Relatives of Adam: Adamax, NAdam, RAdam."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.tensor import Tensor
from .optimizer import Optimizer, check, check_betas, check_lr, like, scalar, working_view


def _checked(lr: Any, betas: tuple, eps: float, weight_decay: float) -> None:
    check_lr(lr)
    if eps < 0.0:
        raise ValueError(f"Invalid epsilon value: {eps}")
    check_betas(betas)
    check("weight_decay", weight_decay)


class Adamax(Optimizer):
    """``Adam`` scaled by a running maximum instead of a mean square. Source: https://arxiv.org/abs/1412.6980"""

    def __init__(self, params: Any, lr: Any = 2e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, foreach: bool | None = None, *, maximize: bool = False,
                 differentiable: bool = False, capturable: bool = False) -> None:  # fmt: skip
        _checked(lr, betas, eps, weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state_of(p, "exp_avg", "exp_inf")
        beta1, beta2 = s["betas"]
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        mean, top = working_view(state["exp_avg"]._a), working_view(state["exp_inf"]._a)
        mean += (g - mean) * (1 - beta1)
        top *= beta2
        xp.maximum(top, xp.abs(g) + s["eps"], out=top)
        a -= mean / top * (s["lr"] / (1 - beta1 ** float(state["step"]._a)))


class NAdam(Optimizer):
    """``Adam`` with Nesterov's look ahead. Source: https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ"""

    def __init__(self, params: Any, lr: Any = 2e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
                 foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
                 differentiable: bool = False) -> None:  # fmt: skip
        _checked(lr, betas, eps, weight_decay)
        check("momentum_decay", momentum_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state[p]
        if not state:
            state.update(step=scalar(0.0), mu_product=scalar(1.0), exp_avg=like(p), exp_avg_sq=like(p))
        state = self.state_of(p)
        step, lr, (beta1, beta2) = float(state["step"]._a), s["lr"], s["betas"]
        if s["weight_decay"]:
            if s["decoupled_weight_decay"]:
                a *= 1 - lr * s["weight_decay"]
            else:
                g = g + a * s["weight_decay"]
        mu, ahead = (beta1 * (1.0 - 0.5 * 0.96 ** (t * s["momentum_decay"])) for t in (step, step + 1))
        state["mu_product"]._a *= mu
        product = float(state["mu_product"]._a)
        mean, square = working_view(state["exp_avg"]._a), working_view(state["exp_avg_sq"]._a)
        mean += (g - mean) * (1 - beta1)
        square *= beta2
        square += g * g * (1 - beta2)
        scale = xp.sqrt(square / (1 - beta2**step)) + s["eps"]
        a -= g / scale * (lr * (1.0 - mu) / (1.0 - product))
        a -= mean / scale * (lr * ahead / (1.0 - product * ahead))


class RAdam(Optimizer):
    """``Adam`` that waits with scaling until its variance estimate can be trusted.

    Source: https://arxiv.org/abs/1908.03265
    """

    def __init__(self, params: Any, lr: Any = 1e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
                 maximize: bool = False, capturable: bool = False, differentiable: bool = False) -> None:  # fmt: skip
        _checked(lr, betas, eps, weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state_of(p, "exp_avg", "exp_avg_sq")
        step, lr, (beta1, beta2) = float(state["step"]._a), s["lr"], s["betas"]
        if s["weight_decay"]:
            if s["decoupled_weight_decay"]:
                a *= 1 - lr * s["weight_decay"]
            else:
                g = g + a * s["weight_decay"]
        mean, square = working_view(state["exp_avg"]._a), working_view(state["exp_avg_sq"]._a)
        mean += (g - mean) * (1 - beta1)
        square *= beta2
        square += g * g * (1 - beta2)
        corrected = mean / (1 - beta1**step)
        most = 2 / (1 - beta2) - 1  # length of the running average in the long run, and so far
        far = 1 - beta2**step
        length = most - 2 * step * beta2**step / far
        if length > 5.0:
            rectify = ((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)) ** 0.5
            a -= corrected * (lr * rectify * far**0.5) / (xp.sqrt(square) + s["eps"])
        else:
            a -= corrected * lr
