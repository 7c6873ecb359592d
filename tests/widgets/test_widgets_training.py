"""Watching a training: the figures are right, the training is unchanged, and nothing is left behind."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
from glasstorch import nn  # noqa: E402
from glasstorch.core.backward import STARTS  # noqa: E402
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch.optim import lr_scheduler  # noqa: E402
from glasstorch.optim import optimizer as hooks  # noqa: E402
from glasstorch_widgets import watch  # noqa: E402
from glasstorch_widgets.training import measure, recorder  # noqa: E402
from glasstorch_widgets.training.history import COLUMNS  # noqa: E402
from small_training import network, sgd, step  # noqa: E402


@pytest.fixture(autouse=True)
def _nothing_left():
    """Whatever a test watches, no hook outlives it."""
    before = len(STARTS), len(hooks._GLOBAL_PRE), len(hooks._GLOBAL_POST)
    yield
    gc.collect()
    assert (len(STARTS), len(hooks._GLOBAL_PRE), len(hooks._GLOBAL_POST)) == before


# ---- figures


def test_the_figures_are_those_of_the_step() -> None:
    model = network()
    optimizer = sgd(model)
    before = [p.detach().numpy().copy() for p in model.parameters()]
    with watch(model, optimizer, every=1, lang="en") as view:
        loss, x = step(model, optimizer)
    first, second, last = view.health()
    weight, bias = model[0].weight, model[0].bias
    gradient = np.concatenate([weight.grad.numpy().ravel(), bias.grad.numpy()])
    assert view.values("loss") == [loss.item()]
    assert first["gradient"] == pytest.approx(np.linalg.norm(gradient), rel=1e-6)
    assert first["largest"] == pytest.approx(np.abs(gradient).max(), rel=1e-6)
    assert first["mean"] == pytest.approx(np.abs(gradient).mean(), rel=1e-6)
    moved = np.linalg.norm(weight.detach().numpy() - before[0]) / np.linalg.norm(before[0])
    assert first["ratio"] == pytest.approx(moved, rel=1e-5)
    weights = np.linalg.norm([np.linalg.norm(p.detach().numpy()) for p in (weight, bias)])
    assert first["weights"] == pytest.approx(weights, rel=1e-6)
    # Outputs are those before the step; the weights of then are kept above.
    hidden = np.maximum(x.numpy() @ before[0].T + before[1], 0)
    assert first["dead"] == pytest.approx((hidden.max(axis=0) <= 0).mean())
    assert first["function"] == "relu"
    squashed = np.tanh(hidden @ before[2].T + before[3])
    assert second["saturated"] == pytest.approx((1 - squashed**2 < 0.05).mean())
    assert second["spread"] == pytest.approx(squashed.std(), rel=1e-5)
    assert [row["order"] for row in (first, second, last)] == [0, 1, 2]


def test_memory_is_what_the_graph_keeps() -> None:
    model = network()
    optimizer = torch.optim.Adam(model.parameters())
    with watch(model, optimizer, every=1) as view:
        step(model, optimizer)
    memory = view.recorder.memory
    weights = sum(p.numel() for p in model.parameters()) * 4
    assert memory.weights == weights
    assert sum(memory.gradients.values()) == weights
    assert memory.optimizer == 2 * weights + 4 * len(
        list(model.parameters())
    )  # two moments, and the step counts
    kept = memory.of_layers()
    assert kept[0] == 16 * 6 * 4 + 16 * 8 * 4  # the batch, for the weights' gradient; and what the ReLU gave
    assert kept[1] == 16 * 8 * 4  # what tanh gave; its input is the ReLU's output, which counts already
    _, at_turn, _ = memory.timeline()[len(memory.runs()) - 1]
    assert at_turn == sum(kept.values())
    assert memory.timeline()[-1][1:] == (0, weights)
    assert memory.peak >= memory.weights + memory.optimizer + at_turn


def test_a_unit_counts_as_dead_only_if_no_recent_batch_woke_it() -> None:
    model = nn.Sequential(nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))
    optimizer = sgd(model, lr=0.0)
    shares = []
    with watch(model, optimizer, every=1) as view:
        for sign in (1, -1, *[1] * recorder.WINDOW):
            optimizer.zero_grad()
            model(torch.full((4, 1), float(sign))).sum().backward()
            optimizer.step()
            shares.append(view.health()[0]["dead"])
    assert shares == [0.5, 0.0, *[0.0] * (recorder.WINDOW - 1), 0.5]


def test_channels_of_convolutions_and_places_that_a_sample_misses() -> None:
    outputs = torch.zeros(2, 3, 128, 128)
    outputs[1, 2, 5, 7] = 1.0  # seen only where all places are looked at
    outputs[:, 0] = 1.0
    assert measure.active_units(outputs, True).tolist() == [True, False, True]
    tokens = torch.zeros(2, 5, 4)
    tokens[0, 3, 1] = 1.0
    assert measure.active_units(tokens, False).tolist() == [False, True, False, False]


@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1.0, 1e25])
def test_norms_of_very_small_and_very_large_numbers(scale: float) -> None:
    values = np.random.default_rng(0).normal(size=1000)
    found = measure.size_of([torch.tensor(values * scale, dtype=torch.float32)])
    assert found.norm == pytest.approx(np.linalg.norm(values) * scale, rel=1e-4)
    assert found.largest == pytest.approx(np.abs(values).max() * scale, rel=1e-4)


def test_sizes_of_what_is_not_plain() -> None:
    assert np.isnan(measure.size_of([torch.tensor([1.0, np.nan])]).norm)
    assert measure.size_of([torch.tensor([1.0, np.inf])]).norm == np.inf
    assert np.isnan(measure.size_of([torch.zeros(0)]).norm)
    assert measure.size_of([torch.tensor([3.0, 4.0], dtype=torch.float16)]).norm == pytest.approx(5)
    assert measure.size_of([torch.tensor([3 + 4j])]).norm == pytest.approx(5)
    low, high, counts = measure.histogram(np.array([0.0, 1.0, np.nan, 1.0, np.inf]))
    assert (low, high) == (0.0, 1.0)
    assert counts[[0, -1]].tolist() == [128, 255]
    assert counts.sum() == 383
    assert measure.histogram(np.full(5, 2.0))[2].max() == 255
    assert np.isnan(measure.histogram(np.array([np.nan]))[0])


# ---- the training is as it would be


def test_a_watched_training_takes_the_same_steps() -> None:
    ends = []
    for watched in (False, True):
        model = network()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        view = watch(model, optimizer, every=1) if watched else None
        for k in range(20):
            step(model, optimizer, k)
        drawn = torch.rand(3)
        if view is not None:
            view.stop()
        ends.append([p.detach().numpy() for p in model.parameters()] + [drawn.numpy()])
    assert all(np.array_equal(a, b) for a, b in zip(*ends))


def test_model_and_optimizer_are_untouched_and_can_be_copied_and_pickled() -> None:
    model = network()
    optimizer = torch.optim.Adam(model.parameters())
    keys = list(model.state_dict())
    with watch(model, optimizer, every=1):
        step(model, optimizer)
        assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in model.modules())
        assert list(model.state_dict()) == keys
        again, other = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
        for twin in (again, other):
            assert all(torch.equal(a, b) for a, b in zip(model.parameters(), twin.parameters()))
        pickle.loads(pickle.dumps(optimizer.state_dict()))
        seen = copy.deepcopy(optimizer)
        step(again, torch.optim.SGD(again.parameters(), lr=0.1))
        assert seen.state_dict()["param_groups"][0]["lr"] == 0.001


def test_nothing_keeps_the_model_alive() -> None:
    model = network()
    optimizer = sgd(model)
    view = watch(model, optimizer, lr_scheduler.StepLR(optimizer, 3))
    step(model, optimizer)
    refs = [weakref.ref(model), weakref.ref(optimizer), weakref.ref(model[0].weight)]
    del model, optimizer
    gc.collect()
    assert [ref() for ref in refs] == [None] * 3
    assert not view.recorder.watching
    assert "1 steps" in repr(view)
    assert view.svg() is not None


def test_an_error_while_measuring_is_shown_and_the_training_goes_on(monkeypatch) -> None:
    def broken(*args):
        raise ZeroDivisionError("no figures today")

    model = network()
    optimizer = sgd(model)
    monkeypatch.setattr(measure, "histogram", broken)
    with watch(model, optimizer, every=1, lang="en") as view:
        for k in range(3):
            step(model, optimizer, k)
    assert "goes on" in view.error
    assert "no figures today" in view.error
    assert view.recorder.step == 3


def test_errors_in_the_loop_leave_the_view_usable() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1) as view:
        step(model, optimizer)
        # A backward whose step never comes, as after KeyboardInterrupt.
        F.cross_entropy(model(torch.randn(4, 6)), torch.zeros(4, dtype=torch.long)).backward()
        with pytest.raises(RuntimeError):
            model(torch.randn(4, 5)).sum().backward()
        step(model, optimizer)
    assert view.error == ""
    assert view.recorder.history.measured == 2


# ---- models of all kinds


def test_frozen_unused_and_shared_layers() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(6, 6)
            self.twice = nn.Linear(6, 6)
            self.idle = nn.Linear(6, 6)
            self.head = nn.Linear(6, 3)
            self.tied = nn.Linear(6, 6)
            self.tied.weight, self.tied.bias = self.twice.weight, self.twice.bias
            self.body.requires_grad_(False)

        def forward(self, x):
            return self.head(F.relu(self.tied(F.relu(self.twice(self.body(x))))))

    model = Net()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    with watch(model, optimizer, every=1, lang="en") as view:
        step(model, optimizer)
    found = {row["name"]: row for row in view.health()}
    assert set(found) == {"body", "twice", "idle", "head"}
    assert found["body"]["note"] == "frozen"
    assert found["idle"]["note"] == "no_gradient"
    assert found["twice"]["function"] == "relu"
    assert "requires_grad=False" not in view.text()
    assert "the path is cut" in view.text()


def test_a_layer_replaced_on_the_way_is_followed() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, every=1) as view:
        step(model, optimizer)
        model[4] = nn.Linear(8, 3)
        model.append(nn.Linear(3, 3))
        step(model, sgd(model), 1)
    assert [row["name"] for row in view.health()] == ["0", "2", "4", "5"]
    assert all(np.isfinite(row["gradient"]) for row in view.health())
    sent = view.history
    figures = np.frombuffer(sent["figures"], "<f4").reshape(2, 4, len(COLUMNS))
    assert np.isnan(figures[0, 3]).all()
    assert np.isfinite(figures[1, 3, 0])


def test_wrapped_and_recurrent_models_and_models_in_half_precision() -> None:
    wrapped = nn.DataParallel(network())
    optimizer = sgd(wrapped)
    with watch(wrapped, optimizer, every=1) as view:
        step(wrapped, optimizer)
    assert [row["name"] for row in view.health()] == ["module.0", "module.2", "module.4"]
    recurrent = nn.RNN(6, 4)
    optimizer = sgd(recurrent)
    with watch(recurrent, optimizer, every=1) as view:
        recurrent(torch.randn(30, 2, 6))[0].sum().backward()
        optimizer.step()
    (row,) = view.health()
    assert row["function"] == "tanh"
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1) as view, torch.autocast("cpu", dtype=torch.bfloat16):
        step(model, optimizer)
    assert view.error == ""
    assert [row["function"] for row in view.health()[:2]] == ["relu", "tanh"]


def test_broken_numbers_are_found_where_they_first_were() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1, lang="en") as view:
        step(model, optimizer)
        step(model, optimizer, 1)
        with torch.no_grad():
            model[2].weight[0, 0] = torch.nan
        step(model, optimizer, 2)
    text = view.text()
    assert "first seen at step 3" in text
    assert "The loss is NaN" in text
    assert [row["note"] for row in view.health()] == ["not_finite"] * 3
    assert ElementTree.fromstring(view.svg()) is not None


@pytest.mark.filterwarnings("ignore:invalid value")  # the numbers are broken on purpose
def test_a_loss_that_breaks_between_two_measured_steps_is_measured_at_once() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1000) as view:
        for k in range(5):
            if k == 3:
                with torch.no_grad():
                    model[4].bias[0] = torch.inf
            step(model, optimizer, k)
    assert [frame.step for frame in view.recorder.history.frames] == [1, 4]
