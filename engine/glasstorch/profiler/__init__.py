"""What a program spends its time and memory on.

``profile`` records operations, derivatives and the user's own ranges (``record_function``); the result is a table, a
list of events, or a trace for chrome://tracing, Perfetto and TensorBoard. While no profiler runs it costs nothing.
Source: https://pytorch.org/docs/stable/profiler.html
"""

from __future__ import annotations

from . import itt
from .annotate import record_function
from .kinds import (
    DeviceType,
    ProfilerAction,
    ProfilerActivity,
    RecordScope,
    _ExperimentalConfig,
    kineto_available,
    supported_activities,
)
from .scheduled import _KinetoProfile, profile
from .schedules import schedule, tensorboard_trace_handler

__all__ = [
    "DeviceType",
    "ProfilerAction",
    "ProfilerActivity",
    "RecordScope",
    "_ExperimentalConfig",
    "_KinetoProfile",
    "itt",
    "kineto_available",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]
