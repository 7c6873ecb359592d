"""Modules as functions of their parameters: ``functional_call`` and ``stack_module_state``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.tensor import Tensor
from ..nn.utils.stateless import _functional_call


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
    return _functional_call(module, values, args, kwargs, tie_weights=tie_weights, strict=strict)


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


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """Make every batch norm layer inside use the statistics of its batch alone, in place; ``root`` is returned.

    Running statistics are written in place, which ``vmap`` cannot do for one example.
    Source: https://pytorch.org/docs/stable/generated/torch.func.replace_all_batch_norm_modules_.html
    """
    from ..nn.modules.batchnorm import _BatchNorm

    for module in root.modules():
        if isinstance(module, _BatchNorm):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


__all__ = ["functional_call", "replace_all_batch_norm_modules_", "stack_module_state"]
