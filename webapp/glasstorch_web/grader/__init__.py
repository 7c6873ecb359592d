"""Grade submissions: checks on the trusted side, learner code in the sandbox.

    with Grader() as grader:
        result = grader.grade(exercise, source)

One Grader per worker. `grade` is the same with a Grader of the process's own.
"""

from __future__ import annotations

import atexit
import secrets
import threading
from collections.abc import Callable
from typing import Any

from glasstorch_web.grader.checker import Progress, Run
from glasstorch_web.grader.exercises import Exercise, ExerciseError, find_exercises, load_exercise
from glasstorch_web.grader.result import Result
from glasstorch_web.sandbox.box import Box
from glasstorch_web.sandbox.process import Edition, Sandbox, SandboxError
from glasstorch_web.sandbox.selftest import measure

__all__ = [
    "Exercise",
    "ExerciseError",
    "Grader",
    "Result",
    "SandboxError",
    "find_exercises",
    "grade",
    "load_exercise",
]


class Grader:
    """Owns a zygote from which every submission gets its box; a context manager.

    Starting takes part of a second, a grade some tens of milliseconds. Safe to call from several
    threads, one grade at a time; for more at once, use more Graders. The engine version graded with
    is the one installed when the Grader started.
    """

    def __init__(self, *, isolation: dict[str, bool] | None = None) -> None:
        """isolation: mechanisms to leave out, for tests and comparisons (see `sandbox.isolation.prepare`)."""
        self._sandbox = Sandbox(isolation=isolation)
        self._lock = threading.Lock()
        self._measured: dict[str, Any] = {}

    def __enter__(self) -> Grader:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the sandbox and measure it; raises SandboxError when grading is impossible here."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if not self._measured:
            self._sandbox.start()
            self._measured = measure(self._sandbox)

    def close(self) -> None:
        """End the zygote and every box; a later grade starts them again."""
        with self._lock:
            self._sandbox.close()
            self._measured = {}

    @property
    def isolation(self) -> dict[str, Any]:
        """What was measured at start: {level, landlock_abi, userns, seccomp, selftest_at, gaps, ...}."""
        self.start()
        return self._measured

    def box(self, source: str) -> Box:
        """A box of its own for some code that uses the framework; a context manager, to be loaded by the caller."""
        self.start()
        return Box(self._sandbox, source, tensors=True)

    def edition(self, exercise: Exercise) -> Edition | None:
        """The edition of the framework that the exercise's learners get; None when it is whole.

        Raises EditionError when there can be none.
        """
        with self._lock:
            self._start()
            return self._sandbox.edition(exercise.without) if exercise.without else None

    def grade(
        self,
        exercise: Exercise,
        source: str,
        progress: Progress | None = None,
        seed: int | None = None,
        *,
        learner: str = "local",
        make_box: Callable[..., Box] = Box,
    ) -> Result:
        """Grade one submission; whatever the source does, this returns in bounded time.

        progress is called with (checks done, checks in all, title of the one beginning). The same
        source, seed and exercise version give the same result. learner: whom to ask about the numbers that an
        exercise draws per learner. make_box: in place of `Box`, for those who test exercises.

        Raises:
            ExerciseError: the exercise's own files are broken.
            SandboxError: the sandbox failed twice; the submission is not to blame.
        """
        if seed is None:
            seed = secrets.randbits(48)
        with self._lock:
            self._start()
            arguments = (self._sandbox, exercise, source, seed, progress, learner, make_box)
            try:
                return Run(*arguments).result(self._measured)
            except SandboxError:
                self._sandbox.close()
                self._sandbox.start()
                return Run(*arguments).result(self._measured)


_own: Grader | None = None
_own_lock = threading.Lock()


def grade(
    exercise: Exercise, source: str, *, progress: Progress | None = None, seed: int | None = None
) -> Result:
    """`Grader.grade` with a Grader that this process keeps."""
    global _own
    with _own_lock:
        if _own is None:
            _own = Grader()
            atexit.register(_own.close)
    return _own.grade(exercise, source, progress, seed)
