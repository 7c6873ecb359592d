"""Tensors as text, as PyTorch writes them, and ``set_printoptions``.

One notation is chosen for all numbers of a tensor: whole numbers (``1.``), a fixed number of digits (``1.5000``) or
scientific (``1.5000e+10``). All are padded to the widest. Tensors with more than ``threshold`` elements show only
``edgeitems`` at both ends of every dimension.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import backends
from .core import dtype as dt
from .core.forms import public
from .core.lanes import Lanes


@dataclass
class Options:
    """How tensors are written; see ``set_printoptions``."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = Options()
PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}


@public
def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors are printed. Source: https://pytorch.org/docs/stable/generated/torch.set_printoptions.html

    Args:
        precision: digits after the point (4).
        threshold: number of elements from which on tensors are summarised (1000).
        edgeitems: elements shown at each end of a summarised dimension (3).
        linewidth: characters in a line (80).
        profile: "default", "short" or "full"; the other arguments override it.
        sci_mode: always (True) or never (False) use scientific notation; None decides by the numbers, and every
            call that does not name it sets it back to None.
    """
    if profile is not None and profile in PROFILES:
        chosen = PROFILES[profile]
        OPTIONS.precision, OPTIONS.threshold = chosen.precision, chosen.threshold
        OPTIONS.edgeitems, OPTIONS.linewidth = chosen.edgeitems, chosen.linewidth
    if precision is not None:
        OPTIONS.precision = precision
    if threshold is not None:
        OPTIONS.threshold = threshold
    if edgeitems is not None:
        OPTIONS.edgeitems = edgeitems
    if linewidth is not None:
        OPTIONS.linewidth = linewidth
    OPTIONS.sci_mode = sci_mode


class NumberFormat:
    """The notation and width shared by all numbers of one tensor."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.floating = numbers.dtype.kind == "f"
        self.scientific, self.whole, self.width = False, True, 1
        if self.floating:
            self._choose(numbers.reshape(-1))
        elif numbers.size:
            self.width = max(len(str(v)) for v in numbers.reshape(-1).tolist())

    def _choose(self, numbers: np.ndarray) -> None:
        """Zeros, infinities and nan have no say in the choice, nor in the width."""
        told = numbers[np.isfinite(numbers) & (numbers != 0)]
        if told.size:
            sizes = np.abs(told)
            low, high = sizes.min(), sizes.max()
            self.whole = bool((np.ceil(told) == told).all())
            with np.errstate(over="ignore"):
                self.scientific = bool(high / low > 1000 or high > 1e8 or (not self.whole and low < 1e-4))
            if OPTIONS.sci_mode is not None:
                self.scientific = OPTIONS.sci_mode
            self.width = max(len(self._plain(v)) for v in told.tolist())

    def _plain(self, value: Any) -> str:
        if not self.floating:
            return str(value)
        if self.scientific:
            return f"{value:.{OPTIONS.precision}e}"
        if self.whole:
            return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
        return f"{value:.{OPTIONS.precision}f}"

    def __call__(self, value: Any) -> str:
        """One number, padded on the left."""
        return self._plain(value).rjust(self.width)


