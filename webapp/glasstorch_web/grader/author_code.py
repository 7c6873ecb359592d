"""An author's checks.py: its check functions, and what it draws for each learner. Runs in the trusted process.

A prediction may ask every learner about other numbers. Then checks.py has a function

    def draw(rng):
        x = rng.integers(1, 9, size=3)
        return {"x": x.tolist(), "total": int(x.sum())}

and `{{x}}` in the statement, the starter, the prompts, the solution and the wrong answers stands for what it drew. A
check that takes a third argument gets the whole dict, as an `Asked`.
"""

from __future__ import annotations

import functools
import inspect
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from glasstorch_web.grader.exercises import Exercise, ExerciseError, Question
from glasstorch_web.sandbox.box import Box

Check = Callable[[Box, np.random.Generator], None]
_PLACE = re.compile(r"\{\{(\w+)\}\}")


class Asked(dict[str, Any]):
    """What was drawn for a learner, with the exercise's questions by id and the name that holds the answers."""

    def __init__(self, exercise: Exercise, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.entry = exercise.entry[0]
        self.questions: dict[str, Question] = {question.id: question for question in exercise.questions}


def load_checks(exercise: Exercise, values: Asked) -> dict[str, Check]:
    """The functions of checks.py by check id; ExerciseError for its author when one is missing.

    values: what was drawn for the learner.
    """
    module = _module(exercise)
    found = {}
    for check in exercise.checks:
        function = getattr(module, check.function, None)
        if not callable(function):
            raise ExerciseError(
                f"{module.__file__}: there is no function {check.function} for the check {check.id!r}."
            )
        takes = _arguments(function)
        found[check.id] = functools.partial(_with_drawn, function, values) if takes > 2 else function
    return found


def _arguments(function: Callable[..., None]) -> int:
    """How many arguments a check takes; `inspect.signature` alone would make up much of a grade."""
    function = inspect.unwrap(function)
    if isinstance(function, FunctionType):
        return function.__code__.co_argcount
    return len(inspect.signature(function).parameters)


def _with_drawn(function: Callable[..., None], values: Asked, box: Box, rng: np.random.Generator) -> None:
    function(box, rng, values)


def drawn(exercise: Exercise, learner: str) -> Asked:
    """What `draw` of checks.py gives this learner: always the same. Empty where there is no `draw`."""
    draw = getattr(_module(exercise), "draw", None) if exercise.kind == "prediction" else None
    if draw is None:
        return Asked(exercise, {})
    seed = derived(zlib.crc32(learner.encode()), exercise.id)
    values = draw(np.random.default_rng(seed))
    if not isinstance(values, dict):
        raise ExerciseError(f"{exercise.folder / 'checks.py'}: draw(rng) must return a dict.")
    return Asked(exercise, values)


def filled(text: str, values: dict[str, Any]) -> str:
    """A text of the exercise with what was drawn in the places of `{{name}}`."""
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)


def derived(seed: int, purpose: str) -> int:
    """An independent seed for each purpose, so that the order of checks does not matter."""
    return int(np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]).generate_state(1)[0])


def _module(exercise: Exercise) -> ModuleType:
    """checks.py run anew, so that nothing it keeps passes from one submission to the next."""
    path = exercise.folder / "checks.py"
    module = ModuleType(f"glasstorch_checks_{exercise.id}")
    module.__file__ = str(path)
    try:
        stat = path.stat()
        exec(_compiled(path, stat.st_mtime_ns, stat.st_size), vars(module))
    except Exception as error:
        raise ExerciseError(f"{path}: {type(error).__name__}: {error}") from error
    return module


@functools.lru_cache(maxsize=256)
def _compiled(path: Path, changed: int, size: int) -> CodeType:
    """The file's code; its author may change the file while the service runs."""
    return compile(path.read_bytes(), path, "exec", dont_inherit=True)
