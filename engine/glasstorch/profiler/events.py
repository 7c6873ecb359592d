"""Events as the user reads them: one call each (``FunctionEvent``), or calls added up (``FunctionEventAvg``).

Times are microseconds since the profiler started. An attribute ``total`` includes what was called inside; ``self``
does not. Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.profiler_util.FunctionEvent
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..core.frames import warn
from .kinds import DeviceType


class Interval:
    """From ``start`` to ``end``, in microseconds."""

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end

    def elapsed_us(self) -> float:
        """The length of the interval."""
        return self.end - self.start


class Kernel(NamedTuple):
    """The GPU's part of an event: its name, the GPU's number, microseconds."""

    name: str
    device: int
    duration: float


def format_time(time_us: float) -> str:
    """A time with its unit: ``12.000us``, ``1.500ms``, ``2.000s``."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if time_us >= size:
            return f"{time_us / size:.3f}{unit}"
    return f"{time_us:.3f}us"


def format_memory(nbytes: int) -> str:
    """A number of bytes with its unit: ``512 B``, ``1.50 KB``."""
    for unit, size in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if abs(nbytes) >= size:
            return f"{nbytes / size:.2f} {unit}"
    return f"{nbytes} B"


def _deprecated(old: str, new: str) -> property:
    def read(self: Any) -> Any:
        warn(
            f"`{old}` is deprecated{', please use' if old == 'cuda_time' else '. Use'} `{new}` instead.",
            FutureWarning,
        )
        return getattr(self, new if new != "event_metadata" else "_metadata_json")

    return property(read, doc=f"The old name of ``{new}``.")


def _formatted(name: str) -> property:
    return property(lambda self: format_time(getattr(self, name)), doc=f"``{name}`` with its unit.")


class FormattedTimesMixin:
    """Averages and texts from ``cpu_time_total``, ``device_time_total`` and ``count``."""

    count: int
    cpu_time_total: Any
    device_time_total: Any
    cpu_time_str = _formatted("cpu_time")
    device_time_str = _formatted("device_time")
    cpu_time_total_str = _formatted("cpu_time_total")
    device_time_total_str = _formatted("device_time_total")
    self_cpu_time_total_str = _formatted("self_cpu_time_total")
    self_device_time_total_str = _formatted("self_device_time_total")
    cuda_time = _deprecated("cuda_time", "device_time")

    @property
    def cpu_time(self) -> float:
        """Time on the CPU for one call, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def device_time(self) -> float:
        """Time on the GPU for one call, on average."""
        return self.device_time_total / self.count if self.count else 0.0


class FunctionEvent(FormattedTimesMixin):
    """One call: when, in which thread, inside which other, with what.

    ``input_shapes``: a list of lists, ``[]`` for what is no tensor; ``structured_input_shapes`` opens lists of tensors.
    ``concrete_inputs``: the numbers, texts and lists of numbers among the arguments, None for the others. Both (and
    ``input_dtypes``, ``structured_input_strides``) are empty unless shapes are recorded. ``stack``: the user's frames,
    innermost first. ``scope``: 0 a call, 1 a derivative, 7 the user's own range. ``sequence_nr`` is the number of the
    node that a call recorded, and of the derivative that ran it; ``fwd_thread`` the thread that had recorded it.
    """

    def __init__(
        self, id: int, name: str, thread: int, start_us: float, end_us: float, overload_name: str | None = None,
        fwd_thread: int | None = None, input_shapes: Any = None, stack: list[str] | None = None, scope: int = 0,
        use_device: str | None = None, cpu_memory_usage: int = 0, device_memory_usage: int = 0, is_async: bool = False,
        is_remote: bool = False, sequence_nr: int = -1, node_id: int = -1, device_type: Any = DeviceType.CPU,
        device_index: int = 0, device_resource_id: int | None = None, is_legacy: bool = False, flops: int | None = None,
        trace_name: str | None = None, concrete_inputs: Any = None, kwinputs: dict | None = None,
        is_user_annotation: bool = False, is_python_function: bool = False, activity_type: str | None = None,
        metadata_json: str | None = None, external_id: int = 0, structured_input_shapes: Any = None,
        structured_input_strides: Any = None, input_dtypes: Any = None,
    ) -> None:  # fmt: skip
        self.id, self.node_id, self.name, self.trace_name = id, node_id, name, trace_name
        self.overload_name = overload_name
        self.time_range = Interval(start_us, end_us)
        self.thread, self.fwd_thread = thread, fwd_thread
        self.kernels: list[Kernel] = []
        self.count = 1
        self.cpu_children: list[FunctionEvent] = []
        self.cpu_parent: FunctionEvent | None = None
        self.input_shapes, self.structured_input_shapes = input_shapes, structured_input_shapes
        self.structured_input_strides, self.input_dtypes = structured_input_strides, input_dtypes
        self.concrete_inputs, self.kwinputs = concrete_inputs, kwinputs
        self.stack, self.scope, self.sequence_nr = stack, scope, sequence_nr
        self.use_device, self.is_legacy, self.flops = use_device, is_legacy, flops
        self.cpu_memory_usage, self.device_memory_usage = cpu_memory_usage, device_memory_usage
        self.is_async, self.is_remote = is_async, is_remote
        self.device_type, self.device_index = device_type, device_index
        self.device_resource_id = thread if device_resource_id is None else device_resource_id
        self.is_user_annotation, self.is_python_function = is_user_annotation, is_python_function
        self.activity_type, self.external_id = activity_type, external_id
        self.self_cpu_percent: Any = -1
        self.total_cpu_percent: Any = -1
        self.total_device_percent: Any = -1
        self.event_metadata = None  # of GPU kernels, in PyTorch
        self._metadata_json = metadata_json

    cuda_time_total = _deprecated("cuda_time_total", "device_time_total")
    self_cuda_time_total = _deprecated("self_cuda_time_total", "self_device_time_total")
    self_cuda_memory_usage = _deprecated("self_cuda_memory_usage", "self_device_memory_usage")
    metadata_json = _deprecated("metadata_json", "event_metadata")

    @property
    def key(self) -> str:
        """What events are grouped by: the name."""
        return self.name

    def append_kernel(self, name: str, device: int, duration: float) -> None:
        """Add a GPU's part."""
        self.kernels.append(Kernel(name, device, duration))

    def append_cpu_child(self, child: FunctionEvent) -> None:
        """Add an event that ran directly inside this one."""
        self.cpu_children.append(child)

    def set_cpu_parent(self, parent: FunctionEvent) -> None:
        """Set the event that this one ran directly inside."""
        self.cpu_parent = parent

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """From start to end."""
        return self.time_range.elapsed_us() if self.device_type == DeviceType.CPU else 0

    @property
    def self_cpu_time_total(self) -> float:
        """The same without the events inside. An event that ended in another thread has none."""
        if self.is_async or self.device_type != DeviceType.CPU:
            return 0
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def device_time_total(self) -> float:  # type: ignore[override]
        """Time between the marks on the GPU's stream before and after the call."""
        if self.is_async or not self.use_device:
            return 0
        own = sum(k.duration for k in self.kernels)
        return own if self.is_legacy else own + sum(child.device_time_total for child in self.cpu_children)

    @property
    def self_device_time_total(self) -> float:
        """The same without the events inside."""
        if self.is_async or not self.use_device:
            return 0
        return self.device_time_total - sum(child.device_time_total for child in self.cpu_children)

    @property
    def self_cpu_memory_usage(self) -> int:
        """Bytes taken minus bytes given back, without the events inside."""
        return self._own("cpu_memory_usage")

    @property
    def self_device_memory_usage(self) -> int:
        """The same on the GPU."""
        return self._own("device_memory_usage")

    def _own(self, name: str) -> int:
        if self.is_async or self.device_type != DeviceType.CPU:
            return 0
        return getattr(self, name) - sum(getattr(child, name) for child in self.cpu_children)

    def __repr__(self) -> str:
        device = self.use_device
        facts = {
            "id": self.id, "name": self.name, "overload_name": self.overload_name, "device_type": self.device_type,
            "node_id": self.node_id, "cpu_time": self.cpu_time_str, "start_us": self.time_range.start,
            "end_us": self.time_range.end, "cpu_children": [child.id for child in self.cpu_children],
            f"{device}_time": self.device_time_str, "thread": self.thread, "input_shapes": self.input_shapes,
            "cpu_memory_usage": self.cpu_memory_usage, f"{device}_memory_usage": self.device_memory_usage,
            "is_async": self.is_async, "is_remote": self.is_remote, "seq_nr": self.sequence_nr,
            "is_legacy": self.is_legacy,
        }  # fmt: skip
        return f"<FunctionEvent {' '.join(f'{k}={v}' for k, v in facts.items())}>"


