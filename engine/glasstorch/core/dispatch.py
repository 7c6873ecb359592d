"""The general path: what calling an op means, for every kind of argument, device and mode.

In order: check the arguments, bring operand types together, run the forward on arrays, wrap the result,
record a node. ``fastpath`` does the same for the ordinary case.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..backends import determinism
from . import dtype as dt
from .mode import STATE, THREAD
from .node import Fix, Port
from .op import ARRAY, LIST, OPTIONAL, Op
from .outputs import check_cast, store
from .overrides import newcomers, overloaded, redirect
from .refusals import check_complex_half, check_kinds, explain_shapes, list_of_tensors, wrong_type
from .tensor import Extra, InferenceVersion, Tensor, wrap

HostArray = backends.HostArray
NUMBERS = (bool, int, float, complex, np.generic)


def general(op: Op, args: tuple, out: Tensor | None = None) -> Any:
    """Call an op with its arguments in the order of ``op.params``."""
    if STATE.overrides:
        relevant = overloaded((*args, out))
        if relevant or THREAD.function_modes:
            return redirect(op.function, op.params, args, relevant, out)
    if STATE.special:
        if THREAD.profiler is not None and not THREAD.profiler.times_it_already():
            return THREAD.profiler.op(op, args, out)
        if THREAD.autocast is not None and out is None:
            args = THREAD.autocast(op, args)
        if THREAD.levels:
            from .lanes import batched_call

            result = batched_call(op, args, out)
            if result is not None:
                return result
    try:
        flat, arrays, xp = _operands(op, args)
    except TypeError:
        relevant = newcomers(args)  # a type that is no tensor, yet has a __torch_function__
        if not relevant:
            raise
        return redirect(op.function, op.params, args, relevant, out)
    if op.check is not None:
        op.check(*args)
    if xp is not np:
        determinism.check(op.name, arrays[op.tensor_params[0]])
    if op.types is not None:
        _promote(op, args, flat, arrays, xp)
    if op.unsupported is not None:
        check_kinds(op, arrays)
    try:
        result = _forward(op, xp, arrays)
    except ValueError as error:
        explain_shapes(op, flat, error)
    kept: tuple = ()
    if op.keeps:
        result, kept = result
    single = not op.several
    outputs = [  # NumPy gives scalars where CuPy gives arrays; a transfer gives the other device's array
        wrap(xp.asarray(r) if isinstance(r, NUMBERS) else r) for r in ((result,) if single else result)
    ]
    if op.view:
        for k, o in enumerate(outputs):
            _as_view(op, args, flat[0], o, None if single else k)  # type: ignore[arg-type]
    if op.derivatives and THREAD.grad:
        rg = [t is not None and t._rg for t in flat]
        if True in rg:
            _record(op, args, flat, rg, arrays, outputs, kept)
    if STATE.special:
        if THREAD.inference and not op.view:
            for o in outputs:
                mark_inference(o)
        if STATE.recorder is not None:
            STATE.recorder.note(op, args, outputs)
    result = outputs[0] if single else op.result_type(*outputs) if op.result_type else tuple(outputs)
    return result if out is None else store(op.name, result, out, exact=op.types is None, inputs=flat)


def foreign_or_general(op: Op, args: tuple, out: None = None) -> Any:
    """``general`` for Python's operators: NotImplemented for a foreign operand, so that Python asks that one."""
    other = args[1]
    if op.name in ("eq", "ne") and isinstance(other, HostArray) and other.dtype in dt.dtype._of_numpy:
        return general(op, (args[0], wrap(other)))
    if isinstance(other, (Tensor, *NUMBERS)) or hasattr(type(other), "__torch_function__"):
        return general(op, args)
    return NotImplemented


def _operands(op: Op, args: tuple) -> tuple[list[Tensor | None], list[Any], Any]:
    """The tensor for each edge of the node (None for a number), the arguments as arrays, and the arrays' module."""
    arrays = list(args)
    flat: list[Tensor | None] = []
    host = True
    for i in op.tensor_params:
        v = args[i]
        if isinstance(v, Tensor) and op.params[i].kind != LIST:
            flat.append(v)
            a = arrays[i] = v._a
            host = host and a.__class__ is HostArray
            continue
        kind = op.params[i].kind
        if kind == LIST:
            arrays[i] = [t._a for t in list_of_tensors(op, i, v)]
            flat += v
            host = host and all(a.__class__ is HostArray for a in arrays[i])
        elif (v is None and kind == OPTIONAL) or (isinstance(v, NUMBERS) and op.params[i].name in op.numbers):
            flat.append(None)
        else:
            wrong_type(op, i, v, "Tensor", args)
    if op.types is not None and all(t is None for t in flat):
        wrong_type(op, op.tensor_params[0], args[op.tensor_params[0]], "Tensor", args)
    if host:
        return flat, arrays, np
    xp = _namespace(op, flat)
    for i in op.tensor_params:  # CuPy takes no 0-d array of NumPy's
        if arrays[i].__class__ is HostArray:
            arrays[i] = xp.asarray(arrays[i])
    return flat, arrays, xp


