"""How a check talks to a learner's code: `box.call("name", ...)`, and plain values come back."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from glasstorch_web.sandbox import values
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, BoxProcess, Edition, EditionError, Sandbox, SandboxError
from glasstorch_web.sandbox.values import Decoder, Encoder, Handle, Malformed, split_arrays

MAX_TEXT = 2000


@dataclass(frozen=True)
class Plain:
    """An argument to arrive as a NumPy array although the exercise speaks tensors."""

    array: np.ndarray


@dataclass(frozen=True)
class AsTensor:
    """An argument to arrive as a tensor although the exercise speaks arrays."""

    array: np.ndarray


class GradResult(NamedTuple):
    """What a call with `grad` returns: the value, and by name or position asked for a gradient or None."""

    value: Any
    grads: dict[Any, np.ndarray | None]


class GraphResult(NamedTuple):
    """What a recorded call returns.

    `grads` are by position or name asked for, `record` is the graph as JSON text (empty when there is none to show; it
    comes from the box: see `grader.graph_record`), `names` what the function calls its arguments.
    """

    value: Any
    grads: dict[Any, np.ndarray | None]
    record: str
    names: list[str]


@dataclass
class CallFailed(Exception):
    """The learner's code ran and did not answer with a value.

    kind: exception, syntax, exit, memory, recursion, missing, unsupported, no_gradient, signature.
    near: a name like the one that an exception did not find. frames: (line, function), innermost last.
    All fields come from the box: they are text to show, never to trust.
    """

    kind: str
    type: str = ""
    message: str = ""
    builtin: bool = False
    name: str = ""
    near: str = ""
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    frames: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    def from_reply(cls, error: object) -> CallFailed:
        if not isinstance(error, dict):
            raise Malformed("an error is not an object")
        frames = error.get("frames")
        pairs = [
            (frame["line"], _text(frame.get("name")))
            for frame in (frames if isinstance(frames, list) else [])[:20]
            if isinstance(frame, dict) and type(frame.get("line")) is int
        ]
        return cls(
            kind=_text(error.get("kind")),
            type=_text(error.get("type"))[:100],
            message=_text(error.get("message")),
            builtin=error.get("builtin") is True,
            name=_text(error.get("name"))[:200],
            near=_text(error.get("near"))[:200],
            line=_int(error.get("line")),
            column=_int(error.get("column")),
            end_column=_int(error.get("end_column")),
            frames=pairs,
        )


def _text(value: object) -> str:
    return value[:MAX_TEXT].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _int(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 31 else None


class Box:
    """One submission and its box. When the box has ended, `load` starts another within what limits leave."""

    def __init__(
        self,
        sandbox: Sandbox,
        source: str,
        *,
        limits: Limits | None = None,
        harness: str = "",
        entry: Sequence[str] = (),
        tensors: bool = False,
        seed: int = 0,
        solution: str | None = None,
        without: Sequence[str] = (),
    ) -> None:
        """solution: the code that `reference` runs. without: parts of the engine that this box, not that one, lacks."""
        self.limits = limits or Limits()
        self._sandbox = sandbox
        self._source = source
        self._harness = harness
        self._entry = list(entry)
        self._tensors = tensors
        self._seed = seed % (1 << 32)
        self._solution = solution
        self._without = tuple(without)
        self._reference: Box | None = None
        self._process: BoxProcess | None = None
        self.wall_left = float(self.limits.wall_seconds)
        self.cpu_left = float(self.limits.cpu_seconds)
        self.memory_kb = 0

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
        if self._reference is not None:
            self._reference.close()

    @property
    def source(self) -> str:
        """The code in this box."""
        return self._source

    @property
    def reference(self) -> Box:
        """A box of its own for the exercise's solution, with limits of its own; started when it is asked for.

        No learner code ever runs there, and no code of the solution in a learner's box. LookupError when this box was
        made without a solution.
        """
        if self._solution is None:
            raise LookupError("this box has no solution to compare with")
        if self._reference is None or not self._reference.alive:
            if self._reference is not None:
                self._reference.close()
            self._reference = Box(
                self._sandbox,
                self._solution,
                limits=self.limits,
                harness=self._harness,
                entry=self._entry,
                tensors=self._tensors,
                seed=self._seed,
            )
            self._reference.load()
        return self._reference

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.ended is None

    @property
    def exhausted(self) -> bool:
        """Whether too little computing or waiting time is left to start again."""
        return self.wall_left < 0.1 or self.cpu_left < 0.1

    def edition(self) -> Edition | None:
        """The engine's edition in this box, None when it is whole; raises EditionError for an exercise's author."""
        return self._sandbox.edition(self._without) if self._without else None

    def load(self) -> list[str]:
        """Start the box and run the learner's file; the public names it defined.

        Raises CallFailed, BoxEnded, or SandboxError when it is the sandbox that failed.
        """
        self.close()
        if self._tensors and self._sandbox.no_tensors:
            raise SandboxError(self._sandbox.no_tensors)
        self._process = self._sandbox.start_box(self.limits, cpu_seconds=self.cpu_left, without=self._without)
        header = {"do": "load", "source": self._source, "harness": self._harness, "entry": self._entry}
        names = self._exchange(header, Encoder())
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    def close(self) -> None:
        """End the box, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            process.close()
            self._account(process)

    def take_printed(self) -> str:
        """What the learner's code printed since the last time."""
        return self._process.take_printed() if self._process else ""

    def call(
        self,
        function: str | Handle,
        *args: Any,
        grad: Sequence[str | int] | bool = False,
        upstream: np.ndarray | None = None,
        keep: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call a function of the learner (`"name"`), of the harness (`"harness.name"`), or a kept object.

        Arrays arrive as arrays, or as tensors when the exercise says `tensors = true`. Results come back
        as exact built-in types and NumPy arrays; with `keep` as a `Handle` to an object that stays
        in the box and can be passed to later calls.

        With `grad` (argument names or positions; True: every array given by position), those arguments
        require gradients, `backward(upstream)` runs from the result (ones by default), and a
        `GradResult` comes back.

        Raises CallFailed when the learner's code fails, BoxEnded when the box is gone.
        """
        if isinstance(function, Handle):
            return self.method(function, "__call__", *args, grad=grad, upstream=upstream, keep=keep, **kwargs)
        return self._request({"do": "call", "name": function}, args, kwargs, grad, upstream, keep)

    def method(
        self,
        handle: Handle,
        name: str,
        *args: Any,
        grad: Sequence[str | int] | bool = False,
        upstream: np.ndarray | None = None,
        keep: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call a method of a kept object."""
        header = {"do": "method", "handle": handle.id, "name": name}
        return self._request(header, args, kwargs, grad, upstream, keep)

    def attribute(self, handle: Handle, name: str) -> Any:
        """An attribute of a kept object."""
        return self._exchange({"do": "attribute", "handle": handle.id, "name": name}, Encoder())

    def graph(
        self, function: str, *args: Any, grad: Sequence[str | int] | bool = True, **kwargs: Any
    ) -> GraphResult:
        """Call a function while its operations are recorded, and run backward from the tensor that it returns.

        Arguments and errors are those of `call`.
        """
        encoder, grad = self._encoded(grad, args)
        header = self._arguments({"do": "graph", "name": function}, encoder, args, kwargs, grad)
        answer = self._exchange(header, encoder)
        if type(answer) is tuple and len(answer) == 4:
            value, grads, record, names = answer
            plain = type(grads) is dict and type(record) is str and type(names) is list
            if plain and all(type(name) is str for name in names):
                return GraphResult(value, {key: grads.get(key) for key in grad}, record, names)
        raise self._unreadable("a graph was asked for and did not come")

    def difference(self, record: str, *, rtol: float, atol: float) -> dict[str, Any]:
        """Where a graph differs from the one that `graph` returned last from this box, a `reference`.

        Args:
            record: JSON text that `grader.graph_record.checked` has passed.

        Returns:
            {"differences": fields of `glasstorch.autograd.graph.Difference`s, "page": what a page shows, or None}.
        """
        header = {"do": "difference", "record": record, "rtol": rtol, "atol": atol}
        answer = json.loads(self._exchange(header, Encoder()))
        return answer  # type: ignore[no-any-return]

    def _request(
        self,
        header: dict[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        grad: Sequence[str | int] | bool,
        upstream: np.ndarray | None,
        keep: bool,
    ) -> Any:
        encoder, grad = self._encoded(grad, args)
        header = self._arguments(header, encoder, args, kwargs, grad)
        answer = self._exchange(header | {"upstream": encoder.encode(upstream), "keep": keep}, encoder)
        if not grad or keep:
            return answer
        if not (type(answer) is tuple and len(answer) == 2 and type(answer[1]) is dict):
            raise self._unreadable("gradients were asked for and did not come")
        return GradResult(answer[0], {key: answer[1].get(key) for key in grad})

    @staticmethod
    def _encoded(
        grad: Sequence[str | int] | bool, args: tuple[Any, ...]
    ) -> tuple[Encoder, Sequence[str | int]]:
        """An encoder for arguments, and what to differentiate by: with True, every array given by position."""
        encoder = Encoder(lambda value: _argument(encoder, value))
        if isinstance(grad, bool):
            grad = [index for index, value in enumerate(args) if grad and isinstance(value, np.ndarray)]
        return encoder, grad

    def _arguments(
        self,
        header: dict[str, Any],
        encoder: Encoder,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        grad: Sequence[str | int],
    ) -> dict[str, Any]:
        edition = self.edition() if grad else None
        if edition is not None and not edition.gradients:
            raise EditionError(
                f"This exercise's edition of the engine comes without {', '.join(self._without)}, so a check cannot "
                "ask for gradients: compare what the learner's own code computes, or leave out less."
            )
        return {
            **header,
            "args": [encoder.encode(value) for value in args],
            "kwargs": {name: encoder.encode(value) for name, value in kwargs.items()},
            "grad": list(grad),
            "tensors": self._tensors,
        }

    def _exchange(self, header: dict[str, Any], encoder: Encoder) -> Any:
        process = self._process
        if process is None:
            raise BoxEnded("closed")
        begun = time.monotonic()
        try:
            reply, payload = process.exchange(
                {**header, "seed": self._seed, "arrays": encoder.arrays},
                encoder.payload,
                max(0.01, self.wall_left),
            )
            answer = _read(reply, payload)
        except Malformed as error:
            raise self._unreadable(str(error)) from None
        finally:
            self.wall_left -= time.monotonic() - begun
            if process.ended:
                self._account(process)

        if isinstance(answer, CallFailed):
            raise answer
        return answer

    def _unreadable(self, detail: str) -> BoxEnded:
        assert self._process is not None
        return self._process.end("unreadable", detail)

    def _account(self, process: BoxProcess) -> None:
        self.cpu_left -= process.usage.cpu
        self.memory_kb = max(self.memory_kb, process.usage.memory_kb)
        process.usage.cpu = 0.0


def _read(reply: dict[str, Any], payload: bytearray) -> Any:
    """The value of a reply, or the CallFailed it tells of; Malformed whatever else is wrong with it."""
    try:
        arrays = split_arrays(reply.get("arrays"), payload)
        if "error" in reply:
            return CallFailed.from_reply(reply["error"])
        return Decoder(arrays).decode(reply.get("value"))
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise Malformed(f"the reply cannot be decoded ({type(error).__name__})") from None


def _argument(encoder: Encoder, value: object) -> values.Node | None:
    if isinstance(value, Plain):
        return {"plain": encoder.array(value.array)}
    if isinstance(value, AsTensor):
        return {"tensor": encoder.array(value.array)}
    if isinstance(value, Handle):
        return {"handle": [value.id, value.type]}
    return None
