"""The differential harness: the same function of the same numbers on Glasstorch and on PyTorch.

``compare(fn, *arrays)`` calls ``fn(E, *tensors)`` with ``E`` the engine, compares values, shapes and types, then
pulls one random cotangent back through both and compares the gradients, first and (on request) second order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the differential suite compares with real PyTorch")

DEVICE = "cpu"  # where our tensors go; ``pytest --arrays`` sets it

TOLERANCE = {
    "float64": 1e-9,
    "complex128": 1e-9,
    "float32": 2e-5,
    "complex64": 2e-5,
    "complex32": 4e-3,
    "float16": 4e-3,
    "bfloat16": 2e-2,
}


def tensors(engine: Any, arrays: tuple, requires_grad: bool) -> list[Any]:
    """Leaf tensors over copies that keep each array's memory layout."""
    out = []
    for a in arrays:
        copy = np.array(a, copy=True, order="K") if 0 not in a.strides or a.size == 0 else a
        t = engine.from_numpy(copy) if copy.flags.writeable and copy is not a else engine.tensor(a[(...,)])
        t = t.to(DEVICE) if engine is glasstorch else t
        out.append(t.requires_grad_() if requires_grad and a.dtype.kind in "fc" else t)
    return out


def to_numpy(t: Any) -> np.ndarray:
    """The values of either engine's tensor."""
    t = t.detach()
    if str(t.dtype) == "torch.bfloat16":
        t = t.float()
    if str(t.dtype) == "torch.complex32":
        t = t.cfloat()
    return np.asarray(t.resolve_conj().numpy(force=True))


def equal(ours: Any, theirs: Any, what: str) -> None:
    """Assert that two results (tensors, tuples, numbers) agree."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, glasstorch.Tensor), (
            f"{what}: torch gives a tensor, we give {type(ours).__name__}"
        )
        assert str(ours.dtype) == str(theirs.dtype), what
        a, b = to_numpy(ours), to_numpy(theirs)
        assert a.shape == b.shape, f"{what}: shape {a.shape}, torch {b.shape}"
        tolerance = TOLERANCE.get(str(theirs.dtype).removeprefix("torch."), 0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=what, equal_nan=True)
    elif isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), what
        for k, (x, y) in enumerate(zip(ours, theirs, strict=True)):
            equal(x, y, f"{what}[{k}]")
    else:
        assert ours == theirs or (ours != ours and theirs != theirs), f"{what}: {ours!r}, torch {theirs!r}"


def first_tensors(x: Any) -> list[Any]:
    """The differentiable tensors in a result."""
    items = x if isinstance(x, (tuple, list)) else [x]
    return [t for t in items if hasattr(t, "requires_grad") and t.requires_grad]


def gradients(engine: Any, outputs: list, leaves: list, seed: int, second: bool) -> list[Any]:
    """Gradients for a random cotangent; with ``second`` also those of their randomly weighted sum."""
    rng = np.random.default_rng(seed)

    def weight(like: Any) -> Any:
        a = rng.normal(size=tuple(like.shape))
        if like.is_complex():  # a real one would not tell a conjugate from none
            a = a + 1j * rng.normal(size=tuple(like.shape))
        return engine.tensor(np.asarray(a), dtype=like.dtype)

    grad = engine.autograd.grad
    weights = [weight(o) for o in outputs]
    first = grad(outputs, leaves, weights, create_graph=second, allow_unused=True)
    if not second:
        return list(first)
    pairs = [(g, weight(leaf)) for g, leaf in zip(first, leaves, strict=True)]
    live = [(g, w) for g, w in pairs if g is not None and g.requires_grad]
    if not live:
        return list(first) + [None] * len(leaves)
    return list(first) + list(grad([g for g, _ in live], leaves, [w for _, w in live], allow_unused=True))


def compare(fn: Callable, *arrays: Any, second: bool = True, grad: bool = True) -> None:
    """Run ``fn(engine, *tensors)`` on both engines and compare everything."""
    arrays = tuple(np.asarray(a) for a in arrays)
    theirs_in = tensors(torch, arrays, grad)
    theirs = fn(torch, *theirs_in)
    with (
        glasstorch.device(DEVICE) if DEVICE != "cpu" else contextlib.nullcontext()
    ):  # what fn makes goes there too
        _compare(fn, tensors(glasstorch, arrays, grad), theirs_in, theirs, second, grad)


def _compare(fn: Callable, ours_in: list, theirs_in: list, theirs: Any, second: bool, grad: bool) -> None:
    ours = fn(glasstorch, *ours_in)
    equal(ours, theirs, "value")
    a, b = first_tensors(ours), first_tensors(theirs)
    assert len(a) == len(b), f"{len(a)} outputs require grad, torch has {len(b)}"
    leaves_ours = [t for t in ours_in if t.requires_grad]
    leaves_theirs = [t for t in theirs_in if t.requires_grad]
    if not (grad and b and leaves_theirs):
        return
    mine = gradients(glasstorch, a, leaves_ours, 7, second)
    real = gradients(torch, b, leaves_theirs, 7, second)
    for k, (x, y) in enumerate(zip(mine, real, strict=True)):
        if y is None or x is None:
            # An engine may say "no dependence" where the other says zeros; nothing else may differ.
            known = x if y is None else y
            assert known is None or not to_numpy(known).any(), f"gradient {k}: {x}, torch {y}"
        else:
            equal(x, y, f"gradient {k}")


def raises_alike(fn: Callable, *needles: str) -> None:
    """Assert that ``fn(engine)`` raises PyTorch's class of error, and that ours has the facts in its message."""
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        fn(torch)
    with pytest.raises(Exception) as ours:  # noqa: PT011
        fn(glasstorch)
    names = [c.__name__ for c in type(ours.value).__mro__]
    assert type(theirs.value).__name__ in names, f"ours: {ours.value!r}; torch: {theirs.value!r}"
    for needle in needles:
        assert needle in str(ours.value), f"{needle!r} not in {str(ours.value)!r}"
