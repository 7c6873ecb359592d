"""Functions of two numbers on which optimizers are compared.

Rosenbrock (1960) and Beale (1958) as in M. Jamil and X.-S. Yang, "A literature survey of benchmark functions for global
optimization problems", 2013 (https://arxiv.org/abs/1308.4008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from glasstorch import optim

from ..engine import torch

Function = Callable[[Any, Any], Any]
Range = tuple[float, float]
BANDS = 14  # heights told apart in a picture


@dataclass(frozen=True)
class Surface:
    """A function with what is worth seeing of it.

    function: of two tensors, element by element. x, y: the ranges drawn. start: of the race. minimum: where it is, if
    known. rates: learning rates that suit it, by optimizer. values: its heights on an even grid from corner to corner,
    where they are known already.
    """

    name: str
    function: Function
    x: Range = (-2.0, 2.0)
    y: Range = (-2.0, 2.0)
    start: tuple[float, float] = (-1.5, 1.5)
    minimum: tuple[float, float] | None = None
    rates: dict[str, float] = field(default_factory=dict)
    values: np.ndarray | None = None

    def map(self, columns: int, rows: int) -> np.ndarray:
        """Heights at the centres of a grid of cells, the smallest y first: float64, at most (rows, columns)."""
        if self.values is None:
            return heights(self.function, self.x, self.y, columns, rows)
        across, up = (
            np.linspace(0, n - 1, size) for n, size in zip(self.values.shape[::-1], (columns, rows))
        )
        wide = np.array([np.interp(across, np.arange(len(row)), row) for row in self.values])
        return np.array([np.interp(up, np.arange(len(wide)), column) for column in wide.T]).T


def rosenbrock(x: Any, y: Any) -> Any:
    """A curved valley: easy to find, slow to follow. Smallest at (1, 1)."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def beale(x: Any, y: Any) -> Any:
    """Flat plains between steep walls. Smallest at (3, 0.5)."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def saddle(x: Any, y: Any) -> Any:
    """Down along y, up along x; the gradient vanishes between."""
    return x**2 - y**2


def ravine(x: Any, y: Any) -> Any:
    """Twenty times steeper across than along. Smallest at (0, 0)."""
    return 0.5 * (x**2 + 20 * y**2)


SURFACES = {
    "rosenbrock": Surface("rosenbrock", rosenbrock, (-2, 2), (-1, 3), (-1.2, 1.0), (1.0, 1.0),
                          {"SGD": 1e-3, "Momentum": 1e-3, "RMSprop": 0.02, "Adam": 0.15}),
    "beale": Surface("beale", beale, (-1, 4), (-2, 2), (1.0, 1.5), (3.0, 0.5),
                     {"SGD": 0.01, "Momentum": 0.005, "RMSprop": 0.03, "Adam": 0.1}),
    "saddle": Surface("saddle", saddle, (-2, 2), (-2, 2), (-1.5, 0.001), None,
                      {"SGD": 0.05, "Momentum": 0.02, "RMSprop": 0.03, "Adam": 0.05}),
    "ravine": Surface("ravine", ravine, (-4, 4), (-2, 2), (-3.5, 1.5), (0.0, 0.0),
                      {"SGD": 0.09, "Momentum": 0.02, "RMSprop": 0.05, "Adam": 0.2}),
}  # fmt: skip


def default_optimizers(rates: dict[str, float]) -> dict[str, Callable[[Any], Any]]:
    """Four well-known ones with the surface's rates, else 0.01 (Adam 0.05)."""
    rate = {"SGD": 0.01, "Momentum": 0.01, "RMSprop": 0.01, "Adam": 0.05} | rates
    return {
        "SGD": lambda parameters: optim.SGD(parameters, lr=rate["SGD"]),
        "Momentum": lambda parameters: optim.SGD(parameters, lr=rate["Momentum"], momentum=0.9),
        "RMSprop": lambda parameters: optim.RMSprop(parameters, lr=rate["RMSprop"]),
        "Adam": lambda parameters: optim.Adam(parameters, lr=rate["Adam"]),
    }


def heights(function: Function, x: Range, y: Range, columns: int, rows: int) -> np.ndarray:
    """The function on a grid of cell centres, the smallest y first: float64 of shape (rows, columns).

    The grid is three times coarser where the function takes single numbers only.
    """
    across = _centres(x, columns)
    up = _centres(y, rows)
    with torch.no_grad():
        try:
            grid = (
                torch.from_numpy(np.tile(across, (rows, 1))),
                torch.from_numpy(np.repeat(up, columns)).reshape(rows, -1),
            )
            found = function(*grid)
            if tuple(found.shape) == (rows, columns):
                whole: np.ndarray = found.to(torch.float64).cpu().numpy()
                return whole
        except (RuntimeError, ValueError, TypeError, IndexError):
            pass
        if columns * rows > 1000:
            across, up = _centres(x, columns // 3), _centres(y, rows // 3)
        values = [
            float(function(torch.tensor(a, dtype=torch.float64), torch.tensor(b, dtype=torch.float64)))
            for b in up.tolist()
            for a in across.tolist()
        ]
    return np.array(values).reshape(len(up), len(across))


def bands(values: np.ndarray) -> np.ndarray:
    """For each height a band from 0 (lowest) to BANDS - 1, each of about the same area. uint8."""
    finite = np.where(np.isfinite(values), values, np.inf)
    told = finite[np.isfinite(finite)]
    edges = np.quantile(told, np.linspace(0, 1, BANDS + 1)[1:-1]) if told.size else np.zeros(0)
    return np.searchsorted(edges, finite, side="left").astype(np.uint8)


def _centres(ends: Range, count: int) -> np.ndarray:
    low, high = ends
    return low + (np.arange(count) + 0.5) * (high - low) / count
