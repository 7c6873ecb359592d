"""Custom differentiable functions: write ``forward`` and ``backward`` yourself.

Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from .. import backends
from ..core.frames import warn
from ..core.inplace import rebase
from ..core.lanes import Level, batched, levels_of, lowered, outside, union
from ..core.mode import STATE, THREAD, set_thread
from ..core.node import Node, Port
from ..core.tensor import Tensor, wrap
from ..core.tree import broadcast_to_and_flatten, tree_flatten, tree_unflatten
from .function_node import node_class

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class FunctionCtx:
    """What ``forward`` leaves for ``backward``. Any attribute may be set on it."""

    def __init__(self, needs: tuple[bool, ...] = ()) -> None:
        self.needs_input_grad = needs
        self.materialize_grads = True
        self.dirty_tensors: tuple = ()
        self.non_differentiable: tuple = ()
        self._saved: tuple = ()
        self.saved_for_forward: tuple = ()
        self._in_jvp = False
        self._node: Any = None  # weak: the node holds this context

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for ``backward``; changes to them in between are noticed."""
        self._saved = _tensors_only(tensors)

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``jvp``."""
        self.saved_for_forward = _tensors_only(tensors)

    @property
    def saved_tensors(self) -> tuple:
        """The tensors that ``save_for_backward`` kept (in ``jvp``: those of ``save_for_forward``)."""
        if self._in_jvp:
            return self.saved_for_forward
        node = None if self._node is None else self._node()
        return self._saved if node is None else node.restore()

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs ``forward`` changed in place."""
        self.dirty_tensors = tensors

    def mark_shared_storage(self, *pairs: tuple) -> None:
        """Does nothing: which tensors share memory is known."""
        warn(
            "`mark_shared_storage` is deprecated. Tensors with shared storages are automatically tracked. Note that "
            "calls to `set_()` are not tracked",
            FutureWarning,
        )

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs carry no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """With False, ``backward`` gets None for outputs without gradient, instead of zeros."""
        if not isinstance(value, bool):
            raise TypeError(
                "set_materialize_grads received an invalid combination of arguments - got "
                f"({type(value).__name__}), but expected (bool)"
            )
        self.materialize_grads = value


def _tensors_only(tensors: tuple) -> tuple:
    for k, t in enumerate(tensors):
        if t is not None and not isinstance(t, Tensor):
            raise TypeError(
                f"save_for_backward can only save variables, but argument {k} is of type {type(t).__name__}"
            )
    return tensors


class VmapInfo(NamedTuple):
    """What ``Function.vmap`` is told: the number of examples, and what random functions do."""

    batch_size: int
    randomness: str


