"""Transforms made of transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....nn import ModuleList
from ....ops.create import tensor
from ....ops.random import rand, randperm
from ....ops.sample import multinomial
from .transform import Transform


class _Several(Transform):
    """A transform made of others."""

    transforms: Any

    def __init__(
        self, transforms: Any, permitted: Any = Sequence, words: str = "a sequence of callables"
    ) -> None:
        if not isinstance(transforms, permitted):
            raise TypeError(f"Argument transforms should be {words}")
        if not transforms:
            raise ValueError("Pass at least one transform")
        super().__init__()
        self.transforms = transforms

    @staticmethod
    def _in_turn(transforms: Any, inputs: tuple) -> Any:
        several = len(inputs) > 1
        for transform in transforms:
            out = transform(*inputs)
            inputs = out if several else (out,)
        return out

    def _listed(self) -> str:
        return "\n".join(f"    {t}" for t in self.transforms)


class Compose(_Several):
    """Transforms one after the other."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        super().__init__(transforms)

    def forward(self, *inputs: Any) -> Any:
        return self._in_turn(self.transforms, inputs)

    def extra_repr(self) -> str:
        return self._listed()


class RandomApply(_Several):
    """With probability ``p`` all transforms one after the other, else none."""

    def __init__(self, transforms: Sequence[Callable] | ModuleList, p: float = 0.5) -> None:
        super().__init__(transforms, (Sequence, ModuleList), "a sequence of callables or a `nn.ModuleList`")
        if not 0.0 <= p <= 1.0:
            raise ValueError("`p` should be a floating point value in the interval [0.0, 1.0].")
        self.p = p

    def forward(self, *inputs: Any) -> Any:
        if rand(1).item() >= self.p:
            return inputs if len(inputs) > 1 else inputs[0]
        return self._in_turn(self.transforms, inputs)

    def extra_repr(self) -> str:
        return self._listed()


class RandomChoice(_Several):
    """One of the transforms.

    Args:
        transforms: to choose from.
        p: how likely each is; scaled to sum 1. None: all alike.
    """

    def __init__(self, transforms: Sequence[Callable], p: list[float] | None = None) -> None:
        super().__init__(transforms)
        p = [1] * len(transforms) if p is None else p
        if len(p) != len(transforms):
            raise ValueError(
                f"Length of p doesn't match the number of transforms: {len(p)} != {len(transforms)}"
            )
        total = sum(p)
        self.p = [share / total for share in p]

    def forward(self, *inputs: Any) -> Any:
        return self.transforms[int(multinomial(tensor(self.p), 1))](*inputs)


class RandomOrder(_Several):
    """All transforms, in a random order."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        super().__init__(transforms)

    def forward(self, *inputs: Any) -> Any:
        order = randperm(len(self.transforms)).tolist()
        return self._in_turn([self.transforms[k] for k in order], inputs)
