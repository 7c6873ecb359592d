"""``torch.jit.trace``: a function or module that is watched once and replayed from then on."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ..core.mode import STATE
from ..core.tensor import Tensor
from ..nn import Module
from .replay import Runner
from .tracer import Tracer
from .tracing import Programs


class TracerWarning(Warning):
    """The program may be right for the example inputs alone."""


def _told_a_number(what: str) -> None:
    warnings.warn(
        f"Converting a tensor to {what} might cause the trace to be incorrect. We can't record the data flow of Python "
        "values, so this value will be treated as a constant in the future. This means that the trace might not "
        "generalize to other inputs!",
        TracerWarning,
        stacklevel=2,
    )


class _Kept(Programs):
    """Programs of something traced: a call that has none says so once."""

    def note(self, reason: str) -> None:
        if reason not in self.reasons:
            warnings.warn(f"A traced call runs as it is written: {reason}", TracerWarning, stacklevel=2)
        super().note(reason)


class _Traced:
    """What traced functions and modules have in common."""

    _programs: Programs

    @property
    def runner(self) -> Runner:
        """The program for the inputs that were traced first."""
        return self._programs.runners[0]

    @property
    def reasons(self) -> list[str]:
        """Why some calls run as they are written."""
        return self._programs.reasons

    @property
    def code(self) -> str:
        """The program as Python on arrays, forward and backward."""
        return self.runner.code

    @property
    def graph(self) -> str:
        """The steps, one a line: what each is called with, and in which module it stands."""
        return self.runner.program.text()

    def save(self, f: Any, _extra_files: dict[str, Any] | None = None) -> None:
        """Write it to a file: see ``torch.jit.save``."""
        from .archive import save

        save(self, f, _extra_files)


class ScriptFunction(_Traced):
    """A traced function."""

    def __init__(self, function: Callable) -> None:
        self.original = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = function.__doc__
        self._programs = _Kept(function, dict, _told_a_number)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._programs.run(args, kwargs)

    def _first(self, args: tuple, kwargs: dict) -> None:
        self._programs.run(args, kwargs, strict=True)

    def __repr__(self) -> str:
        return f"<traced {self.__name__}>"


class _Tree:
    """A module's parts as they are traced: going through them anew at every call would cost more than many programs."""

    def __init__(self, module: Module) -> None:
        self.modules, self.parameters = list(module.modules()), list(module.parameters())
        tables = (getattr(m, t) for m in self.modules for t in ("_parameters", "_buffers", "_modules"))
        self._tables: list[dict] = [t for t in tables if t]
        self._parts = self._ids()

    def _ids(self) -> list[int]:
        return [id(part) for table in self._tables for part in table.values()]

    def stands(self) -> bool:
        """Is every part still the same object?"""
        return self._ids() == self._parts


class ScriptModule(_Traced, Module):
    """A traced module. Parameters, buffers, submodules and the training mode are the original's."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        for table in ("_parameters", "_buffers", "_modules", "_non_persistent_buffers_set"):
            self.__dict__[table] = module.__dict__[table]
        self.__dict__["training"] = module.training
        self.__dict__["original"] = module
        self.__dict__["_programs"] = _Kept(module, self._tensors, _told_a_number)
        self.__dict__["_tree"] = _Tree(module)

    def _tensors(self) -> Mapping[str, Tensor]:
        return {**dict(self.original.named_parameters()), **dict(self.original.named_buffers())}

    def _modes(self) -> tuple:
        tree = self._tree
        if not tree.stands():  # a parameter or a submodule is another now
            tree = self.__dict__["_tree"] = _Tree(self.original)
            self._programs.clear()
        return tuple([m.training for m in tree.modules]), tuple([p._rg for p in tree.parameters])

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Replay the program for inputs of this kind, in this mode."""
        return self._programs.run(args, kwargs, self._modes())

    def _first(self, args: tuple, kwargs: dict) -> None:
        self._programs.run(args, kwargs, self._modes(), strict=True)

    def train(self, mode: bool = True) -> ScriptModule:
        """Set the mode here and in the original; each mode has programs of its own."""
        self.original.train(mode)
        self.training = mode
        return self

    def extra_repr(self) -> str:
        return f"original_name={type(self.original).__name__}"


def trace(
    func: Callable,
    example_inputs: Any = None,
    optimize: Any = None,
    check_trace: bool = True,
    check_inputs: Any = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    example_kwarg_inputs: Mapping[str, Any] | None = None,
) -> Any:
    """Watch a function or module while it is called with example inputs, and replay it from then on.

    What comes back is called like the original and gives its values, gradients and effects on buffers, without
    dispatch, without a graph node for each operation, and with buffers used again. A program fits shapes and types of
    its inputs: called with others, the original is watched again. Unlike PyTorch's, the trace follows ``train()`` and
    ``eval()``. Where somebody looks at single operations (inside vmap, autocast or a function transform), and for
    inputs that make no program, the original runs; ``TracerWarning`` says so in the second case.

    Args:
        func: takes and returns tensors, or lists, tuples and dicts of them. What it does with numbers that it reads
            out of tensors (``if x.sum() > 0``) is not followed: a ``TracerWarning`` says so.
        example_inputs: its arguments, a tuple; a single tensor stands for itself. example_kwarg_inputs: by name.
        check_inputs: further inputs, to have programs for them from the start.
        check_trace, check_tolerance, optimize, strict: taken for PyTorch's sake; each new program is run once from the
            same point and must come to the same bits.

    Raises:
        Untraceable: it did something that a program cannot say.

    Source: https://pytorch.org/docs/stable/generated/torch.jit.trace.html
    """
    if isinstance(func, _Traced):
        return func
    if not callable(func):
        raise TypeError(f"trace() takes a function or a module, not {type(func).__name__}")
    if example_inputs is None and example_kwarg_inputs is None:
        raise RuntimeError(
            "trace() needs example_inputs or example_kwarg_inputs: a program is made by running it."
        )
    made: Any = ScriptModule(func) if isinstance(func, Module) else ScriptFunction(func)
    for inputs in [example_inputs, *(check_inputs or [])]:
        given = () if inputs is None else (inputs,) if isinstance(inputs, (Tensor, dict)) else tuple(inputs)
        made._first(given, dict(example_kwarg_inputs or {}))
    return made


def trace_module(mod: Module, inputs: Mapping[str, Any], *args: Any, **named: Any) -> Any:
    """``trace`` of a module with its example inputs by the method's name, which can only be ``forward``."""
    if set(inputs) != {"forward"}:
        raise RuntimeError(
            f"trace_module() traces forward alone, not {sorted(inputs)}. Trace another method by itself: "
            "trace(module.method, inputs)."
        )
    return trace(mod, inputs["forward"], *args, **named)


def is_tracing() -> bool:
    """Is a call being watched now?"""
    return isinstance(STATE.recorder, Tracer)
