"""`loss_landscape(model, loss_fn, data)`: the loss around a model's weights, along two directions.

The random directions are filter-normalised: H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the Loss
Landscape of Neural Nets", NeurIPS 2018 (https://arxiv.org/abs/1712.09913). So are the directions of a training run, the
principal components of its weights' way to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from glasstorch import Tensor, nn
from glasstorch.func import functional_call

from ..drawing import SOFT, Picture
from ..engine import torch
from ..language import default_language, labels
from ..palette import SERIES, number
from ..png import write_png
from .race import draw_bands
from .surfaces import Surface, bands

MOST_PLACES = 101 * 101


class Trajectory:
    """A model's weights along its training, for `loss_landscape(..., trajectories=...)`.

        trajectory = Trajectory(model)
        for batch in loader:
            ...
            trajectory.add()

    Copies of all parameters are kept (float32, on the CPU), the first at once.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self.points: list[np.ndarray] = []
        self.add()

    def add(self) -> None:
        """Keep a copy of the weights as they are now."""
        self.points.append(flat(p.detach() for p in self._model.parameters()))


class LossLandscape:
    """The loss on a grid of two directions; made by `loss_landscape`.

    Attributes:
        a, b: coordinates along the first and second direction, (columns,) and (rows,).
        losses: (rows, columns).
        paths: by name, the trajectories' coordinates and losses: (points, 3).
        explained: for the directions of a trajectory, the share of its variance in each; else None.
    """

    def __init__(
        self,
        model: nn.Module,
        loss_fn: Callable[[Any, Any], Any],
        data: tuple[Any, Any],
        *,
        trajectories: Mapping[str, Trajectory] | Trajectory | None = None,
        directions: str = "random",
        span: float = 1.0,
        steps: int = 25,
        seed: int = 0,
        kind: str = "3d",
        lang: str | None = None,
    ) -> None:
        if directions not in ("random", "pca"):
            raise ValueError(f"directions must be 'random' or 'pca', not {directions!r}")
        if kind not in ("2d", "3d"):
            raise ValueError(f"kind must be '2d' or '3d', not {kind!r}")
        if steps < 3 or steps * steps > MOST_PLACES:
            raise ValueError(f"steps must be 3 to 101, not {steps}")
        if not span > 0:
            raise ValueError(f"span must be greater than 0, not {span}")
        if isinstance(trajectories, Trajectory):
            trajectories = {"training": trajectories}
        self.kind, self.labels = kind, labels(lang or default_language(), "landscape")
        self._model, self._loss_fn, self._inputs, self._targets = model, loss_fn, *data
        named = dict(model.named_parameters())
        if not named:
            raise ValueError("the model has no parameters")
        self._centre = {name: p.detach().clone() for name, p in named.items()}
        points = {name: np.stack(t.points) for name, t in (trajectories or {}).items()}
        centre = flat(self._centre.values())
        for name, way in points.items():
            if way.shape[1] != centre.size:
                raise ValueError(
                    f"trajectory {name!r} has {way.shape[1]} weights and the model {centre.size}"
                )
        self.explained: tuple[float, float] | None = None
        if directions == "pca":
            vectors = self._principal(points, centre)
        else:
            vectors = [flat(d) for d in random_directions(list(self._centre.values()), seed)]
        self._directions = [self._unflat(v) for v in vectors]
        ways = {name: project(way - centre, vectors) for name, way in points.items()}
        reach = [span, span]
        for way in ways.values():  # every path fits in, with some room
            reach = [max(r, 1.15 * float(np.abs(way[:, k]).max())) for k, r in enumerate(reach)]
        self.a, self.b = (np.linspace(-r, r, steps) for r in reach)
        self.losses = np.array([[self._loss_at(a, b) for a in self.a.tolist()] for b in self.b.tolist()])
        self.paths = {
            name: np.column_stack([way, [self._loss_at(a, b) for a, b in way.tolist()]])
            for name, way in ways.items()
        }

    def __call__(self, a: Any, b: Any) -> Any:
        """The loss at the model's weights plus a and b times the directions, differentiable in both.

        The module runs as for evaluation, and stays as it is.
        """
        first, second = self._directions
        weights = {name: w + a * first[name] + b * second[name] for name, w in self._centre.items()}
        training = [module for module in self._model.modules() if module.training]
        self._model.eval()
        try:
            output = functional_call(self._model, weights, (self._inputs,))
            return self._loss_fn(output, self._targets)
        finally:
            for module in training:
                module.training = True

    def surface(self) -> Surface:
        """The plane as a function of two numbers, for `optimizer_race`."""
        centre = next(iter(self._centre.values()))

        def loss(x: Any, y: Any) -> Any:
            return self(x.to(centre.device, centre.dtype), y.to(centre.device, centre.dtype))

        x, y = (float(self.a[0]), float(self.a[-1])), (float(self.b[0]), float(self.b[-1]))
        return Surface(self.labels["title"], loss, x, y, (0.8 * x[0], 0.8 * y[1]), values=self.losses)

    def figure(self, kind: str | None = None) -> Any:
        """A plain plotly `go.Figure`: "3d" a surface, "2d" contour lines; default the kind asked for at first."""
        # Half a second, which only those pay who want the figure; it brings no types.
        import plotly.graph_objects as go  # type: ignore[import-untyped]

        kind = kind or self.kind
        axes = self._axis_names()
        if kind == "3d":
            body = go.Surface(
                x=self.a,
                y=self.b,
                z=self.losses,
                colorscale="Greys_r",
                opacity=0.92,
                showscale=False,
                name="loss",
            )
            lines = [
                go.Scatter3d(
                    x=way[:, 0], y=way[:, 1], z=way[:, 2], name=name, mode="lines+markers",
                    line={"color": SERIES[k % len(SERIES)], "width": 6},
                    marker={"size": 3, "color": SERIES[k % len(SERIES)]},
                )
                for k, (name, way) in enumerate(self.paths.items())
            ]  # fmt: skip
            scene = {"xaxis": {"title": {"text": axes[0]}}, "yaxis": {"title": {"text": axes[1]}},
                     "zaxis": {"title": {"text": self.labels["loss"]}}}  # fmt: skip
            camera = {"eye": {"x": 1.7, "y": 1.7, "z": 1.2}, "center": {"x": 0, "y": 0, "z": -0.15}}
            layout: dict[str, Any] = {"scene": {**scene, "camera": camera}}  # far enough for the axes' names
        else:
            body = go.Contour(
                x=self.a, y=self.b, z=self.losses, colorscale="Greys_r", ncontours=24,
                contours={"showlabels": True}, showscale=False, name="loss",
            )  # fmt: skip
            lines = [
                go.Scatter(
                    x=way[:, 0], y=way[:, 1], name=name, mode="lines+markers", text=[number(v) for v in way[:, 2]],
                    line={"color": SERIES[k % len(SERIES)], "width": 2.5},
                )
                for k, (name, way) in enumerate(self.paths.items())
            ]  # fmt: skip
            layout = {"xaxis": {"title": {"text": axes[0]}}, "yaxis": {"title": {"text": axes[1]}}}
        figure = go.Figure([body, *lines])
        margin = {"l": 40, "r": 10, "t": 44, "b": 40}
        figure.update_layout(
            title={"text": self.labels["title"]}, height=480, margin=margin, showlegend=bool(lines), **layout
        )
        # No paper of its own, and a grey that reads on a light page and on a dark one.
        figure.update_layout(paper_bgcolor="rgba(0,0,0,0)", font={"color": "#767676"})
        return figure

    def text(self) -> str:
        """The smallest, central and largest loss, and where the paths end."""
        centre = self._loss_at(0.0, 0.0)
        low, high = float(self.losses.min()), float(self.losses.max())
        lines = [
            f"{self.labels['title']}: {number(low)} … {number(high)}, {number(centre)} {self.labels['here']}"
        ]
        for name, way in self.paths.items():
            lines.append(f"{name}: {number(way[0, 2])} -> {number(way[-1, 2])} ({len(way)})")
        return "\n".join(lines)

    def svg(self) -> str:
        """The losses as bands of grey, with the paths."""
        picture = Picture(self.text())
        picture.text(12, 20, self.labels["title"], size=13, bold=True)
        left, top, side = 46.0, 34.0, 300.0
        draw_bands(picture, bands(self.losses), left, top, side, side)
        for k, (name, way) in enumerate(self.paths.items()):
            points = [
                (left + (a - self.a[0]) / (self.a[-1] - self.a[0]) * side,
                 top + side - (b - self.b[0]) / (self.b[-1] - self.b[0]) * side)
                for a, b, _ in way.tolist()
            ]  # fmt: skip
            colour = SERIES[k % len(SERIES)]
            picture.line(points, stroke=colour, stroke_width=2)
            picture.circle(*points[-1], 4, fill=colour)
            picture.text(left + side + 16, top + 14 + 18 * k, f"{name} {number(way[-1, 2])}", fill=colour)
        axes = self._axis_names()
        picture.text(left + side / 2, top + side + 18, axes[0], anchor="middle", fill=SOFT)
        picture.text(left, top + side + 34, f"{axes[1]} ↑", fill=SOFT)
        return picture.done()

    def export_html(self, path: str | Path) -> Path:
        """Write one self-contained page with the figure (some 5 MB: plotly's script is inside)."""
        path = Path(path)
        self.figure().write_html(path, include_plotlyjs=True)
        return path

    def export_png(self, path: str | Path, *, scale: float = 2.0) -> Path:
        """Write the bands of grey, `svg()`, as a PNG file. Needs resvg-py."""
        return write_png(self.svg(), path, scale)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> dict[str, Any]:
        data = self.figure()._repr_mimebundle_(include, exclude, **kwargs)
        return {**data, "text/plain": self.text(), "image/svg+xml": self.svg()}

    def __repr__(self) -> str:
        return f"<LossLandscape, {self.losses.shape[0]}×{self.losses.shape[1]}>"

    def _loss_at(self, a: float, b: float) -> float:
        with torch.no_grad():
            return float(self(a, b))

    def _principal(self, points: dict[str, np.ndarray], centre: np.ndarray) -> list[np.ndarray]:
        """The two main directions of all trajectories, seen from the model's weights."""
        if not points or sum(map(len, points.values())) < 3:
            raise ValueError("directions='pca' needs a trajectory of at least three points")
        ways = np.concatenate(list(points.values())).astype(np.float64) - centre
        _, sizes, vectors = np.linalg.svd(ways, full_matrices=False)
        if len(sizes) < 2 or sizes[0] == 0:
            raise ValueError("the trajectory does not move; record it while the model trains")
        total = float((sizes**2).sum())
        self.explained = (float(sizes[0] ** 2) / total, float(sizes[1] ** 2) / total)
        return [vectors[0], vectors[1]]

    def _unflat(self, vector: np.ndarray) -> dict[str, Tensor]:
        out, at = {}, 0
        for name, weight in self._centre.items():
            part = vector[at : at + weight.numel()].reshape(tuple(weight.shape))
            out[name] = torch.from_numpy(np.ascontiguousarray(part)).to(weight.device, weight.dtype)
            at += weight.numel()
        return out

    def _axis_names(self) -> list[str]:
        if self.explained is None:
            return [self.labels["direction"].format(k=k) for k in (1, 2)]
        return [
            self.labels["component"].format(k=k + 1, share=f"{100 * s:.0f}")
            for k, s in enumerate(self.explained)
        ]


