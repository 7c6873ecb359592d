"""The allow-list: which names a file may use when it is not trusted, and how to add to it.

Source: https://pytorch.org/docs/stable/notes/serialization.html#weights-only
"""

from __future__ import annotations

import _codecs
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import Counter, OrderedDict
from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any

from ..core import dtype as dt
from ..core.device import device
from ..core.quantized import QUANTIZED_TYPES, SCHEMES
from ..core.size import Size
from ..core.tensor import Tensor
from ..nn.parameter import Parameter
from ..storage import STORAGE_CLASSES, TypedStorage, UntypedStorage
from .names import OURS, file_name
from .rebuild import MAX_DIMS, QUANTIZED_STORAGES, REBUILD

BLOCKED_MODULES = {"sys", "os", "posix", "nt"}  # not even at the user's wish, as in PyTorch

#: How the names of PyTorch's element types and storages begin that have no counterpart here, unless ``NAMES`` has them.
ABSENT = ("float8_", "float4_", "bits", "quint", "qint", "QInt", "QUInt", "per_tensor_", "per_channel_")


def _size(lengths: Any = ()) -> Size:
    if len(lengths) > MAX_DIMS or any(type(n) is not int for n in lengths):
        raise UnpicklingError("a torch.Size in the file does not hold a few whole numbers")
    return Size(lengths)


def _encode(text: Any, encoding: Any = "latin1") -> bytes:
    # How protocol 2 writes bytes. Other codecs could take long, or run code that somebody registered.
    if not isinstance(text, str) or encoding not in ("latin1", "utf-8"):
        raise UnpicklingError(f"_codecs.encode with the codec {encoding!r} is not allowed")
    return text.encode(encoding)


def _bytearray(data: Any = b"", encoding: Any = "latin1") -> bytearray:
    if not isinstance(data, (bytes, str)):  # a number would make that many bytes
        raise UnpicklingError(f"bytearray of a {type(data).__name__} is not allowed")
    return bytearray(data if isinstance(data, bytes) else _encode(data, encoding))


def _complex(real: Any = 0.0, imag: Any = 0.0) -> complex:
    return complex(float(real), float(imag))


def _parameter(data: Any = None, requires_grad: Any = True) -> Parameter:
    if data is not None and not isinstance(data, Tensor):
        raise UnpicklingError(f"a Parameter of a {type(data).__name__} is not allowed")
    return Parameter(data, bool(requires_grad))


#: Names and what they stand for.
NAMES: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "collections.Counter": Counter,
    "builtins.set": set,
    "_codecs.encode": _codecs.encode,
    "builtins.bytearray": bytearray,
    "builtins.complex": complex,
    "torch.nn.parameter.Parameter": Parameter,
    "torch.Size": Size,
    "torch.device": device,
    "torch.Tensor": Tensor,
    "torch.storage.UntypedStorage": UntypedStorage,
    "torch.storage.TypedStorage": TypedStorage,
    **{f"torch.{d.name}": d for d in dt.dtype._of_name.values()},
    **{f"torch.{d.legacy}Tensor": Tensor for d in dt.dtype._of_name.values()},
    **{f"torch.{where}{name}": cls for name, cls in STORAGE_CLASSES.items() for where in ("", "cuda.")},
    **{f"torch.{name}": value for name, value in (QUANTIZED_TYPES | SCHEMES).items()},
    **{f"torch.{cls.__name__}": cls for cls in QUANTIZED_STORAGES.values()},
    **REBUILD,
}

#: What may be called, and what is called in its place: the same with a look at the arguments.
_CALLS: dict[Any, Callable] = {
    OrderedDict: OrderedDict, Counter: Counter, set: set, _codecs.encode: _encode, bytearray: _bytearray,
    complex: _complex, Parameter: _parameter, Size: _size, device: device,
    **{f: f for f in REBUILD.values()},
}  # fmt: skip

