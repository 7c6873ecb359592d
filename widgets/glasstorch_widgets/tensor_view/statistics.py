"""The numbers that sum up a tensor."""

from __future__ import annotations

from typing import Any

from glasstorch import Tensor

from ..engine import torch

MOST_COUNTED = 4_000_000  # elements; larger tensors are sampled evenly
BINS = 24


def statistics(tensor: Tensor) -> dict[str, Any]:
    """Counted where the tensor lives; only the results leave a GPU.

    Returns:
        n: elements counted; whole: whether these are all; nan, inf, zeros: how many; min, max, mean, std of the finite
        values (sizes, for complex numbers), None where there are none; histogram: counts in equal parts of min to max.
    """
    with torch.no_grad():
        values = sample(tensor.detach())
        counted = values.numel()
        values = (values.abs() if values.is_complex() else values).to(torch.float64)
        finite = values[torch.isfinite(values)]
        some = finite.numel() > 0
        low: Any = finite.min().item() if some else None
        high: Any = finite.max().item() if some else None
        # In parts of the largest: the squares of the largest floats, and sums of them, are infinite.
        scale = (max(abs(low), abs(high)) if some else 0) or 1.0
        parts = finite / scale
        return {
            "n": counted,
            "whole": counted == tensor.numel(),
            "nan": int(torch.isnan(values).sum()),
            "inf": int(torch.isinf(values).sum()),
            "zeros": int((values == 0).sum()),
            "min": low,
            "max": high,
            "mean": parts.mean().item() * scale if some else None,
            "std": parts.std(correction=0).item() * scale if some else None,
            "histogram": [int(n) for n in torch.histc(parts, BINS, low / scale, high / scale).tolist()]
            if some and low < high
            else [],
        }


def sample(tensor: Tensor, most: int = MOST_COUNTED) -> Tensor:
    """The tensor itself, or every k-th slice of its longest dimensions until at most `most` elements are left."""
    steps = [1] * tensor.dim()
    while True:
        left = [-(-n // step) for n, step in zip(tensor.shape, steps)]
        size = 1
        for n in left:
            size *= n
        if size <= most:
            return (
                tensor[tuple(slice(None, None, step) for step in steps)]
                if max(steps, default=1) > 1
                else tensor
            )
        steps[left.index(max(left))] *= 2
