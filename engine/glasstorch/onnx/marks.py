"""Which sizes of a model's inputs are marked as dynamic, in PyTorch's ways of saying it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.tensor import Tensor
from ..core.tree import tree_flatten, tree_leaves, tree_unflatten
from ..nn import Module
from ..ops.join import cat

Axes = dict[str, list[tuple[int, int]]]


def marked_axes(model: Any, examples: tuple, names: Sequence[str], axes: Any, shapes: Any) -> Axes:
    """By the name of each size, the inputs (by number) and axes that have it.

    Args:
        examples: the arguments, ``(args, kwargs)``. names: of the inputs. axes, shapes: ``export``'s arguments.
    """
    found: Axes = {}
    args, kwargs = examples
    tensors = [t for t in tree_leaves(examples) if isinstance(t, Tensor)]
    all_names = [*names, *(f"input_{k}" for k in range(len(names), len(tensors)))]
    for name, marks in dict(axes or {}).items():
        if name in all_names:
            _mark(found, all_names.index(name), marks, tensors)
    if axes and not found:
        raise ValueError(f"dynamic_axes names none of the inputs {all_names}; give input_names.")
    if shapes:
        by_argument = _by_argument(model, args, kwargs)
        given = shapes.items() if isinstance(shapes, Mapping) else zip(by_argument, shapes, strict=False)
        for name, marks in given:
            if name not in by_argument:
                raise ValueError(f"dynamic_shapes: {name!r} is none of the arguments {list(by_argument)}.")
            for number, part in zip(by_argument[name], _parts(marks, len(by_argument[name])), strict=True):
                _mark(found, number, part, tensors)
    return found


def _parts(marks: Any, count: int) -> list[Any]:
    """The marks for each tensor of an argument: a list of them for a list of tensors."""
    if count == 1 and not (
        isinstance(marks, (list, tuple)) and marks and isinstance(marks[0], (Mapping, type(None)))
    ):
        return [marks]
    return list(marks) if marks is not None else [None] * count


def _by_argument(model: Any, args: tuple, kwargs: dict) -> dict[str, list[int]]:
    """The numbers of the tensors in each argument."""
    called = model.forward if isinstance(model, Module) else model
    try:
        names = list(inspect.signature(called).parameters)
    except (TypeError, ValueError):
        names = []
    found: dict[str, list[int]] = {}
    number = 0
    for k, (name, value) in enumerate([*((None, a) for a in args), *kwargs.items()]):
        count = sum(isinstance(t, Tensor) for t in tree_leaves(value))
        found[name or (names[k] if k < len(names) else f"argument {k}")] = list(range(number, number + count))
        number += count
    return found


def _mark(found: Axes, number: int, marks: Any, tensors: list[Tensor]) -> None:
    if marks is None:
        return
    rank = tensors[number].dim()
    if isinstance(marks, Mapping):
        pairs = list(marks.items())
    else:  # [0, 2] names axes; (None, "length") and (None, Dim) go through them
        plain = all(isinstance(m, int) for m in marks)
        pairs = [(m, f"input_{number}_{m}") for m in marks] if plain else list(enumerate(marks))
    for axis, mark in pairs:
        if mark is None:
            continue
        if not -rank <= axis < rank:
            raise ValueError(f"Axis {axis} is marked as dynamic, but input {number} has {rank} dimensions.")
        name = mark if isinstance(mark, str) else getattr(mark, "__name__", f"input_{number}_{axis}")
        found.setdefault(name, []).append((number, axis % rank))


def resized(examples: tuple, axes: Axes, sizes: Mapping[str, int]) -> tuple:
    """The arguments with other sizes, by repeating their first lines."""
    leaves, spec = tree_flatten(examples)
    places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    wanted: dict[int, dict[int, int]] = {}
    for name, pairs in axes.items():
        for number, axis in pairs:
            wanted.setdefault(number, {})[axis] = sizes[name]
    made: dict[Any, Tensor] = {}  # a tensor that is given twice stays one
    for number, lengths in wanted.items():
        t = leaves[places[number]]
        key = (id(t), tuple(lengths.items()))
        if key not in made:
            longer = t.detach()
            for axis, length in lengths.items():
                more = length - longer.shape[axis]
                longer = cat([longer, *[longer.narrow(axis, 0, 1)] * more], axis)
            made[key] = longer
        leaves[places[number]] = made[key]
    return tree_unflatten(leaves, spec)
