"""Rprop, which looks at signs only, and ASGD, which averages the parameters."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.tensor import Tensor
from .optimizer import Optimizer, check, check_lr, like, number, scalar, working_view


class Rprop(Optimizer):
    """A step size for each element, that grows while the gradient keeps its sign and shrinks when it turns.

    ``etas``: factors to shrink and to grow by; ``step_sizes``: the smallest and largest.
    Source: Riedmiller and Braun 1993
    """

    def __init__(self, params: Any, lr: Any = 1e-2, etas: tuple = (0.5, 1.2), step_sizes: tuple = (1e-6, 50), *,
                 capturable: bool = False, foreach: bool | None = None, maximize: bool = False,
                 differentiable: bool = False) -> None:  # fmt: skip
        check_lr(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        xp = backends.namespace(a)
        state = self.state[p]
        if not state:
            lr = complex(s["lr"], s["lr"]) if p.is_complex() else s["lr"]
            state.update(step=scalar(0.0), prev=like(p), step_size=like(p, lr))
        state = self.state_of(p)
        before, size = working_view(state["prev"]._a), working_view(state["step_size"]._a)
        agree = xp.sign(g * before)
        shrink, grow = s["etas"]
        size *= xp.where(agree > 0, grow, xp.where(agree < 0, shrink, 1)).astype(size.dtype)
        xp.clip(size, *s["step_sizes"], out=size)
        g = xp.where(agree < 0, 0, g).astype(a.dtype)
        a -= xp.sign(g) * size
        before[...] = g


class ASGD(Optimizer):
    """Gradient descent with a falling rate, and the average of the parameters in the state ``ax``.

    Source: Polyak and Juditsky 1992
    """

    def __init__(self, params: Any, lr: Any = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
                 weight_decay: float = 0, foreach: bool | None = None, maximize: bool = False,
                 differentiable: bool = False, capturable: bool = False) -> None:  # fmt: skip
        check_lr(lr)
        check("weight_decay", weight_decay)
        super().__init__(params, {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        state = self.state[p]
        if not state:
            state.update(step=scalar(0.0), eta=scalar(number(s["lr"])), mu=scalar(1.0), ax=like(p))
        state = self.state_of(p)
        if s["weight_decay"]:
            g = g + a * s["weight_decay"]
        step, eta, mu = (float(state[k]._a) for k in ("step", "eta", "mu"))
        a *= 1 - s["lambd"] * eta
        a -= g * eta
        average = working_view(state["ax"]._a)
        if mu == 1:
            average[...] = a
        else:
            average += (a - average) * mu
        eta = s["lr"] / ((1 + s["lambd"] * s["lr"] * step) ** s["alpha"])
        state["eta"]._a[...] = scalar(eta)._a  # rounded to the default type, as in PyTorch
        state["mu"]._a[...] = scalar(1 / max(1, step - s["t0"]))._a
