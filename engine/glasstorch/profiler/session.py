"""One recording from start to end: ``glasstorch.autograd.profiler.profile``, which ``glasstorch.profiler`` builds on.

Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.profiler.profile
"""

from __future__ import annotations

import copy
import os
import uuid
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from ..backends import gpu_clock
from ..core.frames import warn
from .attach import attach, detach
from .build import event_list
from .events import FunctionEventAvg
from .kinds import ProfilerActivity, _ExperimentalConfig
from .lists import EventList
from .recorder import Recorder, Settings
from .trace import write_chrome_trace

_DEVICES = ("cuda", "xpu", "mtia", "hpu")


class profile:
    """Record what this thread does inside a ``with`` block. ``glasstorch.profiler.profile`` has schedules, too.

    ``enabled=False`` makes it do nothing. ``use_device="cuda"`` also takes the GPU's time, by marks on the current
    stream around every operation. ``record_shapes``, ``profile_memory``, ``with_stack``, ``with_flops`` (which records
    shapes too) and ``with_modules`` say what else to keep. ``acc_events``: keep events of earlier rounds. The other
    arguments are PyTorch's and are accepted. ``use_cuda`` is deprecated for ``use_device``.
    """

    def __init__(
        self, enabled: bool = True, *, use_cuda: bool = False, use_device: str | None = None,
        record_shapes: bool = False, with_flops: bool = False, profile_memory: bool = False, with_stack: bool = False,
        with_modules: bool = False, use_kineto: bool = False, use_cpu: bool = True,
        experimental_config: _ExperimentalConfig | None = None, acc_events: bool = False,
        custom_trace_id_callback: Callable[[], str] | None = None, post_processing_timeout_s: float | None = None,
        activity_filters: dict | None = None,
    ) -> None:  # fmt: skip
        self.enabled = enabled
        if not enabled:
            return
        if use_cuda:
            warn(
                "The attribute `use_cuda` will be deprecated soon, please use ``use_device = 'cuda'`` instead.",
                FutureWarning,
            )
            use_device = "cuda"
        self.record_shapes, self.with_flops = record_shapes or with_flops, with_flops
        self.profile_memory, self.with_stack, self.with_modules = profile_memory, with_stack, with_modules
        self.use_cpu, self.acc_events = use_cpu, acc_events
        config = experimental_config or _ExperimentalConfig()
        if config.trace_only and with_stack:
            warn(
                "trace_only=True is incompatible with with_stack=True (stack traces require event post-processing). "
                "Disabling trace_only."
            )
            config = copy.copy(config)
            config.trace_only = False
        self.experimental_config = config
        self.custom_trace_id_callback = custom_trace_id_callback
        self.trace_id = ""
        if not use_cpu and not use_kineto:
            raise AssertionError("Device-only events supported only with Kineto (use_kineto=True)")
        self.use_device = _usable(use_device)
        if not use_cpu and self.use_device is None:
            raise AssertionError("No activities specified for the profiler")
        if post_processing_timeout_s is not None and post_processing_timeout_s < 0:
            raise ValueError("post_processing_timeout_s must be non-negative")
        self.entered = False
        self.recorder: Recorder | None = None
        self._events: EventList | None = None
        self._earlier: list = []

    # ------------------------------------------------------------------ start and stop
    def __enter__(self) -> Any:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self._prepare_trace()
        self._start_trace()
        return self

    def _prepare_trace(self) -> None:
        self.entered = True
        self.trace_id = self.create_trace_id()

    def _start_trace(self) -> None:
        self.entered = True
        self._cancel()
        settings = Settings(
            self.record_shapes, self.with_stack, self.profile_memory, self.with_modules, self.with_flops,
            device_time=self.use_device == "cuda",
        )  # fmt: skip
        self.recorder = Recorder(settings)
        attach(self.recorder, self.experimental_config.profile_all_threads)
        # Nobody can ask a profiler that was dropped without stop(): it must not record, and grow, for ever.
        weakref.finalize(self, detach, self.recorder).atexit = False

    def _cancel(self) -> None:
        """Stop without results, if it runs."""
        if self.recorder is not None:
            detach(self.recorder)

    def __exit__(self, *exc: Any) -> bool | None:
        if not self.enabled:
            return None
        if self.recorder is not None:
            detach(self.recorder)
        if self.acc_events and self._events:
            self._earlier = list(self._events)
        self._events = None
        if self.acc_events and not self.experimental_config.trace_only:
            self._ensure_function_events()
        return False

    def toggle_collection_dynamic(self, enabled: bool, activities: Iterable[ProfilerActivity]) -> None:
        """Stop or go on collecting operations while the profiler runs; only ``CPU`` can be switched."""
        if self.recorder is not None and ProfilerActivity.CPU in set(activities):
            self.recorder.collecting = enabled

    def create_trace_id(self) -> str:
        """32 hexadecimal digits, or what the user's callback says."""
        return (
            self.custom_trace_id_callback() if self.custom_trace_id_callback else f"{uuid.uuid4().int:032X}"
        )

    # ------------------------------------------------------------------ results
    def _ensure_function_events(self) -> EventList:
        if self.experimental_config.trace_only:
            raise RuntimeError(
                "events() is not available when trace_only=True in ExperimentalConfig. Use export_chrome_trace() "
                "instead."
            )
        if self._events is not None:
            return self._events
        recorder = self.recorder
        if recorder is None or recorder.on:  # not over yet: no events, as in PyTorch
            return self._empty()
        self._events = event_list(recorder, self.use_device, self.with_flops)
        self._events += self._earlier
        return self._events

    def _empty(self) -> EventList:
        return EventList(
            self._earlier,
            use_device=self.use_device,
            profile_memory=self.profile_memory,
            with_flops=self.with_flops,
        )

    @property
    def function_events(self) -> EventList:
        """All events, in the order in which they started. Empty while the profiler runs."""
        return self._ensure_function_events()

    def __repr__(self) -> str:
        return (
            repr(self._ensure_function_events())
            if self._finished()
            else "<unfinished torch.autograd.profile>"
        )

    def __str__(self) -> str:
        return (
            str(self._ensure_function_events()) if self._finished() else "<unfinished torch.autograd.profile>"
        )

    def _finished(self) -> bool:
        return self.enabled and self.recorder is not None and not self.recorder.on

    def table(self, *args: Any, **kwargs: Any) -> str:
        """All events as a table, a row for each call; the arguments are those of ``EventList.table``."""
        return self._ensure_function_events().table(*args, **kwargs)

    def key_averages(
        self,
        group_by_input_shape: bool = False,
        group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:
        """Events with the same name added up; see ``EventList.key_averages``."""
        events = self._ensure_function_events()
        return events.key_averages(group_by_input_shape, group_by_stack_n, group_by_overload_name)

    def total_average(self) -> FunctionEventAvg:
        """All events added up."""
        return self._ensure_function_events().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """The time that was spent in events, in microseconds."""
        return self._ensure_function_events().self_cpu_time_total

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write events with stacks for a flame graph; see ``EventList.export_stacks``."""
        events = self._ensure_function_events()
        if not self.with_stack:
            raise AssertionError("export_stacks() requires with_stack=True")
        events.export_stacks(path, metric)

    def export_chrome_trace(
        self, path: str, metadata: dict | None = None, use_python_export: bool = False
    ) -> None:
        """Write the last recording for chrome://tracing, Perfetto or TensorBoard; compressed for a path in ``.gz``.

        Raises RuntimeError while the profiler runs, and before it did.
        """
        recorder = self.recorder
        if recorder is None or recorder.on:
            raise RuntimeError(
                "There is no finished recording to export yet. Call export_chrome_trace() after the profiler's "
                "`with` block, or in on_trace_ready."
            )
        write_chrome_trace(recorder, os.fspath(path), metadata or {}, self.trace_id)


def _usable(device: str | None) -> str | None:
    """The device whose time to take, if this machine has it; a warning if not."""
    if device is None:
        return None
    if device not in _DEVICES:
        warn(f"The {device} is not a valid device option.")
        return None
    if device != "cuda" or not gpu_clock.available():
        warn(f"{device.upper()} is not available, disabling {device.upper()} profiling")
        return None
    return device
