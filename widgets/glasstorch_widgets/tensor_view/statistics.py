"""The numbers that sum up a tensor."""

from __future__ import annotations

from typing import Any

import glasstorch as torch

MOST_COUNTED = 4_000_000  # elements; larger tensors are sampled evenly
BINS = 24


def statistics(tensor: torch.Tensor) -> dict[str, Any]:
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
        low, high = (finite.min().item(), finite.max().item()) if some else (None, None)
        return {
            "n": counted,
            "whole": counted == tensor.numel(),
            "nan": int(torch.isnan(values).sum()),
            "inf": int(torch.isinf(values).sum()),
            "zeros": int((values == 0).sum()),
            "min": low,
            "max": high,
            "mean": finite.mean().item() if some else None,
            "std": finite.std(correction=0).item() if some else None,
            "histogram": [int(n) for n in torch.histc(finite, BINS, low, high).tolist()]
            if some and low < high
            else [],
        }


def sample(tensor: torch.Tensor, most: int = MOST_COUNTED) -> torch.Tensor:
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
