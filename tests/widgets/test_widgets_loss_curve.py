"""Training curves: what is kept, what is sent, and how often."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import numpy as np
import pytest
from glasstorch_widgets import loss_curve
from glasstorch_widgets.charts import loss_curve as module
from glasstorch_widgets.charts.series import thin
from glasstorch_widgets.charts.svg import ticks


def unpack(message: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    data, at, out = np.frombuffer(message["data"], "<f8"), 0, {}
    for entry in message["series"]:
        n = entry["count"]
        out[entry["name"]] = (data[at : at + n], data[at + n : at + 2 * n])
        at += 2 * n
    assert at == data.size
    return out


def test_every_point_is_kept_and_the_last_flush_sends_them_all() -> None:
    curve = loss_curve(lang="en")
    for step in range(500):
        curve.add(loss=1 / (step + 1), accuracy=step / 500)
    curve.flush()
    sent = unpack(curve.series)
    np.testing.assert_array_equal(sent["loss"][0], np.arange(500))
    np.testing.assert_array_equal(sent["loss"][1], [1 / (i + 1) for i in range(500)])
    assert curve.values("accuracy")[-1] == 499 / 500
    assert curve.series["panels"] == [["loss"], ["accuracy"]]
    assert "500 points" in repr(curve)


def test_messages_are_few_however_fast_the_loop_is(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    curve = loss_curve()
    messages = []
    curve.observe(lambda change: messages.append(now[0]), "series")
    for _ in range(10_000):
        curve.add(loss=1.0)
        now[0] += 0.0002  # two seconds in all
    assert 50 <= len(messages) <= 61
    assert min(b - a for a, b in itertools.pairwise(messages)) >= module.INTERVAL


def test_a_slow_browser_connection_does_not_slow_the_loop(monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    curve = loss_curve()
    spent = []

    def slow(change: object) -> None:
        now[0] += 0.05
        spent.append(0.05)

    curve.observe(slow, "series")
    for _ in range(10_000):
        curve.add(loss=1.0)
        now[0] += 0.001
    assert sum(spent) < 0.12 * now[0]


def test_long_series_keep_their_extremes_and_their_end() -> None:
    values = np.sin(np.linspace(0, 60, 50_000))
    values[31_234] = 9.0
    values[41_111] = -9.0
    values[20_000:20_400] = math.nan
    steps, kept = thin(np.arange(50_000.0), values, 600)
    assert len(kept) <= 602
    assert (np.diff(steps) > 0).all()
    assert {9.0, -9.0} <= set(kept)
    assert steps[-1] == 49_999
    assert np.isnan(kept).any()
    for step, value in zip(steps.astype(int), kept):
        np.testing.assert_equal(value, values[step])


@pytest.mark.parametrize("count", [1, 599, 600, 601, 1200, 1201])
def test_thinning_any_length(count: int) -> None:
    steps, values = thin(np.arange(float(count)), np.arange(float(count)), 600)
    assert (steps == values).all()
    assert values[0] == 0
    assert values[-1] == count - 1


def test_steps_may_be_given_and_series_may_come_and_go() -> None:
    curve = loss_curve()
    curve.add(train_loss=2.0)
    curve.add(step=10, train_loss=1.0, test_loss=1.5)
    curve.add(train_loss=0.5)
    curve.flush()
    sent = unpack(curve.series)
    np.testing.assert_array_equal(sent["train_loss"][0], [0, 10, 11])
    np.testing.assert_array_equal(sent["test_loss"][0], [10])
    assert curve.series["panels"] == [["train_loss", "test_loss"]]


class OneElement:
    def item(self) -> float:
        return 0.25


def test_tensors_and_arrays_of_one_element_count_as_numbers() -> None:
    curve = loss_curve()
    curve.add(a=OneElement(), b=np.float32(0.5), c=np.array([2]), d=3, e=math.nan)
    assert [curve.values(name)[0] for name in "abcd"] == [0.25, 0.5, 2.0, 3.0]
    assert curve.series["series"][4]["latest"] is None


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({}, ValueError, "at least one"),
        ({"loss": np.zeros(3)}, ValueError, "mean first"),
        ({"loss": "low"}, ValueError, "single number"),
        ({"loss": None}, TypeError, "must be a number"),
    ],
)
def test_wrong_values_say_what_to_do_and_add_nothing(values, error, words) -> None:
    curve = loss_curve()
    with pytest.raises(error, match=words):
        curve.add(good=1.0, **values) if values else curve.add()
    assert repr(curve) == "<LossCurve, no points yet>"


def test_the_static_chart() -> None:
    curve = loss_curve("Digits")
    for step in range(20):
        curve.add(
            train_loss=2.0 - step / 20, test_loss=math.nan if step == 7 else 2.1 - step / 20, accuracy=0.5
        )
    data, _ = curve._repr_mimebundle_()
    root = ElementTree.fromstring(data["image/svg+xml"])
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Digits" in texts
    assert "train_loss 1.05" in texts
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert "nan" not in "".join(element.attrib.get("d", "") for element in root.iter())


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.5, 1]), (0.13, 2.3, [0, 1, 2, 3]), (5, 5, None), (-1e-8, 1e-8, None), (1e9, 1.1e9, None)],
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, expected: list[float] | None) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 8
    if expected is not None:
        assert found == pytest.approx(expected)
