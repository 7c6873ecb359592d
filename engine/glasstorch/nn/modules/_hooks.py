"""Hooks of modules: functions called before and after ``forward`` and ``backward``."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...core.frames import warn
from ...core.mode import STATE
from ...core.node import RemovableHandle
from ._backward_hooks import _BackwardWatch, _watch_last_node

#: Hooks on every module, by kind.
GLOBAL: dict[str, OrderedDict[int, Callable]] = {
    "forward_pre": OrderedDict(), "forward": OrderedDict(), "backward_pre": OrderedDict(), "backward": OrderedDict(),
    "module_registration": OrderedDict(), "parameter_registration": OrderedDict(), "buffer_registration": OrderedDict(),
}  # fmt: skip
_GLOBAL_ALWAYS: dict[int, bool] = {}
_BOTH_KINDS = (
    "Cannot use both regular backward hooks and full backward hooks {}. Please use only one of them."
)


class _GlobalFlag:
    """``active``: does any hook on every module exist? One attribute for the hot path to read.

    ``full``: are the backward hooks on every module full ones? None as long as there are none.
    """

    active = False
    full: bool | None = None


class _GlobalHandle(RemovableHandle):
    def remove(self) -> None:
        super().remove()
        _GlobalFlag.active = any(GLOBAL[k] for k in ("forward_pre", "forward", "backward_pre", "backward"))


def _add_global(kind: str, hook: Callable) -> RemovableHandle:
    handle = _GlobalHandle.add(GLOBAL[kind], hook)
    _GlobalFlag.active = any(GLOBAL[k] for k in ("forward_pre", "forward", "backward_pre", "backward"))
    return handle


def register_module_forward_pre_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, args)`` before every module's forward; a result replaces the arguments."""
    return _add_global("forward_pre", hook)


