"""Four trainings of real networks on handwritten digits: each gets the note it deserves, from its own figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
from glasstorch import nn  # noqa: E402
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch.vision import datasets  # noqa: E402
from glasstorch_widgets import watch  # noqa: E402
from glasstorch_widgets.training.diagnosis import BAD, loss_note  # noqa: E402

DATA = Path(__file__).parents[2] / "lessons/data"


@pytest.fixture(scope="module")
def digits():
    """A thousand digits, normalised."""
    data = datasets.MNIST(DATA, train=True)
    images = data.data[:1000].float().div(255).sub(0.1307).div(0.3081)
    return images[:, None], data.targets[:1000]


def cnn() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16 * 7 * 7, 10)),
    )


def mlp(activation: type, depth: int) -> nn.Sequential:
    layers: list = [nn.Flatten()]
    for k in range(depth):
        layers += [nn.Linear(784 if k == 0 else 64, 64), activation()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def train(model, optimizer, digits, steps: int):
    """A training as a learner writes it, with one line more."""
    images, labels = digits
    view = watch(model, optimizer, every=1, lang="en")
    order = torch.Generator().manual_seed(0)
    for _ in range(steps):
        chosen = torch.randint(0, len(images), (32,), generator=order)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[chosen]), labels[chosen])
        loss.backward()
        optimizer.step()
    view.stop()
    assert view.error == ""
    return view


def notes(view) -> list[str]:
    return [row["note"] for row in view.health()]


def test_a_healthy_network(digits) -> None:
    torch.manual_seed(0)
    model = cnn()
    view = train(model, torch.optim.AdamW(model.parameters(), lr=1e-3), digits, 60)
    assert view.values("loss")[-1] < 0.6 * view.values("loss")[0]
    assert notes(view) == ["ok"] * 5
    assert "Nothing stands out: 5 of 5" in view.text()


def test_a_learning_rate_that_is_too_high(digits) -> None:
    torch.manual_seed(0)
    model = cnn()
    view = train(model, torch.optim.Adam(model.parameters(), lr=0.5), digits, 30)
    levels = [row["level"] for row in view.health()]
    assert levels.count(BAD) >= 3
    assert set(notes(view)) & {"fast", "grown"}
    assert "lower the learning rate" in view.text().lower() or "a tenth of it" in view.text()


def test_gradients_that_vanish_through_sigmoids(digits) -> None:
    torch.manual_seed(0)
    model = mlp(nn.Sigmoid, 8)
    view = train(model, torch.optim.SGD(model.parameters(), lr=0.1), digits, 20)
    health = view.health()
    assert notes(view)[:4] == ["vanish"] * 4
    assert notes(view)[-2:] == ["ok", "ok"]
    # Each sigmoid passes at most a quarter on; that is what the figures show, layer by layer.
    sizes = np.array([row["largest"] for row in health])
    assert (sizes[1:] > 2 * sizes[:-1]).all()
    assert all(row["saturated"] < 0.1 for row in health[:-1])  # not saturated: vanished all the same
    assert f"in {health[-1]['name']}, nearest to the loss" in view.text()


def test_units_that_die(digits) -> None:
    torch.manual_seed(0)
    model = mlp(nn.ReLU, 3)
    with torch.no_grad():
        for layer in (model[3], model[5]):
            layer.bias.fill_(-5.0)
    view = train(model, torch.optim.SGD(model.parameters(), lr=0.1), digits, 10)
    first, second, third, last = view.health()
    assert (second["note"], third["note"]) == ("dead_all", "dead_all")
    assert second["dead"] == third["dead"] == 1.0
    assert first["note"] == "zero_gradient"
    assert first["gradient"] == 0.0
    assert first["dead"] < 0.5  # its own units are alive: what is behind them is not
    assert last["gradient"] > 0
    assert last["note"] == "still"  # its bias learns; its weights cannot, since only zeros come in
    assert "All 64 ReLU units after it gave 0" in view.text()


def test_saturated_units(digits) -> None:
    torch.manual_seed(0)
    model = mlp(nn.Tanh, 2)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(20)
    view = train(model, torch.optim.SGD(model.parameters(), lr=0.001), digits, 5)
    assert notes(view)[:2] == ["saturated"] * 2
    images, _ = digits
    with torch.no_grad():
        outputs = model[:3](images).numpy()
    share = (1 - outputs**2 < 0.05).mean()
    assert view.health()[0]["saturated"] == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("first", "lowest", "latest", "note"),
    [
        (2.3, 0.1, 0.2, ""),
        (2.3, 2.3, 2.31, ""),
        (2.3, 2.2, 14.0, "loss_up"),
        (2.3, 0.1, float("nan"), "loss_bad"),
        (-5.0, -9.0, -8.0, ""),
    ],
)
def test_what_the_loss_says(first: float, lowest: float, latest: float, note: str) -> None:
    assert loss_note(first, lowest, latest) == note
