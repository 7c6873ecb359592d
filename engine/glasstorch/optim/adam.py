"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from .elementwise import ElementwiseOptimizer
from .optimizer import check, check_betas, check_lr, number


class Adam(ElementwiseOptimizer):
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

    def state_names(self, settings: dict[str, Any]) -> tuple[str, ...]:
        return (
            ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if settings["amsgrad"] else ("exp_avg", "exp_avg_sq")
        )

    def move(self, xp: Any, a: Any, g: Any, step: float, settings: dict[str, Any], *state: Any) -> None:
        mean, square, *largest = state
        lr, (beta1, beta2), decay = settings["lr"], settings["betas"], settings["weight_decay"]
        if decay:
            if settings["decoupled_weight_decay"]:
                a *= 1 - lr * decay
            else:
                g = g + a * decay
        work = g - mean
        work *= 1 - beta1
        mean += work
        xp.multiply(g, g, out=work)
        work *= 1 - beta2
        square *= beta2
        square += work
        if largest:
            square = xp.maximum(largest[0], square, out=largest[0])
        # mean / (1 - beta1^t) / (sqrt(square / (1 - beta2^t)) + eps), both corrections drawn into two numbers
        short = (1 - beta2**step) ** 0.5
        xp.sqrt(square, out=work)
        work += settings["eps"] * short
        xp.divide(mean, work, out=work)
        work *= lr * short / (1 - beta1**step)
        a -= work


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
