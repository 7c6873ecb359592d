"""Calling a module with other parameters than its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...core.frames import warn
from ...core.tensor import Tensor


def _tied_names(module: Any) -> dict[str, set[str]]:
    """For each name of a tensor that has several names: all its names."""
    by_tensor: dict[int, set[str]] = {}
    named = [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]
    for name, tensor in named:
        by_tensor.setdefault(id(tensor), set()).add(name)
    return {name: names for names in by_tensor.values() if len(names) > 1 for name in names}


def _with_ties(module: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
    """``given`` with the other names of shared tensors added; ValueError when these get different values."""
    tied, out = _tied_names(module), dict(given)
    for name in given:
        names = tied.get(name, set())
        if len({id(given[n]) for n in names if n in given}) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(names)}, which are tied. Consider using "
                "tie_weights=False"
            )
        out.update(dict.fromkeys(names, given[name]))
    return out


def _check_keys(module: Any, given: dict[str, Tensor]) -> None:
    """RuntimeError unless the keys are just the names of the module's parameters and buffers."""
    named = [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]
    own = {name for name, _ in named}
    problems = []
    if unexpected := [k for k in given if k not in own]:
        problems.append(f"Unexpected key(s): {', '.join(map(repr, unexpected))}.")
    if missing := [name for name, _ in named if name not in given]:
        problems.append(f"Missing key(s): {', '.join(map(repr, missing))}.")
    if problems:
        raise RuntimeError(
            f"Error(s) in reparametrizing for {type(module).__name__}:\n\t" + "\n\t".join(problems)
        )


_ABSENT: Any = object()  # a name that the module has not


def _swap(module: Any, name: str, value: Any) -> Any:
    """Put a tensor in place of a parameter or buffer (or an attribute), by dotted name; gives the one before."""
    path, _, leaf = name.rpartition(".")
    owner = module.get_submodule(path)
    for table in (owner._parameters, owner._buffers):
        if leaf in table:
            before, table[leaf] = table[leaf], value
            return before
    before = getattr(owner, leaf, _ABSENT)
    if value is _ABSENT:
        delattr(owner, leaf)
    else:
        setattr(owner, leaf, value)
    return before


@contextmanager
def _reparametrize_module(
    module: Any, parameters_and_buffers: dict[str, Tensor], tie_weights: bool = False, strict: bool = False
) -> Iterator[None]:
    """Inside, the module has the given tensors in place of its own; buffers that change, change in the dictionary."""
    given = _with_ties(module, parameters_and_buffers) if tie_weights else dict(parameters_and_buffers)
    if strict:
        _check_keys(module, given)
    own: dict[str, Any] = {}
    try:
        for name, value in given.items():
            own[name] = _swap(module, name, value)
        yield
    finally:
        for name, value in reversed(own.items()):
            now = _swap(module, name, value)
            if name in parameters_and_buffers:
                parameters_and_buffers[name] = now


def _functional_call(
    module: Any,
    parameters_and_buffers: dict[str, Tensor],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights, strict):
        return module(*args, **(kwargs or {}))


def functional_call(
    module: Any,
    parameters_and_buffers: dict[str, Tensor],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """The old home of ``func.functional_call``; FutureWarning."""
    warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be removed in a future "
        "version of PyTorch. Please use `torch.func.functional_call` instead which is a drop-in replacement.",
        FutureWarning,
    )
    return _functional_call(
        module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict
    )


__all__ = ["functional_call"]
