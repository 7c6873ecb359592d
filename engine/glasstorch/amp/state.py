"""The state of autocast: for each thread and device type, is it on, and in which lower type."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..core import dtype as dt
from ..core.device import device as Device
from ..core.frames import warn
from ..core.mode import set_thread
from ..core.tensor import Tensor

#: The lower type of each type of device that PyTorch has an autocast for. Tensors lie on the first two here: the
#: others' switches are remembered, no more.
LOWER = {"cpu": dt.bfloat16, "cuda": dt.float16, "xpu": dt.float16, "mps": dt.float16, "ipu": dt.float16,
         "mtia": dt.float16, "hpu": dt.bfloat16, "xla": dt.bfloat16, "maia": dt.bfloat16}  # fmt: skip
DEVICES = ("cpu", "cuda")


class _Thread(threading.local):
    def __init__(self) -> None:
        self.enabled = dict.fromkeys(LOWER, False)
        self.dtype = dict(LOWER)
        self.cache_enabled = True
        self.nesting = 0
        #: Lower copies of float32 parameters made inside the outermost autocast, so that each is cast once.
        self.weights: dict[tuple[int, dt.dtype], tuple[Tensor, Tensor]] = {}


LOCAL = _Thread()


def _known(device_type: Any, name: str) -> str:
    """The type of device; TypeError for what is no text, RuntimeError for one that has no autocast."""
    if not isinstance(device_type, str):
        raise TypeError(
            f"{name}(): argument 'device_type' (position 1) must be str, not {type(device_type).__name__}"
        )
    kind = Device(device_type).type  # RuntimeError for a word that names no device
    if kind not in LOWER:
        raise RuntimeError(
            "unsupported scalarType" if name == "get_autocast_dtype" else
            f"unknown device type for autocast in get_autocast_dispatch_key_from_device_type: {kind}"
        )  # fmt: skip
    return kind


def _is_bool(value: Any, name: str = "", position: int = 1) -> bool:
    """The value; TypeError where it is no bool."""
    if not isinstance(value, bool):
        raise TypeError(
            f"{name}(): argument 'enabled' (position {position}) must be bool, not {type(value).__name__}"
            if name
            else f"enabled must be a bool (got {type(value).__name__})"
        )
    return value


def is_autocast_available(device_type: str) -> bool:
    """Can autocast be used with this type of device?"""
    return Device(device_type).type in LOWER


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """Is autocast on for a device type (for ``cuda``, when none is given)?"""
    return LOCAL.enabled[_known("cuda" if device_type is None else device_type, "is_autocast_enabled")]


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Switch autocast for a device type (for ``cuda``, when only the switch is given)."""
    position = 2
    if enabled is None:
        device_type, enabled, position = "cuda", device_type, 1
    kind = _known(device_type, "set_autocast_enabled")
    LOCAL.enabled[kind] = _is_bool(enabled, "set_autocast_enabled", position)
    from .autocast_mode import adapt

    set_thread("autocast", adapt if any(LOCAL.enabled[d] for d in DEVICES) else None)


def get_autocast_dtype(device_type: str) -> dt.dtype:
    """The lower type that autocast uses on a device type."""
    return LOCAL.dtype[_known(device_type, "get_autocast_dtype")]


def set_autocast_dtype(device_type: str, dtype: dt.dtype) -> None:
    """Set the lower type that autocast uses on a device type."""
    kind = _known(device_type, "set_autocast_dtype")
    if not isinstance(dtype, dt.dtype):
        raise TypeError(
            f"set_autocast_dtype(): argument 'dtype' (position 2) must be torch.dtype, not {type(dtype).__name__}"
        )
    LOCAL.dtype[kind] = dtype


