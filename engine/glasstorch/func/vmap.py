"""``vmap``: a function written for one example, run for many at once.

Inside, tensors stand for all examples (see ``core/lanes.py``). Where the function asks for plain numbers in a way that
only one example can answer (``NeedsExamples``), it runs again, on one example after another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ..core.dims import wrap_dim
from ..core.forms import FUNCTIONS
from ..core.lanes import Lanes, Level, NeedsExamples, batched, lowered
from ..core.mode import STATE, THREAD, set_thread
from ..core.op import REGISTRY
from ..core.tensor import Tensor
from ..core.tree import TreeSpec, broadcast_to_and_flatten, tree_flatten, tree_unflatten
from ..random import get_rng_state, set_rng_state


def vmap(
    func: Callable,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable:
    """The function for many examples: ``func`` sees one, without the mapped dimension.

    ``in_dims``: the dimension to map over, for each input (a tree like the inputs; None: the same for all examples).
    ``out_dims``: where the dimension goes in the outputs. ``randomness``: whether random functions give all examples
    the "same" numbers or "different" ones, or are an "error". ``chunk_size``: how many examples at once.
    Source: https://pytorch.org/docs/stable/generated/torch.func.vmap.html
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}"
        )
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        _check_out_dims(out_dims, func)
        size, dims, leaves, spec = _inputs(in_dims, args, func)
        if chunk_size is None:
            return _mapped(func, size, dims, leaves, spec, out_dims, randomness, kwargs)
        return _in_chunks(func, size, dims, leaves, spec, out_dims, randomness, kwargs, chunk_size)

    return wrapped


# ---------------------------------------------------------------- arguments
def name_of(func: Any) -> str:
    """A function's name for messages."""
    if hasattr(func, "__name__"):
        return func.__name__
    if isinstance(func, functools.partial):
        return f"functools.partial({name_of(func.func)}, ...)"
    return repr(func)


def _check_out_dims(out_dims: Any, func: Callable) -> None:
    for d in tree_flatten(out_dims)[0]:
        if d is not None and not isinstance(d, int):
            raise ValueError(
                f"vmap({name_of(func)}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python "
                "collection of ints representing where in the outputs the vmapped dimension should appear."
            )


def _inputs(in_dims: Any, args: tuple, func: Callable) -> tuple[int, list, list, TreeSpec]:
    """The number of examples, the mapped dimension of each leaf, the leaves, and the arguments' structure."""
    where = f"vmap({name_of(func)}, in_dims={in_dims}, ...)(<inputs>): "
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"{where}expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, "
            f"got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name_of(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to "
            "vmap over a function with no inputs. The latter is unsupported."
        )
    leaves, spec = tree_flatten(args)
    dims = broadcast_to_and_flatten(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"{where}in_dims is not compatible with the structure of `inputs`. in_dims has structure "
            f"{tree_flatten(in_dims)[1]} but inputs has structure {spec}."
        )
    sizes = []
    for k, (t, d) in enumerate(zip(leaves, dims, strict=True)):
        if d is None:
            continue
        if not isinstance(d, int):
            raise ValueError(
                f"{where}Got in_dim={d} for an input but in_dim must be either an integer dimension or None."
            )
        if not isinstance(t, Tensor):
            raise ValueError(
                f"{where}Got in_dim={d} for an input but the input is of type {type(t)}. We cannot vmap over "
                "non-Tensor arguments, please use None as the respective in_dim"
            )
        if not -t.dim() <= d < t.dim():
            raise ValueError(
                f"{where}Got in_dim={d} for some input, but that input is a Tensor of dimensionality {t.dim()} so "
                f"expected in_dim to satisfy -{t.dim()} <= in_dim < {t.dim()}."
            )
        dims[k] = d % t.dim()
        sizes.append(t.shape[dims[k]])
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(n != sizes[0] for n in sizes):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return sizes[0], dims, leaves, spec


def _flat_out_dims(out_dims: Any, outputs: Any, spec: TreeSpec, func: Callable) -> list:
    found: list | None
    if not isinstance(outputs, Tensor):
        found = broadcast_to_and_flatten(out_dims, spec)
    elif isinstance(out_dims, tuple):
        found = list(out_dims) if len(out_dims) == 1 else None
    else:
        found = [out_dims]
    if found is None:
        raise ValueError(
            f"vmap({name_of(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure "
            f"of `outputs`. out_dims has structure {tree_flatten(out_dims)[1]} but outputs has structure {spec}."
        )
    return found


# ---------------------------------------------------------------- running
@contextmanager
def entered(size: int, randomness: str) -> Iterator[Level]:
    """A further ``vmap`` around what runs inside."""
    before = THREAD.levels
    level = Level(len(before) + 1, size, randomness)
    THREAD.levels = (*before, level)
    inner, THREAD.differentiating = THREAD.differentiating, False
    THREAD.transforms += 1
    STATE.enter()
    try:
        yield level
    finally:
        STATE.leave()
        THREAD.transforms -= 1
        THREAD.differentiating = inner
        THREAD.levels = before


