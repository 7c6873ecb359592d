"""Each recipe does what it is for, and does it on PyTorch, too; the help for rare classes helps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.examples import on_pytorch, run

LESS = "--digits 1000"


def lines(printed: str) -> dict[str, str]:
    """What each recipe says."""
    return dict(re.split(r"  +", line, maxsplit=1) for line in printed.splitlines())


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.\d+", text)]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return lines(run("training_recipes.py", LESS, tmp_path_factory.mktemp("recipes")))


def test_every_recipe_works(ours: dict[str, str]) -> None:
    assert ours["same-seed"] == "two runs of seed 0 equal: True   a run of seed 1 equal: False"
    apart, largest = numbers(ours["accumulation"])
    assert 0 < apart < 1e-6
    assert largest > 0.1
    clipped, without = numbers(ours["clipping"])
    assert clipped > 80 > without + 30
    with_warm_up, without = numbers(ours["warm-up"])
    assert with_warm_up > without + 1
    early, late = numbers(ours["early-stopping"])
    assert early < 0.95 * late
    stopped = int(re.findall(r"stopped after (\d+) epochs", ours["early-stopping"])[0])
    assert stopped < 40
    assert ours["resume"].startswith("True: the same bits")
    assert "ended by signal 9, 2 epochs were safe" in ours["resume"]
    together, _, best = numbers(ours["ensemble"])
    assert together > best > 80


@pytest.mark.parametrize(
    "recipes",
    ["accumulation warm-up", pytest.param("", marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_pytorch_comes_to_the_same_figures(ours: dict[str, str], recipes: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    theirs = lines(run(on_pytorch("training_recipes.py", tmp_path), f"{LESS} {recipes}", tmp_path))
    assert set(theirs) == (set(recipes.split()) or set(ours))
    assert numbers(theirs["accumulation"])[0] < 1e-6
    for recipe, said in theirs.items():
        if recipe in ("same-seed", "resume"):
            assert said == ours[recipe]
        elif recipe in ("warm-up", "ensemble", "clipping"):
            # Without clipping the training runs wild, and rounding alone decides where to.
            compared = slice(1) if recipe == "clipping" else slice(None)
            assert numbers(ours[recipe])[compared] == pytest.approx(numbers(said)[compared], abs=1)
        elif recipe == "early-stopping":
            assert numbers(ours[recipe]) == pytest.approx(numbers(said), abs=0.02)


def test_an_unknown_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no recipe pudding; there are same-seed"):
        run("training_recipes.py", "pudding", tmp_path)


def balanced(printed: str) -> dict[str, list[float]]:
    """Balanced accuracy, share of the frequent and of the rare digits read right, for each way."""
    return {line[:18].strip(): numbers(line[18:]) for line in printed.splitlines()[2:]}


RARE = "--many 200 --few 10 --epochs 4"


def test_rare_digits_are_read_with_help(tmp_path: Path) -> None:
    got = balanced(run("imbalanced_digits.py", RARE, tmp_path))
    plain = got.pop("plain")
    assert set(got) == {"class weights", "focal loss", "weighted sampler"}
    assert plain[1] > 85 > plain[2] + 50  # the rare digits are hardly ever seen
    for name, (both, _, rare) in got.items():
        assert both > plain[0] + 8, name
        assert rare > plain[2] + 15, name


@pytest.mark.slow
def test_pytorch_reads_as_many_rare_digits(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    ours = balanced(run("imbalanced_digits.py", RARE, tmp_path))
    theirs = balanced(run(on_pytorch("imbalanced_digits.py", tmp_path), RARE, tmp_path))
    assert ours.keys() == theirs.keys()
    for name, figures in ours.items():
        assert figures == pytest.approx(theirs[name], abs=2), name


@pytest.mark.slow
def test_the_figures_stated_are_reached(tmp_path: Path) -> None:
    reached = balanced(run("imbalanced_digits.py", "", tmp_path))
    assert reached["plain"][0] < 80 < 86 < reached["class weights"][0] < reached["weighted sampler"][0]
    assert reached["weighted sampler"][0] > 93
    together, _, best = numbers(lines(run("training_recipes.py", "ensemble", tmp_path))["ensemble"])
    assert together > 91 > best
