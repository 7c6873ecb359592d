"""A program as Python text: one line for each step, compiled once.

``print(traced.code)`` shows it. Results of element-wise operations go into buffers that every run uses again; two of
them share a buffer when the first is not needed any more. What leaves the program, and what its derivative wants, does
not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import dispatch
from ..core.derive import HOST, fixed
from ..core.help import remember_source
from ..core.inplace import CastNode, CopySlices, Overwritten
from ..core.node import Node, Parts, Port
from ..core.tensor import Tensor
from .program import Call, Copy, Program, Slot, Untraceable, Write, fills, reads, slots_in

_OF_WRITES = (CopySlices, Overwritten, CastNode)  # nodes that in-place writes put into the graph
_count = itertools.count(1).__next__


@dataclass(frozen=True)
class Forward:
    """``run(arrays, buffers)`` gives the results' arrays and the tuple of what ``saved`` names.

    Attributes:
        begin: slots of ``arrays``, in order. buffers: shape, type and order in memory of each.
    """

    run: Callable
    text: str
    begin: tuple[Slot, ...]
    buffers: tuple[tuple[tuple[int, ...], Any, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Backward:
    """``run(saved, gradients)`` gives the gradients of ``ends`` (or None), in order.

    Attributes:
        roots: which results have a gradient. saved: what the forward hands over: slots, or calls for what their
            forward keeps. ends: slots of the inputs and captured tensors that get a gradient.
    """

    run: Callable
    text: str
    roots: tuple[int, ...]
    saved: tuple[Slot | Call, ...]
    ends: tuple[Slot, ...]


class _Text:
    """Lines and the names that they use."""

    def __init__(self, head: str) -> None:
        self.lines = [head]
        self.scope: dict[str, Any] = {
            "np": np,
            "asarray": np.asarray,
            "Parts": Parts,
            "F": HOST,
            "fixed": fixed,
        }
        self._named: dict[int, str] = {}

    def add(self, line: str) -> None:
        self.lines.append("    " + line)

    def name(self, value: Any, wish: str) -> str:
        """A name for an object of the scope: `wish`, or with a number behind it when that is taken."""
        known = self._named.get(id(value))
        if known is None:
            known = wish if wish not in self.scope else f"{wish}_{len(self.scope)}"
            self.scope[known] = value
            self._named[id(value)] = known
        return known

    def value(self, value: Any) -> str:
        """An argument as text."""
        if isinstance(value, Slot):
            return repr(value)
        if type(value) is list:
            return f"[{', '.join(map(self.value, value))}]"
        if type(value) is tuple:
            return f"({''.join(self.value(v) + ', ' for v in value)})"
        if value is None or type(value) in (bool, int, str) or (type(value) is float and np.isfinite(value)):
            return repr(value)
        return self.name(value, f"constant_{len(self.scope)}")

    def compiled(self, what: str) -> tuple[Callable, str]:
        text = "\n".join(_with_ends(self.lines))
        filename = f"<glasstorch program {_count()}: {what}>"
        remember_source(filename, text)
        exec(compile(text, filename, "exec"), self.scope)
        return self.scope[what], text


_VARIABLE = re.compile(r"\b(?:[dsv]\d+|kept_\d+)\b")
_ASSIGNED = re.compile(r"    \(?((?:[dsv]\d+|kept_\d+)(?:, |,)?(?:[dsv]\d+|kept_\d+|, |,|\)| )*) = ")


def _with_ends(lines: list[str]) -> list[str]:
    """The lines, with each array let go of after the last one that uses it, so that its memory is there for others."""
    last: dict[str, int] = {}
    own: set[str] = set()
    for at, line in enumerate(lines):
        for name in _VARIABLE.findall(line):
            last[name] = at
        found = _ASSIGNED.match(line)
        if found and not line.endswith(("= arrays", "= saved")) and "out=buffers" not in line:
            own.update(_VARIABLE.findall(found[1]))
    ends: dict[int, list[str]] = {}
    for name, at in last.items():
        if name in own and at < len(lines) - 1:  # the last line returns
            ends.setdefault(at, []).append(name)
    out = []
    for at, line in enumerate(lines):
        out.append(line)
        if at in ends:
            out.append(f"    del {', '.join(ends[at])}")
    return out


def forward(program: Program, saved: Iterable[Slot | Call] = ()) -> Forward:
    """The steps that the results and `saved` need, as a function of arrays."""
    saved = tuple(saved)
    steps = _needed(program, saved)
    begin = (*program.inputs, *(slot for slot, _ in program.captured))
    buffers = _Buffers(program, steps, saved)
    text = _Text("def forward(arrays, buffers):")
    if begin:
        text.add(f"{', '.join(map(repr, begin))}, = arrays")
    for slot, array in program.constants:
        text.scope[repr(slot)] = array
    for step in steps:
        _write_step(text, step, buffers.of(step))
    results = "".join(f"{slot!r}, " for slot in program.outputs)
    kept = "".join(f"{_kept(s)}, " for s in saved)
    text.add(f"return ({results}), ({kept})")
    run, lines = text.compiled("forward")
    return Forward(run, lines, begin, tuple(buffers.made))


def _kept(what: Slot | Call) -> str:
    return repr(what) if isinstance(what, Slot) else f"kept_{what.outputs[0].number}"


def _needed(program: Program, saved: tuple) -> list:
    """The steps without those whose results nobody reads. Writes and effects always stay."""
    wanted = {*program.outputs, *(s for s in saved if isinstance(s, Slot))}
    calls = {id(s) for s in saved if isinstance(s, Call)}
    kept = []
    for step in reversed(program.steps):
        effect = isinstance(step, Write) or (isinstance(step, Call) and step.op is None)
        if effect or id(step) in calls or any(slot in wanted for slot in fills(step)):
            kept.append(step)
            wanted.update(reads(step))
    return kept[::-1]


def _write_step(text: _Text, step: Any, buffer: int | None) -> None:
    if isinstance(step, Write):
        text.add(f"{step.target!r}[...] = {step.values!r}")
        return
    if isinstance(step, Copy):
        text.add(f"{step.output!r} = {step.source!r}.copy()")
        return
    values = [_argument(text, step, k) for k in range(len(step.args))]
    targets = "".join(f"{s!r}, " for s in step.outputs)
    if step.op is None:
        call = f"{text.name(step.function, step.label)}({', '.join(values)})"
    elif step.half:
        rounded = text.name(dispatch._forward, "in_float32")
        call = f"{rounded}({text.name(step.op, step.label)}, np, [{', '.join(values)}])"
    elif buffer is not None:
        tensors = ", ".join(v for v, p in zip(values, step.op.params, strict=True) if p.kind)
        call = f"{text.name(_ufunc(step), step.op.ufunc)}({tensors}, out=buffers[{buffer}])"
    else:
        named = [
            f"{p.name}={v}" if p.keyword_only else v for p, v in zip(step.op.params, values, strict=True)
        ]
        call = f"{text.name(step.function, step.label)}(np, {', '.join(named)})"
    single = len(step.outputs) == 1 and (step.op is None or not step.op.several)
    targets = targets.rstrip(", ") if single else f"({targets})"
    if step.keeps:
        targets = f"{targets}, kept_{step.outputs[0].number}"
    if step.outputs:
        text.add(f"{targets} = {call}" + (f"  # {step.module}" if step.module else ""))
    else:
        text.add(call)
    for s in step.outputs:
        if not s.shape and step.op is not None and not step.op.view:
            text.add(f"{s!r} = asarray({s!r})")  # NumPy gives scalars for 0-d results


def _argument(text: _Text, call: Call, at: int) -> str:
    value, cast = call.args[at], call.casts.get(at)
    written = text.value(value)
    return written if cast is None else f"{written}.astype({text.name(cast, f'to_{cast}')})"


def _ufunc(call: Call) -> Any:
    return getattr(np, call.op.ufunc) if call.op is not None and call.op.ufunc else None


def _fits_a_buffer(call: Call) -> bool:
    """Is the call one ufunc whose result has its slot's type by itself?"""
    op = call.op
    if op is None or not op.ufunc or call.half or op.keeps or op.several or not call.outputs[0].shape:
        return False
    plain_defaults = all(p.kind or a is p.default for p, a in zip(op.params, call.args, strict=True))
    kinds = {np.dtype(call.casts.get(k, a.dtype)) for k, a in enumerate(call.args) if isinstance(a, Slot)}
    return plain_defaults and kinds == {call.outputs[0].dtype} and call.outputs[0].dtype.kind == "f"