class Function(FunctionCtx):
    """Base class of custom functions: static ``forward(ctx, ...)`` and ``backward(ctx, *grads)``; call ``.apply(...)``.

    Or ``forward(...)`` without ctx beside ``setup_context(ctx, inputs, output)``, which the function transforms need.
    ``generate_vmap_rule = True``, or a static ``vmap(info, in_dims, *args)``, makes it work in ``vmap``; a static
    ``jvp(ctx, *tangents)`` in forward mode.
    """

    generate_vmap_rule = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method. "
            "(Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from the inputs."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> Any:
        """Keep on ``ctx`` what ``backward`` needs; ``forward`` then takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradient for each input of ``forward``."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Compute the tangent of each output from those of the inputs."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: VmapInfo, in_dims: tuple, *args: Any) -> tuple[Any, Any]:
        """Compute ``(output, out_dims)`` for all examples at once; ``in_dims`` says where each argument has them."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def _vjp(cls) -> Callable:
        """The user's ``backward``, or ``vjp``, which is another name for it."""
        has_backward = cls.backward is not Function.backward
        if has_backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        return cls.backward if has_backward else cls.vjp

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward`` and record this function in the graph."""
        if kwargs:
            raise TypeError(f"forward() got an unexpected keyword argument '{next(iter(kwargs))}'")
        if THREAD.transforms:
            if cls.setup_context is Function.setup_context:
                raise RuntimeError(
                    "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it "
                    "must override the setup_context staticmethod. For more details, please see "
                    "https://pytorch.org/docs/main/notes/extending.func.html"
                )
            levels = levels_of(args)
            if levels and not cls._for_examples():
                return _through_vmap(cls, args, levels[-1])
        return cls._apply(args)

    @classmethod
    def _for_examples(cls) -> bool:
        """Inside ``vmap``: does ``forward`` itself do for batched tensors? Else ``vmap`` is to be called."""
        overridden = cls.vmap is not Function.vmap
        if cls.generate_vmap_rule and overridden:
            raise RuntimeError(
                f"You tried to vmap over {cls.__name__}, but it has both generate_vmap_rule=True and an overriden vmap "
                "staticmethod. Please set generate_vmap_rule=False or delete the overriden vmap staticmethod to avoid "
                "ambiguity. For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
            )
        if not cls.generate_vmap_rule and not overridden:
            raise RuntimeError(
                f"You tried to vmap over {cls.__name__}, but it does not have vmap support. Please override and "
                "implement the vmap staticmethod or set generate_vmap_rule=True. For more details, please see "
                "https://pytorch.org/docs/main/notes/extending.func.html"
            )
        return cls.generate_vmap_rule

    @classmethod
    def _argument_names(cls, count: int) -> list[str]:
        """What ``forward`` calls its first ``count`` arguments, ``ctx`` apart."""
        names = [p.name for p in inspect.signature(cls.forward).parameters.values() if p.kind in _BY_PLACE]
        names = names[0 if cls.setup_context is not Function.setup_context else 1 :]
        return [names[k] if k < len(names) else f"input{k}" for k in range(count)]

    @classmethod
    def _apply(cls, args: tuple) -> Any:
        ctx = FunctionCtx(tuple(isinstance(a, Tensor) and _whole(a)._rg for a in args))
        recording = THREAD.grad and any(ctx.needs_input_grad)
        if recording and STATE.recorder is not None:
            STATE.recorder.applies(args)
        old = set_thread("grad", False)
        try:
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        finally:
            set_thread("grad", old)
        outputs = list(result) if isinstance(result, tuple) else [result]
        _mark_writes(ctx, args, outputs, recording)
        if recording:
            _record(cls, ctx, args, outputs)
        return tuple(outputs) if isinstance(result, tuple) else outputs[0]


def _whole(t: Tensor) -> Tensor:
    return t._a.tensor if levels_of(t) else t


def _mark_writes(ctx: FunctionCtx, args: tuple, outputs: list, recording: bool) -> None:
    """Inputs that come back as outputs: changed in place, or else seen through a view."""
    for d in ctx.dirty_tensors:
        if not any(o is d for o in outputs):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )
        if recording and d._rg and d._node is None:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        d._v[0] += 1
    for k, o in enumerate(outputs):
        same = isinstance(o, Tensor) and any(o is a for a in args)
        if same and recording and not any(o is d for d in ctx.dirty_tensors):
            levels = levels_of(o)
            view = wrap(_whole(o)._a)
            view._v = o._v
            view._ensure_extra().base = _whole(o) if _whole(o)._base is None else _whole(o)._base
            outputs[k] = batched(view, levels)


def _record(cls: type[Function], ctx: FunctionCtx, args: tuple, outputs: list) -> None:
    """Put the function's node into the graph behind its outputs."""
    tensors = [a if isinstance(a, Tensor) else None for a in args]
    edges = tuple(
        (_whole(t)._node or _whole(t)) if t is not None and _whole(t)._rg else None for t in tensors
    )
    node = node_class(cls)(edges, (), None, None)
    node.function, node.ctx = cls, ctx
    node.inputs = tuple(None if t is None else (tuple(t._a.shape), t.dtype) for t in tensors)
    node.in_levels = tuple(() if t is None else levels_of(t) for t in tensors)
    node.out_levels = tuple(levels_of(o) if isinstance(o, Tensor) else () for o in outputs)
    node.levels = union([*node.in_levels, *node.out_levels])
    wholes = [_whole(o) if isinstance(o, Tensor) else None for o in outputs]
    node.shapes = tuple(
        None if w is None else (w._a.shape, backends.namespace(w._a), w._a.dtype) for w in wholes
    )
    if STATE.anomaly is not None:
        STATE.anomaly.note(node)
    node.keep(ctx._saved, outputs)
    if STATE.recorder is not None and not ctx.dirty_tensors and not node.levels:
        STATE.recorder.applied(node, cls, args, outputs)
    ctx._node = weakref.ref(node)
    ctx._saved = ()
    for k, (o, w) in enumerate(zip(outputs, wholes, strict=True)):
        if w is None or any(o is n for n in ctx.non_differentiable):
            continue
        if not (w.is_floating_point() or w.is_complex()):
            continue
        place: Node = node if len(outputs) == 1 else Port(node, k)
        if any(o is d for d in ctx.dirty_tensors):
            rebase(w, place)
        else:
            w._node, w._rg = place, True


def _through_vmap(cls: type[Function], args: tuple, level: Level) -> Any:
    """The user's ``vmap`` for the innermost level among the arguments."""
    in_dims = tuple(0 if level in levels_of(a) else None for a in args)
    with outside(level):
        whole = [lowered(a, (level,)) if d == 0 else a for a, d in zip(args, in_dims, strict=True)]
        result = cls.vmap(VmapInfo(level.size, level.randomness), in_dims, *whole)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise RuntimeError(
                f"{cls.__name__}.vmap: expected the vmap staticmethod to have two returns, an output and out_dims with "
                f"pytree structure compatible with the output. Got {result if result is None else type(result)}"
            )
        outputs, spec = tree_flatten(result[0])
        dims = broadcast_to_and_flatten(result[1], spec)
        if dims is None:
            raise RuntimeError(
                f"{cls.__name__}.vmap: the out_dims {result[1]} do not fit the structure of the output, {spec}"
            )
        moved = [t if d is None else t.movedim(d, 0) for t, d in zip(outputs, dims, strict=True)]
    return tree_unflatten(
        [t if d is None else batched(t, (level,)) for t, d in zip(moved, dims, strict=True)], spec
    )


class _Once(Node):
    """Behind gradients that cannot be differentiated again."""

    __slots__ = ()

    def run(self, F: Any, g: Any, saved: tuple) -> tuple:
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )

    def name(self) -> str:
        return "torch::autograd::Error"


def once_differentiable(fn: Callable) -> Callable:
    """Mark a ``backward`` that cannot itself be differentiated."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        old = set_thread("grad", False)
        try:
            result = fn(ctx, *args)
        finally:
            set_thread("grad", old)
        if not old or not any(isinstance(a, Tensor) and a._rg for a in args):
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        edges = tuple((a._node or a) for a in args if isinstance(a, Tensor) and a._rg)
        refuse = _Once(edges, (), None, None)

        def last(t: Any) -> Any:
            if not isinstance(t, Tensor):
                return t
            out = t.detach()
            out._node, out._rg = refuse, True
            return out

        done = tuple(last(t) for t in outputs)
        return done if isinstance(result, tuple) else done[0]

    return wrapper


__all__ = ["Function", "FunctionCtx", "VmapInfo", "once_differentiable"]
