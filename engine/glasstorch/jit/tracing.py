"""The programs of a function: it is watched when it is first called with inputs of a kind, and replayed from then on.

A program fits inputs of one shape and type. With others the function is watched again, so what comes out is what the
function itself gives, as long as that depends on nothing but its arguments and its tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.mode import STATE, THREAD
from ..core.tensor import Tensor
from ..core.tree import TreeSpec, tree_flatten, tree_unflatten
from ..random import default_generator
from .program import Tracer, Untraceable
from .replay import Runner


class Programs:
    """The programs of one function, by what its arguments are like.

    Args:
        function: the function. tensors: gives the tensors that it may read and write besides its arguments, by name.
        on_read: called with a few words where its code reads a number out of a tensor.
    """

    def __init__(
        self, function: Callable, tensors: Callable[[], Mapping[str, Tensor]], on_read: Callable[[str], None]
    ) -> None:
        self._function, self._tensors, self._on_read = function, tensors, on_read
        self._found: dict[Any, tuple[Runner, TreeSpec, list]] = {}

    @property
    def runners(self) -> list[Runner]:
        """The programs, in the order in which they were made."""
        return [runner for runner, _, _ in self._found.values()]

    def run(self, args: tuple, kwargs: dict, further: Any = ()) -> Any:
        """Call the function, through a program where there is one. ``further`` tells apart programs for like arguments.

        Raises:
            Untraceable: the function did something that a program cannot say. Its effects on tensors are taken back.
        """
        if not kwargs and all(a.__class__ is Tensor for a in args):
            values: Any = args
            inputs: Any = args
            shape_of_tree: Any = len(args)
        else:
            values, spec = tree_flatten((args, kwargs))
            inputs, shape_of_tree = [v for v in values if isinstance(v, Tensor)], repr(spec)
        key = (shape_of_tree, *map(_like, values), _same(inputs), THREAD.grad, THREAD.inference, further)
        found = self._found.get(key)
        if found is not None:
            runner, out_spec, others = found
            tensors = iter(runner(inputs))
            return tree_unflatten([next(tensors) if o is None else o[0] for o in others], out_spec)
        if STATE.special and (THREAD.levels or THREAD.autocast or THREAD.transforms or THREAD.function_modes):
            raise Untraceable(
                "Inside vmap, autocast, a function transform or a function mode nothing is traced."
            )
        known = self._tensors()
        before = _Before([*inputs, *known.values()])
        tracer = Tracer(inputs, known, self._on_read)
        try:
            with tracer:
                result = self._function(*args, **kwargs)
                parts, out_spec = tree_flatten(result)
                outputs = [p for p in parts if isinstance(p, Tensor)]
                program = tracer.program(outputs)
                before.add(tracer.outside)
            runner = Runner(program, outputs, inputs)
            before.check(runner, inputs, outputs)
        except Untraceable:
            before.add(tracer.outside)
            before.put_back()
            raise
        self._found[key] = runner, out_spec, [None if isinstance(p, Tensor) else (p,) for p in parts]
        return result


class _Before:
    """How things stood before a call, so that its program can be tried from the same point."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self._tensors = tensors
        self._arrays = [t._a.copy() for t in tensors]
        self._random = default_generator.get_state()

    def add(self, outside: list[tuple[Tensor, Any]]) -> None:
        """Further tensors, each with what it held."""
        for tensor, array in outside:
            if not any(t is tensor for t in self._tensors):
                self._tensors.append(tensor)
                self._arrays.append(array)

    def check(self, runner: Runner, inputs: list[Tensor], outputs: list[Tensor]) -> None:
        """Run the program once. Everything is afterwards as the call has left it.

        Raises:
            Untraceable: it does not come to what the call came to.
        """
        after, random = [t._a.copy() for t in self._tensors], default_generator.get_state()
        results = [t._a.copy() for t in outputs]  # they may be views of what is put back
        self._put(self._arrays, self._random)
        again, _ = runner.forward.run(runner.arrays(inputs), runner.arena().arrays)
        same = all(map(_equal, again, results)) and all(
            _equal(t._a, a) for t, a in zip(self._tensors, after, strict=True)
        )
        same = same and default_generator.get_state().equal(random)
        self._put(after, random)
        if not same:
            raise Untraceable(
                "Run again from the same point, the program came to other values than the call. Something in it is "
                "neither an operation nor a random draw that a program knows: NumPy in between, or a sampling function."
            )

    def put_back(self) -> None:
        """Take back what the call has done to tensors and random numbers."""
        self._put(self._arrays, self._random)

    def _put(self, arrays: list, random: Tensor) -> None:
        for tensor, array in zip(self._tensors, arrays, strict=True):
            if not _equal(tensor._a, array):
                tensor._a[...] = array
        default_generator.set_state(random)


def _equal(a: Any, b: Any) -> bool:
    """The same shape, type and bits, so that NaN equals NaN."""
    return a.shape == b.shape and a.dtype == b.dtype and bool((_bits(a) == _bits(b)).all())


def _bits(a: Any) -> Any:
    return np.ascontiguousarray(a).reshape(-1).view(np.uint8)


def _like(value: Any) -> Any:
    """What must be equal for two arguments to share a program."""
    if isinstance(value, Tensor):
        return value._a.shape, value._a.dtype, value._rg, value._a.__class__
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value


def _same(inputs: list[Tensor]) -> tuple[int, ...]:
    """Which inputs are one tensor."""
    if len(inputs) < 2:
        return ()
    first: dict[int, int] = {}
    return tuple(first.setdefault(id(t._a), k) for k, t in enumerate(inputs))
