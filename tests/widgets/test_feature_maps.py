"""Feature maps: those of the layers themselves; what a unit sees, against gradients and arithmetic."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch import nn  # noqa: E402
from glasstorch_widgets import feature_maps  # noqa: E402
from glasstorch_widgets.explain import receptive  # noqa: E402


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.conv = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        self.norm, self.act = nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.pool, self.head = nn.MaxPool2d(2), nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        x = self.act(self.norm(self.conv(x)) + x)
        return self.head(self.pool(x).mean((2, 3)))


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return Residual()


def sent(view) -> list[np.ndarray]:
    data, out = np.frombuffer(view.maps["data"], "<f4"), []
    for shape in [*(layer["sent"] for layer in view.maps["layers"]), view.maps["image"]]:
        out.append(data[: np.prod(shape)].reshape(shape))
        data = data[np.prod(shape) :]
    assert not data.size
    return out


def test_the_maps_are_the_layers_outputs_in_the_order_in_which_they_ran(model) -> None:
    image = torch.randn(2, 16, 12)
    view = feature_maps(model, image)
    assert [layer["name"] for layer in view.maps["layers"]] == ["stem", "conv", "norm", "act", "pool"]
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    model.eval()
    found = sent(view)
    with torch.no_grad():
        stem = model.stem(image[None])
        conv = model.conv(stem)
        np.testing.assert_allclose(found[0], stem[0].numpy(), rtol=1e-6)
        # the activation works in place; what the layer before it gave is shown all the same
        np.testing.assert_allclose(found[2], model.norm(conv)[0].numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(
            found[3], torch.relu(model.norm(conv) + stem)[0].numpy(), rtol=1e-5, atol=1e-6
        )
    np.testing.assert_array_equal(found[-1], image.numpy())


def test_what_a_unit_sees_is_where_its_gradient_can_be(model) -> None:
    view = feature_maps(model, torch.zeros(2, 16, 12))
    spans = {layer["name"]: layer["spans"] for layer in view.maps["layers"]}
    image = torch.zeros(1, 2, 16, 12, requires_grad=True)
    model.eval()
    unit = model.conv(model.stem(image))[0, :, 3, 2].sum()  # no activation between: every path counts
    unit.backward()
    seen = (image.grad[0].abs().sum(0) > 0).numpy()
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    assert spans["conv"][0][3] == [rows[0], rows[-1]]
    assert spans["conv"][1][2] == [columns[0], columns[-1]]
    # 1 + (3 - 1)·1 + (3 - 1)·2·2 = 11 in the middle, cut off at the edges
    assert max(last - first + 1 for first, last in spans["conv"][0]) == 11
    assert spans["stem"][0][0] == [0, 1]
    assert spans["pool"][0][1] == [spans["conv"][0][2][0], spans["conv"][0][3][1]]


def test_large_maps_are_sampled_and_counted_whole() -> None:
    layer = nn.Conv2d(1, 8, 1)
    view = feature_maps(layer, torch.randn(100, 150), layers=[""], channels=4)
    about = view.maps["layers"][0]
    assert about["shape"] == [8, 100, 150]
    assert about["sent"] == [4, 50, 50]
    assert about["every"] == [2, 3]
    view = feature_maps(layer, torch.randn(200, 200), layers=[""], channels=2)
    assert view.maps["layers"][0]["spans"] is None  # too many lines to try one by one


def test_a_model_that_takes_no_batches_is_shown_without_receptive_fields(model) -> None:
    class Single(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model.stem

        def forward(self, x):
            return self.inner(x.reshape(1, 2, 8, 8))

    view = feature_maps(Single(), torch.randn(2, 8, 8))
    assert view.maps["layers"][0]["spans"] is None


def test_text_and_picture(model) -> None:
    view = feature_maps(model, torch.randn(2, 16, 12), lang="en", title="<maps>")
    assert "conv (Conv2d): 4×8×6" in view.text()
    assert "a unit sees 11×11" in view.text()
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())


@pytest.mark.parametrize(
    ("image", "arguments", "words"),
    [
        (torch.ones(2, 3, 8, 8), {}, r"batch\[0\]"),
        (torch.ones(2, 8, 8), {"layers": ["stm"]}, "its layers are stem, conv"),
        (torch.ones(2, 8, 8), {"layers": ["head"]}, "no layer gives maps"),
    ],
)
def test_wrong_arguments_say_what_is_right(model, image, arguments, words) -> None:
    with pytest.raises(ValueError, match=words):
        feature_maps(model, image, **arguments)
    assert model.training


def test_a_large_model_is_not_asked_hundreds_of_times(model, monkeypatch) -> None:
    monkeypatch.setattr(receptive, "MOST_NUMBERS", 1000)
    view = feature_maps(model, torch.randn(2, 16, 12))
    assert all(layer["spans"] is None for layer in view.maps["layers"])
