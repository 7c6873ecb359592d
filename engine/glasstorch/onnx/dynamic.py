"""Sizes that may differ from call to call, found by comparing models of several sizes.

A program has the sizes of its example. Written for a few more sizes, the models differ in the integers that depend on
them (the shape of a ``Reshape``, say), and those become small computations from the sizes of the inputs: a constant
plus multiples of sizes, or a multiple of a product of them. Where anything else differs, the model depends on the size
in a way that this cannot find, and that is an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


class SizeError(RuntimeError):
    """What depends on a size in an unknown way; the message is the end of a sentence."""


class Sizes:
    """Which axes of which inputs may differ, by the name of the size.

    Args:
        axes: by name, pairs of an input's number and an axis. sizes: of the example, by name.
    """

    def __init__(self, axes: Mapping[str, Sequence[tuple[int, int]]], sizes: Mapping[str, int]) -> None:
        self.axes, self.sizes = axes, dict(sizes)
        self.names = list(axes)

    def others(self) -> list[dict[str, int]]:
        """The sizes to compare with: each one greater by itself, then all of them, by different amounts."""
        each = [{**self.sizes, name: self.sizes[name] + 1} for name in self.names]
        return [*each, {name: size + 2 + k for k, (name, size) in enumerate(self.sizes.items())}]


def made_dynamic(onnx: Any, sizes: Sizes, make: Callable[[dict[str, int]], Any]) -> Any:
    """The model for the example's sizes, with what depends on them computed from the inputs.

    Args:
        make: gives the model for sizes.
    """
    model, others = make(sizes.sizes), [make(other) for other in sizes.others()]
    for other in others:
        _compare_nodes(model, other)
    written = _Written(onnx, model, sizes)
    kept = []
    tables = [{i.name: onnx.numpy_helper.to_array(i) for i in m.graph.initializer} for m in (model, *others)]
    for initializer in model.graph.initializer:
        values = [table[initializer.name] for table in tables]
        if all(
            v.shape == values[0].shape and np.array_equal(v, values[0], equal_nan=v.dtype.kind == "f")
            for v in values
        ):
            kept.append(initializer)
        elif not written.found(initializer.name, values):
            raise SizeError(
                f"{_user(model, initializer.name)} uses a table of numbers that depends on the size"
            )
    nodes = [*written.nodes, *model.graph.node]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend([*kept, *written.constants])
    for name, pairs in sizes.axes.items():
        for number, axis in pairs:
            model.graph.input[number].type.tensor_type.shape.dim[axis].dim_param = name
    for k, output in enumerate(model.graph.output):
        for axis, dim in enumerate(output.type.tensor_type.shape.dim):
            seen = [m.graph.output[k].type.tensor_type.shape.dim[axis].dim_value for m in others]
            if any(s != dim.dim_value for s in seen):
                dim.dim_param = _name_of(sizes, dim.dim_value, seen) or f"output_{k}_{axis}"
    return model


def _compare_nodes(model: Any, other: Any) -> None:
    pairs = zip(model.graph.node, other.graph.node, strict=False)
    if len(model.graph.node) != len(other.graph.node):
        raise SizeError("it takes other steps for another size")
    for a, b in pairs:
        if (a.op_type, a.input, a.output, a.attribute) != (b.op_type, b.input, b.output, b.attribute):
            raise SizeError(f"{a.doc_string or a.op_type} is another step for another size")


def _user(model: Any, name: str) -> str:
    return next((n.doc_string or n.op_type for n in model.graph.node if name in n.input), "it")


def _name_of(sizes: Sizes, value: int, seen: list[int]) -> str | None:
    for name in sizes.names:
        if [value, *seen] == [sizes.sizes[name], *(other[name] for other in sizes.others())]:
            return name
    return None


class _Written:
    """Nodes that compute integers from the sizes of inputs."""

    def __init__(self, onnx: Any, model: Any, sizes: Sizes) -> None:
        self._onnx, self._sizes = onnx, sizes
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._count = 0
        self._tables = [sizes.sizes, *sizes.others()]
        self._names: dict[tuple[str, ...], str] = {}
        for name, pairs in sizes.axes.items():
            number, axis = pairs[0]
            given = model.graph.input[number].name
            self._names[(name,)] = self._node("Shape", given, start=axis, end=axis + 1)

    def found(self, name: str, values: list[np.ndarray]) -> bool:
        """Write what a table of numbers is for any sizes: whole numbers, or one number all over. False for others."""
        first = values[0]
        if all(v.shape == first.shape and v.dtype.kind in "if" and (v == np.round(v)).all() for v in values):
            whole = name if first.dtype == np.int64 else f"{name}_whole"
            self.computed(whole, [v.astype(np.int64) for v in values])
            if whole != name:
                kind = self._onnx.helper.np_dtype_to_tensor_dtype(first.dtype)
                self._node("Cast", whole, to=kind, output=name)
            return True
        numbers = np.concatenate([v.reshape(-1) for v in values])
        if numbers.size and (numbers == numbers[0]).all() and all(v.ndim == first.ndim for v in values):
            self.computed(f"{name}_shape", [np.asarray(v.shape, np.int64) for v in values])
            self._node(
                "Expand", self._constant(numbers[:1].reshape([1] * first.ndim)), f"{name}_shape", output=name
            )
            return True
        return False

    def computed(self, name: str, values: list[np.ndarray]) -> None:
        """An integer tensor of this name, from its values for each table of sizes."""
        flat = np.stack([v.reshape(-1) for v in values], 1)
        terms: dict[tuple[str, ...], np.ndarray] = {}
        for k, row in enumerate(flat):
            for product, factor in self._fitted(row).items():
                terms.setdefault(product, np.zeros(len(flat), np.int64))[k] = factor
        total = self._constant(terms.pop((), np.zeros(len(flat), np.int64)))
        for product, factors in terms.items():
            total = self._node(
                "Add", total, self._node("Mul", self._product(product), self._constant(factors))
            )
        shape = self._constant(np.asarray(values[0].shape, np.int64))
        self._node("Reshape", total, shape, output=name)

    def _fitted(self, row: np.ndarray) -> dict[tuple[str, ...], int]:
        """What the values are, as multiples of products of sizes; the empty product is 1."""
        value, names = int(row[0]), self._sizes.names
        slopes = {name: int(row[k + 1]) - value for k, name in enumerate(names)}
        first, last = self._tables[0], self._tables[-1]
        linear: dict[tuple[str, ...], int] = {(name,): slope for name, slope in slopes.items() if slope}
        if value + sum(slope * (last[n] - first[n]) for n, slope in slopes.items()) == row[-1]:
            rest = value - sum(slope * first[n] for n, slope in slopes.items())
            return {**linear, (): rest}
        product = tuple(name for name, slope in slopes.items() if slope)
        factor = value // math.prod(first[n] for n in product)
        if all(
            factor * math.prod(t[n] for n in product) == v for t, v in zip(self._tables, row, strict=True)
        ):
            return {product: factor}
        raise SizeError("a number in it depends on the size in a way that was not found")

    def _product(self, names: tuple[str, ...]) -> str:
        if names not in self._names:
            self._names[names] = self._node("Mul", self._product(names[:-1]), self._product(names[-1:]))
        return self._names[names]

    def _constant(self, values: np.ndarray) -> str:
        self._count += 1
        name = f"of_size_{self._count}"
        self.constants.append(self._onnx.numpy_helper.from_array(values, name))
        return name

    def _node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        self._count += 1
        output = output or f"size_{self._count}"
        self.nodes.append(self._onnx.helper.make_node(operator, list(inputs), [output], **attributes))
        return output
