"""A strict stand-in for CuPy, for machines without a GPU. It is no GPU: it is NumPy behind CuPy's rules.

What it holds the engine to are the rules on which code written for NumPy fails on a GPU:

* an array of the device never mixes with a NumPy array: arithmetic, indexing, assignment and every function raise
  TypeError, and there is no silent way back (``np.asarray`` raises; ``asnumpy`` and ``.get()`` copy);
* only the functions and methods that CuPy has exist (``cupy_names.txt``, read from CuPy itself);
* reductions and single elements are 0-dimensional arrays, never NumPy scalars.

``host_reads`` counts where the CPU would wait for the GPU: where values, or sizes that depend on them, come back.

It says nothing about speed, CUDA's rounding, streams or kernels: ``make test-gpu`` runs the same tests on CuPy.

``install()`` puts it in the place of ``cupy``; the device then names itself what it is.
"""

from __future__ import annotations

import contextlib
import math
import sys
import traceback
import types
from pathlib import Path
from typing import Any

import numpy as np

from . import standin_cuda
from .standin_cuda import Device

NAME = "stand-in for a GPU (NumPy behind CuPy's rules)"


BINARY = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift divmod"
UNARY = "neg pos abs invert lt le gt ge eq ne"


def _names() -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for line in (Path(__file__).parent / "cupy_names.txt").read_text().splitlines():
        if line.startswith("["):
            current = groups.setdefault(line.strip("[]"), set())
        elif line and not line.startswith("#"):
            current.update(line.split())
    return groups


NAMES = _names()
ENTRANCES = {"array", "asarray", "asanyarray"}  # the functions that bring a NumPy array to the device
#: The functions whose result's size depends on values: CuPy reads it back from the GPU.
SIZED = {
    "argwhere", "bincount", "compress", "extract", "flatnonzero", "intersect1d", "nonzero", "setdiff1d", "trim_zeros",
    "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
}  # fmt: skip

_reads: list[list[str]] = []  # of each host_reads() that is open


@contextlib.contextmanager
def host_reads() -> Any:
    """A list that gets a line for each time the CPU reads from the device: how, and from where in the engine."""
    seen: list[str] = []
    _reads.append(seen)
    try:
        yield seen
    finally:
        _reads.remove(seen)


def _read(how: str) -> None:
    if _reads:
        stack = [f for f in traceback.extract_stack() if "/glasstorch/" in f.filename]
        where = " < ".join(f"{f.filename.rpartition('/glasstorch/')[2]}:{f.lineno}" for f in stack[:-4:-1])
        for seen in _reads:
            seen.append(f"{how} at {where}")


def _inside(x: Any) -> Any:
    """What NumPy computes with: device arrays opened, NumPy arrays refused, in lists and tuples too."""
    if isinstance(x, ndarray):
        return x._host
    if isinstance(x, np.ndarray):
        raise TypeError(
            f"Unsupported type {type(x)}: a NumPy array of shape {x.shape} met an array of the device"
        )
    if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
        return type(x)(_inside(v) for v in x)
    if isinstance(x, slice):
        return slice(*(_number(v) for v in (x.start, x.stop, x.step)))
    return x


def _number(v: Any) -> Any:
    return int(v) if isinstance(v, ndarray) else v


def _masks(index: Any) -> bool:
    """Does an index choose by truth, so that the size of what it chooses depends on values?"""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(p, ndarray) and p.dtype == bool and p.ndim for p in parts)


def _outside(x: Any) -> Any:
    """NumPy's answer as the device gives it."""
    if isinstance(x, (np.ndarray, np.generic)):
        return ndarray._over(np.asarray(x))
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_outside(v) for v in x))
    if isinstance(x, (list, tuple)):
        return type(x)(_outside(v) for v in x)
    return x


def _call(fn: Any, args: tuple, kwargs: dict) -> Any:
    out = kwargs.get("out")
    result = fn(*(_inside(a) for a in args), **{k: _inside(v) for k, v in kwargs.items()})
    if out is not None:
        return out[0] if isinstance(out, tuple) and len(out) == 1 else out
    return _outside(result)


class ufunc:
    """One of NumPy's ufuncs, on arrays of the device."""

    def __init__(self, of: np.ufunc) -> None:
        self._of, self.nin, self.nout, self.__name__ = of, of.nin, of.nout, of.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of, args, kwargs)

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of.reduce, args, kwargs)

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of.accumulate, args, kwargs)

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of.reduceat, args, kwargs)

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of.outer, args, kwargs)

    def at(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._of.at, args, kwargs)


