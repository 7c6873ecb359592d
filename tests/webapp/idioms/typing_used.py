from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Sized(Protocol):
    def __len__(self) -> int: ...


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> Stack[T]:
        self.items.append(item)
        return self


def apply(
    function: Callable[[int], int], values: Iterable[int], default: int | str | None = None
) -> list[Any]:
    return [function(v) for v in values]


def answer() -> bool:
    return Stack[int]().push(1).items == apply(lambda x: x, [1])