def to_front(t: Tensor, dim: int) -> Tensor:
    """The mapped dimension first."""
    return t if dim == 0 else t.movedim(dim, 0)


def from_front(t: Tensor, dim: int) -> Tensor:
    """The mapped dimension where the outputs shall have it."""
    d = wrap_dim(dim, t.dim())
    return t if d == 0 else t.movedim(0, d)


def _mapped(
    func: Callable, size: int, dims: list, leaves: list, spec: TreeSpec, out_dims: Any, randomness: str, kwargs: dict
) -> Any:  # fmt: skip
    inputs = [t if d is None else to_front(t, d) for t, d in zip(leaves, dims, strict=True)]
    state = get_rng_state() if randomness != "error" else None
    try:
        with entered(size, randomness) as level:
            args = [t if d is None else batched(t, (level,)) for t, d in zip(inputs, dims, strict=True)]
            outputs = func(*tree_unflatten(args, spec), **kwargs)
            return _outputs(func, outputs, out_dims, level)
    except NeedsExamples:
        if state is not None:
            set_rng_state(state)
    return _example_by_example(func, size, dims, inputs, spec, out_dims, randomness, kwargs)


def _outputs(func: Callable, outputs: Any, out_dims: Any, level: Level) -> Any:
    leaves, spec = tree_flatten(outputs)
    name = name_of(func)
    done = []
    for t, d in zip(leaves, _flat_out_dims(out_dims, outputs, spec, func), strict=True):
        if d is None:
            if isinstance(t, Tensor) and isinstance(t._a, Lanes) and level in t._a.levels:
                raise ValueError(
                    f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None"
                )
            done.append(t)
            continue
        if not isinstance(t, Tensor):
            _not_a_tensor(name, t)
        done.append(from_front(lowered(t, (level,)), d))
    return tree_unflatten(done, spec)


def _not_a_tensor(name: str, value: Any) -> NoReturn:
    raise ValueError(
        f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(value)}. Did you mean to set out_dims= "
        "to None for output?"
    )


def _example_by_example(
    func: Callable, size: int, dims: list, inputs: list, spec: TreeSpec, out_dims: Any, randomness: str, kwargs: dict
) -> Any:  # fmt: skip
    """The slow way, right for every function: one example after another, the outputs stacked."""
    if not size:
        raise RuntimeError("vmap: this function needs at least one example")
    state = get_rng_state() if randomness == "same" else None
    rows = []
    structure = None
    for k in range(size):
        if state is not None:
            set_rng_state(state)
        args = [t if d is None else t.select(0, k) for t, d in zip(inputs, dims, strict=True)]
        with _one_example(randomness):
            outputs = func(*tree_unflatten(args, spec), **kwargs)
        leaves, structure = tree_flatten(outputs)
        found = _flat_out_dims(out_dims, outputs, structure, func)
        rows.append(leaves)
    done = []
    for column, d in zip(zip(*rows, strict=True), found, strict=True):
        if d is None:
            done.append(column[0])
            continue
        if not isinstance(column[0], Tensor):
            _not_a_tensor(name_of(func), column[0])
        done.append(from_front(REGISTRY["stack"].function(list(column), 0), d))
    assert structure is not None
    return tree_unflatten(done, structure)


@contextmanager
def _one_example(randomness: str) -> Iterator[None]:
    """Inside, random functions are refused if ``vmap`` was told so; else they run as they are."""
    before = set_thread("random_refused", THREAD.random_refused or randomness == "error")
    try:
        yield
    finally:
        set_thread("random_refused", before)


def _in_chunks(
    func: Callable, size: int, dims: list, leaves: list, spec: TreeSpec, out_dims: Any, randomness: str, kwargs: dict,
    chunk: int,
) -> Any:  # fmt: skip
    state = get_rng_state() if randomness == "same" else None
    results = []
    for start in range(0, size, chunk):
        if state is not None:
            set_rng_state(state)
        n = min(chunk, size - start)
        part = [t if d is None else t.narrow(d, start, n) for t, d in zip(leaves, dims, strict=True)]
        results.append(_mapped(func, n, dims, part, spec, out_dims, randomness, kwargs))
    flat, structures = zip(*map(tree_flatten, results), strict=True)
    where = _flat_out_dims(out_dims, results[0], structures[0], func)
    joined = [
        column[0] if d is None else FUNCTIONS["cat"](list(column), d)
        for column, d in zip(zip(*flat, strict=True), where, strict=True)
    ]
    return tree_unflatten(joined, structures[0])


__all__ = ["entered", "from_front", "name_of", "to_front", "vmap"]