def is_autocast_cache_enabled() -> bool:
    """Are lower copies of parameters kept until autocast ends?"""
    return LOCAL.cache_enabled


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Switch the keeping of lower copies of parameters."""
    LOCAL.cache_enabled = _is_bool(enabled)


def clear_autocast_cache() -> None:
    """Drop the kept copies of parameters."""
    LOCAL.weights.clear()


def autocast_increment_nesting() -> int:
    """One more autocast region is entered; how many are open?"""
    LOCAL.nesting += 1
    return LOCAL.nesting


def autocast_decrement_nesting() -> int:
    """An autocast region is left; how many are open?"""
    LOCAL.nesting -= 1
    return LOCAL.nesting


def snapshot() -> dict[str, tuple[bool, dt.dtype]]:
    """This thread's autocast: for each device type, is it on, and in which type."""
    return {kind: (LOCAL.enabled[kind], LOCAL.dtype[kind]) for kind in DEVICES}


@contextmanager
def restored(taken: dict[str, tuple[bool, dt.dtype]]) -> Iterator[None]:
    """Inside, autocast is as it was when the snapshot was taken."""
    before = snapshot()
    _put(taken)
    autocast_increment_nesting()
    try:
        yield
    finally:
        if autocast_decrement_nesting() == 0:
            clear_autocast_cache()
        _put(before)


def _put(taken: dict[str, tuple[bool, dt.dtype]]) -> None:
    for kind, (enabled, dtype) in taken.items():
        set_autocast_enabled(kind, enabled)
        set_autocast_dtype(kind, dtype)


def _deprecated(old: str, new: str) -> None:
    warn(f"torch.{old} is deprecated. Please use torch.{new} instead.", DeprecationWarning)


def is_autocast_cpu_enabled() -> bool:
    """Old name of ``is_autocast_enabled('cpu')``."""
    _deprecated("is_autocast_cpu_enabled()", "is_autocast_enabled('cpu')")
    return is_autocast_enabled("cpu")


def set_autocast_cpu_enabled(enabled: bool) -> None:
    """Old name of ``set_autocast_enabled('cpu', enabled)``."""
    _deprecated("set_autocast_cpu_enabled(enabled)", "set_autocast_enabled('cpu', enabled)")
    set_autocast_enabled("cpu", _is_bool(enabled))


def get_autocast_cpu_dtype() -> dt.dtype:
    """Old name of ``get_autocast_dtype('cpu')``."""
    _deprecated("get_autocast_cpu_dtype()", "get_autocast_dtype('cpu')")
    return get_autocast_dtype("cpu")


def set_autocast_cpu_dtype(dtype: dt.dtype) -> None:
    """Old name of ``set_autocast_dtype('cpu', dtype)``."""
    _deprecated("set_autocast_cpu_dtype(dtype)", "set_autocast_dtype('cpu', dtype)")
    set_autocast_dtype("cpu", dtype)


def get_autocast_gpu_dtype() -> dt.dtype:
    """Old name of ``get_autocast_dtype('cuda')``."""
    _deprecated("get_autocast_gpu_dtype()", "get_autocast_dtype('cuda')")
    return get_autocast_dtype("cuda")


def set_autocast_gpu_dtype(dtype: dt.dtype) -> None:
    """Old name of ``set_autocast_dtype('cuda', dtype)``."""
    _deprecated("set_autocast_gpu_dtype(dtype)", "set_autocast_dtype('cuda', dtype)")
    set_autocast_dtype("cuda", dtype)


#: What is also found as ``glasstorch.<name>``.
PUBLIC = (
    "is_autocast_enabled", "set_autocast_enabled", "get_autocast_dtype", "set_autocast_dtype",
    "is_autocast_cache_enabled", "set_autocast_cache_enabled", "clear_autocast_cache", "autocast_increment_nesting",
    "autocast_decrement_nesting", "is_autocast_cpu_enabled", "set_autocast_cpu_enabled", "get_autocast_cpu_dtype",
    "set_autocast_cpu_dtype", "get_autocast_gpu_dtype", "set_autocast_gpu_dtype",
)  # fmt: skip
