"""``torch.functional``: the functions that PyTorch writes in Python. They are those of ``torch`` itself.

Source: https://github.com/pytorch/pytorch/blob/main/torch/functional.py
"""

# ruff: noqa: F822  (each name is found when it is asked for)
from __future__ import annotations

from typing import Any

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "broadcast_shapes",
    "broadcast_tensors",
    "cartesian_prod",
    "cdist",
    "chain_matmul",
    "einsum",
    "istft",
    "lu",
    "meshgrid",
    "norm",
    "pca_lowrank",
    "split",
    "stft",
    "svd_lowrank",
    "tensordot",
    "unique",
    "unique_consecutive",
    "unravel_index",
]


def __getattr__(name: str) -> Any:
    import glasstorch

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(glasstorch, name)


def __dir__() -> list[str]:
    return __all__
