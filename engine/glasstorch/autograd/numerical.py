"""Jacobians without a graph: by finite differences, and in forward mode. For ``gradcheck``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor


def _as_tuple(x: Any) -> tuple:
    return x if isinstance(x, tuple) else tuple(x) if isinstance(x, list) else (x,)


def _values(func: Callable, inputs: tuple, differentiable: bool) -> list[Tensor]:
    outs = _as_tuple(func(*inputs))
    if differentiable:
        outs = tuple(o for o in outs if o.requires_grad)
    return [o.detach().clone() for o in outs]


def _same_kind(a: Tensor, b: Tensor, where: str, eps: float) -> None:
    for what in ("shape", "dtype"):
        if getattr(a, what) != getattr(b, what):
            raise AssertionError(
                f"Expected `func` to return outputs with the same {what} when inputs are perturbed "
                f"{where}by {eps}, but "
                f"got: {what}s {getattr(a, what)} and {getattr(b, what)}."
            )


def _difference(
    func: Callable, inputs: tuple, differentiable: bool, move: Callable, eps: float, where: str
) -> list:
    """(f(x + h) - f(x - h)) / 2 eps; ``move(+1)`` and ``move(-1)`` shift the input, ``move(0)`` puts it back."""
    try:
        move(-1)
        below = _values(func, inputs, differentiable)
        move(1)
        above = _values(func, inputs, differentiable)
    finally:
        move(0)
    for a, b in zip(below, above, strict=True):
        _same_kind(a, b, where, eps)
    return [((b - a) / (2 * eps)).reshape(-1) for a, b in zip(below, above, strict=True)]


def numerical_jacobian(
    func: Callable, inputs: tuple, k: int, eps: float, outputs: tuple | None
) -> list[Tensor]:
    """d output / d input ``k``, a matrix (input elements, output elements) for each output.

    With ``outputs``, of those that require grad. For a complex input the conjugate Wirtinger derivative.
    """
    x = inputs[k]
    data = x.data  # changes to it are not counted, and reach whoever holds the input
    rows: list[list[Tensor]] = []
    for index in itertools.product(*(range(n) for n in x.shape)):
        old = data[index].clone()

        def move(sign: int, step: complex, index: tuple = index, old: Tensor = old) -> None:
            data[index] = old + sign * step if sign else old

        where = f"on index {index} "
        real = _difference(func, inputs, outputs is not None, lambda s: move(s, eps), eps, where)
        if x.is_complex():
            imaginary = _difference(
                func, inputs, outputs is not None, lambda s: move(s, eps * 1j), eps, where
            )
            real = [a + b * 1j for a, b in zip(real, imaginary, strict=True)]
        rows.append(real)
    if not rows:
        return [x.new_zeros((0, o.numel())) for o in _values(func, inputs, outputs is not None)]
    return [FUNCTIONS["stack"](list(column), 0) for column in zip(*rows, strict=True)]


def numerical_product(
    func: Callable, inputs: tuple, k: int, u: Tensor, eps: float, outputs: tuple
) -> list[Tensor]:
    """The derivative in direction ``u`` of input ``k``, in the shape of each output."""
    data = inputs[k].data
    old = data.clone()

    def move(sign: int) -> None:
        data.copy_(old + sign * eps * u if sign else old)

    found = _difference(func, inputs, True, move, eps, "")
    return [d.reshape(o.shape) for d, o in zip(found, outputs, strict=True)]


def forward_jacobian(func: Callable, inputs: tuple, k: int) -> list[Tensor]:
    """d output / d input ``k`` in forward mode, as ``numerical_jacobian`` gives it."""
    from ..func.forward import Pushforward
    from ..func.levels import Transform

    x = inputs[k].detach()
    rows = []
    for n in range(x.numel()):
        # Each direction has a call of its own, since a function's jvp may be good for one.
        level = Transform()
        # Dual tensors, not a transform: functions without setup_context may have a jvp too.
        level.recorded = True
        dual = level.enter(x)
        outs = _as_tuple(func(*(dual if m == k else v for m, v in enumerate(inputs))))
        live = [o for o in outs if o.is_floating_point() or o.is_complex()]
        tangent = x.new_zeros(x.numel())
        tangent[n] = 1
        row = []
        for o, t in zip(live, Pushforward(live, [dual])([tangent.reshape(x.shape)], False), strict=True):
            t = o.new_zeros(o.shape) if t is None else level.leave(t)
            row.append(t.detach().reshape(-1))
        rows.append(row)
    return [FUNCTIONS["stack"](list(column), 0) for column in zip(*rows, strict=True)]
