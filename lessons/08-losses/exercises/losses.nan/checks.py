"""The loss and its gradients in float64, with the cases that used to be NaN."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _batch(rng, rows=6, classes=3):
    scores = rng.normal(0, 2, size=(rows, classes)).astype("float32")
    labels = rng.integers(1, classes, size=rows)
    labels[:2] = 0
    points = rng.normal(0, 2, size=(rows, 2)).astype("float32")
    targets = rng.normal(0, 2, size=(rows, 2)).astype("float32")
    return scores, rng.permutation(labels), points, targets


def _expected(scores, labels, points, targets):
    """The loss, and its gradients by scores and by points; that of a distance of 0 is 0."""
    z = scores.astype(np.float64)
    rows = np.arange(len(labels))
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    p[rows, labels] -= 1
    difference = points.astype(np.float64) - targets
    distance = np.sqrt((difference**2).sum(axis=1))
    found = (labels != 0) / max(1, (labels != 0).sum())
    direction = difference / np.where(distance == 0, 1, distance)[:, None]
    return -log_p[rows, labels].mean() + (distance * found).sum(), p / len(labels), direction * found[:, None]


def _compare(box, batch):
    loss, by_scores, by_points = _expected(*batch)
    got = box.call("detection_loss", *batch, grad=("scores", "points"))
    close(got.value, loss, 1e-4, 1e-5, what="the loss")
    for name, wanted in (("scores", by_scores), ("points", by_points)):
        gradient = got.grads[name]
        if gradient is None:
            if wanted.any():
                raise CheckFailed(f"No gradient arrives at `{name}`.")
            continue
        close(gradient, wanted, 1e-3, 1e-5, what=f"the gradient of `{name}`")


def check_usual(box, rng):
    for _ in range(3):
        _compare(box, _batch(rng, rows=int(rng.integers(5, 9))))
    scores, labels, points, targets = _batch(rng)
    labels[1:] = 0
    labels[0] = 1
    _compare(box, (scores, labels, points, targets))


def check_scores(box, rng):
    scores, labels, points, targets = _batch(rng)
    scores[:, 0] += rng.uniform(95, 400)
    scores[1, labels[1]] -= rng.uniform(600, 900)
    _compare(box, (scores, labels, points, targets))


def check_hits(box, rng):
    scores, labels, points, targets = _batch(rng)
    hit = rng.permutation(len(labels))[:3]
    points[hit] = targets[hit]
    _compare(box, (scores, labels, points, targets))


def check_nothing(box, rng):
    scores, labels, points, targets = _batch(rng)
    labels[:] = 0
    _compare(box, (scores, labels, points, targets))
    points[0] = targets[0]
    scores[1] *= 100
    _compare(box, (scores, labels, points, targets))