class _Buffers:
    """Which call writes into which buffer."""

    def __init__(self, program: Program, steps: list, saved: tuple) -> None:
        self.made: list[tuple[tuple[int, ...], Any, tuple[int, ...]]] = []
        self._steps: dict[int, int] = {}
        group = program.aliases
        leaving = {group[s] for s in program.outputs}
        to_the_end = {group[s] for s in saved if isinstance(s, Slot)}
        to_the_end |= {
            group[a]
            for s in saved if isinstance(s, Call)
            for a in reads(s)
        }  # fmt: skip
        last: dict[int, int] = {}
        for at, step in enumerate(steps):
            for slot in (*reads(step), *fills(step)):
                last[group[slot]] = at
        free: dict[tuple, list[int]] = {}
        ending: dict[int, list[tuple[tuple, int]]] = {}
        for at, step in enumerate(steps):
            # A ufunc may write over an input of the same shape that it is the last to read.
            for key, buffer in ending.pop(at, ()):
                free.setdefault(key, []).append(buffer)
            if not isinstance(step, Call) or not _fits_a_buffer(step):
                continue
            out = step.outputs[0]
            if group[out] in leaving:
                continue
            key = (out.shape, out.dtype, out.order)
            if free.get(key):
                buffer = free[key].pop()
            else:
                buffer = len(self.made)
                self.made.append(key)
            self._steps[id(step)] = buffer
            if group[out] not in to_the_end:
                ending.setdefault(last[group[out]] + 1, []).append((key, buffer))

    def of(self, step: Any) -> int | None:
        return self._steps.get(id(step))


