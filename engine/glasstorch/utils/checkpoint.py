"""Activation checkpointing: forget what a part of the forward saved, and compute it again in the backward.

Memory for time: only the inputs of the part are kept. Source: https://arxiv.org/abs/1604.06174 and
https://pytorch.org/docs/stable/checkpoint.html

``use_reentrant=False`` works by hooks on saved tensors: the forward saves numbered placeholders; the first that the
backward asks for makes the function run again, and that run fills them all. ``use_reentrant=True`` is a custom function
whose backward runs a backward of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import traceback
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..amp import state as autocast
from ..autograd.function import Function
from ..autograd.graph.saved import saved_tensors_hooks
from ..core.backward import backward
from ..core.frames import warn
from ..core.lanes import Lanes
from ..core.mode import THREAD, enable_grad
from ..core.tensor import Tensor
from ..core.watched import current_watch, start_watching
from ..random import fork_rng, get_rng_state, set_rng_state

__all__ = [
    "CheckpointError", "CheckpointFunction", "check_backward_validity", "checkpoint", "checkpoint_sequential",
    "detach_variable", "noop_context_fn", "set_checkpoint_debug_enabled", "set_checkpoint_early_stop",
]  # fmt: skip

TIP = (
    "\nTip: To see a more detailed error message, either pass `debug=True` to `torch.utils.checkpoint.checkpoint(...)` "
    "or wrap the code block with `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` regardless of "
    "whether debug is enabled or not.\n"
)

_early_stop = True
_debug: bool | None = None
_unnamed = itertools.count(-1, -1).__next__


class CheckpointError(RuntimeError):
    """The function did something else when it ran again."""


class _StopRecomputation(Exception):
    """All that the backward needs has been computed again."""


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Inside, whether the second run of a checkpointed function ends as soon as all it saved is there (the default)."""
    global _early_stop
    before, _early_stop = _early_stop, enable
    try:
        yield
    finally:
        _early_stop = before


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Inside, ``debug`` of all ``checkpoint`` calls; None: what each call says."""
    global _debug
    before, _debug = _debug, enabled
    try:
        yield
    finally:
        _debug = before


def noop_context_fn() -> tuple[Any, Any]:
    """The default of ``context_fn``: nothing around the function, nor around its second run."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn when no input requires grad."""
    if not any(t.requires_grad for t in inputs if isinstance(t, Tensor)):
        warn("None of the inputs have requires_grad=True. Gradients will be None")


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs cut off from their history, as leaves that require grad where the inputs do."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}"
        )
    out: list[Any] = []
    for t in inputs:
        if isinstance(t, Tensor):
            x = t.detach()
            x.requires_grad = t.requires_grad
            out.append(x)
        else:
            out.append(t)
    return tuple(out)


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args)``, of which the graph keeps only the inputs; the backward runs it again.

    ``preserve_rng_state=True``: the second run draws the same random numbers. ``context_fn`` returns two context
    managers, for the first run and the second. ``determinism_check``: "default" compares shape, type and device of what
    both runs save, "none" does not. ``debug``: errors list what both runs saved, and where.
    """
    if use_reentrant is None:
        warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, "
            "calling checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, but "
            "if you need to preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for "
            "more details on the differences between the two variants.",
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs and use_reentrant:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    start_watching()  # a second run belongs to one walk through the graph
    if use_reentrant:
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(
            f"determinism_check should be one of ['default', 'none'], but got {determinism_check}"
        )
    if not THREAD.grad:
        return function(*args, **kwargs)
    forward_context, recompute_context = context_fn()
    again = _Again(function, args, kwargs, preserve, recompute_context)
    shown = debug if _debug is None else _debug
    frame = _Frame(again, early_stop and _early_stop, determinism_check == "default", shown)
    with _saving_placeholders(frame), forward_context:
        result = function(*args, **kwargs)
    frame.forward_completed = True
    return result


class _Again:
    """Run the function once more, in the circumstances of the first time."""

    def __init__(self, function: Callable, args: tuple, kwargs: dict, preserve: bool, context: Any) -> None:
        self.function, self.args, self.kwargs, self.context = function, args, kwargs, context
        self.state = get_rng_state() if preserve else None
        self.autocast = autocast.snapshot()

    def __call__(self) -> None:
        with contextlib.ExitStack() as stack:
            if self.state is not None:
                stack.enter_context(fork_rng())
                set_rng_state(self.state)
            stack.enter_context(autocast.restored(self.autocast))
            stack.enter_context(self.context)
            stack.enter_context(enable_grad())
            self.function(*self.args, **self.kwargs)


class _Holder:
    """A placeholder in the graph for one saved tensor."""

    __slots__ = ("__weakref__", "number", "used")

    def __init__(self, number: int) -> None:
        self.number = number
        self.used: set[int] = set()  # walks that took it


class _Frame:
    """One checkpointed call: its placeholders, what they stood for, and what each walk's second run made."""

    def __init__(self, again: _Again, early_stop: bool, check: bool, debug: bool) -> None:
        self.again, self.early_stop, self.check, self.debug = again, early_stop, check, debug
        self.holders: list[weakref.ref[_Holder]] = []
        self.facts: list[dict[str, Any]] = []
        self.traces: tuple[list[str], list[str]] = ([], [])  # of the first run, of the second
        self.recomputed: dict[int, dict[int, Tensor]] = {}
        self.forward_completed = False

    def error(self, text: str) -> CheckpointError:
        if not self.debug:
            return CheckpointError(f"{text}\n{TIP}")
        lists = [
            f"Tensors saved during {name}:\n" + "\n".join(f"{k}: {t}" for k, t in enumerate(traces))
            for name, traces in zip(("the original forward", "recomputation"), self.traces, strict=True)
        ]
        return CheckpointError("\n\n".join([text, *lists]))

    def recompute(self, walk: int) -> dict[int, Tensor]:
        """What the function saves, by number, from a second run."""
        if walk in self.recomputed:
            return self.recomputed[walk]
        found = self.recomputed[walk] = {}
        count = itertools.count()
        self.traces[1].clear()
        total, extra = len(self.holders), [0]

        def pack(t: Tensor) -> Tensor:
            k = next(count)
            if self.debug:
                self.traces[1].append(_where(t))
            if k >= total:
                extra[0] += 1
                if self.forward_completed:
                    raise self.error(
                        "torch.utils.checkpoint: trying to save more tensors during recomputation than during the "
                        "original forward pass."
                    )
                return t
            if self.holders[k]() is not None:
                found[k] = t.detach()
            if self.early_stop and k + 1 == total:
                raise _StopRecomputation
            return t.detach()

        with saved_tensors_hooks(pack, lambda t: t), contextlib.suppress(_StopRecomputation):
            self.again()
        saved = next(count)
        if saved < total:
            raise self.error(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {total}\nNumber of tensors saved during "
                f"recomputation: {saved}."
            )
        if self.check:
            self.compare(found)
        return found

    def compare(self, found: dict[int, Tensor]) -> None:
        lines = [
            f"tensor at position {k}:\nsaved metadata: {self.facts[k]}\nrecomputed metadata: {_facts(t)}"
            for k, t in found.items()
            if _facts(t) != self.facts[k]
        ]
        if lines:
            raise self.error(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                "during the forward pass.\n" + "\n".join(lines) + "."
            )


