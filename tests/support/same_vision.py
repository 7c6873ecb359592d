"""The same few lines on Glasstorch's vision and on torchvision: ``same(fn)`` asserts that both give the same.

``fn(E, V)`` gets the engine and its vision package, seeded alike. Values of integer types must be equal.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import glasstorch.vision.transforms.v2
import numpy as np
import pytest
from support.alike import attempt
from support.torchvision_reference import torch, torchvision

pytest.importorskip("torchvision.transforms.v2")
pytest.importorskip("torchvision.tv_tensors")

ENGINES = ((glasstorch, glasstorch.vision), (torch, torchvision))


def _numbers(t: Any) -> np.ndarray:
    return t.detach().as_subclass(torch.Tensor if isinstance(t, torch.Tensor) else glasstorch.Tensor).numpy()


def _plain_words(text: str) -> str:
    """The first line of a message, without the packages' names, classes and addresses."""
    text = re.sub(
        r"<class '[^']*'>|<function .*?>|<PIL.*?>|dict_keys\(.*\)|\[('\w+(\.\w+)*'(, )?)+\]", "…", text
    )
    return text.replace("glasstorch", "torch").splitlines()[0] if text else text


def equal(ours: Any, theirs: Any, tolerance: float, where: Any) -> None:
    """Assert that two results are the same: values, types, and what tensors know of themselves."""
    if hasattr(theirs, "names") and hasattr(theirs, "text"):
        assert hasattr(ours, "names"), f"{where}: torchvision raises {theirs!r}, we give {ours!r}"
        assert ours.names[0] == theirs.names[0], (where, ours, theirs)
        assert _plain_words(ours.text) == _plain_words(theirs.text), where
        return
    assert not hasattr(ours, "names"), f"{where}: we raise {ours!r}; torchvision gives {theirs!r}"
    if isinstance(theirs, torch.Tensor):
        assert type(ours).__name__ == type(theirs).__name__, where
        assert (str(ours.dtype), tuple(ours.shape)) == (str(theirs.dtype), tuple(theirs.shape)), where
        if theirs.is_floating_point():
            np.testing.assert_allclose(
                _numbers(ours), _numbers(theirs), tolerance, tolerance, err_msg=str(where)
            )
        else:
            np.testing.assert_array_equal(_numbers(ours), _numbers(theirs), err_msg=str(where))
        for known in ("canvas_size", "clamping_mode"):
            if hasattr(theirs, known):
                assert getattr(ours, known) == getattr(theirs, known), (where, known)
        if hasattr(theirs, "format"):
            assert ours.format.name == theirs.format.name, where
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key, value in theirs.items():
            equal(ours[key], value, tolerance, (where, key))
    elif isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), where
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            equal(a, b, tolerance, (where, k))
    elif type(theirs).__module__.startswith("PIL"):
        assert (ours.mode, ours.size, ours.tobytes()) == (theirs.mode, theirs.size, theirs.tobytes()), where
    elif isinstance(theirs, str):
        assert _plain_words(ours) == _plain_words(theirs), where
    else:
        assert ours == theirs, where


def same(fn: Callable[[Any, Any], Any], tolerance: float = 1e-5, where: Any = "result", seed: int = 3) -> Any:
    """Run ``fn`` on both, compare, and give our result."""
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for engine, vision in ENGINES:
            engine.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            results.append(attempt(lambda: fn(engine, vision)))
    equal(*results, tolerance, where)
    return results[0]


def tensor(E: Any, a: Any) -> Any:
    """A copy of an array as the engine's tensor."""
    return E.from_numpy(np.ascontiguousarray(a).copy())
