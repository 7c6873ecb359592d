"""Inputs for the tests of linear algebra, and a comparison of refusals word for word."""

from __future__ import annotations

from typing import Any

import glasstorch
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the differential suite compares with real PyTorch")

KINDS = ["real", "complex"]
BATCHES = [(), (2,)]


def random(kind: str, *shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal numbers, real or complex."""
    rng = np.random.default_rng(seed + sum(shape))
    a = rng.normal(size=shape)
    return a + 1j * rng.normal(size=shape) if kind == "complex" else a


def adjoint(a: np.ndarray) -> np.ndarray:
    """The conjugate transpose of each matrix."""
    return np.conj(np.swapaxes(a, -1, -2))


def environment(E: Any) -> dict[str, Any]:
    """Names that the cases below are written with."""
    return {
        "E": E, "L": E.linalg, "F": E.nn.functional, "f": E.fft, "ones": E.ones, "eye": E.eye, "tensor": E.tensor,
        "S": E.tensor([[1.0, 2.0], [2.0, 4.0]]), "Z": E.zeros(2, 2), "I": E.eye(2), "v": E.tensor([1.0, 2.0]),
        "A": E.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), "x": E.tensor([[3.0, -4.0], [1.0, 2.0]]),
        "B": E.stack([E.eye(2), E.zeros(2, 2), E.tensor([[1.0, 2.0], [2.0, 4.0]])]),
        "b3": E.arange(24.0).reshape(2, 3, 4) / 7, "inf": float("inf"), "i32": E.int32, "nan": float("nan"),
    }  # fmt: skip


def run(E: Any, text: str) -> tuple[Any, Exception | None]:
    """What an expression gives, or how it is refused."""
    try:
        return eval(text, environment(E)), None
    except Exception as e:
        return None, e


def same(text: str) -> None:
    """Assert that an expression gives PyTorch's result, or is refused by its class of error and in its words."""
    from support.differential import equal

    theirs, refused = run(torch, text)
    ours, error = run(glasstorch, text)
    if refused is None:
        assert error is None, f"{text}: {error!r}, torch gives {theirs}"
        equal(ours, theirs, text)
        return
    assert error is not None, f"{text}: {ours}, torch refuses: {refused}"
    assert type(refused).__name__.lstrip("_") in [c.__name__ for c in type(error).__mro__], (
        f"{text}: {error!r}"
    )
    words = str(refused).split("\n")[0].removesuffix(".")
    assert words in str(error), f"{text}:\n  ours  {error}\n  torch {refused}"
