"""A worker: a process that makes batches for a loader.

Each worker has one two-way connection to the loader. Three threads serve it: one reads tasks as they come (so the
loader never waits to hand one out), the main one makes batches, one sends them (so the next batch is made
meanwhile). A worker ends when told to, and also when the loader's process is gone.
"""

from __future__ import annotations

import gc
import os
import queue
import random
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...random import default_generator, manual_seed
from ...settings import set_num_threads
from . import wire
from .dataset import IterableDataset
from .fetch import Recipe
from .segments import Segments

STREAM_ENDED = "stream ended"
LOOK_SECONDS = 2  # how often both sides look whether the other one still lives, where no system call tells


@dataclass(frozen=True)
class WorkerInfo:
    """Who this worker is: its number, how many there are, its seed, and its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any
    rng: Any = None
    worker_method: str | None = "multiprocessing"


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker: who it is; in the main process: None."""
    return _info


class _Tasks:
    """What the loader wants done, as it comes in; nothing more once the loader has said stop."""

    def __init__(self, connection: Any) -> None:
        self.waiting: queue.SimpleQueue = queue.SimpleQueue()
        self.stopped = False
        threading.Thread(target=self._read, args=(connection, os.getppid()), daemon=True).start()

    def next(self) -> Any:
        """Wait for a task; None at the end."""
        task = self.waiting.get()
        return None if self.stopped else task

    def _read(self, connection: Any, started_by: int) -> None:
        from multiprocessing import connection as connections
        from multiprocessing import parent_process

        parent = parent_process()
        watched = [connection] if parent is None else [connection, parent.sentinel]
        while not self.stopped:
            ready = connections.wait(watched, LOOK_SECONDS)
            if not ready and os.getppid() == started_by:
                continue
            if connection not in ready:
                os._exit(1)  # the loader's process is gone
            try:
                task = connection.recv()
            except (EOFError, OSError):
                os._exit(1)
            except Exception:  # a task that cannot be unpickled
                _give_up()
            self.stopped = task is None
            self.waiting.put(task)


def run(
    number: int, workers: int, connection: Any, recipe: Recipe, base_seed: int, init_fn: Callable | None
) -> None:
    """A worker's life.

    Tasks are ``(pass, number, indices, segments that came back, segments that are lost)``, replies a batch or a
    ``Failure``, labelled ``(pass, number)``.
    """
    global _info
    try:
        tasks = _Tasks(connection)
        replies: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=_write, args=(connection, replies), daemon=True).start()
        set_num_threads(1)  # the workers share the processors
        gc.freeze()  # what came from the loader's process is neither looked through nor copied page by page
        _seed(base_seed, number)
        _info = WorkerInfo(number, workers, base_seed + number, recipe.dataset)
        _work(number, tasks, replies, recipe, init_fn)
    except KeyboardInterrupt:
        pass  # the main process was interrupted too, and reports it


def _work(
    number: int, tasks: _Tasks, replies: queue.SimpleQueue, recipe: Recipe, init_fn: Callable | None
) -> None:
    where = f"in DataLoader worker process {number}"
    segments = Segments()
    stream = isinstance(recipe.dataset, IterableDataset)
    broken, fetch, current = None, None, None
    try:
        if init_fn is not None:
            init_fn(number)
    except Exception as error:
        broken = wire.Failure(error, where).packable()
    while (task := tasks.next()) is not None:
        which, place, indices, returned, lost = task
        segments.settle(returned, lost)
        reply: Any = broken
        if broken is None:
            try:
                if which != current:  # a new pass over the data: streams start again
                    fetch, current = recipe.fetcher(), which
                reply = fetch(indices)  # type: ignore[misc]
            except Exception as error:
                ended = stream and isinstance(error, StopIteration)
                reply = STREAM_ENDED if ended else wire.Failure(error, where).packable()
        try:
            parcel = wire.pack((which, place), reply, segments)
        except Exception as error:  # a batch that cannot be pickled
            parcel = wire.pack((which, place), wire.Failure(error, where).packable())
        replies.put(parcel)
        del reply, parcel  # a batch is not kept until the next one is made


def _seed(base_seed: int, number: int) -> None:
    """Seed all three generators: each worker differently, each differently in every pass, yet repeatably."""
    default_generator.stream.renew()
    random.seed(base_seed + number)
    manual_seed(base_seed + number)
    entropy = [number, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    np.random.seed(np.random.SeedSequence(entropy).generate_state(4))


def _write(connection: Any, replies: queue.SimpleQueue) -> None:
    while True:
        try:
            wire.send(connection, replies.get())
        except ConnectionError:
            return  # nobody reads any more
        except Exception:
            _give_up()


def _give_up() -> None:
    """End a worker that can no longer talk to its loader, which then reports it."""
    traceback.print_exc()
    os._exit(1)
