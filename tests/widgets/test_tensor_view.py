"""The tensor view: places in memory, what is sent, writing, and its text and picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch import preview  # noqa: E402
from glasstorch_widgets import heat, tensor_view  # noqa: E402
from glasstorch_widgets.bundle import STATIC  # noqa: E402
from glasstorch_widgets.tensor_view.memory import Memory  # noqa: E402
from glasstorch_widgets.tensor_view.statistics import statistics  # noqa: E402
from glasstorch_widgets.tensor_view.view import parse  # noqa: E402

grid = torch.arange(24.0).reshape(4, 6).clone()
LAYOUTS = {
    "plain": grid,
    "transposed": grid.T,
    "sliced": grid[1:, 1:4],
    "every second": grid[::2, ::3].T,
    "expanded": torch.arange(3.0).clone().reshape(3, 1).expand(3, 4),
    "overlapping": torch.arange(9.0).unfold(0, 4, 1),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "channels last": torch.arange(24.0).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    "bool": torch.tensor([True, False]),
    "int": torch.tensor([[2**60 + 1, -3]]),
    "half": torch.tensor([0.5, float("inf")]).half(),
    "bfloat16": torch.arange(6.0).bfloat16().reshape(2, 3).T,
    "imaginary": torch.tensor([1 + 2j, 3 - 4j]).imag,
    "from NumPy": torch.from_numpy(np.arange(30.0).reshape(5, 6)[1::2, 2:5]),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_element_is_read_at_its_place(name: str) -> None:
    tensor = LAYOUTS[name]
    memory = Memory(tensor)
    places = memory.places()
    found = memory.read(places.reshape(-1)).reshape(tensor.shape)
    np.testing.assert_array_equal(found, tensor.to(torch.float64).numpy())
    if tensor.dim():
        for index in np.ndindex(tuple(tensor.shape)):
            assert memory.place(index) == places[index]
    assert memory.total * tensor.element_size() <= tensor.untyped_storage().nbytes()


def test_a_conjugate_is_read_as_it_is() -> None:
    z = torch.tensor([1 + 2j, 3 - 4j])
    memory = Memory(z.conj())
    np.testing.assert_array_equal(memory.read(memory.places())[:, 1], z.conj().imag.numpy())


def test_only_what_was_asked_for_is_sent() -> None:
    view = tensor_view(torch.arange(1_000_000).reshape(1000, 1000))
    assert len(view.memory["data"]) < 8 * 3000
    view.receive_read({"ranges": [[999_000, 3, 4], [5, 0, 2]], "number": 7})
    assert np.frombuffer(view.memory["data"]).tolist() == [999_000, 999_003, 999_006, 999_009, 5, 5]
    assert view.memory["number"] == 7
    for ranges, words in (
        ([[0, 1, 30_000]], "at most"),
        ([[999_999, 1, 2]], "0 to 999999"),
        ([[-1, 1, 1]], "0 to 999999"),
    ):
        view._receive(view, {"type": "read", "ranges": ranges}, [])
        assert words in view.error


def test_however_large_a_tensor_is_its_view_is_small() -> None:
    view = tensor_view(torch.zeros(2, 1, 1).expand(2, 10**6, 10**6))
    assert len(view.svg()) < 400_000
    assert len(view.text()) < 2000
    assert view.statistics["n"] <= 4_000_000
    assert not view.statistics["whole"]


def test_whole_numbers_beyond_a_double_keep_their_digits() -> None:
    view = tensor_view(torch.tensor([2**62 + 1, 3, -(2**60) - 1]))
    assert view.memory["exact"] == {"0": "4611686018427387905", "2": "-1152921504606846977"}


def test_writing_changes_the_tensor_its_base_and_the_version_but_no_history() -> None:
    weight = torch.zeros(3, 4, requires_grad=True)
    part = weight[1:, ::2].T
    square = (weight * weight).sum()
    view = tensor_view(part)
    view.receive_write({"index": [1, 0], "text": "2.5"})
    assert weight[1, 2].item() == 2.5
    assert weight.is_leaf
    assert weight.grad_fn is None
    assert view.written == {"index": [1, 0], "before": 0, "after": 1}
    assert view.facts["version"] == 1
    assert view.statistics["max"] == 2.5
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        square.backward()


def test_elements_that_share_a_place_change_together() -> None:
    row = torch.zeros(3)
    view = tensor_view(row.expand(4, 3))
    view.write([2, 1], "7")
    assert row.tolist() == [0, 7, 0]
    assert view.svg().count("×4") == 3


@pytest.mark.parametrize(
    ("text", "dtype", "value"),
    [
        ("-1e-3", torch.float32, -1e-3),
        ("inf", torch.float64, float("inf")),
        ("true", torch.bool, True),
        ("0x10", torch.int32, 16),
        ("1 + 2i", torch.complex64, 1 + 2j),
        ("−3", torch.int8, -3),
    ],
)
def test_what_may_be_typed(text: str, dtype: torch.dtype, value: object) -> None:
    assert parse(text, dtype) == value


@pytest.mark.parametrize(
    ("text", "dtype", "words"),
    [
        ("256", torch.uint8, "0 to 255"),
        ("1.5", torch.int64, "whole number"),
        ("2", torch.bool, "True or False"),
        ("one", torch.float32, "0.5"),
        ("", torch.complex64, "1+2j"),
    ],
)
def test_what_may_not_be_typed_is_said_in_the_view_and_changes_nothing(text, dtype, words) -> None:
    tensor = torch.zeros(2, dtype=dtype)
    view = tensor_view(tensor)
    view._receive(view, {"type": "write", "index": [0], "text": text}, [])
    assert words in view.error
    assert tensor._version == 0
    view._receive(view, {"type": "write", "index": [5], "text": "1"}, [])
    assert "IndexError" in view.error


def test_an_inference_tensor_is_shown_and_refuses_to_be_written() -> None:
    with torch.inference_mode():
        tensor = torch.ones(2)
    view = tensor_view(tensor)
    assert view.facts["version"] is None
    view._receive(view, {"type": "write", "index": [0], "text": "1"}, [])
    assert "inference" in view.error.lower()


def test_what_other_code_writes_is_seen_on_refresh() -> None:
    tensor = torch.zeros(2)
    view = tensor_view(tensor)
    sent = view.memory
    view.refresh()
    assert view.memory is sent
    tensor.add_(3)
    view.refresh()
    assert np.frombuffer(view.memory["data"]).tolist() == [3, 3]
    assert view.memory["fresh"]


def test_the_history_is_not_kept_alive() -> None:
    weight = torch.ones(3, requires_grad=True)
    product = weight * 2
    view = tensor_view(product)
    assert view.facts["grad_fn"] == "MulBackward0"
    assert view._memory.tensor.grad_fn is None


def test_statistics_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(size=(40, 30))
    values[3, 4], values[5, 6], values[7, 8] = np.nan, np.inf, 0.0
    found = statistics(torch.from_numpy(values))
    finite = values[np.isfinite(values)]
    assert (found["nan"], found["inf"], found["zeros"], found["n"]) == (1, 1, 1, 1200)
    assert found["mean"] == pytest.approx(finite.mean())
    assert found["std"] == pytest.approx(finite.std())
    assert found["histogram"] == np.histogram(finite, 24)[0].tolist()
    assert statistics(torch.zeros(0))["min"] is None
    assert statistics(torch.tensor([3 + 4j]))["max"] == 5


@pytest.mark.parametrize("name", LAYOUTS)
def test_text_and_picture_of_every_layout(name: str) -> None:
    view = tensor_view(LAYOUTS[name], name="<x>")
    assert str(tuple(LAYOUTS[name].stride())) in view.text()
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    data, _ = view._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml"} <= set(data)


def test_the_slice_and_its_dimensions_can_be_chosen() -> None:
    tensor = torch.arange(24).reshape(2, 3, 4)
    view = tensor_view(tensor, rows=0, columns=1, at=[0, 0, 2])
    assert view.facts["look"] == {"rows": 0, "columns": 1, "at": [0, 0, 2]}
    assert repr(tensor[:, :, 2]) in view.text()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"tensor": [1, 2]}, TypeError, "as_tensor"),
        ({"rows": 2}, IndexError, "-2 to 1"),
        ({"rows": 1, "columns": 1}, ValueError, "two different"),
        ({"at": [0]}, ValueError, "each of the 2"),
        ({"at": [0, 9]}, IndexError, "0 to 2"),
    ],
)
def test_wrong_arguments_say_what_is_right(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        tensor_view(**{"tensor": torch.zeros(2, 3)} | arguments)


def test_previews_and_views_have_the_same_colours() -> None:
    script = (STATIC / "cell_grid.js").read_text("utf-8")
    for name, engine, ours in (
        ("ZERO", preview.ZERO, heat.ZERO),
        ("POSITIVE", preview.POSITIVE, heat.POSITIVE),
        ("NEGATIVE", preview.NEGATIVE, heat.NEGATIVE),
        ("BAD", tuple(bytes.fromhex(preview.NOT_A_NUMBER[1:])), heat.BAD),
    ):
        in_script = re.search(rf"PAPER_{name} = \[(.*?)\]", script)[1]
        assert tuple(int(c) for c in in_script.split(",")) == tuple(engine) == tuple(bytes.fromhex(ours[1:]))
    assert "tensor_view(t)" in torch.zeros(2)._repr_html_()
    assert heat.ink("#FFFFFF") == "#000000"
    assert heat.ink(heat.NEGATIVE) == "#FFFFFF"
