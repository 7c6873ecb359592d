"""A program written as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any

import numpy as np

from ..core.mode import no_grad
from ..core.tensor import Tensor
from ..core.tree import tree_leaves
from ..jit.program import Call, Copy, Program, Slot, Step, Write, fills, reads
from ..jit.trace import ScriptFunction, ScriptModule
from ..jit.tracing import program_of
from ..nn import Module
from .operators import TRANSLATIONS

OPSET = 18


class OnnxExporterError(RuntimeError):
    """The model cannot be written; the message tells which operation is in the way."""


def _library() -> Any:
    try:
        import onnx
    except ImportError:
        raise ImportError(
            "torch.onnx.export writes models with the package onnx: pip install 'glasstorch[onnx]'"
        ) from None
    return onnx


class Writer:
    """Takes nodes and constants, gives names. What translations know of the program, they ask it."""

    def __init__(self, onnx: Any, names: Mapping[Slot, str]) -> None:
        self._onnx = onnx
        self.nodes_written: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._names = dict(names)
        self._slots: dict[str, Slot] = {name: slot for slot, name in names.items()}
        self._arrays: dict[str, np.ndarray] = {}
        self._where = ""
        self._kind = np.dtype(np.float32)  # of the step being written: for constants among its own nodes
        self._count = 0

    # ------------------------------------------------------------------ what is known
    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an argument."""
        return self._slots[name].shape

    def rank(self, name: str) -> int:
        """The number of dimensions of an argument."""
        return len(self.shape(name))

    def dtype(self, name: str) -> np.dtype:
        """The NumPy type of an argument."""
        return np.dtype(self._slots[name].dtype)

    def array(self, value: Any) -> np.ndarray:
        """The numbers of an argument that is constant."""
        if isinstance(value, str):
            if value not in self._arrays:
                self.refuse("an argument that must be constant here")
            return self._arrays[value]
        return np.asarray(value)

    def refuse(self, what: str) -> None:
        """Stop with an error that names the operation."""
        raise OnnxExporterError(f"{self._where}: {what} cannot be written as ONNX.")

    # ------------------------------------------------------------------ what is written
    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one result; its name."""
        return self.nodes(operator, 1, *inputs, **attributes)[0]

    def nodes(self, operator: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """A node with several results; their names."""
        outputs = [self._fresh(operator) for _ in range(count)]
        made = self._onnx.helper.make_node(operator, list(inputs), outputs, **attributes)
        made.doc_string = self._where
        self.nodes_written.append(made)
        return outputs

    def constant(self, value: Any, name: str = "") -> str:
        """An initializer; its name."""
        name = name or self._fresh("constant")
        self.constants[name] = np.asarray(value)
        return name

    def cast(self, name: str, dtype: np.dtype) -> str:
        """A value in another type."""
        return self.node("Cast", name, to=self._onnx.helper.np_dtype_to_tensor_dtype(dtype))

    def integers(self, values: Any) -> str:
        """An initializer of int64 numbers."""
        return self.constant(np.asarray(values, np.int64))

    def alike(self, *values: Any) -> list[str]:
        """Names, where Python numbers become constants in the type of the tensor beside them."""
        kind = next((self._type_of(v) for v in values if isinstance(v, str)), np.dtype(np.float32))
        return [v if isinstance(v, str) else self.constant(np.asarray(v, kind)) for v in values]

    def _type_of(self, name: str) -> np.dtype:
        return self.dtype(name) if name in self._slots else self._kind

    def _fresh(self, wish: str) -> str:
        self._count += 1
        return f"{wish.lower()}_{self._count}"

    # ------------------------------------------------------------------ the program's steps
    def given(self, slot: Slot, name: str, array: np.ndarray | None = None) -> None:
        """A slot that is there from the start."""
        self._names[slot], self._slots[name] = name, slot
        if array is not None:
            self._arrays[name] = array
            self.constant(array, name)

    def step(self, step: Step) -> None:
        """Write one step."""
        if isinstance(step, Copy):
            self._called(step.output, self._names[step.source])
            return
        if isinstance(step, Write):  # from here on the target is what was written into it
            self._called(step.target, self._names[step.values])
            return
        if not isinstance(step, Call) or step.op is None:
            raise OnnxExporterError(
                "The program writes into tensors or draws random numbers, which an ONNX model does not. Put the model "
                "into eval() mode first."
            )
        self._where = f"{step.module + ': ' if step.module else ''}{step.op.name}"
        translation = TRANSLATIONS.get(step.op.name)
        if translation is None:
            known = ", ".join(sorted(TRANSLATIONS))
            raise OnnxExporterError(
                f"{self._where} has no translation to ONNX here. Those that have one: {known}."
            )
        arguments = [self._argument(a, step.casts.get(k)) for k, a in enumerate(step.args)]
        self._kind = np.dtype(step.outputs[0].dtype)
        results = translation(self, *arguments)
        for slot, name in zip(step.outputs, [results] if isinstance(results, str) else results, strict=False):
            self._called(slot, name)

    def _called(self, slot: Slot, name: str) -> None:
        self._names[slot] = name
        self._slots.setdefault(name, slot)

    def _argument(self, value: Any, cast: Any) -> Any:
        if isinstance(value, Slot):
            name = self._names[value]
            if cast is None:
                return name
            made = self.cast(name, np.dtype(cast))
            self._slots[made] = Slot(value.number, value.shape, np.dtype(cast))
            return made
        if type(value) in (list, tuple) and any(isinstance(v, Slot) for v in value):
            return [self._argument(v, None) for v in value]
        return value

    def name(self, slot: Slot) -> str:
        """The name of a slot's value."""
        return self._names[slot]