def loss_landscape(
    model: nn.Module,
    loss_fn: Callable[[Any, Any], Any],
    data: tuple[Any, Any],
    *,
    trajectories: Mapping[str, Trajectory] | Trajectory | None = None,
    directions: str = "random",
    span: float = 1.0,
    steps: int = 25,
    seed: int = 0,
    kind: str = "3d",
    lang: str | None = None,
) -> LossLandscape:
    """The loss around a model's weights, in the plane of two directions, with the ways that trainings took.

    The model's weights, mode and statistics stay as they are. `.figure()` gives the plotly figure, `.figure("2d")` the
    contour lines; `optimizer_race(landscape)` lets optimizers walk in the plane.

    Args:
        model: its weights are the middle. loss_fn: of (output, target), giving one number.
        data: (inputs, targets), the batch on which the loss is taken.
        trajectories: one, or several by name, recorded with `Trajectory(model)`; for optimizers to be compared from
            the same start, of models alike.
        directions: "random", filter-normalised (Li et al. 2018), or "pca", the main directions of the trajectories.
        span: how far to go at least, in lengths of the directions. steps: places on each axis, 3 to 101; the loss is
            taken steps² times. seed: of the random directions.
        kind: "3d" or "2d". lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: a model without parameters, trajectories of another model or too short, or a bad argument.
    """
    return LossLandscape(
        model, loss_fn, data, trajectories=trajectories, directions=directions, span=span, steps=steps, seed=seed,
        kind=kind, lang=lang,
    )  # fmt: skip