def mark_inference(t: Tensor) -> None:
    """A tensor made in inference mode has no version counter."""
    t._v = InferenceVersion()  # type: ignore[assignment]


def _forward(op: Op, xp: Any, arrays: list) -> Any:
    if op.wide:
        half = next((a.dtype for a in arrays if dt.is_half(a)), None)
        if half is not None:
            return _rounded(_computed(op, xp, [dt.in_float32(a) for a in arrays]), half, bool(op.keeps))
    return _computed(op, xp, arrays)


def _rounded(result: Any, half: Any, keeps: bool) -> Any:
    """Results that were computed in float32 back in half precision; values kept for the backward stay."""
    if keeps:
        return _rounded(result[0], half, False), result[1]
    if isinstance(result, tuple):
        return tuple(_rounded(r, half, False) for r in result)
    return result.astype(half) if result.dtype == np.float32 else result


def _computed(op: Op, xp: Any, arrays: list) -> Any:
    if not op.params[-1].keyword_only:
        return op.forward(xp, *arrays)
    named = {p.name: a for p, a in zip(op.params, arrays, strict=True) if p.keyword_only}
    return op.forward(xp, *arrays[: len(arrays) - len(named)], **named)


def _namespace(op: Op, flat: list) -> Any:
    """The array module all tensors share; RuntimeError naming who is where when they differ.

    A number, a 0-d tensor, may lie in host memory beside tensors on a GPU.
    """
    given = [t for t in flat if t is not None]
    home = next((t for t in given if t._a.__class__ is not HostArray), given[0])
    place = backends.place(home._a)
    for t in given:
        if backends.place(t._a) != place and (t._a.ndim or t._a.__class__ is not HostArray):
            lists = any(op.params[i].kind == LIST for i in op.tensor_params)
            names = [f"argument {k + 1}" if lists else f"'{op.params[i].name}'" for k, i in enumerate(
                range(len(flat)) if lists else op.tensor_params)]  # fmt: skip
            where = ", ".join(
                f"{n} is on {u.device}" for n, u in zip(names, flat, strict=True) if u is not None
            )
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, {home.device} and "
                f"{t.device}! In {op.name}(): {where}. Move them together with .to(device)."
            )
    return backends.namespace(home._a)


def result_type(operands: list) -> dt.dtype:
    """Promoted type of tensors and numbers together, by PyTorch's three groups."""
    groups: list[dt.dtype | None] = [None, None, None]
    for v in operands:
        if isinstance(v, Tensor):
            k, d = (0 if v._a.ndim else 1), v.dtype
        else:
            k, d = 2, dt.scalar_dtype(v)
        groups[k] = d if groups[k] is None else dt.promote_types(groups[k], d)  # type: ignore[arg-type]
    return dt.combine(*groups)


#: In half precision PyTorch rounds a number to the tensor's type before it computes with it, but not for these ops.
_NUMBERS_NOT_ROUNDED = ("mul", "true_divide", "floor_divide")


def _promote(op: Op, args: tuple, flat: list, arrays: list, xp: Any) -> None:
    """Bring the operands to one type, in place: tensors are cast, numbers stay numbers where they promote weakly."""
    where = [i for i in op.tensor_params if args[i] is not None]
    tensors = [t for t in flat if t is not None]
    target = tensors[0].dtype
    if len(tensors) < len(where) or any(t._a.dtype is not tensors[0]._a.dtype for t in tensors):
        target = result_type([args[i] for i in where])
    if op.types == "float" and target.category < dt.FLOATING:
        target = dt.get_default_dtype()
    if target is dt.complex32:
        check_complex_half(op, args)
    np_target = dt.numpy_dtype(target)
    for i in where:
        v = arrays[i]
        if isinstance(args[i], Tensor):
            if v.dtype is not np_target:
                v = v.astype(np_target, copy=False)
            arrays[i] = v
        else:
            v = v.item() if isinstance(v, np.generic) else v
            if v.__class__ is int and not -(2**63) <= v < 2**64:
                raise OverflowError("int too big to convert")
            weak = np_target.kind in "fc"  # of the package's types (bfloat16, complex32) NumPy knows less
            if np_target.itemsize == 2 and np_target.kind not in "iu":
                weak = op.name in _NUMBERS_NOT_ROUNDED
            # CuPy takes NumPy's scalars, but not its 0-d arrays
            arrays[i] = v if weak else np.asarray(v).astype(np_target)[() if xp is not np else ...]


