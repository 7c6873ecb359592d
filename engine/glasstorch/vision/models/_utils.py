"""What the model families share: making a model with weights, the arguments of old, widths, layers' outputs."""

from __future__ import annotations

import functools
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError

from ... import nn
from ...core.frames import warn
from ...core.tensor import Tensor
from ._api import WeightsEnum

M = TypeVar("M", bound=nn.Module)


def pretrained(
    make: Callable[..., M],
    weights: WeightsEnum | None,
    progress: bool,
    arguments: dict[str, Any],
    **fixed: Any,
) -> M:
    """``make(**arguments)``, with weights loaded into it.

    Args:
        make: the model's class or a function that calls it.
        weights: a verified member, or None for the random start.
        progress: show how far a download is.
        arguments: the user's; changed where the weights demand a value.
        fixed: what the weights demand besides their number of classes.

    Raises:
        ValueError: an argument contradicts the weights.
    """
    if weights is not None:
        categories = weights.meta["categories"]
        if categories is not None:
            fixed["num_classes"] = len(categories)
        for name, value in fixed.items():
            demand(arguments, name, value)
    model = make(**arguments)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress=progress, check_hash=True))
    return model


def demand(arguments: dict[str, Any], name: str, value: Any) -> None:
    """Set an argument to what the weights need; ValueError if the user has asked for something else."""
    if arguments.setdefault(name, value) != value:
        raise ValueError(f"The parameter '{name}' expected value {value} but got {arguments[name]} instead.")


def first_values(model: nn.Module, linear: Callable[[Tensor], Any] | None) -> None:
    """The random start that most convolutional networks share.

    Convolutions get He's normal numbers by ``fan_out``, normalizations 1, linear layers what the function ``linear``
    makes of their weights (None leaves the whole layer as it is); biases are 0.
    """
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.ones_(m.weight)
        elif isinstance(m, nn.Linear) and linear is not None:
            linear(m.weight)
        else:
            continue
        if m.bias is not None:
            nn.init.zeros_(m.bias)


def small_normal(weight: Tensor) -> None:
    """Normal numbers of standard deviation 0.01, in place."""
    nn.init.normal_(weight, 0, 0.01)


def _make_divisible(v: float, divisor: int, min_value: int | None = None) -> int:
    """The multiple of ``divisor`` nearest to ``v``, one more where that would lose over a tenth of ``v``.

    Source: the MobileNet code at https://github.com/tensorflow/models
    """
    nearest = max(divisor if min_value is None else min_value, int(v + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * v else nearest


def handle_legacy_interface(**weights: tuple[str, Any]) -> Callable[[Callable[..., M]], Callable[..., M]]:
    """Let a builder take what was written before torchvision 0.13: ``pretrained=True``, and arguments by position.

    Tutorials say ``pretrained=True``, and are worked through offline as well. So where there is no network, that form
    (alone) warns and goes on with a random start; torchvision raises.

    Args:
        weights: for each argument that takes weights, its old name and what True meant there: a member, or a
            function from the call's arguments to one.
    """

    def decorate(builder: Callable[..., M]) -> Callable[..., M]:
        names = [p.name for p in inspect.signature(builder).parameters.values()
                 if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]  # fmt: skip
        keyword_only = [
            p.name for p in inspect.signature(builder).parameters.values() if p.kind is p.KEYWORD_ONLY
        ]
        positional = len(names) - len(keyword_only)

        @functools.wraps(builder)
        def call(*args: Any, **kwargs: Any) -> M:
            args, late = args[:positional], args[positional:]
            if late:
                by_name = dict(zip(keyword_only, late))
                listed = _enumerate_names(list(by_name))
                warn(
                    f"Using {listed} as positional parameter(s) is deprecated since 0.13 and may be removed in the "
                    "future: name them.",
                )
                kwargs.update(by_name)
            old_style = [
                name
                for name, (old_name, meaning) in weights.items()
                if _translate(kwargs, name, old_name, meaning, builder.__name__)
            ]
            try:
                return builder(*args, **kwargs)
            except URLError as error:
                if not old_style or isinstance(error, HTTPError):
                    raise
                advice = " ".join(getattr(error, "__notes__", []))
                warn(
                    f"NO PRETRAINED WEIGHTS: without a network ({error.reason}) {builder.__name__} starts from random "
                    f"numbers, and what it says means nothing before it is trained. {advice} "
                    f"Asked for as `{old_style[0]}={kwargs[old_style[0]]}`, missing weights are an error.",
                )
                return builder(*args, **{**kwargs, **dict.fromkeys(old_style)})

        return call

    return decorate


def _enumerate_names(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


def _translate(kwargs: dict[str, Any], name: str, old_name: str, meaning: Any, builder: str) -> bool:
    """Replace ``pretrained=True``, or a truth value given for ``weights``, by the weights that it meant.

    Whether it was there.
    """
    given = kwargs.get(name)
    new_style = (
        given is None or isinstance(given, WeightsEnum) or (isinstance(given, str) and given != "legacy")
    )
    if (name in kwargs or old_name not in kwargs) and new_style:
        return False
    if name in kwargs:
        kwargs[old_name] = kwargs.pop(name)
    else:
        warn(
            f"The parameter '{old_name}' is deprecated since 0.13 and may be removed in the future, "
            f"please use '{name}' instead.",
        )
    wanted = None
    if kwargs[old_name]:
        wanted = meaning(kwargs) if callable(meaning) else meaning
        if not isinstance(wanted, WeightsEnum):
            raise ValueError(f"No weights available for model {builder}")
    message = (
        f"Arguments other than a weight enum or `None` for '{name}' are deprecated since 0.13 and may be removed in "
        f"the future. This call means `{name}={wanted}`"
    )
    best = f"; `{name}={type(wanted).__name__}.DEFAULT` are the best weights there are"
    warn(message + (best if wanted is not None else "") + ".")
    del kwargs[old_name]
    kwargs[name] = wanted
    return True


class IntermediateLayerGetter(nn.ModuleDict):
    """A model's first layers up to the last one asked for; calling it gives those layers' outputs.

    The layers are the model's direct children, and are called in the order in which they are registered.

    Args:
        model: where the layers are from.
        return_layers: from the name of a layer to the name of its output in the result.

    Calling it: input as the first layer takes it; an OrderedDict from names to outputs.
    """

    _version = 2

    def __init__(self, model: nn.Module, return_layers: dict[str, str]) -> None:
        if not set(return_layers) <= {name for name, _ in model.named_children()}:
            raise ValueError("return_layers are not present in model")
        wanted = {str(name) for name in return_layers}
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for name, module in model.named_children():
            layers[name] = module
            wanted.discard(name)
            if not wanted:
                break
        super().__init__(layers)
        self.return_layers = return_layers

    def forward(self, x: Tensor) -> OrderedDict[str, Tensor]:
        out: OrderedDict[str, Tensor] = OrderedDict()
        for name, module in self.items():
            x = module(x)
            if name in self.return_layers:
                out[self.return_layers[name]] = x
        return out
