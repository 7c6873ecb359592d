"""`optimizer_race(...)`: optimizers run side by side on a function of two numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets

from ..charts.svg import ticks
from ..drawing import SOFT, Picture
from ..engine import torch
from ..heat import mix
from ..palette import BLACK, SERIES, number
from ..view import View
from .surfaces import BANDS, SURFACES, Function, Range, Surface, bands, default_optimizers

COLUMNS, ROWS = 96, 72  # of the map
MOST_STEPS, MOST_RACERS = 5000, 6
LOW, HIGH = "#FFFFFF", "#A9B2BC"  # the map's greys, on which the paths' colours stand out
DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 4", "12 4")


class OptimizerRace(View, module="optimizer_race.js", styles=("explain.css", "race.css"), words="race"):
    """Paths of optimizers over a map; see `optimizer_race`.

    Messages from the browser: `start` (from another point), `rate` (another learning rate for one of them).
    """

    title = traitlets.Unicode("").tag(sync=True)
    map = traitlets.Dict().tag(sync=True)
    race = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        surface: Surface,
        optimizers: Mapping[str, Callable[[Any], Any]],
        *,
        steps: int = 300,
        title: str = "",
        lang: str | None = None,
    ) -> None:
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(f"steps must be 1 to {MOST_STEPS}, not {steps}")
        if not 1 <= len(optimizers) <= MOST_RACERS:
            raise ValueError(f"a race has 1 to {MOST_RACERS} optimizers, not {len(optimizers)}")
        self._surface, self._optimizers, self._steps = surface, dict(optimizers), steps
        self._rates: dict[str, float] = {}
        self.paths: dict[str, np.ndarray] = {}
        super().__init__(title=title or surface.name, lang=lang)
        found = surface.map(COLUMNS, ROWS)
        self._bands = bands(found)
        self.map = {
            "x": list(surface.x),
            "y": list(surface.y),
            "columns": found.shape[1],
            "rows": found.shape[0],
            "bands": BANDS,
            "lowest": _finite(found.min()),
            "highest": _finite(found.max()),
            "minimum": None if surface.minimum is None else list(surface.minimum),
            "data": self._bands.tobytes(),
        }
        self._run()

    def receive_start(self, message: dict[str, Any]) -> None:
        x, y = float(message["x"]), float(message["y"])
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError("a start needs two finite numbers")
        self._surface = replace(self._surface, start=(x, y))
        self._run()

    def receive_rate(self, message: dict[str, Any]) -> None:
        rate = float(message["rate"])
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError("a learning rate must be greater than 0")
        if message["name"] not in self._optimizers:
            raise ValueError(f"there is no optimizer {message['name']!r} in this race")
        self._rates[message["name"]] = rate
        self._run()

    def losses(self, name: str) -> list[float]:
        """The function's value at every step of one optimizer, the start first."""
        values: list[float] = self.paths[name][:, 2].tolist()
        return values

    def text(self) -> str:
        """Where everybody is at the end."""
        lines = [f"{self.title}: {self._steps} steps from ({_pair(self._surface.start)})"]
        for name, path in self.paths.items():
            x, y, loss = path[-1].tolist()
            lost = (
                ""
                if len(path) == self._steps + 1
                else f", left the map far behind after {len(path) - 1} steps"
            )
            rate, end = number(self.race["rates"][name]), _pair((x, y))
            lines.append(f"{name} (lr {rate}): ({end}), loss {number(loss)}{lost}")
        return "\n".join(lines)

    def svg(self) -> str | None:
        """The map with all paths, and the losses."""
        picture = Picture(self.text())
        picture.text(12, 20, self.title, size=13, bold=True)
        left, top, width, height = 40.0, 34.0, 384.0, 288.0
        draw_bands(picture, self._bands, left, top, width, height)
        (x0, x1), (y0, y1) = self._surface.x, self._surface.y

        def place(x: float, y: float) -> tuple[float, float]:
            return left + (x - x0) / (x1 - x0) * width, top + height - (y - y0) / (y1 - y0) * height

        for tick in ticks(x0, x1):
            if x0 <= tick <= x1:
                picture.text(place(tick, y0)[0], top + height + 14, number(tick), anchor="middle", fill=SOFT)
        for tick in ticks(y0, y1):
            if y0 <= tick <= y1:
                picture.text(left - 6, place(x0, tick)[1] + 4, number(tick), anchor="end", fill=SOFT)
        if self._surface.minimum is not None:
            x, y = place(*self._surface.minimum)
            picture.line([(x - 5, y), (x + 5, y)], stroke=BLACK, stroke_width=2)
            picture.line([(x, y - 5), (x, y + 5)], stroke=BLACK, stroke_width=2)
        for k, (name, path) in enumerate(self.paths.items()):
            colour, dash = SERIES[k], {"stroke_dasharray": DASHES[k]} if DASHES[k] else {}
            inside = [place(x, y) for x, y, _ in path.tolist() if x0 <= x <= x1 and y0 <= y <= y1]
            if inside:
                picture.line(inside, stroke=colour, stroke_width=2, **dash)
                picture.circle(*inside[-1], 4.5, fill=colour, stroke="#FFFFFF")
            at = top + 14 + 34 * k
            picture.line(
                [(left + width + 20, at - 4), (left + width + 46, at - 4)],
                stroke=colour,
                stroke_width=3,
                **dash,
            )
            picture.text(left + width + 52, at, f"{name}, lr {number(self.race['rates'][name])}")
            picture.text(
                left + width + 52, at + 15, f"{self.labels['loss']} {number(path[-1, 2])}", fill=SOFT
            )
        x, y = place(*self._surface.start)
        picture.circle(x, y, 5, fill="none", stroke=BLACK, stroke_width=2)
        return picture.done()

    def __repr__(self) -> str:
        return f"<OptimizerRace on {self._surface.name}: {', '.join(self._optimizers)}>"

    def _run(self) -> None:
        """Run everybody from the start; the old race stays if one of them fails."""
        paths, rates = {}, {}
        for name, make in self._optimizers.items():
            paths[name], rates[name] = run(self._surface, make, self._steps, self._rates.get(name))
        self.paths = paths
        self.race = {
            "names": list(paths),
            "rates": rates,
            "counts": [len(path) for path in paths.values()],
            "steps": self._steps,
            "start": list(self._surface.start),
            "data": b"".join(np.ascontiguousarray(path, "<f8").tobytes() for path in paths.values()),
        }


