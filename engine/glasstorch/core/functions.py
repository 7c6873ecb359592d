"""The two namespaces a derivative is written in: ``F`` on arrays, and ``F`` on tensors.

``F.exp(x)`` is the op's forward when ``x`` is an array and the op itself when ``x`` is a tensor, so that one
formula serves the plain backward and gradients of gradients.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import numpy as np

from .op import REGISTRY


class ArrayFunctions:
    """Forwards of the registered ops on the arrays of one module."""

    def __init__(self, xp: ModuleType) -> None:
        self.xp = xp

    def __getattr__(self, name: str) -> Any:
        if name not in REGISTRY:
            raise AttributeError(f"no op named {name!r} is registered")
        op, xp = REGISTRY[name], self.xp
        keyword = {p.name for p in op.params if p.keyword_only}

        def call(*args: Any, **kwargs: Any) -> Any:
            if kwargs and not keyword:  # forwards take plain parameters by position
                bound = dict(zip((p.name for p in op.params), args))
                bound.update(kwargs)
                args = tuple(bound.get(p.name, p.default) for p in op.params)
                kwargs = {}
            elif len(args) < len(op.params) and not keyword:
                args += tuple(p.default for p in op.params[len(args) :])
            result = op.forward(xp, *args, **kwargs)
            if op.keeps:
                result = result[0]
            if isinstance(result, np.floating) and not any(hasattr(a, "dtype") for a in args):
                return result.item()  # functions of Python numbers stay Python numbers, which promote weakly
            return result

        setattr(self, name, call)
        return call

    @staticmethod
    def cast_like(x: Any, np_dtype: Any) -> Any:
        """``x`` in another type; the real part when a complex gradient meets a real input."""
        if x.dtype.kind == "c" and np_dtype.kind != "c":
            x = x.real
        return x.astype(np_dtype)

    def sum_to_size(self, x: Any, shape: tuple) -> Any:
        """Undo broadcasting: sum over the dimensions that were stretched."""
        lead = x.ndim - len(shape)
        axes = tuple(range(lead)) + tuple(
            i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1
        )
        if not lead and len(axes) == x.ndim == 1 and not shape:
            return x.sum()
        out = x.sum(axis=axes, keepdims=True) if axes else x
        return out.reshape(shape)

    def constant(self, value: Any, like: Any) -> Any:
        """An array from outside the graph (a mask, an index) beside ``like``."""
        return value


class TensorFunctions:
    """The ops themselves."""

    def __getattr__(self, name: str) -> Any:
        if name not in REGISTRY:
            raise AttributeError(f"no op named {name!r} is registered")
        fn = REGISTRY[name].function
        setattr(self, name, fn)
        return fn

    @staticmethod
    def cast_like(x: Any, np_dtype: Any) -> Any:
        from .dtype import from_numpy_dtype

        d = from_numpy_dtype(np_dtype)
        if x.dtype is d:
            return x
        if x.dtype.is_complex and not d.is_complex:
            x = x.real
        return x.to(d)

    def sum_to_size(self, x: Any, shape: tuple) -> Any:
        lead = x.dim() - len(shape)
        axes = tuple(range(lead)) + tuple(
            i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1
        )
        out = x.sum(axes, keepdim=True) if axes else x
        return out.reshape(shape)

    def constant(self, value: Any, like: Any) -> Any:
        from .tensor import Tensor, wrap

        return value if isinstance(value, Tensor) else wrap(value)


@functools.cache
def arrays_for(xp: ModuleType) -> ArrayFunctions:
    """The array namespace for NumPy or CuPy."""
    return ArrayFunctions(xp)


TENSORS = TensorFunctions()


def _join(F: Any, g: Any, shape: tuple, dim: Any, lengths: list | None, zeros: Any) -> Any:
    from .dims import wrap_dim

    d = wrap_dim(dim, len(shape))
    n = shape[d] if lengths is None else len(lengths)
    piece = [
        shape[:d] + shape[d + 1 :] if lengths is None else (*shape[:d], lengths[k], *shape[d + 1 :])
        for k in range(n)
    ]
    some = next(iter(g.values()))
    parts = [g[k] if k in g else zeros(piece[k], some) for k in range(n)]
    return F.stack(parts, d) if lengths is None else F.cat(parts, d)


def _array_join(self: ArrayFunctions, g: Any, shape: tuple, dim: Any, lengths: Any) -> Any:
    return _join(self, g, shape, dim, lengths, lambda s, like: self.xp.zeros(s, like.dtype))


def _tensor_join(self: TensorFunctions, g: Any, shape: tuple, dim: Any, lengths: Any) -> Any:
    return _join(self, g, shape, dim, lengths, lambda s, like: like.new_zeros(s))


ArrayFunctions.join_parts = _array_join  # type: ignore[attr-defined]
TensorFunctions.join_parts = _tensor_join  # type: ignore[attr-defined]


def _array_zeros(self: ArrayFunctions, shape: tuple, like: Any) -> Any:
    return self.xp.zeros(shape, like.dtype)


ArrayFunctions.zeros_of = _array_zeros  # type: ignore[attr-defined]
TensorFunctions.zeros_of = lambda self, shape, like: like.new_zeros(shape)  # type: ignore[attr-defined]