# ------------------------------------------------------------------ the derivative
def backward(
    program: Program, results: list[Tensor], leaves: list[Tensor], roots: tuple[int, ...]
) -> Backward | None:
    """The program's derivative, from the graph that the traced call has recorded; None when no result has one.

    Args:
        roots: the results that come out of the program with a gradient, by number.

    Raises:
        Untraceable: a node of the graph was recorded by something that is no operation, or has hooks.
    """
    walk = _Walk(program, leaves)
    if not roots:
        return None
    text = walk.text
    for number, k in enumerate(roots):
        text.add(f"g{number} = gradients[{number}]")
        walk.arrives(results[k]._node or results[k], f"g{number}")
    walk.nodes()
    ends = tuple(walk.ends)
    text.add(f"return ({''.join(f'{walk.ends[s]}, ' for s in ends)})")
    saved = tuple(walk.saved)
    if saved:
        text.lines.insert(1, f"    {', '.join(map(_kept, saved))}, = saved")
    run, lines = text.compiled("backward")
    return Backward(run, lines, roots, saved, ends)


def _check_plain(node: Node) -> None:
    """Raises Untraceable where the walk does more at this node than its formula."""
    x = node.extra
    if node.packed or (x is not None and (x.tensor_hooks or x.pre or x.post or x.retain is not None)):
        raise Untraceable(
            f"Hooks were set on what {node.name()} saves, on its gradient or on the gradient of its result "
            "(register_hook, retain_grad, checkpoint): a program has no such places."
        )
    v = node.versions
    if v is not None and any(v[k][0] != v[k + 1] for k in range(0, len(v), 2)):
        raise Untraceable(
            f"A value that {node.name()} saved was written over: its backward raises, and a program would not."
        )


def _stub(node: Node) -> Node:
    """A node with the same formula and nothing of the graph: its edges only tell which gradients are wanted."""
    stub = object.__new__(type(node))
    for name in getattr(type(node), "__slots__", ()) if type(node) in _OF_WRITES else ():
        if hasattr(node, name):
            setattr(stub, name, getattr(node, name))
    stub.edges = tuple(None if e is None else True for e in node.edges)
    return stub