def register_module_forward_hook(
    hook: Callable, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after every module's forward; a result replaces the output."""
    fn = hook if with_kwargs else (lambda module, args, kwargs, output: hook(module, args, output))
    handle = _add_global("forward", fn)
    if always_call:
        _GLOBAL_ALWAYS[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before every module's backward."""
    return _add_global("backward_pre", hook)


def register_module_full_backward_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` after every module's backward."""
    _choose_global(True)
    return _add_global("backward", hook)


def register_module_backward_hook(hook: Callable) -> RemovableHandle:
    """The old form of ``register_module_full_backward_hook``: sees the last node of a module's graph only."""
    _choose_global(False)
    return _add_global("backward", hook)


def _choose_global(full: bool) -> None:
    if _GlobalFlag.full not in (None, full):
        raise RuntimeError(_BOTH_KINDS.format("as a global Module hook"))
    _GlobalFlag.full = full


def register_module_module_registration_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, name, submodule)`` whenever a module is registered in another; a result replaces it."""
    return RemovableHandle.add(GLOBAL["module_registration"], hook)


def register_module_parameter_registration_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, name, param)`` whenever a parameter is registered; a result replaces it."""
    return RemovableHandle.add(GLOBAL["parameter_registration"], hook)


def register_module_buffer_registration_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` whenever a buffer is registered; a result replaces it."""
    return RemovableHandle.add(GLOBAL["buffer_registration"], hook)


def _register(
    hooks: OrderedDict, hook: Callable, prepend: bool = False, flags: tuple = ()
) -> RemovableHandle:
    handle = _ModuleHandle(hooks)
    hooks[handle.id] = hook
    for flag in flags:
        flag[handle.id] = True
    handle.flags = flags
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


class _ModuleHandle(RemovableHandle):
    flags: tuple = ()

    def remove(self) -> None:
        super().remove()
        for flag in self.flags:
            flag.pop(self.id, None)

    def __getstate__(self) -> tuple:
        return *super().__getstate__(), self.flags

    def __setstate__(self, state: tuple) -> None:
        super().__setstate__(state[:2])
        self.flags = state[2] if len(state) > 2 else ()


class _WrappedHook:
    """A hook that may get its module as first argument; copied and pickled, it belongs to the module's copy."""

    def __init__(self, hook: Callable, module: Any = None) -> None:
        self.hook = hook
        self.with_module = module is not None
        self.module = None if module is None else weakref.ref(module)

    def __call__(self, *args: Any) -> Any:
        if self.module is None:
            return self.hook(*args)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args)

    def __getstate__(self) -> dict[str, Any]:
        state = {"hook": self.hook, "with_module": self.with_module}
        return state if self.module is None else {**state, "module": self.module()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.hook, self.with_module = state["hook"], state["with_module"]
        self.module = weakref.ref(state["module"]) if self.with_module else None


class HookMixin:
    """Registering and calling the hooks of a module."""

    _forward_hooks: OrderedDict[int, Callable]
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: OrderedDict[int, Callable]
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]
    _backward_hooks: OrderedDict[int, Callable]
    _backward_pre_hooks: OrderedDict[int, Callable]
    _is_full_backward_hook: bool | None = None  # of which kind the backward hooks are, once there are some
    forward: Callable

    def register_forward_pre_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; a result replaces the arguments.

        ``with_kwargs``: call ``hook(module, args, kwargs)``, and a result is the pair ``(args, kwargs)``.
        ``prepend``: before the hooks that are there already.
        """
        return _register(
            self._forward_pre_hooks,
            hook,
            prepend,
            (self._forward_pre_hooks_with_kwargs,) if with_kwargs else (),
        )

    def register_forward_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``; a result replaces the output.

        ``with_kwargs``: call ``hook(module, args, kwargs, output)``. ``always_call``: also when ``forward`` raised.
        """
        flags = ((self._forward_hooks_with_kwargs,) if with_kwargs else ()) + (
            (self._forward_hooks_always_called,) if always_call else ()
        )
        return _register(self._forward_hooks, hook, prepend, flags)

    def register_full_backward_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the gradients of the inputs are computed; a result replaces it."""
        return _register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` once the gradients of the inputs are known.

        A result replaces ``grad_input``. The gradients are tuples with one entry for each positional argument
        and output, None where there is no gradient.
        """
        self._choose_kind(True)
        return _register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Callable) -> RemovableHandle:
        """The old form of ``register_full_backward_hook``: sees the gradients of the last node of the graph only."""
        self._choose_kind(False)
        return _register(self._backward_hooks, hook)

    def _choose_kind(self, full: bool) -> None:
        if self._is_full_backward_hook not in (None, full):
            raise RuntimeError(_BOTH_KINDS.format("on a single Module"))
        self._is_full_backward_hook = full

    def _call_impl(self, args: tuple, kwargs: dict) -> Any:
        """``forward`` with whatever is switched on around it: the graph recorder and the hooks."""
        recorder = STATE.recorder
        if recorder is None:
            return self._call_with_hooks(args, kwargs)
        recorder.enter_module(self, args, kwargs)
        try:
            return self._call_with_hooks(args, kwargs)
        finally:
            recorder.exit_module()

    def _call_with_hooks(self, args: tuple, kwargs: dict) -> Any:
        called: set[int] = set()
        try:
            return self._call_inner(args, kwargs, called)
        except Exception:
            for key, hook in list(GLOBAL["forward"].items()):
                if key in _GLOBAL_ALWAYS and key not in called:
                    _quietly("global module forward hook", hook, self, args, kwargs, None)
            for key, hook in list(self._forward_hooks.items()):
                if key in self._forward_hooks_always_called and key not in called:
                    _quietly("module forward hook", self._run_forward_hook, key, hook, args, kwargs, None)
            raise

    def _run_forward_hook(self, key: int, hook: Callable, args: tuple, kwargs: dict, output: Any) -> Any:
        if key in self._forward_hooks_with_kwargs:
            return hook(self, args, kwargs, output)
        return hook(self, args, output)

    def _call_inner(self, args: tuple, kwargs: dict, called: set[int]) -> Any:
        for hook in list(GLOBAL["forward_pre"].values()):
            new = hook(self, args)
            if new is not None:
                args = new if isinstance(new, tuple) else (new,)
        for key, hook in list(self._forward_pre_hooks.items()):
            if key in self._forward_pre_hooks_with_kwargs:
                new = hook(self, args, kwargs)
                if new is None:
                    continue
                if not (isinstance(new, tuple) and len(new) == 2):
                    raise RuntimeError(
                        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {new}."
                    )
                args, kwargs = new
            else:
                new = hook(self, args)
                if new is not None:
                    args = new if isinstance(new, tuple) else (new,)
        pre = [*GLOBAL["backward_pre"].values(), *self._backward_pre_hooks.values()]
        post, old = self._kinds_of_backward_hooks()
        watch = _BackwardWatch(self, pre, post) if pre or post else None
        if watch is not None:
            args = watch.inputs(args)
        result = self.forward(*args, **kwargs)
        for key, hook in list(GLOBAL["forward"].items()):
            called.add(key)
            new = hook(self, args, kwargs, result)
            result = result if new is None else new
        for key, hook in list(self._forward_hooks.items()):
            called.add(key)
            new = self._run_forward_hook(key, hook, args, kwargs, result)
            result = result if new is None else new
        if watch is not None:
            result = watch.outputs(result)
        if old:
            _watch_last_node(self, old, args, result)
        return result

    def _kinds_of_backward_hooks(self) -> tuple[list, list]:
        """The full backward hooks and those of the old kind, for every module and for this one."""
        kinds: tuple[list, list] = ([], [])
        for hooks, full in (
            (GLOBAL["backward"], _GlobalFlag.full),
            (self._backward_hooks, self._is_full_backward_hook),
        ):
            kinds[full is False].extend(hooks.values())
        return kinds


def _quietly(what: str, hook: Callable, *args: Any) -> None:
    """Call a hook after an error; an error of its own becomes a warning."""
    try:
        hook(*args)
    except Exception as error:
        warn(
            f"{what} with ``always_call=True`` raised an exception that was silenced as another error was raised in "
            f"forward: {error}",
        )
