import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close


def _pair(rng, n=6):
    targets = rng.normal(2, 3, size=n)
    predictions = targets + rng.normal(size=n)
    return predictions.astype("float32"), targets.astype("float32")


def _loss(predictions, targets):
    return np.mean((predictions.astype(float) - targets) ** 2)


def check_column(box, rng):
    predictions, targets = _pair(rng)
    got = box.call("mean_squared_error", predictions[:, None], targets)
    right, every = _loss(predictions, targets), (predictions[:, None] - targets) ** 2
    mistakes = {
        "Every prediction is still compared with every target: (n, 1) and (n,) meet in (n, n).": every.mean(),
        "All pairs are added up and only the sum is divided: the pairs themselves must go.": every.mean() * 6,
        "This is the sum of the squares; the mean divides it by their number.": right * 6,
        "The means are compared; compare each prediction with its own target.": (
            predictions.mean() - targets.mean()
        )
        ** 2,
    }
    close(got, right, 1e-4, what="the loss", mistakes=mistakes)


def check_same(box, rng):
    predictions, targets = _pair(rng)
    try:
        got = box.call("mean_squared_error", predictions, targets)
    except CallFailed as failed:
        said = ": ".join(filter(None, (failed.type, failed.message)))
        raise CheckFailed(
            f"Predictions of shape (n,) fail now, which worked before: {said}", kind="exception"
        ) from None
    every = ((predictions[:, None] - targets) ** 2).mean()
    mistakes = {"Now predictions of shape (n,) are compared with every target; before it was right.": every}
    close(got, _loss(predictions, targets), 1e-4, what="the loss", mistakes=mistakes)


def check_too_many(box, rng):
    predictions, targets = _pair(rng)
    close(
        box.call("mean_squared_error", predictions[:5, None], targets[:5]),
        _loss(predictions[:5], targets[:5]),
        1e-4,
        what="the loss of five predictions for five targets",
    )
    for given in (predictions[:, None], predictions):
        try:
            got = box.call("mean_squared_error", given, targets[:5])
        except CallFailed:
            continue
        raise CheckFailed(
            f"Six predictions of shape {given.shape} and five targets gave a loss; it must be an error.",
            expected="an error",
            got=got,
        )
