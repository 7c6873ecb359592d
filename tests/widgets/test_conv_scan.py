"""The sliding window: its products and sums against the engine's own operations."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch import nn  # noqa: E402
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch_widgets import conv_scan  # noqa: E402

CONVOLUTIONS = {
    "plain": nn.Conv2d(1, 2, 3),
    "all settings": nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2),
    "same": nn.Conv2d(2, 2, 4, padding="same", dilation=2, bias=False),
    "valid": nn.Conv2d(3, 1, 3, padding="valid"),
    "reflected": nn.Conv2d(2, 3, 3, padding=2, padding_mode="reflect"),
    "depthwise": nn.Conv2d(4, 4, 3, padding=1, groups=4),
    "along a line": nn.Conv1d(3, 2, 3, stride=2, padding=2, dilation=2, padding_mode="replicate"),
}
POOLS = {
    "maximum": nn.MaxPool2d(2),
    "maximum, one window fewer": nn.MaxPool2d(2, 5, 1, ceil_mode=True),
    "maximum with all": nn.MaxPool2d((3, 2), stride=2, padding=1, dilation=2, ceil_mode=True),
    "mean": nn.AvgPool2d(3, 2, 1),
    "mean with all": nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
    "hanging over": nn.AvgPool2d(2, 2, 0, ceil_mode=True),
    "one window fewer": nn.AvgPool2d(2, 4, 1, ceil_mode=True),
    "maximum along a line": nn.MaxPool1d(3, stride=2, padding=1),
    "mean along a line": nn.AvgPool1d(2, ceil_mode=True),
    "own divisor": nn.AvgPool2d(2, divisor_override=3),
}


def image_for(module: nn.Module) -> torch.Tensor:
    channels = getattr(module, "in_channels", 2)
    flat = isinstance(module, (nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d))
    numbers = np.random.default_rng(3).normal(size=(channels, 7) if flat else (channels, 8, 7))
    return torch.from_numpy(numbers.astype(np.float32))


@pytest.mark.parametrize("name", [*CONVOLUTIONS, *POOLS])
def test_every_window_sums_to_what_the_module_gives(name: str) -> None:
    module = (CONVOLUTIONS | POOLS)[name]
    image = image_for(module)
    expected = module(image[None])[0].detach().numpy()
    if expected.ndim == 2:  # a line is shown as an image of height 1
        expected = expected[:, None]
    view = conv_scan(module, image)
    np.testing.assert_array_equal(view._output, expected.astype(np.float64))
    for o, r, c in np.ndindex(expected.shape):
        values, factors = view.window(o, r, c)
        values = np.where(factors == 0, 0, values)
        bias = view.scan["bias"][o] if view.scan["bias"] else 0.0
        assert np.nansum(values * factors) + bias == pytest.approx(expected[o, r, c], abs=1e-5)


@pytest.mark.parametrize("name", [*CONVOLUTIONS, *POOLS])
def test_the_numbers_sent_and_the_static_forms(name: str) -> None:
    module = (CONVOLUTIONS | POOLS)[name]
    view = conv_scan(module, image_for(module), title="<scan>")
    scan = view.scan
    counts = [np.prod(scan["padded"]), np.prod(scan["output"])]
    counts.append(np.prod(scan["output"][1:]) if scan["kind"] == "avg" else 0)
    counts.append(np.prod(scan["weight"]) if scan["weight"] else 0)
    assert len(scan["data"]) == 8 * int(sum(counts))
    for line in scan["formulas"]:
        formula, result = line.rsplit(" = ", 1)
        rounding = np.ceil if formula.startswith("⌈") else np.floor
        inner, rest = formula[1:].replace("·", "*").replace("−", "-").split("⌉" if "⌉" in formula else "⌋")
        assert rounding(eval(inner)) + eval(rest) == int(result)
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert f"output[0, {view.at[0]}, {view.at[1]}] = " in view.text()


def test_settings_are_tried_without_touching_the_module() -> None:
    module = nn.Conv2d(1, 1, 3)
    image = image_for(module)
    view = conv_scan(module, image)
    view._receive(view, {"type": "settings", "stride": "2", "padding": "1", "dilation": "2"}, [])
    expected = F.conv2d(image[None], module.weight, module.bias, 2, 1, 2)[0]
    np.testing.assert_array_equal(view._output, expected.detach().numpy().astype(np.float64))
    assert module.stride == (1, 1)
    before = view.scan
    for settings, words in (
        ({"stride": "0", "padding": "0", "dilation": "1"}, "at least 1"),
        ({"stride": "1", "padding": "0", "dilation": "9"}, "Kernel size can't be greater"),
        ({"stride": "x", "padding": "0", "dilation": "1"}, "whole numbers"),
    ):
        view._receive(view, {"type": "settings", **settings}, [])
        assert words in view.error
        assert view.scan is before


def test_a_weight_alone_takes_the_settings_of_the_function() -> None:
    image = torch.arange(25.0).reshape(5, 5)
    view = conv_scan(torch.eye(3), image, bias=torch.tensor([0.5]), stride=2, padding="valid")
    expected = F.conv2d(image[None, None], torch.eye(3)[None, None], torch.tensor([0.5]), 2)
    np.testing.assert_array_equal(view._output, expected[0].numpy())
    line = conv_scan(torch.ones(1, 1, 2), torch.tensor([1.0, 2.0, 4.0]))
    assert line._output.tolist() == [[[3, 6]]]
    line.receive_settings({"stride": "2", "padding": "1", "dilation": "1"})
    assert line._output.tolist() == [[[1, 6]]]
    assert len(line.scan["formulas"]) == 1
    assert conv_scan(torch.eye(2), torch.ones(3, 3, dtype=torch.int64)).scan["output"] == [1, 2, 2]


@pytest.mark.parametrize(
    ("module", "image", "settings", "error", "words"),
    [
        (nn.Linear(2, 2), torch.ones(3, 3), {}, TypeError, "Conv2d, MaxPool2d"),
        (nn.Conv2d(1, 1, 2), torch.ones(3, 3), {"stride": 2}, TypeError, "its own stride"),
        (torch.ones(3), torch.ones(3, 3), {}, TypeError, "2 to 4 dimensions"),
        (nn.Conv2d(1, 1, 2), torch.ones(2, 1, 3, 3), {}, ValueError, r"batch\[0\]"),
        (nn.MaxPool2d(2), torch.ones(3, 300, 300), {}, ValueError, "take a part"),
        (nn.Conv2d(2, 1, 2), torch.ones(3, 3, 3), {}, RuntimeError, "channels"),
    ],
)
def test_wrong_arguments_say_what_is_right(module, image, settings, error, words) -> None:
    with pytest.raises(error, match=words):
        conv_scan(module, image, **settings)
