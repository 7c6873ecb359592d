"""How near the random numbers are to PyTorch's: equal to the bit, within an ulp, or different.

For every way of drawing, float32 and float64, several sizes (PyTorch takes other paths below 16 elements and for
tensors with gaps) and seeds, the same seed is given to both engines and the results are compared.

    python bench/random_numbers.py            # a table
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
import torch

SIZES = [1, 7, 15, 16, 17, 100, 1000, 70_001]
SEEDS = [0, 1, 42, 2**40]


def _filled(name: str, *args: float) -> Callable:
    return lambda E, n, kind: getattr(E.empty(n, dtype=kind), name)(*args)


def _gaps(name: str, *args: float) -> Callable:
    return lambda E, n, kind: getattr(E.empty(n, 2, dtype=kind)[:, 0], name)(*args).clone()


DRAWS: dict[str, Callable] = {
    "rand": lambda E, n, kind: E.rand(n, dtype=kind),
    "randn": lambda E, n, kind: E.randn(n, dtype=kind),
    "randint": lambda E, n, kind: E.randint(-5, 1000, (n,), dtype=kind),
    "randint, 64 bits": lambda E, n, kind: E.randint(0, 2**50, (n,)),
    "randperm": lambda E, n, kind: E.randperm(n),
    "normal(mean, std)": lambda E, n, kind: E.normal(E.arange(n).to(kind), 0.5),
    "uniform_": _filled("uniform_", -0.3, 0.9),
    "normal_": _filled("normal_", 2.0, 0.3),
    "exponential_": _filled("exponential_", 1.5),
    "geometric_": _filled("geometric_", 0.3),
    "log_normal_": _filled("log_normal_", 0.5, 0.7),
    "cauchy_": _filled("cauchy_", 1.0, 2.0),
    "random_": _filled("random_"),
    "bernoulli_(p)": _filled("bernoulli_", 0.3),
    "bernoulli(tensor)": lambda E, n, kind: E.bernoulli(E.linspace(0, 1, n, dtype=kind)),
    "uniform_, with gaps": _gaps("uniform_", 0.0, 1.0),
    "normal_, with gaps": _gaps("normal_", 0.0, 1.0),
    "bernoulli_, with gaps": _gaps("bernoulli_", 0.4),
    "multinomial, replacement": lambda E, n, kind: E.multinomial(E.linspace(0.1, 1, 50, dtype=kind), n, True),
    "multinomial, each once": lambda E, n, kind: E.multinomial(
        E.linspace(0.1, 1, n, dtype=kind), max(1, n // 2)
    ),
    "dropout": lambda E, n, kind: E.nn.functional.dropout(E.ones(n, dtype=kind), 0.3),
    "xavier_normal_": lambda E, n, kind: E.nn.init.xavier_normal_(E.empty(n, 3, dtype=kind)),
    "trunc_normal_": lambda E, n, kind: E.nn.init.trunc_normal_(E.empty(n, dtype=kind)),
    "kaiming_uniform_": lambda E, n, kind: E.nn.init.kaiming_uniform_(E.empty(n, 3, dtype=kind)),
}


def drawn(E: Any, draw: Callable, n: int, kind: str, seed: int) -> tuple[np.ndarray, bytes]:
    """The numbers, and the generator's state after them."""
    E.manual_seed(seed)
    with E.no_grad():
        values = draw(E, n, getattr(E, kind)).numpy()
    return np.ascontiguousarray(values), E.get_rng_state().numpy().tobytes()


def agreement(name: str, kind: str, sizes: list[int] = SIZES, seeds: list[int] = SEEDS) -> str:
    """``bit``, ``n ulp`` (the largest distance) or ``differs`` over all sizes and seeds, and whether states agree."""
    worst, states, ties = 0.0, True, False
    for n in sizes:
        for seed in seeds:
            (a, state), (b, its) = (drawn(E, DRAWS[name], n, kind, seed) for E in (glasstorch, torch))
            states &= state == its
            if a.tobytes() != b.tobytes() and a.dtype.kind != "f":
                ties = sorted(a) == sorted(b)  # the same numbers, equally likely ones in another order
                worst = worst if ties else np.inf
            elif a.tobytes() != b.tobytes():
                near = np.abs(a.astype(float) - b) / np.spacing(np.maximum(np.abs(b), np.finfo(a.dtype).tiny))
                worst = max(worst, float(near.max()))
    word = (
        "but for ties"
        if ties and not worst
        else "bit"
        if worst == 0
        else f"{worst:.0f} ulp"
        if worst <= 64
        else "differs"
    )
    return word if states else f"{word}, other state after"


def main() -> None:
    """Print the table."""
    print(f"| {'draw':26}| {'float32':22}| {'float64':22}|\n|{'-' * 27}|{'-' * 23}|{'-' * 23}|")
    for name in DRAWS:
        print(f"| {name:26}| {agreement(name, 'float32'):22}| {agreement(name, 'float64'):22}|")


if __name__ == "__main__":
    main()
