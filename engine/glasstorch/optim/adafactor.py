"""Adafactor: adaptive rates with little memory."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.tensor import Tensor, wrap
from .optimizer import Optimizer, number, scalar


def lerp(start: Any, end: Any, weight: float) -> Any:
    """``start + weight * (end - start)``, from the nearer end, as PyTorch computes it."""
    return start + weight * (end - start) if weight < 0.5 else end - (end - start) * (1 - weight)


class Adafactor(Optimizer):
    """Divides gradients by the root of a running mean of their squares, kept for matrices as one row and one column.

    ``beta2_decay``: how the weight of old squares grows with the steps, ``1 - step ** beta2_decay``. ``eps``: the least
    value of an estimate (None: the type's own) and of a parameter's size. ``d``: the greatest root mean square of an
    update. Source: https://arxiv.org/abs/1804.04235, with ``lr`` instead of the relative step sizes.
    """

    def __init__(self, params: Any, lr: Any = 1e-2, beta2_decay: float = -0.8,
                 eps: tuple[float | None, float] = (None, 1e-3), d: float = 1.0, weight_decay: float = 0.0, *,
                 foreach: bool | None = None, maximize: bool = False) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and lr._a.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not number(lr) >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        super().__init__(params, {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize,
        })  # fmt: skip

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        if p.is_complex():
            raise RuntimeError("Adafactor does not support complex parameters")
        xp = backends.namespace(a)
        state = self.state[p]
        matrix = p._a.ndim > 1
        if not state:
            state["step"] = scalar(0.0)
            if matrix:
                state["row_var"] = wrap(xp.zeros((*a.shape[:-1], 1), a.dtype))
                state["col_var"] = wrap(xp.zeros((*a.shape[:-2], 1, a.shape[-1]), a.dtype))
            else:
                state["variance"] = wrap(xp.zeros_like(p._a))
        state["step"]._a += 1
        step, lr = state["step"].item(), s["lr"]
        eps1, eps2 = s["eps"]
        eps1 = dt.finfo(p.dtype).eps if eps1 is None else eps1
        new = step ** s["beta2_decay"]
        rate = max(eps2, float(xp.linalg.norm(a.reshape(-1))) / a.size**0.5) * min(lr, 1 / step**0.5)
        if s["weight_decay"]:
            a *= 1 - lr * s["weight_decay"]
        if matrix:
            rows, columns = state["row_var"], state["col_var"]
            rows._a[...] = lerp(rows._a, (g * g).mean(-1, keepdims=True), new)
            columns._a[...] = lerp(columns._a, (g * g).mean(-2, keepdims=True), new)
            estimate = rows._a @ columns._a / xp.maximum(rows._a.mean(-2, keepdims=True), eps1)
        else:
            kept = state["variance"]._a
            kept[...] = lerp(kept, (g * g).reshape(kept.shape), new)
            estimate = kept.reshape(a.shape)
        change = g / xp.sqrt(xp.maximum(estimate, eps1 * eps1))
        size = float(xp.linalg.norm(change.reshape(-1))) / (change.size**0.5 * s["d"])
        a -= change * (rate / max(1.0, size))
