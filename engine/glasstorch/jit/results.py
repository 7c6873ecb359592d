"""What a replay gives back: the same objects, views and values as the call itself would.

Most results are new tensors. One may also be an argument or a parameter itself, the same tensor as another result, or
a view of either: then it is made again as that, so that writing into it goes where it would go in eager code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.dispatch import general
from ..core.mode import THREAD, set_grad_enabled
from ..core.op import Op
from ..core.tensor import Tensor
from ..core.tree import tree_flatten, tree_unflatten
from .program import Program, Untraceable

_SHARED = (
    "Two results share memory without one being a view of the other, or a result is another kind of view of an "
    "argument. A program cannot tell them that; return a .clone() of one of them."
)


@dataclass(frozen=True)
class _View:
    """A view of a tensor that the replay has (an argument, a captured tensor, an earlier result), made again.

    Attributes:
        steps: the operations that lead there, each with its other arguments and the number of its result.
        under_grad: were they recorded? detached: does the view have no history though the tensor has one?
    """

    of: int
    steps: tuple[tuple[Op, tuple, int | None], ...]
    under_grad: bool
    detached: bool

    def of_tensor(self, base: Tensor) -> Tensor:
        with set_grad_enabled(self.under_grad and THREAD.grad):
            made: Any = base
            for op, args, number in self.steps:
                made = general(op, (made, *args))
                made = made if number is None else made[number]
        return made.detach() if self.detached else made


class Results:
    """How the parts of a result come out of a replay.

    Attributes:
        tensors: the distinct tensors of the watched call's result and what several of them are views of, bases before
            their views.
        made: which of them come out of the program.

    Raises:
        Untraceable: two of them share memory in a way that cannot be made again.
    """

    def __init__(self, result: Any) -> None:
        parts, self._spec = tree_flatten(result)
        distinct = {id(p): p for p in parts if isinstance(p, Tensor)}
        views = [t for t in distinct.values() if _is_view(t)]
        bases: list[Any] = [t._x.base for t in views]  # type: ignore[union-attr]
        hidden = {
            id(b): (b, t) for b, t in zip(bases, views, strict=True)
            if id(b) not in distinct and sum(b is other for other in bases) > 1
        }  # fmt: skip
        given = [b for b, _ in hidden.values()]
        self.tensors: list[Tensor] = sorted([*given, *distinct.values()], key=_is_view)
        place = {id(t): k for k, t in enumerate(self.tensors)}
        # A base that several results are views of, and one of these, by number.
        self._hidden = {place[id(b)]: place[id(t)] for b, t in hidden.values()}
        self._parts: list[tuple[bool, Any]] = [
            (True, place[id(p)]) if isinstance(p, Tensor) else (False, p) for p in parts
        ]
        self.made: list[int] = []
        self._given: list[tuple[int, int]] = []
        self._views: list[tuple[int, bool, _View]] = []

    def tie(self, program: Program, begin: Sequence[Tensor]) -> None:
        """Find out what each result is, once the program and what it begins with are known."""
        slots = [*program.inputs, *(slot for slot, _ in program.captured)]
        for k, (t, slot) in enumerate(zip(self.tensors, program.outputs, strict=True)):
            same = next((b for b, tensor in enumerate(begin) if tensor is t), None)
            if same is not None:
                self._given.append((k, same))
                continue
            group = program.aliases[slot]
            base = next((b for b, s in enumerate(slots) if program.aliases[s] == group), None)
            if base is not None:
                self._views.append((k, True, _view(t, begin[base], base)))
                continue
            for earlier in self.made:
                other = self.tensors[earlier]
                if program.aliases[program.outputs[earlier]] == group and _touch(t, other):
                    if t._rg and not (_is_view(t) and t._x.base is other):  # type: ignore[union-attr]
                        raise Untraceable(_SHARED)
                    self._views.append((k, False, _view(t, other, earlier)))
                    break
            else:
                self.made.append(k)

    def release(self) -> None:
        """Let go of the watched call's tensors, and with them of its graph."""
        self.tensors = []

    @property
    def detached(self) -> set[int]:
        """The tensors without a history that are a view of one with a history."""
        return {k for k, _, view in self._views if view.detached}

    def structure(self, tensors: Sequence[Any]) -> Any:
        """The result with other things for its tensors."""
        return tree_unflatten([tensors[v] if is_tensor else v for is_tensor, v in self._parts], self._spec)

    def build(self, tensors: list[Tensor], begin: Sequence[Tensor]) -> Any:
        """The result of a replay from the tensors that came out of the program."""
        if self._given or self._views:
            for k, b in self._given:
                tensors[k] = begin[b]
            for k, outside, view in self._views:
                tensors[k] = view.of_tensor((begin if outside else tensors)[view.of])
        return self.structure(tensors)

    def of(self, result: Any) -> list[Tensor]:
        """The distinct tensors of another call's result, in this one's order."""
        parts, _ = tree_flatten(result)
        found: dict[int, Tensor] = {}
        for (is_tensor, k), part in zip(self._parts, parts, strict=True):
            if is_tensor:
                found[k] = part
        for k, view in self._hidden.items():
            found[k] = found[view]._x.base  # type: ignore[union-attr, assignment]
        return [found[k] for k in sorted(found)]


def _is_view(t: Tensor) -> bool:
    return t._x is not None and t._x.base is not None


def _touch(a: Tensor, b: Tensor) -> bool:
    if not np.may_share_memory(a._a, b._a):
        return False
    try:
        return np.shares_memory(a._a, b._a, max_work=1000)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def _view(t: Tensor, base: Tensor, of: int) -> _View:
    steps: list[tuple[Op, tuple, int | None]] = []
    if t._a is not base._a:
        if t._x is None or t._x.base is None or (t._rg and (not base._rg or t._node is None)):
            raise Untraceable(_SHARED)
        before = base._x.replay if base._x is not None and base._x.base is not None else None
        link = t._x.replay
        while link is not before:
            if link is None:
                raise Untraceable(_SHARED)
            op, args, link, number = link
            steps.insert(0, (op, args, number))
    elif t._rg:
        raise Untraceable(_SHARED)
    return _View(of, tuple(steps), not t._x.no_grad if t._x is not None else True, base._rg and not t._rg)
