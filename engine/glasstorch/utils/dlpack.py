"""DLPack capsules. Source: https://pytorch.org/docs/stable/dlpack.html"""

from __future__ import annotations

from ..ops.dlpack import DLDeviceType, from_dlpack, to_dlpack

__all__ = ["DLDeviceType", "from_dlpack", "to_dlpack"]