def run(
    surface: Surface, make: Callable[[Any], Any], steps: int, rate: float | None = None
) -> tuple[np.ndarray, float]:
    """Let one optimizer of the engine walk from the surface's start.

    Args:
        make: gives the optimizer for a list of one parameter, (x, y) in float64. rate: replaces its learning rate.

    Returns:
        x, y and the function's value at the start and after every step: (steps + 1, 3), fewer if it went far off the
        map or left the finite numbers; and its learning rate.
    """
    function = surface.function
    point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = make([point])
    if rate is not None:
        for group in optimizer.param_groups:
            group["lr"] = rate
    used = float(optimizer.param_groups[0]["lr"])

    def closure() -> Any:
        optimizer.zero_grad()
        loss = function(point[0], point[1])
        loss.backward()
        return loss

    def here() -> tuple[float, float, float]:
        with torch.no_grad():
            x, y = point.tolist()
            return x, y, float(function(point[0], point[1]))

    path = [here()]
    for _ in range(steps):
        optimizer.step(closure)
        x, y, loss = here()
        if not (math.isfinite(loss) and _near(x, surface.x) and _near(y, surface.y)):
            break
        path.append((x, y, loss))
    return np.array(path), used


def optimizer_race(
    function: str | Function | Surface = "rosenbrock",
    optimizers: Mapping[str, Callable[[Any], Any]] | None = None,
    *,
    start: tuple[float, float] | None = None,
    steps: int = 300,
    x: Range | None = None,
    y: Range | None = None,
    title: str = "",
    lang: str | None = None,
) -> OptimizerRace:
    """Race the engine's own optimizers over a function of two numbers.

        optimizer_race("ravine", {"SGD": lambda p: torch.optim.SGD(p, lr=0.05), "Adam": torch.optim.Adam})

    The slider and the arrow keys go through the steps. A click on the map (or two numbers below it) starts the race
    elsewhere; learning rates can be changed while watching.

    Args:
        function: "rosenbrock", "beale", "saddle", "ravine", a function of two tensors, a `Surface`, or a
            `loss_landscape(...)`, in whose plane the race then takes place.
        optimizers: by name, what makes an optimizer of a list of parameters; at most six. Default: SGD, SGD with
            momentum, RMSprop and Adam.
        start: where all begin. steps: how many, up to 5000. x, y: the ranges drawn.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: an unknown name, an empty range, too many steps or optimizers.
        TypeError: not a function of two numbers.
    """
    if isinstance(function, str):
        if function not in SURFACES:
            raise ValueError(
                f"{function!r} is none of {', '.join(SURFACES)}; give your own function of x and y"
            )
        surface = SURFACES[function]
    elif isinstance(function, Surface):
        surface = function
    elif hasattr(function, "surface"):
        surface = function.surface()
    elif callable(function):
        surface = Surface(getattr(function, "__name__", "f"), function)
    else:
        raise TypeError(
            f"optimizer_race() takes a name or a function of x and y, not {type(function).__name__}"
        )
    (x0, x1), (y0, y1) = x or surface.x, y or surface.y
    surface = replace(surface, x=(x0, x1), y=(y0, y1), start=start or surface.start)
    for word, (low, high) in (("x", surface.x), ("y", surface.y)):
        if not low < high:
            raise ValueError(f"{word} must be a range (smallest, largest), not ({low}, {high})")
    if optimizers is None:
        optimizers = default_optimizers(surface.rates)
    return OptimizerRace(surface, optimizers, steps=steps, title=title, lang=lang)


def draw_bands(
    picture: Picture, found: np.ndarray, left: float, top: float, width: float, height: float
) -> None:
    """The map: one path for each band, neighbours in a row joined."""
    rows, columns = found.shape
    dx, dy = width / columns, height / rows
    pieces: dict[int, list[str]] = {}
    for r, line in enumerate(found[::-1]):  # the largest y on top
        ends = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), columns]
        for start, end in itertools.pairwise(ends):
            x, wide = left + start * dx, (end - start) * dx
            run_ = f"M{x:.1f} {top + r * dy:.1f}h{wide:.1f}v{dy:.1f}h-{wide:.1f}z"
            pieces.setdefault(int(line[start]), []).append(run_)
    for band, drawn in sorted(pieces.items()):
        picture.shape("".join(drawn), fill=mix(LOW, HIGH, band / (BANDS - 1)), shape_rendering="crispEdges")
    picture.rect(left, top, width, height, fill="none", stroke=SOFT)


def _near(value: float, ends: Range) -> bool:
    """Within ten maps' widths of the map; false for NaN."""
    return abs(value - sum(ends) / 2) <= 10 * (ends[1] - ends[0])


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])}, {number(point[1])}"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
