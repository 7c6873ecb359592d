"""A program written as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any, NoReturn

import numpy as np

from ..core.mode import no_grad
from ..core.tensor import Tensor, wrap
from ..core.tree import tree_leaves
from ..jit.program import Call, Copy, Program, Slot, Step, Write, fills
from ..jit.trace import ScriptFunction, ScriptModule
from ..jit.tracing import program_of
from ..nn import Module
from . import layers, numeric, places
from .dynamic import SizeError, Sizes, made_dynamic
from .marks import marked_axes, resized
from .memory import Memory, used_slots
from .operators import TRANSLATIONS

OPSET = 18
TABLES = (layers, numeric, places)  # the further files of translations: importing them fills the table


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

    def __init__(self, onnx: Any, program: Program) -> None:
        self._onnx = onnx
        self._memory = Memory(program)
        self.nodes_written: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._names: dict[Slot, str] = {}
        self._slots: dict[str, Slot] = {}
        self._arrays: dict[str, np.ndarray] = {}
        self._where = ""
        self.kind = np.dtype(np.float32)  # of the step being written: for constants among its own nodes
        self.result: Slot = Slot(-1, (), self.kind)  # its (first) result
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

    def known(self, name: Any) -> np.ndarray | None:
        """The numbers of a slot that is constant, else None."""
        return self._arrays.get(name) if isinstance(name, str) else None

    def refuse(self, what: str) -> NoReturn:
        """Stop with an error that names the operation."""
        self.stop(f"{what} cannot be written as ONNX.")

    def stop(self, why: str) -> NoReturn:
        """Stop with an error that tells the module and the operation that were written last."""
        raise OnnxExporterError(f"{self._where + ': ' if self._where else ''}{why}")

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
        return self.dtype(name) if name in self._slots else self.kind

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
            self.called(step.output, self._names[step.source])
            return
        if isinstance(step, Write):
            self._memory.write(self, step)
            return
        if step.op is None:
            self.stop(
                "The program draws random numbers or updates statistics, which an ONNX model does not. Put the model "
                "into eval() mode first."
            )
        self.call(step)
        self._memory.saw(step)

    def call(self, step: Call) -> None:
        """Write one operation; again, where its input is another now."""
        assert step.op is not None
        self._where = f"{step.module + ': ' if step.module else ''}{step.op.name}"
        translation = TRANSLATIONS.get(step.op.name)
        if translation is None:
            line = (
                f" ({step.source.file}, line {step.source.line}: {step.source.text})" if step.source else ""
            )
            raise OnnxExporterError(
                f"{self._where} has no translation to ONNX here{line}. torch.onnx.supported_operations() lists those "
                "that have one; write this one with them."
            )
        arguments = [self._argument(a, step.casts.get(k)) for k, a in enumerate(step.args)]
        self.result = step.outputs[0]
        self.kind = np.dtype(self.result.dtype)
        results = translation(self, *arguments)
        for slot, name in zip(step.outputs, [results] if isinstance(results, str) else results, strict=False):
            self.called(slot, name)

    def called(self, slot: Slot, name: str) -> None:
        """From here on a slot's value has this name."""
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


class ONNXProgram:
    """A model in ONNX. ``model_proto`` is it as ``onnx.ModelProto``.

    Source: https://pytorch.org/docs/stable/onnx_export.html
    """

    def __init__(self, model_proto: Any) -> None:
        self.model_proto = model_proto
        self._session: Any = None

    def save(self, destination: str | PathLike | IO[bytes], **_: Any) -> None:
        """Write the model to a path or a binary file."""
        _library().save(self.model_proto, destination)

    def __call__(self, *args: Any, **kwargs: Any) -> list[Tensor]:
        """Run the model in ONNX Runtime (package onnxruntime) on tensors, in the order of its inputs."""
        if self._session is None:
            try:
                import onnxruntime  # type: ignore[import-untyped]
            except ImportError:
                raise ImportError("Running the model needs ONNX Runtime: pip install onnxruntime") from None
            self._session = onnxruntime.InferenceSession(
                self.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
            )
        tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        names = [i.name for i in self._session.get_inputs()]
        given = {n: t.detach().numpy() for n, t in zip(names, tensors, strict=True)}
        return [wrap(np.asarray(a)) for a in self._session.run(None, given)]

    def __repr__(self) -> str:
        graph = self.model_proto.graph
        inputs, outputs = ([v.name for v in values] for values in (graph.input, graph.output))
        return f"ONNXProgram({len(graph.node)} nodes, {', '.join(inputs)} -> {', '.join(outputs)})"


