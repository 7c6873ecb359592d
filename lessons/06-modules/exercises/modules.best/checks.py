"""Epochs that are known beforehand: which weights are left, what is returned, and in which mode each call came."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _story(rng, epochs=5, best=None, low=0.1):
    weights = rng.normal(size=(epochs, 3)).astype("float32")
    buffers = rng.normal(size=(epochs, 2)).astype("float32")
    scores = rng.permutation(np.linspace(low, low + 0.8, epochs)) + rng.uniform(0, 0.1)
    if best is not None:
        top = int(np.argmax(scores))
        scores[[top, best]] = scores[[best, top]]
        low = int(np.argmin(scores))
        scores[[low, 3]] = scores[[3, low]]
    return weights, buffers, scores.astype("float64")


def _run(box, story):
    weights, buffers, scores = story
    got = box.call("harness.run", weights, buffers, [float(score) for score in scores])
    epochs = [name for name, _ in got["diary"]]
    if epochs.count("epoch") != len(weights):
        raise CheckFailed(
            f"`one_epoch` was called {epochs.count('epoch')} times; `epochs` was {len(weights)}.",
            kind="values",
        )
    if epochs.count("score") == 0:
        raise CheckFailed("`score` was never called.")
    return got


def _require_best(got, story, best):
    weights, buffers, scores = story
    mistakes = {
        "These are the weights of the last epoch. What `state_dict()` returns are the model's own tensors, "
        "and training goes on changing them: copy what you want to keep.": weights[-1],
        "These are the weights that scored worst; the larger the score the better.": weights[
            int(np.argmin(scores))
        ],
        "These are the weights of the first epoch.": weights[0],
    }
    mistakes = {said: wrong for said, wrong in mistakes.items() if not np.array_equal(wrong, weights[best])}
    close(got["weight"], weights[best], what="the weight at the end", mistakes=mistakes)
    close(got["running"], buffers[best], what="the buffer at the end")


def check_best(box, rng):
    story = _story(rng, best=2)
    got = _run(box, story)
    _require_best(got, story, 2)


def check_returns(box, rng):
    story = _story(rng, best=int(rng.integers(0, 3)))
    got = _run(box, story)
    if got["kind"] == "NoneType":
        raise CheckFailed("`train_keeping_best` returned None. Is a `return` missing?", kind="type")
    scores = story[2]
    close(
        got["returned"],
        scores.max(),
        what="the returned score",
        mistakes={"This is the score of the last epoch; return the best one.": scores[-1]},
    )


def check_modes(box, rng):
    story = _story(rng, best=1)
    got = _run(box, story)
    for number, (call, training) in enumerate(got["diary"]):
        if call == "epoch" and not training:
            raise CheckFailed(
                "In the first epoch the model was in evaluation mode. Switch it to training mode before each epoch."
                if number == 0
                else "In a later epoch the model was in evaluation mode: nothing switched back to training "
                "after the last score. Then dropout does nothing for the rest of the training."
            )
        if call == "score" and training:
            raise CheckFailed("`score` was called in training mode: dropout takes part in the measurement.")
    if got["training"]:
        raise CheckFailed("At the end the model is in training mode; it shall be in evaluation mode.")
    close(got["weight"], story[0][1], what="the weight at the end")


def check_negative(box, rng):
    story = _story(rng, low=-3.0)
    _require_best(_run(box, story), story, int(np.argmax(story[2])))
    weights, buffers, scores = _story(rng)
    scores[:] = np.sort(scores)
    scores[2:] = scores[2]
    _require_best(_run(box, (weights, buffers, scores)), (weights, buffers, scores), 2)
