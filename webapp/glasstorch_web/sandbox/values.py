"""Values on the wire: plain Python values and arrays, spelt so that nothing has to be guessed.

`encode` runs on both sides (arguments out, results back), `decode` on the checker's side rebuilds
results as exact built-in types and base-class arrays, refusing everything else. A box may lie about
its values; it cannot make the checker hold anything but these types.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_DTYPE_NAMES = """
bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128
"""
DTYPES = frozenset(_DTYPE_NAMES.split())
_BY_NAME = {name: np.dtype(name) for name in DTYPES}
_NAMES = {
    dtype: name for name, dtype in _BY_NAME.items()
}  # NumPy puts a name together each time it is asked for
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_INT = 1 << 63
MAX_NDIM = 32
MAX_ELEMENTS = 1 << 33

Node = Any
Hook = Callable[[object], Node | None]


_USABLE = "the grader can use numbers, text, lists, tuples, dicts, arrays and tensors"


class Unsupported(Exception):
    """A value that cannot cross; the message says what it is, and what could."""


@dataclass(frozen=True)
class Handle:
    """Stands on the checker's side for an object that stays inside the box."""

    id: int
    type: str


class Encoder:
    """Turns values into nodes and collects their arrays' bytes.

    `hook` sees each value the plain rules do not know and may return a node for it, or None.
    """

    def __init__(self, hook: Hook | None = None, payload_cap: int = 1 << 40) -> None:
        self._room = payload_cap
        self.arrays: list[dict[str, Any]] = []
        self.payload: list[bytes] = []
        self._hook = hook
        self._nodes = 0

    def encode(self, value: Any, depth: int = 0) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise Unsupported("a value nested too deeply, or containing itself")
        if self._nodes > MAX_NODES:
            raise Unsupported(f"more than {MAX_NODES} values (use an array)")
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is str:
            return value
        if kind is int:
            if not -MAX_INT <= value < MAX_INT:
                raise Unsupported("an integer of more than 64 bits")
            return value
        if kind is list or kind is tuple:
            return {kind.__name__: [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            return {"dict": [[self._key(key), self.encode(item, depth + 1)] for key, item in value.items()]}
        if isinstance(value, np.generic):
            return {"scalar": self.array(np.asarray(value))}
        if isinstance(value, np.ndarray):
            return {"array": self.array(value)}
        node = self._hook(value) if self._hook else None
        if node is None:
            raise Unsupported(f"{_a(kind.__name__)} ({_USABLE})")
        return node

    @staticmethod
    def _key(key: object) -> Node:
        if key is None or type(key) in (bool, int, float, str):
            return key
        raise Unsupported(f"a dict with {_a(type(key).__name__)} as key (use text or numbers)")

    def array(self, array: np.ndarray) -> int:
        plain = np.array(array, copy=None, subok=False)
        name = _NAMES.get(plain.dtype) or plain.dtype.name
        if name not in DTYPES:
            raise Unsupported(f"an array of dtype {name} (use numbers)")
        self._room -= plain.nbytes
        if self._room < 0:
            raise Unsupported("arrays larger than this exercise allows")
        plain = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
        self.arrays.append({"dtype": name, "shape": list(plain.shape)})
        self.payload.append(plain.tobytes())
        return len(self.arrays) - 1


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


class Malformed(Exception):
    """A reply that no honest box would send."""


def split_arrays(described: object, payload: bytearray) -> list[np.ndarray]:
    """Arrays from their descriptions and bytes; Malformed unless they fit exactly."""
    if not isinstance(described, list):
        raise Malformed("arrays are not a list")
    arrays, offset = [], 0
    for entry in described:
        name, shape = (entry.get("dtype"), entry.get("shape")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or name not in DTYPES:
            raise Malformed("an array's dtype is not on the list")
        if not isinstance(shape, list) or len(shape) > MAX_NDIM:
            raise Malformed("an array's shape is not a list")
        if any(type(length) is not int or length < 0 for length in shape):
            raise Malformed("an array's shape is not made of sizes")
        if math.prod(length or 1 for length in shape) > MAX_ELEMENTS:
            raise Malformed("an array's shape is absurdly large")
        dtype, count = _BY_NAME[name], math.prod(shape)
        end = offset + count * dtype.itemsize
        if end > len(payload):
            raise Malformed("an array is longer than what was sent")
        sent = np.frombuffer(payload[offset:end], dtype.newbyteorder("<")).reshape(shape)
        arrays.append(sent.astype(dtype, copy=False))
        offset = end
    if offset != len(payload):
        raise Malformed("more bytes were sent than the arrays need")
    return arrays


class Decoder:
    """Rebuilds the values of a reply from untrusted nodes."""

    kinds = frozenset(("list", "tuple", "dict", "array", "scalar", "tensor", "handle"))

    def __init__(self, arrays: list[np.ndarray]) -> None:
        self._arrays = arrays

    def decode(self, node: Node, depth: int = 0) -> Any:
        if depth > MAX_DEPTH + 1:
            raise Malformed("a value is nested too deeply")
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not dict or len(node) != 1:
            raise Malformed("a value is of no known kind")
        ((kind, content),) = node.items()
        if kind not in self.kinds:
            raise Malformed("a value is of no known kind")
        return getattr(self, f"_{kind}")(content, depth + 1)

    def _list(self, content: Node, depth: int) -> list[Any]:
        if type(content) is not list:
            raise Malformed("a list is not a list")
        return [self.decode(item, depth) for item in content]

    def _tuple(self, content: Node, depth: int) -> tuple[Any, ...]:
        return tuple(self._list(content, depth))

    def _dict(self, content: Node, depth: int) -> dict[Any, Any]:
        pairs = self._list_of_pairs(content)
        return {key: self.decode(item, depth) for key, item in pairs}

    @staticmethod
    def _list_of_pairs(content: Node) -> list[Any]:
        if type(content) is not list:
            raise Malformed("a dict is not a list of pairs")
        for pair in content:
            if type(pair) is not list or len(pair) != 2 or isinstance(pair[0], (list, dict)):
                raise Malformed("a dict is not a list of pairs")
        return content

    def _array(self, content: Node, depth: int) -> np.ndarray:
        if type(content) is not int or not 0 <= content < len(self._arrays):
            raise Malformed("a value names an array that was not sent")
        return self._arrays[content]

    def _scalar(self, content: Node, depth: int) -> Any:
        array = self._array(content, depth)
        if array.shape != ():
            raise Malformed("a scalar has a shape")
        return array[()]

    def _tensor(self, content: Node, depth: int) -> np.ndarray:
        return self._array(content, depth)

    def _handle(self, content: Node, depth: int) -> Handle:
        if type(content) is not list or len(content) != 2 or type(content[0]) is not int:
            raise Malformed("a handle is not a number and a type")
        return Handle(content[0], str(content[1])[:200])
