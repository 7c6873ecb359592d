"""Submissions that try to be called right without being right: none gets a point it has not earned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from glasstorch_web.grader import Grader
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.process import BoxEnded, Sandbox
from support.tampering import CORPUS, EXERCISES, LIMITS, USUAL, gains_nothing, head

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

# What these return is right in value, and only not of the kind that was asked for.
RIGHT_VALUES = {"complex_values", "list_of_rows", "stretching_shape", "wide_float", "wrong_dtype"}


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.mark.parametrize("name", CORPUS)
def test_no_points_for_tampering(grader: Grader, name: str) -> None:
    gains_nothing(grader, CORPUS[name], all_checks=True)


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
        asked = {name for name, source in CORPUS.items() if not head(source, "exercise")}
        asked -= {
            name for name in asked if name.startswith("frame_") or head(CORPUS[name], "ends") == "timeout"
        }
        fooled = {name for name in asked if fools(sandbox, CORPUS[name])}
        assert fools(sandbox, (EXERCISES / USUAL / "solution.py").read_text())
        assert not fools(sandbox, (EXERCISES / USUAL / "wrong" / "forgot_mask.py").read_text())
    unearned = fooled - RIGHT_VALUES
    assert {
        "empty_array",
        "lying_subclass",
        "patched_numpy",
        "overwrites_expected",
        "leaves_in_silence",
    } <= unearned
    assert len(unearned) >= 12, sorted(unearned)


def test_corpus_is_large() -> None:
    assert len(CORPUS) >= 150