def export(
    model: Any,
    args: Any = (),
    f: str | PathLike | IO[bytes] | None = None,
    *,
    kwargs: Mapping[str, Any] | None = None,
    export_params: bool = True,
    verbose: bool | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    opset_version: int | None = None,
    dynamo: bool = True,
    dynamic_axes: Any = None,
    dynamic_shapes: Any = None,
    **options: Any,
) -> Any:
    """Trace a model and write it as ONNX.

    Sizes are those of the example: programs have constant shapes. The model is traced in the mode it is in, so call
    ``model.eval()`` first; dropout and batch statistics are refused.

    Args:
        model: a module, a function, or what ``jit.trace`` returned. args, kwargs: its example arguments.
        f: a path or a binary file; None: only return the model.
        input_names, output_names: in order; those left out are called ``input_0``, ``output_0`` and so on.
        opset_version: 18 or later.
        export_params, verbose, dynamo, options: taken for PyTorch's sake.

    Returns:
        The ``onnx.ModelProto``.

    Raises:
        ImportError: the package onnx is not there.
        OnnxExporterError: an operation has no translation.
        ValueError: ``dynamic_axes`` or ``dynamic_shapes``, which are not offered; an opset before 18.

    Source: https://pytorch.org/docs/stable/onnx.html, https://onnx.ai/onnx/repo-docs/IR.html
    """
    onnx = _library()
    if dynamic_axes or dynamic_shapes:
        raise ValueError(
            "Programs have constant shapes: export once for each size, or without dynamic_axes and dynamic_shapes."
        )
    opset = OPSET if opset_version is None else opset_version
    if opset < OPSET:
        raise ValueError(f"opset_version must be {OPSET} or later, not {opset}")
    given = (args,) if isinstance(args, (Tensor, dict)) else tuple(args)
    program = _program(model, given, dict(kwargs or {}))
    made = _model(onnx, program, list(input_names or ()), list(output_names or ()), opset)
    onnx.checker.check_model(made, full_check=True)
    if f is not None:
        onnx.save(made, f)
    return made


def _program(model: Any, args: tuple, kwargs: dict) -> Program:
    original = model.original if isinstance(model, (ScriptFunction, ScriptModule)) else model
    if not isinstance(original, Module) and not callable(original):
        raise TypeError(f"export() takes a module or a function, not {type(model).__name__}")
    if not any(isinstance(v, Tensor) for v in tree_leaves((args, kwargs))):
        raise ValueError("export() needs example arguments: the model is run once with them.")
    known: dict[str, Tensor] = {}
    if isinstance(original, Module):
        known = {**dict(original.named_parameters()), **dict(original.named_buffers())}
    with no_grad():
        return program_of(original, known, args, kwargs)


def _model(onnx: Any, program: Program, inputs: list[str], outputs: list[str], opset: int) -> Any:
    inputs += [f"input_{k}" for k in range(len(inputs), len(program.inputs))]
    outputs += [f"output_{k}" for k in range(len(outputs), len(program.outputs))]
    writer = Writer(onnx, {})
    for slot, name in zip(program.inputs, inputs, strict=False):
        writer.given(slot, name)
    used = _used(program)
    for slot, tensor in program.captured:
        if slot in used:
            writer.given(slot, slot.title or f"captured_{slot.number}", tensor._a)
    for slot, array in program.constants:
        if slot in used:
            writer.given(slot, f"tensor_{slot.number}", array)
    for at, step in enumerate(program.steps):
        if isinstance(step, Write):
            _check_write(program, at, step)
        if isinstance(step, Write) or any(s in used for s in fills(step)):
            writer.step(step)
    for slot, name in zip(program.outputs, outputs, strict=False):
        writer.nodes_written.append(onnx.helper.make_node("Identity", [writer.name(slot)], [name]))

    def described(slot: Slot, name: str) -> Any:
        kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(slot.dtype))
        return onnx.helper.make_tensor_value_info(name, kind, list(slot.shape))

    graph = onnx.helper.make_graph(
        writer.nodes_written,
        "glasstorch",
        [described(s, n) for s, n in zip(program.inputs, inputs, strict=False)],
        [described(s, n) for s, n in zip(program.outputs, outputs, strict=False)],
        [onnx.numpy_helper.from_array(np.asarray(a, order="C"), n) for n, a in writer.constants.items()],
    )
    return onnx.helper.make_model(
        graph, producer_name="glasstorch", opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=9
    )


def _check_write(program: Program, at: int, step: Write) -> None:
    """A model has no memory: a write is a new name for its target, unless others see that memory."""
    begin = {*program.inputs, *(slot for slot, _ in program.captured)}
    group = program.aliases[step.target]
    shared = {s for s, g in program.aliases.items() if g == group and s is not step.target}
    later = {s for after in program.steps[at + 1 :] for s in reads(after)} | set(program.outputs)
    if step.target in begin or shared & (later | begin):
        raise OnnxExporterError(
            "The code writes into an input, a parameter, or a tensor of which it goes on to use a view; a model in "
            "ONNX cannot. Put the model into eval() mode, or write the result into a new tensor."
        )


def _used(program: Program) -> set[Slot]:
    """The slots that lead to a result."""
    used = set(program.outputs)
    for step in reversed(program.steps):
        if isinstance(step, Write) and step.target in used:
            used.add(step.values)
        elif any(s in used for s in fills(step)):
            used.update(reads(step))
    return used
