"""In-place forms that change how a tensor looks at its memory: ``t_``, ``squeeze_``, ``resize_`` and their kin."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import backends
from ..backends import determinism
from ..core.dims import size_argument, sizes
from ..core.forms import FUNCTIONS, public
from ..core.inplace import check_writable
from ..core.mode import THREAD
from ..core.tensor import Tensor
from .shape import squeeze, t, transpose, unsqueeze
from .windows import as_strided


def _in_place(name: str, view: Callable) -> Callable:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_writable(self, name)
        seen = view(self, *args, **kwargs)
        if THREAD.grad and seen._rg:
            self._node, self._rg = seen._node, True
        if self._x is not None and self._x.base is not None:  # a view of the same base, made by one more step
            self._x.replay = seen._x.replay
        self._a = seen._a
        self._v[0] += 1
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = (
        f"In-place form of ``{name[:-1]}``: the tensor itself changes its shape.\n\n{view.__doc__}"
    )
    setattr(Tensor, name, method)
    return method


for _name, _view in (("t_", t), ("transpose_", transpose), ("swapaxes_", transpose), ("swapdims_", transpose),
                     ("squeeze_", squeeze), ("unsqueeze_", unsqueeze)):  # fmt: skip
    _in_place(_name, _view)
FUNCTIONS["as_strided_"] = _in_place("as_strided_", as_strided)


def _resize(self: Tensor, *size: Any, memory_format: Any = None, **named: Any) -> Tensor:
    """resize_(*sizes) -> Tensor

    Another shape, in place: the elements stay where they are in memory; new ones are uninitialised.
    """
    shape = sizes(size_argument(size, named, "resize_"), "resize_")
    if self._rg:
        raise RuntimeError("cannot resize variables that require grad")
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    if self._a.shape == shape:
        return self
    n, xp = math.prod(shape), backends.namespace(self._a)
    memory = self._a
    if not memory.flags.c_contiguous or n > memory.size:
        memory = determinism.fill(xp.zeros(n, self._a.dtype))
        kept = self._a.reshape(-1)[:n]
        memory[: kept.size] = kept
    self._a = memory.reshape(-1)[:n].reshape(shape)
    self._v[0] += 1
    return self


def _resize_as(self: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """resize_as_(tensor) -> Tensor

    ``resize_`` to the shape of another tensor.
    """
    return _resize(self, the_template._a.shape)


_resize_as.__name__ = "resize_as_"
Tensor.resize_, Tensor.resize_as_ = _resize, public(_resize_as)
