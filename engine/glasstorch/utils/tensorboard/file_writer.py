"""``FileWriter``: one event file. Source: https://pytorch.org/docs/stable/tensorboard.html"""

from __future__ import annotations

import os
import time
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, TaggedRunMetadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter


class FileWriter:
    """One event file. A thread writes it, so that a training does not wait for the disk.

    ``max_queue``: events that may wait; an event more waits for the disk. ``flush_secs``: how often what was written is
    pushed to the file, where a reader finds it. ``filename_suffix``: the end of the file's name.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        self._how = (str(log_dir), max_queue, flush_secs, filename_suffix)
        self._closed = False
        self.event_writer = EventFileWriter(*self._how)

    def get_logdir(self) -> str:
        """The folder of the file."""
        return self.event_writer.get_logdir()

    def add_event(self, event: Event, step: Any = None, walltime: float | None = None) -> None:
        """Write an event, at a step (no step: 0) and a time in seconds since 1970 (None: now)."""
        event.wall_time = time.time() if walltime is None else walltime
        if step is not None:
            event.step = int(step)  # also a NumPy integer or a tensor
        self.event_writer.add_event(event)

    def add_summary(self, summary: Any, global_step: Any = None, walltime: float | None = None) -> None:
        """Write a summary."""
        self.add_event(Event(summary=summary), global_step, walltime)

    def add_graph(self, graph_profile: tuple, walltime: float | None = None) -> None:
        """Write a graph and the times of its nodes: ``(GraphDef, RunMetadata)``."""
        definition, times = graph_profile
        self.add_event(Event(graph_def=definition.SerializeToString()), None, walltime)
        tagged = TaggedRunMetadata(tag="step1", run_metadata=times.SerializeToString())
        self.add_event(Event(tagged_run_metadata=tagged), None, walltime)

    def add_onnx_graph(self, graph: Any, walltime: float | None = None) -> None:
        """Write a graph without times."""
        self.add_event(Event(graph_def=graph.SerializeToString()), None, walltime)

    def flush(self) -> None:
        """Wait until everything so far is in the file."""
        self.event_writer.flush()

    def close(self) -> None:
        """Flush, and end the file."""
        self.event_writer.close()
        self._closed = True

    def reopen(self) -> None:
        """After ``close``: go on in a new file of the same folder. Does nothing to an open file."""
        if self._closed:
            self.event_writer, self._closed = EventFileWriter(*self._how), False
