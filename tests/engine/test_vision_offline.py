"""Without a network: what the tutorials' old form does, and what everything else says."""

from __future__ import annotations

import urllib.error
import warnings

import pytest
from glasstorch import nn
from glasstorch.vision import models


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Every address is behind a proxy that nobody runs."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")


def test_the_old_form_warns_and_goes_on(tmp_path):
    with pytest.warns(UserWarning) as seen:
        model = models.resnet18(pretrained=True)
    text = next(str(w.message) for w in seen if "NO PRETRAINED WEIGHTS" in str(w.message))
    assert "resnet18-f37072fd.pth" in text
    assert str(tmp_path / "hub" / "checkpoints") in text
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