def random_directions(weights: list[Tensor], seed: int) -> list[list[np.ndarray]]:
    """Two random directions, each filter as long as the model's own filter.

    A filter is what makes one output: a slice of a weight's first dimension. Biases and the weights of normalisations
    (one dimension) stay put, as in Li et al.
    """
    generator = np.random.default_rng(seed)
    return [[_normalised(generator, weight) for weight in weights] for _ in range(2)]


def _normalised(generator: np.random.Generator, weight: Tensor) -> np.ndarray:
    own = weight.detach().to(torch.float64).cpu().numpy()
    if own.ndim < 2:
        return np.zeros(own.shape)
    found = generator.normal(size=own.shape)
    axes = tuple(range(1, own.ndim))
    length = np.sqrt((found**2).sum(axes, keepdims=True))
    scaled: np.ndarray = found * np.sqrt((own**2).sum(axes, keepdims=True)) / np.maximum(length, 1e-12)
    return scaled


def project(ways: np.ndarray, vectors: list[np.ndarray]) -> np.ndarray:
    """Coordinates along the two vectors nearest to each way (least squares): (points, 2)."""
    basis = np.stack(vectors, axis=1)
    found: np.ndarray = np.linalg.lstsq(basis, ways.astype(np.float64).T, rcond=None)[0].T
    return found


def flat(weights: Any) -> np.ndarray:
    """Tensors or arrays as one vector."""
    parts = [w.to(torch.float32).cpu().numpy() if isinstance(w, Tensor) else w for w in weights]
    return np.concatenate([np.asarray(part).reshape(-1) for part in parts])
