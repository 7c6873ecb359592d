"""The examples reach the figures that they state: each is run as a learner would run it.

`LESS` has each script with arguments for a shorter run and a weaker figure, still far from what chance gives; the full
runs are `slow`. `test_pytorch_...` runs the same scripts on PyTorch, with the imports changed, and compares.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from support.examples import EXAMPLES, ROOT, on_pytorch, run

# script: (arguments, the figure's name in the last line that has it, its lowest and highest value)
LESS = {
    "cifar_style_classifier.py": ("--epochs 4 --images 750", "images never seen", 20, 100),
    "copy_task.py": ("--steps 300", "accuracy", 0.4, 1.0),
    "digits_classifier.py": ("--epochs 1 --digits 4000", "test accuracy", 85, 100),
    "digits_gan.py": ("--epochs 2", "distance of made", 3, 500),
    "shape_detector.py": ("--epochs 3 --scenes 450", "mAP@0.5", 0.15, 1.0),
    "text_classifier.py": ("--epochs 2 --reviews 8000", "Transformer", 60, 97),
    "tiny_language_model.py": ("--steps 60 --sentences 8", "reached", 0.51, 2.7),
}
WHOLE = {
    "cifar_style_classifier.py": ("", "images never seen", 94, 100),
    "copy_task.py": ("", "accuracy", 0.99, 1.0),
    "digits_classifier.py": ("", "test accuracy", 98.2, 100),
    "digits_gan.py": ("", "distance of made", 3, 40),
    "shape_detector.py": ("", "mAP@0.5", 0.95, 1.0),
    "text_classifier.py": ("", "Transformer", 89, 97),
    "tiny_language_model.py": ("", "reached", 0.51, 0.56),
}
TESTED_ELSEWHERE = {
    "transfer_learning.py",
    "training_recipes.py",
    "imbalanced_digits.py",
}  # in files of their own


def figure(printed: str, name: str) -> float:
    """The last number printed after `name`, which begins its line."""
    return float(re.findall(rf"^{re.escape(name)} +(-?[\d.]+)", printed, re.MULTILINE)[-1])


QUICK = {"copy_task.py", "digits_classifier.py", "text_classifier.py"}


@pytest.mark.parametrize(
    "script", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in LESS]
)
def test_a_shorter_run_learns(script: str, tmp_path: Path) -> None:
    arguments, name, low, high = LESS[script]
    assert low <= figure(run(script, arguments, tmp_path), name) <= high


@pytest.mark.slow
@pytest.mark.parametrize("script", WHOLE)
def test_the_figure_stated_is_reached(script: str, tmp_path: Path) -> None:
    arguments, name, low, high = WHOLE[script]
    assert low <= figure(run(script, arguments, tmp_path), name) <= high


def test_every_example_is_run_and_listed() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    assert scripts - TESTED_ELSEWHERE == set(LESS) == set(WHOLE)
    assert all(f"`{name}`" in (EXAMPLES / "README.md").read_text("utf-8") for name in scripts)


# Each with the arguments of a short run, the figure to compare, and how far apart the engines may end.
PYTORCH = [
    ("copy_task.py", "--steps 100", "accuracy", 0.03),
    pytest.param("text_classifier.py", "--epochs 1 --reviews 4000", "Transformer", 2, marks=pytest.mark.slow),
    pytest.param(
        "tiny_language_model.py", "--steps 100 --sentences 8", "reached", 0.03, marks=pytest.mark.slow
    ),
    pytest.param(
        "digits_classifier.py", "--epochs 1 --digits 3000", "test accuracy", 2, marks=pytest.mark.slow
    ),
    pytest.param(
        "cifar_style_classifier.py", "--epochs 2 --images 500", "images never seen", 8, marks=pytest.mark.slow
    ),
    pytest.param("digits_gan.py", "--epochs 1", "distance of noise", 25, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("script", "arguments", "name", "apart"), PYTORCH)
def test_pytorch_runs_it_with_the_imports_changed(
    script: str, arguments: str, name: str, apart: float, tmp_path: Path
) -> None:
    """The same code, seeds and random numbers. (The detector needs operators that torchvision has compiled.)"""
    pytest.importorskip("torch")
    theirs = figure(run(on_pytorch(script, tmp_path), arguments, tmp_path), name)
    assert figure(run(script, arguments, tmp_path), name) == pytest.approx(theirs, abs=apart)


def accuracy_bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("accuracy_bench", ROOT / "bench" / "accuracy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("model", "count", "epochs"), [("mlp", 2000, 2), ("cnn", 640, 1)])
def test_a_training_follows_pytorchs_loss_curve(model: str, count: int, epochs: int) -> None:
    torch = pytest.importorskip("torch")
    bench = accuracy_bench()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more would only wait for each other beside other tests
    try:
        ours, theirs = (
            bench.trained(engine, model, 0, epochs, count)[1] for engine in bench.ENGINES.values()
        )
    finally:
        torch.set_num_threads(threads)
    assert len(ours) == len(theirs) == epochs * -(-count // 64)
    assert ours == pytest.approx(theirs, rel=1e-4)  # the same draws; only rounding differs, by some 1e-7
    assert ours[-1] < 0.9 * ours[0]


def test_the_accuracy_bench_says_where_the_mark_is_missed(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    pytest.importorskip("torch")
    bench = accuracy_bench()
    reached = iter([96.0, 96.4, 96.0, 96.6])
    monkeypatch.setattr(bench, "trained", lambda *args: (None, []))
    monkeypatch.setattr(bench, "accuracy", lambda *args: next(reached))
    assert bench.main(["--model", "mlp", "--seeds", "1"]) == 0
    assert "within half a point: yes" in capsys.readouterr().out
    assert bench.main(["--model", "mlp", "--seeds", "1"]) == 1
    assert "within half a point: NO" in capsys.readouterr().out
