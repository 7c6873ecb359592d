"""Cross-entropy and its gradient in float64."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close


def _rows(logits, labels):
    z = logits.astype(np.float64)
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels], np.exp(log_p)


def _usual(rng, rows=5, classes=4, scale=1.5):
    logits = rng.normal(0, scale, size=(rows, classes)).astype("float32")
    return logits, rng.integers(0, classes, size=rows)


def _huge(rng):
    logits, labels = _usual(rng, 6, 4)
    logits[:3] += (rng.uniform(100, 500, size=(3, 1))).astype("float32")
    logits[np.arange(3, 6), labels[3:]] -= rng.uniform(120, 400, size=3).astype("float32")
    return logits, labels


def check_values(box, rng):
    logits, labels = _usual(rng, rows=int(rng.integers(4, 8)))
    rows, p = _rows(logits, labels)
    picked = logits[np.arange(len(labels)), labels]
    close(
        box.call("cross_entropy", logits, labels),
        rows.mean(),
        1e-4,
        1e-5,
        what="the loss",
        mistakes={
            "This is the sum over the rows; the mean is asked for.": rows.sum(),
            "The sign is wrong: a loss is large where the right class is improbable.": -rows.mean(),
            "This is the mean of the log-sum-exp. The logit of the right class is still to be subtracted.": (
                rows + picked
            ).mean(),
            "This is minus the probability of the right class; its logarithm is missing.": -p[
                np.arange(len(labels)), labels
            ].mean(),
        },
    )


def check_large(box, rng):
    logits, labels = _huge(rng)
    rows, _ = _rows(logits, labels)
    got = box.call("cross_entropy", logits, labels)
    if np.ndim(got) == 0 and got is not None and not np.isfinite(got):
        alone = [box.call("cross_entropy", logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))]
        if not np.isfinite(alone[:3]).all():
            raise CheckFailed(
                f"A row with logits around {logits[0, 0]:.0f} gives {'NaN' if np.isnan(alone[0]) else 'infinity'}: "
                "`exp` of that is infinite. Take the largest logit out of each row first.",
                kind="not finite",
            )
        if np.isfinite(alone).all():
            raise CheckFailed(
                "Each row alone is right, all together are not: take out of each row the largest of its own row.",
                kind="not finite",
            )
        raise CheckFailed(
            "Where the right class is far behind, the loss is infinite: its probability was rounded to 0 before the "
            "logarithm saw it. Do not compute the probability at all.",
            kind="not finite",
        )
    close(got, rows.mean(), 1e-4, 1e-4, what="the loss of large logits")


def _gradient(box, rng, logits, labels):
    above = np.asarray(rng.uniform(2, 3)).astype("float32")
    try:
        answer = box.call("harness.standard_formula", "cross_entropy_backward", above, logits, labels)
    except CallFailed as failed:
        if "does not require grad" in failed.message:
            raise CheckFailed(
                "Autograd is switched off here: write the formula itself, without backward() or autograd.grad()."
            ) from None
        raise
    _, p = _rows(logits, labels)
    truth = np.eye(logits.shape[1])[labels]
    size = len(labels)
    close(
        answer["result"],
        above * (p - truth) / size,
        1e-3,
        1e-5,
        what="the gradient of `logits`",
        mistakes={
            "This is the gradient of the sum over the rows: the mean divides it by their number.": above
            * (p - truth),
            "`grad_output`, the gradient that arrives from above, is left out.": (p - truth) / size,
            "These are the probabilities; the truth is not subtracted yet.": above * p / size,
            "The sign is wrong: the score of the right class must get a negative gradient.": above
            * (truth - p)
            / size,
            "The mean is over the rows, not over all N · C numbers.": above * (p - truth) / p.size,
        },
    )
    for name, after, before in zip(
        ("grad_output", "logits", "labels"), answer["arguments"], (above, logits, labels)
    ):
        if not np.array_equal(after, before):
            raise CheckFailed(f"Your function changed `{name}`, which belongs to its caller.")


def check_gradient(box, rng):
    _gradient(box, rng, *_usual(rng))


def check_gradient_large(box, rng):
    _gradient(box, rng, *_huge(rng))
