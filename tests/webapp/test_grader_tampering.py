"""Submissions that try to be called right without being right: none gets a point it has not earned."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, Sandbox

HERE = Path(__file__).parent
CORPUS = {path.stem: path.read_text() for path in sorted((HERE / "tampering").glob("*.py"))}
FOLDER = HERE / "exercises" / "00-fixtures" / "exercises" / "fixture.relu-backward"
LIMITS = Limits(cpu_seconds=1, wall_seconds=3, memory_mb=128, reply_mb=8)

# One process that holds the expected values, runs the submission and gives the verdict: what most graders do.
NAIVE = """
import gc
import numpy as np
import submission

def _expected(x, g):
    return g * (x > 0)

def verdict(x, g):
    expected = _expected(x, g)
    return bool(np.allclose(submission.relu_backward(x, g), expected))
"""


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return dataclasses.replace(load_exercise(FOLDER), limits=LIMITS)


def head(source: str, word: str) -> str:
    line = next(line for line in source.splitlines() if line.startswith(f"# {word}:"))
    return line.partition(":")[2].strip()


@pytest.mark.parametrize("name", CORPUS)
def test_no_points_for_tampering(grader: Grader, exercise: Exercise, name: str) -> None:
    source = CORPUS[name]
    result = grader.grade(exercise, source, seed=5)
    json.dumps(result, allow_nan=False)
    values = result["tests"][0]
    assert values["score"] == 0
    assert result["status"] == head(source, "ends")
    message = result["message"] if values["status"] == "skipped" else values["output"]
    assert head(source, "says") in message
    assert message[-1] != ":"
    assert len(message) < 4000
    assert str(HERE.parents[1]) not in json.dumps(result)


def fools(sandbox: Sandbox, source: str) -> bool:
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(2, 5, 7)).astype(np.float32)
    limits = dataclasses.replace(LIMITS, wall_seconds=1)
    with Box(sandbox, source, limits=limits, harness=NAIVE) as box:
        try:
            box.load()
            return box.call("harness.verdict", x, g) is True
        except CallFailed:
            return False
        except BoxEnded as ended:
            return ended.kind == "exit" and ended.detail == "0"  # `python tests.py && echo passed`


def test_the_same_submissions_fool_a_grader_in_their_process() -> None:
    """The positive control: the corpus is of real tricks. (The fooled grader itself runs in a box.)"""
    with Sandbox(framework="") as sandbox:
        fooled = {name for name, source in CORPUS.items() if fools(sandbox, source)}
        assert fools(sandbox, (FOLDER / "solution.py").read_text())
        assert not fools(sandbox, (FOLDER / "wrong" / "forgot_mask.py").read_text())
    assert {
        "empty_array",
        "lying_subclass",
        "patched_numpy",
        "searches_frames",
        "leaves_in_silence",
    } <= fooled
    assert len(fooled) >= 10, sorted(fooled)


def test_corpus_is_large() -> None:
    assert len(CORPUS) >= 60
