"""Whatever a caller logs, as a NumPy array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import bfloat16, float16
from ...core.tensor import Tensor


def make_np(x: Any) -> np.ndarray:
    """A tensor (of any device, with or without a graph), an array or a number as an array; a number gets shape (1,).

    bfloat16 becomes float16. NotImplementedError for anything else, lists included.
    """
    if isinstance(x, np.ndarray):
        return x
    if np.isscalar(x):
        return np.array([x])
    if isinstance(x, Tensor):
        return (x.to(float16) if x.dtype is bfloat16 else x).detach().cpu().numpy()
    raise NotImplementedError(
        f"Got {type(x)}, but numpy array or torch tensor are expected. Numbers are taken, too; "
        "make an array of a list with numpy.asarray() first."
    )
