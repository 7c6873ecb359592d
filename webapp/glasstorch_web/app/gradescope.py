"""A result as Gradescope's `results.json`: exactly the fields that its autograder format has.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..store import Submission

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


class GradescopeTest(BaseModel):
    """One check."""

    model_config = ConfigDict(extra="forbid")

    score: float
    max_score: float
    status: Literal["passed", "failed"]
    name: str
    number: str
    output: str
    output_format: Literal["md"] = "md"
    visibility: Visibility
    extra_data: dict[str, Any] = Field(description="Glasstorch's own id, status and hints of the check")


class GradescopeResults(BaseModel):
    """The file that an autograder leaves in /autograder/results."""

    model_config = ConfigDict(extra="forbid")

    score: float
    execution_time: float = Field(description="Seconds")
    output: str
    output_format: Literal["text"] = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "visible"
    tests: list[GradescopeTest]
    extra_data: dict[str, Any] = Field(description="submission, exercise, status and isolation level here")


def results_json(submission: Submission) -> GradescopeResults | None:
    """The export of a graded submission; None while it has no score."""
    result = submission.result
    if result is None or result["status"] == "grader_error":
        return None
    tests = [
        GradescopeTest(
            score=test["score"],
            max_score=test["max_score"],
            status="passed" if test["status"] == "passed" else "failed",
            name=test["name"],
            number=str(number),
            output=test["output"],
            visibility=test["visibility"],
            extra_data={"id": test["id"], "status": test["status"], "hints": test.get("hints", [])},
        )
        for number, test in enumerate(result["tests"], start=1)
    ]
    printed = result["output"]
    return GradescopeResults(
        score=result["score"],
        execution_time=result["execution_time"],
        output=f"{result['message']}\n\n{printed}" if printed else result["message"],
        tests=tests,
        extra_data={
            "submission": submission.id,
            "exercise": submission.exercise,
            "status": result["status"],
            "max_score": result["max_score"],
            "isolation": (result["isolation"] or {}).get("level"),
        },
    )
