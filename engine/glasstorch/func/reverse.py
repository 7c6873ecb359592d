"""Reverse mode: ``grad``, ``grad_and_value``, ``vjp``, ``jacrev``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from ..core.forms import FUNCTIONS
from ..core.lanes import batched, lowered
from ..core.mode import THREAD
from ..core.tensor import Tensor
from ..core.tree import tree_flatten, tree_map, tree_unflatten, treespec_pprint
from .levels import Transform, pull, seen_outside
from .vmap import vmap

ArgNums = int | tuple[int, ...]


# ---------------------------------------------------------------- which arguments
def argument_numbers(argnums: Any, n: int) -> ArgNums:
    """``argnums`` counted from the front; RuntimeError for what they cannot be."""
    if isinstance(argnums, tuple):
        if not argnums:
            raise RuntimeError("argnums must be non-empty")
        found = tuple(_argument_number(a, n) for a in argnums)
        if len(set(found)) != len(found):
            raise RuntimeError(f"argnums elements must be unique, got {found}")
        return found
    if not isinstance(argnums, int):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    return _argument_number(argnums, n)


def _argument_number(a: Any, n: int) -> int:
    if not isinstance(a, int):
        raise RuntimeError(f"argnum must be int, got: {type(a)}")
    if not -n <= a < n:
        raise RuntimeError(f"Got argnum={a}, but only {n} positional inputs")
    return a % n


def chosen(args: tuple, argnums: ArgNums) -> Any:
    """The arguments to differentiate with respect to: one, or a tuple of them."""
    return args[argnums] if isinstance(argnums, int) else tuple(args[a] for a in argnums)


def replaced(args: tuple, argnums: ArgNums, new: Any) -> tuple:
    """The arguments, with the chosen ones changed."""
    changes = {argnums: new} if isinstance(argnums, int) else dict(zip(argnums, new, strict=True))
    return tuple(changes.get(k, a) for k, a in enumerate(args))


def enter_tree(transform: Transform, tree: Any) -> Any:
    """The transform's aliases of all tensors in a tree."""

    def enter(x: Any) -> Tensor:
        if not isinstance(x, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
        return transform.enter(x)

    return tree_map(enter, tree)


def with_aux(result: Any, name: str) -> tuple[Any, Any]:
    """Split ``(output, aux)``."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise RuntimeError(
            f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return result


# ---------------------------------------------------------------- grad
def grad(func: Callable, argnums: ArgNums = 0, has_aux: bool = False) -> Callable:
    """The function that computes the gradient of ``func``, whose output is a single number.

    ``argnums``: which arguments to differentiate with respect to (one, or a tuple). With ``has_aux``, ``func`` returns
    ``(output, aux)`` and the result is ``(gradient, aux)``.
    Source: https://pytorch.org/docs/stable/generated/torch.func.grad.html
    """

    @functools.wraps(func, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        gradient, found = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (gradient, found[1]) if has_aux else gradient

    return wrapped


def grad_and_value(func: Callable, argnums: ArgNums = 0, has_aux: bool = False) -> Callable:
    """As ``grad``, with ``(gradient, output)`` for the result, or ``(gradient, (output, aux))``.

    Source: https://pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
    """

    @functools.wraps(func, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        name = "grad_and_value(f)(*args)"
        transform = Transform()
        with transform.run():
            where = argument_numbers(argnums, len(args))
            wanted = enter_tree(transform, chosen(args, where))
            output = func(*replaced(args, where, wanted), **kwargs)
            aux = None
            if has_aux:
                output, aux = with_aux(output, name)
            if not isinstance(output, Tensor):
                raise RuntimeError(f"{name}: Expected f(*args) to return a Tensor, got {type(output)}")
            if output.dim() != 0:
                raise RuntimeError(
                    f"{name}: Expected f(*args) to return a scalar Tensor, got tensor with {output.dim()} dims. Maybe "
                    "you wanted to use the vjp or jacrev APIs instead?"
                )
            if output.is_complex():
                raise RuntimeError(
                    f"grad can be implicitly created only for real scalar outputs but got {output.dtype!r}"
                )
        y = lowered(output, transform.levels)
        leaves, spec = tree_flatten(wanted)
        inputs = [lowered(t, transform.levels) for t in leaves]
        found = pull(
            [y], inputs, [FUNCTIONS["ones_like"](y.detach())], transform.recorded and seen_outside(y)
        )
        gradient = tree_unflatten([transform.leave(batched(g, transform.levels)) for g in found], spec)
        value = transform.leave(output)
        return gradient, (value, transform.leave(aux)) if has_aux else value

    return wrapped


# ---------------------------------------------------------------- vjp
def vjp(func: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """``(output, vjp_fn)``: the output of ``func(*primals)``, and the function that pulls cotangents back through it.

    ``vjp_fn(cotangents)`` takes a tree like the output and returns a tuple with a gradient for each of ``primals``.
    Source: https://pytorch.org/docs/stable/generated/torch.func.vjp.html
    """
    return vjp_of(func, primals, None, has_aux)


def vjp_of(func: Callable, primals: tuple, argnums: ArgNums | None, has_aux: bool) -> tuple:
    """``vjp`` with respect to some of the arguments."""
    transform = Transform()
    with transform.run():
        if argnums is None:
            wanted = args = enter_tree(transform, primals)
        else:
            where = argument_numbers(argnums, len(primals))
            wanted = enter_tree(transform, chosen(primals, where))
            args = replaced(primals, where, wanted)
        output, aux = func(*args), None
        if has_aux:
            output, aux = with_aux(output, "vjp(f, *primals)")
        outs, out_spec = tree_flatten(output)
        tensors_only(outs, "vjp(f, *primals)")
        for o in outs:
            if not (o.is_floating_point() or o.is_complex()):
                raise RuntimeError(
                    "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                    f"{o.dtype}"
                )
    levels = transform.levels
    wholes = [lowered(o, levels) for o in outs]
    leaves, in_spec = tree_flatten(wanted)
    inputs = [lowered(t, levels) for t in leaves]

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        flat, spec = tree_flatten(cotangents)
        if spec != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {treespec_pprint(spec)}, primal output: {treespec_pprint(out_spec)}"
            )
        seeds = [lowered(c, levels) for c in flat]
        recorded = THREAD.grad if create_graph is None else create_graph
        create = recorded and any(seen_outside(t) for t in (*wholes, *seeds))
        found = pull(wholes, inputs, seeds, create)
        outside = Transform()
        outside.levels, outside.recorded = levels, recorded
        return tree_unflatten([outside.leave(batched(g, levels)) for g in found], in_spec)

    result = transform.leave(output)
    return (result, vjp_fn, transform.leave(aux)) if has_aux else (result, vjp_fn)


def tensors_only(outputs: list, name: str) -> None:
    """RuntimeError when a function's outputs are not tensors, or there are none."""
    if not outputs or (len(outputs) == 1 and outputs[0] is None):
        raise RuntimeError(
            f"{name}: Expected f to be a function that has non-empty output (got output = {outputs})"
        )
    for o in outputs:
        if not isinstance(o, Tensor):
            raise RuntimeError(
                f"{name}: expected f(*primals) to return only tensors, got unsupported type {type(o)}"
            )


# ---------------------------------------------------------------- jacrev
def refuse_complex(name: str, tree: Any, is_input: bool) -> None:
    """RuntimeError: the Jacobian functions are for real numbers."""
    if any(isinstance(t, Tensor) and t.is_complex() for t in tree_flatten(tree)[0]):
        side = "inputs" if is_input else "outputs"
        raise RuntimeError(
            f"{name}: Expected all {side} to be real but received complex tensor at flattened input idx: "
            f"{next(k for k, t in enumerate(tree_flatten(tree)[0]) if isinstance(t, Tensor) and t.is_complex())}"
        )


def basis(tensors: list[Tensor], chunk_size: int | None) -> Iterator[list[Tensor]]:
    """The unit vectors of all tensors' elements together, as a batch of trees; ``chunk_size`` of them at a time."""
    total = sum(t.numel() for t in tensors)
    step = chunk_size or max(total, 1)
    for start in range(0, total, step):
        stop, rows = min(start + step, total), []
        first = 0
        for t in tensors:
            n = t.numel()
            part = FUNCTIONS["zeros"](stop - start, n, dtype=t.dtype, device=t.device)
            lo, hi = max(start, first), min(stop, first + n)
            if lo < hi:
                block = FUNCTIONS["eye"](hi - lo, dtype=t.dtype, device=t.device)
                part[lo - start : hi - start, lo - first : hi - first] = block
            rows.append(part.reshape(stop - start, *t.shape))
            first += n
        yield rows


def jacrev(
    func: Callable,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable:
    """The function that computes the Jacobian of ``func``, row by row (reverse mode), all rows at once.

    The result has the structure of the output, with a tensor of shape ``output.shape + input.shape`` (a tuple of them
    if ``argnums`` is one). ``chunk_size``: how many rows at once.
    Source: https://pytorch.org/docs/stable/generated/torch.func.jacrev.html
    """
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def wrapped(*args: Any) -> Any:
        refuse_complex("jacrev", args, True)
        output, vjp_fn, *aux = vjp_of(func, args, argnums, has_aux)
        outs, out_spec = tree_flatten(output)
        refuse_complex("jacrev", outs, False)
        leaves, in_spec = tree_flatten(chosen(args, argument_numbers(argnums, len(args))))
        rows: list[list[Tensor]] = []
        for part in basis(outs, chunk_size):
            if chunk_size == 1:  # one row at a time needs nothing of vmap
                found = vjp_fn(tree_unflatten([p.squeeze(0) for p in part], out_spec))
                rows.append([r.unsqueeze(0) for r in tree_flatten(found)[0]])
            else:
                rows.append(tree_flatten(vmap(vjp_fn)(tree_unflatten(part, out_spec)))[0])
        jacobian = assemble(rows, outs, leaves)
        result = tree_unflatten([tree_unflatten(row, in_spec) for row in jacobian], out_spec)
        return (result, aux[0]) if has_aux else result

    return wrapped


def assemble(rows: list[list[Tensor]], outs: list[Tensor], inputs: list[Tensor]) -> list[list[Tensor]]:
    """Rows of the Jacobian of all outputs' elements together, as one tensor for each output and input."""
    per_input = []
    for k, x in enumerate(inputs):
        columns = [chunk[k] for chunk in rows]
        if not columns:
            columns = [x.new_zeros((0, *x.shape))]
        whole = columns[0] if len(columns) == 1 else FUNCTIONS["cat"](columns, 0)
        pieces = whole.split([o.numel() for o in outs], 0)
        per_input.append([p.reshape(*o.shape, *x.shape) for p, o in zip(pieces, outs, strict=True)])
    return [list(row) for row in zip(*per_input, strict=True)]


__all__ = ["grad", "grad_and_value", "jacrev", "vjp"]
