"""The bytes of a file as a tensor, and back."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.exchange import from_numpy
from ...serialization.replacing import replacing


def read_file(path: str | os.PathLike) -> Tensor:
    """The bytes of a file: a uint8 tensor (N,). RuntimeError for a file that is not there, or empty."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise RuntimeError(str(error)) from None
    if not data.size:
        raise RuntimeError(f"Expected a non empty file: {os.fspath(path)!r}")
    return from_numpy(data)


def write_file(filename: str | os.PathLike, data: Tensor) -> None:
    """Write a uint8 tensor (N,) to a file, whole or not at all. RuntimeError when it cannot be written."""
    if data.dtype is not dt.uint8:
        raise RuntimeError("Input tensor dtype should be uint8")
    if data.dim() != 1:
        raise RuntimeError("Input data should be a 1-dimensional tensor")
    contents: Any = data
    try:
        with replacing(filename) as file:
            file.write(contents.numpy(force=True).tobytes())
    except OSError as error:
        raise RuntimeError(f"Error opening output file: {error}") from None
