"""Tiny data sets in the official formats, and comparing two classes that read them."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image", reason="images are Pillow images")
rng = np.random.default_rng(0)


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def picture(path: Path, size: tuple[int, int] = (12, 9), mode: str = "RGB") -> Path:
    """A picture of noise; its name's ending decides the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size[1], size[0], 3)
    image = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).convert(mode)
    image.save(path)
    return path


def write_cifar(folder: Path, names: list[str], classes: int, key: str, meta: tuple[str, str]) -> None:
    """Batches of 4 images as CIFAR has them: pickles of protocol 2, as Python 2 wrote them."""
    folder.mkdir(parents=True)
    for name in names:
        batch = {
            "batch_label": "a batch",
            key: rng.integers(0, classes, 4).tolist(),
            "data": rng.integers(0, 256, (4, 3072), dtype=np.uint8),
            "filenames": [f"{i}.png" for i in range(4)],
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    name, label_key = meta
    content = {label_key: [f"class {i}" for i in range(classes)], "num_vis": 3072}
    (folder / name).write_bytes(pickle.dumps(content, protocol=2))


def plain(x: Any) -> Any:
    """What can be compared: images as mode, size and bytes, tensors and arrays as type and numbers."""
    if isinstance(x, Image.Image):
        return (x.mode, x.size, x.tobytes(), x.getpalette())
    if isinstance(x, np.ndarray):
        return (str(x.dtype), x.tolist())
    if hasattr(x, "detach"):
        return (str(x.dtype).partition(".")[2], x.tolist())
    if isinstance(x, (list, tuple)):
        return type(x)(plain(y) for y in x)
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return (type(x), x)


def assert_same(ours: Any, theirs: Any, *attributes: str) -> None:
    """Length, repr, these attributes and every item are the same."""
    assert len(ours) == len(theirs) > 0
    assert repr(ours) == repr(theirs)
    for name in attributes:
        assert plain(getattr(ours, name)) == plain(getattr(theirs, name)), name
    for i in range(len(theirs)):
        assert plain(ours[i]) == plain(theirs[i]), i


def outcome(f: Any, *args: Any, **kwargs: Any) -> tuple[Any, str]:
    """The class and the first sentence of what it raises; or what it gives."""
    try:
        return "gives", plain(f(*args, **kwargs))
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]