_user: list[Any] = []


def _key(entry: Any) -> tuple[str, Any]:
    """The name in files and the object of an entry: a class or function, or such a one with a name of its own."""
    if isinstance(entry, tuple):
        if len(entry) != 2 or not isinstance(entry[1], str):
            raise ValueError(
                f"Expected tuple of length 2 (global, str of callable full path), but got {entry!r}"
            )
        return entry[1], entry[0]
    if not (hasattr(entry, "__module__") and hasattr(entry, "__qualname__")):
        raise TypeError(f"Expected a function or class (or a tuple with its name), but got {entry!r}")
    return ".".join(file_name(entry) or (entry.__module__, entry.__qualname__)), entry


def _users() -> dict[str, Any]:
    return dict(_key(e) for e in _user)


def look_up(module: str, name: str) -> Any:
    """The object for a name in a file; ``pickle.UnpicklingError`` when it is not on the list."""
    module, name = NAME_MAPPING.get(
        (module, name), (IMPORT_MAPPING.get(module, module), name)
    )  # Python 2's names
    path = f"{module}.{name}"
    if module.partition(".")[0] in BLOCKED_MODULES:
        raise UnpicklingError(f"Trying to load unsupported GLOBAL {path} whose module {module} is blocked.")
    if path in NAMES:
        return NAMES[path]
    users = _users()
    for spelled in _spellings(path):
        if spelled in users:
            return users[spelled]
    if module == "torch" and name.startswith(ABSENT):
        raise UnpicklingError(
            f"the file holds numbers of the type {path}, which glasstorch does not have. Load it with PyTorch, convert "
            "them (.float(), .dequantize()), and save again."
        )
    short = path.removeprefix("builtins.")
    raise UnpicklingError(
        f"Unsupported global: GLOBAL {short} was not an allowed global by default. Please use "
        f"`torch.serialization.add_safe_globals([{short}])` or the `torch.serialization.safe_globals([{short}])` "
        "context manager to allowlist this global if you trust this class/function."
    )


def _spellings(path: str) -> tuple[str, str]:
    """A name as it is, and with PyTorch's package for ours."""
    return path, "torch" + path.removeprefix(OURS) if path.startswith(OURS + ".") else path


def known(path: str) -> bool:
    """Is the name on the list?"""
    module, _, name = path.rpartition(".")
    module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    users = _users()
    return f"{module}.{name}" in NAMES or any(p in users for p in _spellings(f"{module}.{name}"))


def callee(fn: Any) -> Callable | None:
    """What to call when a file calls ``fn``; None when it may not."""
    try:
        found = _CALLS.get(fn)
    except TypeError:  # not hashable: nothing that the list holds
        return None
    return found or (fn if any(fn is e for e in _users().values()) else None)


def by_user(cls: Any) -> bool:
    """Did the user put this class on the list?"""
    return any(cls is e for e in _users().values())


def may_be_key(value: Any) -> bool:
    """May it be a dictionary key, besides plain values? What hashes in bounded time."""
    return isinstance(value, (dt.dtype, device, Size, Tensor)) or by_user(type(value))


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Let files that are not trusted use these classes and functions too.

    An entry is a class or function, or a tuple of one and the name that files use for it.
    """
    for entry in safe_globals:
        _key(entry)
    _user.extend(e for e in safe_globals if e not in _user)


def get_safe_globals() -> list[Any]:
    """What was added to the list."""
    return list(_user)


def clear_safe_globals() -> None:
    """Take back all that was added to the list."""
    _user.clear()


class safe_globals:
    """``add_safe_globals`` for the length of a ``with`` block."""

    def __init__(self, safe_globals: list[Any]) -> None:
        self.entries = safe_globals

    def __enter__(self) -> None:
        self.before = list(_user)
        add_safe_globals(self.entries)

    def __exit__(self, *exc: Any) -> None:
        _user[:] = self.before
