"""Random number generators and their seeds. Source: https://pytorch.org/docs/stable/random.html

On the CPU the same seed gives the same numbers as PyTorch. On a GPU numbers come from CuPy's generator:
repeatable, but not PyTorch's.
"""

from __future__ import annotations

import contextlib
import importlib
import secrets
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import backends
from .core.device import device as Device
from .core.dtype import uint8
from .core.lanes import drawn_apart
from .core.mode import STATE
from .core.tensor import Tensor, wrap

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

DEFAULT_SEED = 67280421310721  # of a Generator that was given none


def _in_range(seed: int) -> int:
    """A seed as 64 bits; negative ones count from the top."""
    if not -(1 << 63) <= seed < 1 << 64:
        raise ValueError("Overflow when unpacking long long")
    return seed % (1 << 64)


class Generator:
    """A source of random numbers with its own state.

    ``Generator()`` is on the CPU; ``Generator(device="cuda")`` draws on the GPU. Pass it as ``generator=`` to the
    random functions, samplers and ``DataLoader``.
    """

    def __init__(self, device: Any = "cpu") -> None:
        where = device if isinstance(device, Device) else Device(device)
        if where.type not in ("cpu", "cuda"):
            raise RuntimeError(f"{where.type.upper()} device type not an accelerator.")
        if where.type == "cuda":
            if backends.cupy() is None:
                raise RuntimeError(f"Cannot get CUDA generator without a GPU.\n{backends.HINT}")
            where = Device("cuda", backends.selected()) if where.index is None else where
        self.device = where
        module = "numpy_random" if where.type == "cpu" else "cupy_random"
        streams = importlib.import_module(f"{backends.__name__}.{module}")
        self.stream: Any = streams.Stream(DEFAULT_SEED, where.index)

    def manual_seed(self, seed: int) -> Generator:
        """Start from ``seed`` (an int in [-2**63, 2**64)); returns the generator."""
        if not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        self.stream.seed(_in_range(seed.__index__()))
        return self

    def seed(self) -> int:
        """Start from a seed nobody chose; returns it."""
        seed = secrets.randbits(53)
        self.stream.seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed the generator started from."""
        return self.stream.initial

    def get_state(self) -> Tensor:
        """The state as a tensor of bytes, for ``set_state``."""
        return wrap(self.stream.get_state())

    def set_state(self, new_state: Tensor) -> Generator:
        """Continue from a state that ``get_state`` gave; on the CPU PyTorch's states work too."""
        if not isinstance(new_state, Tensor):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        if new_state.dtype is not uint8 or new_state.device.type != "cpu":
            raise TypeError("RNG state must be a torch.ByteTensor")
        self.stream.set_state(np.ascontiguousarray(new_state._a))
        return self

    def clone_state(self) -> Generator:
        """Another generator in the same state."""
        return Generator(self.device).set_state(self.get_state())

    def __reduce__(self) -> tuple:
        return Generator, (self.device,), (self.initial_seed(), None, self.get_state())

    def __setstate__(self, state: tuple[int, int | None, Tensor]) -> None:
        # As PyTorch pickles it: the seed, on a GPU how many numbers were drawn, and the state, which holds both.
        self.set_state(state[2])

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"


default_generator = Generator()
default_generator.seed()
_on_gpu: dict[int, Generator] = {}  # the default generator of each GPU, made when first asked for
_gpu_seed: int | None = None  # for those still to be made


def generator_for(device: Device, generator: Generator | None = None) -> Generator:
    """The generator to draw from on a device: the given one if it fits, else the device's default."""
    if STATE.special:
        drawn_apart()  # refuses where a vmap wants no random numbers
    if generator is not None:
        if not isinstance(generator, Generator):
            raise TypeError(f"argument 'generator' must be torch.Generator, not {type(generator).__name__}")
        if generator.device.type != device.type:
            raise RuntimeError(
                f"Expected a '{device.type}' device type for generator but found '{generator.device.type}'"
            )
        return generator
    if device.type == "cpu":
        return default_generator
    index = backends.selected() if device.index is None else device.index
    if index not in _on_gpu:
        _on_gpu[index] = Generator(Device(device.type, index))
        _on_gpu[index].manual_seed(initial_seed() if _gpu_seed is None else _gpu_seed)
    return _on_gpu[index]


def manual_seed(seed: Any) -> Generator:
    """Seed the default generators of all devices; returns the CPU's.

    The same seed gives the same numbers as PyTorch's ``torch.manual_seed`` on the CPU.
    """
    value = _in_range(int(seed))
    seed_gpus(value)
    return default_generator.manual_seed(value)


def seed_gpus(seed: int) -> None:
    """Seed the default generators of all GPUs, also of those not used yet."""
    global _gpu_seed
    _gpu_seed = _in_range(int(seed))
    for generator in _on_gpu.values():
        generator.manual_seed(_gpu_seed)


def seed() -> int:
    """Seed the default generators of all devices with a number nobody chose; returns it."""
    value = secrets.randbits(53)
    manual_seed(value)
    return value


def initial_seed() -> int:
    """The seed the CPU's default generator started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the CPU's default generator, a tensor of bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the CPU's default generator into a state that ``get_rng_state`` gave."""
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cuda") -> Iterator[None]:
    """Draw freely inside the ``with`` block; afterwards all generators are as they were before it.

    ``devices``: GPUs whose generators are put back too (all in use by default).
    """
    if not enabled:
        yield
        return
    chosen = list(_on_gpu) if devices is None else [Device(d).index for d in devices]
    generators = [default_generator, *(generator_for(Device(device_type, i)) for i in chosen)]
    states = [g.get_state() for g in generators]
    try:
        yield
    finally:
        for g, state in zip(generators, states, strict=True):
            g.set_state(state)
