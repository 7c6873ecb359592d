"""`tensor_view(t)`: any tensor as a heat map, with its strides, its storage and the tensor it is a view of."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import traitlets
from glasstorch import Tensor

from ..engine import torch
from ..notebook import after_each_cell, shell
from ..view import View
from .memory import Memory
from .picture import as_svg, as_text
from .statistics import statistics

VERSION = 1
WHOLE = 16_384  # places of a storage up to which all of it is sent at once
FIRST_SIDE, FIRST_PLACES = 48, 64  # of a larger one: the first rows and columns, and the first places


class TensorView(View, module="tensor_view.js", styles=("cell_grid.css", "tensor_view.css"), words="tensor"):
    """A tensor in a notebook; see `tensor_view`.

    Messages from the browser: `read` (numbers at places in memory), `write` (one element), `refresh`.
    """

    title = traitlets.Unicode("").tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    memory = traitlets.Dict().tag(sync=True)
    statistics = traitlets.Dict().tag(sync=True)
    written = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        tensor: Tensor,
        *,
        rows: int = -2,
        columns: int = -1,
        at: Sequence[int] = (),
        name: str | None = None,
        lang: str | None = None,
    ) -> None:
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"tensor_view() shows a tensor, not {type(tensor).__name__}; make one with torch.as_tensor(...)"
            )
        self._memory = Memory(tensor)
        base = tensor._base
        self._base = None if base is None else Memory(base)
        self._fixed = {
            "name": name or _variable_name(tensor) or "tensor",
            "dtype": str(tensor.dtype),
            "kind": _kind(tensor.dtype),
            "digits": _digits(tensor.dtype),
            "itemsize": tensor.element_size(),
            "device": str(tensor.device),
            "requires_grad": tensor.requires_grad,
            "leaf": tensor.is_leaf,
            "grad_fn": "" if tensor.grad_fn is None else tensor.grad_fn.name(),
            "shape": list(self._memory.shape),
            "stride": list(self._memory.stride),
            "offset": self._memory.offset,
            "total": self._memory.total,
            "contiguous": tensor.is_contiguous(),
            "base": self._about_base(tensor),
            "look": _look(self._memory.shape, rows, columns, at),
        }
        super().__init__(title=self._fixed["name"], lang=lang)
        self._tell()
        self.memory = self._memory.message(self._first_ranges())
        after_each_cell(_refresher(self))

    # ---- what the browser asks for ---

    def receive_read(self, message: dict[str, Any]) -> None:
        self.memory = self._memory.message(message["ranges"]) | {"number": message.get("number", 0)}

    def receive_write(self, message: dict[str, Any]) -> None:
        self.write(message["index"], message["text"])

    def receive_refresh(self, message: dict[str, Any]) -> None:
        self.refresh()

    def write(self, index: Sequence[int], text: str) -> None:
        """Write one element as typed; the tensor itself changes, and all that share its memory.

        No history is recorded. The version counter goes up, so that a backward pass that needs the old value refuses.

        Raises:
            ValueError: the text is no value of the tensor's type.
            IndexError: no such element.
            RuntimeError: the tensor may not be written (an inference tensor).
        """
        value = parse(text, self._memory.tensor.dtype)
        before = _version(self._memory.tensor)
        with torch.no_grad():
            self._memory.tensor[tuple(int(i) for i in index)] = value
        self.written = {"index": list(index), "before": before, "after": _version(self._memory.tensor)}
        self._tell()
        self.memory = self._memory.message(self._first_ranges()) | {"fresh": True}

    def refresh(self) -> None:
        """Look at the memory again, if something wrote there; happens by itself after each cell."""
        if _version(self._memory.tensor) != self.facts["version"]:
            self._tell()
            self.memory = self._memory.message(self._first_ranges()) | {"fresh": True}

    # ---- without a live view ---

    def text(self) -> str:
        """Shape, type, strides, values of the slice and statistics, as text."""
        return as_text(self.facts, self.statistics, self._memory)

    def svg(self) -> str | None:
        """The slice as a heat map, and the beginning of the storage."""
        return as_svg(self.facts, self.statistics, self._memory, self.labels)

    def __repr__(self) -> str:
        shape = "×".join(map(str, self._memory.shape)) or "scalar"
        return f"<TensorView of {self.facts['name']}, {shape}, {self.facts['dtype']}>"

    # ---- parts ---

    def _tell(self) -> None:
        tensor = self._memory.tensor
        self.facts = self._fixed | {"wire": VERSION, "version": _version(tensor)}
        self.statistics = statistics(tensor)

    def _first_ranges(self) -> list[tuple[int, int, int]]:
        memory, look = self._memory, self._fixed["look"]
        if memory.total <= WHOLE:
            return [(0, 1, memory.total)]
        if 0 in memory.shape:
            return []
        start = memory.place(look["at"])
        rows = (
            (memory.shape[look["rows"]], memory.stride[look["rows"]]) if look["rows"] is not None else (1, 0)
        )
        columns = (memory.shape[look["columns"]], memory.stride[look["columns"]])
        ranges = [
            (start + row * rows[1], columns[1], min(columns[0], FIRST_SIDE))
            for row in range(min(rows[0], FIRST_SIDE))
        ]
        first = max(0, min(memory.offset, memory.total - FIRST_PLACES))
        return [*ranges, (first, 1, min(FIRST_PLACES, memory.total))]

    def _about_base(self, tensor: Tensor) -> dict[str, Any] | None:
        if self._base is None:
            return None
        same = self._base.tensor.dtype == tensor.dtype
        return {
            "name": _variable_name(tensor._base) or "",
            "dtype": str(self._base.tensor.dtype),
            "same_type": same,  # else its places are counted in other units
            "shape": list(self._base.shape),
            "stride": list(self._base.stride),
            "offset": self._base.offset,
        }


def tensor_view(
    tensor: Tensor,
    *,
    rows: int = -2,
    columns: int = -1,
    at: Sequence[int] = (),
    name: str | None = None,
    lang: str | None = None,
) -> TensorView:
    """Look into a tensor: values, slices, strides, storage, and the tensor it is a view of.

    The arrow keys walk through the elements; the element's place in memory lights up in the line of boxes below.
    Writing a value changes the tensor itself. What another cell writes is shown when that cell has ended.

    Only the numbers on screen are read, so that a tensor may be large or live on a GPU. The view keeps the tensor's
    memory (not its history) alive.

    Args:
        tensor: any dense tensor, of any shape and type.
        rows, columns: the dimensions drawn as rows and as columns.
        at: indices for all dimensions, of which those of the others choose the slice; default all 0.
        name: written above; default the name of the notebook's variable.
        lang: "en" or "zh"; default from the environment.

    Raises:
        TypeError: not a tensor.
        IndexError: no such dimension, or `at` outside the tensor.
        ValueError: rows and columns are the same dimension, or `at` has not one index for each dimension.
    """
    return TensorView(tensor, rows=rows, columns=columns, at=at, name=name, lang=lang)


def parse(text: str, dtype: Any) -> Any:
    """What a learner typed, as a value of the type.

    Raises:
        ValueError: it is none; says which values the type has.
    """
    word, kind = text.strip().replace("−", "-"), _kind(dtype)
    try:
        if kind == "b":
            return {"true": True, "1": True, "false": False, "0": False}[word.lower()]
        if kind == "i":
            value, limits = int(word, 0), torch.iinfo(dtype)
            if not limits.min <= value <= limits.max:
                raise ValueError
            return value
        return complex(word.replace("i", "j").replace(" ", "")) if kind == "c" else float(word)
    except (ValueError, KeyError):
        pass
    wanted = {
        "b": "True or False",
        "c": "a complex number such as 1+2j",
        "f": "a number such as 0.5, -1e-3, nan or inf",
    }
    if kind == "i":
        limits = torch.iinfo(dtype)
        wanted["i"] = f"a whole number from {limits.min} to {limits.max}"
    raise ValueError(f"{text!r} cannot be written into {dtype}; type {wanted[kind]}")


def _kind(dtype: Any) -> str:
    if dtype == torch.bool:
        return "b"
    return "c" if dtype.is_complex else "f" if dtype.is_floating_point else "i"


def _digits(dtype: Any) -> int:
    """Significant decimal digits that tell two neighbouring numbers of the type apart."""
    if dtype.is_complex:
        return 16 if dtype == torch.complex128 else 8
    if not dtype.is_floating_point:
        return 17
    return {torch.float64: 16, torch.float32: 8}.get(dtype, 4)


def _version(tensor: Tensor) -> int | None:
    """None for an inference tensor, which has no counter."""
    return None if tensor.is_inference() else tensor._version


def _look(shape: tuple[int, ...], rows: int, columns: int, at: Sequence[int]) -> dict[str, Any]:
    """The dimensions shown and the slice, checked."""
    count = len(shape)
    if not at:
        at = (0,) * count
    if len(at) != count:
        raise ValueError(f"at needs one index for each of the {count} dimensions, not {len(at)}")
    for axis, (index, size) in enumerate(zip(at, shape)):
        if size and not 0 <= index < size:
            raise IndexError(f"at: dimension {axis} has the indices 0 to {size - 1}, not {index}")
    at = [int(index) for index in at]
    if count == 0:
        return {"rows": None, "columns": None, "at": []}
    if count == 1:
        return {"rows": None, "columns": 0, "at": at}
    chosen = {}
    for word, axis in (("rows", rows), ("columns", columns)):
        if not -count <= axis < count:
            raise IndexError(f"{word}={axis}: the tensor has the dimensions {-count} to {count - 1}")
        chosen[word] = axis % count
    if chosen["rows"] == chosen["columns"]:
        raise ValueError("rows and columns must be two different dimensions")
    return {**chosen, "at": at}


def _variable_name(tensor: Tensor | None) -> str | None:
    """The notebook's variable that holds this very tensor."""
    ipython = shell()
    if ipython is None:
        return None
    names = (name for name, value in ipython.user_ns.items() if value is tensor and not name.startswith("_"))
    return next(names, None)


def _refresher(view: TensorView) -> Any:
    """A call that does not keep the view alive."""
    reference = weakref.ref(view)

    def refresh() -> None:
        here = reference()
        if here is not None:
            here.refresh()

    return refresh
