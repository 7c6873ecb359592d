"""What is told of nan and inf: the state of a tensor, the operation that made them, the paths they took."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from ... import backends
from ...core import dtype as dt
from ...core.op import Op
from .model import plain

SHOWN = 5  # elements that an account names


@dataclass(frozen=True)
class Facts:
    """The state of one tensor. ``low`` and ``high`` are of its finite elements, None when it has none.

    ``here``: its elements at the places of the account it belongs to, where they correspond one to one.
    """

    arg: str
    title: str
    shape: tuple[int, ...]
    dtype: str
    nan: int
    inf: int
    zero: int
    negative: int
    low: float | None
    high: float | None
    here: tuple[Any, ...] = ()
    id: str = ""

    def __str__(self) -> str:
        odd = {"nan": self.nan, "inf": self.inf, "zero": self.zero, "negative": self.negative}
        counts = ", ".join(f"{n} {what}" for what, n in odd.items() if n)
        span = "" if self.low is None else f"from {self.low:.6g} to {self.high:.6g}"
        said = "; ".join(x for x in (span, counts) if x) or "empty"
        here = f"; there: {', '.join(map(str, self.here))}" if self.here else ""
        name = f"{self.arg} ({self.title})" if self.title and self.title != self.arg else self.arg
        return f"{name} {list(self.shape)} {self.dtype}: {said}{here}"


@dataclass(frozen=True)
class Origin:
    """One operation that made nan or inf. ``arg``: in the backward, the input whose gradient it is.

    ``places`` are the indices of the first such elements, ``values`` what stands there. ``id`` and the ids of
    ``inputs`` are those of the graph's nodes; empty when there is no graph. ``kind``: "made" by an operation, "written"
    by the program as an argument, or "given" in a leaf or a constant.
    """

    phase: Literal["forward", "backward"]
    kind: Literal["made", "written", "given"]
    op: str
    shape: tuple[int, ...]
    dtype: str
    nan: int
    inf: int
    places: tuple[tuple[int, ...], ...]
    values: tuple[Any, ...]
    inputs: tuple[Facts, ...] = ()
    arg: str = ""
    formula: str = ""
    module: str = ""
    source: dict[str, Any] | None = None
    id: str = ""
    reaches: tuple[str, ...] = ()  # names of the leaves behind it that the gradient goes on to

    def __str__(self) -> str:
        what = " and ".join(f"{n} {w}" for n, w in ((self.nan, "nan"), (self.inf, "inf")) if n)
        size = math.prod(self.shape)
        of = f"{what} among {size} element{'s' if size != 1 else ''}"
        if self.phase == "backward":
            head = f"nan or inf in the backward: the gradient of {self.op}"
            head += f" for its input {self.arg!r} holds {of}" if self.arg else f" adds up to {of}"
        elif self.kind == "given":
            head = f"nan or inf from the start: {self.op} holds {of}"
        else:
            verb = "was told to write" if self.kind == "written" else "made"
            head = f"nan or inf in the forward: {self.op} {verb} {of}"
        lines = [head]
        if self.source:
            lines.append(f"line      {self.source['file']}:{self.source['line']}: {self.source['text']}")
        if self.module:
            lines.append(f"module    {self.module}")
        there = ", ".join(f"{list(p)} = {v}" for p, v in zip(self.places, self.values, strict=True))
        if there:
            lines.append(f"elements  {there}{', …' if self.nan + self.inf > len(self.places) else ''}")
        lines += [f"input     {f}" for f in self.inputs]
        if self.formula and self.phase == "backward":
            lines.append(f"formula   {self.formula}")
        if self.reaches:
            lines.append(f"reaches   {', '.join(self.reaches)}")
        return "\n  ".join(lines)


@dataclass(frozen=True)
class Nonfinite:
    """Where a computation's nan and inf come from. False when all is finite.

    ``forward``: the first operation that made any, and ``became_nan``: where its inf turned into nan, if elsewhere.
    ``forward_path``: node ids from there to a root; empty when the result is finite all the same.
    ``backward``: the first operation, from the roots back, whose derivative made any; ``backward_paths``: for each leaf
    whose gradient it spoils, the ids from that operation to the leaf.
    """

    forward: Origin | None = None
    became_nan: Origin | None = None
    forward_path: tuple[str, ...] = ()
    backward: Origin | None = None
    backward_paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.forward is not None or self.backward is not None

    @property
    def origins(self) -> tuple[str, ...]:
        """The ids of the nodes to point at, in the order in which things went wrong."""
        found = (self.forward, self.became_nan, self.backward)
        return tuple(dict.fromkeys(o.id for o in found if o is not None))

    def __str__(self) -> str:
        if not self:
            return "all values and gradients are finite"
        parts = []
        if self.forward is not None:
            parts.append(str(self.forward))
            if self.forward_path:
                parts.append(f"  path      {self._path(self.forward_path)}")
            else:
                parts.append("  path      none to the result, which is finite all the same")
        if self.became_nan is not None:
            parts.append("and then " + str(self.became_nan))
        if self.backward is not None:
            parts.append(str(self.backward))
            parts += [f"  path      {self._path(p)}" for p in self.backward_paths.values()]
        return "\n".join(parts)

    def _path(self, ids: Iterable[str]) -> str:
        return " → ".join(self.titles.get(id, id) for id in ids)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary; nan and inf as strings."""
        return {**_jsonable(asdict(self)), "origins": list(self.origins)}


