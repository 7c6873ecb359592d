"""The op registry: one definition makes the function, the method, the in-place and ``out=`` forms.

An op is a class body read as a record::

    @op(types="promote")
    class mul:
        '''Multiply element by element.'''
        formula = r"x \\odot y"

        def forward(xp, input: Array, other: Array):
            return xp.multiply(input, other)

        def d_input(F, g, other):
            r"\\bar z \\odot y"
            return g * other

        def d_other(F, g, input):
            r"\\bar z \\odot x"
            return g * input

``forward`` works on arrays; ``xp`` is their module. The annotation says what a parameter is: ``Array`` (a
tensor; a number too where the op has ``types``, unless ``numbers`` names the parameters that may be one),
``Array | None``, ``Arrays`` (a list of tensors); all else is
passed as it is. ``d_<parameter>`` is the vector-Jacobian product for that parameter: ``g`` is the gradient
of the output, and **the names of its further parameters say what the forward saves**: an input, another
argument, ``out`` (the output), ``<input>_shape``, or a name in ``keeps`` (extra values that ``forward`` then
returns as a second tuple; they count as constants in higher derivatives). It is written once and runs on
arrays, with ``F`` their functions, or on tensors, when the gradient is itself differentiated. Its docstring
is the formula in LaTeX. Formulas are written for real numbers; for complex types the engine conjugates
around them (right for every holomorphic op), unless the op sets ``holomorphic = False``.

``node_names``: pairs of tensor parameters and a name for the graph's node when just those are numbers or None.
``frees = False``: what is kept is numbers only, so a graph may be walked through this node again.

``op()`` options: ``types`` says how operand types combine ("promote", "float": integers become the default
floating type, "compare": promote, result bool, None: taken as they are); ``view`` for ops whose output shares
memory; ``method``, ``inplace``, ``function``: which forms to make; ``name`` of the graph node; ``wide``: compute half
precision in float32 (so do all ops with "promote" or "float").
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .node import Node, saved_property

REGISTRY: dict[str, Op] = {}

ARRAY, OPTIONAL, LIST, PLAIN = "Array", "Array | None", "Arrays", ""


@dataclass(frozen=True)
class Param:
    """One parameter of an op: its name, kind (ARRAY, OPTIONAL, LIST or PLAIN) and default."""

    name: str
    kind: str
    default: Any = inspect.Parameter.empty
    keyword_only: bool = False

    empty = inspect.Parameter.empty


@dataclass(frozen=True)
class Saved:
    """One thing the forward saves, and for whom: worked out once from the names of the derivatives' parameters."""

    name: str
    source: str  # "tensor", "plain", "out", "kept" or "shape"
    index: int  # of the parameter (or of the kept value)
    users: tuple[str, ...]  # the parameters whose derivatives want it


@dataclass(eq=False)
class Op:
    """A registered operation. See the module's description for the meaning of each field."""

    name: str
    doc: str
    params: tuple[Param, ...]
    forward: Callable
    derivatives: dict[str, Callable]
    types: str | None = None
    numbers: tuple[str, ...] = ()  # the tensor parameters that may be Python numbers
    view: bool = False
    formula: str = ""
    label: str = ""  # what views call it; the name unless the op says otherwise
    keeps: tuple[str, ...] = ()
    holomorphic: bool = True
    nondifferentiable: tuple[int, ...] = ()
    result_type: Any = None  # named tuple class for several outputs
    ufunc: str | None = None
    in_fast_path: bool = True
    wide: bool = False  # half precision: computed in float32 and rounded once, as PyTorch's kernels do
    unsupported: tuple | None = None  # PyTorch's kernel (or words), the kinds it refuses, the error's class
    check: Callable | None = None  # looks at the arguments as they came, before types are brought together
    several: bool = False  # does the forward return several outputs?
    node_class: type[Node] = Node
    edge_order: tuple[int, ...] = ()  # PyTorch's order of the inputs, where it differs: hooks run in it
    node_classes: dict[tuple[str, ...], type[Node]] = field(default_factory=dict)  # see ``node_names``
    function: Callable = None  # type: ignore[assignment]
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what each derivative asks for
    plan: tuple[Saved, ...] = ()
    tensor_params: tuple[int, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(p.name for p in self.params)})>"

    @property
    def saves(self) -> tuple[str, ...]:
        """The names of what the forward saves, in order."""
        return tuple(s.name for s in self.plan)

    @property
    def derivative_formulas(self) -> dict[str, str]:
        """LaTeX of the vector-Jacobian product for each differentiable parameter."""
        return {k: (f.__doc__ or "").strip() for k, f in self.derivatives.items()}


