"""Figures of tensors, in few NumPy calls: norms, shares, samples, histograms.

On the CPU a tensor's own memory is read; on a GPU the tensor is reduced there and only the figure comes back.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import glasstorch
import numpy as np

SAMPLE = 2048  # elements of a tensor that stand for all of them where a histogram or a ratio is taken
BINS = 24
SMALL = 1 << 15  # elements that are looked at one and all


class Size(NamedTuple):
    """How large the elements of some tensors are, taken together."""

    norm: float
    mean: float  # of the sizes of the elements
    largest: float


def values_of(tensor: Any) -> np.ndarray | None:
    """The tensor's own memory as a float array, or None if it is not on the CPU or has no plain elements."""
    if tensor.device.type != "cpu" or tensor.is_sparse:
        return None
    tensor = tensor.detach()
    if tensor.is_complex():
        return np.asarray(np.abs(tensor.numpy()))
    plain = tensor.dtype in (glasstorch.float32, glasstorch.float64)
    return np.asarray((tensor if plain else tensor.float()).numpy())  # NumPy knows no bfloat16


def size_of(tensors: list[Any]) -> Size:
    """Norm, mean size and largest size of all elements; NaN or infinite if any of them is."""
    square = total = largest = 0.0
    count = 0
    for tensor in tensors:
        if tensor.is_sparse:
            tensor = tensor.coalesce().values()
        if not tensor.numel():
            continue
        array = values_of(tensor)
        if array is None:
            sizes = tensor.detach().abs().float()
            norm, mean, most = sizes.norm().item(), sizes.mean().item(), sizes.max().item()
        else:
            flat = array.reshape(-1)
            most = float(max(flat.max(), -flat.min()))  # NaN stays NaN in both
            norm, mean = _norm(flat, most), float(np.abs(flat[:: _stride(flat.size)]).mean())
        square += norm * norm
        total += mean * tensor.numel()
        largest = most if math.isnan(most) else max(largest, most)
        count += tensor.numel()
    return Size(math.sqrt(square), total / count, largest) if count else Size(math.nan, math.nan, math.nan)


def _norm(flat: np.ndarray, most: float) -> float:
    """The Euclidean norm. Squares of float32 numbers leave its range beyond 1e±19: those are scaled first."""
    if not math.isfinite(most):
        return most if math.isnan(most) else math.inf
    if most == 0.0:
        return 0.0
    if 1e-12 < most < 1e12:
        return math.sqrt(float(np.dot(flat, flat)))
    scaled = flat.astype(np.float64) / most
    return most * math.sqrt(float(np.dot(scaled, scaled)))


def _stride(count: int) -> int:
    # Odd, so that a stride never falls in step with rows of even length.
    return max(1, count // SAMPLE) | 1 if count > SAMPLE else 1


def sample(tensors: list[Any]) -> np.ndarray:
    """About `SAMPLE` elements of each tensor, evenly spread, as one float32 array of its own."""
    parts = []
    for tensor in tensors:
        if tensor.is_sparse:
            tensor = tensor.coalesce().values()
        array = values_of(tensor)
        if array is None:
            flat = tensor.detach().reshape(-1)
            parts.append(flat[:: _stride(flat.numel())].float().cpu().numpy())
        else:
            flat = array.reshape(-1)
            parts.append(flat[:: _stride(flat.size)])
    return np.concatenate(parts, dtype=np.float32) if parts else np.zeros(0, np.float32)


def ratio(before: np.ndarray, after: np.ndarray) -> float:
    """How far weights moved, as a share of their own size: |after - before| / |before|; NaN where they are all 0."""
    if before.shape != after.shape:
        return math.nan
    size = np.linalg.norm(before)
    return float(np.linalg.norm(after - before) / size) if size > 0 else math.nan


def histogram(values: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Smallest and largest finite value, and how many fall into each of `BINS` equal bins (255: the fullest)."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return math.nan, math.nan, np.zeros(BINS, np.uint8)
    low, high = float(finite.min()), float(finite.max())
    if high <= low:
        counts = np.zeros(BINS, np.int64)
        counts[BINS // 2] = finite.size
    else:
        place = (finite.astype(np.float64) - low) * (BINS / (high - low))
        counts = np.bincount(np.minimum(place.astype(np.int64), BINS - 1), minlength=BINS)
    return low, high, np.rint(counts * (255 / counts.max())).astype(np.uint8)


def active_units(outputs: Any, channels_first: bool) -> np.ndarray:
    """Which units (channels, features) are above zero anywhere in a batch of ReLU outputs, as booleans.

    In a large batch a sample of the places settles most units; only those that are zero there are looked at in full.
    """
    if outputs.dim() == 0:
        return np.ones(0, bool)
    axis = 1 if outputs.dim() > 1 and (channels_first or outputs.dim() >= 4) else outputs.dim() - 1
    array = values_of(outputs)
    if array is None:
        others = tuple(k for k in range(outputs.dim()) if k != axis)
        largest = outputs.detach().amax(dim=others) if others else outputs.detach()
        return np.asarray((largest > 0).cpu().numpy())
    units = np.moveaxis(array, axis, 0)
    others = tuple(range(1, units.ndim))
    if array.size <= SMALL:
        return np.asarray((units > 0).any(axis=others))
    places = tuple(slice(None, None, 4) if n >= 8 else slice(None) for n in units.shape[1:])
    active = np.asarray((units[(slice(None), *places)] > 0).any(axis=others))
    rest = np.flatnonzero(~active)
    if rest.size:
        active[rest] = (units[rest] > 0).any(axis=others)
    return active


def saturated_share(kind: str, outputs: np.ndarray) -> float:
    """The share of outputs where the slope is under 5 % of the steepest. `kind`: "sigmoid" or "tanh"."""
    finite = outputs[np.isfinite(outputs)]
    if not finite.size:
        return math.nan
    slope = 4 * finite * (1 - finite) if kind == "sigmoid" else 1 - finite * finite
    return float((slope < 0.05).mean())