def _facts(t: Tensor) -> dict[str, Any]:
    return {"shape": t.shape, "dtype": t.dtype, "device": t.device}


def _where(t: Tensor) -> str:
    """A saved tensor for a list: what it is, and the line that saved it."""
    engine = __name__.partition(".")[0]
    frames = [
        f for f in traceback.extract_stack() if f"/{engine}/" not in f.filename and f.filename[0] != "<"
    ]
    line = f" at {frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""
    return f"{t.dtype} {list(t.shape)}{line}"


def _saving_placeholders(frame: _Frame) -> saved_tensors_hooks:
    """Hooks that save placeholders, and run the function again when one is asked for."""

    def pack(t: Tensor) -> _Holder:
        if isinstance(t._a, Lanes):
            raise RuntimeError("torch.utils.checkpoint is not supported inside vmap")
        holder = _Holder(len(frame.holders))
        frame.holders.append(weakref.ref(holder))
        frame.facts.append(_facts(t))
        if frame.debug:
            frame.traces[0].append(_where(t))
        return holder

    def unpack(holder: _Holder) -> Tensor:
        watch = current_watch()
        walk = _unnamed() if watch is None else watch.number
        found = frame.recompute(walk)
        if walk in holder.used or holder.number not in found:
            raise frame.error(
                "torch.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once. If you "
                "are calling ctx.saved_tensors in backward, make sure to do so only once."
            )
        holder.used.add(walk)
        tensor = found.pop(holder.number)
        if not found:
            del frame.recomputed[walk]
        return tensor

    return saved_tensors_hooks(pack, unpack)


# ---------------------------------------------------------------- the reentrant form
class CheckpointFunction(Function):
    """Checkpointing as a custom function: its backward runs the function again, and a backward through that."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable, preserve_rng_state: bool, *args: Any) -> Any:
        """Run without a graph; keep the inputs."""
        check_backward_validity(args)
        ctx.again = _Again(run_function, (), {}, preserve_rng_state, contextlib.nullcontext())
        ctx.args = [None if isinstance(a, Tensor) else a for a in args]
        ctx.where = [k for k, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.save_for_backward(*(args[k] for k in ctx.where))
        return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Run again with a graph, and walk back through it."""
        watch = current_watch()
        if watch is not None and not watch.everywhere:
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                ".backward() without passing the `inputs` argument."
            )
        args = list(ctx.args)
        for k, t in zip(ctx.where, ctx.saved_tensors, strict=True):
            args[k] = t
        inputs = detach_variable(tuple(args))
        run, outputs = ctx.again, []
        _Again.__call__(_with(run, lambda: outputs.append(run.function(*inputs))))
        made = outputs[0] if isinstance(outputs[0], tuple) else (outputs[0],)
        pairs = [
            (o, g) for o, g in zip(made, grads, strict=False) if isinstance(o, Tensor) and o.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *(t.grad if isinstance(t, Tensor) else None for t in inputs))


def _with(run: _Again, function: Callable) -> _Again:
    """The same circumstances for another function."""
    other = object.__new__(_Again)
    other.__dict__.update(
        run.__dict__, function=function, args=(), kwargs={}, context=contextlib.nullcontext()
    )
    return other


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A sequence of modules or functions in ``segments`` parts, each checkpointed except the last."""
    if use_reentrant is None:
        warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. In "
            "version 2.9 we will raise an exception if use_reentrant is not passed. use_reentrant=False is "
            "recommended, but if you need to preserve the current default behavior, you can pass "
            "use_reentrant=True. Refer to docs "
            "for more details on the differences between the two variants.",
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def part(start: int, end: int) -> Callable:
        def run(x: Any) -> Any:
            for step in steps[start:end]:
                x = step(x)
            return x

        return run

    size = len(steps) // segments
    for k in range(segments - 1):
        run = part(k * size, (k + 1) * size)
        input = checkpoint(run, input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return part((segments - 1) * size, len(steps))(input)
