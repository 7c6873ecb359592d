"""Modules of both engines side by side: same seed, same calls, same results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
from support.differential import equal, to_numpy, torch


def flat(result: Any) -> list[Any]:
    """The tensors in nested tuples, lists and dictionaries, in order."""
    if hasattr(result, "dtype"):
        return [result]
    if isinstance(result, dict):
        result = list(result.values())
    return [t for item in result for t in flat(item)] if isinstance(result, (list, tuple)) else []


def pair(make: Callable, seed: int = 0, double: bool = True) -> tuple[Any, Any]:
    """``make(engine)`` with the same seed on both engines: the weights drawn must be the same."""
    made = []
    for engine in (glasstorch, torch):
        engine.manual_seed(seed)
        made.append(make(engine))
    ours, theirs = made
    assert repr(ours) == repr(theirs)
    equal_states(ours, theirs)
    return (ours.double(), theirs.double()) if double else (ours, theirs)


def equal_states(ours: Any, theirs: Any) -> None:
    """The same keys, values and types in both state_dicts."""
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b)
    for k, v in b.items():
        equal(a[k], v, k)


def same_run(
    modules: tuple[Any, Any], call: Callable, *arrays: Any, second: bool = False, seed: int = 3
) -> None:
    """``call(engine, module, *tensors)`` on both: results, gradients of tensors and parameters, on request theirs.

    The gradients are those of the sum of squares of all results; the second ones of the sum of squares of the first.
    """
    results = []
    for engine, module in zip((glasstorch, torch), modules, strict=True):
        leaves = [
            engine.tensor(a).requires_grad_() if a.dtype.kind == "f" else engine.tensor(a)
            for a in map(np.asarray, arrays)
        ]
        engine.manual_seed(seed)
        out = call(engine, module, *leaves)
        wanted = [t for t in leaves if t.requires_grad] + [p for p in module.parameters() if p.requires_grad]
        total = sum((t * t).sum() for t in flat(out) if t.requires_grad)
        grads = engine.autograd.grad(total, wanted, create_graph=second, allow_unused=True)
        found = [list(grads)]
        if second:
            total = sum((g * g).sum() for g in grads if g is not None and g.requires_grad)
            found.append(list(engine.autograd.grad(total, wanted, allow_unused=True)))
        results.append((flat(out), found))
    (mine, my_grads), (real, real_grads) = results
    equal(mine, real, "result")
    for order, (a, b) in enumerate(zip(my_grads, real_grads, strict=True), 1):
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            if x is None or y is None:
                known = x if y is None else y
                assert known is None or not to_numpy(known).any(), f"gradient {k} of order {order}"
            else:
                equal(x, y, f"gradient {k} of order {order}")
