"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.tensor import Tensor
from .optimizer import Optimizer, check, check_betas, check_lr, like, number, working_view


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square, both corrected for their start at zero.

    ``weight_decay`` adds to the gradient, or (``decoupled_weight_decay``) shrinks the parameter itself;
    ``amsgrad`` scales by the largest mean square so far. Source: https://arxiv.org/abs/1412.6980
    """

    def __init__(self, params: Any, lr: Any = 1e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, amsgrad: bool = False, *, foreach: bool | None = None,
                 maximize: bool = False, capturable: bool = False, differentiable: bool = False,
                 fused: bool | None = None, decoupled_weight_decay: bool = False) -> None:  # fmt: skip
        if isinstance(lr, Tensor):
            if foreach and not capturable:
                raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
            if lr._a.size != 1:
                raise ValueError("Tensor lr must be 1-element")
        check_lr(lr)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
            raise ValueError("betas must be either both floats or both Tensors")
        check("weight_decay", number(weight_decay))
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state_of(p, "exp_avg", "exp_avg_sq")
        step, lr = float(state["step"]._a), s["lr"]
        beta1, beta2 = (number(b) for b in s["betas"])
        if s["weight_decay"]:
            if s["decoupled_weight_decay"]:
                a *= 1 - lr * s["weight_decay"]
            else:
                g = g + a * s["weight_decay"]
        mean, square = working_view(state["exp_avg"]._a), working_view(state["exp_avg_sq"]._a)
        mean += (g - mean) * (1 - beta1)
        square *= beta2
        square += g * g * (1 - beta2)
        if s["amsgrad"]:
            largest = state.get("max_exp_avg_sq")
            if largest is None:
                largest = state["max_exp_avg_sq"] = like(p)
            top = working_view(largest._a)
            xp.maximum(top, square, out=top)
            square = top
        scale = xp.sqrt(square)
        scale /= (1 - beta2**step) ** 0.5
        scale += s["eps"]
        xp.divide(mean, scale, out=scale)
        scale *= lr / (1 - beta1**step)
        a -= scale


class AdamW(Adam):
    """``Adam`` whose weight decay shrinks the parameters themselves. Source: https://arxiv.org/abs/1711.05101"""

    def __init__(self, params: Any, lr: Any = 1e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False,
                 foreach: bool | None = None, capturable: bool = False, differentiable: bool = False,
                 fused: bool | None = None) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip
