"""Padding layers. ``padding``: one length, or two for each dimension: before and after the last one first."""

from __future__ import annotations

from typing import Any

from ...core.tensor import Tensor
from .. import functional as F
from .module import Module
from .utils import _ntuple


class _PadNd(Module):
    """A border around the last ``_n`` dimensions."""

    _n: int
    _mode = "constant"

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _ntuple(2 * self._n)(padding)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """A border of one value around the last dimension."""

    _n = 1


class ConstantPad2d(_ConstantPadNd):
    """A border of one value around the last two dimensions."""

    _n = 2


class ConstantPad3d(_ConstantPadNd):
    """A border of one value around the last three dimensions."""

    _n = 3


class _ZeroPadNd(_ConstantPadNd):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(_ZeroPadNd):
    """A border of zeros around the last dimension."""

    _n = 1


class ZeroPad2d(_ZeroPadNd):
    """A border of zeros around the last two dimensions."""

    _n = 2


class ZeroPad3d(_ZeroPadNd):
    """A border of zeros around the last three dimensions."""

    _n = 3


class _ReflectionPadNd(_PadNd):
    """What the reflection paddings share."""


class ReflectionPad1d(_ReflectionPadNd):
    """The last dimension continued by its mirror image."""

    _n, _mode = 1, "reflect"


class ReflectionPad2d(_ReflectionPadNd):
    """The last two dimensions continued by their mirror image."""

    _n, _mode = 2, "reflect"


class ReflectionPad3d(_ReflectionPadNd):
    """The last three dimensions continued by their mirror image."""

    _n, _mode = 3, "reflect"


class _ReplicationPadNd(_PadNd):
    """What the replication paddings share."""


class ReplicationPad1d(_ReplicationPadNd):
    """The last dimension continued by its edge."""

    _n, _mode = 1, "replicate"


class ReplicationPad2d(_ReplicationPadNd):
    """The last two dimensions continued by their edge."""

    _n, _mode = 2, "replicate"


class ReplicationPad3d(_ReplicationPadNd):
    """The last three dimensions continued by their edge."""

    _n, _mode = 3, "replicate"


class _CircularPadNd(_PadNd):
    """What the circular paddings share."""


class CircularPad1d(_CircularPadNd):
    """The last dimension wrapped around."""

    _n, _mode = 1, "circular"


class CircularPad2d(_CircularPadNd):
    """The last two dimensions wrapped around."""

    _n, _mode = 2, "circular"


class CircularPad3d(_CircularPadNd):
    """The last three dimensions wrapped around."""

    _n, _mode = 3, "circular"
