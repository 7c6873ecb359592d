"""Checks of a training: scored here, on data held back, from predictions. A score from the box is never believed.

    model = box.call("train", x, y, keep=True)             # stays in the box
    score = accuracy(box, model, held_back, labels)        # only the inputs go in, only predictions come out
    reaches(score, 0.95, partly={0.85: 0.5}, what="the accuracy on digits held back")

The budget of computing time is the exercise's `limits.cpu_seconds`; that of steps is the number of batches handed in.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glasstorch_web.grader.comparing import CheckFailed, shape
from glasstorch_web.sandbox.box import Box
from glasstorch_web.sandbox.values import Handle


def reaches(
    score: float,
    target: float,
    *,
    partly: dict[float, float] | None = None,
    what: str = "the score",
    lower: bool = False,
) -> None:
    """Require a score to reach a target; with `partly` ({0.8: 0.5}) a part of the points from lesser marks on.

    lower: small scores are good ones, as for a loss.
    """

    def reached(mark: float) -> bool:
        return math.isfinite(score) and (score <= mark if lower else score >= mark)

    if reached(target):
        return
    share = max((part for mark, part in (partly or {}).items() if reached(mark)), default=0.0)
    wanted = "at most" if lower else "at least"
    said = f"{what[:1].upper()}{what[1:]} is {_shown(score)}; it must be {wanted} {_shown(target)}."
    if share:
        said += f" That is worth {100 * share:.0f} % of the points."
    raise CheckFailed(said, expected=_shown(target), got=_shown(score), kind="values", credit=share)


def accuracy(box: Box, model: Handle, inputs: np.ndarray, labels: np.ndarray) -> float:
    """The share of inputs for which a kept model's largest output, or the class that it returns, is the label."""
    got = _predictions(box, model, inputs)
    if got.ndim == 2 and got.shape[0] == len(labels):
        got = got.argmax(axis=1)
    shape(got, labels.shape, "what the model returns")
    return float(np.mean(got == labels))


def mean_squared_error(box: Box, model: Handle, inputs: np.ndarray, targets: np.ndarray) -> float:
    """The mean squared difference between a kept model's predictions and the targets."""
    got = _predictions(box, model, inputs)
    shape(got, targets.shape, "what the model returns")
    return float(np.mean((got.astype(np.float64) - targets) ** 2))


def parameters_at_most(box: Box, model: Handle, most: int) -> None:
    """Require a kept model to learn at most so many numbers. The box counts: a budget, not a wall."""
    _require_model(model)
    count = box.call("harness.standard_size", model)
    if type(count) is not int or count > most:
        raise CheckFailed(f"The model has {count} parameters; at most {most} are allowed.", got=count)


def _require_model(model: Handle) -> None:
    if model.type == "NoneType":
        raise CheckFailed("The training returned None. Is a `return` missing?", got="None", kind="type")


def _predictions(box: Box, model: Handle, inputs: np.ndarray) -> np.ndarray:
    _require_model(model)
    got: Any = box.call(model, inputs)
    answer = np.asarray(got) if type(got) in (float, int) else got
    if type(answer) is np.ndarray:
        lost = int((~np.isfinite(answer)).sum())
        if lost:
            raise CheckFailed(
                f"{lost} of the model's {answer.size} predictions are NaN or infinite: the training diverged. "
                "Is the learning rate too large?",
                kind="not finite",
            )
        return answer
    raise CheckFailed(f"The model returned a {type(got).__name__}; it must return a tensor.", kind="type")


def _shown(score: float) -> str:
    return f"{float(score):.4g}"
