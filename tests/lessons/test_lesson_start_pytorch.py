"""Lesson 0 says that its code is PyTorch's. Here PyTorch runs it, every cell of it, and comes to the same numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from glasstorch.vision.datasets import MNIST

LESSON = Path(__file__).resolve().parents[2] / "lessons" / "00-start-here"
VIEWS = ("exercise", "graph", "images", "loss_curve", "predict")


def cells() -> list[nbformat.NotebookNode]:
    read = nbformat.read(LESSON / "00-start-here.ipynb", as_version=4)
    return [cell for cell in read.cells if cell.cell_type == "code"]


def in_pytorch(source: str) -> str:
    """The cell with the imports changed as the lesson says; the views and the data's reader are handed in."""
    kept = [
        line
        for line in source.splitlines()
        if not line.startswith(("%", "from glasstorch_widgets", "from glasstorch.vision"))
    ]
    return (
        "\n".join(kept).replace("import glasstorch as torch", "import torch").replace("glasstorch", "torch")
    )


def test_pytorch_runs_the_lesson_and_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(LESSON)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more would only wait for each other beside other tests

    def reader(root: str, train: bool) -> Any:
        part = MNIST(root, train=train)
        return SimpleNamespace(
            data=torch.from_numpy(part.data.numpy()), targets=torch.from_numpy(part.targets.numpy())
        )

    curve = SimpleNamespace(add=lambda **values: None)
    names: dict[str, Any] = {view: lambda *args, **kwargs: curve for view in VIEWS} | {"MNIST": reader}
    solutions = [
        (LESSON / "exercises" / name / "solution.py").read_text("utf-8")
        for name in ("start.backward-formula", "start.training-step")
    ]
    try:
        for cell in cells():
            source = solutions.pop(0) if "# @exercise" in cell.source else cell.source
            exec(compile(in_pytorch(source), cell.id, "exec"), names)
    finally:
        torch.set_num_threads(threads)
    assert type(names["train_images"]) is torch.Tensor
    assert names["accuracy"](names["model"]) >= 97
    assert names["first_loss"].item() == pytest.approx(2.3051, abs=2e-4)  # as Glasstorch computes it
