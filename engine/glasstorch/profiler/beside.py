"""What goes on beside the program: collectives on their way between processes, in rows of their own.

A trace says of each what PyTorch's says of NCCL's (``record_param_comms``: collective, dtype, elements, group), and
what was counted: bytes over the wire, the algorithm, how long the program stood still for it, whose gradients it took.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recorder import Recorder

OUTSIDE = 2**22  # above the system's numbers of threads: rows for what no thread of Python runs


def settle(recorder: Recorder) -> None:
    """Make ranges of what a finished recording has noted beside the program; what still goes on ends with it."""
    from .recorder import ANNOTATION, USER, Range

    rows: dict[
        tuple[int | None, int], tuple[int, int]
    ] = {}  # thread and layer -> number, when it is free again
    spans = []
    for name, event, seen in recorder.communication:
        start = int(event.start * 1e9)
        spans.append(
            (start, start + int(event.seconds * 1e9) if event.done else recorder.stopped, name, event, seen)
        )
    for start, end, name, event, seen in sorted(spans, key=lambda s: s[:2]):
        layer = 0
        while (event.thread, layer) in rows and rows[event.thread, layer][1] > start:
            layer += 1  # no row holds two that overlap
        number = rows.get((event.thread, layer), (0, 0))[0] or _row(recorder, event, layer)
        rows[event.thread, layer] = number, end
        r = Range(name, ANNOTATION, USER, None, number)
        r.start, r.end, r.ended_in = start, max(start, end), -1  # which makes it asynchronous
        r.seen, r.details = seen, _details(event)
        recorder.ranges.append(r)
    recorder.communication.clear()


def _row(recorder: Recorder, event: Any, layer: int) -> int:
    """The number of a new row of the record."""
    number = next(recorder.numbers)
    name = f"{event.backend} communication"
    for thread in threading.enumerate():
        if thread.native_id == event.thread and not layer:
            name = thread.name
    native = event.thread if event.thread is not None and not layer else OUTSIDE + number
    recorder.threads[number] = (native, name)
    return number


def _details(event: Any) -> dict[str, Any]:
    """The arguments of one in a trace."""
    details: dict[str, Any] = {
        "Collective name": event.name, "dtype": event.dtype, "In msg nelems": event.elements,
        "Group size": len(event.group), "Process Group Name": event.group_name,
        "Process Group Ranks": event.group, "Rank": event.rank, "Bytes": event.nbytes, "Bytes sent": event.sent,
        "Bytes received": event.received, "Algorithm": event.algorithm, "Exposed (us)": event.exposed * 1e6,
    }  # fmt: skip
    if event.bucket is not None:
        details |= {"Bucket": event.bucket, "Parameters": list(event.parameters)}
    return details


def distributed_info() -> dict[str, Any] | None:
    """The job that this process is part of, as PyTorch's traces have it; None outside one."""
    dist = sys.modules.get(f"{__name__.partition('.')[0]}.distributed")
    if dist is None or not dist.is_initialized():
        return None
    return {
        "backend": dist.get_backend(), "rank": dist.get_rank(), "world_size": dist.get_world_size(),
        "pg_count": dist.get_pg_count(),
        "pg_config": [
            {"pg_name": g.group_name, "pg_desc": g.group_desc, "backend_config": repr(g.config), "pg_size": g.size(),
             "ranks": g.ranks}
            for g in dist.groups._world.groups
        ],
    }  # fmt: skip
