"""Putting transforms together: one after the other, sometimes, in any order, one of several."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ....nn import Module
from ..draws import happens


def described(owner: Any, lines: Iterable[Any]) -> str:
    """The class's name around indented lines."""
    return "\n".join([f"{type(owner).__name__}(", *(f"    {line}" for line in lines), ")"])


class Compose:
    """Transforms one after the other.

    Args:
        transforms: what is called on the image, and then on each other's result.

    Source: https://pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
    """

    def __init__(self, transforms: Sequence[Callable]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return described(self, self.transforms)


class Lambda:
    """Any function as a transform."""

    def __init__(self, lambd: Callable) -> None:
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class RandomTransforms:
    """A sequence of transforms of which a subclass chooses."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence")
        self.transforms = transforms

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return described(self, self.transforms)


class RandomApply(Module):
    """All of the transforms one after the other with probability ``p``, else none.

    ``transforms``: a sequence, or a ``nn.ModuleList`` of modules.
    """

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, img: Any) -> Any:
        if happens(self.p):
            for transform in self.transforms:
                img = transform(img)
        return img

    def __repr__(self) -> str:
        return described(self, [f"p={self.p}", *self.transforms])


class RandomOrder(RandomTransforms):
    """The transforms one after the other, in an order of Python's ``random.shuffle``."""

    def __call__(self, img: Any) -> Any:  # type: ignore[override]
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for k in order:
            img = self.transforms[k](img)
        return img


class RandomChoice(RandomTransforms):
    """One of the transforms, by Python's ``random.choices``; ``p``: how likely each is, None for equally."""

    def __init__(self, transforms: Sequence[Callable], p: Sequence[float] | None = None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError("Argument p should be a sequence")
        self.p = p

    def __call__(self, *args: Any) -> Any:  # type: ignore[override]
        return random.choices(self.transforms, weights=self.p)[0](*args)

    def __repr__(self) -> str:
        return f"{super().__repr__()}(p={self.p})"
