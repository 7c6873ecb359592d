"""``torch.compile``: programs made as they are needed, and eager code wherever a program could be wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..core.mode import STATE
from ..core.tensor import Tensor
from ..nn import Module
from .program import Untraceable
from .tracing import Programs

PLAIN = (bool, int, float, complex, str, bytes, type(None))
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class _Compiled:
    """One function with its programs. ``reasons``: why some calls run eagerly."""

    def __init__(self, function: Callable, module: Module | None, fullgraph: bool) -> None:
        self.function, self.module, self.fullgraph = function, module, fullgraph
        self.reasons: list[str] = []
        self._programs = Programs(function, self._tensors, self._reads)
        self._eager: set[Any] = set()

    def _tensors(self) -> Mapping[str, Tensor]:
        if self.module is None:
            return {}
        return {**dict(self.module.named_parameters()), **dict(self.module.named_buffers())}

    def _reads(self, what: str) -> None:
        raise Untraceable(
            f"The code turned a tensor into {what}: what Python does with it can differ from call to call."
        )

    def __call__(self, args: tuple, kwargs: dict) -> Any:
        if STATE.recorder is not None:  # somebody looks at the single operations
            return self.function(*args, **kwargs)
        state = self._state()
        if state is None or state in self._eager:
            return self.function(*args, **kwargs)
        made = len(self._programs.runners)
        try:
            result = self._programs.run(args, kwargs, state)
        except Untraceable as reason:
            return self._give_up(state, str(reason), args, kwargs)
        if len(self._programs.runners) > made and self._state() != state:
            self._eager.add(state)
            self._note("The call changed an attribute of the module, which a program would not do.")
        return result

    def _state(self) -> Any:
        """What the function may look at besides its arguments: modes and plain attributes of all modules."""
        if self.module is None:
            return ()
        found: list[Any] = []
        for m in self.module.modules():
            if any(m.__dict__[hooks] for hooks in _HOOKS):
                self._note(f"{type(m).__name__} has hooks.")
                return None
            found.extend(_plain_parts(m))
        return tuple(found)

    def _give_up(self, state: Any, reason: str, args: tuple, kwargs: dict) -> Any:
        self._note(reason)
        self._eager.add(state)
        return self.function(*args, **kwargs)

    def _note(self, reason: str) -> None:
        if self.fullgraph:
            raise Untraceable(
                f"{reason} With fullgraph=True that is an error; without, such calls run eagerly."
            )
        if reason not in self.reasons:
            self.reasons.append(reason)


def _plain_parts(m: Module) -> Iterator[Any]:
    for name, value in m.__dict__.items():
        if isinstance(value, PLAIN):
            yield name, value
        elif isinstance(value, (list, tuple, dict, set)) and not name.startswith("_"):
            yield name, len(value)
    for p in m._parameters.values():
        yield p is not None and p._rg


class OptimizedModule(Module):
    """A compiled module. The original is ``_orig_mod``, and stands in the keys of the state dict as in PyTorch."""

    def __init__(self, module: Module, fullgraph: bool) -> None:
        super().__init__()
        self._orig_mod = module
        self.__dict__["_compiled"] = _Compiled(module, module, fullgraph)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The original's ``forward``, through a program where there can be one."""
        return self._compiled(args, kwargs)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "_orig_mod":
                raise
            return getattr(self._orig_mod, name)


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: str | Callable = "inductor",
    mode: str | None = None,
    options: Mapping[str, Any] | None = None,
    disable: bool = False,
) -> Any:
    """A function or module that runs as programs on arrays: the same values, gradients and effects, less overhead.

    The first call with inputs of a kind (shapes, types, what requires gradients, modes and plain attributes of the
    modules) is watched, later ones replay its program. Where a program could be wrong, the code runs as it is: it reads
    numbers out of tensors, makes tensors by something that is no operation, changes its module's attributes, or there
    are hooks. ``compiled.reasons`` of a function tells why. What only Python does (``print``, globals) happens when a
    call is watched, and not when it is replayed.

    Args:
        model: a function or module; without one, a decorator is returned.
        fullgraph: raise ``torch.jit.Untraceable`` where the code would run eagerly.
        disable: give back the model itself.
        dynamic, backend, mode, options: taken for PyTorch's sake; there is one way, and every shape has its program.

    Source: https://pytorch.org/docs/stable/generated/torch.compile.html
    """
    if model is None:
        return functools.partial(compile, fullgraph=fullgraph, disable=disable)
    if not callable(model):
        raise RuntimeError(f"torch.compile takes a function or a module, not {type(model).__name__}")
    if disable:
        return model
    if isinstance(model, Module):
        return OptimizedModule(model, fullgraph)
    compiled = _Compiled(model, getattr(model, "__self__", None), fullgraph)
    if not isinstance(compiled.module, (Module, type(None))):
        compiled.module = None

    @functools.wraps(model)
    def run(*args: Any, **kwargs: Any) -> Any:
        return compiled(args, kwargs)

    run.reasons = compiled.reasons  # type: ignore[attr-defined]
    run._torchdynamo_orig_callable = model  # type: ignore[attr-defined]
    return run