#: What is added up over calls.
_SUMS = ("cpu_time_total", "device_time_total", "self_cpu_time_total", "self_device_time_total", "cpu_memory_usage",
         "device_memory_usage", "self_cpu_memory_usage", "self_device_memory_usage", "count")  # fmt: skip
#: What an average takes over from the first of its calls.
_FROM_FIRST = ("key", "node_id", "is_async", "is_remote", "cpu_parent", "cpu_children", "overload_name", "input_shapes",
               "stack", "scope", "device_type", "is_legacy", "use_device", "is_user_annotation")  # fmt: skip


class FunctionEventAvg(FormattedTimesMixin):
    """Calls with one key added up: sums of times, bytes, FLOPs and calls; ``cpu_time`` is the average of one call."""

    def __init__(self) -> None:
        self.key: str | None = None
        self.count = self.node_id = 0
        self.is_async = self.is_remote = self.is_legacy = self.is_user_annotation = False
        self.use_device: str | None = None
        self.cpu_time_total = self.device_time_total = 0  # type: ignore[assignment]
        self.self_cpu_time_total = self.self_device_time_total = 0
        self.cpu_memory_usage = self.device_memory_usage = 0
        self.self_cpu_memory_usage = self.self_device_memory_usage = 0
        self.input_shapes: Any = None
        self.overload_name: str | None = None
        self.stack: list | None = None
        self.scope: int | None = None
        self.cpu_children: list[FunctionEvent] | None = None
        self.cpu_parent: FunctionEvent | None = None
        self.device_type: Any = DeviceType.CPU
        self.flops = 0

    def add(self, other: Any) -> FunctionEventAvg:
        """Add a call, or calls that were added up, with the same key."""
        if not isinstance(other, (FunctionEvent, FunctionEventAvg)):
            raise AssertionError("Expected other to be a FunctionEvent or FunctionEventAvg")
        if self.key is None:
            for name in _FROM_FIRST:
                setattr(self, name, getattr(other, name))
        if other.key != self.key:
            raise AssertionError(f"Expected keys to match, but got {other.key} vs {self.key}")
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.flops += other.flops or 0
        return self

    def __iadd__(self, other: Any) -> FunctionEventAvg:
        return self.add(other)

    def __repr__(self) -> str:
        device = self.use_device or "cuda"
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str}  self_{device}_time={self.self_device_time_total_str} "
            f"{device}_time={self.device_time_str} input_shapes={self.input_shapes} "
            f"cpu_memory_usage={self.cpu_memory_usage} {device}_memory_usage={self.device_memory_usage}>"
        )
