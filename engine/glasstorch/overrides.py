"""Taking over functions: what tensor-like types and modes need to implement ``__torch_function__``.

A type takes over the functions that its instances are passed to::

    class Meters:
        def __init__(self, tensor):
            self.tensor = tensor

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            plain = [a.tensor if isinstance(a, Meters) else a for a in args]
            return Meters(func(*plain, **(kwargs or {})))

A mode takes over all functions called inside a ``with`` block. How calls find their way is in core/overrides.py.
Source: https://pytorch.org/docs/stable/torch.overrides.html
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from .core import overrides as _core
from .core.mode import THREAD
from .core.tensor import Tensor

# Public functions that no class is asked about: they make tensors (modes are asked), or concern the engine's state.
_MAKERS = """
    arange as_tensor asarray empty empty_strided eye from_dlpack from_file frombuffer full linspace logspace normal
    ones rand randint randn randperm scalar_tensor tensor tril_indices triu_indices zeros
"""
_OUTSIDE = """
    are_deterministic_algorithms_enabled broadcast_shapes can_cast compile from_numpy get_default_device
    get_default_dtype get_num_threads get_rng_state initial_seed is_anomaly_enabled is_grad_enabled
    is_inference_mode_enabled is_storage is_tensor load manual_seed promote_types save seed set_default_device
    set_default_dtype set_num_threads set_printoptions set_rng_state typename use_deterministic_algorithms
    vmap
"""
_NO_CLASS, _SETTINGS = set(_MAKERS.split()), set(_OUTSIDE.split())


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Must any of the arguments (or an active mode) be asked before a function computes?

    To be used at the head of a function that is to be open to overriding, with ``handle_torch_function``.
    """
    return bool(THREAD.function_modes) or bool(_core.overloaded(list(relevant_args)))


def handle_torch_function(
    public_api: Callable, relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """Ask the modes and the classes of ``relevant_args`` to compute ``public_api(*args, **kwargs)``."""
    return _core.ask(public_api, args, kwargs, _core.overloaded(list(relevant_args)))


def wrap_torch_function(dispatcher: Callable) -> Callable:
    """Decorator that opens a function to overriding; ``dispatcher(...)`` returns its tensor-like arguments."""

    def decorate(func: Callable) -> Callable:
        @functools.wraps(func)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(wrapped, relevant, *args, **kwargs)
            return func(*args, **kwargs)

        return wrapped

    return decorate


def is_tensor_like(inp: Any) -> bool:
    """Is it a tensor, or of a type with a ``__torch_function__``?"""
    return type(inp) is Tensor or hasattr(inp, "__torch_function__")


def _namespaces() -> dict[str, Any]:
    import glasstorch

    return {
        "torch": glasstorch,
        "torch.functional": glasstorch,
        "torch.nn.functional": glasstorch.nn.functional,
        "torch.linalg": glasstorch.linalg,
        "torch.fft": glasstorch.fft,
        "torch.special": glasstorch.special,
    }


def get_ignored_functions() -> set[Callable]:
    """Public functions that ``__torch_function__`` of a class is never asked about."""
    import glasstorch

    names = _NO_CLASS | _SETTINGS
    return {getattr(glasstorch, n) for n in names if hasattr(glasstorch, n)} | {
        Tensor.__new__, Tensor.__init__, Tensor.__hash__, vars(Tensor)["as_subclass"],
    }  # fmt: skip


def get_overridable_functions() -> dict[Any, list[Callable]]:
    """The functions that ``__torch_function__`` is asked about, for each namespace."""
    ignored = get_ignored_functions()
    out: dict[Any, list[Callable]] = {}
    for name, space in _namespaces().items():
        if name == "torch.functional":
            continue
        functions = (getattr(space, n) for n in dir(space) if not n.startswith("_"))
        out[space] = [f for f in functions if inspect.isfunction(f) and f not in ignored]
    members = [v for n, v in vars(Tensor).items() if n in _core.asking_members()]
    out[Tensor] = [v.__get__ if isinstance(v, property) else v for v in members]
    return out


def get_testing_overrides() -> dict[Callable, Callable]:
    """For each overridable function, a function of the same signature that returns -1."""

    def dummy(func: Callable) -> Callable:
        def stand_in(*args: Any, **kwargs: Any) -> int:
            inspect.signature(func).bind(*args, **kwargs)
            return -1

        return functools.update_wrapper(stand_in, func)

    return {f: dummy(f) for functions in get_overridable_functions().values() for f in functions}


def resolve_name(f: Callable) -> str | None:
    """The public name of an overridable function: ``torch.add``, ``torch.Tensor.add``."""
    for name, space in (*_namespaces().items(), ("torch.Tensor", Tensor)):
        for key in dir(space):
            value = inspect.getattr_static(space, key)
            if value is f:
                return f"{name}.{key}"
            if isinstance(value, property) and f in (value.__get__, value.__set__):
                return f"{name}.{key}.{f.__name__}"
    return None


def is_tensor_method_or_property(func: Callable) -> bool:
    """Is it a method of ``Tensor``, or the getter of one of its attributes?"""
    members = vars(Tensor)
    return getattr(func, "__name__", "") == "__get__" or any(v is func for v in members.values())


class TorchFunctionMode:
    """A mode that is asked about every function called inside ``with``, whatever its arguments.

    Define ``__torch_function__(self, func, types, args=(), kwargs=None)``. Inside it the mode itself is off, so it
    may call ``func(*args, **(kwargs or {}))``. Modes nest; the innermost is asked first.
    """

    inner: TorchFunctionMode

    def __init__(self) -> None:
        """Nothing to set up."""

    def __torch_function__(
        self, func: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Any:
        _core.enter_mode(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        _core.leave_mode()


class BaseTorchFunctionMode(TorchFunctionMode):
    """The mode that changes nothing."""

    def __torch_function__(
        self, func: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        return func(*args, **(kwargs or {}))


def enable_reentrant_dispatch() -> Any:
    """Exists for PyTorch code that uses it; functions called inside ``__torch_function__`` ask again anyway."""
    import contextlib

    return contextlib.nullcontext()


def _guard_public_functions() -> None:
    """Open every public function that is no op to overriding. Called once, when all of them exist."""
    for name, space in _namespaces().items():
        if name != "torch.functional":
            _core.guard_namespace(vars(space), _SETTINGS, _NO_CLASS)
    from . import autograd

    autograd.grad, autograd.backward = _core.guard(autograd.grad), _core.guard(autograd.backward)


__all__ = [
    "BaseTorchFunctionMode", "TorchFunctionMode", "enable_reentrant_dispatch", "get_ignored_functions",
    "get_overridable_functions", "get_testing_overrides", "handle_torch_function", "has_torch_function",
    "is_tensor_like", "is_tensor_method_or_property", "resolve_name", "wrap_torch_function",
]  # fmt: skip