class ComplexFormat:
    """Real and imaginary parts, each in a notation of its own."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.real, self.imag = NumberFormat(numbers.real), NumberFormat(numbers.imag)
        self.width = self.real.width + self.imag.width + 1

    def __call__(self, value: complex) -> str:
        imag = self.imag(value.imag).lstrip() + "j"
        return self.real(value.real) + ("" if imag[0] in "+-" else "+") + imag


def _printable(a: Any) -> np.ndarray:
    """The elements on the CPU in a type that Python can format: floats as float64."""
    a = np.asarray(backends.move(a, "cpu", None))
    if a.dtype.kind in "cW":  # W: complex32
        return a.astype(np.complex128)
    return a if a.dtype.kind in "biu" else a.astype(np.float64)


def _cropped(a: Any) -> Any:
    """An array with at most one element beyond ``edgeitems`` from both ends of every dimension: it prints the same."""
    edge, xp = OPTIONS.edgeitems, backends.namespace(a)
    for d in range(a.ndim):
        if a.shape[d] > 2 * edge + 1:
            ends = (slice(edge + 1), slice(a.shape[d] - edge, a.shape[d]))
            a = xp.concatenate([a[(slice(None),) * d + (end,)] for end in ends], axis=d)
    return a


def _corners(a: np.ndarray) -> np.ndarray:
    """What a summary shows: ``edgeitems`` from both ends of every dimension."""
    edge = OPTIONS.edgeitems
    for d in range(a.ndim):
        if a.shape[d] > 2 * edge:
            keep = [*range(edge), *range(a.shape[d] - edge, a.shape[d])]
            a = a.take(keep, axis=d)
    return a


def _row(a: np.ndarray, indent: int, summarise: bool, form: Any) -> str:
    edge = OPTIONS.edgeitems
    if summarise and not edge:
        words = ["..."]
    elif summarise and a.size > 2 * edge:
        words = [*map(form, a[:edge].tolist()), " ...", *map(form, a[-edge:].tolist())]
    else:
        words = [form(v) for v in a.tolist()]
    per_line = max(1, int((OPTIONS.linewidth - indent) // (form.width + 2)))
    lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _block(a: np.ndarray, indent: int, summarise: bool, form: Any) -> str:
    """Nested brackets; one blank line more between the blocks of each further dimension."""
    if a.ndim == 0:
        return form(a.item())
    if a.ndim == 1:
        return _row(a, indent, summarise, form)
    edge = OPTIONS.edgeitems
    if summarise and a.shape[0] > 2 * edge:
        parts = [_block(x, indent + 1, summarise, form) for x in a[:edge]]
        parts += ["...", *(_block(x, indent + 1, summarise, form) for x in a[a.shape[0] - edge :])]
    else:
        parts = [_block(x, indent + 1, summarise, form) for x in a]
    return "[" + ("," + "\n" * (a.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _with_notes(text: str, notes: list[str], indent: int) -> str:
    """Add ``dtype=…`` and the like behind the numbers, on new lines where they do not fit."""
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if used + len(note) + 2 > OPTIONS.linewidth:
            text += ",\n" + " " * indent + note
            used = indent + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text + ")"


def _batched_repr(a: Lanes) -> str:
    """A tensor inside ``vmap``: all examples, wrapped once for each level."""
    text = tensor_repr(a.tensor)
    for level in a.levels:
        inner = text.replace("\n", "\n    ")
        text = f"BatchedTensor(lvl={level.depth}, bdim=0, value=\n    {inner}\n)"
    return text


def _numbers(numbers: Any, indent: int, kind: dt.dtype) -> str:
    """The numbers of a tensor in brackets."""
    summarise = numbers.size > OPTIONS.threshold
    a = _printable(_cropped(numbers) if summarise else numbers)
    shown = _corners(a) if summarise else a
    form = ComplexFormat(shown) if kind.is_complex else NumberFormat(shown)
    return _block(a, indent, summarise, form)


def tensor_repr(t: Any) -> str:
    """The text of ``repr(t)``."""
    if isinstance(t._a, Lanes):
        return _batched_repr(t._a)
    ours = (
        type(t).__module__.partition(".")[0] == __package__
    )  # but those that tell what they hold have a name
    name = "tensor(" if ours and not hasattr(type(t), "wrap") else f"{type(t).__name__}("
    default, kind, indent = dt.get_default_dtype(), t.dtype, len(name)
    notes = [] if t.device.type == "cpu" else [f"device='{t.device}'"]
    if t._a.size == 0:
        notes += [f"size={tuple(t._a.shape)}"] if t._a.ndim != 1 else []
        usual, body = kind is default, "[]"
    else:
        notes += [] if OPTIONS.edgeitems else [f"size={tuple(t._a.shape)}"]
        usual = kind in (default, default.to_complex(), dt.int64, dt.bool_)
        body = _numbers(t._a, indent, kind)
    if not usual:
        notes.append(f"dtype={kind!r}")
    if t.grad_fn is not None:
        notes.append(f"grad_fn=<{t.grad_fn.name().rpartition(':')[2]}>")
    elif t.requires_grad:
        notes.append("requires_grad=True")
    text = _with_notes(name + body, notes, indent)
    return f"Parameter({text})" if getattr(t, "_is_param", False) else text


def quantized_text(q: Any) -> str:
    """The text of a quantized tensor: the real numbers it stands for, and how they are kept."""
    name, real = "tensor(", q.dequantize()
    body = _numbers(real._a, len(name), real.dtype) if real._a.size else "[]"
    notes = [f"size={tuple(q.shape)}", f"dtype={q.dtype!r}", f"quantization_scheme={q.qscheme()!r}"]
    if q._axis is None:
        notes += [f"scale={q.q_scale()}", f"zero_point={q.q_zero_point()}"]
    else:
        notes += [f"scale={q._scale!r}", f"zero_point={q._zero_point!r}", f"axis={q._axis}"]
    return _with_notes(name + body, notes, len(name))
