"""What grading a submission comes to: plain JSON values under Gradescope's names."""

from __future__ import annotations

import math
from typing import Any, Literal, TypedDict

from glasstorch_web.grader.window import Window

TestStatus = Literal["passed", "failed", "error", "timeout", "skipped"]
Status = Literal["passed", "failed", "error", "timeout"]


class GraphDetail(TypedDict):
    """A learner's graph and where it differs from the solution's.

    record: `glasstorch.autograd.graph.Graph.to_dict("full")`. differences: fields of
    `glasstorch.autograd.graph.Difference`, what to look at first in front. page: the state of `<gt-graph-view>` for a
    page, or None.
    """

    record: dict[str, Any]
    differences: list[dict[str, Any]]
    page: dict[str, Any] | None


class Detail(TypedDict):
    """How far off an answer was, and where; None where it does not apply."""

    max_abs_diff: Any
    max_rel_diff: Any
    where: Any
    expected: Any
    got: Any
    arrays: Window | None
    graph: GraphDetail | None


class Test(TypedDict):
    """One check's outcome. `output` is the message for the learner, `hints` are to be read one by one (`hint` is the
    first). A check that failed has a score too where it gives part of its points.
    """

    id: str
    name: str
    status: TestStatus
    score: float
    max_score: float
    output: str
    hint: str
    hints: list[str]
    visibility: Literal["visible", "hidden"]
    detail: Detail | None


class Result(TypedDict):
    """The outcome of one submission.

    status: "passed"; "failed" (some check did not pass); "timeout" (a limit of time was reached);
    "error" (the code could not be run at all). `output` is what the learner's code printed outside
    hidden checks, `message` one sentence on the whole, `explanation` what there is to learn from a passed
    exercise (empty otherwise). `seed` and `exercise_version` make a regrade
    come to the same result. Times are seconds.
    """

    exercise: str
    exercise_version: str
    status: Status
    score: float
    max_score: float
    execution_time: float
    cpu_time: float
    memory_mb: float
    output: str
    message: str
    explanation: str
    seed: int
    isolation: dict[str, Any]
    tests: list[Test]


def json_ready(value: Any) -> Any:
    """The value with NaN and infinities as text, since JSON has no word for them, and text as valid UTF-8."""
    kind = type(value)
    if (kind is str and value.isascii()) or value is None or kind is int or kind is bool:
        return value  # nearly all there is
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {json_ready(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    return value if isinstance(value, int) else str(value)
