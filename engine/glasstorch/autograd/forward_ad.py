"""Forward mode by dual tensors: values that carry a tangent along.

Inside a ``dual_level``, ``make_dual`` gives a tensor a tangent, and ``unpack_dual`` asks any tensor computed from it
for the tangent that follows. That is computed when asked, by the two vector-Jacobian products of
``func/forward.py``, so a dual tensor counts as one that requires grad, and operations under ``no_grad`` pass no tangent
on.
Source: https://pytorch.org/docs/stable/autograd.html#forward-mode-automatic-differentiation
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..core.tensor import Tensor

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class UnpackedDualTensor(NamedTuple):
    """``primal``: the value; ``tangent``: None where there is none."""

    primal: Tensor
    tangent: Tensor | None


class _Level:
    """The dual tensors of one level."""

    def __init__(self) -> None:
        from ..func.levels import Transform

        self.transform = Transform()
        self.transform.recorded = True
        self.pairs: list[tuple[Tensor, Tensor]] = []


_levels: list[_Level] = []


def enter_dual_level() -> int:
    """Enter a level; its number. Only one can be active."""
    if _levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _levels.append(_Level())
    return len(_levels) - 1


def exit_dual_level(*, level: int | None = None) -> None:
    """Leave the level: its dual tensors lose their tangents."""
    at = len(_levels) - 1 if level is None else level
    if at < 0 or at != len(_levels) - 1:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    _levels.pop()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """The tensor with a tangent of the same shape and type."""
    from ..func.forward import check_tangent

    if not _levels:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, t in (("primal", tensor), ("tangent", tangent)):
        if not (t.is_floating_point() or t.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {t.dtype}")
    check_tangent(tensor, tangent)
    here = _levels[-1]
    dual = here.transform.enter(tensor)
    here.pairs.append((dual, tangent))
    return dual


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Value and tangent of a tensor."""
    from ..func.forward import Pushforward
    from ..func.levels import seen_outside

    if not _levels or not tensor.requires_grad:
        return UnpackedDualTensor(tensor, None)
    here = _levels[-1]
    primal = here.transform.leave(tensor)
    if not here.pairs:
        return UnpackedDualTensor(primal, None)
    for dual, tangent in here.pairs:
        if dual is tensor:
            return UnpackedDualTensor(primal, tangent)  # the very tensor that was given, as in PyTorch
    duals, tangents = [list(column) for column in zip(*here.pairs, strict=True)]
    push = Pushforward([tensor], duals)
    create = any(seen_outside(t) for t in (tensor, *tangents))
    found = push(tangents, create)[0]
    return UnpackedDualTensor(primal, None if found is None else here.transform.leave(found))


class dual_level:
    """A level for a ``with`` block."""

    def __enter__(self) -> int:
        self.level = enter_dual_level()
        return self.level

    def __exit__(self, *exc: Any) -> None:
        exit_dual_level(level=self.level)
