"""The profiler's events under PyTorch's name for this module.

Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.profiler_util.FunctionEvent
"""

from __future__ import annotations

from ..profiler.build import MEMORY_EVENT_NAME
from ..profiler.events import FormattedTimesMixin, FunctionEvent, FunctionEventAvg, Interval, Kernel
from ..profiler.lists import EventList

__all__ = [
    "MEMORY_EVENT_NAME",
    "EventList",
    "FormattedTimesMixin",
    "FunctionEvent",
    "FunctionEventAvg",
    "Interval",
    "Kernel",
]
