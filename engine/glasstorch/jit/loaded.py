"""A module out of a file: its programs run operation by operation, and are traced anew as they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from ..core.dispatch import general
from ..core.op import REGISTRY
from ..core.tensor import Tensor
from ..nn import Module, Parameter
from .trace import _Kept


class Mark(NamedTuple):
    """A place to fill in: the tensor of a slot, or a result in the structure of all."""

    kind: str
    number: int


class LoadedModule(Module):
    """What ``jit.load`` gives: parameters, buffers and submodules of the saved names, and its programs.

    Args:
        name: of what was saved. tensors: parameters and buffers, by name.
        programs: see archive.py. training: the mode that it was saved in, which its programs keep.
    """

    def __init__(
        self,
        name: str,
        tensors: Mapping[str, Tensor],
        programs: list[dict],
        training: bool,
    ) -> None:
        super().__init__()
        self.original_name = name
        self.__dict__["_named"] = {}
        for path, tensor in tensors.items():
            *parents, last = path.split(".")
            owner: Module = self
            for parent in parents:
                if parent not in owner._modules:
                    owner.add_module(parent, Module())
                child = owner._modules[parent]
                assert child is not None
                owner = child
            if isinstance(tensor, Parameter):
                owner.register_parameter(last, tensor)
            else:
                owner.register_buffer(last, tensor)
            self._named[path] = owner, last
        self.__dict__["_stored"] = programs
        self.train(training)
        self.__dict__["_mode"] = training
        self.__dict__["_programs"] = _Kept(self._interpret, self._tensors, _no_reads)

    def _tensors(self) -> dict[str, Tensor]:
        return {**dict(self.named_parameters()), **dict(self.named_buffers())}

    def forward(self, *inputs: Tensor) -> Any:
        """Run the program for inputs of this kind."""
        if self.training is not self._mode:
            self._other_mode()
        for t in inputs:
            if not isinstance(t, Tensor):
                raise TypeError(f"A loaded program takes tensors, not {type(t).__name__}.")
        parts = tuple([(id(p), p._rg) for p in self.parameters()])
        return self._programs.run(inputs, {}, parts)

    def _other_mode(self) -> NoReturn:
        mine = "train()" if self._mode else "eval()"
        raise RuntimeError(
            f"The file has the programs of {mine}, and cannot make those of the other mode. Save the module in both."
        )

    def _interpret(self, *inputs: Tensor) -> Any:
        program = self._fitting(inputs)
        slots: dict[int, Tensor] = {i["slot"]: t for i, t in zip(program["inputs"], inputs, strict=True)}
        for slot, path in program["captured"]:
            owner, name = self._named[path]
            slots[slot] = getattr(owner, name)
        slots.update(program["constants"])
        for step in program["steps"]:
            if "op" in step:
                op = REGISTRY[step["op"]]
                args = [
                    _filled(a, slots) if p.kind else _filled_with_arrays(a, slots)
                    for p, a in zip(op.params, step["args"], strict=True)
                ]
                made = general(op, tuple(args))
                slots.update(zip(step["to"], made if op.several else (made,), strict=True))
            elif "copy" in step:
                slots[step["to"]] = slots[step["copy"]].clone()
            else:
                slots[step["into"]].copy_(slots[step["write"]])  # type: ignore[attr-defined]
        results = [slots[number] for number in program["results"]]
        for k in program["detached"]:
            results[k] = results[k].detach()
        return _filled(program["structure"], dict(enumerate(results)))

    def _fitting(self, inputs: tuple[Tensor, ...]) -> dict[str, Any]:
        given = [(tuple(t.shape), t.dtype.name) for t in inputs]
        for program in self._stored:
            if [(i["shape"], i["dtype"]) for i in program["inputs"]] == given:
                return program
        known = "; ".join(
            ", ".join(f"{i['dtype']} {list(i['shape'])}" for i in p["inputs"]) for p in self._stored
        )
        raise RuntimeError(
            f"The file has no program for inputs {', '.join(f'{d} {list(s)}' for s, d in given)}, only for {known}. "
            "Call the traced module with inputs of each kind before saving it."
        )

    def extra_repr(self) -> str:
        return f"original_name={self.original_name}"


def _no_reads(what: str) -> None:
    """No step of a file gives Python a number."""


def _filled(value: Any, slots: Mapping[int, Tensor]) -> Any:
    if isinstance(value, Mark):
        return slots[value.number]
    if type(value) in (list, tuple):
        return type(value)(_filled(v, slots) for v in value)
    if type(value) is dict:
        return {k: _filled(v, slots) for k, v in value.items()}
    return value


def _filled_with_arrays(value: Any, slots: Mapping[int, Tensor]) -> Any:
    """Indices and the like, which operations take as arrays."""
    if isinstance(value, Mark):
        return slots[value.number]._a
    if type(value) in (list, tuple):
        return type(value)(_filled_with_arrays(v, slots) for v in value)
    return value
