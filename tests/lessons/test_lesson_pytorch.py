"""Lessons say that their code is PyTorch's. Here PyTorch runs it, every cell of it, and comes to the same figures."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.examples import ONE_THREAD
from support.lesson_runs import FOLDERS, LESSONS, ROOT, claims

ALL = [
    pytest.param(folder, id=folder.name, marks=[pytest.mark.slow] if at else [])
    for at, folder in enumerate(FOLDERS)
]


@pytest.mark.parametrize("folder", ALL)
def test_pytorch_runs_the_lesson_and_agrees(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    here = tmp_path / folder.name
    shutil.copytree(folder, here)
    data = tmp_path / "data"
    data.mkdir()
    for path in (LESSONS / "data").iterdir():
        if path.name != "MNIST":
            (data / path.name).symlink_to(path)
    if "MNIST" in (folder / f"{folder.name}.py").read_text("utf-8"):
        raw = data / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for packed in (LESSONS / "data" / "MNIST" / "raw").glob("*.gz"):
            (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    done = subprocess.run(
        [sys.executable, "-m", "support.lesson_on_pytorch", str(here)],
        capture_output=True,
        text=True,
        cwd=here,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT / "tests")},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    said = json.loads(done.stdout.splitlines()[-1])
    problems = [
        problem
        for claim in claims(folder)
        if claim.is_figure and not claim.engine
        if (problem := claim.problem(said["solved" if claim.solved else "untouched"]))
    ]
    assert not problems, "\n".join(problems)
