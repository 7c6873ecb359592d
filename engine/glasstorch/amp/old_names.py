"""``cuda.amp`` and ``cpu.amp``: what ``amp`` was before it took the device as an argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import dtype as dt
from ..core.frames import warn
from . import autocast_mode, grad_scaler


def _warn(device: str, name: str, new: str) -> None:
    warn(
        f"`torch.{device}.amp.{name}(args...)` is deprecated. Please use `torch.amp.{new}` instead.",
        FutureWarning,
    )


def for_device(device: str) -> tuple[type, type, Callable, Callable]:
    """autocast, GradScaler, custom_fwd and custom_bwd for one type of device, with warnings."""
    lower = dt.float16 if device == "cuda" else dt.bfloat16
    module = f"glasstorch.{device}.amp"

    class autocast(autocast_mode.autocast):
        __doc__ = f"Old name of ``amp.autocast('{device}', …)``."

        def __init__(self, enabled: bool = True, dtype: dt.dtype = lower, cache_enabled: bool = True) -> None:
            _warn(device, "autocast", f"autocast('{device}', args...)")
            super().__init__(device, enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)

    class GradScaler(grad_scaler.GradScaler):
        __doc__ = f"Old name of ``amp.GradScaler('{device}', …)``."

        def __init__(self, init_scale: float = 2.0**16, growth_factor: float = 2.0, backoff_factor: float = 0.5,
                     growth_interval: int = 2000, enabled: bool = True) -> None:  # fmt: skip
            _warn(device, "GradScaler", f"GradScaler('{device}', args...)")
            super().__init__(device, init_scale, growth_factor, backoff_factor, growth_interval, enabled)

    def custom_fwd(fwd: Callable | None = None, *, cast_inputs: Any = None) -> Any:
        _warn(device, "custom_fwd", f"custom_fwd(args..., device_type='{device}')")
        return autocast_mode.custom_fwd(fwd, device_type=device, cast_inputs=cast_inputs)

    def custom_bwd(bwd: Callable) -> Any:
        _warn(device, "custom_bwd", f"custom_bwd(args..., device_type='{device}')")
        return autocast_mode.custom_bwd(bwd, device_type=device)

    for made in (autocast, GradScaler, custom_fwd, custom_bwd):
        made.__module__ = module
        made.__qualname__ = made.__name__
    custom_fwd.__doc__ = f"Old name of ``amp.custom_fwd(…, device_type='{device}')``."
    custom_bwd.__doc__ = f"Old name of ``amp.custom_bwd(…, device_type='{device}')``."
    return autocast, GradScaler, custom_fwd, custom_bwd
