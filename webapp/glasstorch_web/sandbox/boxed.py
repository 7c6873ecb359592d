"""Inside a box: run the learner's module and answer calls. Nothing here is secret, nothing is trusted.

All functions used after learner code has run are bound early, so that a learner who replaces
`json.dumps` or `sys.stdout` sees clear answers for longer; correctness never depends on it.
"""

from __future__ import annotations

import builtins
import inspect
import json
import linecache
import os
import random
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from glasstorch_web.sandbox import failures, standard_harness, values, wire
from glasstorch_web.sandbox.graphs import Graphs
from glasstorch_web.sandbox.tensors import Tensors

MODULE = "submission"
HARNESS = "harness"

REQUEST_FD, REPLY_FD, TRACE_FD, ALARM_FD = 3, 4, 5, 6

_read, _write, _exit = os.read, os.write, os._exit
_loads = json.loads
_alarm = signal.setitimer
_compile, _exec = builtins.compile, builtins.exec
_STANDARD = {name: value for name, value in vars(standard_harness).items() if not name.startswith("__")}


class Answer(Exception):
    """A call that cannot be made, with the error to send instead of a value."""

    def __init__(self, **error: Any) -> None:
        self.error = error


class Session:
    """One box's life: a learner's module, perhaps a harness, and the objects kept for the checker."""

    def __init__(self, nonce: bytes, tensors: Tensors, graphs: Graphs) -> None:
        self._nonce = nonce
        self._tensors = tensors
        self._graphs = graphs
        self._objects: list[object] = []
        self._actions: dict[str, Callable[..., Any]] = {
            "load": self._load,
            "call": self._call,
            "method": self._method,
            "attribute": self._attribute,
            "graph": self._graph,
            "difference": self._difference,
        }

    def serve(self) -> None:
        """Answer requests until the checker hangs up."""
        while True:
            request = self._receive()
            if request is None:
                return
            header, payload = request
            _alarm(signal.ITIMER_REAL, header["wall"])
            body, arrays = self.answer(header, payload)
            _flush()
            _alarm(signal.ITIMER_REAL, 0)
            self._send(body, arrays)

    def answer(self, header: dict[str, Any], payload: bytearray) -> tuple[dict[str, Any], list[bytes]]:
        """The reply to one request: a value or an error, and its arrays' bytes."""
        encoder = self._encoder(header["reply_bytes"])
        try:
            body = {"value": self._actions[header["do"]](encoder, header, payload)}
        except Answer as answer:
            encoder, body = values.Encoder(), {"error": answer.error}
        except values.Unsupported as unsupported:
            encoder, body = values.Encoder(), _unsupported(str(unsupported))
        except BaseException as error:
            encoder, body = values.Encoder(), {"error": failures.describe(error, MODULE)}
        return {"arrays": encoder.arrays, **body}, encoder.payload

    def _load(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        """Run the learner's file, then the harness; answer with the names the learner defined."""
        self._seed(header["seed"])
        module = self._module(MODULE)
        self._run(module, header["source"])
        names = [name for name in vars(module) if isinstance(name, str) and not name.startswith("_")]
        harness = self._module(HARNESS)
        vars(harness).update(_STANDARD)
        if header["harness"] and set(header["entry"]) <= set(names):
            try:
                self._run(harness, header["harness"])
            except Exception as error:
                raise Answer(kind="harness", message=f"{type(error).__name__}: {error}") from None
        return encoder.encode(names[:1000])

    @staticmethod
    def _module(name: str) -> types.ModuleType:
        module = types.ModuleType(name)
        module.__file__ = f"{name}.py"
        sys.modules[name] = module
        return module

    @staticmethod
    def _run(module: types.ModuleType, source: str) -> None:
        filename = f"{module.__name__}.py"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        _exec(_compile(source, filename, "exec", dont_inherit=True), vars(module))

    def _seed(self, seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed % (1 << 32))
        self._tensors.seed(seed)

    def _call(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        return self._answer(encoder, header, payload, self._function(header["name"]))

    def _method(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        target = self._objects[header["handle"]]
        method = getattr(target, header["name"], None)
        if not callable(method):
            raise Answer(kind="missing", name=f"{type(target).__name__}.{header['name']}")
        return self._answer(encoder, header, payload, method)

    def _attribute(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        target = self._objects[header["handle"]]
        if not hasattr(target, header["name"]):
            raise Answer(kind="missing", name=f"{type(target).__name__}.{header['name']}")
        return encoder.encode(getattr(target, header["name"]))

    @staticmethod
    def _function(name: str) -> Callable[..., Any]:
        place, _, attribute = name.rpartition(".")
        module = sys.modules[HARNESS if place == HARNESS else MODULE]
        found: Callable[..., Any] | None = getattr(module, attribute, None)
        if not callable(found):
            raise Answer(kind="missing", name=name)
        return found

    def _answer(
        self,
        encoder: values.Encoder,
        header: dict[str, Any],
        payload: bytearray,
        function: Callable[..., Any],
    ) -> Any:
        arguments = _Arguments(header, payload, self._tensors, self._objects)
        self._seed(header["seed"])
        positional, named = arguments.rebuilt()
        leaves = arguments.leaves(function, positional, named, header["grad"])
        result = function(*positional, **named)
        if header["keep"]:
            self._objects.append(result)
            return {"handle": [len(self._objects) - 1, type(result).__name__]}
        value = encoder.encode(result)
        if not header["grad"]:
            return value
        upstream = arguments.decode(header["upstream"])
        reason = self._tensors.backward(result, upstream)
        if reason:
            raise Answer(kind="no_gradient", message=reason)
        gradients = {key: self._tensors.gradient(leaf) for key, leaf in leaves.items()}
        return {"tuple": [value, encoder.encode(gradients)]}

    def _graph(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        """A call that is recorded: value, gradients, the graph, and what the function calls its arguments."""
        function = self._function(header["name"])
        arguments = _Arguments(header, payload, self._tensors, self._objects)
        self._seed(header["seed"])
        positional, named = arguments.rebuilt()
        leaves = arguments.leaves(function, positional, named, header["grad"])
        names = list(inspect.signature(function).parameters)[:100]
        with self._graphs.recording():
            _result = function(*positional, **named)  # the underscore: a graph takes no name from here
        value, record = encoder.encode(_result), self._graphs.taken(_result)
        reason = self._tensors.backward(_result, None)
        if reason:
            raise Answer(kind="no_gradient", message=reason)
        gradients = {key: self._tensors.gradient(leaf) for key, leaf in leaves.items()}
        return {"tuple": [value, encoder.encode(gradients), record, encoder.encode(names)]}

    def _difference(self, encoder: values.Encoder, header: dict[str, Any], payload: bytearray) -> Any:
        return encoder.encode(self._graphs.difference(header["record"], header["rtol"], header["atol"]))

    def _encoder(self, payload_cap: int) -> values.Encoder:
        def tensor_node(value: object) -> Any:
            array = self._tensors.to_array(value)
            return None if array is None else {"tensor": encoder.array(array)}

        encoder = values.Encoder(tensor_node, payload_cap)
        return encoder

    def _receive(self) -> tuple[dict[str, Any], bytearray] | None:
        prefix = _read_exactly(wire.PREFIX_BYTES)
        if prefix is None:
            return None
        header_size, payload_size = wire._LENGTHS.unpack_from(prefix, wire.NONCE_BYTES)
        header, payload = _read_exactly(header_size), _read_exactly(payload_size)
        if header is None or payload is None:
            return None
        return _loads(header), payload

    def _send(self, header: dict[str, Any], payload: list[bytes]) -> None:
        try:
            message = memoryview(wire.frame(self._nonce, header, payload))
        except wire.TooLarge:
            error = _unsupported("more text or numbers than the grader reads (use an array)")
            message = memoryview(wire.frame(self._nonce, {"arrays": [], **error}, []))
        except MemoryError:
            _exit(wire.OUT_OF_MEMORY_EXIT)
        while message:
            message = message[_write(REPLY_FD, message) :]


class _Arguments(values.Decoder):
    """Arguments as the learner's function gets them: tensors where the exercise speaks tensors."""

    kinds = values.Decoder.kinds | {"plain"}

    def __init__(
        self, header: dict[str, Any], payload: bytearray, tensors: Tensors, objects: list[object]
    ) -> None:
        super().__init__(values.split_arrays(header["arrays"], payload))
        self._header = header
        self._tensors = tensors
        self._objects = objects

    def rebuilt(self) -> tuple[list[Any], dict[str, Any]]:
        positional = [self.decode(node) for node in self._header["args"]]
        return positional, {name: self.decode(node) for name, node in self._header["kwargs"].items()}

    def leaves(
        self, function: Callable[..., Any], positional: list[Any], named: dict[str, Any], wanted: list[Any]
    ) -> dict[Any, Any]:
        """The arguments to differentiate by, by the name or position they were asked for with."""
        found = {}
        for key in wanted:
            if isinstance(key, int):
                leaf = positional[key]
            elif key in named:
                leaf = named[key]
            else:
                leaf = inspect.signature(function).bind(*positional, **named).arguments.get(key)
            if leaf is None:
                raise Answer(kind="signature", name=key)
            found[key] = self._tensors.require_gradient(leaf)
        return found

    def _array(self, content: Any, depth: int) -> Any:
        array = super()._array(content, depth)
        return self._tensors.from_array(array) if self._header["tensors"] else array

    def _plain(self, content: Any, depth: int) -> Any:
        return super()._array(content, depth)

    def _tensor(self, content: Any, depth: int) -> Any:
        return self._tensors.from_array(super()._array(content, depth))

    def _handle(self, content: Any, depth: int) -> Any:
        return self._objects[content[0]]


def _unsupported(what: str) -> dict[str, Any]:
    return {"error": {"kind": "unsupported", "message": f"Your code returned {what}."}}


def _read_exactly(size: int) -> bytearray | None:
    received = bytearray()
    while len(received) < size:
        piece = _read(REQUEST_FD, min(size - len(received), 1 << 20))
        if not piece:
            return None
        received += piece
    return received


def _flush() -> None:
    # Whatever the learner did to the streams, the reply must still go out.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
