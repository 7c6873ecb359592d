"""Forward mode: ``jvp``, ``jacfwd``, ``hessian``, ``linearize``.

A Jacobian-vector product is computed from two vector-Jacobian products: v -> vjp(v) is linear, and the derivative of a
linear function is the function itself, so its own vjp, J v, is what forward mode would compute. Every derivative
formula thus serves both directions. What a function computes under ``no_grad`` counts as constant.
Source: https://j-towns.github.io/2017/06/12/A-new-trick.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..core.backward import grad as gradient
from ..core.forms import FUNCTIONS
from ..core.lanes import batched, lowered
from ..core.mode import THREAD, set_thread
from ..core.tensor import Tensor
from ..core.tree import tree_flatten, tree_unflatten
from .levels import Transform, seen_outside
from .reverse import (
    ArgNums,
    argument_numbers,
    assemble,
    basis,
    chosen,
    enter_tree,
    jacrev,
    refuse_complex,
    replaced,
    tensors_only,
    with_aux,
)
from .vmap import vmap

NAME = "jvp(f, primals, tangents)"


class Pushforward:
    """The linear map from tangents of a function's inputs to tangents of its outputs, at one point."""

    def __init__(self, outputs: list[Tensor], inputs: list[Tensor]) -> None:
        self.outputs, self.inputs = outputs, inputs
        self.live = [o._rg for o in outputs]
        seeds = Transform()  # its aliases stand for the cotangents
        seeds.levels = ()
        self.cotangents = [seeds.enter(o.detach() * 0) for o in outputs if o._rg]
        self.pulled: list[Tensor | None] = [None] * len(inputs)
        if self.cotangents:
            live = [o for o in outputs if o._rg]
            old, THREAD.forward = THREAD.forward, True
            grad_was = set_thread("grad", True)
            try:
                self.pulled = list(gradient(live, inputs, self.cotangents, True, True, allow_unused=True))
            finally:
                set_thread("grad", grad_was)
                THREAD.forward = old

    def __call__(self, tangents: list[Tensor], create_graph: bool) -> list[Tensor | None]:
        """The outputs' tangents; None for those that do not depend on the inputs."""
        pairs = [(p, t) for p, t in zip(self.pulled, tangents, strict=True) if p is not None and p._rg]
        found: Any = [None] * len(self.cotangents)
        if pairs:
            found = gradient([p for p, _ in pairs], self.cotangents, [t for _, t in pairs], True, create_graph,
                             allow_unused=True)  # fmt: skip
        it = iter(found)
        return [next(it) if live else None for live in self.live]


class _Linearized:
    """``func`` at one point: its output, and its pushforward for tangents as the caller has them."""

    def __init__(
        self, func: Callable, args: tuple, argnums: ArgNums | None, has_aux: bool, name: str
    ) -> None:
        self.transform = transform = Transform()
        with transform.run():
            if argnums is None:
                wanted = entered = enter_tree(transform, args)
            else:
                where = argument_numbers(argnums, len(args))
                wanted = enter_tree(transform, chosen(args, where))
                entered = replaced(args, where, wanted)
            output, aux = func(*entered), None
            if has_aux:
                output, aux = with_aux(output, name)
            outs, self.spec = tree_flatten(output)
            tensors_only(outs, name)
        levels = transform.levels
        self.wholes = [lowered(o, levels) for o in outs]
        leaves = tree_flatten(wanted)[0]
        self.push = Pushforward(self.wholes, [lowered(t, levels) for t in leaves])
        self.outputs = [transform.leave(o) for o in outs]
        self.aux = transform.leave(aux)

    def tangents(self, given: list[Tensor]) -> list[Tensor | None]:
        levels, recorded = self.transform.levels, THREAD.grad
        seeds = [lowered(t, levels) for t in given]
        create = recorded and any(seen_outside(t) for t in (*self.wholes, *seeds))
        outside = Transform()
        outside.levels, outside.recorded = levels, recorded
        return [t if t is None else outside.leave(batched(t, levels)) for t in self.push(seeds, create)]


