"""Random numbers on the CPU: PyTorch's stream, number for number.

PyTorch and NumPy share the generator (Mersenne Twister, MT19937) and its seeding; they differ in how raw
words become numbers. A float32 uniform is the low 24 bits of one 32-bit word, a float64 uniform the low 53
bits of two words.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

from . import box_muller, libm
from .rounding import fma

WORDS = 624  # the twister's state
STATE_BYTES = 5056
# PyTorch's layout of a saved state; words are kept in 64 bits each
LAYOUT = np.dtype(
    [("seed", "<u8"), ("left", "<i4"), ("seeded", "<i4"), ("next", "<u8"), ("words", "<u8", WORDS), ("x", "<f8"),
     ("kept", "<f8"), ("rho", "<f8"), ("has_kept", "<i4"), ("pad", "<i4"), ("kept32", "<f4"), ("has_kept32", "<i4")]
)  # fmt: skip


class Stream:
    """A Mersenne Twister and PyTorch's ways of drawing from it.

    ``kept`` is a normal number left over: Box-Muller makes two, and short tensors ask one at a time.
    """

    def __init__(self, seed: int, index: int | None = None) -> None:
        self.initial = seed
        self.renew()

    def renew(self) -> None:
        """Begin anew from the seed, with new locks: who held one while a process was forked did not come along."""
        self.lock = threading.Lock()
        self.twister = np.random.MT19937(0)  # which has a lock, too
        self._legacy = np.random.RandomState(
            self.twister
        )  # its way of seeding is the one that PyTorch shares
        self.seed(self.initial)

    def seed(self, seed: int) -> None:
        """Start again from a seed, of which PyTorch uses the low 32 bits here."""
        self.initial = seed
        self._legacy.seed(seed & 0xFFFFFFFF)
        self.fresh = True  # nothing drawn since
        self.kept: float | None = None

    # ------------------------------------------------------------------ raw bits
    def words(self, n: int) -> np.ndarray:
        """``n`` numbers of 32 random bits, as uint64."""
        self.fresh = self.fresh and n == 0
        return self.twister.random_raw(n)

    def long_words(self, n: int) -> np.ndarray:
        """``n`` numbers of 64 random bits, from two words each."""
        w = self.words(2 * n)
        return (w[0::2] << np.uint64(32)) | w[1::2]

    # ------------------------------------------------------------------ numbers
    def uniform(self, n: int, dtype: Any, low: float = 0, high: float = 1) -> np.ndarray:
        """Uniform numbers in [low, high), float32 or float64."""
        if dtype == np.float32:
            x = (self.words(n).astype(np.uint32) & np.uint32((1 << 24) - 1)).astype(np.float32)
            x *= np.float32(2.0**-24)
        else:
            x = (self.long_words(n) & np.uint64((1 << 53) - 1)).astype(np.float64)
            x *= 2.0**-53
        if low == 0 and high == 1:
            return x
        start = x.dtype.type(low)
        return fma(x, x.dtype.type(high) - start, start)

    def normal(self, n: int, dtype: Any, mean: float = 0, std: float = 1) -> np.ndarray:
        """Normal numbers the way PyTorch fills a contiguous tensor (float32, float64 or a half type)."""
        if n < 16:
            return self.normal_one_by_one(n, mean, std).astype(dtype)
        half = dtype.itemsize < 4
        working = np.float32 if half else dtype
        whole = n - n % 16
        u = self.uniform(whole if half else n, working)
        out = box_muller.normals(u[:whole], mean, std)
        if n > whole:  # the last 16 are drawn anew, overlapping what is there
            last = box_muller.normals(self.uniform(16, working), mean, std)
            out = np.concatenate([out[: n - 16], last])
        return out.astype(dtype, copy=False)

    def normal_one_by_one(self, n: int, mean: float = 0, std: float = 1) -> np.ndarray:
        """Normal numbers in float64 the way PyTorch draws few, or fills a tensor with gaps."""
        with self.lock:
            kept = self.kept is not None and n > 0
            pairs = (n - kept + 1) // 2
            u = self.uniform(2 * pairs, np.float64)
            out = np.empty(kept + 2 * pairs)
            if kept:
                out[0] = self.kept
            radius, angle = np.sqrt(-2 * libm.log1p(-u[1::2])), 2 * math.pi * u[0::2]
            out[kept::2], out[kept + 1 :: 2] = radius * libm.cos(angle), radius * libm.sin(angle)
            if n:
                self.kept = float(out[n]) if out.size > n else None
        return box_muller.scaled(out[:n], np.float64(mean), np.float64(std))

    def integers(self, n: int, span: int, long: bool) -> np.ndarray:
        """``n`` integers in [0, span) as uint64: the remainder of a 32-bit or 64-bit draw."""
        raw = self.long_words(n) if long else self.words(n)
        return raw if span == 1 << 64 else raw % np.uint64(span)

    def permutation(self, n: int) -> np.ndarray:
        """The numbers 0 .. n-1 in random order (Fisher and Yates): place i swaps with one at or after it."""
        if n < 2:
            return np.arange(n)
        remaining = np.arange(n, 1, -1, dtype=np.uint64)
        raw = self.words(n - 1) if n < 1 << 32 else self.long_words(n - 1)
        partners = (raw % remaining).tolist()
        order = list(range(n))
        for i, step in enumerate(partners):
            order[i], order[i + step] = order[i + step], order[i]
        return np.array(order)

    # ------------------------------------------------------------------ state
    def get_state(self) -> np.ndarray:
        """The state as bytes in PyTorch's layout, so that states travel between the two."""
        s = np.zeros((), LAYOUT)
        twister: Any = self.twister.state["state"]
        s["seed"], s["seeded"], s["words"] = self.initial, 1, twister["key"]
        s["next"] = 0 if self.fresh else twister["pos"]
        s["left"] = 1 if self.fresh else WORDS + 1 - twister["pos"]
        s["has_kept"], s["kept"] = self.kept is not None, self.kept or 0.0
        return np.frombuffer(s.tobytes(), np.uint8).copy()

    def set_state(self, state: np.ndarray) -> None:
        """Continue from saved bytes; RuntimeError when they are no state."""
        if state.size != STATE_BYTES:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE_BYTES} but found the input RNG state size to be "
                f"{state.size}"
            )
        s = np.frombuffer(state.tobytes(), LAYOUT)[0]
        left, place = int(s["left"]), int(s["next"])
        if not (s["seeded"] == 1 and 0 < left <= WORDS and place <= WORDS):
            raise RuntimeError("Invalid mt19937 state")
        self.initial = int(s["seed"])
        key, pos = s["words"].astype(np.uint32), WORDS if left == 1 else place
        self.twister.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": pos}}
        self.fresh = left == 1 and place == 0
        self.kept = float(s["kept"]) if s["has_kept"] else None
