"""Pictures for tests, and the same transform of the same picture on both engines.

``both(call, *arguments)`` calls ``call(V, *arguments)`` with ``V`` our ``vision`` and then the real torchvision.
Arguments that are tensors (PyTorch's), Pillow images or interpolation modes are handed to each in its own kind.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import vision
from support.differential import equal, torch
from support.torchvision_reference import torchvision

Image = pytest.importorskip("PIL.Image", reason="images are Pillow images")

MODES = ("L", "LA", "RGB", "RGBA", "1", "I", "F", "CMYK", "P", "YCbCr", "HSV", "I;16")
CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4, "YCbCr": 3, "HSV": 3}


def picture(mode: str, width: int, height: int, seed: int = 0) -> Any:
    """A Pillow image of random pixels."""
    rng = np.random.default_rng(seed + 7 * width + height)
    if mode == "I":
        return Image.fromarray(rng.integers(-70000, 70000, (height, width), dtype=np.int32))
    if mode == "F":
        return Image.fromarray((rng.normal(size=(height, width)) * 100).astype(np.float32))
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, (height, width), dtype=np.uint16))
    if mode in ("1", "P"):
        grey = Image.fromarray(rng.integers(0, 256, (height, width), dtype=np.uint8))
        return grey.convert("1") if mode == "1" else grey.convert("RGB").quantize(16)
    pixels = rng.integers(0, 256, (height, width, CHANNELS[mode]), dtype=np.uint8)
    return Image.frombytes(mode, (width, height), pixels.tobytes())


def image_tensor(shape: tuple[int, ...], dtype: str = "float32", seed: int = 0) -> Any:
    """A PyTorch tensor of random values of its type's range."""
    rng = np.random.default_rng(seed + sum(shape))
    kind = getattr(torch, dtype)
    if kind.is_floating_point:
        return torch.from_numpy(rng.random(shape)).to(kind)
    if kind is torch.bool:
        return torch.from_numpy(np.asarray(rng.random(shape) < 0.5))
    return torch.from_numpy(rng.integers(0, torch.iinfo(kind).max, shape, endpoint=False)).to(kind)


def as_ours(x: Any) -> Any:
    """A PyTorch tensor or type, or one of torchvision's modes, as ours."""
    if isinstance(x, torch.Tensor):
        return glasstorch.tensor(x.numpy())
    if isinstance(x, torch.dtype):
        return getattr(glasstorch, str(x).removeprefix("torch."))
    if isinstance(x, torchvision.transforms.InterpolationMode):
        return vision.transforms.InterpolationMode(x.value)
    if isinstance(x, (list, tuple)):
        return type(x)(as_ours(v) for v in x)
    if isinstance(x, dict):
        return {k: as_ours(v) for k, v in x.items()}
    return x.copy() if isinstance(x, Image.Image) else x


def fresh(x: Any) -> Any:
    """A copy that the call may change."""
    return x.clone() if isinstance(x, torch.Tensor) else x.copy() if isinstance(x, Image.Image) else x


class Refused:
    """What a call raised: the names of its classes, and the first line of its message."""

    def __init__(self, error: Exception) -> None:
        self.names = [c.__name__.lstrip("_") for c in type(error).__mro__]
        lines = str(error).splitlines() or [""]
        self.text = re.sub(r"glasstorch(\.vision)?", "torch", lines[0].replace("torchvision", "torch"))

    def __repr__(self) -> str:
        return f"{self.names[0]}: {self.text}"