def _as_view(op: Op, args: tuple, source: Tensor, out: Tensor, nr: int | None) -> None:
    """Tie a view to the tensor that owns the memory: shared version counter, and how to make the view again."""
    x = source._x
    out._v = source._v
    extra = out._ensure_extra()
    extra.base = source if x is None or x.base is None else x.base
    extra.replay = (op, args[1:], None if x is None or x.base is None else x.replay, nr)
    extra.no_grad = not THREAD.grad
    extra.base._ensure_extra().add_view(out)


def _record(
    op: Op, args: tuple, flat: list, rg: list[bool], arrays: list, outputs: list, kept: tuple
) -> None:
    made = [o._a.dtype.kind not in "biu" and k not in op.nondifferentiable for k, o in enumerate(outputs)]
    if True not in made:
        return
    single = not op.several
    edges = tuple((t._node or t) if r else None for t, r in zip(flat, rg, strict=True))
    wanted = _wanted(op, args, rg)
    saved: list[Any] = []
    versions: list[Any] = []
    for s in op.plan:
        value: Any = None
        if s.source == "plain":
            value = arrays[s.index]
        elif s.source == "shape":
            value = arrays[s.index]
            value = [a.shape for a in value] if isinstance(value, list) else getattr(value, "shape", ())
        elif any(u in wanted for u in s.users):
            value = (
                arrays[s.index] if s.source == "tensor"
                else kept[s.index] if s.source == "kept"
                else outputs[0]._a if single else tuple(o._a for o in outputs)
            )  # fmt: skip
        if s.source in ("tensor", "out"):
            owner = outputs[0] if s.source == "out" else args[s.index]
            versions += (
                (owner._v, owner._v[0]) if value is not None and isinstance(owner, Tensor) else (NEVER, 0)
            )
        saved.append(value)
    cls = op.node_class
    if op.node_classes:
        given = tuple(
            op.params[i].name for i in op.tensor_params if not isinstance(args[i], (Tensor, list, tuple))
        )
        cls = op.node_classes.get(given, cls)
    if THREAD.saved_hooks and saved:
        from .saved import opened, packed_values

        saved, versions, cls = packed_values(op, args, outputs, saved), [], opened(cls)
    node = cls(edges, tuple(saved), tuple(versions) or None, _fix(op, args, flat, arrays, outputs))
    if STATE.anomaly is not None:
        STATE.anomaly.note(node)
    if single:
        outputs[0]._node, outputs[0]._rg = node, True
    else:
        for k, o in enumerate(outputs):
            if made[k]:
                o._node, o._rg = Port(node, k), True


NEVER = [0]  # the version counter of a number: never changes


def _wanted(op: Op, args: tuple, rg: list[bool]) -> set[str]:
    """The tensor parameters (or lists of tensors) of which some tensor wants a gradient."""
    names = [op.params[i].name for i in op.tensor_params]
    if len(rg) == len(names):
        return {n for n, r in zip(names, rg, strict=True) if r}
    out, k = set(), 0
    for name, i in zip(names, op.tensor_params, strict=True):
        n = len(args[i]) if op.params[i].kind == LIST else 1
        if True in rg[k : k + n]:
            out.add(name)
        k += n
    return out


def _fix(op: Op, args: tuple, flat: list, arrays: list, outputs: list) -> Fix | None:
    # An output alone is complex when a number is: x * 1j
    parts = [t._a for t in (*flat, outputs[0]) if t is not None]
    conj = op.holomorphic and any(a.dtype.kind in "cW" for a in parts)
    # Formulas that are carried out in float32 for a lower type (as most are) give float32 gradients.
    low = [t is not None and t._a.dtype.itemsize == 2 and t.dtype.is_floating_point for t in flat]
    if op.types is None and not conj and True not in low:
        return None
    shape = outputs[0]._a.shape
    items: list[tuple | None] = []
    for k, t in enumerate(flat):
        a = None if t is None else t._a
        differs = a is not None and op.types is not None and (
            a.shape != shape or a.dtype is not arrays[op.tensor_params[k]].dtype
        )  # fmt: skip
        items.append((a.shape, a.dtype) if a is not None and (differs or conj or low[k]) else None)
    if not conj and not any(items):
        return None
    fix = Fix(items)
    fix.conj, fix.wide = conj, True in low
    return fix


__all__ = ["ARRAY", "Extra", "check_cast", "general", "result_type", "wrong_type"]
