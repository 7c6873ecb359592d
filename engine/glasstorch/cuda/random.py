"""The GPUs' generators: seeds and states. Source: https://pytorch.org/docs/stable/cuda.html#random-number-generator

Numbers on a GPU come from CuPy: repeatable for a seed, but not those of PyTorch's GPU generator.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from ..core.device import device as Device
from .devices import chosen, device_count, index_of, is_available


def _generator(device: Any = "cuda") -> Any:
    from ..random import generator_for

    return generator_for(Device("cuda", chosen(device)))


def manual_seed(seed: int) -> None:
    """Seed the selected GPU's generator; without a GPU nothing happens."""
    seed = int(seed)
    if is_available():
        _generator().manual_seed(seed)


def manual_seed_all(seed: int) -> None:
    """Seed the generators of all GPUs; without a GPU nothing happens."""
    from ..random import seed_gpus

    seed_gpus(int(seed))


def seed() -> None:
    """Seed the selected GPU's generator with a number nobody chose; without a GPU nothing happens."""
    manual_seed(secrets.randbits(53))


def seed_all() -> None:
    """Seed the generators of all GPUs with one number nobody chose; without a GPU nothing happens."""
    manual_seed_all(secrets.randbits(53))


def initial_seed() -> int:
    """The seed the selected GPU's generator started from."""
    return _generator().initial_seed()


def get_rng_state(device: Any = "cuda") -> Any:
    """The state of a GPU's generator, a tensor of bytes."""
    return _generator(device).get_state()


def get_rng_state_all() -> list[Any]:
    """The states of all GPUs' generators."""
    return [get_rng_state(i) for i in range(device_count())]


def set_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Put a GPU's generator into a state that ``get_rng_state`` gave; without a GPU nothing happens."""
    state = new_state.clone()
    index_of(device, optional=True)
    if is_available():
        _generator(device).set_state(state)


def set_rng_state_all(new_states: Iterable[Any]) -> None:
    """Put all GPUs' generators into the states that ``get_rng_state_all`` gave."""
    for i, state in enumerate(new_states):
        set_rng_state(state, i)


def default_generators() -> tuple:
    """The generators that random functions on the GPUs draw from, one for each."""
    return tuple(_generator(i) for i in range(device_count()))
