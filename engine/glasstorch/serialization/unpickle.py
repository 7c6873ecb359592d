"""A pickle machine that cannot run code: what ``load`` uses unless told to trust the file.

A pickle is a program for a small stack machine; Python's own machine imports and calls whatever the program names.
This one knows the opcodes that ``save`` writes (protocol 2), and of names only those on the allow-list. All it does
takes time and memory in proportion to the length of the pickle: strings have to lie within it, containers are
copied only so often, dictionary keys are plain and shallow.
Source: the opcodes and their meaning are documented in Python's ``pickletools``.
"""

from __future__ import annotations

import pickle
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from . import allowed
from .rebuild import set_state

MARK = object()
PLAIN_KEYS = (str, int, float, bool, bytes, type(None), complex)
MAX_NAME = 512
KEY_PARTS = 256  # as many values may a key be made of


class WeightsUnpickler:
    """Reads pickles out of ``data`` one after the other, from ``position`` on.

    ``persistent_load`` gives the storage for what the file says about one; ``encoding`` is that of Python 2's
    strings ("bytes" leaves them as they are).
    """

    def __init__(self, data: Any, position: int = 0, encoding: str = "utf-8",
                 persistent_load: Callable[[Any], Any] | None = None) -> None:  # fmt: skip
        self.data, self.position, self.encoding = data, position, encoding
        self.persistent_load = persistent_load
        self.copies_left = 1_000_000 + 8 * (len(data) - position)

    def load(self) -> Any:
        """The next object. ``pickle.UnpicklingError`` for what is not allowed, EOFError when the data ends."""
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        try:
            while True:
                code = self.read(1)[0]
                if code == pickle.STOP[0]:
                    return self.stack.pop()
                step = STEPS.get(code)
                if step is None:
                    raise pickle.UnpicklingError(
                        f"Unsupported operand {code}: torch.save writes pickles of protocol 2 and does not use it"
                    )
                step(self)
        except (
            IndexError,
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
            struct.error,
            OverflowError,
        ) as error:
            # The program asked for a stack entry, a memo or a conversion that does not exist.
            raise pickle.UnpicklingError(
                f"corrupt pickle near byte {self.position}: {type(error).__name__}: {error}"
            ) from error

    # ------------------------------------------------------------------ reading
    def read(self, n: int) -> bytes:
        part = bytes(self.data[self.position : self.position + n])
        if len(part) < n:
            raise EOFError(
                f"Ran out of input: the file ends {n - len(part)} bytes too early, it is cut or corrupt"
            )
        self.position += n
        return part

    def line(self) -> str:
        text, end, _ = bytes(self.data[self.position : self.position + MAX_NAME]).partition(b"\n")
        if not end:
            raise pickle.UnpicklingError("a name in the file does not end")
        self.position += len(text) + 1
        return text.decode("utf-8")

    def unpack(self, form: str) -> Any:
        return struct.unpack(form, self.read(struct.calcsize(form)))[0]

    # ------------------------------------------------------------------ the stack
    def since_mark(self) -> list[Any]:
        for k in range(len(self.stack) - 1, -1, -1):
            if self.stack[k] is MARK:
                items = self.stack[k + 1 :]
                del self.stack[k:]
                return items
        raise IndexError("no mark on the stack")

    def charge(self, n: int) -> None:
        """Count what is copied: a short pickle must not make much work."""
        self.copies_left -= n
        if self.copies_left < 0:
            raise pickle.UnpicklingError(
                "the pickle copies its containers again and again: corrupt or hostile file"
            )

    # ------------------------------------------------------------------ names and calls
    def global_(self) -> None:
        self.stack.append(allowed.look_up(self.line(), self.line()))

    def reduce(self) -> None:
        args, fn = self.stack.pop(), self.stack[-1]
        if not isinstance(args, tuple):
            raise pickle.UnpicklingError(f"arguments must be a tuple, got {type(args).__name__}")
        self.stack[-1] = self.call(fn, args)

    def call(self, fn: Any, args: tuple) -> Any:
        target = allowed.callee(fn)
        if target is None:
            raise pickle.UnpicklingError(f"Trying to call reduce for unrecognized function {fn}")
        self.charge(sum(len(a) for a in args if isinstance(a, (str, bytes, tuple, list))))
        if fn in (set, OrderedDict, Counter) and args:
            items = list(args[0].items()) if isinstance(args[0], dict) else list(args[0])
            self.charge(len(items))
            for item in items:
                self.check_key(item if fn is set or not isinstance(item, (list, tuple)) else item[0])
        return target(*args)

    def newobj(self) -> None:
        args, cls = self.stack.pop(), self.stack.pop()
        if not (isinstance(cls, type) and (cls is Tensor or allowed.callee(cls))):
            raise pickle.UnpicklingError(
                "Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` "
                f"but got {cls}"
            )
        if issubclass(cls, Tensor):
            made = object.__new__(cls)
            made._fill_slots(Tensor()._a)
            self.stack.append(made)
            return
        self.stack.append(
            self.call(cls, args) if cls in (set, OrderedDict, Counter) else cls.__new__(cls, *args)
        )

    def build(self) -> None:
        state, made = self.stack.pop(), self.stack[-1]
        if isinstance(made, Tensor):
            set_state(made, state)
        elif type(made) is OrderedDict:  # attributes such as a state_dict's _metadata
            made.__dict__.update(state)
        elif allowed.by_user(type(made)):
            _set_state_as_pickle_does(made, state)
        else:
            raise pickle.UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, "
                f"but got {type(made)}"
            )

    def persistent(self) -> None:
        what = self.stack.pop()
        kind = what[0] if isinstance(what, tuple) and what else what
        kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else kind
        if kind != "storage" or self.persistent_load is None:
            raise pickle.UnpicklingError(
                f"Only persistent_load of storage is allowed, but got {str(kind)[:60]!r}"
            )
        self.stack.append(self.persistent_load(what))

    # ------------------------------------------------------------------ containers
    def append(self) -> None:
        item = self.stack.pop()
        self.target(list, "append to lists").append(item)

    def extend(self) -> None:
        items = self.since_mark()
        self.target(list, "extend lists").extend(items)

    def target(self, cls: type, what: str) -> Any:
        if type(self.stack[-1]) is not cls:
            raise pickle.UnpicklingError(f"Can only {what}, but got {type(self.stack[-1])}")
        return self.stack[-1]

    def setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.put([key, value])

    def put(self, items: list[Any]) -> None:
        into = self.stack[-1]
        if type(into) not in (dict, OrderedDict, Counter):
            raise pickle.UnpicklingError(
                f"Can only SETITEMS for dict, collections.OrderedDict, collections.Counter, but got {type(into)}"
            )
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.check_key(key)
            into[key] = value

    def check_key(self, key: Any) -> None:
        """Hashing a key recurses and takes as long as it is: let it be plain, shallow and short."""
        if type(key) is str:
            return
        todo, parts = [(key, 0)], 0
        while todo:
            part, depth = todo.pop()
            parts += 1
            if parts > KEY_PARTS or depth > 16 or (type(part) is int and part.bit_length() > 64):
                raise pickle.UnpicklingError("a dictionary key in the file is too large")
            if isinstance(part, tuple):
                if len(part) > KEY_PARTS:
                    raise pickle.UnpicklingError("a dictionary key in the file is too large")
                todo += [(p, depth + 1) for p in part]
            elif not (isinstance(part, PLAIN_KEYS) or allowed.may_be_key(part)):
                raise pickle.UnpicklingError(f"a {type(part).__name__} cannot be a dictionary key in a file")

    def last(self, n: int) -> None:
        if len(self.stack) < n or any(x is MARK for x in self.stack[-n:]):
            raise IndexError("too few values on the stack")
        self.stack[-n:] = [tuple(self.stack[-n:])]

    # ------------------------------------------------------------------ values
    def text(self) -> None:
        self.stack.append(str(self.read(self.unpack("<I")), "utf-8", "surrogatepass"))

    def old_text(self) -> None:
        raw = self.read(self.read(1)[0])
        self.stack.append(raw if self.encoding == "bytes" else raw.decode(self.encoding))

    def remember(self, k: int) -> None:
        self.memo[k] = self.stack[-1]

    def protocol(self) -> None:
        if self.read(1)[0] > pickle.HIGHEST_PROTOCOL:
            raise pickle.UnpicklingError("unknown pickle protocol: corrupt file?")


