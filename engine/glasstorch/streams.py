"""Streams, events and modules of any device, whatever its kind.

Source: https://pytorch.org/docs/stable/generated/torch.Stream.html
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from . import cuda
from .core.device import device as Device

_NO_EVENTS = "cpu backend doesn't support events."


def _kind(device: Any) -> str:
    """``cpu`` or ``cuda``, the accelerator's where none is given; RuntimeError for another."""
    if device is None:
        return "cuda" if cuda.is_available() else "cpu"
    kind = Device(device).type
    if kind != "cpu" and (kind != "cuda" or not cuda.is_available()):
        raise RuntimeError(
            f"PyTorch is not linked with support for {kind} devices\nThere is none here: use 'cpu'."
        )
    return kind


class Stream:
    """A queue of work on a device. On a GPU it is a ``cuda.Stream``; on the CPU work is done when a call returns."""

    def __new__(cls, device: Any = None, *, priority: int = 0) -> Any:
        if _kind(device) == "cuda":
            return cuda.Stream(Device(device) if device is not None else None, priority)
        return object.__new__(cls)

    def __init__(self, device: Any = None, *, priority: int = 0) -> None:
        self.device, self.device_index, self.stream_id = Device("cpu"), -1, 0

    def query(self) -> bool:
        """True: everything is done."""
        return True

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def record_event(self, event: Any = None) -> Any:
        """RuntimeError: the CPU has no events."""
        raise RuntimeError(_NO_EVENTS)

    wait_event = wait_stream = record_event

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exc: Any) -> None: ...

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Stream)

    def __hash__(self) -> int:
        return hash(self.stream_id)

    def __repr__(self) -> str:
        return "torch.Stream device_type=cpu, device_index=-1, stream_id=0"


class Event:
    """A mark in a stream. On a GPU it is a ``cuda.Event``; on the CPU it cannot be recorded."""

    def __new__(cls, device: Any = None, *, enable_timing: bool = False, blocking: bool = False,
                interprocess: bool = False) -> Any:  # fmt: skip
        if _kind(device) == "cuda":
            return cuda.Event(enable_timing, blocking, interprocess)
        return object.__new__(cls)

    def __init__(self, device: Any = None, *, enable_timing: bool = False, blocking: bool = False,
                 interprocess: bool = False) -> None:  # fmt: skip
        self.device, self.event_id, self._timed = Device("cpu"), 0, enable_timing

    def query(self) -> bool:
        """True: it is past."""
        return True

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def wait(self, stream: Any = None) -> None:
        """Nothing to wait for."""

    def record(self, stream: Any = None) -> None:
        """RuntimeError: the CPU has no events."""
        raise RuntimeError(_NO_EVENTS)

    def elapsed_time(self, end_event: Any) -> float:
        """ValueError: on the CPU nothing was recorded."""
        if not (self._timed and end_event._timed):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        raise ValueError("Both events must be recorded before calculating elapsed time.")

    def __repr__(self) -> str:
        return f"torch.Event device_type=cpu, device_index=-1, event_flag={int(self._timed)}, event_id=0"


def get_device_module(device: Any = None) -> ModuleType:
    """The namespace of a kind of device, ``cuda`` or ``cpu``; of the accelerator, or else the CPU, for None.

    Source: https://pytorch.org/docs/stable/generated/torch.get_device_module.html
    """
    if device is None:
        kind = _kind(None)
    elif isinstance(device, (str, Device)):
        kind = Device(device).type
    else:
        raise RuntimeError(f"Invalid value of device '{device}', expect torch.device, str, or None")
    try:
        return importlib.import_module(f"{__package__}.{kind}")
    except ModuleNotFoundError:
        raise RuntimeError(
            f"Device '{kind}' does not have a corresponding module registered as 'torch.{kind}'."
        ) from None
