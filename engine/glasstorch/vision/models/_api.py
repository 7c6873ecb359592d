"""Published weights, and finding models and weights by name."""

from __future__ import annotations

import fnmatch
import json
import sys
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, Self, TypeVar

from ... import hub, nn
from ..transforms._presets import ImageClassification

__all__ = [
    "Weights", "WeightsEnum", "get_model", "get_model_builder", "get_model_weights", "get_weight", "list_models",
]  # fmt: skip

SERVER = "https://download.pytorch.org/models/"
M = TypeVar("M", bound=nn.Module)


@dataclass(eq=False)
class Weights:
    """A file of trained parameters, and what one should know to use it.

    Attributes:
        url: where the file is published.
        transforms: called without arguments, makes the preprocessing that the model was trained with.
        meta: facts. ``categories`` (the names of the classes), ``num_params``, ``min_size`` (the smallest image, height
            and width), ``recipe`` (where the training is described), ``_metrics`` (accuracies as published, in per
            cent), ``_ops`` (10⁹ multiply-adds for an image), ``_file_size`` (MB).
    """

    url: str
    transforms: Callable
    meta: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        # Copies and pickles of a member find it again by comparing, and two equal partials do not compare equal.
        if not isinstance(other, Weights):
            return NotImplemented
        return (self.url, self.meta, _parts(self.transforms)) == (
            other.url,
            other.meta,
            _parts(other.transforms),
        )


def _parts(transforms: Callable) -> Any:
    if isinstance(transforms, partial):
        return transforms.func, transforms.args, transforms.keywords
    return transforms


class WeightsEnum(Enum):
    """The published weights of one model; ``DEFAULT`` is the best of them. The values are ``Weights``."""

    @classmethod
    def verify(cls, obj: Any) -> Any:
        """A member of this class from itself, its name (with or without the class's), or None."""
        if isinstance(obj, str):
            return cls[obj.removeprefix(cls.__name__ + ".")]
        if obj is not None and not isinstance(obj, cls):
            raise TypeError(
                f"Invalid Weight class provided; expected {cls.__name__} but received {type(obj).__name__}."
            )
        return obj

    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The parameters, downloaded on first use. Arguments as for ``hub.load_state_dict_from_url``."""
        return hub.load_state_dict_from_url(self.url, *args, **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    @property
    def url(self) -> str:
        return self.value.url

    @property
    def transforms(self) -> Callable:
        return self.value.transforms

    @property
    def meta(self) -> dict[str, Any]:
        return self.value.meta

    def __deepcopy__(self, memo: dict) -> Self:
        return self


@cache
def _facts(name: str) -> dict[str, Any]:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def published(file: str, preset: Callable = ImageClassification, **arguments: Any) -> Weights:
    """The weights in a file at PyTorch's server; ``weights.json`` has the facts about it.

    Args:
        preset: the preprocessing's class.
        arguments: with which it is made.
    """
    meta = dict(_facts("weights.json")[file])
    if meta["categories"] is not None:
        meta["categories"] = _facts("categories.json")[meta["categories"]]
    meta["min_size"] = tuple(meta["min_size"])
    return Weights(SERVER + file, partial(preset, **arguments), meta)


# ---- by name ---------------------------------------------------------------------------------------------------------

BUILTIN_MODELS: dict[str, Callable[..., nn.Module]] = {}


def register_model(name: str | None = None) -> Callable[[Callable[..., M]], Callable[..., M]]:
    """Let ``get_model`` find the decorated function, under its own name or another."""

    def register(builder: Callable[..., M]) -> Callable[..., M]:
        key = builder.__name__ if name is None else name
        if key in BUILTIN_MODELS:
            raise ValueError(f"An entry is already registered under the name '{key}'.")
        BUILTIN_MODELS[key] = builder
        return builder

    return register


def list_models(
    module: ModuleType | None = None,
    include: Iterable[str] | str | None = None,
    exclude: Iterable[str] | str | None = None,
) -> list[str]:
    """The names that ``get_model`` knows, in alphabetical order.

    Args:
        module: only those of this package, for example ``models.segmentation``.
        include: only those that one of these patterns matches ("resnet*").
        exclude: none that one of these patterns matches.
    """

    def matching(names: set[str], patterns: Iterable[str] | str) -> set[str]:
        patterns = [patterns] if isinstance(patterns, str) else patterns
        return {name for pattern in patterns for name in fnmatch.filter(names, pattern)}

    names = {
        name
        for name, builder in BUILTIN_MODELS.items()
        if module is None or builder.__module__.rpartition(".")[0] == module.__name__
    }
    if include:
        names = matching(names, include)
    if exclude:
        names -= matching(names, exclude)
    return sorted(names)


def get_model_builder(name: str) -> Callable[..., nn.Module]:
    """The function that makes the model of this name; capital letters do not matter."""
    try:
        return BUILTIN_MODELS[name.lower()]
    except KeyError:
        raise ValueError(f"Unknown model {name}") from None


def get_model(name: str, **config: Any) -> nn.Module:
    """The model of this name, made with the arguments ``config``: ``get_model("resnet18", num_classes=10)``."""
    return get_model_builder(name)(**config)


def get_model_weights(name: Callable | str) -> type[WeightsEnum]:
    """The published weights of a model, given by its name or by the function that makes it."""
    builder = get_model_builder(name) if isinstance(name, str) else name
    hints = typing.get_type_hints(builder)
    if "weights" not in hints:
        raise ValueError("The method is missing the 'weights' argument.")
    for kind in (hints["weights"], *typing.get_args(hints["weights"])):
        if isinstance(kind, type) and issubclass(kind, WeightsEnum):
            return kind
    raise ValueError(
        "The WeightsEnum class for the specific method couldn't be retrieved. "
        "Annotate its argument: weights: SomeModel_Weights | None = None"
    )


def get_weight(name: str) -> WeightsEnum:
    """Published weights by their full name: ``get_weight("ResNet50_Weights.IMAGENET1K_V1")``."""
    enum_name, dot, member = name.partition(".")
    if not dot or "." in member:
        raise ValueError(f"Invalid weight name provided: '{name}'.")
    package = sys.modules[__package__]
    parts = [m for m in vars(package).values() if isinstance(m, ModuleType) and hasattr(m, "__path__")]
    for module in (package, *parts):
        kind = getattr(module, enum_name, None)
        if isinstance(kind, type) and issubclass(kind, WeightsEnum):
            return kind[member]
    raise ValueError(f"The weight enum '{enum_name}' for the specific method couldn't be retrieved.")
