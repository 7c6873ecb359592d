"""What notebooks show for a tensor: right values and facts, whole HTML, no script, bounded size."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import glasstorch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

LIMIT = 40_000


class Page(HTMLParser):
    """The elements and the text of a piece of HTML; complains where tags do not match."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.text, self.attributes = [], [], [], []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *a) for a in attributes]
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *a) for a in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)


def page(t):
    source = t._repr_html_()
    assert len(source) < LIMIT
    out = Page(source)
    assert not {"script", "link", "iframe", "img", "object", "style"} & set(out.tags)
    assert not [a for a in out.attributes if a[1].startswith("on") or a[1] in ("href", "src")]
    assert "http" not in source.replace("http://www.w3.org/2000/svg", "")
    labels = [value for _, name, value in out.attributes if name == "aria-label"]
    assert labels
    assert all(labels)
    return out, " ".join(out.text)


def test_facts_stand_in_the_first_line():
    x = glasstorch.ones(2, 3, requires_grad=True)
    for t, words in (
        (x, ["tensor", "shape (2, 3)", "torch.float32", "cpu", "requires_grad=True"]),
        (x * 2, ["grad_fn=<MulBackward0>"]),
        (glasstorch.nn.Parameter(x), ["Parameter"]),
        (glasstorch.zeros(2, 0, dtype=glasstorch.int32), ["shape (2, 0)", "torch.int32", "no elements"]),
        (glasstorch.tensor(2.5), ["shape ()", "value 2.5"]),
        (glasstorch.tensor([True, False, True]), ["True: 2 of 3", "False"]),
    ):
        _, text = page(t)
        for word in words:
            assert word in text


def test_small_tensors_show_their_values_in_a_table_with_headings():
    out, text = page(glasstorch.tensor([[1.5, -2.0], [0.25, 4.0]]))
    assert "table" in out.tags
    assert ("th", "scope", "row") in out.attributes
    assert ("th", "scope", "col") in out.attributes
    for value in ("1.5", "-2", "0.25", "4", "min -2", "mean 0.9375", "max 4"):
        assert value in text
    assert page(glasstorch.arange(5))[0].tags.count("td") == 5


def colour_of(source, value):
    return re.search(rf"background:(#[0-9a-f]{{6}});color:#[0-9a-f]+\">{re.escape(value)}<", source)[1]


def test_colours_say_sign_and_size_around_zero():
    source = glasstorch.tensor([[-4.0, -1.0, 0.0, 1.0, 4.0]])._repr_html_()
    brightness = {v: sum(bytes.fromhex(colour_of(source, v)[1:])) for v in ("-4", "-1", "0", "1", "4")}
    assert brightness["-4"] < brightness["-1"] < brightness["0"] > brightness["1"] > brightness["4"]
    red, _, blue = bytes.fromhex(colour_of(source, "4")[1:])
    assert red > blue
    red, _, blue = bytes.fromhex(colour_of(source, "-4")[1:])
    assert red < blue
    assert "−4" in source


@pytest.mark.parametrize("value", ["-4", "-3", "-2", "-1", "0", "1", "2", "3", "4"])
def test_numbers_can_be_read_on_their_colour(value):
    source = glasstorch.arange(-4.0, 5.0)._repr_html_()
    back, ink = re.search(rf"background:(#\w{{6}});color:(#\w{{3}})\">{value}<", source).groups()

    def luminance(colour):
        channels = [int(c, 16) / 255 for c in ([c * 2 for c in colour[1:]] if len(colour) == 4 else
                                               re.findall("..", colour[1:]))]  # fmt: skip
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    light, dark = sorted((luminance(back), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_large_tensors_are_sampled_and_say_so():
    out, text = page(glasstorch.randn(200, 300))
    assert "svg" in out.tags
    assert "a sample, every 5th row and every 8th column of 200 × 300" in text
    assert "every 13th value of 500" in page(glasstorch.arange(500.0))[1]
    assert "[0, 0], the first of 24 matrices" in page(glasstorch.ones(8, 3, 28, 28))[1]
    assert "Shown" not in page(glasstorch.ones(28, 28))[1]


def test_what_is_drawn_is_what_is_there():
    """Read the picture back: each cell's colour is that of its value's sign and size."""
    t = glasstorch.linspace(-1, 1, 30 * 20).reshape(30, 20)
    source = t._repr_html_()
    grid = np.full((30, 20), None)
    for fill, path in re.findall(r'<path fill="(#\w+)" d="([^"]+)"', source):
        for c, r, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
            grid[int(r), int(c) : int(c) + int(width)] = fill
    assert not (grid == None).any()  # noqa: E711
    red = np.vectorize(lambda f: int(f[1:3], 16) - int(f[5:7], 16))(grid)
    assert (np.sign(red)[t.numpy() < -0.1] == -1).all()
    assert (np.sign(red)[t.numpy() > 0.1] == 1).all()
    assert red[29, 19] == red.max()
    assert red[0, 0] == red.min()


def test_what_is_no_number():
    t = glasstorch.tensor([[1.0, float("nan")], [float("inf"), -float("inf")]])
    _, text = page(t)
    for word in (
        "nan",
        "inf",
        "-inf",
        "1 NaN",
        "2 infinite",
        "NaN",
        "infinite values have the full colour",
        "max 1",
    ):
        assert word in text
    assert "no finite values" in page(glasstorch.tensor([float("nan")] * 3))[1]
    assert "|z| max 5" in page(glasstorch.tensor([3 + 4j, 1j]))[1]


def test_the_text_is_there_on_demand():
    t = glasstorch.randn(3, 4)
    out, text = page(t)
    assert "details" in out.tags
    assert repr(t) in text
    assert repr(t).startswith("tensor(")


def test_statistics_are_those_of_the_whole_tensor():
    t = glasstorch.zeros(2000, 1000)
    t[1999, 999] = 7
    assert "max 7" in page(t)[1]
    huge = glasstorch.zeros(1).expand(3000, 3000)
    assert "(of the values shown)" in page(huge)[1]


ARRAYS = st.sampled_from("bool uint8 int8 int64 float16 float32 float64 complex64".split()).flatmap(  # noqa: SIM905
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=60))
)


@given(ARRAYS)
@settings(max_examples=60, deadline=None)
def test_any_tensor(array):
    page(glasstorch.from_numpy(array))


def test_noise_of_the_largest_picture_stays_small():
    for shape in ((40, 40), (79, 79), (10_000, 40), (10, 12)):
        page(glasstorch.randn(*shape, dtype=glasstorch.float64) * 1e-300)
