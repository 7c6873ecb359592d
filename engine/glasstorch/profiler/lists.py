"""Lists of events: grouping, adding up, exporting."""

from __future__ import annotations

import json
from typing import Any

from .events import FunctionEvent, FunctionEventAvg
from .table import build_table

_METRICS = [
    "self_cpu_time_total",
    "self_cuda_time_total",
    "self_xpu_time_total",
    "self_privateuse1_time_total",
]


def plain_name(metric: str) -> str:
    """An attribute under the name that all devices share: ``self_device_time_total`` for ``self_cuda_time_total``."""
    return metric.replace("cuda", "device").replace("xpu", "device").replace("privateuse1", "device")


class EventList(list):
    """A list of ``FunctionEvent`` (or of ``FunctionEventAvg``) that can be grouped, printed and exported.

    Source: https://pytorch.org/docs/stable/autograd.html#torch.autograd.profiler_util.EventList
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._use_device = kwargs.pop("use_device", None)
        self._profile_memory = kwargs.pop("profile_memory", False)
        self._with_flops = kwargs.pop("with_flops", False)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return self.table()

    @property
    def self_cpu_time_total(self) -> float:
        """The time of all events without what is inside them: the time that was spent in events at all."""
        return sum(event.self_cpu_time_total for event in self)

    def table(
        self, sort_by: str | None = None, row_limit: int = 100, max_src_column_width: int | None = 75,
        max_name_column_width: int | None = 55, max_shapes_column_width: int | None = 80, header: str | None = None,
        top_level_events_only: bool = False, time_unit: str | None = None,
    ) -> str:  # fmt: skip
        """The events as a table in text.

        ``sort_by``: an attribute, such as ``cpu_time_total``, ``self_cpu_memory_usage``, ``cuda_time_total`` or
        ``count``; largest first. ``row_limit``: -1 for all rows. The ``max_..._column_width`` cut what is longer (None:
        nothing). ``top_level_events_only``: leave out what ran inside another event. ``time_unit``: "s", "ms" or "us"
        for all times. Raises AttributeError when events have no attribute ``sort_by``.
        """
        return build_table(
            self, None if sort_by is None else plain_name(sort_by), header, row_limit, max_src_column_width,
            max_name_column_width, max_shapes_column_width, self._with_flops, self._profile_memory,
            top_level_events_only, time_unit,
        )  # fmt: skip

    def key_averages(
        self,
        group_by_input_shapes: bool = False,
        group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:
        """Events with the same name added up (and the same input shapes, or the same innermost n stack entries)."""
        groups: dict[tuple, FunctionEventAvg] = {}
        for event in self:
            key = [event.key, event.node_id, event.device_type, event.is_legacy, event.is_user_annotation]
            if group_by_overload_name:
                key.append(event.overload_name)
            if group_by_input_shapes:
                key.append(str(event.input_shapes))
            if group_by_stack_n > 0:
                key += event.stack[:group_by_stack_n]
            groups.setdefault(tuple(key), FunctionEventAvg()).add(event)
        for group in groups.values():
            group.stack = (group.stack or [])[:group_by_stack_n]
            if not group_by_input_shapes:
                group.input_shapes = ""
            if not group_by_overload_name:
                group.overload_name = ""
        return EventList(
            groups.values(),
            use_device=self._use_device,
            profile_memory=self._profile_memory,
            with_flops=self._with_flops,
        )

    def total_average(self) -> FunctionEventAvg:
        """All events added up, whatever they are called, under the key ``Total``."""
        total = FunctionEventAvg()
        for event in self:
            total.key = event.key if total.count else None
            total.add(event)
        total.key = "Total"
        return total

    def supported_export_stacks_metrics(self) -> list[str]:
        """What ``export_stacks`` can write."""
        return list(_METRICS)

    def export_stacks(self, path: str, metric: str) -> None:
        """Write a line for each event with a stack: its frames, outermost first, and whole microseconds.

        That is the input of flame graph programs. ValueError for another metric than those supported.
        """
        if metric not in _METRICS:
            raise ValueError(f"metric should be one of: {_METRICS}")
        blanks = str.maketrans(" ;\t\n", "____")
        with open(path, "w", encoding="utf-8") as file:
            for event in self:
                value = int(getattr(event, plain_name(metric)))
                if event.stack and value > 0:
                    frames = ";".join(entry.translate(blanks) for entry in reversed(event.stack))
                    file.write(f"{frames} {value}\n")

    def export_chrome_trace(self, path: str) -> None:
        """Write the events as Chrome's list of complete events. ``profile.export_chrome_trace`` writes more."""
        entries = [
            {
                "name": event.trace_name, "ph": "X", "ts": event.time_range.start,
                "dur": event.time_range.elapsed_us(), "tid": event.thread, "pid": "CPU functions", "args": {},
            }
            for event in self
            if isinstance(event, FunctionEvent) and event.trace_name is not None
        ]  # fmt: skip
        with open(path, "w", encoding="utf-8") as file:
            json.dump(entries, file)
