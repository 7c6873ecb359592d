"""``glasstorch.profiler.profile``: recordings by schedule, and their results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from .. import backends
from ..core.frames import warn, warn_once
from . import session
from .annotate import record_function
from .beside import distributed_info
from .kinds import ProfilerAction, ProfilerActivity, _ExperimentalConfig, supported_activities
from .lists import EventList
from .schedules import always
from .trace import write_memory_timeline

_CLEARS = (
    "Warning: Profiler clears events at the end of each cycle. Only events from the current cycle will be reported. "
    "To keep events across cycles, set acc_events=True."
)


def _activities(given: Iterable[Any]) -> set[ProfilerActivity]:
    """The activities, each named once; a dictionary's values (kinds of GPU events) are PyTorch's and accepted."""
    found: set[ProfilerActivity] = set()
    for item in given:
        if not isinstance(item, (ProfilerActivity, dict)):
            raise TypeError(f"Expected ProfilerActivity or dict, got {type(item)}")
        for activity in item if isinstance(item, dict) else (item,):
            if activity in found:
                raise ValueError(f"Activity {activity} specified more than once")
            found.add(activity)
    return found


class _KinetoProfile:
    """A profiler that is started and stopped by hand; the base of ``profile``, which has schedules."""

    def __init__(
        self, *, activities: Iterable[Any] | None = None, record_shapes: bool = False, profile_memory: bool = False,
        with_stack: bool = False, with_flops: bool = False, with_modules: bool = False,
        experimental_config: _ExperimentalConfig | None = None, execution_trace_observer: Any = None,
        acc_events: bool = False, custom_trace_id_callback: Callable[[], str] | None = None,
        post_processing_timeout_s: float | None = None,
    ) -> None:  # fmt: skip
        self.activities = supported_activities() if activities is None else _activities(activities)
        self.record_shapes, self.with_flops, self.profile_memory = record_shapes, with_flops, profile_memory
        self.with_stack, self.with_modules = with_stack, with_modules
        self.experimental_config = experimental_config
        self.execution_trace_observer = execution_trace_observer
        self.acc_events = acc_events
        self.custom_trace_id_callback = custom_trace_id_callback
        self.post_processing_timeout_s = post_processing_timeout_s
        self.profiler: session.profile | None = None
        self.use_device = next(
            (a.name.lower() for a in (ProfilerActivity.CUDA, ProfilerActivity.XPU, ProfilerActivity.MTIA,
                                      ProfilerActivity.HPU) if a in self.activities), None
        )  # fmt: skip
        self.preset_metadata: dict[str, str] = {}
        self._metadata: dict[str, str] = {}

    # ------------------------------------------------------------------ start and stop
    def start(self) -> None:
        """Begin to record."""
        self.prepare_trace()
        self.start_trace()

    def stop(self) -> None:
        """Stop recording."""
        self.stop_trace()

    def prepare_trace(self) -> None:
        """Make ready for another recording; results of the last one go, unless events are accumulated."""
        if self.profiler is not None and not self.acc_events:
            warn_once(_CLEARS)
        if self.profiler is None or not self.acc_events:
            if self.profiler is not None:
                self.profiler._cancel()
            self.profiler = session.profile(
                use_cpu=ProfilerActivity.CPU in self.activities, use_device=self.use_device,
                record_shapes=self.record_shapes, with_flops=self.with_flops, profile_memory=self.profile_memory,
                with_stack=self.with_stack, with_modules=self.with_modules, use_kineto=True,
                experimental_config=self.experimental_config, acc_events=self.acc_events,
                custom_trace_id_callback=self.custom_trace_id_callback,
                post_processing_timeout_s=self.post_processing_timeout_s,
            )  # fmt: skip
        self.profiler._prepare_trace()

    def start_trace(self) -> None:
        """Begin the recording that was made ready."""
        if self.execution_trace_observer:
            self.execution_trace_observer.start()
        self._session("starting trace")._start_trace()
        for name in ("profile_memory", "with_stack", "record_shapes", "with_modules", "with_flops"):
            if getattr(self, name):
                self.add_metadata_json(name, "1")
        job = distributed_info()
        if job is not None:
            self.add_metadata_json("distributedInfo", json.dumps(job))
        self._metadata.update(self.preset_metadata)

    def stop_trace(self) -> None:
        """End the recording."""
        if self.execution_trace_observer:
            self.execution_trace_observer.stop()
        self._session("stopping trace").__exit__(None, None, None)

    def toggle_collection_dynamic(self, enable: bool, activities: Iterable[ProfilerActivity]) -> None:
        """Pause or go on while the profiler runs; see ``autograd.profiler.profile``."""
        if self.profiler is not None:
            self.profiler.toggle_collection_dynamic(enable, activities)

    def _session(self, what: str) -> session.profile:
        if self.profiler is None:
            raise AssertionError(
                f"Profiler must be initialized before {what}: use it in a `with` block, or call start()"
            )
        return self.profiler

    # ------------------------------------------------------------------ results
    def key_averages(
        self,
        group_by_input_shape: bool = False,
        group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:
        """Events with the same name added up: calls, times, bytes, FLOPs.

        ``group_by_input_shape`` keeps calls with different shapes apart (they must be recorded), ``group_by_stack_n``
        those from different places: the innermost n entries of their stacks.
        """
        s = self._session("getting key averages")
        return s.key_averages(group_by_input_shape, group_by_stack_n, group_by_overload_name)

    def events(self) -> EventList:
        """All events of the last recording, in the order in which they started."""
        return self._session("accessing events").function_events

    def export_chrome_trace(self, path: str, use_python_export: bool = False) -> None:
        """Write the last recording for chrome://tracing, Perfetto or TensorBoard; compressed for a path in ``.gz``."""
        self._session("exporting chrome trace").export_chrome_trace(path, self._metadata)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write events with their stacks for a flame graph (needs ``with_stack=True``)."""
        self._session("exporting stacks").export_stacks(path, metric)

    def export_memory_timeline(self, path: str, device: str | None = None) -> None:
        """Write when how much memory was allocated: ``.json``, ``.json.gz`` or ``.raw.json.gz``. Deprecated.

        Needs ``record_shapes``, ``profile_memory`` and ``with_stack``. There is no picture (``.html``): ValueError.
        """
        warn(
            "`export_memory_timeline` is deprecated and will be removed in a future version. Please use "
            "`torch.cuda.memory._record_memory_history` and `torch.cuda.memory._export_memory_snapshot` instead.",
            FutureWarning,
        )
        missing = [
            f"{n}=True" for n in ("record_shapes", "profile_memory", "with_stack") if not getattr(self, n)
        ]
        if missing:
            raise ValueError(f"{', '.join(missing)} required for memory profiling.")
        if path.endswith(".html"):
            raise ValueError(
                "export_memory_timeline() writes numbers here, no picture: use a path in .json, and plot its two lists"
            )
        recorder = self._session("exporting the memory timeline").recorder
        if recorder is None or recorder.on:
            raise AssertionError("Profiler and kineto_results must be initialized for memory profiling")
        on_gpu = device or ("cuda:0" if backends.cupy() is not None else "cpu")
        write_memory_timeline(recorder, path, on_gpu)

    def add_metadata(self, key: str, value: str) -> None:
        """Add a text to the trace file."""
        self._metadata[key] = json.dumps(value)

    def add_metadata_json(self, key: str, value: str) -> None:
        """Add a value in JSON to the trace file."""
        self._metadata[key] = value

    def preset_metadata_json(self, key: str, value: str) -> None:
        """Add a value in JSON to every trace file, before the profiler runs."""
        self.preset_metadata[key] = value


class profile(_KinetoProfile):
    """Record what a program does: every operation with its time, and on request shapes, memory, stacks and FLOPs.

    ::

        with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof:
            model(x).sum().backward()
        print(prof.key_averages().table(sort_by="cpu_time_total", row_limit=10))
        prof.export_chrome_trace("trace.json")  # for chrome://tracing or https://ui.perfetto.dev

    Args:
        activities: what to watch (default: all that this machine has).
        schedule: a function from the step to an action, such as ``schedule(...)`` makes; without one, all is recorded.
            With one, call ``step()`` after every step.
        on_trace_ready: called with this object whenever a round of the schedule is over.
        record_shapes: the shapes of arguments. profile_memory: bytes taken and given back. with_stack: the user's
            lines. with_flops: work, for products, 2-D convolutions, ``add`` and ``mul``. with_modules: a range for
            every call of an ``nn.Module``.
        experimental_config, post_processing_timeout_s: PyTorch's, accepted. execution_trace_observer: an object whose
            ``start``, ``stop`` and ``cleanup`` are called along. acc_events: keep the events of all rounds.

    What differs from PyTorch, because what happens differs: an operation that is one step here has no inner operators
    (``aten::relu`` has no ``aten::clamp_min`` inside); a derivative shows the functions that its formula calls, but not
    arithmetic between arrays; gradients of leaves are added up at the end of the backward; ``stack`` has the user's own
    frames, also without PyTorch's ``verbose``; memory counts what became a tensor or a gradient, not what a kernel used
    inside. A second profiler in the same thread makes the first one pause, and says so.
    Source: https://pytorch.org/docs/stable/profiler.html
    """

    def __init__(
        self, *, activities: Iterable[Any] | None = None, schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None, record_shapes: bool = False, profile_memory: bool = False,
        with_stack: bool = False, with_flops: bool = False, with_modules: bool = False,
        experimental_config: _ExperimentalConfig | None = None, execution_trace_observer: Any = None,
        acc_events: bool = False, use_cuda: bool | None = None,
        custom_trace_id_callback: Callable[[], str] | None = None, post_processing_timeout_s: float | None = None,
    ) -> None:  # fmt: skip
        activities = None if activities is None else list(activities)
        if use_cuda is not None:
            warn("`use_cuda` is deprecated, use `activities` argument instead", FutureWarning)
        if activities is not None and not any(isinstance(a, (ProfilerActivity, dict)) for a in activities):
            raise AssertionError("No valid profiler activities found")
        super().__init__(
            activities=activities, record_shapes=record_shapes, profile_memory=profile_memory, with_stack=with_stack,
            with_flops=with_flops, with_modules=with_modules, experimental_config=experimental_config,
            execution_trace_observer=execution_trace_observer, acc_events=acc_events,
            custom_trace_id_callback=custom_trace_id_callback, post_processing_timeout_s=post_processing_timeout_s,
        )  # fmt: skip
        self.record_steps = schedule is not None
        self.schedule = schedule or always
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self.step_rec_fn: record_function | None = None
        self.current_action = self._ask(0)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.stop()
        if self.execution_trace_observer:
            self.execution_trace_observer.cleanup()

    def start(self) -> None:
        """Do what the schedule says for the first step."""
        self._transit_action(ProfilerAction.NONE, self.current_action)
        self._begin_step()

    def stop(self) -> None:
        """Stop; what was recorded goes to ``on_trace_ready``."""
        self._end_step()
        self._transit_action(self.current_action, None)

    def step(self) -> None:
        """Say that the next step begins."""
        self._end_step()
        before = self.current_action
        action = self._ask(self.step_num + 1)
        self.step_num += 1
        self.current_action = action
        self._transit_action(before, action)
        self._begin_step()

    def _ask(self, step: int) -> ProfilerAction:
        action = self.schedule(step)
        if action is ProfilerAction.DEVICE_STOPPED:
            raise ValueError(
                "ProfilerAction.DEVICE_STOPPED is set internally by the profiler and must not be returned by a "
                "user-provided schedule"
            )
        return action

    def _begin_step(self) -> None:
        if self.record_steps:
            self.step_rec_fn = record_function(f"ProfilerStep#{self.step_num}").__enter__()

    def _end_step(self) -> None:
        if self.step_rec_fn is not None:
            self.step_rec_fn.__exit__(None, None, None)
            self.step_rec_fn = None

    def _transit_action(self, before: ProfilerAction, now: ProfilerAction | None) -> None:
        """Prepare, start, stop and hand over the trace as the change from one action to the next asks."""
        none, warmup, record, save = (
            ProfilerAction.NONE, ProfilerAction.WARMUP, ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE,
        )  # fmt: skip
        if before is save:  # a round is over, whatever follows
            self.stop_trace()
            self._trace_ready()
        elif before is record and now not in (record, save):
            if now is not None:
                warn(f"Incorrect schedule: RECORD followed by {now.name}")
            self.stop_trace()
            if now is None:
                self._trace_ready()
        elif before is warmup and now in (none, None):
            if now is none:
                warn("Incorrect schedule: WARMUP followed by NONE")
            self.start_trace()
            self.stop_trace()
        if now in (warmup, record, save) and (before in (none, save)):
            self.prepare_trace()
        if now in (record, save) and before in (none, warmup, save):
            self.start_trace()

    def _trace_ready(self) -> None:
        if self.on_trace_ready:
            self.on_trace_ready(self)

    def set_custom_trace_id_callback(self, callback: Callable[[], str]) -> None:
        """What names traces from the next round on."""
        self.custom_trace_id_callback = callback

    def get_trace_id(self) -> str | None:
        """The name of the current trace."""
        return None if self.profiler is None else self.profiler.trace_id
