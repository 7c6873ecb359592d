"""Muon: steps along orthogonal matrices, for the weights of hidden layers."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..core import dtype as dt
from ..core.tensor import Tensor, wrap
from .adafactor import lerp
from .optimizer import Optimizer, number


def orthogonal(g: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """Close to ``U V^T`` of the matrix ``g = U S V^T``: singular values go to about 1 by a Newton-Schulz iteration.

    Each step is the odd polynomial ``a X + b X X^T X + c (X X^T)^2 X``. It runs in bfloat16, which is precise enough
    and fast on a GPU; here products are summed in float32 and rounded, as PyTorch's kernels do.
    """
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if g.ndim != 2:
        raise ValueError("Input tensor gradient must be a 2D matrix")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    lower = dt.numpy_dtype(dt.bfloat16)

    def rounded(x: Any) -> Any:
        return x.astype(lower).astype("float32")

    a, b, c = coefficients
    tall = g.shape[0] > g.shape[1]
    x = rounded(g.T if tall else g)
    xp = backends.namespace(g)
    x = rounded(x / xp.maximum(rounded(xp.linalg.norm(x)), rounded(xp.asarray(eps, "float32"))))
    for _ in range(steps):
        gram = rounded(x @ x.T)
        gram = rounded(b * gram + c * (gram @ gram))
        x = rounded(a * x + gram @ x)
    return x.T if tall else x


class Muon(Optimizer):
    """``p -= lr * orthogonal(m)`` with momentum ``m``, for matrices only; let AdamW train biases and embeddings.

    ``ns_coefficients``, ``ns_steps``, ``eps``: of the Newton-Schulz iteration that makes the step orthogonal.
    ``adjust_lr_fn``: how the rate depends on the shape (A, B): ``"original"`` (also None), times
    ``sqrt(max(1, A / B))``; ``"match_rms_adamw"``, times ``0.2 * sqrt(max(A, B))``.
    Source: https://kellerjordan.github.io/posts/muon/
    """

    def __init__(self, params: Any, lr: Any = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95,
                 nesterov: bool = True, ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
                 eps: float = 1e-7, ns_steps: int = 5, adjust_lr_fn: str | None = None) -> None:  # fmt: skip
        if isinstance(lr, Tensor) and lr._a.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        for name, value in (("Learning rate", lr), ("momentum", momentum), ("weight decay", weight_decay)):
            if not number(value) >= 0.0:
                raise ValueError(f"{name} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        super().__init__(params, {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
        })  # fmt: skip
        for group in self.param_groups:
            for p in group["params"]:
                if p._a.ndim != 2:
                    raise ValueError(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {p.shape}"
                    )

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        if p.is_complex():
            raise RuntimeError("Muon does not support complex parameters")
        state = self.state[p]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = wrap(backends.namespace(g).zeros_like(g))
        m = state["momentum_buffer"]._a
        m[...] = lerp(m, g, 1 - s["momentum"])
        step = orthogonal(
            lerp(g, m, s["momentum"]) if s["nesterov"] else m, s["ns_coefficients"], s["ns_steps"], s["eps"]
        )
        rows, columns = a.shape
        ratio = math.sqrt(max(1, rows / columns))
        if s["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        a *= 1 - s["lr"] * s["weight_decay"]
        a -= (step * (s["lr"] * ratio)).astype(a.dtype)
