"""Races and landscapes: against optimizers stepped by hand, and losses taken at weights moved by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
go = pytest.importorskip("plotly.graph_objects")

from glasstorch import nn, optim  # noqa: E402
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch_widgets import Trajectory, loss_landscape, optimizer_race  # noqa: E402
from glasstorch_widgets.explain.landscape import random_directions  # noqa: E402
from glasstorch_widgets.explain.surfaces import BANDS, SURFACES, Surface, bands, heights  # noqa: E402


@pytest.mark.parametrize("name", SURFACES)
def test_known_functions_have_their_minimum_where_they_say(name: str) -> None:
    surface = SURFACES[name]
    if surface.minimum is None:
        return
    point = torch.tensor(surface.minimum, dtype=torch.float64, requires_grad=True)
    value = surface.function(point[0], point[1])
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(point.grad.numpy(), 0, atol=1e-12)
    assert heights(surface.function, surface.x, surface.y, 40, 30).min() >= 0


def test_a_path_is_the_optimizers_own() -> None:
    race = optimizer_race(
        "ravine", {"a": lambda p: optim.SGD(p, lr=0.05, momentum=0.9), "b": optim.Adam}, steps=20
    )
    for name, make in (("a", lambda p: optim.SGD(p, lr=0.05, momentum=0.9)), ("b", optim.Adam)):
        point = torch.tensor([-3.5, 1.5], dtype=torch.float64, requires_grad=True)
        optimizer = make([point])
        for k in range(21):
            loss = 0.5 * (point[0] ** 2 + 20 * point[1] ** 2)
            np.testing.assert_allclose(race.paths[name][k], [*point.tolist(), loss.item()], rtol=1e-12)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    sent = np.frombuffer(race.race["data"]).reshape(-1, 3)
    np.testing.assert_array_equal(sent[:21], race.paths["a"])
    assert race.race["rates"] == {"a": 0.05, "b": 0.001}
    assert race.losses("a")[0] == pytest.approx(0.5 * (3.5**2 + 20 * 1.5**2))


def test_a_race_starts_elsewhere_and_at_another_rate() -> None:
    race = optimizer_race("ravine", {"a": lambda p: optim.SGD(p, lr=0.05)}, steps=3)
    race.receive_start({"x": 1, "y": 0})
    race.receive_rate({"name": "a", "rate": "0.5"})
    np.testing.assert_allclose(race.paths["a"][:, 0], [1, 0.5, 0.25, 0.125])
    before = race.race
    for message, words in (
        ({"type": "rate", "name": "a", "rate": "-1"}, "greater than 0"),
        ({"type": "rate", "name": "c", "rate": "1"}, "no optimizer"),
        ({"type": "start", "x": float("nan"), "y": 0}, "finite"),
    ):
        race._receive(race, message, [])
        assert words in race.error
        assert race.race is before


def test_who_leaves_the_map_stops_and_it_is_said() -> None:
    race = optimizer_race(lambda x, y: x**2 + y**4, {"wild": lambda p: optim.SGD(p, lr=1.5)}, steps=50)
    assert race.race["counts"][0] < 10
    assert np.isfinite(race.paths["wild"]).all()
    assert "far behind" in race.text()
    assert "nan" not in race.svg()


def test_functions_of_single_numbers_work_too() -> None:
    def stepwise(x, y):
        return x * x + y * y if x > 0 else x * x + 2 * y * y

    found = heights(stepwise, (-1, 1), (-1, 1), 4, 2)
    np.testing.assert_allclose(found[0], [0.75**2 + 0.5, 0.25**2 + 0.5, 0.25**2 + 0.25, 0.75**2 + 0.25])
    assert optimizer_race(stepwise, {"a": optim.SGD}, steps=2, x=(0.5, 2), y=(0, 1), start=(1, 1)).svg()


def test_bands_have_about_the_same_area_and_keep_the_order() -> None:
    values = np.random.default_rng(0).normal(size=(30, 30)) ** 3
    values[0, 0] = np.inf
    found = bands(values)
    assert found.max() == BANDS - 1
    assert np.ptp(np.bincount(found.reshape(-1))) <= 2
    order = np.argsort(values.reshape(-1))
    assert (np.diff(found.reshape(-1)[order].astype(int)) >= 0).all()
    assert bands(np.full((2, 2), np.nan)).shape == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"function": "hill"}, ValueError, "rosenbrock"),
        ({"function": 3}, TypeError, "function of x and y"),
        ({"steps": 0}, ValueError, "1 to 5000"),
        ({"x": (1, 1)}, ValueError, "x must be a range"),
        ({"optimizers": {}}, ValueError, "1 to 6"),
    ],
)
def test_wrong_races_say_what_is_right(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        optimizer_race(**arguments)


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.norm, self.two = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)

    def forward(self, x):
        return self.two(torch.relu(self.norm(self.one(x))))


@pytest.fixture
def problem():
    torch.manual_seed(0)
    return Small(), (torch.randn(20, 3), torch.randint(0, 2, (20,)))


def trained(model, data, make, steps=12):
    trajectory, optimizer = Trajectory(model), make(model.parameters())
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(data[0]), data[1]).backward()
        optimizer.step()
        trajectory.add()
    return trajectory


def test_filters_of_a_direction_are_as_long_as_the_models() -> None:
    conv = nn.Conv2d(2, 5, 3)
    for direction in random_directions([conv.weight, conv.bias], 0):
        own = conv.weight.detach().numpy()
        np.testing.assert_allclose(
            np.sqrt((direction[0] ** 2).sum((1, 2, 3))), np.sqrt((own**2).sum((1, 2, 3))), rtol=1e-5
        )
        assert not direction[1].any()


def test_the_losses_are_those_of_weights_moved_by_hand(problem) -> None:
    model, data = problem
    land = loss_landscape(model, F.cross_entropy, data, steps=5, span=0.5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    directions = random_directions(list(model.parameters()), 0)
    model.eval()
    with torch.no_grad():
        for row, column in ((0, 0), (2, 2), (4, 1)):
            for p, own, first, second in zip(
                model.parameters(), [p.clone() for p in model.parameters()], *directions
            ):
                p.copy_(
                    own
                    + float(land.a[column]) * torch.tensor(first)
                    + float(land.b[row]) * torch.tensor(second)
                )
            expected = F.cross_entropy(model(data[0]), data[1]).item()
            model.load_state_dict(before)
            assert land.losses[row, column] == pytest.approx(expected, rel=1e-5)


def test_the_model_stays_as_it_was(problem) -> None:
    model, data = problem
    before = {name: value.clone() for name, value in model.state_dict().items()}
    loss_landscape(model, F.cross_entropy, data, steps=3)
    assert model.training
    assert model.norm.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with pytest.raises(RuntimeError):
        loss_landscape(model, F.cross_entropy, (torch.ones(2, 9), data[1]), steps=3)
    assert model.training


def test_the_directions_of_a_training_hold_most_of_its_way(problem) -> None:
    model, data = problem
    trajectory = trained(model, data, lambda p: optim.SGD(p, lr=0.1))
    land = loss_landscape(model, F.cross_entropy, data, trajectories=trajectory, directions="pca", steps=5)
    way = land.paths["training"]
    assert way.shape == (13, 3)
    np.testing.assert_allclose(way[-1, :2], 0, atol=1e-6)  # it ends at the model's weights
    assert sum(land.explained) > 0.9
    lengths = np.linalg.norm(np.stack(trajectory.points) - trajectory.points[-1], axis=1)
    assert (np.linalg.norm(way[:, :2], axis=1) <= lengths + 1e-6).all()
    assert np.abs(way[:, 0]).max() <= land.a[-1]


def test_figures_text_and_page(problem, tmp_path) -> None:
    model, data = problem
    ways = {
        "SGD": trained(model, data, lambda p: optim.SGD(p, lr=0.1), 4),
        "Adam": trained(model, data, optim.Adam, 4),
    }
    land = loss_landscape(model, F.cross_entropy, data, trajectories=ways, steps=4, lang="en")
    solid, flat = land.figure(), land.figure("2d")
    assert [type(part) for part in solid.data] == [go.Surface, go.Scatter3d, go.Scatter3d]
    assert [type(part) for part in flat.data] == [go.Contour, go.Scatter, go.Scatter]
    assert type(solid) is go.Figure
    assert flat.data[2].name == "Adam"
    np.testing.assert_array_equal(solid.data[0].z, land.losses)
    data_ = land._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml"} <= set(data_)
    root = ElementTree.fromstring(land.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    page = land.export_html(tmp_path / "land.html")
    assert page.stat().st_size > 1_000_000
    assert "cdn.plot" not in page.read_text("utf-8").split("<script")[1][:200]


def test_optimizers_race_in_the_plane_of_a_landscape(problem) -> None:
    model, data = problem
    land = loss_landscape(model, F.cross_entropy, data, steps=5)
    race = optimizer_race(land, {"SGD": lambda p: optim.SGD(p, lr=0.1)}, steps=10)
    losses = race.losses("SGD")
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(land.surface().map(5, 5), land.losses)
    assert losses[0] == pytest.approx(float(land(*(torch.tensor(v) for v in race.race["start"]))), rel=1e-5)
    assert isinstance(land.surface(), Surface)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"directions": "pca"}, "at least three points"),
        ({"directions": "up"}, "'random' or 'pca'"),
        ({"steps": 500}, "3 to 101"),
        ({"kind": "4d"}, "'2d' or '3d'"),
        ({"span": 0}, "greater than 0"),
        ({"trajectories": Trajectory(nn.Linear(1, 1))}, "2 weights and the model"),
    ],
)
def test_wrong_landscapes_say_what_is_right(problem, arguments, words) -> None:
    model, data = problem
    with pytest.raises(ValueError, match=words):
        loss_landscape(model, F.cross_entropy, data, **arguments)
