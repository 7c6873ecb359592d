"""Anomaly mode: name the forward line behind an error or a nan in the backward."""

from __future__ import annotations

import warnings
from typing import Any

from ..core.mode import THREAD, set_thread


class set_detect_anomaly:
    """Switch anomaly mode at once, or for a ``with`` block.

    While on, each recorded node keeps the stack of its forward; an error in its backward shows it, and (with
    ``check_nan``) a nan in a gradient raises. Source: https://pytorch.org/docs/stable/autograd.html#anomaly-detection
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = (set_thread("anomaly", bool(mode)), THREAD.anomaly_nan)
        THREAD.anomaly_nan = bool(check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        mode, THREAD.anomaly_nan = self.previous
        set_thread("anomaly", mode)


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode for a ``with`` block."""

    def __init__(self, check_nan: bool = True) -> None:
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Is anomaly mode on in this thread?"""
    return THREAD.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Is a nan in a gradient an error in anomaly mode?"""
    return THREAD.anomaly_nan
