"""``torch.jit.save`` and ``load``: traced programs as files, which run without the code that they were made from.

A file is a ZIP archive: ``program.json`` says which operations are called with what, by name, and ``arrays/N`` holds
parameters, buffers and constants. Nothing in it is code: loading looks operations up in the engine's own table, and
neither unpickles nor compiles anything of the file. (PyTorch's TorchScript archives are another format.)
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import fields
from os import PathLike
from typing import IO, Any, cast

import numpy as np

from ..backends.resampling import AxisMap
from ..backends.windows import Geometry
from ..core import dtype as dt
from ..core.op import REGISTRY
from ..core.tensor import Tensor, wrap
from ..nn.parameter import Parameter
from ..ops.grid import Sampling
from ..ops.pool import Pooling
from .loaded import LoadedModule, Mark
from .program import Call, Copy, Program, Slot
from .results import Results
from .trace import ScriptFunction, ScriptModule

FORMAT, VERSION = "glasstorch.jit", 1
_RECORDS = {"Geometry": Geometry, "Pooling": Pooling, "Sampling": Sampling, "AxisMap": AxisMap}
_UNSAFE = ("as_strided",)  # a file could reach beyond a tensor's memory with it


class _Writer:
    """Programs as plain lists and dictionaries, and arrays by number."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self._numbers: dict[int, int] = {}

    def array(self, a: np.ndarray) -> dict[str, Any]:
        """An array's number, with its shape and type."""
        if id(a) not in self._numbers:
            self._numbers[id(a)] = len(self.arrays)
            self.arrays.append(a)
        return {
            "array": self._numbers[id(a)], "shape": list(a.shape), "dtype": _type_name(a.dtype)
        }  # fmt: skip

    def value(self, value: Any) -> Any:
        """An argument; RuntimeError for what has no form in a file."""
        if isinstance(value, _Result):
            return {"result": int(value)}
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, Slot):
            return {"slot": value.number}
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
            return self.value(value.item())
        if isinstance(value, (list, tuple)):
            return {"list" if isinstance(value, list) else "tuple": [self.value(v) for v in value]}
        if isinstance(value, dict) and all(isinstance(k, str) for k in value):
            return {"dict": [[k, self.value(v)] for k, v in value.items()]}
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, slice):
            return {"slice": [value.start, value.stop, value.step]}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, (dt.dtype, np.dtype)):
            return {"dtype": _type_name(value), "numpy": isinstance(value, np.dtype)}
        if isinstance(value, np.ndarray):
            return self.array(value)
        if type(value).__name__ in _RECORDS:
            kept = {f.name: self.value(getattr(value, f.name)) for f in fields(value)}
            return {"record": type(value).__name__, "fields": kept}
        raise RuntimeError(f"a {type(value).__name__}")

    def program(self, program: Program, results: Results, names: dict[int, str]) -> dict[str, Any]:
        """A program with the structure of its result. ``names``: of the tensors that the file keeps, by identity."""
        return {
            "inputs": [_kind(s) for s in program.inputs],
            "captured": [[s.number, names[id(t)]] for s, t in program.captured],
            "constants": [[s.number, self.array(a)] for s, a in program.constants],
            "steps": [self._step(step) for step in program.steps],
            "results": [s.number for s in program.outputs],
            "detached": sorted(results.detached),
            "structure": self.value(results.structure([_Result(k) for k in range(len(program.outputs))])),
        }

    def _step(self, step: Any) -> dict[str, Any]:
        if isinstance(step, Copy):
            return {"copy": step.source.number, "to": step.output.number}
        if not isinstance(step, Call):
            return {"write": step.values.number, "into": step.target.number}
        where = f"{step.module + ': ' if step.module else ''}{step.label}"
        if step.op is None:
            raise RuntimeError(
                f"{where}: a program that draws random numbers or updates statistics is not saved. Call eval() and "
                "then the module once, so that it has a program of that mode, or trace it in that mode."
            )
        if step.op.name in _UNSAFE or REGISTRY.get(step.op.name) is not step.op:
            raise RuntimeError(f"{where} is not saved in files.")
        try:
            args = [self.value(a) for a in step.args]
        except RuntimeError as what:
            raise RuntimeError(f"{where} has {what} among its arguments, which no file holds.") from None
        return {"op": step.op.name, "args": args, "to": [s.number for s in step.outputs]}


