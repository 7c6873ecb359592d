"""The idx format, in which MNIST is published: numbers in an array of any shape, plain or gzipped.

Two zero bytes, one for the type, one for the number of dimensions; then each length as a 32-bit integer, then the
numbers, all big-endian. Source: http://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
GZIP = b"\x1f\x8b"


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an idx file, gzipped or not. ValueError when the file is damaged or something else."""
    path = Path(path)
    content = path.read_bytes()
    if content[:2] == GZIP:
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} is damaged ({error}). Delete it and download it again.") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES or content[3] == 0:
        raise ValueError(
            f"{path} is not an idx file: it starts with {content[:4].hex(' ') or 'nothing'}, "
            "not with 00 00, a type and a number of dimensions."
        )
    dtype, ndim = np.dtype(TYPES[content[2]]), content[3]
    start = 4 + 4 * ndim
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    wanted, found = math.prod(shape) * dtype.itemsize, len(content) - start
    if found != wanted:
        raise ValueError(
            f"{path} is {'cut short' if found < wanted else 'too long'}: its header announces {wanted} bytes "
            f"(shape {shape}), {max(found, 0)} follow. Delete it and download it again."
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def write_idx(path: str | Path, array: np.ndarray) -> None:
    """Write an array as an idx file; gzipped, without a time stamp, when the name ends in ``.gz``."""
    codes = {np.dtype(name).newbyteorder("="): code for code, name in TYPES.items()}
    if array.dtype not in codes:
        raise ValueError(
            f"idx files hold no {array.dtype}; convert to uint8, int8, int16, int32, float32 or float64"
        )
    code = codes[array.dtype]
    content = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content += array.astype(TYPES[code]).tobytes()
    path = Path(path)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)
