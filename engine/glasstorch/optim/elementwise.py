"""Optimizers whose step treats every element alike: small parameters take it together, large ones piece by piece.

Twenty small parameters would cost twenty times the price of calling NumPy. So the state of a group's small parameters
lies in one run of memory, theirs in the order of the parameters; a step collects their gradients and values, moves
them all at once, and puts the values back. The state tensors look at their part of that memory, and are otherwise
like any others: to be read, changed, saved and loaded.
"""

from __future__ import annotations

from typing import Any

from .. import backends
from ..backends import HostArray
from ..backends.workspace import arena
from ..core.tensor import Tensor
from .optimizer import Optimizer, working_view

SMALL = 1 << 14  # elements up to which a parameter is better off in company
FEW = 3  # parameters that make no company
PIECE = 1 << 15  # elements at a time: what a core's cache holds of the arrays that a step reads


class Company:
    """Small parameters of one group, of one type, in one place and at the same step."""

    def __init__(self, optimizer: ElementwiseOptimizer, params: list[Tensor], names: tuple[str, ...]) -> None:
        self.params, self.names = params, names
        self.numbers = [id(p) for p in params]
        self.arrays = [p._a for p in params]
        shapes = [a.shape for a in self.arrays]
        like = self.arrays[0]
        self.xp = backends.namespace(like)
        self.states = [optimizer.kept_state(p, *names) for p in params]
        self.values, self.parts = arena(self.xp, like.dtype, shapes)
        self.grads, _ = arena(self.xp, like.dtype, shapes)
        self.step = float(self.states[0]["step"]._a)
        count = self.states[0]["step"]._a
        self.steps, step_parts = arena(backends.namespace(count), count.dtype, [count.shape] * len(params))
        self.state = {}
        kept: list[
            tuple[Any, Any]
        ] = []  # each state tensor and its array, to see that nobody replaced either
        for name, (whole, parts) in {
            "step": (self.steps, step_parts),
            **{name: arena(self.xp, like.dtype, shapes) for name in names},
        }.items():
            self.state[name] = whole
            for state, part in zip(self.states, parts):
                part[...] = state[name]._a
                state[name]._a = part
                kept.append((state[name], part))
        self.kept = kept

    def hold(self, optimizer: ElementwiseOptimizer, names: tuple[str, ...]) -> bool:
        """Is everything where the last step left it?"""
        state = optimizer.state
        if names != self.names or not (self.steps == self.step).all():
            return False
        for p, a, own in zip(self.params, self.arrays, self.states):
            if p._a is not a or p._grad._a.dtype != a.dtype or state.get(p) is not own:  # type: ignore[union-attr]
                return False
        k = 0
        for name in ("step", *names):
            for own in self.states:
                tensor, part = self.kept[k]
                if tensor._a is not part or own.get(name) is not tensor:
                    return False
                k += 1
        return True

    def move(self, optimizer: ElementwiseOptimizer, settings: dict[str, Any]) -> None:
        """One step of all members."""
        xp = self.xp
        grads = [p._grad._a.reshape(-1) for p in self.params]  # type: ignore[union-attr]
        xp.concatenate(grads, out=self.grads)
        xp.concatenate([a.reshape(-1) for a in self.arrays], out=self.values)
        if settings.get("maximize"):
            xp.negative(self.grads, out=self.grads)
        self.step += 1
        self.steps[...] = self.step
        optimizer.move_pieces(
            self.values, self.grads, self.step, settings, [self.state[n] for n in self.names]
        )
        for p, a, part in zip(self.params, self.arrays, self.parts):
            a[...] = part
            p._v[0] += 1


class ElementwiseOptimizer(Optimizer):
    """Base of such optimizers: a subclass says what it keeps for an element, and how an element moves."""

    def state_names(self, settings: dict[str, Any]) -> tuple[str, ...]:
        """The state arrays of a parameter, besides its step count. They start at zero."""
        raise NotImplementedError

    def move(self, xp: Any, a: Any, g: Any, step: float, settings: dict[str, Any], *state: Any) -> None:
        """Change values ``a`` and their state in place by the gradients ``g`` (not to be changed)."""
        raise NotImplementedError

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        names = self.state_names(s)
        state = self.state_of(p, *names)
        self.move_pieces(a, g, float(state["step"]._a), s, [working_view(state[n]._a) for n in names])

    def move_pieces(self, a: Any, g: Any, step: float, settings: dict[str, Any], state: list[Any]) -> None:
        """``move`` on pieces of large arrays, so that one piece is done before the next is fetched from memory."""
        xp = backends.namespace(a)
        if (
            a.size <= 2 * PIECE
            or not all(x.flags.c_contiguous for x in (a, g, *state))
            or not isinstance(a, HostArray)
        ):
            self.move(xp, a, g, step, settings, *state)
            return
        a, g, *state = (x.reshape(-1) for x in (a, g, *state))
        for start in range(0, a.size, PIECE):
            cut = slice(start, start + PIECE)
            self.move(xp, a[cut], g[cut], step, settings, *(x[cut] for x in state))

    def together(self, group: dict[str, Any], settings: dict[str, Any]) -> list[Tensor]:
        names, params = self.state_names(settings), group["params"]
        with_gradient = [id(p) for p in params if p._grad is not None]
        known = self.__dict__.setdefault("_companies", {})
        before, found = known.get(id(params), (None, ()))
        if before != with_gradient or not all(c.hold(self, names) for c in found):
            found = [Company(self, members, names) for members in self._gather(params, names)]
            known[id(params)] = with_gradient, found
        moved: set[int] = set()
        for company in found:
            company.move(self, settings)
            moved.update(company.numbers)
        return [p for p in params if id(p) not in moved] if moved else params

    def _gather(self, params: list[Tensor], names: tuple[str, ...]) -> list[list[Tensor]]:
        """Who goes together: small dense parameters with gradients, of one type, place and number of steps."""
        kinds: dict[Any, list[Tensor]] = {}
        for p in params:
            a, g = p._a, p._grad
            if g is None:
                continue
            state = self.kept_state(p, *names)  # made in the parameters' order, as state_dict() shows it
            if a.size > SMALL or a.dtype.kind == "c" or not a.flags.c_contiguous or g._a.dtype != a.dtype:
                continue
            if all(state[n]._a.shape == a.shape and state[n]._a.dtype == a.dtype for n in names):
                step = state["step"]
                kinds.setdefault(
                    (a.dtype, backends.place(a), float(step._a), step.dtype, step._a.shape), []
                ).append(p)
        return [members for members in kinds.values() if len(members) >= FEW]
