"""Names for the types of arguments, which programs use in their annotations.

Source: https://github.com/pytorch/pytorch/blob/main/torch/types.py
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO, TypeAlias

from .core.device import device as _device
from .core.size import Size
from .core.tensor import Tensor
from .storage import TypedStorage, UntypedStorage

__all__ = ["Device", "FileLike", "Number", "Storage"]

_TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]
_TensorOrOptionalTensors: TypeAlias = Tensor | Sequence[Tensor | None]
_size: TypeAlias = Size | list[int] | tuple[int, ...]

Number: TypeAlias = int | float | bool
_Number = (int, float, bool)  # for isinstance
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
Device: TypeAlias = _device | str | int | None
Storage: TypeAlias = TypedStorage | UntypedStorage
