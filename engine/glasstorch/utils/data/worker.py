"""A worker: a process that makes batches for a loader.

Each worker has one two-way connection to the loader. Three threads serve it: one reads tasks as they come (so the
loader never waits to hand one out), the main one makes batches, one sends them (so the next batch is made
meanwhile). A worker ends when told to, and also when the loader's process is gone.
"""

from __future__ import annotations

import os
import queue
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...random import manual_seed
from . import wire
from .fetch import Recipe

STREAM_ENDED = "stream ended"


@dataclass(frozen=True)
class WorkerInfo:
    """Who this worker is: its number, how many there are, its seed, and its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker: who it is; in the main process: None."""
    return _info


def run(
    number: int, workers: int, connection: Any, recipe: Recipe, base_seed: int, init_fn: Callable | None
) -> None:
    """A worker's life. Tasks are ``(pass, number, indices)``, replies ``(pass, number, batch or Failure)``."""
    global _info
    _seed(base_seed, number)
    _info = WorkerInfo(number, workers, base_seed + number, recipe.dataset)
    where = f"in DataLoader worker process {number}"
    tasks: queue.SimpleQueue = queue.SimpleQueue()
    replies: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, tasks), daemon=True).start()
    threading.Thread(target=_write, args=(connection, replies), daemon=True).start()
    broken, fetch, current = None, None, None
    try:
        if init_fn is not None:
            init_fn(number)
    except Exception as error:
        broken = wire.Failure(error, where).packable()
    try:
        while (task := tasks.get()) is not None:
            which, place, indices = task
            reply = broken
            if reply is None:
                try:
                    if which != current:  # a new pass over the data: streams start again
                        fetch, current = recipe.fetcher(), which
                    reply = fetch(indices)  # type: ignore[misc]
                except StopIteration:
                    reply = STREAM_ENDED  # type: ignore[assignment]
                except Exception as error:
                    reply = wire.Failure(error, where).packable()
            try:
                packed = wire.pack((which, place, reply))
            except Exception as error:  # a batch that cannot be pickled
                packed = wire.pack((which, place, wire.Failure(error, where).packable()))
            replies.put(packed)
    except KeyboardInterrupt:
        pass  # the main process was interrupted too, and reports it


def _seed(base_seed: int, number: int) -> None:
    """Seed all three generators: each worker differently, each differently in every pass, yet repeatably."""
    random.seed(base_seed + number)
    manual_seed(base_seed + number)
    entropy = [number, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    np.random.seed(np.random.SeedSequence(entropy).generate_state(4))


def _read(connection: Any, tasks: queue.SimpleQueue) -> None:
    from multiprocessing import connection as connections
    from multiprocessing import parent_process

    parent = parent_process()
    watched = [connection] if parent is None else [connection, parent.sentinel]
    while True:
        if connection not in connections.wait(watched):
            os._exit(1)  # the loader's process is gone
        try:
            task = connection.recv()
        except (EOFError, OSError):
            os._exit(1)
        tasks.put(task)
        if task is None:
            return


def _write(connection: Any, replies: queue.SimpleQueue) -> None:
    while True:
        try:
            wire.send(connection, replies.get())
        except OSError:
            return  # nobody reads any more
