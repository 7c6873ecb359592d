"""The programs of a function: it is watched when it is first called with inputs of a kind, and replayed from then on.

A program fits inputs of one shape, type and layout. With others the function is watched again, so what comes out is
what the function itself gives, as long as that depends on nothing but its arguments and its tensors. Where there is no
program the function runs as it is, and ``reasons`` says why.
"""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.device import device as Device
from ..core.mode import STATE, THREAD
from ..core.tensor import Tensor
from ..core.tree import tree_flatten, tree_leaves
from ..nn import Module
from ..nn.parameter import Buffer, Parameter
from ..random import default_generator
from .program import Call, Program, Untraceable
from .replay import Runner
from .results import Results
from .tracer import Tracer

LIMIT = 64  # programs of one function; the oldest goes first
IN_VAIN = 32  # calls in a row that each needed a program of their own, before none is made any more

_PLAIN = (bool, int, float, complex, str, bytes, type(None), dt.dtype, Device, type(...))
_TENSORS = (Tensor, Parameter, Buffer)
_WATCHING = threading.RLock()  # one call at a time is watched, whatever the thread


class Programs:
    """The programs of one function, by what its arguments are like.

    Args:
        function: the function. tensors: gives the tensors that it may read and write besides its arguments, by name.
        on_read: called with a few words where its code reads a number out of a tensor.
        with_modules: may arguments be modules, since ``further`` tells when they change?

    Attributes:
        reasons: why some calls run as they are written.
    """

    def __init__(
        self, function: Callable, tensors: Callable[[], Mapping[str, Tensor]], on_read: Callable[[str], None],
        with_modules: bool = False,
    ) -> None:  # fmt: skip
        self._function, self._tensors, self._on_read = function, tensors, on_read
        self._untold = () if with_modules else Module
        self.reasons: list[str] = []
        self.clear()

    def clear(self) -> None:
        """Forget all programs."""
        self._found: dict[Any, tuple[Runner, Results] | str] = {}
        self._in_vain = 0

    def __getstate__(self) -> dict[str, Any]:
        """Copies and files begin without programs: these hold this process's functions and tensors."""
        return {**self.__dict__, "_found": {}, "_in_vain": 0, "reasons": []}

    @property
    def runners(self) -> list[Runner]:
        """The programs, in the order in which they were made."""
        return [found[0] for found in list(self._found.values()) if not isinstance(found, str)]

    def kinds(self) -> list[tuple[Any, Runner, Results]]:
        """The programs with what tells them apart: how many arguments first, ``further`` last."""
        return [(key, *found) for key, found in self._found.items() if not isinstance(found, str)]

    def run(self, args: tuple, kwargs: dict, further: Any = (), strict: bool = False) -> Any:
        """Call the function, through a program where there is one.

        Args:
            further: tells apart programs for like arguments.
            strict: raise where there is no program, and take back what the call has done to tensors.

        Raises:
            Untraceable: with ``strict``, the function did something that a program cannot say.
        """
        if STATE.special and single_operations_matter():
            if strict:
                raise Untraceable(
                    "Nothing is traced inside vmap, autocast, a function transform or mode, hooks on saved tensors, "
                    "anomaly mode, a graph recording or another trace. Trace outside of it."
                )
            return self._function(*args, **kwargs)
        if not kwargs and all(a.__class__ is Tensor for a in args):
            values: Any = args
            inputs: Any = args
            shape_of_tree: Any = len(args)
        else:
            values, spec = tree_flatten((args, kwargs))
            inputs, shape_of_tree = [v for v in values if isinstance(v, Tensor)], repr(spec)
        try:
            key = (
                shape_of_tree, *map(self._like, values), _same(inputs), THREAD.grad, THREAD.inference,
                dt.get_default_dtype(), further,
            )  # fmt: skip
            found = self._found.get(key)
        except Untraceable as reason:
            return self._without(str(reason), args, kwargs, strict)
        if found is None or (not isinstance(found, str) and not found[0].fits()):
            return self._watch(key, inputs, args, kwargs, strict)
        if isinstance(found, str):
            return self._without(found, args, kwargs, strict)
        self._in_vain = 0
        runner, results = found
        begin = runner.begin(inputs)
        again = functools.partial(self._again, results, args, kwargs)
        return results.build(runner(begin, again), begin)

    def _like(self, value: Any) -> Any:
        if isinstance(value, Module) and not isinstance(value, self._untold):
            return id(value)
        return _like(value)

    def _again(self, results: Results, args: tuple, kwargs: dict) -> list[Tensor]:
        return results.of(self._function(*args, **kwargs))

    def _without(self, reason: str, args: tuple, kwargs: dict, strict: bool) -> Any:
        if strict:
            raise Untraceable(reason)
        self.note(reason)
        return self._function(*args, **kwargs)

    def note(self, reason: str) -> None:
        """Keep a reason for which a call ran as it is written."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def refuse(self, further: Any, reason: str) -> None:
        """From now on, run calls for which ``further`` is this as they are written."""
        for key in [k for k in self._found if k[-1] == further]:
            self._found[key] = reason
        self.note(reason)

    def _watch(self, key: Any, inputs: Any, args: tuple, kwargs: dict, strict: bool) -> Any:
        if self._in_vain >= IN_VAIN and not strict:
            reason = f"{IN_VAIN} calls in a row were each of a new kind: programs do not pay here."
            return self._without(reason, args, kwargs, False)
        with _WATCHING:
            result, found = self._watched(inputs, args, kwargs, strict)
        self._in_vain += 1
        self._found.pop(key, None)
        if len(self._found) >= LIMIT:
            self._found.pop(next(iter(self._found)), None)
        self._found[key] = found
        if isinstance(found, str):
            self.note(found)
        return result

    def _watched(self, inputs: Any, args: tuple, kwargs: dict, strict: bool) -> tuple[Any, Any]:
        """The call's result, and its program or the reason why there is none."""
        known = self._tensors()
        before = _Before([*inputs, *known.values()])
        tracer = Tracer(inputs, known, self._on_read)
        tracer.compiling = self._untold == ()
        try:
            with tracer:
                result = self._function(*args, **kwargs)
                results = Results(result)
                program = tracer.program(results.tensors)
            before.add(tracer.outside)
            begin = (*inputs, *(t for _, t in program.captured))
            results.tie(program, begin)
            runner = Runner(program, results.tensors, list(inputs), results.made)
            before.check(runner, begin, results)
            results.release()
            return result, (runner, results)
        except Untraceable as reason:
            if strict:
                before.add(tracer.outside)
                before.put_back()
                raise
            return result, str(reason)


