"""``torch.compile``: programs made as they are needed, and eager code wherever a program could be wrong."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from ..core.mode import STATE
from ..core.tensor import Tensor
from ..nn import Module
from .guards import Guards, Unclear
from .program import Untraceable
from .tracing import Programs, single_operations_matter

KNOWN: weakref.WeakSet[_Compiled] = weakref.WeakSet()  # torch.compiler.reset reaches them all
stance = "default"  # torch.compiler.set_stance


class _Compiled:
    """One function with its programs."""

    def __init__(self, function: Callable, fullgraph: bool) -> None:
        KNOWN.add(self)
        self.function, self.fullgraph = function, fullgraph
        self._guards = Guards(function)
        self._programs = Programs(function, self._tensors, _reads, with_modules=True)

    @property
    def reasons(self) -> list[str]:
        """Why some calls run eagerly."""
        return self._programs.reasons

    def forget(self) -> None:
        """Make programs anew."""
        self._programs.clear()

    def _tensors(self) -> Mapping[str, Tensor]:
        found: dict[str, Tensor] = {}
        for m in reversed(self._guards.modules.values()):  # the outermost last: its names tell most
            found.update(m.named_parameters())
            found.update(m.named_buffers())
        return found

    def __call__(self, args: tuple, kwargs: dict) -> Any:
        if stance == "force_eager" or (STATE.special and single_operations_matter()):
            return self.function(*args, **kwargs)
        try:
            state = self._guards.state(args)
        except Unclear as reason:
            self._programs.note(str(reason))
            self._complain()
            return self.function(*args, **kwargs)
        made = len(self._programs.runners)
        known = len(self.reasons)
        result = self._programs.run(args, kwargs, state)
        if len(self._programs.runners) > made and self._state_after(args) != state:
            self._programs.refuse(
                state,
                "The call changed an attribute or a variable outside of it, which a program would not do.",
            )
        if len(self.reasons) > known:
            self._complain()
        return result

    def _state_after(self, args: tuple) -> Any:
        try:
            return self._guards.state(args)
        except Unclear:
            return None

    def _complain(self) -> None:
        if self.fullgraph:
            raise Untraceable(
                f"{self.reasons[-1]} With fullgraph=True that is an error; without, such calls run eagerly."
            )


def _reads(what: str) -> None:
    raise Untraceable(
        f"The code turned a tensor into {what}: what Python does with it can differ from call to call."
    )


class OptimizedModule(Module):
    """A compiled module. The original is ``_orig_mod``, and stands in the keys of the state dict as in PyTorch."""

    def __init__(self, module: Module, fullgraph: bool) -> None:
        super().__init__()
        self._orig_mod = module
        self.__dict__["_compiled"] = _Compiled(module, fullgraph)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The original's ``forward``, through a program where there can be one."""
        return self._compiled(args, kwargs)

    @property
    def reasons(self) -> list[str]:
        """Why some calls run eagerly."""
        return self._compiled.reasons

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

    The first call with inputs of a kind (shapes, types, layouts, what requires gradients, and what the code may look
    at besides: globals, variables around it, attributes of modules) is watched, later ones replay its program. Where a
    program could be wrong, the code runs as it is: it reads numbers out of tensors, makes tensors by something that is
    no operation, calls ``backward()``, changes attributes, or there are hooks. ``compiled.reasons`` tells why. What
    only Python does (``print``, a list that grows) happens when a call is watched, and not when it is replayed.

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
    compiled = _Compiled(model, fullgraph)

    @functools.wraps(model)
    def run(*args: Any, **kwargs: Any) -> Any:
        return compiled(args, kwargs)

    run.reasons = compiled.reasons  # type: ignore[attr-defined]
    run._torchdynamo_orig_callable = model  # type: ignore[attr-defined]
    return run
