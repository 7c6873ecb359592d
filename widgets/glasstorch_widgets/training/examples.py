"""Single examples: how wrong a model was on each, and a thumbnail of its picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SIDE = 40  # pixels; larger pictures are shown smaller


@dataclass(frozen=True)
class Example:
    """One example: its place among all that were given, its classes, its loss (NaN if unknown) and its picture."""

    index: int
    target: int
    predicted: int
    loss: float
    pixels: np.ndarray | None  # (H, W, 3), uint8


def array_of(values: Any) -> np.ndarray:
    """A tensor or anything that NumPy understands, as an array."""
    detach = getattr(values, "detach", None)
    return np.asarray(detach().cpu().numpy() if callable(detach) else values)


def classes_and_losses(targets: Any, predictions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Target classes, predicted classes, and the cross-entropy of each example (NaN without scores).

    Args:
        targets: (N,) class numbers.
        predictions: (N,) class numbers, or (N, C) scores (logits) before softmax.

    Raises:
        ValueError: shapes that do not fit, or targets that are no class numbers.
    """
    wanted, given = array_of(targets), array_of(predictions)
    if wanted.ndim != 1 or wanted.dtype.kind not in "iub" or (wanted.size and wanted.min() < 0):
        raise ValueError(
            f"targets must be class numbers of shape (N,), not {wanted.dtype} of shape {wanted.shape}"
        )
    if given.ndim not in (1, 2) or len(given) != len(wanted):
        raise ValueError(
            f"predictions must be class numbers (N,) or scores (N, C) for the {len(wanted)} targets, not of shape "
            f"{given.shape}"
        )
    wanted = wanted.astype(np.int64)
    if given.ndim == 1:
        if given.dtype.kind not in "iub" or (given.size and given.min() < 0):
            raise ValueError(f"predictions of shape (N,) must be class numbers, not {given.dtype}")
        return wanted, given.astype(np.int64), np.full(len(wanted), np.nan)
    if wanted.size and wanted.max() >= given.shape[1]:
        raise ValueError(
            f"there is a target {wanted.max()}, but scores for classes 0 to {given.shape[1] - 1} only"
        )
    scores = given.astype(np.float64)
    shifted = scores - scores.max(axis=1, keepdims=True)
    chosen = np.take_along_axis(shifted, wanted[:, None], 1)[:, 0]
    losses = np.log(np.exp(shifted).sum(axis=1)) - chosen
    return wanted, scores.argmax(axis=1), losses


def thumbnail(image: Any) -> np.ndarray:
    """A picture (H, W), (1, H, W) or (3, H, W) as uint8 (H, W, 3) of at most `SIDE` pixels a side, lightest white.

    Raises:
        ValueError: another shape.
    """
    array = array_of(image).astype(np.float32)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[0] not in (1, 3) or not array.size:
        raise ValueError(f"a picture must have shape (H, W), (1, H, W) or (3, H, W), not {array.shape}")
    every = max(1, -(-max(array.shape[1:]) // SIDE))
    array = np.broadcast_to(array[:, ::every, ::every], (3, *array[0, ::every, ::every].shape))
    finite = array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    share = np.nan_to_num((array - low) / ((high - low) or 1.0), nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.rint(255 * share.clip(0, 1)).astype(np.uint8).transpose(1, 2, 0))


def examples_message(examples: list[Example]) -> dict[str, Any]:
    """For the script: what is known of each, and all pictures as one block of bytes."""
    index, parts = [], []
    for one in examples:
        shape = [0, 0] if one.pixels is None else list(one.pixels.shape[:2])
        loss = None if np.isnan(one.loss) else round(float(one.loss), 4)
        index.append([one.index, one.target, one.predicted, loss, *shape])
        if one.pixels is not None:
            parts.append(np.ascontiguousarray(one.pixels).tobytes())
    return {"examples": index, "pixels": b"".join(parts)}
