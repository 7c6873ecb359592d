"""The checker: runs an exercise's checks against a box and writes down the outcome.

It holds the checks and the expected values and runs in the trusted process. The learner's code is only
ever reached through the box, and sees nothing but the arguments of each call.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from glasstorch_web.grader import messages
from glasstorch_web.grader.author_code import derived, drawn, filled, load_checks
from glasstorch_web.grader.comparing import CheckFailed
from glasstorch_web.grader.exercises import CheckSpec, Exercise, ExerciseError
from glasstorch_web.grader.learner_source import LearnerSource
from glasstorch_web.grader.result import Detail, Result, Status, Test, TestStatus, json_ready
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.limits import SOURCE_BYTES
from glasstorch_web.sandbox.process import BoxEnded, EditionError, Sandbox, SandboxError

log = logging.getLogger("glasstorch.grader")

Progress = Callable[[int, int, str], None]

MAX_OUTPUT = 64 * 1024


class Run:
    """One submission being checked. Used once."""

    def __init__(
        self,
        zygote: Sandbox,
        exercise: Exercise,
        source: str,
        seed: int,
        progress: Progress | None,
        learner: str = "",
        make_box: Callable[..., Box] = Box,
    ) -> None:
        """learner: whom inputs drawn per learner belong to. make_box: in place of `Box`."""
        self._exercise = exercise
        self._source = source
        self._learner = LearnerSource(source, exercise.entry)
        self._seed = seed
        self._progress = progress or (lambda done, total, now: None)
        self._drawn = drawn(exercise, learner)
        self._checks = load_checks(exercise, self._drawn)
        self._tests: dict[str, Test] = {}
        self._printed: list[str] = []
        self._trouble = ""  # why the code could not be run at all
        self._too_slow = False
        self._box = make_box(
            zygote,
            source,
            limits=exercise.limits,
            harness=exercise.harness,
            entry=exercise.entry,
            tensors=exercise.tensors,
            seed=derived(seed, "box"),
            solution=filled(exercise.read("solution.py"), self._drawn),
            without=exercise.without,
        )

    def result(self, isolation: dict[str, Any]) -> Result:
        """Run everything; raises SandboxError when the sandbox fails."""
        begun = time.monotonic()
        edition_gap = self._edition_gap()
        with self._box:
            self._trouble = self._unacceptable() or self._load()
            if not self._trouble:
                self._run_checks()
        exercise = self._exercise
        tests = [self._tests.get(check.id) or _skipped(check) for check in exercise.checks]
        status = self._status(tests)
        result = Result(
            exercise=exercise.id,
            exercise_version=version(exercise),
            status=status,
            score=round(sum(test["score"] for test in tests), 2),
            max_score=exercise.points,
            execution_time=round(time.monotonic() - begun, 4),
            cpu_time=round(exercise.limits.cpu_seconds - self._box.cpu_left, 4),
            memory_mb=round(self._box.memory_kb / 1024, 1),
            output=messages.scrub("".join(self._printed))[:MAX_OUTPUT],
            message=self._message(tests),
            explanation=exercise.explanation if status == "passed" else "",
            seed=self._seed,
            isolation={
                **{key: isolation[key] for key in ("level", "landlock_abi", "userns", "seccomp")},
                "gaps": [*isolation["gaps"], *filter(None, [edition_gap])],
            },
            tests=tests,
        )
        return json_ready(result)  # type: ignore[no-any-return]

    def _edition_gap(self) -> str:
        """How a learner could still read what their edition of the engine leaves out; mostly nothing."""
        try:
            edition = self._box.edition()
            return edition.gap if edition else ""
        except EditionError as error:
            raise ExerciseError(f"{self._exercise.folder / 'exercise.toml'}: `without`: {error}.") from None

    def _unacceptable(self) -> str:
        try:
            size = len(self._source.encode())
        except UnicodeEncodeError:
            return "The code holds half of a character pair; is it text?"
        if size > SOURCE_BYTES:
            return f"The code is {size // 1024} KiB long; at most {SOURCE_BYTES // 1024} KiB can be graded."
        return "" if self._source.strip() else "There is no code in this submission yet."

    def _load(self) -> str:
        """Run the learner's file; why that did not work, or nothing."""
        try:
            defined = self._box.load()
        except CallFailed as failed:
            return messages.for_failure(failed, self._learner, self._exercise.limits)
        except BoxEnded as ended:
            self._too_slow = ended.kind in ("cpu", "wall")
            return messages.for_end(ended, self._learner, self._exercise.limits)
        finally:
            self._printed.append(self._box.take_printed())
        missing = [name for name in self._exercise.entry if name not in defined]
        return messages.for_missing(missing, defined) if missing else ""

    def _run_checks(self) -> None:
        # Hidden checks come last: what learner code remembers of their inputs can then reach no output.
        ordered = sorted(self._exercise.checks, key=lambda check: check.hidden)
        for done, check in enumerate(ordered):
            self._progress(done, len(ordered), check.title)
            if not self._box.alive and not self._revived():
                return
            self._tests[check.id] = self._run(check)
            printed = self._box.take_printed()
            if not check.hidden:
                self._printed.append(printed)
        self._progress(len(ordered), len(ordered), "")

    def _revived(self) -> bool:
        """A new box for the checks that are left, when the last one has ended and time is left."""
        if self._box.exhausted:
            return False
        try:
            self._box.load()
        except (CallFailed, BoxEnded):
            return False
        finally:
            self._box.take_printed()
        return True

    def _run(self, check: CheckSpec) -> Test:
        rng = np.random.default_rng(derived(self._seed, check.id))
        limits = self._exercise.limits
        try:
            self._checks[check.id](self._box, rng)
        except CheckFailed as wrong:
            if check.hidden:
                return _test(check, "failed", messages.for_hidden(wrong.kind), None, wrong.credit)
            text = messages.for_wrong(wrong, self._learner)
            return _test(check, "failed", text, wrong.detail, wrong.credit)
        except CallFailed as failed:
            if check.hidden:
                return _test(check, "error", messages.for_hidden_failure(failed))
            return _test(check, "error", messages.for_failure(failed, self._learner, limits))
        except BoxEnded as ended:
            slow = ended.kind in ("cpu", "wall")
            self._too_slow = self._too_slow or slow
            if check.hidden:  # a line or an exit status could be chosen to tell of the inputs
                ended = BoxEnded(ended.kind)
            return _test(
                check, "timeout" if slow else "error", messages.for_end(ended, self._learner, limits)
            )
        except SandboxError:
            raise
        except EditionError as error:
            raise ExerciseError(f"{self._exercise.folder / 'checks.py'}: {error}") from None
        except Exception as error:
            # The check's own mistake, but perhaps one that only strange answers bring about.
            log.exception("check %s of %s stopped with an error", check.id, self._exercise.id)
            return _test(check, "error", messages.for_broken_check(error))
        return _test(check, "passed", "")

    def _status(self, tests: list[Test]) -> Status:
        if self._too_slow:
            return "timeout"
        if self._trouble:
            return "error"
        return "passed" if all(test["status"] == "passed" for test in tests) else "failed"

    def _message(self, tests: list[Test]) -> str:
        if self._trouble:
            return self._trouble
        passed = sum(test["status"] == "passed" for test in tests)
        if passed == len(tests):
            said = "All checks passed." if passed > 1 else "The check passed."
            return f"{said} {self._advice()}".strip()
        first = next(test for test in tests if test["status"] != "passed")
        return f"{passed} of {len(tests)} checks passed. Look first at: {first['name']}."

    def _advice(self) -> str:
        """Of a mended program: whether far fewer lines had to be changed. It costs no points."""
        if self._exercise.kind != "bug":
            return ""
        starter = self._exercise.read("starter.py")
        changed = _changed_lines(starter, self._source)
        enough = _changed_lines(starter, self._exercise.read("solution.py"))
        if changed <= 2 * enough + 1:
            return ""
        return f"You changed {changed} lines where {enough} would do: a small mend is easier to trust."


def _changed_lines(old: str, new: str) -> int:
    """Lines of `new` that are not in `old`, blank ones and comments aside."""
    before, after = (
        Counter(line.rstrip() for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#")
        for text in (old, new)
    )
    return (after - before).total()


def _test(
    check: CheckSpec, status: TestStatus, output: str, detail: Detail | None = None, credit: float = 0
) -> Test:
    hints = [] if status in ("passed", "skipped") else list(check.hints)
    return Test(
        id=check.id,
        name=check.title,
        status=status,
        score=check.points if status == "passed" else round(check.points * credit, 2),
        max_score=check.points,
        output=output,
        hint=hints[0] if hints else "",
        hints=hints,
        visibility="hidden" if check.hidden else "visible",
        detail=detail,
    )


def _skipped(check: CheckSpec) -> Test:
    return _test(check, "skipped", "Not run, because the code stopped before.")


def version(exercise: Exercise) -> str:
    """Changes when anything that decides a result does."""
    digest = hashlib.sha256()
    for name in ("exercise.toml", "checks.py", "harness.py", "solution.py"):
        path = exercise.folder / name
        digest.update(path.read_bytes() if path.exists() else b"\0")
    return digest.hexdigest()[:16]
