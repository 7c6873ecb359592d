"""Pictures in a notebook: what is drawn is what the numbers say."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from glasstorch_widgets import images
from glasstorch_widgets.charts.images import png


def decoded(data: bytes) -> np.ndarray:
    pillow = pytest.importorskip("PIL.Image")
    return np.asarray(pillow.open(io.BytesIO(data)))


def test_the_png_is_read_back_as_the_same_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, size=(7, 5)).astype(np.uint8)
    assert np.array_equal(decoded(png(pixels)), pixels)


def test_smallest_is_black_and_largest_white_over_the_whole_batch() -> None:
    batch = np.array([[[-1.0, 0.0], [1.0, 3.0]], [[0.0, 0.0], [0.0, 0.0]]])
    shown = images(batch)
    found = re.findall(r"base64,([^\"]+)", shown._repr_html_())
    first, second = (decoded(base64.b64decode(text)) for text in found)
    assert first.tolist() == [[0, 64], [128, 255]]
    assert second.tolist() == [[64, 64], [64, 64]]


def test_tensors_channels_and_one_picture() -> None:
    torch = pytest.importorskip("glasstorch")
    assert images(torch.zeros(3, 1, 4, 4)).pixels.shape == (3, 4, 4)
    assert images(torch.ones(4, 6, requires_grad=True)).pixels.shape == (1, 4, 6)
    assert images(torch.zeros(2, 4, 4), captions=torch.tensor([7, 1])).captions == ["7", "1"]


def test_captions_are_text_and_stay_text() -> None:
    shown = images(np.zeros((1, 2, 2)), captions=["<b>3 & 5</b>"])
    assert "&lt;b&gt;3 &amp; 5&lt;/b&gt;</figcaption>" in shown._repr_html_()
    assert repr(shown) == "1 picture of 2 × 2 pixels: <b>3 & 5</b>"


def test_what_is_not_finite_does_no_harm() -> None:
    shown = images(np.array([[np.nan, np.inf], [0.0, 1.0]]))
    assert shown.pixels.tolist() == [[[0, 255], [0, 255]]]
    assert images(np.full((1, 2, 2), np.nan)).pixels.max() == 0


@pytest.mark.parametrize(
    ("shape", "captions", "message"),
    [
        ((3,), None, "takes shape"),
        ((2, 3, 4, 4), None, "takes shape"),
        ((201, 2, 2), None, "at most 200"),
        ((2, 2, 2), ["one"], "2 pictures and 1 captions"),
    ],
)
def test_what_cannot_be_shown_is_explained(shape, captions, message) -> None:
    with pytest.raises(ValueError, match=message):
        images(np.zeros(shape), captions)
