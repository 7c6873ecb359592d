"""What a watched training keeps, sends and shows: bounded, in its share of the time, readable without a browser."""

from __future__ import annotations

import copy
from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
from glasstorch.optim import lr_scheduler  # noqa: E402
from glasstorch_widgets import watch  # noqa: E402
from glasstorch_widgets.training import measure, wire  # noqa: E402
from glasstorch_widgets.training.allowance import Allowance  # noqa: E402
from glasstorch_widgets.training.history import COLUMNS, MOST_FRAMES, Frame, History  # noqa: E402
from glasstorch_widgets.training.schedule import rates_ahead, steps_ahead  # noqa: E402
from small_training import network, sgd, step  # noqa: E402

# ---- bounds


def test_measuring_takes_its_share_of_any_loop() -> None:
    for cost in (0.0001, 0.003, 0.4):
        allowance, now, spent = Allowance(0.05), 0.0, 0.0
        for _ in range(20_000):
            if allowance.free:
                allowance.spend(cost)
                now, spent = now + cost, spent + cost
            now += 0.01
            allowance.step(now)
        assert 0.03 * now < spent < 0.055 * now or cost == 0.0001  # cheap enough for every step


def test_a_long_pause_saves_up_for_one_second_only() -> None:
    allowance = Allowance(0.05)
    allowance.step(0.0)
    allowance.step(10_000.0)
    assert allowance.debt == pytest.approx(-0.05)


def test_histories_stay_bounded_and_keep_both_ends() -> None:
    history = History()
    for k in range(5000):
        history.add(Frame.empty(k, 1))
        steps = [frame.step for frame in history.frames]
        assert len(steps) <= MOST_FRAMES
        assert steps[0] == 0
        assert steps[-1] == k
    gaps = np.diff(steps)[:-1]
    assert gaps.max() == gaps.min() <= 2 * 5000 / MOST_FRAMES


def test_messages_stay_small_and_hold_what_was_measured() -> None:
    history = History()
    for name in range(50):
        history.place(str(name))
    for k in range(200):
        frame = Frame.empty(k, 50)
        frame.set(7, gradient=float(k))
        frame.set_histogram(7, "weights", measure.histogram(np.linspace(-k, k, 100)))
        history.add(frame)
    message = wire.history_message(history, 300_000)
    assert len(message["counts"]) + len(message["ranges"]) < 330_000
    assert len(message["figures"]) < 330_000
    assert message["shown"][-1] == message["steps"][-1] == 199
    figures = np.frombuffer(message["figures"], "<f4").reshape(-1, 50, len(COLUMNS))
    assert figures[:, 7, 0].tolist() == message["steps"]
    ranges = np.frombuffer(message["ranges"], "<f4").reshape(len(message["shown"]), 50, 3, 2)
    assert ranges[:, 7, 0, 1].tolist() == message["shown"]


# ---- learning rates


def schedulers(optimizer):
    yield lr_scheduler.CosineAnnealingLR(optimizer, 10)
    yield lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=14)
    yield lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.9**epoch)
    warm = lr_scheduler.LinearLR(optimizer, 0.1, 1, 3)
    yield lr_scheduler.SequentialLR(optimizer, [warm, lr_scheduler.ExponentialLR(optimizer, 0.9)], [3])
    yield lr_scheduler.CyclicLR(optimizer, 0.01, 0.1, 3)
    constant = lr_scheduler.ConstantLR(optimizer, 0.1, 3)
    yield lr_scheduler.ChainedScheduler([constant, lr_scheduler.ExponentialLR(optimizer, 0.9)])


@pytest.mark.parametrize("which", range(6))
def test_the_rates_to_come_are_those_that_come(which: int) -> None:
    optimizer = torch.optim.SGD(network().parameters(), lr=0.1, momentum=0.9)
    scheduler = next(s for k, s in enumerate(schedulers(optimizer)) if k == which)
    optimizer.step()
    scheduler.step()
    state = copy.deepcopy(scheduler.state_dict())
    planned = rates_ahead(scheduler, min(8, steps_ahead(scheduler)))["lr"]
    assert len(planned) == 9
    assert scheduler.state_dict().keys() == state.keys()
    for rate in planned:
        assert optimizer.param_groups[0]["lr"] == rate
        optimizer.step()
        scheduler.step()


def test_a_scheduler_that_waits_for_results_has_no_plan() -> None:
    optimizer = sgd(network())
    assert rates_ahead(lr_scheduler.ReduceLROnPlateau(optimizer), 5) is None


def test_the_learning_rate_is_kept_as_steps() -> None:
    model = network()
    optimizer = sgd(model)
    scheduler = lr_scheduler.MultiStepLR(optimizer, [2, 4])
    with watch(model, optimizer, scheduler, every=1) as view:
        for k in range(6):
            step(model, optimizer, k)
            scheduler.step()
    message = view.rates
    values = np.frombuffer(message["series"]["data"], "<f8").reshape(2, -1)[1]
    assert sorted(set(values.round(6)), reverse=True) == [0.1, 0.01, 0.001]
    assert message["axis"] == "epoch"
    assert message["ahead"]["rates"]["lr"][0] == pytest.approx(optimizer.param_groups[0]["lr"])


# ---- without a browser


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_picture_and_page(lang: str, tmp_path) -> None:
    model = network()
    optimizer = sgd(model)
    view = watch(model, optimizer, every=1, title="Digits <1>", lang=lang)
    assert view.svg() is None
    assert view.labels["waiting"] in view.text()
    for k in range(4):
        step(model, optimizer, k)
    view.stop()
    lines = view.text().splitlines()
    assert lines[0].startswith("Digits <1>")
    assert "{" not in view.text()
    assert sum(line.startswith(("0 ", "2 ", "4 ")) for line in lines) == 3
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert "nan" not in "".join(element.attrib.get("d", "") for element in root.iter())
    page = view.export_html(tmp_path / "training.html").read_text("utf-8")
    assert "Digits &lt;1&gt;" in page
    assert '"figures": {"$bytes"' in page