class _Result(int):
    """The place of a result in its structure."""


def _type_name(kind: Any) -> str:
    return (kind if isinstance(kind, dt.dtype) else dt.from_numpy_dtype(np.dtype(kind))).name


def _kind(slot: Slot) -> dict[str, Any]:
    return {"slot": slot.number, "shape": list(slot.shape), "dtype": _type_name(slot.dtype)}


# ------------------------------------------------------------------ saving
def save(m: Any, f: str | PathLike | IO[bytes], _extra_files: dict[str, Any] | None = None) -> None:
    """Write a traced function or module to a file that ``load`` runs without its code, also in another process.

    The file has the programs for all kinds of inputs that it has been called with in the mode it is in (``eval()``,
    for a model to be deployed), and all parameters and buffers. It is Glasstorch's own format.

    Args:
        m: what ``trace`` returned, called with tensors as positional arguments. f: a path or a binary file.
        _extra_files: more files to keep in it, by name: text or bytes.

    Raises:
        RuntimeError: nothing traced, or a program that draws random numbers, updates statistics or has an argument
            that no file holds.

    Source: https://pytorch.org/docs/stable/generated/torch.jit.save.html
    """
    if not isinstance(m, (ScriptModule, ScriptFunction, LoadedModule)):
        raise RuntimeError(
            f"jit.save() takes what torch.jit.trace returned, not {type(m).__name__}: only a traced program can run "
            "without its code. For the weights alone: torch.save(module.state_dict(), path)."
        )
    state = m.state_dict(keep_vars=True) if isinstance(m, (ScriptModule, LoadedModule)) else {}
    names = {id(t): name for name, t in state.items()}
    tensors: dict[str, Tensor] = dict(state)
    writer = _Writer()
    programs: list[dict[str, Any]] = []
    seen: set[str] = set()
    refused = None
    for key, runner, results in m._programs.kinds():
        modes = key[-1][0] if key[-1] else ()
        if isinstance(m, ScriptModule) and modes != tuple([part.training for part in m.original.modules()]):
            continue
        if not isinstance(key[0], int):
            refused = "A program whose arguments are no plain tensors is not saved."
            continue
        for _, t in runner.program.captured:
            if id(t) not in names:
                names[id(t)] = f"captured_{len(tensors)}"
                tensors[names[id(t)]] = t
        kind = json.dumps([_kind(s) for s in runner.program.inputs])
        if kind not in seen:  # under no_grad and with gradients it is one program
            seen.add(kind)
            programs.append(writer.program(runner.program, results, names))
    if not programs:
        raise RuntimeError(refused or "There is no program of the mode it is in: call it once, then save it.")
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": getattr(m, "__name__", None) or type(getattr(m, "original", m)).__name__,
        "training": bool(getattr(m, "training", False)),
        "tensors": [[n, writer.array(t._a), _is_parameter(m, t), t._rg] for n, t in tensors.items()],
        "programs": programs,
    }
    with zipfile.ZipFile(cast(Any, f), "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("program.json", json.dumps(content))
        for k, a in enumerate(writer.arrays):
            archive.writestr(f"arrays/{k}", np.ascontiguousarray(a).tobytes())
        for name, text in (_extra_files or {}).items():
            archive.writestr(f"extra/{name}", text)


def _is_parameter(m: Any, tensor: Tensor) -> bool:
    return isinstance(tensor, Tensor) and (
        tensor._rg if not hasattr(m, "parameters") else any(p is tensor for p in m.parameters())
    )


# ------------------------------------------------------------------ loading
def load(
    f: str | PathLike | IO[bytes], map_location: Any = None, _extra_files: dict[str, Any] | None = None
) -> LoadedModule:
    """A module that runs the programs of a file from ``save``, with its parameters and buffers.

    It is called like what was saved, with inputs of the shapes and types of a program in the file. Its code is not
    needed, and nothing in the file is run: operations are looked up by name.

    Args:
        f: a path or a binary file. map_location: "cpu" or None.
        _extra_files: filled with the contents of the files of these names, as bytes.

    Raises:
        RuntimeError: the file is a TorchScript archive or something else, or of a newer version.

    Source: https://pytorch.org/docs/stable/generated/torch.jit.load.html
    """
    if map_location is not None and str(map_location) != "cpu":
        raise RuntimeError(f"Programs run on the CPU: map_location is 'cpu' or None, not {map_location!r}.")
    source = f if isinstance(f, (str, PathLike)) else io.BytesIO(f.read())
    try:
        archive = zipfile.ZipFile(source)
    except zipfile.BadZipFile:
        raise RuntimeError("The file is no archive of jit.save().") from None
    with archive:
        names = archive.namelist()
        if "program.json" not in names:
            if any(n.endswith("/constants.pkl") or "/code/" in n for n in names):
                raise RuntimeError(
                    "TorchScript archives hold programs of their own, which Glasstorch cannot run. Ask for the weights "
                    "alone: in PyTorch, torch.save(torch.jit.load(path).state_dict(), other_path)."
                )
            raise RuntimeError(
                "The file is no archive of jit.save(). torch.load() reads those of torch.save()."
            )
        content = json.loads(archive.read("program.json"))
        if content.get("format") != FORMAT or content.get("version") != VERSION:
            raise RuntimeError(
                f"The file has format {content.get('format')!r}, version {content.get('version')!r}; this Glasstorch "
                f"reads {FORMAT!r}, version {VERSION}."
            )
        for name in _extra_files or {}:
            _extra_files[name] = archive.read(f"extra/{name}")  # type: ignore[index]
        return _Reader(archive).module(content)


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._arrays: dict[int, np.ndarray] = {}

    def module(self, content: dict[str, Any]) -> LoadedModule:
        """The module that a file describes."""
        tensors: dict[str, Tensor] = {}
        parts: dict[int, Tensor] = {}  # of tied weights there is one
        for name, described, is_parameter, requires_grad in content["tensors"]:
            if described["array"] not in parts:
                t = wrap(self.array(described))
                parts[described["array"]] = (
                    Parameter(t, requires_grad) if is_parameter else t.requires_grad_(requires_grad)
                )
            tensors[name] = parts[described["array"]]
        programs = [self._program(p) for p in content["programs"]]
        return LoadedModule(content["name"], tensors, programs, content["training"])

    def _program(self, p: dict[str, Any]) -> dict[str, Any]:
        for step in p["steps"]:
            if "op" in step:
                if step["op"] not in REGISTRY or step["op"] in _UNSAFE:
                    raise RuntimeError(f"The file wants an operation {step['op']!r}, which there is not.")
                step["args"] = [self.value(a) for a in step["args"]]
        constants = {slot: wrap(self.array(a)) for slot, a in p["constants"]}
        inputs = [{**i, "shape": tuple(i["shape"])} for i in p["inputs"]]
        return {**p, "inputs": inputs, "constants": constants, "structure": self.value(p["structure"])}

    def array(self, described: dict[str, Any]) -> np.ndarray:
        """An array of the file; one for each number."""
        number = described["array"]
        if number not in self._arrays:
            kind = dt.numpy_dtype(_type_of(described["dtype"]))
            data = bytearray(self._archive.read(f"arrays/{int(number)}"))
            self._arrays[number] = np.frombuffer(data, kind).reshape(described["shape"])
        return self._arrays[number]

    def value(self, v: Any) -> Any:
        """An argument again. Slots and results stay marks, for the module to fill in."""
        if not isinstance(v, dict):
            return v
        ((kind, of), *_) = v.items()
        if kind in ("slot", "result"):
            return Mark(kind, of)
        if kind in ("list", "tuple"):
            return (list if kind == "list" else tuple)(self.value(x) for x in of)
        if kind == "dict":
            return {k: self.value(x) for k, x in of}
        if kind == "float":
            return float(of)
        if kind == "complex":
            return complex(*of)
        if kind == "slice":
            return slice(*of)
        if kind == "ellipsis":
            return ...
        if kind == "dtype":
            found = _type_of(of)
            return dt.numpy_dtype(found) if v["numpy"] else found
        if kind == "array":
            return self.array(v)
        if kind == "record" and of in _RECORDS:
            return _RECORDS[of](**{k: self.value(x) for k, x in v["fields"].items()})
        raise RuntimeError(f"The file has a value of unknown kind {kind!r}.")


def _type_of(name: str) -> dt.dtype:
    found = next((d for d in vars(dt).values() if isinstance(d, dt.dtype) and d.name == name), None)
    if found is None:
        raise RuntimeError(f"The file has numbers of an unknown type {name!r}.")
    return found