def _params(forward: Callable) -> tuple[Param, ...]:
    out = []
    for p in list(inspect.signature(forward).parameters.values())[1:]:  # the first is xp
        kind = p.annotation if p.annotation in (ARRAY, OPTIONAL, LIST) else PLAIN
        out.append(Param(p.name, kind, p.default, p.kind is p.KEYWORD_ONLY))
    return tuple(out)


def _numbers(body: dict[str, Any], params: tuple[Param, ...], types: str | None) -> tuple[str, ...]:
    default = tuple(p.name for p in params if p.kind) if types else ()
    return tuple(body.get("numbers", default))


def _camel(name: str) -> str:
    return "".join(w[:1].upper() + w[1:] for w in name.strip("_").split("_"))


def _ufunc_forward(name: str, arity: int) -> Callable:
    if arity == 1:

        def forward(xp: Any, input: Array) -> Any:  # type: ignore[name-defined]
            return getattr(xp, name)(input)
    else:

        def forward(xp: Any, input: Array, other: Array) -> Any:  # type: ignore[name-defined, misc]
            return getattr(xp, name)(input, other)

    return forward


def define(cls: type, **options: Any) -> Op:
    """Read an op's class body into an ``Op`` and register it."""
    body = dict(vars(cls))
    name = cls.__name__.removesuffix("_op")
    derivatives = {k[2:]: v for k, v in body.items() if k.startswith("d_")}
    ufunc = body.get("ufunc")
    forward = body.get("forward") or _ufunc_forward(ufunc, body.get("arity", 1))  # type: ignore[arg-type]
    params = _params(forward)
    tensor_params = tuple(i for i, p in enumerate(params) if p.kind)
    needs = {k: tuple(inspect.signature(f).parameters)[2:] for k, f in derivatives.items()}
    new = Op(
        name=name, doc=inspect.cleandoc(cls.__doc__ or ""), params=params, forward=forward, derivatives=derivatives,
        types=options.get("types"), numbers=_numbers(body, params, options.get("types")),
        view=options.get("view", False), formula=body.get("formula", ""),
        label=body.get("label", name),
        keeps=tuple(body.get("keeps", ())), holomorphic=body.get("holomorphic", True),
        nondifferentiable=tuple(body.get("nondifferentiable", ())), result_type=body.get("result_type"), ufunc=ufunc,
        in_fast_path=options.get("fast", True), edge_order=body.get("edge_order", ()),
        wide=options.get("wide", options.get("types") in ("promote", "float")),
        check=body.get("check"), unsupported=body.get("unsupported"),
        several=body.get("several", "result_type" in body), needs=needs, tensor_params=tensor_params,
    )  # fmt: skip
    new.plan = tuple(_saved(new, s) for s in dict.fromkeys(n for names in needs.values() for n in names))
    node_name = options.get("name") or _camel(name) + "Backward0"
    new.node_class = type(node_name, (Node,), {"__slots__": (), "op": new, "__module__": "glasstorch.ops"})
    for given, other_name in body.get("node_names", ()):
        members = {"__slots__": (), "__module__": "glasstorch.ops"}
        new.node_classes[tuple(given.split())] = type(other_name, (new.node_class,), members)
    for s in new.plan:
        shown = {"input": "self", "out": "result"}.get(s.name, s.name)
        setattr(new.node_class, f"_saved_{shown}", saved_property(s.name))
    arrays = any(s.source in ("tensor", "out", "kept") for s in new.plan)
    new.node_class.frees = body.get("frees", arrays)
    REGISTRY[name] = new
    return new


def _saved(new: Op, name: str) -> Saved:
    users = tuple(k for k, names in new.needs.items() if name in names)
    index = {p.name: i for i, p in enumerate(new.params)}
    if name in index:
        return Saved(name, "tensor" if new.params[index[name]].kind else "plain", index[name], users)
    if name == "out":
        return Saved(name, "out", -1, users)
    if name in new.keeps:
        return Saved(name, "kept", new.keeps.index(name), users)
    if name.endswith("_shape") and name.removesuffix("_shape") in index:
        return Saved(name, "shape", index[name.removesuffix("_shape")], users)
    raise TypeError(
        f"op {new.name}: a derivative asks for {name!r}, which is no parameter, output or kept value"
    )


def op(cls: type | None = None, **options: Any) -> Any:
    """Class decorator that registers an op and gives back its public function."""
    if cls is None:
        return lambda c: op(c, **options)
    from . import forms

    new = define(cls, **options)
    return forms.make(new, options)
