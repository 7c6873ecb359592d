"""Watching loops of all kinds: threads, closures, accumulated gradients, several optimizers or none."""

from __future__ import annotations

import threading

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
from glasstorch import nn  # noqa: E402
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch_widgets import watch  # noqa: E402
from small_training import network, sgd, step  # noqa: E402


def test_two_watches_two_optimizers_and_none_named() -> None:
    one, two = network(), network()
    first, second = sgd(one), sgd(two)
    with watch(one, every=1) as a, watch(two, second, every=1) as b:
        step(one, first)
        step(one, first, 1)
        loss, _ = step(two, second, 2)
    assert (a.recorder.step, b.recorder.step) == (2, 1)
    assert b.values("loss") == [loss.item()]


def test_training_in_a_thread() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1) as view:
        thread = threading.Thread(target=lambda: [step(model, optimizer, k) for k in range(5)])
        thread.start()
        torch.tensor([5.0], requires_grad=True).sum().backward()  # a backward of somebody else's
        thread.join()
    assert len(view.values("loss")) == 5
    assert 5.0 not in view.values("loss")
    assert view.error == ""


def test_closures_accumulation_and_steps_without_a_gradient() -> None:
    model = network()
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    with watch(model, optimizer, every=1) as view:
        optimizer.step(closure)
        optimizer.step(closure)
    assert len(view.values("loss")) == 2
    assert all(np.isfinite(row["gradient"]) for row in view.health())

    optimizer = sgd(model)
    with watch(model, optimizer, every=1) as view:
        optimizer.zero_grad()
        optimizer.step()
        assert {row["note"] for row in view.health()} == {"no_gradient"}
        for _ in range(4):
            (F.cross_entropy(model(x), y) / 4).backward()
        optimizer.step()
    total = np.linalg.norm([p.grad.norm().item() for p in model[0].parameters()])
    assert view.health()[0]["gradient"] == pytest.approx(total, rel=1e-5)


def test_a_loop_that_changes_its_weights_by_hand() -> None:
    model = network()
    with watch(model, every=1) as view:
        for k in range(3):
            before = model[0].weight.detach().clone()
            loss = F.cross_entropy(model(torch.randn(8, 6)), torch.full((8,), k))
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= 0.1 * p.grad
            view.step()
            gradient = np.linalg.norm([p.grad.norm().item() for p in model[0].parameters()])
            model.zero_grad()
    assert len(view.values("loss")) == 3
    moved = ((model[0].weight - before).norm() / before.norm()).item()
    first = view.health()[0]
    assert first["ratio"] == pytest.approx(moved, rel=1e-4)
    assert first["gradient"] == pytest.approx(gradient, rel=1e-5)


def test_what_is_logged_is_drawn_and_replaces_the_seen_loss() -> None:
    model = network()
    optimizer = sgd(model)
    with watch(model, optimizer, every=1) as view:
        loss, _ = step(model, optimizer)
        view.log(accuracy=torch.tensor(0.5))
        assert view.values("loss") == [loss.item()]
        view.log(loss=2 * loss)
        step(model, optimizer, 1)
        with pytest.raises(ValueError, match="at least one"):
            view.log()
        with pytest.raises(ValueError, match="mean first"):
            view.log(loss=torch.ones(3))
    assert view.values("loss") == [pytest.approx(2 * loss.item())]
    assert view.series["panels"] == [["accuracy"], ["loss"]]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("model",), TypeError, "nn.Module, not str"),
        ((nn.ReLU(),), ValueError, "no parameters"),
        ((nn.Linear(1, 1), "sgd"), TypeError, "an optimizer of"),
    ],
)
def test_wrong_arguments(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        watch(*arguments)
    with pytest.raises(ValueError, match="at least 1"):
        watch(nn.Linear(1, 1), every=0)