class _Pointer:
    """The memory of an array from a place on: ``array.data``, and ``array.data + bytes``."""

    def __init__(self, host: np.ndarray, offset: int = 0) -> None:
        self.host, self.offset, self.ptr = host, offset, host.ctypes.data + offset

    def __add__(self, offset: int) -> _Pointer:
        return _Pointer(self.host, self.offset + offset)

    def array(self, shape: Any, dtype: Any) -> np.ndarray:
        return np.ndarray(shape, dtype, self.host.reshape(-1).view(np.uint8), self.offset)


class ndarray:
    """An array of the device."""

    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None) -> None:
        self._host = np.empty(shape, dtype) if memptr is None else memptr.array(shape, dtype)

    @classmethod
    def _over(cls, host: np.ndarray) -> ndarray:
        self = object.__new__(cls)
        self._host = host
        return self

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Use .get() to make one.")

    def __array_ufunc__(self, fn: np.ufunc, how: str, *args: Any, **kwargs: Any) -> Any:
        mine = getattr(MODULE, fn.__name__)
        if "out" in kwargs and len(kwargs["out"]) == 1:
            kwargs["out"] = kwargs["out"][0]
        return (mine if how == "__call__" else getattr(mine, how))(*args, **kwargs)

    def __array_function__(self, fn: Any, kinds: Any, args: tuple, kwargs: dict) -> Any:
        if any(not issubclass(k, ndarray) for k in kinds):
            return NotImplemented
        return getattr(MODULE, fn.__name__)(*args, **kwargs)

    device = property(lambda self: Device(0))
    data = property(lambda self: _Pointer(self._host))
    base = property(lambda self: None if self._host.base is None else ndarray._over(self._host.base))

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> np.ndarray:
        """A copy as a NumPy array."""
        if blocking:
            _read("get()")
        if out is None:
            return self._host.copy()
        out[...] = self._host
        return out

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        """Copy a host array here."""
        self._host[...] = arr

    def item(self, *at: int) -> Any:
        _read("item()")
        return self._host.item(*at)

    def tolist(self) -> Any:
        _read("tolist()")
        return self._host.tolist()

    def __getitem__(self, index: Any) -> Any:
        if _masks(index):
            _read("a mask as index")
        return _outside(self._host[_inside(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._host[_inside(index)] = _inside(value)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        return (_outside(v) for v in self._host)

    def __bool__(self) -> bool:
        _read("bool()")
        return bool(self._host)

    def __int__(self) -> int:
        _read("int()")
        return int(self._host)

    def __float__(self) -> float:
        _read("float()")
        return float(self._host)

    def __complex__(self) -> complex:
        _read("complex()")
        return complex(self._host)

    def __repr__(self) -> str:
        return f"{type(self).__name__} on a {NAME}:\n{self._host!r}"

    def __reduce__(self) -> tuple:
        return _outside, (self._host,)

    def __deepcopy__(self, memo: Any) -> ndarray:
        return ndarray._over(self._host.copy())


def _attach() -> None:
    """Give ``ndarray`` the operators, and CuPy's methods and attributes of NumPy's."""
    names = [
        f"__{r}{n}__" for n in BINARY.split() for r in ("", "r", "i") if hasattr(np.ndarray, f"__{r}{n}__")
    ]
    names += [f"__{n}__" for n in UNARY.split()]
    for name in names:

        def operator(self: ndarray, *others: Any, name: str = name) -> Any:
            if not all(isinstance(o, (ndarray, np.ndarray, np.generic, int, float, complex)) for o in others):
                return NotImplemented
            result = getattr(self._host, name)(*(_inside(o) for o in others))
            return self if result is self._host else result if result is NotImplemented else _outside(result)

        setattr(ndarray, name, operator)
    for name in NAMES["array"] - set(vars(ndarray)):
        if callable(getattr(np.ndarray, name)):

            def method(self: ndarray, *args: Any, name: str = name, **kwargs: Any) -> Any:
                return _call(getattr(self._host, name), args, kwargs)

            setattr(ndarray, name, method)
        else:

            def read(self: ndarray, name: str = name) -> Any:
                return _outside(getattr(self._host, name)) if name in ("T", "real", "imag", "mT") else getattr(
                    self._host, name
                )  # fmt: skip

            def write(self: ndarray, value: Any, name: str = name) -> None:
                setattr(self._host, name, _inside(value))

            setattr(ndarray, name, property(read, write))


class _Module(types.ModuleType):
    """A module that offers those of NumPy's names that CuPy has, on arrays of the device."""

    def __init__(self, name: str, of: Any, offered: set[str]) -> None:
        super().__init__(name, __doc__)
        self._of, self._offered = of, offered

    def __getattr__(self, name: str) -> Any:
        if name not in self._offered:
            raise AttributeError(
                f"module {self.__name__!r} (the {NAME}) has no attribute {name!r}: CuPy has none"
            )
        found = getattr(self._of, name)
        if isinstance(found, np.ufunc):
            made: Any = ufunc(found)
        elif isinstance(found, type) or not callable(found):
            made = found
        elif name in ENTRANCES:

            def made(a: Any, *args: Any, **kwargs: Any) -> Any:
                return _outside(found(a._host if isinstance(a, ndarray) else a, *args, **kwargs))
        else:

            def made(*args: Any, **kwargs: Any) -> Any:
                if name in SIZED or (name == "repeat" and isinstance(args[1], ndarray)):
                    _read(f"{name}()")
                return _call(found, args, kwargs)

        setattr(self, name, made)
        return made


class RandomState:
    """The part of CuPy's generator that the engine uses."""

    def __init__(self, seed: Any = None, method: Any = None) -> None:
        self.seed(seed)

    def seed(self, seed: Any = None) -> None:
        self._of = np.random.Generator(np.random.Philox(seed))

    def random_sample(self, size: Any = None, dtype: Any = float) -> ndarray:
        return _outside(self._of.random(size, dtype))

    def standard_normal(self, size: Any = None, dtype: Any = float) -> ndarray:
        return _outside(self._of.standard_normal(size, dtype))

    def tomaxint(self, size: Any = None) -> ndarray:
        return _outside(self._of.integers(0, 1 << 63, size, dtype=np.int64))


class PinnedMemoryPointer(bytearray):
    """CuPy's name for the owner of page-locked memory."""


def _empty_pinned(shape: Any, dtype: Any = float, order: str = "C") -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(PinnedMemoryPointer(size), dtype, int(np.prod(shape))).reshape(shape)


def _build() -> dict[str, types.ModuleType]:
    main = _Module("cupy", np, NAMES["functions"])
    ndarray.__module__ = "cupy"  # the engine asks an array for its home
    main.ndarray, main.asnumpy = ndarray, lambda a: a.get()  # type: ignore[attr-defined]
    main.linalg = _Module("cupy.linalg", np.linalg, NAMES["linalg"])  # type: ignore[attr-defined]
    main.linalg.LinAlgError = np.linalg.LinAlgError  # type: ignore[attr-defined]
    main.fft = _Module("cupy.fft", np.fft, NAMES["fft"])  # type: ignore[attr-defined]
    tricks = _Module("cupy.lib.stride_tricks", np.lib.stride_tricks, {"as_strided", "sliding_window_view"})
    main.lib = types.SimpleNamespace(stride_tricks=tricks)  # type: ignore[attr-defined]
    main.random = types.ModuleType("cupy.random")  # type: ignore[attr-defined]
    main.random.RandomState = RandomState  # type: ignore[attr-defined]
    cuda, pool = standin_cuda.build(NAME)
    main.get_default_memory_pool = lambda: pool  # type: ignore[attr-defined]
    main.get_default_pinned_memory_pool = lambda: pool  # type: ignore[attr-defined]
    curand = types.ModuleType("cupy.cuda.curand")
    curand.CURAND_RNG_PSEUDO_PHILOX4_32_10 = 161  # type: ignore[attr-defined]
    cuda.curand, main.cuda = curand, cuda  # type: ignore[attr-defined]
    special = types.ModuleType("cupyx.scipy.special")
    error_function = np.vectorize(math.erf, otypes=[float])
    special.erf = lambda x: _outside(error_function(x._host).astype(x.dtype))  # type: ignore[attr-defined]
    scipy, extra = types.ModuleType("cupyx.scipy"), types.ModuleType("cupyx")
    scipy.special, extra.scipy = special, scipy  # type: ignore[attr-defined]
    extra.empty_pinned = _empty_pinned  # type: ignore[attr-defined]
    parts = [main, main.linalg, main.fft, main.random, cuda, curand, extra, scipy, special]
    return {m.__name__: m for m in parts}


_attach()
MODULES = _build()
MODULE: Any = MODULES["cupy"]


def install() -> None:
    """Put the stand-in where ``import cupy`` finds it, for the rest of the process."""
    from glasstorch import backends

    sys.modules.update(MODULES)
    backends.cupy.cache_clear()


@contextlib.contextmanager
def installed() -> Any:
    """The stand-in in CuPy's place for a while."""
    from glasstorch import backends

    mine = [*MODULES, "glasstorch.backends.cupy_kernels", "glasstorch.backends.cupy_random"]
    kept = {name: sys.modules.pop(name, None) for name in mine}
    try:
        install()
        yield MODULE
    finally:
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
        backends.cupy.cache_clear()
