"""The same network made by both engines: first values, state_dict, outputs and gradients side by side."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
from support.torchvision_reference import torch, torchvision

ENGINES = ((glasstorch, glasstorch.vision.models), (torch, torchvision.models))


def outputs(result: Any) -> list[Any]:
    """The tensors in what a model gives: one, a tuple, or a dict."""
    if hasattr(result, "detach"):
        return [result]
    return [x for x in (result.values() if hasattr(result, "values") else result) if x is not None]


def close(ours: Any, theirs: Any, tolerance: float, what: str) -> None:
    """Equal up to ``tolerance`` times the largest value."""
    a, b = ours.detach().numpy(), theirs.detach().numpy()
    assert a.shape == b.shape, what
    scale = np.abs(b).max() if b.size else 0
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale + 1e-12, err_msg=what)


def same_start(make: Callable[[Any], Any]) -> tuple[Any, Any]:
    """``make(models)`` of both engines from one seed: the same modules, parameters and random numbers used up."""
    made, after = [], []
    for engine, models in ENGINES:
        engine.manual_seed(5)
        made.append(make(models))
        after.append(engine.rand(2).tolist())
    ours, theirs = made
    assert after[0] == after[1], "random numbers used up"
    assert repr(ours) == repr(theirs)
    mine, real = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(real)
    for name, value in real.items():
        assert str(mine[name].dtype) == str(value.dtype), name
        np.testing.assert_allclose(mine[name].numpy(), value.numpy(), rtol=1e-6, atol=1e-7, err_msg=name)
    return ours, theirs


def same_behaviour(ours: Any, theirs: Any, size: int, batch: int = 2, tolerance: float = 1e-6) -> None:
    """Outputs in training and evaluation, gradients of input and parameters, and what training leaves in buffers."""
    rng = np.random.default_rng(0)
    ours, theirs = ours.double(), theirs.double()
    with torch.no_grad():
        for p in theirs.parameters():
            if not p.any():  # what starts at zero would hide what is behind it
                p += torch.from_numpy(rng.normal(size=tuple(p.shape)) * 0.05)
    state = theirs.state_dict()
    copied = OrderedDict((k, glasstorch.from_numpy(v.numpy().copy())) for k, v in state.items())
    copied._metadata = state._metadata  # type: ignore[attr-defined]  # the versions of modules
    ours.load_state_dict(copied)
    image = rng.normal(size=(batch, 3, size, size))
    weights: dict[tuple, np.ndarray] = {}

    def run(engine: Any, model: Any) -> tuple[list, list]:
        engine.manual_seed(9)
        x = engine.tensor(image).requires_grad_()
        model.zero_grad()
        out = outputs(model(x))
        total = 0
        for i, y in enumerate(out):
            w = weights.setdefault((i, tuple(y.shape)), rng.normal(size=tuple(y.shape)))
            total = total + (y * engine.tensor(w)).sum()
        total.backward()
        return out, [("input", x.grad), *((n, p.grad) for n, p in model.named_parameters())]

    for mode in ("train", "eval"):
        getattr(ours, mode)()
        getattr(theirs, mode)()
        (a, ga), (b, gb) = run(glasstorch, ours), run(torch, theirs)
        assert len(a) == len(b)
        for y, z in zip(a, b, strict=True):
            close(y, z, tolerance, f"{mode}: output")
        largest = max(float(g.abs().max()) for _, g in gb if g is not None)
        for (name, g), (_, h) in zip(ga, gb, strict=True):
            assert (g is None) == (h is None), name
            if h is not None:  # some gradients are zero but for rounding: measure by the largest of all
                np.testing.assert_allclose(
                    g.numpy(), h.numpy(), rtol=tolerance, atol=tolerance * largest, err_msg=f"{mode}: {name}"
                )
    for name, value in theirs.state_dict().items():
        close(ours.state_dict()[name], value, tolerance, name)
