"""The table in text that ``EventList.table`` gives: PyTorch's columns, widths and units."""

from __future__ import annotations

import math
from typing import Any

from .events import format_memory, format_time
from .kinds import DeviceType

_WIDTH = 12  # of a column of numbers
_UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0}


def build_table(
    events: Any, sort_by: str | None, header: str | None, row_limit: int, source_width: int | None,
    name_width: int | None, shapes_width: int | None, with_flops: bool, profile_memory: bool,
    top_level_events_only: bool, time_unit: str | None,
) -> str:  # fmt: skip
    """The events as text; empty when there are none."""
    if not events:
        return ""
    shown = list(events)
    if sort_by is not None:
        shown.sort(key=lambda event: getattr(event, sort_by), reverse=True)
    columns = _Columns(shown, name_width, shapes_width, source_width, with_flops, profile_memory, time_unit)
    lines: list[str] = []
    wide = "=" * columns.length
    if header is not None:
        lines += [wide, header]
    if top_level_events_only:
        lines += [wide, "This report only display top-level ops statistics"]
    lines += [columns.rule, columns.row(columns.headers), columns.rule]
    rows = 0
    for event in shown:
        if rows == row_limit:
            break
        if top_level_events_only and event.cpu_parent is not None:
            continue
        rows += 1
        lines += columns.rows_of(event)
    lines += [columns.rule, f"Self CPU time total: {columns.time(columns.cpu_total)}"]
    if columns.has_device_time:
        lines.append(f"Self {columns.device} time total: {columns.time(columns.device_total)}")
    return "\n".join(lines) + "\n"


class _Columns:
    """Which columns there are and how wide, from all events; and one event's row."""

    def __init__(
        self, events: list, name_width: int | None, shapes_width: int | None, source_width: int | None,
        with_flops: bool, memory: bool, unit: str | None,
    ) -> None:  # fmt: skip
        self.unit, self.memory, self.max_name = unit, memory, name_width
        first = events[0]
        self.device = (first.use_device or "None").upper() if first.use_device else "None"
        self.has_device_time = any(event.self_device_time_total > 0 for event in events)
        self.has_device_memory = bool(first.use_device) and any(
            e.self_device_memory_usage > 0 for e in events
        )
        self.cpu_total = sum(event.self_cpu_time_total for event in events)
        self.device_total = sum(
            event.self_device_time_total for event in events if event.device_type == DeviceType.CPU
        )
        self.has_overloads = any(event.overload_name for event in events)
        self.has_nodes = any(event.node_id != -1 for event in events)
        self.has_shapes = any(event.input_shapes for event in events)
        stacks = [event.stack for event in events if event.stack]
        counted = [event.flops for event in events if event.flops and event.flops > 0] if with_flops else []
        self.flops_scale, flops_unit = _flops_scale(min(counted)) if counted else (0.0, "")
        self.name_width = _limited(max(len(event.key) for event in events), name_width)
        self.shapes_width = _limited(max(len(str(event.input_shapes)) for event in events), shapes_width)
        self.source_width = (
            _limited(max((len(e) for s in stacks for e in s), default=0), source_width) if stacks else 0
        )
        self.headers = ["Name", *(["Overload Name"] if self.has_overloads else []), "Self CPU %", "Self CPU",
                        "CPU total %", "CPU total", "CPU time avg"]  # fmt: skip
        if self.has_device_time:
            d = self.device
            self.headers += [f"Self {d}", f"Self {d} %", f"{d} total", f"{d} time avg"]
        if memory:
            self.headers += ["CPU Mem", "Self CPU Mem"]
            if self.has_device_memory:
                self.headers += [f"{self.device} Mem", f"Self {self.device} Mem"]
        self.headers.append("# of Calls")
        self.headers += ["Node ID"] if self.has_nodes else []
        widths = [self.name_width] * (1 + self.has_overloads)
        widths += [_WIDTH] * (len(self.headers) - len(widths))
        signs = [">"] * len(widths)
        for there, title, width, sign in ((self.has_shapes, "Input Shapes", self.shapes_width, ">"),
                                          (bool(stacks), "Source Location", self.source_width, "<"),
                                          (bool(counted), f"Total {flops_unit}", _WIDTH, ">")):  # fmt: skip
            if there:
                self.headers.append(title)
                widths.append(width)
                signs.append(sign)
        self.format = "".join(f"{{: {sign}{width}}}  " for sign, width in zip(signs, widths, strict=True))
        self.rule = "".join("-" * width + "  " for width in widths)
        self.length = sum(widths) + 2 * (len(widths) - 1)

    def row(self, values: list) -> str:
        return self.format.format(*values)

    def time(self, microseconds: float) -> str:
        if self.unit in _UNITS:
            return f"{microseconds / _UNITS[self.unit]:.3f}{self.unit}"
        return format_time(microseconds)

    def rows_of(self, event: Any) -> list[str]:
        """The event's row, and one for each further entry of its stack."""
        event.self_cpu_percent = _share(event.self_cpu_time_total, self.cpu_total)
        event.total_cpu_percent = 0 if event.is_async else _share(event.cpu_time_total, self.cpu_total)
        values = [self._cut(event.key), *([self._cut(event.overload_name)] if self.has_overloads else []),
                  event.self_cpu_percent, self.time(event.self_cpu_time_total), event.total_cpu_percent,
                  self.time(event.cpu_time_total), self.time(event.cpu_time)]  # fmt: skip
        if self.has_device_time:
            event.total_device_percent = _share(event.self_device_time_total, self.device_total)
            values += [self.time(event.self_device_time_total), event.total_device_percent,
                       self.time(event.device_time_total), self.time(event.device_time)]  # fmt: skip
        if self.memory:
            values += [format_memory(event.cpu_memory_usage), format_memory(event.self_cpu_memory_usage)]
            if self.has_device_memory:
                values += [
                    format_memory(event.device_memory_usage),
                    format_memory(event.self_device_memory_usage),
                ]
        values.append(event.count)
        values += [event.node_id] if self.has_nodes else []
        values += [str(event.input_shapes)[: self.shapes_width]] if self.has_shapes else []
        if not self.source_width:
            return [self.row([*values, *self._flops(event)])]
        entries = [_tail(entry, self.source_width) for entry in event.stack or [""]]
        blank = [""] * len(values)
        after = [""] * bool(self.flops_scale)
        lines = [self.row([*values, entries[0], *self._flops(event)])]
        return lines + [self.row([*blank, entry, *after]) for entry in [*entries[1:], ""]]

    def _flops(self, event: Any) -> list[str]:
        if not self.flops_scale:
            return []
        return [f"{event.flops * self.flops_scale:8.3f}" if event.flops and event.flops > 0 else "--"]

    def _cut(self, name: str) -> str:
        if self.max_name is not None and len(name) >= self.max_name - 3:
            return name[: self.max_name - 3] + "..."
        return name


def _limited(longest: int, limit: int | None) -> int:
    return longest + 4 if limit is None else min(longest + 4, limit)


def _share(part: float, whole: float) -> str:
    return f"{part * 100.0 / whole:.2f}%" if whole else "NaN"


def _tail(path: str, width: int) -> str:
    """The end of a path that is too long."""
    if len(path) <= width:
        return path
    return "..." + path[len(path) - width + 3 :]


def _flops_scale(smallest: int) -> tuple[float, str]:
    """A factor and its unit, by the smallest figure."""
    units = ("FLOPs", "KFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs")
    k = min(int(math.log10(smallest) / 3), len(units) - 1)
    return 10.0 ** (-3 * k), units[k]