def single_operations_matter() -> bool:
    """Is there a mode in which somebody looks at, or changes, the single operations of this thread?"""
    t, recorder = THREAD, STATE.recorder
    return bool(
        t.levels or t.autocast or t.transforms or t.function_modes or t.saved_hooks or t.forward
        or STATE.anomaly is not None
        or (recorder is not None and getattr(recorder, "thread", None) in (None, threading.get_ident()))
    )  # fmt: skip


def program_of(
    function: Callable, known: Mapping[str, Tensor], args: tuple, kwargs: Mapping[str, Any]
) -> Program:
    """The program of one call, whose results are all tensors in the result; what the call did to tensors is undone.

    Raises:
        Untraceable: there is none.
    """
    inputs = [v for v in tree_leaves((args, dict(kwargs))) if isinstance(v, Tensor)]
    with _WATCHING:
        before = _Before([*inputs, *known.values()])
        tracer = Tracer(inputs, known, lambda what: None)
        try:
            with tracer:
                result = function(*args, **kwargs)
                return tracer.program([t for t in tree_leaves(result) if isinstance(t, Tensor)])
        finally:
            before.add(tracer.outside)
            before.put_back()


class _Before:
    """How things stood before a call, so that its program can be tried from the same point."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self._tensors = tensors
        self._arrays = [t._a.copy() for t in tensors]
        self._random = default_generator.get_state()
        self._others = _other_generators()

    def add(self, outside: list[tuple[Tensor, Any]]) -> None:
        """Further tensors, each with what it held."""
        for tensor, array in outside:
            if not any(t is tensor for t in self._tensors):
                self._tensors.append(tensor)
                self._arrays.append(array)

    def check(self, runner: Runner, begin: tuple[Tensor, ...], results: Results) -> None:
        """Run the program once. Everything is afterwards as the call has left it.

        Raises:
            Untraceable: it does not come to what the call came to.
        """
        if _other_generators() != self._others:
            raise Untraceable(
                "The code drew numbers with Python's or NumPy's random: a program would have the same ones each time. "
                "Draw them with torch.rand."
            )
        after, random_after = [t._a.copy() for t in self._tensors], default_generator.get_state()
        wanted = [t._a.copy() for t in results.tensors]  # they may be views of what is put back
        draws = _draws(runner.program) or threading.active_count() == 1  # other threads draw when they like
        try:
            self._put(self._arrays, self._random if draws else None)
            again, _ = runner.forward.run([t._a for t in begin], runner.arena().arrays)
            same = all(map(_equal, again, wanted)) and all(
                _equal(t._a, a) for t, a in zip(self._tensors, after, strict=True)
            )
            same = same and (not draws or default_generator.get_state().equal(random_after))
        finally:
            self._put(after, random_after if draws else None)
        if not same:
            raise Untraceable(
                "Run again from the same point, the program came to other values than the call. Something in it is "
                "neither an operation nor a random draw that a program knows: NumPy in between, a sampling function, "
                "manual_seed."
            )

    def put_back(self) -> None:
        """Take back what the call has done to tensors and random numbers."""
        self._put(self._arrays, self._random)

    def _put(self, arrays: list, random_state: Tensor | None) -> None:
        for tensor, array in zip(self._tensors, arrays, strict=True):
            if not _equal(tensor._a, array):
                tensor._a[...] = array
        if random_state is not None:
            default_generator.set_state(random_state)


def _draws(program: Program) -> bool:
    return any(isinstance(step, Call) and step.op is None for step in program.steps)


def _other_generators() -> tuple:
    kind, numbers, *rest = np.random.get_state(legacy=True)
    return random.getstate(), kind, np.asarray(numbers).tobytes(), *rest


def _equal(a: Any, b: Any) -> bool:
    """The same shape, type and bits, so that NaN equals NaN."""
    return a.shape == b.shape and a.dtype == b.dtype and bool((_bits(a) == _bits(b)).all())


def _bits(a: Any) -> Any:
    return np.ascontiguousarray(a).reshape(-1).view(np.uint8)


def _like(value: Any) -> Any:
    """What must be equal for two arguments to share a program.

    Raises:
        Untraceable: nothing can tell whether it is the same as before.
    """
    if isinstance(value, Tensor):
        a = value._a
        if value.__class__ not in _TENSORS or not isinstance(a, np.ndarray):
            raise Untraceable(
                "An argument is a subclass of Tensor or not on the CPU: no program is made for it."
            )
        return a.shape, a.dtype, a.strides, value._rg
    if value.__class__ is float:
        return float, value.hex()  # NaN is like NaN, and -0.0 not like 0.0
    if isinstance(value, _PLAIN):
        return value.__class__, value
    if isinstance(value, slice):
        return slice, value.start, value.stop, value.step
    if callable(value) and getattr(value, "__closure__", True) is None:
        return value  # a function that holds nothing of its own
    raise Untraceable(
        f"An argument is of type {type(value).__name__}, which may change without a sign. Give tensors, numbers, "
        "strings and containers of them."
    )


def _same(inputs: list[Tensor]) -> tuple[int, ...]:
    """Which inputs are one tensor, or share their memory's version."""
    if len(inputs) < 2:
        return ()
    first: dict[int, int] = {}
    return tuple(
        [first.setdefault(id(t), k) for k, t in enumerate(inputs)]
        + [first.setdefault(id(t._v), k) for k, t in enumerate(inputs)]
    )
