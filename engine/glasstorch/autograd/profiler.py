"""The profiler under its older names; ``glasstorch.profiler`` has schedules and more.

Source: https://pytorch.org/docs/stable/autograd.html#module-torch.autograd.profiler
"""

from __future__ import annotations

from ..profiler.annotate import record_function
from ..profiler.events import FunctionEvent
from ..profiler.kinds import DeviceType, ProfilerActivity, kineto_available
from ..profiler.lists import EventList
from ..profiler.nvtx import emit_itt, emit_nvtx
from ..profiler.session import profile

__all__ = [
    "DeviceType",
    "EventList",
    "FunctionEvent",
    "ProfilerActivity",
    "emit_itt",
    "emit_nvtx",
    "kineto_available",
    "profile",
    "record_function",
]