def attempt(call: Callable, *arguments: Any) -> tuple[Any, list[str]]:
    """The result of a call, or what it raised; and the first lines of its warnings."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            result = call(*arguments)
        except Exception as error:
            result = Refused(error)
    return result, [str(w.message).splitlines()[0] for w in heard if issubclass(w.category, UserWarning)]


def same(
    ours: Any, theirs: Any, where: str, near: int = 0, words: bool = True, tolerance: float = 1e-6
) -> None:
    """Assert that two results agree.

    ``near``: by how much whole numbers may differ. ``words``: whether refusals must have the same first line.
    """
    if isinstance(theirs, Refused) or isinstance(ours, Refused):
        assert isinstance(ours, Refused), f"{where}: {ours!r}, torchvision: {theirs!r}"
        assert isinstance(theirs, Refused), f"{where}: {ours!r}, torchvision: {theirs!r}"
        assert theirs.names[0] in ours.names, f"{where}: {ours!r}, torchvision: {theirs!r}"
        assert not words or ours.text == theirs.text, f"{where}: {ours!r}, torchvision: {theirs!r}"
    elif isinstance(theirs, torch.Tensor):
        _same_tensor(ours, theirs, where, near, tolerance)
    elif isinstance(theirs, Image.Image):
        assert isinstance(ours, Image.Image), where
        assert (ours.mode, ours.size) == (theirs.mode, theirs.size), where
        if theirs.mode == "P":
            assert ours.getpalette() == theirs.getpalette(), where
        a, b = np.asarray(ours), np.asarray(theirs)
        if theirs.mode == "F":
            np.testing.assert_allclose(
                a, b, rtol=tolerance, atol=tolerance * np.abs(b).max(initial=1), err_msg=where
            )
        else:
            assert ours.tobytes() == theirs.tobytes() or _apart(a, b) <= near, (
                f"{where}: {_apart(a, b)} apart"
            )
    elif isinstance(theirs, (tuple, list)):
        assert type(ours) is type(theirs), where
        assert len(ours) == len(theirs), where
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, f"{where}[{k}]", near, words, tolerance)
    else:
        assert ours == theirs, f"{where}: {ours!r}, torchvision: {theirs!r}"


def _apart(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(np.int64) - b.astype(np.int64)).max(initial=0))


def _same_tensor(ours: Any, theirs: Any, where: str, near: int, tolerance: float) -> None:
    assert isinstance(ours, glasstorch.Tensor), f"{where}: {ours!r}"
    assert (str(ours.dtype), tuple(ours.shape)) == (str(theirs.dtype), tuple(theirs.shape)), where
    if theirs.dtype in (torch.float32, torch.float64):
        b = theirs.numpy()
        largest = np.abs(b[np.isfinite(b)]).max(initial=1)
        np.testing.assert_allclose(ours.numpy(), b, rtol=0, atol=tolerance * largest, err_msg=where)
    elif theirs.dtype.is_floating_point:
        equal(ours, theirs, where)
    else:
        assert _apart(ours.numpy(), theirs.numpy()) <= near, (
            f"{where}: {_apart(ours.numpy(), theirs.numpy())} apart"
        )


def both(call: Callable, *arguments: Any, seed: int | None = None, **how: Any) -> Any:
    """Assert that ``call(vision, *arguments)`` gives, or raises, and warns the same on both; gives ours back.

    With ``seed`` both start from it, and must have drawn equally many random numbers at the end.
    """
    found = []
    for engine, home, convert in ((torch, torchvision, fresh), (glasstorch, vision, as_ours)):
        if seed is not None:
            engine.manual_seed(seed)
            random.seed(seed)
        result, heard = attempt(call, home, *(convert(a) for a in arguments))
        found.append((result, heard, None if seed is None else engine.rand(1).item()))
    (theirs, their_warnings, their_next), (ours, our_warnings, our_next) = found
    where = f"{[describe(a) for a in arguments]}"
    same(ours, theirs, where, **how)
    assert our_warnings == their_warnings, where
    if not isinstance(theirs, Refused):
        assert our_next == their_next, f"{where}: another number of random numbers was drawn"
    return ours


def describe(x: Any) -> str:
    """An argument in few words."""
    if isinstance(x, Image.Image):
        return f"{x.mode} {x.size}"
    return f"{x.dtype} {tuple(x.shape)}" if isinstance(x, torch.Tensor) else repr(x)


def functional(name: str, *arguments: Any, **named: Any) -> Any:
    """``both`` of a function of ``transforms.functional``; ``near``, ``words`` and ``tolerance`` are for ``same``."""
    how = {k: named.pop(k) for k in ("near", "words", "tolerance") if k in named}

    def call(home: Any, *values: Any) -> Any:
        ours = home is vision
        keywords = as_ours(named) if ours else named
        return getattr(home.transforms.functional, name)(*values, **keywords)

    return both(call, *arguments, **how)
