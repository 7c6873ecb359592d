"""Starting and stopping: how the engine comes to tell a recorder what it does, and stops telling it.

``THREAD.profiler`` is asked by code that runs anyway only in unusual modes. What is never asked (methods of ``Tensor``
that are no ops, a module's call, ``zero_grad``, a loader's next batch) is exchanged for a telling form while some
profiler runs, and put back after the last one.
"""

from __future__ import annotations

import functools
import inspect
import os
import threading
from collections.abc import Callable
from typing import Any

from ..core.frames import warn
from ..core.mode import STATE, THREAD, _Thread
from ..core.tensor import Tensor
from . import names
from .recorder import Recorder

#: Stands in ``STATE.overrides`` while profiling, so that public functions look further; nobody took a function over.
_PROFILED: Any = "profiled"
#: Methods that show as their parts, or are no operations at all.
_QUIET = """
    apply_ backward coalesce col_indices ccol_indices const_data_ptr contiguous crow_indices data_ptr dense_dim dim
    element_size indices int_repr is_coalesced is_contiguous is_pinned is_shared map2_ map_ ndimension nelement new
    new_tensor numpy q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qscheme
    register_hook register_post_accumulate_grad_hook requires_grad_ retain_grad row_indices share_memory_ size
    sparse_dim storage storage_offset storage_type stride tolist untyped_storage values
"""
_NOT_TOLD = set(_QUIET.split())
#: Methods under the name of what they come down to.
_SAME = {"divide": "div", "true_divide": "div", "divide_": "div_", "true_divide_": "div_", "norm": "linalg_vector_norm",
         "__matmul__": "matmul", "__float__": "item", "__int__": "item", "__bool__": "is_nonzero"}  # fmt: skip
_CASTS = "bfloat16 bool byte cdouble cfloat chalf char cpu cuda double float half int long short type"
_SAME |= dict.fromkeys(_CASTS.split(), "to")
#: In-place operators, and the method each one stands for.
_BINARY = "add sub mul and or xor floordiv mod pow lshift rshift"
_OPERATORS = {f"__i{name}__": f"{name}_" for name in _BINARY.split()} | {"__itruediv__": "div_"}
_IN_PLACE_NAMES = {"floordiv_": "floor_divide_", "mod_": "remainder_", "and_": "__iand__", "or_": "__ior__",
                   "xor_": "__ixor__", "lshift_": "__ilshift__", "rshift_": "__irshift__"}  # fmt: skip

_lock = threading.Lock()
_running: list[Recorder] = []
_stacks: dict[int, list[Recorder]] = {}  # the recorders of each thread, innermost last
_originals: list[tuple[type, str, Any, Any]] = []


def attach(recorder: Recorder, all_threads: bool = False) -> None:
    """Let the engine tell ``recorder`` what this thread does (or every thread), until ``detach``."""
    with _lock:
        stack = _stacks.setdefault(threading.get_ident(), [])
        if any(r.on for r in stack):
            warn(
                "A profiler is running in this thread already. It will see nothing until this one has stopped: the "
                "engine tells one profiler at a time."
            )
        stack.append(recorder)
        if not _running:
            _exchange()
        _running.append(recorder)
    if all_threads:
        _Thread.profiler = recorder
    THREAD.profiler = recorder
    STATE.enter()
    recorder.start()


def detach(recorder: Recorder) -> None:
    """Stop telling ``recorder``. A second time does nothing."""
    if not recorder.on:
        return
    recorder.stop()
    STATE.leave()
    with _lock:
        if _Thread.profiler is recorder:
            _Thread.profiler = None
        for ident, stack in list(_stacks.items()):
            if recorder in stack:
                stack.remove(recorder)
                if ident == threading.get_ident():
                    THREAD.profiler = stack[-1] if stack else None
                if not stack:
                    del _stacks[ident]
        _running.remove(recorder)
        if not _running:
            _put_back()


def _forget() -> None:
    """In a forked process (a loader's worker, say) nobody will ask for the record: run at full speed."""
    for recorder in _running:
        recorder.on = False
        STATE.leave()
    if _running:
        _running.clear()
        _stacks.clear()
        THREAD.profiler = _Thread.profiler = None
        _put_back()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


# ---------------------------------------------------------------------- exchanging
def _exchange() -> None:
    from ..autograd.function import Function
    from ..nn.modules.module import Module
    from ..optim.optimizer import Optimizer
    from ..utils.data.iterate import BatchIterator

    if not STATE.overrides:
        STATE.overrides = _PROFILED
    for name, value in list(vars(Tensor).items()):
        event = _method_event(name, value)
        if event is not None:
            _replace(Tensor, name, _telling(value, event))
    call, zero_grad, advance = Module.__call__, Optimizer.zero_grad, BatchIterator.__next__

    def module_call(self: Any, *args: Any, **kwargs: Any) -> Any:
        p = THREAD.profiler
        return call(self, *args, **kwargs) if p is None else p.module(self, call, *args, **kwargs)

    apply = vars(Function)["_apply"].__func__

    def custom_function(cls: Any, args: tuple) -> Any:
        p = THREAD.profiler
        if p is None or not p.watching:
            return apply(cls, args)
        return p.call(cls.__name__, lambda *given: apply(cls, given), None, *args)

    def told(name: Callable[[Any], str], func: Callable) -> Callable:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            p = THREAD.profiler
            if p is None:
                return func(self, *args, **kwargs)
            return p.annotated(name(self), func, self, *args, **kwargs)

        return functools.update_wrapper(method, func)

    _replace(Function, "_apply", classmethod(custom_function))
    _replace(Module, "__call__", functools.update_wrapper(module_call, call))
    _replace(
        Optimizer, "zero_grad", told(lambda o: f"Optimizer.zero_grad#{type(o).__name__}.zero_grad", zero_grad)
    )
    _replace(BatchIterator, "__next__", told(_loading, advance))


def _loading(iterator: Any) -> str:
    kind = "_MultiProcessingDataLoaderIter" if iterator.workers_number else "_SingleProcessDataLoaderIter"
    return f"enumerate(DataLoader)#{kind}.__next__"


def _method_event(name: str, value: Any) -> str | None:
    """What the event of a method is called; None for ops (they tell by themselves) and for what is not told."""
    if not inspect.isfunction(value) or hasattr(value, "op") or name in _NOT_TOLD or names.transparent(name):
        return None
    if name in _OPERATORS:
        operator = _OPERATORS[name]
        return f"aten::{_IN_PLACE_NAMES.get(operator, operator)}"
    if name.startswith("_") and name not in _SAME:
        return None
    return f"aten::{_SAME.get(name, name)}"


@functools.cache
def _telling(func: Callable, event: str) -> Callable:
    shown = names.shown_parameters(func) if event.endswith("_") else None

    @functools.wraps(func)
    def method(*args: Any, **kwargs: Any) -> Any:
        p = THREAD.profiler
        if p is None or not p.watching:
            return func(*args, **kwargs)
        return p.call(event, func, shown, *args, **kwargs)

    return method


def _replace(cls: type, name: str, value: Any) -> None:
    _originals.append((cls, name, vars(cls)[name], value))
    setattr(cls, name, value)


def _put_back() -> None:
    if STATE.overrides is _PROFILED:
        STATE.overrides = False
    while _originals:
        cls, name, original, told = _originals.pop()
        if (
            vars(cls).get(name) is told
        ):  # a TorchFunctionMode may have wrapped it since, and puts back what it found
            setattr(cls, name, original)
