"""``backward`` and ``grad``: what to differentiate, with respect to what, and the errors on the way in.

Reference: https://pytorch.org/docs/stable/notes/autograd.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .. import backends
from .frames import warn_once
from .lanes import Lanes, batched, levels_of, lowered, union
from .mode import STATE, THREAD
from .node import GradientEdge
from .tensor import Tensor, wrap
from .walk import Walk

#: Called with what a backward starts from, before it starts (autograd.graph.register_backward_start_hook).
STARTS: OrderedDict[int, Callable] = OrderedDict()


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    inputs: Any = None,
) -> None:
    """Add to ``.grad`` of every leaf (or of ``inputs``) the gradient of ``tensors`` weighted by ``grad_tensors``."""
    if THREAD.transforms:
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead or call backward() outside of functorch transforms."
        )
    if create_graph:
        warn_once(
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
            "gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid "
            "this; otherwise set the .grad of your parameters to None after use."
        )
    if STATE.recorder is not None:
        STATE.recorder.refuse("backward()")
    roots = _listed(tensors)
    gradients = _root_gradients(roots, grad_tensors, create_graph)
    only = None
    if inputs is not None:
        only = _listed(inputs)
        if not only:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    if STARTS:
        for hook in list(STARTS.values()):
            hook(tuple(roots))
    Walk(create_graph, keep).run(roots, gradients, only, accumulate=True)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple:
    """Gradients of ``outputs`` with respect to ``inputs``, returned as a tuple; nothing is added to ``.grad``.

    ``allow_unused``: None for an input that the outputs do not depend on, instead of an error;
    ``materialize_grads``: zeros for those. Source: https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
    """
    outs, wanted = _listed(outputs), _listed(inputs)
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    if not wanted:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return _batched(outs, wanted, _listed(grad_outputs), create_graph, allow_unused)
    if any(isinstance(t, Tensor) and t._a.__class__ is Lanes for t in (*outs, *wanted)):
        return _of_examples(outs, wanted, grad_outputs, keep, create_graph, allow_unused, materialize_grads)
    for t in wanted:
        if isinstance(t, Tensor) and not t._rg:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    on_tensors = create_graph or _in_lanes(grad_outputs)
    gradients = _root_gradients(outs, grad_outputs, on_tensors)
    found = Walk(on_tensors, keep, create_graph).run(outs, gradients, wanted, accumulate=False)
    unused = [k for k, f in enumerate(found) if f is None]
    if unused and not allow_unused:
        raise RuntimeError(
            f"The differentiated Tensor at index {unused[0]} appears to not have been used in the graph. "
            "Set allow_unused=True if this is the desired behavior."
        )
    if materialize_grads:
        found = [wrap(backends.namespace(t._a).zeros_like(t._a)) if f is None else f
                 for f, t in zip(found, wanted, strict=True)]  # fmt: skip
    return tuple(found)


def _in_lanes(gradients: Any) -> bool:
    """Is a gradient one of many, inside ``vmap``?"""
    return gradients is not None and any(
        isinstance(g, Tensor) and g._a.__class__ is Lanes for g in _listed(gradients)
    )


def _of_examples(
    outs: list, wanted: list, gradients: Any, keep: bool, create_graph: bool, unused: bool, materialize: bool
) -> tuple:
    """``grad`` inside ``vmap``: that of all examples together, of which none depends on another's inputs."""
    levels = union(levels_of(t) for t in (*outs, *wanted))
    seeds = (
        None if gradients is None else [None if g is None else lowered(g, levels) for g in _listed(gradients)]
    )
    wholes = [lowered(t, levels) for t in outs]
    if seeds is None and all(t._a.ndim == 0 for t in outs):
        seeds = [wrap(backends.namespace(t._a).ones_like(t._a)) for t in wholes]
    ends = [t._a.tensor if isinstance(t._a, Lanes) else t for t in wanted]
    found = grad(wholes, ends, seeds, keep, create_graph, allow_unused=unused, materialize_grads=materialize)
    return tuple(f if f is None else batched(f, levels_of(t)) for f, t in zip(found, wanted, strict=True))


def _batched(outs: list, wanted: list, gradients: list, create_graph: bool, allow_unused: bool) -> tuple:
    """One gradient for each slice of ``gradients`` along dimension 0, stacked: a ``vmap`` of the backward."""
    from ..func import vmap

    used: list[bool] = []

    def one(*slices: Tensor) -> tuple:
        found = grad(outs, wanted, slices, True, create_graph, allow_unused=allow_unused)
        used[:] = [f is not None for f in found]
        return tuple(f for f in found if f is not None)

    rows = iter(vmap(one)(*gradients))
    return tuple(next(rows) if u else None for u in used)


def _listed(x: Any) -> list:
    return (
        list(x)
        if (isinstance(x, (list, tuple)) and not isinstance(x, GradientEdge))
        or (not isinstance(x, (Tensor, tuple)) and hasattr(x, "__iter__"))
        else [x]
    )


def _root_gradients(roots: list, given: Any, create_graph: bool) -> list:
    givens = [None] * len(roots) if given is None else _listed(given)
    if len(givens) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(givens)} gradients")
    out = []
    for t, g in zip(roots, givens, strict=True):
        if isinstance(t, GradientEdge):
            if g is None:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            out.append(g if create_graph else g._a)
            continue
        if not isinstance(t, Tensor):
            raise TypeError(f"expected a Tensor to differentiate, got {type(t).__name__}")
        if not t._rg:
            raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if t._a.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if t.dtype.is_complex:
                raise RuntimeError(
                    f"grad can be implicitly created only for real scalar outputs but got {t.dtype!r}"
                )
            a = backends.namespace(t._a).ones_like(t._a)
            if STATE.recorder is not None:
                STATE.recorder.made(a)
            out.append(wrap(a) if create_graph else a)
            continue
        if not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
        if g._a.shape != t._a.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{len(out)}] has a shape of {g.shape!r} and output[{len(out)}] "
                f"has a shape of {t.shape!r}."
            )
        if g.dtype.is_complex != t.dtype.is_complex:
            raise RuntimeError(
                "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in "
                f"dtype: grad_output has a dtype of {g.dtype!r} and output has a dtype of {t.dtype!r}."
            )
        if create_graph:
            out.append(g if g.dtype is t.dtype else g.to(t.dtype))
        else:
            out.append(g._a.astype(t._a.dtype, copy=False))
    return out
