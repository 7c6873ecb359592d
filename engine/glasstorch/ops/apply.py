"""Python functions applied element by element, in place. Slow; for what no operation computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from .shape import expand


def _check(name: str, *tensors: Tensor) -> None:
    if any(t._rg for t in tensors):
        raise RuntimeError(
            f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
        )
    for t in tensors:
        if t.is_cuda:
            raise TypeError(f"{name} is only implemented on CPU tensors")


def _fill(self: Tensor, values: list[Any]) -> Tensor:
    kind = self._a.dtype.kind
    numbers = [int(v) for v in values] if kind in "iu" else values
    self._a[...] = np.array(numbers, dtype=self._a.dtype).reshape(self._a.shape)
    self._v[0] += 1
    return self


def _apply(self: Tensor, callable: Callable) -> Tensor:
    """apply_(callable) -> Tensor

    Replace each element by ``callable(element)``. CPU tensors only.
    """
    _check("apply_", self)
    return _fill(self, [callable(v) for v in self.reshape(-1).tolist()])


def _map_with(name: str, self: Tensor, others: tuple[Tensor, ...], callable: Callable) -> Tensor:
    _check(name, self, *others)
    for label, t in zip(("other",) if len(others) == 1 else ("x", "y"), others, strict=True):
        if t.dtype is not self.dtype:
            raise TypeError(f"{name}: expected {self.type()} for '{label}' (got {t.type()})")
    columns = [wrap(expand(t, *self._a.shape)._a).reshape(-1).tolist() for t in (self, *others)]
    return _fill(self, [callable(*row) for row in zip(*columns, strict=True)])


def _map(self: Tensor, tensor: Tensor, callable: Callable) -> Tensor:
    """map_(tensor, callable) -> Tensor

    Replace each element by ``callable(element, element of tensor)``; ``tensor`` broadcasts. CPU tensors only.
    """
    return _map_with("map_", self, (tensor,), callable)


def _map2(self: Tensor, x: Tensor, y: Tensor, callable: Callable) -> Tensor:
    """map2_(x, y, callable) -> Tensor

    Replace each element by ``callable(element, element of x, element of y)``. CPU tensors only.
    """
    return _map_with("map2_", self, (x, y), callable)


Tensor.apply_, Tensor.map_, Tensor.map2_ = _apply, _map, _map2