def jvp(func: Callable, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> tuple:
    """``(output, tangent)``: ``func(*primals)``, and its derivative in the direction of ``tangents``.

    Source: https://pytorch.org/docs/stable/generated/torch.func.jvp.html
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{NAME}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    return _jvp_of(func, primals, primals, tangents, None, strict, has_aux)


def _jvp_of(
    func: Callable, args: tuple, wanted: Any, tangents: Any, argnums: Any, strict: bool, has_aux: bool
) -> tuple:
    leaves, spec = tree_flatten(wanted)
    given, tangent_spec = tree_flatten(tangents)
    if spec != tangent_spec:
        raise RuntimeError(
            f"{NAME}: Expected primals and tangents to have the same python structure. For example, if primals is a "
            f"tuple of 3 tensors, tangents also must be. Got primals with structure {spec} and tangents with structure "
            f"{tangent_spec}"
        )
    for values, what in ((leaves, "primals"), (given, "tangents")):
        if not values:
            raise RuntimeError(f"{NAME}: Expected {what} to contain at least one Tensor.")
        for v in values:
            if not isinstance(v, Tensor):
                raise RuntimeError(f"{NAME}: Expected {what} to only contain Tensors, got {type(v)}")
    for x, t in zip(leaves, given, strict=True):
        check_tangent(x, t)
    at = _Linearized(func, args, argnums, has_aux, NAME)
    found = at.tangents(given)
    if strict and any(t is None for t in found):
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not allowed "
            "with strict=True."
        )
    done = [FUNCTIONS["zeros_like"](o) if t is None else t for o, t in zip(at.outputs, found, strict=True)]
    result = (tree_unflatten(at.outputs, at.spec), tree_unflatten(done, at.spec))
    return (*result, at.aux) if has_aux else result


def check_tangent(primal: Tensor, tangent: Tensor) -> None:
    """RuntimeError when a tangent cannot belong to its tensor."""
    if primal.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(primal.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )


def jacfwd(
    func: Callable,
    argnums: ArgNums = 0,
    has_aux: bool = False,
    *,
    chunk_size: int | None = None,
    randomness: str = "error",
) -> Callable:
    """The function that computes the Jacobian of ``func``, column by column (forward mode), all columns at once.

    The result is as that of ``jacrev``. Source: https://pytorch.org/docs/stable/generated/torch.func.jacfwd.html
    """
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacfwd: `chunk_size` should be greater than 0.")

    @functools.wraps(func, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def wrapped(*args: Any) -> Any:
        refuse_complex("jacfwd", args, True)
        where = argument_numbers(argnums, len(args))
        leaves, in_spec = tree_flatten(chosen(args, where))
        at = _Linearized(func, args, where, has_aux, NAME)
        refuse_complex("jacfwd", at.outputs, False)

        def push(tangents: list[Tensor]) -> list[Tensor]:
            found = at.tangents(tangents)
            return [
                FUNCTIONS["zeros_like"](o) if t is None else t for o, t in zip(at.outputs, found, strict=True)
            ]

        columns = [vmap(push, randomness=randomness)(part) for part in basis(leaves, chunk_size)]
        by_input = assemble(
            columns, leaves, at.outputs
        )  # the transposed Jacobian: an input's elements come first
        result = []
        for k, o in enumerate(at.outputs):
            row = []
            for n, x in enumerate(leaves):
                j = by_input[n][k]
                row.append(j.permute(*range(x.dim(), x.dim() + o.dim()), *range(x.dim())))
            result.append(tree_unflatten(row, in_spec))
        done = tree_unflatten(result, at.spec)
        return (done, at.aux) if has_aux else done

    return wrapped


def hessian(func: Callable, argnums: ArgNums = 0) -> Callable:
    """The function that computes the Hessian of ``func``: forward mode over reverse mode.

    Source: https://pytorch.org/docs/stable/generated/torch.func.hessian.html
    """
    return jacfwd(jacrev(func, argnums), argnums)


def linearize(func: Callable, *primals: Any) -> tuple[Any, Callable]:
    """``(output, jvp_fn)``: ``func(*primals)``, and its linear approximation there, to be used for many tangents.

    Source: https://pytorch.org/docs/stable/generated/torch.func.linearize.html
    """
    leaves, spec = tree_flatten(primals)
    at = _Linearized(func, primals, None, False, "linearize(f, *primals)")

    def jvp_fn(*tangents: Any) -> Any:
        given, tangent_spec = tree_flatten(tangents)
        if tangent_spec != spec:
            raise RuntimeError(
                f"Expected the tangents {tangent_spec} to have the same argspec as the primals {spec}"
            )
        for k, (x, t) in enumerate(zip(leaves, given, strict=True)):
            for what in ("shape", "device", "dtype"):
                have, want = getattr(t, what), getattr(x, what)
                if have != want:
                    raise RuntimeError(
                        f"tangent:{k} with {what} {have} in flattened pytree doesn't match the {what} {want} of the "
                        "corresponding primal."
                    )
        found = at.tangents(given)
        done = [
            FUNCTIONS["zeros_like"](o) if t is None else t for o, t in zip(at.outputs, found, strict=True)
        ]
        return tree_unflatten(done, at.spec)

    return tree_unflatten(at.outputs, at.spec), jvp_fn
