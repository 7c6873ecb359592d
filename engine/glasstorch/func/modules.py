"""Modules as functions of their parameters: ``functional_call`` and ``stack_module_state``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other values for its parameters and buffers; the module itself does not change.

    ``parameter_and_buffer_dicts``: values by their names in ``state_dict`` (one dict, or several with different names).
    ``tie_weights``: a value also stands for other names of the same parameter. ``strict``: all must be given, and no
    others. Source: https://pytorch.org/docs/stable/generated/torch.func.functional_call.html
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        values = parameter_and_buffer_dicts
    elif isinstance(parameter_and_buffer_dicts, Sequence):
        if not all(isinstance(d, dict) for d in parameter_and_buffer_dicts):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [n for d in parameter_and_buffer_dicts for n in d]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(
                f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous"
            )
        values = {n: v for d in parameter_and_buffer_dicts for n, v in d.items()}
    else:
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with swapped(module, values, tie_weights, strict):
        return module(*args, **(kwargs or {}))


@contextmanager
def swapped(
    module: Any, values: dict[str, Any], tie_weights: bool = True, strict: bool = False
) -> Iterator[None]:
    """Inside, the module's parameters and buffers have other values."""
    if tie_weights:
        values = _with_tied(module, values)
    known = {n for n, _ in module.named_parameters(remove_duplicate=False)}
    known |= {n for n, _ in module.named_buffers(remove_duplicate=False)}
    if strict:
        missing, unexpected = known - set(values), set(values) - known
        problems = []
        if unexpected:
            problems.append(f"Unexpected key(s): {', '.join(map(repr, sorted(unexpected)))}.")
        if missing:
            problems.append(f"Missing key(s): {', '.join(map(repr, sorted(missing)))}.")
        if problems:
            raise RuntimeError(
                f"Error(s) in reparametrizing for {type(module).__name__}:\n\t" + "\n\t".join(problems)
            )
    before: list[tuple[str, dict, str, Any]] = []
    try:
        for name, value in values.items():
            home, key = _home(module, name)
            if home is None:
                continue
            before.append((name, home, key, home[key]))
            home[key] = value
        yield
    finally:
        for name, home, key, old in reversed(before):
            if home[key] is not values[name] and isinstance(home[key], Tensor):
                values[name] = home[key]  # the module itself put another tensor there
            home[key] = old


def _home(module: Any, name: str) -> tuple[dict | None, str]:
    """The dictionary that holds a parameter or buffer, and its key there; None when the module has no such thing."""
    *path, key = name.split(".")
    m = module
    for part in path:
        if part not in m._modules:
            raise AttributeError(f"'{type(m).__name__}' object has no attribute '{part}'")
        m = m._modules[part]
    for home in (m._parameters, m._buffers):
        if key in home:
            return home, key
    return None, key


def _with_tied(module: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values, also under the other names of parameters that have several."""
    names_of: dict[int, set[str]] = {}
    for pairs in (
        module.named_parameters(remove_duplicate=False),
        module.named_buffers(remove_duplicate=False),
    ):
        for name, t in pairs:
            names_of.setdefault(id(t), set()).add(name)
    out = dict(values)
    for names in names_of.values():
        given = [n for n in names if n in values]
        if len(names) == 1 or not given:
            continue
        if any(values[n] is not values[given[0]] for n in given):
            raise ValueError(
                "functional_call got multiple values for keys "
                f"{sorted(given)}, which are tied. Consider using tie_weights=False"
            )
        out |= dict.fromkeys(names, values[given[0]])
    return out


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """``(params, buffers)`` of several like modules, stacked along a new first dimension, for ``vmap`` over them.

    Source: https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
    """
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if not all(type(m) is type(models[0]) for m in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    params = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    stacked = {n: _stacked([p[n] for p in params]) for n in params[0]}
    return stacked, {n: _stacked([b[n] for b in buffers]) for n in buffers[0]}


def _stacked(tensors: list[Tensor]) -> Tensor:
    flags = {t.requires_grad for t in tensors}
    if len(flags) > 1:
        raise RuntimeError(
            "Expected tensors from different models to have the same requires_grad; got mixed values"
        )
    return FUNCTIONS["stack"]([t.detach() for t in tensors]).requires_grad_(flags.pop())


__all__ = ["functional_call", "stack_module_state", "swapped"]
