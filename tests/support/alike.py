"""The same little program on both engines: ``alike(fn)`` asserts that what it gives, or raises, is the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the differential suite compares with real PyTorch")
pytest.importorskip("torch.utils.checkpoint")


class Raised:
    """What a call raised."""

    def __init__(self, error: Exception) -> None:
        self.names = [c.__name__ for c in type(error).__mro__]
        self.text = str(error).replace("glasstorch", "torch")

    def __repr__(self) -> str:
        return f"{self.names[0]}: {self.text}"


def attempt(fn: Callable[[], Any]) -> Any:
    """The result of a call, or what it raised."""
    try:
        return fn()
    except Exception as error:
        return Raised(error)


def leaf(engine: Any, *shape: int, grad: bool = True, dtype: str = "float64") -> Any:
    """A tensor of fixed random numbers."""
    values = np.random.default_rng(sum(shape) + 7).normal(size=shape)
    return engine.tensor(values, dtype=getattr(engine, dtype), requires_grad=grad)


def _compare(ours: Any, theirs: Any, where: str, words: int | None) -> None:
    if isinstance(theirs, Raised):
        assert isinstance(ours, Raised), f"{where}: torch raises {theirs}, we give {ours!r}"
        assert theirs.names[0] in ours.names, f"{where}: {ours!r}; torch: {theirs!r}"
        if words is not None:
            assert ours.text[:words] == theirs.text[:words], where
        return
    assert not isinstance(ours, Raised), f"{where}: we raise {ours!r}; torch gives {theirs!r}"
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, glasstorch.Tensor), where
        facts = [(str(t.dtype), tuple(t.shape), t.requires_grad) for t in (ours, theirs)]
        assert facts[0] == facts[1], where
        tolerance = 1e-9 if theirs.dtype in (torch.float64, torch.complex128) else 2e-5
        np.testing.assert_allclose(
            ours.detach().numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance, err_msg=where
        )
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key, value in theirs.items():
            _compare(ours[key], value, f"{where}[{key!r}]", words)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), f"{where}: {ours!r}; torch: {theirs!r}"
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            _compare(a, b, f"{where}[{k}]", words)
    elif isinstance(theirs, str):
        assert ours.replace("glasstorch", "torch") == theirs, where
    else:
        assert ours == theirs or (ours != ours and theirs != theirs), f"{where}: {ours!r}; torch: {theirs!r}"


def alike(fn: Callable[[Any], Any], words: int | None = 80) -> None:
    """Assert that ``fn(engine)`` gives the same on both, with equal seeds.

    For errors: PyTorch's class, and the first ``words`` characters of its text (None: any text).
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for engine in (glasstorch, torch):
            engine.manual_seed(0)
            found.append(attempt(lambda engine=engine: fn(engine)))
    _compare(*found, "result", words)
