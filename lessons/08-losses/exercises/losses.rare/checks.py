"""Three overlapping clouds, one of them rare; each class is scored by itself on points held back."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, reaches, shape

CENTRES = np.array([[-1.6, 0.0], [1.6, 0.0], [0.0, 0.9]])


def _clouds(rng, counts, order):
    centres = CENTRES[order]
    x = np.concatenate(
        [centre + rng.normal(0, 0.75, size=(count, 2)) for centre, count in zip(centres, counts)]
    )
    y = np.repeat(np.arange(3), counts)
    shuffled = rng.permutation(len(y))
    return x[shuffled].astype("float32"), y[shuffled]


def _scores(box, rng, rare):
    """The accuracy of each class; `rare` lies between the two others."""
    order = [0, 1]
    order.insert(rare, 2)
    counts = [150, 150]
    counts.insert(rare, 14)
    model = box.call("train_fair", *_clouds(rng, counts, order), keep=True)
    x, y = _clouds(rng, [200] * 3, order)
    got = box.call(model, x)
    shape(got, (600, 3), "what the model returns")
    answers = got.argmax(axis=1)
    return [float(np.mean(answers[y == kind] == kind)) for kind in range(3)]


def check_rare(box, rng):
    rare = int(rng.integers(0, 3))
    scores = _scores(box, rng, rare)
    if scores[rare] < 0.5:
        raise CheckFailed(
            f"Only {100 * scores[rare]:.0f} % of the rare class are found: in the mean it hardly counts.",
            kind="values",
        )


def check_fair(box, rng):
    rare = int(rng.integers(0, 3))
    scores = _scores(box, rng, rare)
    common = np.delete(scores, rare).min()
    if scores[rare] > 0.9 and common < 0.5:
        raise CheckFailed(
            f"Now a common class is given up: only {100 * common:.0f} % of it are right. The weights are too large."
        )
    reaches(min(scores), 0.5, what="the worst of the three accuracies")


def check_other(box, rng):
    for rare in range(3):
        scores = _scores(box, rng, rare)
        reaches(min(scores), 0.5)