class _Walk:
    """Writes the walk through the graph as text, in the order in which ``core.walk`` goes through it."""

    def __init__(self, program: Program, leaves: list[Tensor]) -> None:
        self.program = program
        self.text = _Text("def backward(saved, gradients):")
        self.saved: dict[Slot | Call, None] = {}
        self.ends: dict[Slot, str] = {}
        self._waiting: dict[Any, dict[int, str]] = {}  # by node: the name of the gradient of each output
        self._numbers = itertools.count()
        self._leaves: dict[int, Slot] = {}
        for slot, tensor in [*zip(program.inputs, leaves, strict=True), *program.captured]:
            self._leaves[id(tensor._node or tensor)] = slot

    def arrives(self, edge: Any, name: str) -> None:
        """A gradient flows into an edge."""
        if isinstance(edge, Port):
            _check_plain(edge)
        slot = self._leaves.get(id(edge))
        if slot is not None:
            self.ends[slot] = self._plus(self.ends.get(slot), name)
            return
        node, nr = (edge.edges[0], edge.nr) if isinstance(edge, Port) else (edge, 0)
        if isinstance(node, Tensor) or (node not in self.program.calls and type(node) not in _OF_WRITES):
            raise Untraceable(
                f"{getattr(node, 'name', lambda: 'A tensor')()} is part of the graph, but no operation of this call "
                "recorded it (a custom Function, for one). Such code runs eagerly only."
            )
        found = self._waiting.setdefault(node, {})
        found[nr] = self._plus(found.get(nr), name)

    def _plus(self, old: str | None, new: str) -> str:
        if old is None:
            return new
        name = f"s{next(self._numbers)}"
        self.text.add(f"{name} = {old} + {new}")
        return name

    def nodes(self) -> None:
        while self._waiting:
            node = max(self._waiting, key=lambda n: n._seq)
            self._node(node, self._waiting.pop(node))

    def _node(self, node: Node, gradients: dict[int, str]) -> None:
        _check_plain(node)
        if node not in self.program.calls:
            self._write(node, gradients[0])
            return
        call = self.program.calls[node]
        op = call.op
        assert op is not None
        saved = []
        for entry, value in zip(op.plan, node.saved or (), strict=True):
            saved.append(self._saved(call, entry, value))
        stub = _stub(node)
        g = gradients.get(0, "None")
        if op.several:
            g = f"Parts({{{', '.join(f'{k}: {v}' for k, v in gradients.items())}}})"
        number = next(self._numbers)
        name = self.text.name(stub, f"{op.name}_{call.outputs[0].number}")
        arguments = f"F, {g}, ({''.join(s + ', ' for s in saved)})"
        if node.fix is None:
            self.text.add(f"d{number} = {name}.run({arguments})")
        else:
            fix = self.text.name(node.fix, f"shapes_{call.outputs[0].number}")
            self.text.add(f"d{number} = fixed({name}, {arguments}, {fix})")
        self._onward(node, number)

    def _write(self, node: Node, g: str) -> None:
        """A node that an in-place write has put into the graph: it has no operation, and saves no values."""
        number = next(self._numbers)
        self.text.add(
            f"d{number} = {self.text.name(_stub(node), type(node).__name__.lower())}.run(F, {g}, ())"
        )
        self._onward(node, number)

    def _onward(self, node: Node, number: int) -> None:
        for k, edge in enumerate(node.edges):
            if edge is not None:
                self.arrives(edge, f"d{number}[{k}]")

    def _saved(self, call: Call, entry: Any, value: Any) -> str:
        """What the derivative asks for, as text: a slot, something kept, or a constant."""
        op = call.op
        assert op is not None
        if value is None:
            return "None"
        if entry.source in ("shape", "plain") or (
            entry.source == "tensor" and not list(slots_in(call.args[entry.index]))
        ):
            template = call.args[entry.index] if entry.source == "plain" else value
            for slot in slots_in(template):
                self._keep(slot)
            return self.text.value(template if entry.source != "shape" else value)
        if entry.source == "out":
            for slot in call.outputs:
                self._keep(slot)
            names = "".join(f"{s!r}, " for s in call.outputs)
            return f"({names})" if op.several else repr(call.outputs[0])
        if entry.source == "kept":
            self._keep(call)
            return f"{_kept(call)}[{entry.index}]"
        template = call.args[entry.index]
        for slot in slots_in(template):
            self._keep(slot)
        cast = call.casts.get(entry.index)
        written = self.text.value(template)
        return written if cast is None else f"{written}.astype({self.text.name(cast, f'to_{cast}')})"

    def _keep(self, what: Slot | Call) -> None:
        constants = dict(self.program.constants)
        if isinstance(what, Slot) and what in constants:
            self.text.scope[repr(what)] = constants[what]
        else:
            self.saved[what] = None
