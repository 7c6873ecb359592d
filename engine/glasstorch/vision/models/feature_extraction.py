"""A model's inner outputs by the names of its modules.

torchvision traces a model with ``torch.fx`` and can return what any operation gives. Here only modules have names: what
``x + y`` or ``flatten`` gives cannot be asked for. Source: https://pytorch.org/vision/stable/feature_extraction.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from ... import nn

__all__ = ["create_feature_extractor", "get_graph_node_names"]

Nodes = list[str] | dict[str, str]


def get_graph_node_names(
    model: nn.Module,
    tracer_kwargs: dict[str, Any] | None = None,
    suppress_diff_warning: bool = False,
    concrete_args: dict[str, Any] | None = None,
) -> tuple[list[str], list[str]]:
    """The names for ``create_feature_extractor``, in training and in evaluation: all modules without parts.

    A module called twice is listed once, and its second output is named with ``_1`` at the end, as there. The
    other arguments are for PyTorch's tracer, and without effect.
    """
    names = [name for name, module in model.named_modules() if name and not list(module.children())]
    return names, list(names)


def create_feature_extractor(
    model: nn.Module,
    return_nodes: Nodes | None = None,
    train_return_nodes: Nodes | None = None,
    eval_return_nodes: Nodes | None = None,
    tracer_kwargs: dict[str, Any] | None = None,
    suppress_diff_warning: bool = False,
    concrete_args: dict[str, Any] | None = None,
) -> nn.Module:
    """A module that shares the model's parameters and returns what some of its modules give, as a dict.

    Args:
        return_nodes: names of modules ("layer1", "layer4.1.relu_1" for the second call of ``layer4.1.relu``); as a
            dict, from those names to the names in the result.
        train_return_nodes, eval_return_nodes: both, in place of ``return_nodes``, where training and evaluation differ.

    What comes after the last module asked for is not computed. The other arguments are for PyTorch's tracer, and
    without effect.
    """
    modes = (train_return_nodes, eval_return_nodes)
    if all(nodes is None for nodes in (return_nodes, *modes)):
        raise ValueError(
            "Either `return_nodes` or `train_return_nodes` and `eval_return_nodes` together, should be specified"
        )
    if (train_return_nodes is None) ^ (eval_return_nodes is None):
        raise ValueError(
            "If any of `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified"
        )
    if return_nodes is not None and train_return_nodes is not None:
        raise ValueError(
            "If `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified"
        )
    train, evaluation = (
        _resolved(model, return_nodes if return_nodes is not None else nodes) for nodes in modes
    )
    return _FeatureExtractor(model, train, evaluation)


#: For a module: which of its calls, and the name in the result.
Wanted = dict[str, list[tuple[int, str]]]


def _resolved(model: nn.Module, nodes: Any) -> Wanted:
    names = dict(nodes) if isinstance(nodes, dict) else {name: name for name in nodes}
    modules = {name for name, _ in model.named_modules() if name}
    wanted: Wanted = {}
    for node, name in names.items():
        module, call = node, 0
        if node not in modules and (again := re.fullmatch(r"(.+)_(\d+)", node)):
            module, call = again[1], int(again[2])
        if module not in modules:
            raise ValueError(
                f"node: '{node}' is not present in model. Hint: use `get_graph_node_names` to make sure the "
                "`return_nodes` you specified are present; here they are modules."
            )
        wanted.setdefault(module, []).append((call, str(name)))
    return wanted


class _AllFound(Exception):
    """Nothing more is asked for."""


class _FeatureExtractor(nn.Module):
    def __init__(self, model: nn.Module, train: Wanted, evaluation: Wanted) -> None:
        super().__init__()
        self.__dict__["model"] = model  # not a part: the parts below are, under the model's own names
        self._modules, self._parameters, self._buffers = model._modules, model._parameters, model._buffers
        self._wanted = {True: train, False: evaluation}
        self.training = model.training

    def train(self, mode: bool = True) -> Any:
        self.__dict__["model"].train(mode)
        self.training = mode
        return self

    def forward(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        model = self.__dict__["model"]
        wanted = self._wanted[self.training]
        missing = {name for calls in wanted.values() for _, name in calls}
        found: dict[str, Any] = {}
        calls: Counter[str] = Counter()

        def watching(module: str) -> Callable:
            def hook(_: nn.Module, inputs: Any, output: Any) -> None:
                for call, name in wanted[module]:
                    if call == calls[module]:
                        found[name] = output
                        missing.discard(name)
                calls[module] += 1
                if not missing:
                    raise _AllFound

            return hook

        handles = [model.get_submodule(name).register_forward_hook(watching(name)) for name in wanted]
        try:
            model(*args, **kwargs)
        except _AllFound:
            pass
        finally:
            for handle in handles:
                handle.remove()
        if missing:
            raise ValueError(f"These were not called by the model: {', '.join(sorted(missing))}")
        return {name: found[name] for calls_of in wanted.values() for _, name in calls_of}