def _jsonable(x: Any) -> Any:
    if isinstance(x, dict):
        return {k: _jsonable(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [_jsonable(v) for v in x]
    return plain(x)


# ------------------------------------------------------------------ looking at arrays
def facts(a: Any, arg: str, title: str, places: tuple = (), id: str = "") -> Facts:
    """The state of one array; ``places`` are indices into something of a shape it broadcasts to."""
    if a is None:
        return Facts(arg, title, (), "", 0, 0, 0, 0, None, None, (), id)
    v = _numbers(a)
    finite = v[np.isfinite(v)]
    known = finite.size > 0
    real = a.dtype.kind != "c"
    return Facts(
        arg, title, tuple(a.shape), dtype_name(a), *counts(a), int((v == 0).sum()), int((v < 0).sum()) if real else 0,
        float(finite.min()) if known else None, float(finite.max()) if known else None, at(a, places), id,
    )  # fmt: skip


def _numbers(a: Any) -> np.ndarray:
    """An array in a type that NumPy's tests know; complex numbers by their size."""
    a = np.asarray(a)
    return np.abs(a) if a.dtype.kind == "c" else a.astype(np.float64)


def is_odd(a: Any) -> bool:
    """Does an array hold nan or inf?"""
    if a is None or a.dtype.kind in "biu":
        return False
    xp = backends.namespace(a)
    return not bool(xp.isfinite(a).all())


def has_nan(a: Any) -> bool:
    if a is None or a.dtype.kind in "biu":
        return False
    return bool(backends.namespace(a).isnan(a).any())


def counts(a: Any) -> tuple[int, int]:
    v = _numbers(a)
    return int(np.isnan(v).sum()), int(np.isinf(v).sum())


def places_of(a: Any) -> tuple[tuple[int, ...], ...]:
    found = np.argwhere(~np.isfinite(_numbers(a)))[:SHOWN]
    return tuple(tuple(int(i) for i in row) for row in found)


def at(a: Any, places: tuple) -> tuple[Any, ...]:
    """The elements at some places, numbers of one kind of length 1 counting for all places along it."""
    out = []
    for p in places:
        if len(p) < a.ndim:
            return ()
        own = p[len(p) - a.ndim :]
        index = tuple(0 if n == 1 else i for i, n in zip(own, a.shape, strict=True))
        if any(i >= n for i, n in zip(index, a.shape, strict=True)):
            return ()
        out.append(a[index].item())
    return tuple(out)


def elementwise(op: Op | None, shape: Any, shapes: list) -> bool:
    """Does each element of the result come from the elements at the same place of the inputs?"""
    if op is None or op.types is None or shape is None or any(s is None for s in shapes):
        return False
    try:
        return np.broadcast_shapes(*shapes) == tuple(shape)
    except ValueError:
        return False


def host(a: Any) -> np.ndarray:
    return np.asarray(backends.move(a, "cpu", None))


def dtype_name(a: Any) -> str:
    return dt.from_numpy_dtype(a.dtype).name


__all__ = [
    "Facts", "Nonfinite", "Origin", "at", "is_odd", "counts", "dtype_name", "elementwise", "facts", "has_nan", "host",
    "places_of",
]  # fmt: skip