def _set_state_as_pickle_does(made: Any, state: Any) -> None:
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
        return
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    if state:
        made.__dict__.update(state)
    for name, value in (slots or {}).items():
        setattr(made, name, value)


def _pushes(value: Callable[[WeightsUnpickler], Any]) -> Callable[[WeightsUnpickler], None]:
    return lambda m: m.stack.append(value(m))


#: What each opcode does.
STEPS: dict[int, Callable[[WeightsUnpickler], None]] = {
    code[0]: step
    for code, step in {
        pickle.PROTO: WeightsUnpickler.protocol,
        pickle.GLOBAL: WeightsUnpickler.global_,
        pickle.REDUCE: WeightsUnpickler.reduce,
        pickle.NEWOBJ: WeightsUnpickler.newobj,
        pickle.BUILD: WeightsUnpickler.build,
        pickle.BINPERSID: WeightsUnpickler.persistent,
        pickle.MARK: _pushes(lambda m: MARK),
        pickle.APPEND: WeightsUnpickler.append,
        pickle.APPENDS: WeightsUnpickler.extend,
        pickle.SETITEM: WeightsUnpickler.setitem,
        pickle.SETITEMS: lambda m: m.put(m.since_mark()),
        pickle.TUPLE: _pushes(lambda m: tuple(m.since_mark())),
        pickle.TUPLE1: lambda m: m.last(1),
        pickle.TUPLE2: lambda m: m.last(2),
        pickle.TUPLE3: lambda m: m.last(3),
        pickle.EMPTY_TUPLE: _pushes(lambda m: ()),
        pickle.EMPTY_LIST: _pushes(lambda m: []),
        pickle.EMPTY_DICT: _pushes(lambda m: {}),
        pickle.EMPTY_SET: _pushes(lambda m: set()),
        pickle.NONE: _pushes(lambda m: None),
        pickle.NEWTRUE: _pushes(lambda m: True),
        pickle.NEWFALSE: _pushes(lambda m: False),
        pickle.BININT: _pushes(lambda m: m.unpack("<i")),
        pickle.BININT1: _pushes(lambda m: m.read(1)[0]),
        pickle.BININT2: _pushes(lambda m: m.unpack("<H")),
        pickle.LONG1: _pushes(lambda m: pickle.decode_long(m.read(m.read(1)[0]))),
        pickle.BINFLOAT: _pushes(lambda m: m.unpack(">d")),
        pickle.BINUNICODE: WeightsUnpickler.text,
        pickle.SHORT_BINSTRING: WeightsUnpickler.old_text,
        pickle.BINPUT: lambda m: m.remember(m.read(1)[0]),
        pickle.LONG_BINPUT: lambda m: m.remember(m.unpack("<I")),
        pickle.BINGET: _pushes(lambda m: m.memo[m.read(1)[0]]),
        pickle.LONG_BINGET: _pushes(lambda m: m.memo[m.unpack("<I")]),
    }.items()
}
