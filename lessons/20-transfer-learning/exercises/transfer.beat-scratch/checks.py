"""Digits 5 to 9 for a network that knows 0 to 4. Score and comparison are made here, from digits held back."""

import functools
import gzip
import json
from pathlib import Path

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, accuracy, reaches

DATA = Path(__file__).resolve().parents[3] / "data"


@functools.cache
def _digits(part):
    with gzip.open(DATA / "MNIST" / "raw" / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(DATA / "MNIST" / "raw" / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    return images[labels > 4].astype(np.float32) / 255, labels[labels > 4] - 5


@functools.cache
def _weights():
    """The features' part of the safetensors file: a header in JSON, then the numbers."""
    raw = (DATA / "half-the-digits" / "half-the-digits.safetensors").read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    found = {}
    for name, entry in json.loads(raw[8:start]).items():
        if name.startswith("features."):
            kind = {"F32": np.float32, "I64": np.int64}[entry["dtype"]]
            first, last = entry["data_offsets"]
            numbers = np.frombuffer(raw[start + first : start + last], kind)
            found[name.removeprefix("features.")] = numbers.reshape(entry["shape"])
    return found


def _few(rng):
    images, labels = _digits("train")
    chosen = np.concatenate([rng.choice(np.flatnonzero(labels == c), 5, replace=False) for c in range(5)])
    rng.shuffle(chosen)
    return images[chosen], labels[chosen]


def _adapted(box, rng):
    model = box.call("harness.adapt", _weights(), *_few(rng), keep=True)
    if model.type == "NoneType":
        raise CheckFailed("`adapt` returned None. Is a `return` missing?", got="None", kind="type")
    return model


def check_accuracy(box, rng):
    model = _adapted(box, rng)
    images, labels = _digits("t10k")
    chosen = rng.choice(len(images), 500, replace=False)
    score = accuracy(box, model, images[chosen], labels[chosen])
    reaches(score, 0.8, partly={0.74: 0.5}, what="the accuracy on digits held back")


def check_untouched(box, rng):
    model = _adapted(box, rng)
    box.call(model, _digits("t10k")[0][:20])  # using it must not change the features either
    now = box.call("harness.state")
    for name, before in _weights().items():
        if np.array_equal(now[name], before):
            continue
        if "running" in name or "num_batches" in name:
            raise CheckFailed(
                f"The buffer `{name}` of the features has changed: BatchNorm was in training mode while it saw "
                "pictures. Call features.eval() first."
            )
        raise CheckFailed(f"The parameter `{name}` of the features has changed: only the head shall learn.")
