"""CUDA devices through CuPy: is there one, how many, and waiting for them.

Without a GPU each call answers as PyTorch's CPU build does. Source: https://pytorch.org/docs/stable/cuda.html
"""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.device import device as Device


def is_available() -> bool:
    """Is there a usable GPU (and CuPy to reach it)?"""
    return device_count() > 0


def device_count() -> int:
    """How many GPUs can be used."""
    module = backends.cupy()
    return 0 if module is None else module.cuda.runtime.getDeviceCount()


def _require() -> Any:
    if backends.cupy() is None:
        raise AssertionError(
            "Torch not compiled with CUDA enabled: CuPy is not installed or finds no GPU. "
            "Use the CPU, or install CuPy for your CUDA version (pip install 'glasstorch[gpu]')."
        )
    return backends.cupy()


def current_device() -> int:
    """The index of the selected GPU."""
    return _require().cuda.Device().id


def get_device_name(device: Any = None) -> str:
    """The name of a GPU, for example ``NVIDIA H200``."""
    module = _require()
    index = device if isinstance(device, int) else Device("cuda" if device is None else device).index
    return module.cuda.runtime.getDeviceProperties(index or 0)["name"].decode()


def synchronize(device: Any = None) -> None:
    """Wait until the GPU has done all it was given."""
    _require().cuda.Device().synchronize()


def empty_cache() -> None:
    """Give memory that is held but unused back to the GPU; nothing to do without one."""
    module = backends.cupy()
    if module is not None:
        module.get_default_memory_pool().free_all_blocks()


def _generator(device: Any = "cuda") -> Any:
    from ..random import generator_for

    _require()
    where = device if isinstance(device, Device) else Device(device)
    return generator_for(Device("cuda", current_device() if where.index is None else where.index))


def manual_seed(seed: int) -> None:
    """Seed the current GPU's generator; without a GPU nothing happens."""
    if is_available():
        _generator().manual_seed(int(seed))


def manual_seed_all(seed: int) -> None:
    """Seed the generators of all GPUs; without a GPU nothing happens."""
    from ..random import seed_gpus

    seed_gpus(seed)


def initial_seed() -> int:
    """The seed the current GPU's generator started from."""
    return _generator().initial_seed()


def get_rng_state(device: Any = "cuda") -> Any:
    """The state of a GPU's generator, a tensor of bytes."""
    return _generator(device).get_state()


def set_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Put a GPU's generator into a state that ``get_rng_state`` gave."""
    _generator(device).set_state(new_state)
