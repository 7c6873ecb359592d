"""One program under both profilers, and what to compare of the events."""

from __future__ import annotations

import warnings
from typing import Any

import glasstorch
from glasstorch.core.mode import STATE, THREAD
from support.differential import torch


def profiled(E: Any, program: Any, **settings: Any) -> Any:
    """The profiler, after ``program(E)`` ran under it on the engine ``E`` with a fixed seed."""
    E.manual_seed(0)
    prepared = program(E)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that results of an earlier round go
        with E.profiler.profile(activities=[E.profiler.ProfilerActivity.CPU], **settings) as prof:
            prepared()
    return prof


def engine_state() -> tuple:
    """What a profiler touches while it runs."""
    classes = (
        glasstorch.Tensor,
        glasstorch.nn.Module,
        glasstorch.optim.Optimizer,
        glasstorch.autograd.Function,
    )
    members = [
        (c, n, v) for c in classes for n, v in vars(c).items() if callable(v) or isinstance(v, classmethod)
    ]
    return STATE.special, STATE.overrides, THREAD.profiler, members


def tree(event: Any) -> Any:
    """An event as (name, children)."""
    return event.name, [tree(child) for child in event.cpu_children]


def top_level(prof: Any) -> list[Any]:
    """Events that ran inside no other."""
    return [e for e in prof.events() if e.cpu_parent is None and e.name != "[memory]"]


def check_nesting(prof: Any, tolerance: float = 1e-6) -> None:
    """Assert that children lie inside their parents, one after the other, and take no longer than these."""
    for event in prof.events():
        last = event.time_range.start
        for child in event.cpu_children:
            assert child.cpu_parent is event
            assert child.thread == event.thread
            assert last <= child.time_range.start + tolerance, (event, child)
            last = child.time_range.end
        assert last <= event.time_range.end + tolerance
        assert event.self_cpu_time_total >= -tolerance


__all__ = ["check_nesting", "engine_state", "profiled", "top_level", "torch", "tree"]
