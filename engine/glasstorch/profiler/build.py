"""From the recorder's ranges to the events that users read."""

from __future__ import annotations

import threading

from ..backends import gpu_clock
from .arguments import Shown, flops_of
from .events import FunctionEvent
from .kinds import DeviceType
from .lists import EventList
from .recorder import ANNOTATION, BACKWARD, EVALUATE, PYTHON, Range, Recorder

MEMORY_EVENT_NAME = "[memory]"


def event_list(recorder: Recorder, use_device: str | None, with_flops: bool) -> EventList:
    """The events of a finished recording in the order in which they started, each with its parent and children."""
    ranges = _without_doubles(recorder.ranges)
    pairs = link_backward(ranges)
    events = {id(r): _event(recorder, r, k, use_device) for k, r in enumerate(ranges, 1)}
    for r in reversed(
        ranges
    ):  # children after their parents, so that a range's own sums are complete when it comes
        event, parent = events[id(r)], _kept_parent(r, events)
        if parent is None or event.is_async:  # what ended in another thread is not part of anything
            continue
        parent.cpu_memory_usage += event.cpu_memory_usage
        parent.device_memory_usage += event.device_memory_usage
        event.set_cpu_parent(parent)
    for r in ranges:
        event = events[id(r)]
        if event.cpu_parent is not None:
            event.cpu_parent.append_cpu_child(event)
    found = list(events.values())
    if recorder.settings.stack:
        _stacks_of_backward(ranges, pairs, events)
    if recorder.memory is not None:
        found += _between(recorder, len(found), use_device)
    found.sort(key=lambda e: (e.time_range.start, -e.time_range.end))
    return EventList(
        found, use_device=use_device, profile_memory=recorder.settings.memory, with_flops=with_flops
    )


def _without_doubles(ranges: list[Range]) -> list[Range]:
    """Ranges without those that are all there is in one of the same name."""
    children: dict[int, int] = {}
    for r in ranges:
        if r.parent is not None:
            children[id(r.parent)] = children.get(id(r.parent), 0) + 1
    kept = []
    for r in ranges:
        p = r.parent
        if p is not None and p.name == r.name and children[id(p)] == 1:
            p.bytes += r.bytes
            p.device_bytes += r.device_bytes
            r.bytes = r.device_bytes = 0  # counted once, however often events are built
            children[id(p)] = children.get(id(r), 0)
        else:
            kept.append(r)
    return kept


def _kept_parent(r: Range, events: dict[int, FunctionEvent]) -> FunctionEvent | None:
    p = r.parent
    while p is not None and (id(p) not in events or events[id(p)].is_async):
        p = p.parent
    return None if p is None else events[id(p)]


def _event(recorder: Recorder, r: Range, number: int, use_device: str | None) -> FunctionEvent:
    shown = None if r.seen is None else Shown(r.name, r.seen)
    flops = (
        flops_of(r.name, shown.shapes, shown.values) if shown is not None and recorder.settings.flops else 0
    )
    start = (r.start - recorder.started) / 1000
    r.id = number
    event = FunctionEvent(
        id=number, name="ProfilerStep*" if r.name.startswith("ProfilerStep#") else r.name, trace_name=r.name,
        thread=r.thread, start_us=start, end_us=(r.end - recorder.started) / 1000, overload_name="",
        fwd_thread=r.forward_thread, input_shapes=shown.shapes if shown else [], stack=r.stack, scope=r.scope,
        use_device=use_device, cpu_memory_usage=r.bytes, device_memory_usage=r.device_bytes,
        is_async=r.ended_in != r.thread, sequence_nr=r.sequence, device_type=DeviceType.CPU,
        device_resource_id=recorder.threads[r.thread][0], flops=flops,
        concrete_inputs=shown.values if shown else [], kwinputs={}, is_user_annotation=r.kind is ANNOTATION,
        is_python_function=r.kind is PYTHON, activity_type=r.kind, metadata_json="", external_id=number,
        structured_input_shapes=shown.nested if shown else [],
        structured_input_strides=shown.strides if shown else [], input_dtypes=shown.types if shown else [],
    )  # fmt: skip
    if r.marks is not None and r.marks[1] is not None:
        event.append_kernel(r.name, gpu_clock.device(), gpu_clock.microseconds(*r.marks))
        event.is_legacy = True  # the one kernel stands for all inside
    return event


def link_backward(ranges: list[Range]) -> list[tuple[Range, Range]]:
    """Pairs of a forward range and the derivative that it left behind; the derivative is told the forward's thread."""
    forward: dict[int, Range] = {}
    pairs = []
    for r in ranges:
        if r.sequence < 0:
            continue
        if r.scope != BACKWARD and not r.name.startswith(EVALUATE):
            forward[r.sequence] = r
        elif r.scope == BACKWARD and r.sequence in forward:
            r.forward_thread = forward[r.sequence].thread
            pairs.append((forward[r.sequence], r))
    return pairs


def _stacks_of_backward(
    ranges: list[Range], pairs: list[tuple[Range, Range]], events: dict[int, FunctionEvent]
) -> None:
    """A derivative, and what runs inside it, is shown with the lines of the forward that it belongs to."""
    stacks = {id(backward): forward.stack for forward, backward in pairs}
    for r in ranges:
        p: Range | None = r
        while p is not None and id(p) not in stacks:
            p = p.parent
        if p is not None:
            events[id(r)].stack = stacks[id(p)]


def _between(recorder: Recorder, number: int, use_device: str | None) -> list[FunctionEvent]:
    """Memory that came or went while no operation ran."""
    assert recorder.memory is not None
    out = []
    for m in recorder.memory.events:
        if m.range is not None:
            continue
        number += 1
        at = (m.time - recorder.started) / 1000
        event = FunctionEvent(
            id=number, name=MEMORY_EVENT_NAME, thread=m.thread, start_us=at, end_us=at, overload_name="",
            fwd_thread=m.thread, input_shapes=[], stack=[], use_device=use_device, concrete_inputs=[], kwinputs={},
            structured_input_shapes=[], structured_input_strides=[], input_dtypes=[],
        )  # fmt: skip
        setattr(event, "cpu_memory_usage" if m.device is None else "device_memory_usage", m.bytes)
        out.append(event)
    return out


def thread_names(recorder: Recorder) -> dict[int, str]:
    """The threads of a recording by the system's numbers."""
    main = threading.main_thread().native_id
    known = recorder.threads.values()
    return {native: f"thread {native} ({'main' if native == main else name})" for native, name in known}
