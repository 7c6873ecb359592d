"""Custom differentiable functions: write ``forward`` and ``backward`` yourself.

Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

from ..core.functions import TENSORS
from ..core.mode import THREAD, set_thread
from ..core.node import Node, Parts, Port
from ..core.tensor import Tensor, wrap


class Context:
    """What ``forward`` leaves for ``backward``. Any attribute may be set on it."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self.materialize_grads = True
        self.dirty: tuple = ()
        self.non_differentiable: tuple = ()
        self._saved: tuple = ()
        self._shapes: tuple = ()  # of the inputs; gradients have to fit these and
        self._dtypes: tuple = ()  # are converted to these
        self._node: Any = None  # weak: the node holds this context

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for ``backward``; changes to them in between are noticed."""
        for t in tensors:
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {tensors.index(t)} is "
                    f"of type {type(t).__name__}"
                )
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple:
        """The tensors that ``save_for_backward`` kept."""
        node = None if self._node is None else self._node()
        if node is not None and node.saved is None:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
                "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
                "if you need to access saved tensors after calling backward."
            )
        return self._saved if node is None else node.restore()

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs ``forward`` changed in place."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs carry no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """With False, ``backward`` gets None for outputs without gradient, instead of zeros."""
        self.materialize_grads = value


class FunctionNode(Node):
    """The node of a custom function. Its backward is the user's, on tensors."""

    __slots__ = ("ctx", "function", "saved_versions", "shapes")
    ctx: Context
    function: type[Function]
    saved_versions: tuple[int, ...]
    shapes: tuple

    def name(self) -> str:
        return f"{self.function.__name__}Backward"

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"

    def __getattr__(self, name: str) -> Any:  # saved_tensors and the user's own attributes
        if name in FunctionNode.__slots__:
            raise AttributeError(name)
        return getattr(self.ctx, name)

    def restore(self) -> tuple:
        """Saved tensors with their place in the graph; RuntimeError when one was changed in place since."""
        out: list[Tensor | None] = []
        for (tensor, made_here), version in zip(self.saved or (), self.saved_versions, strict=True):
            if tensor is None:
                out.append(None)
                continue
            if tensor._v[0] != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"[torch.{tensor.dtype.legacy}Tensor {list(tensor._a.shape)}], saved by "
                    f"{self.name()}, is at version "
                    f"{tensor._v[0]}; expected version {version} instead."
                )
            if made_here is not None:
                t = wrap(tensor._a)
                t._node, t._rg = (self if made_here < 0 else Port(self, made_here)), True
                out.append(t)
            else:
                out.append(tensor)
        return tuple(out)

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        tensors = F is TENSORS
        given = g if isinstance(g, Parts) else {0: g}
        grads: list[Any] = []
        for k, like in enumerate(self.shapes):
            v = given.get(k)
            if v is None and self.ctx.materialize_grads and like is not None:
                v = wrap(like[1].zeros(like[0], like[2]))
            grads.append(v if v is None or isinstance(v, Tensor) else wrap(v))
        result = self.function.backward(self.ctx, *grads)
        result = result if isinstance(result, tuple) else (result,)
        n = len(self.edges)
        if len(result) < n or any(r is not None for r in result[n:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {n}, got {len(result)})"
            )
        for k, (r, e) in enumerate(zip(result, self.edges, strict=False)):
            if r is not None and not isinstance(r, Tensor):
                raise TypeError(
                    f"{self.name()}.backward: expected a Tensor or None as gradient {k}, got {type(r).__name__}"
                )
            if r is not None and e is not None and self.ctx._shapes[k] != tuple(r._a.shape):
                r = self._fit(r, k)
                result = (*result[:k], r, *result[k + 1 :])
            if r is not None and e is not None and self.ctx._dtypes[k] is not r._a.dtype:
                result = (*result[:k], TENSORS.cast_like(r, self.ctx._dtypes[k]), *result[k + 1 :])
        return tuple(None if r is None or e is None else (r if tensors else r._a)
                     for r, e in zip(result, self.edges, strict=False))  # fmt: skip

    def _fit(self, r: Tensor, k: int) -> Tensor:
        shape = self.ctx._shapes[k]
        try:
            return TENSORS.sum_to_size(r, shape)
        except RuntimeError:
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {k} - got "
                f"{list(r._a.shape)} but expected "
                f"shape compatible with {list(shape)}"
            ) from None


class Function:
    """Base class of custom functions: static ``forward(ctx, ...)`` and ``backward(ctx, *grads)``; call ``.apply(...)``.

    Or ``forward(...)`` without ctx beside ``setup_context(ctx, inputs, output)``.
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from the inputs."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradient for each input of ``forward``."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward
    setup_context: Callable | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(
            f"{type(self).__name__} should not be instantiated. Call its static method: .apply(...)"
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward`` and record this function in the graph."""
        ctx = Context(tuple(isinstance(a, Tensor) and a._rg for a in args))
        recording = THREAD.grad and any(ctx.needs_input_grad)
        old = set_thread("grad", False)
        try:
            if cls.setup_context is not None:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        finally:
            set_thread("grad", old)
        outputs = list(result) if isinstance(result, tuple) else [result]
        for k, o in enumerate(outputs):
            if isinstance(o, Tensor) and any(o is a for a in args):
                if any(o is d for d in ctx.dirty):
                    o._v[0] += 1
                elif recording:
                    outputs[k] = o.detach()
        if recording:
            cls._record(ctx, args, outputs)
        return tuple(outputs) if isinstance(result, tuple) else outputs[0]

    @classmethod
    def _record(cls, ctx: Context, args: tuple, outputs: list) -> None:
        edges = tuple((a._node or a) if isinstance(a, Tensor) and a._rg else None for a in args)
        ctx._shapes = tuple(tuple(a._a.shape) if isinstance(a, Tensor) else None for a in args)
        ctx._dtypes = tuple(a._a.dtype if isinstance(a, Tensor) else None for a in args)
        node = FunctionNode(edges, (), None, None)
        from .. import backends

        node.function, node.ctx = cls, ctx
        node.shapes = tuple(
            (o._a.shape, backends.namespace(o._a), o._a.dtype) if isinstance(o, Tensor) else None
            for o in outputs
        )
        saved = []
        for t in ctx._saved:
            where = next((k for k, o in enumerate(outputs) if o is t), None)
            made = None if where is None else (-1 if len(outputs) == 1 else where)
            saved.append((t if t is None or made is None else t.detach(), made))
        node.saved = tuple(saved)
        node.saved_versions = tuple(0 if t is None else t._v[0] for t, _ in saved)
        ctx._node = weakref.ref(node)
        ctx._saved = ()
        for k, o in enumerate(outputs):
            if (
                not isinstance(o, Tensor)
                or any(o is n for n in ctx.non_differentiable)
                or not (o.is_floating_point() or o.is_complex())
            ):
                continue
            if any(o is d for d in ctx.dirty) and o._rg and o._node is None:
                raise RuntimeError(
                    "a leaf Variable that requires grad is being used in an in-place operation."
                )
            o._node, o._rg = (node if len(outputs) == 1 else Port(node, k)), True


def once_differentiable(fn: Callable) -> Callable:
    """Mark a ``backward`` that cannot itself be differentiated."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        old = set_thread("grad", False)
        try:
            return fn(ctx, *args)
        finally:
            set_thread("grad", old)

    return wrapper
