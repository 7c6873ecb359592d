"""Files: Chrome's trace format, which Perfetto and TensorBoard read too, and the memory timeline.

Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .arguments import Shown, flops_of
from .build import link_backward, thread_names
from .recorder import Range, Recorder


def write_chrome_trace(recorder: Recorder, path: str, metadata: dict[str, str], trace_id: str) -> None:
    """Write a finished recording; compressed when the path ends in ``.gz``."""
    base = recorder.epoch + recorder.started
    content: dict[str, Any] = {"schemaVersion": 1, "deviceProperties": [], "trace_id": trace_id}
    content |= {key: _json(value) for key, value in metadata.items()}
    content |= {
        "host_name": platform.node(),
        "displayTimeUnit": "ms",
        "baseTimeNanoseconds": base,
        "traceEvents": list(_entries(recorder)),
        "traceName": path,
    }
    text = json.dumps(content, ensure_ascii=False, default=str)
    if path.endswith(".gz"):
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        Path(path).write_text(text, encoding="utf-8")


def _json(value: str) -> Any:
    """A user's metadata: JSON, or (where it is none) the text itself, so that the file stays readable."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _entries(recorder: Recorder) -> Iterator[dict[str, Any]]:
    pid = os.getpid()
    yield from _labels(recorder, pid)
    for number, r in enumerate(recorder.ranges):
        yield _complete(recorder, r, number, pid)
    for number, (forward, backward) in enumerate(link_backward(recorder.ranges), 1):
        for phase, r in (("s", forward), ("f", backward)):
            arrow = {"ph": phase, "id": number, "pid": pid, "tid": recorder.threads[r.thread][0],
                     "ts": _at(recorder, r.start), "cat": "fwdbwd", "name": "fwdbwd"}  # fmt: skip
            yield arrow | ({"bp": "e"} if phase == "f" else {})
    if recorder.memory is not None:
        for m in recorder.memory.events:
            yield {
                "ph": "i", "cat": "cpu_instant_event", "s": "t", "name": "[memory]", "pid": pid,
                "tid": recorder.threads[m.thread][0], "ts": _at(recorder, m.time),
                "args": {"Total Reserved": 0, "Total Allocated": m.total, "Bytes": m.bytes, "Addr": m.address,
                         "Device Id": -1 if m.device is None else m.device, "Device Type": int(m.device is not None)},
            }  # fmt: skip
    yield {"ph": "X", "cat": "Trace", "name": "PyTorch Profiler (0)", "pid": "Spans", "tid": "PyTorch Profiler",
           "ts": 0.0, "dur": _at(recorder, recorder.stopped), "args": {"Op count": len(recorder.ranges)}}  # fmt: skip


def _labels(recorder: Recorder, pid: int) -> Iterator[dict[str, Any]]:
    def label(name: str, tid: int, args: dict[str, Any]) -> dict[str, Any]:
        return {"ph": "M", "name": name, "ts": 0.0, "pid": pid, "tid": tid, "args": args}

    yield label("process_name", 0, {"name": Path(sys.executable).stem})
    yield label("process_labels", 0, {"labels": "CPU"})
    yield label("process_sort_index", 0, {"sort_index": pid})
    for order, (tid, name) in enumerate(thread_names(recorder).items()):
        yield label("thread_name", tid, {"name": name})
        yield label("thread_sort_index", tid, {"sort_index": order})


def _at(recorder: Recorder, time: int) -> float:
    """Microseconds since the recording began."""
    return (time - recorder.started) / 1000


def _complete(recorder: Recorder, r: Range, number: int, pid: int) -> dict[str, Any]:
    """A range as a complete event. Start and length are whole nanoseconds, so what nests here nests there."""
    args: dict[str, Any] = {"External id": number + 1, "Ev Idx": number}
    if r.sequence >= 0:
        args |= {"Sequence number": r.sequence, "Fwd thread id": r.forward_thread}
    if r.seen is not None:
        shown = Shown(r.name, r.seen)
        if recorder.settings.shapes:
            values = ["" if v is None else str(v) for v in shown.values]
            args |= {"Input Dims": shown.nested, "Input Strides": shown.strides, "Input type": shown.types,
                     "Concrete Inputs": values}  # fmt: skip
        if recorder.settings.flops and (flops := flops_of(r.name, shown.shapes, shown.values)):
            args["flops"] = flops
    if r.stack:
        args["Call stack"] = ";".join(r.stack)
    if r.args is not None:
        args["args"] = r.args
    if r.details is not None:
        args |= r.details
    return {"ph": "X", "cat": r.kind, "name": r.name, "pid": pid, "tid": recorder.threads[r.thread][0],
            "ts": _at(recorder, r.start), "dur": (r.end - r.start) / 1000, "args": args}  # fmt: skip


# ---------------------------------------------------------------------- memory
def memory_totals(recorder: Recorder, device: str) -> tuple[list[int], list[int]]:
    """When memory on ``device`` changed (microseconds since 1970) and how much was allocated then."""
    assert recorder.memory is not None
    kind, _, index = device.partition(":")
    wanted = None if kind == "cpu" else int(index or 0)
    found = [m for m in recorder.memory.events if m.device == wanted]
    return [(m.time + recorder.epoch) // 1000 for m in found], [m.total for m in found]


def write_memory_timeline(recorder: Recorder, path: str, device: str) -> None:
    """``[times, sizes]`` as JSON: for each time a list with the bytes of PyTorch's nine categories.

    All bytes stand in the last one, "unknown": which tensor is a parameter, and which an activation, is not recorded.
    ``.raw.json.gz``: ``[time, action, bytes, category]`` for each change, action 1 for taken and 3 for given back.
    """
    times, totals = memory_totals(recorder, device)
    content: Any = [times, [[0] * 8 + [n] for n in totals]]
    if path.endswith(".raw.json.gz"):
        before = [0, *totals]
        content = [
            [t, 1 if n >= b else 3, abs(n - b), None] for t, n, b in zip(times, totals, before, strict=False)
        ]
    text = json.dumps(content)
    if path.endswith(".gz"):
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        Path(path).write_text(text, encoding="utf-8")
