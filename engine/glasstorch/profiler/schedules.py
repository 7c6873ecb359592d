"""When to record: schedules over steps, and what to do with a finished trace."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any

from ..core.frames import warn
from .kinds import ProfilerAction


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """For each step what a profiler shall do: skip ``skip_first`` steps, then go round and round.

    A round is ``wait`` steps of nothing, ``warmup`` steps whose results are thrown away, and ``active`` steps that are
    recorded, the last of them saved. ``repeat``: how many rounds (0: until the end). ``skip_first_wait``: the first
    round has no ``wait``. AssertionError for numbers below 0, or no active step.
    Source: https://pytorch.org/docs/stable/profiler.html#torch.profiler.schedule
    """
    if wait < 0 or warmup < 0 or active <= 0 or repeat < 0 or skip_first < 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), "
            f"active={active} (need > 0), repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
        )
    if warmup == 0:
        warn("Profiler won't be using warmup, this can skew profiler results")
    length = wait + warmup + active

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait:
            step += wait
        if repeat and step >= repeat * length:
            return ProfilerAction.NONE
        step %= length
        if step < wait:
            return ProfilerAction.NONE
        if step < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if step < length - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def always(step: int) -> ProfilerAction:
    """The schedule of a profiler that was given none."""
    return ProfilerAction.RECORD


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False, use_python_export: bool = False
) -> Callable[[Any], None]:
    """For ``on_trace_ready``: write each trace into a folder that TensorBoard's profile plugin reads.

    A file is called ``<worker>.<time in ns>.pt.trace.json`` (``.gz``); the worker is ``<host>_<process>`` unless named.
    RuntimeError when the folder cannot be made.
    """

    def handler(prof: Any) -> None:
        try:
            os.makedirs(dir_name, exist_ok=True)
        except OSError as error:
            raise RuntimeError(f"Can't create directory: {dir_name}") from error
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        name = f"{worker}.{time.time_ns()}.pt.trace.json{'.gz' if use_gzip else ''}"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return handler
