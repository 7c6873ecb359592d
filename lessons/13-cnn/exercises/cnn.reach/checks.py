"""Digits drawn from the lessons' MNIST, made half as large; the score comes from digits held back."""

import functools
import gzip
from pathlib import Path

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, accuracy, parameters_at_most, reaches

RAW = Path(__file__).resolve().parents[3] / "data" / "MNIST" / "raw"


@functools.cache
def _digits(part):
    with gzip.open(RAW / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(RAW / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    small = pixels.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4), dtype=np.float32) / 255
    return small[:, None], labels


def _drawn(rng, part, count):
    images, labels = _digits(part)
    chosen = rng.choice(len(images), count, replace=False)
    return images[chosen], labels[chosen]


def check_accuracy(box, rng):
    model = box.call("train", *_drawn(rng, "train", 600), keep=True)
    parameters_at_most(box, model, 3000)
    score = accuracy(box, model, *_drawn(rng, "t10k", 500))
    reaches(score, 0.87, partly={0.82: 0.5}, what="the accuracy on digits held back")


def check_alone(box, rng):
    model = box.call("train", *_drawn(rng, "train", 50), keep=True)
    if model.type == "NoneType":
        raise CheckFailed("The training returned None. Is a `return` missing?", got="None", kind="type")
    images, _ = _drawn(rng, "t10k", 8)
    together = box.call(model, images)
    alone = np.concatenate([box.call(model, images[i : i + 1]) for i in range(len(images))])
    if together.shape != (8, 10):
        raise CheckFailed(
            f"The model returned shape {together.shape} for 8 pictures; it must return (8, 10).", kind="shape"
        )
    if not np.allclose(together, alone, 1e-3, 1e-3):
        raise CheckFailed(
            "A picture gets other scores alone than together with others: the model is still in training mode. "
            "Return it ready for use.",
            expected=together[0],
            got=alone[0],
        )
