"""Random numbers on a GPU, drawn by CuPy: repeatable for a seed, but not the numbers of PyTorch's GPU generator.

The state is the seed and how often was drawn; every draw starts a generator from both. So a state is 16 bytes, as in
PyTorch, and can be taken and put back at any time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import cupy as cp
import numpy as np
from cupy.cuda import curand

STATE_BYTES = 16


class Stream:
    """A seed, a count of draws, and the ways of drawing. The methods are those of ``numpy_random.Stream``."""

    def __init__(self, seed: int, index: int | None = None) -> None:
        self.index = index or 0
        self.lock = threading.Lock()
        with cp.cuda.Device(self.index):
            self.source = cp.random.RandomState(0, curand.CURAND_RNG_PSEUDO_PHILOX4_32_10)
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Start again from a seed of 64 bits."""
        self.initial, self.draws = seed, 0

    @contextlib.contextmanager
    def _next(self) -> Iterator[Any]:
        """The generator of the next draw, with its GPU selected."""
        with self.lock, cp.cuda.Device(self.index):
            mixed = np.random.SeedSequence([self.initial, self.draws]).generate_state(1, np.uint64)
            self.source.seed(int(mixed[0]))
            self.draws += 1
            yield self.source

    def uniform(self, n: int, dtype: Any, low: float = 0, high: float = 1) -> Any:
        """Uniform numbers in [low, high), float32 or float64."""
        with self._next() as source:
            x = source.random_sample(n, dtype=dtype)
            return x if low == 0 and high == 1 else x * x.dtype.type(high - low) + x.dtype.type(low)

    def normal(self, n: int, dtype: Any, mean: float = 0, std: float = 1) -> Any:
        """Normal numbers (float32, float64 or a half type)."""
        working = np.dtype(np.float32) if dtype.itemsize < 4 else dtype
        with self._next() as source:
            z = source.standard_normal(n, dtype=working)
            return (z * working.type(std) + working.type(mean)).astype(dtype, copy=False)

    def normal_one_by_one(self, n: int, mean: float = 0, std: float = 1) -> Any:
        """Normal numbers in float64."""
        return self.normal(n, np.dtype(np.float64), mean, std)

    def integers(self, n: int, span: int, long: bool) -> Any:
        """``n`` integers in [0, span) as uint64."""
        with self._next() as source:
            words = source.tomaxint(2 * n).astype(np.uint64) & np.uint64(0xFFFFFFFF)
            raw = (words[0::2] << np.uint64(32)) | words[1::2]
            return raw if span == 1 << 64 else raw % np.uint64(span)

    def permutation(self, n: int) -> Any:
        """The numbers 0 .. n-1 in random order: the order of ``n`` random numbers."""
        with self._next() as source:
            return cp.argsort(source.random_sample(n, dtype=np.float64))

    def get_state(self) -> np.ndarray:
        """The state as 16 bytes on the CPU."""
        return np.frombuffer(np.array([self.initial, self.draws], "<u8").tobytes(), np.uint8).copy()

    def set_state(self, state: np.ndarray) -> None:
        """Continue from saved bytes; RuntimeError when they are no state."""
        if state.size != STATE_BYTES:
            raise RuntimeError(f"RNG state is wrong size: expected {STATE_BYTES} bytes, got {state.size}")
        self.initial, self.draws = (int(v) for v in np.frombuffer(state.tobytes(), "<u8"))