def export(
    model: Any,
    args: Any = (),
    f: str | PathLike | IO[bytes] | None = None,
    *,
    kwargs: Mapping[str, Any] | None = None,
    verbose: bool | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    opset_version: int | None = None,
    dynamo: bool = True,
    dynamic_axes: Any = None,
    dynamic_shapes: Any = None,
    export_params: bool = True,
    do_constant_folding: bool = True,
    **options: Any,
) -> ONNXProgram:
    """Watch a model once and write what it did as ONNX.

    The model is written in the mode it is in, so call ``model.eval()`` first; dropout and batch statistics are refused.
    Sizes are those of the example, but for those that ``dynamic_axes`` or ``dynamic_shapes`` name.

    Args:
        model: a module, a function, or what ``jit.trace`` returned. args, kwargs: its example arguments.
        f: a path or a binary file; None: only return the model.
        input_names, output_names: in order; those left out are called ``input_0``, ``output_0`` and so on.
        opset_version: 18 or later.
        dynamic_axes: for names of inputs, the axes whose size may differ: ``{"x": {0: "batch"}}`` or ``{"x": [0]}``.
            Axes of one name have one size. Names of outputs are passed over: their sizes follow.
        dynamic_shapes: the same by the names of arguments, or in their order: ``({0: "batch"}, None)``.
        export_params: False leaves the parameters out and makes them inputs.
        verbose, dynamo, do_constant_folding, options: taken for PyTorch's sake; there is one way.

    Returns:
        The model; ``model_proto`` of it is the ``onnx.ModelProto``, and calling it runs it in ONNX Runtime.

    Raises:
        ImportError: the package onnx is not there.
        OnnxExporterError: an operation has no translation, or a size marked as dynamic is built into the model.
        jit.Untraceable: the code did something that is no operation.
        ValueError: an opset before 18, a name that is no input.

    Source: https://pytorch.org/docs/stable/onnx.html, https://onnx.ai/onnx/repo-docs/IR.html
    """
    onnx = _library()
    opset = OPSET if opset_version is None else opset_version
    if opset < OPSET:
        raise ValueError(f"opset_version must be {OPSET} or later, not {opset}")
    given = (args,) if isinstance(args, (Tensor, dict)) else tuple(args)
    named = dict(kwargs or {})
    names = list(input_names or ())

    def make(call: tuple, keywords: dict) -> Any:
        program = _program(model, call, keywords)
        return _model(onnx, program, list(names), list(output_names or ()), opset, export_params)

    axes = marked_axes(model, (given, named), names, dynamic_axes, dynamic_shapes)
    if not axes:
        made = make(given, named)
    else:
        sizes, examples = Sizes(axes, _example_sizes(axes, (given, named))), (given, named)
        try:
            made = made_dynamic(onnx, sizes, lambda n: make(*resized(examples, axes, n)))
        except SizeError as error:
            raise OnnxExporterError(
                f"The model cannot have sizes {', '.join(axes)} that differ: {error}. Export it once for each size, or "
                "write that part with operations on tensors instead of numbers from shape."
            ) from None
    onnx.checker.check_model(made, full_check=True)
    result = ONNXProgram(made)
    if f is not None:
        result.save(f)
    return result


def _tensors(examples: tuple) -> list[Tensor]:
    return [t for t in tree_leaves(examples) if isinstance(t, Tensor)]


def _example_sizes(axes: Mapping[str, Sequence[tuple[int, int]]], examples: tuple) -> dict[str, int]:
    tensors = _tensors(examples)
    found = {}
    for name, pairs in axes.items():
        seen = {tensors[number].shape[axis] for number, axis in pairs}
        if len(seen) > 1:
            raise ValueError(
                f"The size {name!r} is several in the example: {sorted(seen)}. Give them other names."
            )
        found[name] = max(
            2, seen.pop()
        )  # of size 1, code may do what it does for no other (squeeze, broadcasting)
    return found


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


def _model(
    onnx: Any, program: Program, inputs: list[str], outputs: list[str], opset: int, with_parameters: bool
) -> Any:
    inputs += [f"input_{k}" for k in range(len(inputs), len(program.inputs))]
    outputs += [f"output_{k}" for k in range(len(outputs), len(program.outputs))]
    writer = Writer(onnx, program)
    for slot, name in zip(program.inputs, inputs, strict=False):
        writer.given(slot, name)
    used = used_slots(program)
    parameters = []
    for slot, tensor in program.captured:
        if slot in used:
            name = slot.title or f"captured_{slot.number}"
            writer.given(slot, name, tensor._a)
            if not with_parameters:
                parameters.append((slot, name))
                del writer.constants[name]
    for slot, array in program.constants:
        if slot in used:
            writer.given(slot, f"tensor_{slot.number}", array)
    for step in program.steps:
        if step.target in used if isinstance(step, Write) else any(s in used for s in fills(step)):
            writer.step(step)
        elif isinstance(step, Call) and step.op is None:
            writer.step(step)  # raises
    for slot, name in zip(program.outputs, outputs, strict=False):
        writer.nodes_written.append(onnx.helper.make_node("Identity", [writer.name(slot)], [name]))

    def described(slot: Slot, name: str) -> Any:
        kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(slot.dtype))
        return onnx.helper.make_tensor_value_info(name, kind, list(slot.shape))

    graph = onnx.helper.make_graph(
        writer.nodes_written,
        "glasstorch",
        [described(s, n) for s, n in (*zip(program.inputs, inputs, strict=False), *parameters)],
        [described(s, n) for s, n in zip(program.outputs, outputs, strict=False)],
        [onnx.numpy_helper.from_array(np.asarray(a, order="C"), n) for n, a in writer.constants.items()],
    )
    return onnx.helper.make_model(
        graph, producer_name="glasstorch", opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=9
    )
