"""Without a network: what the tutorials' old form does, and what everything else says."""

from __future__ import annotations

import pickle
import urllib.error
import warnings

import numpy as np
import pytest
from glasstorch import nn
from glasstorch.vision import datasets, models


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Every address is behind a proxy that nobody runs."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")


def test_the_old_form_warns_and_goes_on(tmp_path):
    with pytest.warns(UserWarning, match="NO PRETRAINED WEIGHTS.*resnet18-f37072fd.pth") as seen:
        model = models.resnet18(pretrained=True)
    assert str(tmp_path / "hub" / "checkpoints") in str(seen[-1].message)
    for param in model.parameters():
        param.requires_grad = False
    model.fc = nn.Linear(512, 4)
    assert [name for name, p in model.named_parameters() if p.requires_grad] == ["fc.weight", "fc.bias"]


@pytest.mark.parametrize("weights", ["DEFAULT", models.SqueezeNet1_1_Weights.IMAGENET1K_V1], ids=str)
def test_weights_asked_for_by_name_are_an_error(weights, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(urllib.error.URLError) as caught:
            models.squeezenet1_1(weights=weights)
    assert f"put it into {tmp_path / 'hub' / 'checkpoints'}" in caught.value.__notes__[0]
    assert not list((tmp_path / "hub" / "checkpoints").glob("*.pth"))


def write_cifar(folder):
    """A data set in CIFAR-10's format, which is not the official one."""
    folder.mkdir()
    for name in [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]:
        batch = {"data": np.zeros((2, 3072), np.uint8), "labels": [0, 9]}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}, protocol=2))


def test_files_of_ones_own_in_cifars_format(tmp_path):
    write_cifar(tmp_path / "cifar-10-batches-py")
    with pytest.raises(RuntimeError, match="not found or corrupted"):
        datasets.CIFAR10(tmp_path)
    with pytest.warns(UserWarning, match="not the official ones"):
        images = datasets.CIFAR10(tmp_path, download=True)
    assert (len(images), images.classes[-1], images[1][1]) == (10, "j", 9)


def test_files_that_are_missing_or_broken_are_an_error(tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    write_cifar(folder)
    (folder / "data_batch_3").write_bytes((folder / "data_batch_3").read_bytes()[:1000])
    with (
        pytest.warns(UserWarning, match="not the official ones"),
        pytest.raises(RuntimeError, match="data_batch_3"),
    ):
        datasets.CIFAR10(tmp_path, download=True)
    (folder / "data_batch_3").unlink()
    with pytest.raises(urllib.error.URLError):
        datasets.CIFAR10(tmp_path, download=True)
