"""The programs in ``lessons/examples``, run as a learner would run them, also on PyTorch."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "lessons" / "examples"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def run(script: str | Path, arguments: str, folder: Path) -> str:
    """What the script prints."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *arguments.split()],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT / "tests")},
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def on_pytorch(script: str, folder: Path) -> Path:
    """The same script with its imports changed, in a folder with the data that it reads."""
    changes = {"import glasstorch as torch": "import torch", "from glasstorch.vision": "from torchvision"}
    source = (EXAMPLES / script).read_text("utf-8")
    if "glasstorch.vision" in source:
        changes["import glasstorch as torch"] = "import support.torchvision_reference, torch"
        raw = folder / "data" / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for packed in (ROOT / "lessons" / "data" / "MNIST" / "raw").glob("*.gz"):
            (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    for ours, theirs in {**changes, "from glasstorch": "from torch"}.items():
        source = source.replace(ours, theirs)
    assert "glasstorch" not in source
    (folder / "examples").mkdir()
    changed = folder / "examples" / script
    changed.write_text(source, "utf-8")
    return changed
