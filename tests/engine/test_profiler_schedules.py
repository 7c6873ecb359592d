"""Schedules: when a profiler records, what it hands over, and which calls it refuses or warns of, as in PyTorch."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import glasstorch
import pytest
from support.profiling import engine_state, torch

pytestmark = [pytest.mark.cpu, pytest.mark.skipif(torch is None, reason="PyTorch is not installed")]


@pytest.fixture(autouse=True)
def _engine_is_as_before() -> Any:
    before = engine_state()
    yield
    assert engine_state() == before


@pytest.mark.parametrize(
    "arguments",
    [
        {"wait": 1, "warmup": 1, "active": 2},
        {"wait": 1, "warmup": 1, "active": 2, "repeat": 2, "skip_first": 1},
        {"wait": 0, "warmup": 1, "active": 1, "repeat": 1},
        {"wait": 3, "warmup": 1, "active": 2, "repeat": 2, "skip_first": 2, "skip_first_wait": 1},
        {"wait": 2, "warmup": 0, "active": 3, "skip_first": 4},
    ],
)
@pytest.mark.filterwarnings("ignore:Profiler won't be using warmup")
def test_schedules_answer_as_pytorchs(arguments: dict) -> None:
    ours, theirs = glasstorch.profiler.schedule(**arguments), torch.profiler.schedule(**arguments)
    assert [ours(k).name for k in range(40)] == [theirs(k).name for k in range(40)]


@pytest.mark.parametrize(
    "call",
    [
        lambda E: E.profiler.schedule(wait=-1, warmup=0, active=0),
        lambda E: E.profiler.schedule(wait=0, warmup=1, active=1)(-1),
        lambda E: E.profiler.profile(activities=[]),
        lambda E: E.profiler.profile(activities=["cpu"]),
        lambda E: E.profiler.profile(activities=[E.profiler.ProfilerActivity.CPU] * 2),
        lambda E: E.profiler.profile(activities=[E.profiler.ProfilerActivity.CUDA]).start(),
        lambda E: E.profiler.profile(schedule=lambda step: E.profiler.ProfilerAction.DEVICE_STOPPED),
        lambda E: E.profiler.profile(use_cuda=False),
        lambda E: E.profiler.schedule(wait=0, warmup=0, active=1),
        lambda E: E.profiler.profile().key_averages(),
        lambda E: E.profiler.profile().events(),
        lambda E: E.profiler.profile().stop(),
        lambda E: E.profiler.profile().export_chrome_trace("x"),
        lambda E: E.profiler.record_function(3).__enter__(),
        lambda E: E.autograd.profiler.profile(use_cuda=True),
        lambda E: E.autograd.profiler.profile(use_device="thing"),
        lambda E: E.autograd.profiler.profile(post_processing_timeout_s=-1),
        lambda E: E.autograd.profiler.profile(use_cpu=False),
        lambda E: E.autograd.profiler.profile().export_stacks("x"),
        lambda E: str(E.autograd.profiler.profile()),
        lambda E: E.profiler.profile(activities=[{E.profiler.ProfilerActivity.CPU: []}]) and None,
        lambda E: repr(E.autograd.profiler.profile(enabled=False).__enter__()),
    ],
)
def test_refusals_and_warnings_are_pytorchs(call: Any) -> None:
    def outcome(E: Any) -> tuple:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = call(E)
                value = value if isinstance(value, str) else None
            except Exception as error:
                value = (type(error).__name__, str(error).split("\n")[0])
        return value, [(w.category, str(w.message)) for w in caught]

    (ours, our_warnings), (theirs, their_warnings) = outcome(glasstorch), outcome(torch)
    assert our_warnings == their_warnings
    assert type(ours) is type(theirs)
    if isinstance(theirs, tuple):
        assert ours[0] == theirs[0]
        assert ours[1].startswith(theirs[1].split(":")[0])
    else:
        assert ours == theirs


def steps(E: Any, folder: Path, n: int, **arguments: Any) -> tuple:
    """What a profiler with a schedule hands over: events at each call of ``on_trace_ready``."""
    seen: list = []

    def ready(prof: Any) -> None:
        found = [
            (e.name, e.trace_name) for e in prof.events() if e.name.startswith(("ProfilerStep", "aten::mul"))
        ]
        seen.append((prof.step_num, found))
        E.profiler.tensorboard_trace_handler(str(folder), "worker")(prof)

    x = E.ones(2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with E.profiler.profile(on_trace_ready=ready, **arguments) as prof:
            for _ in range(n):
                x * x
                prof.step()
    told = [str(w.message) for w in caught if "Incorrect" in str(w.message)]
    return seen, prof.step_num, told, [p.name.split(".")[0] for p in folder.iterdir()]


@pytest.mark.parametrize("n", [1, 3, 4, 9])
def test_a_schedule_hands_over_the_same_rounds(tmp_path: Path, n: int) -> None:
    def outcome(E: Any) -> tuple:
        plan = E.profiler.schedule(wait=1, warmup=1, active=2, repeat=2)
        return steps(E, tmp_path / E.__name__ / str(n), n, schedule=plan) if (
            (tmp_path / E.__name__ / str(n)).mkdir(parents=True) is None) else ()  # fmt: skip

    assert outcome(glasstorch) == outcome(torch)


@pytest.mark.parametrize("actions", ["WN", "RN", "NSSN", "RRRR", "SNWS"])
def test_users_schedules_pass_through_the_same_states(tmp_path: Path, actions: str) -> None:
    def outcome(E: Any, folder: Path) -> tuple:
        A = E.profiler.ProfilerAction
        meaning = {"N": A.NONE, "W": A.WARMUP, "R": A.RECORD, "S": A.RECORD_AND_SAVE}
        folder.mkdir()
        plan = lambda step: meaning[actions[min(step, len(actions) - 1)]]  # noqa: E731
        return steps(E, folder, len(actions) - 1, schedule=plan)

    assert outcome(glasstorch, tmp_path / "ours") == outcome(torch, tmp_path / "theirs")


def test_trace_handler_writes_for_tensorboard(tmp_path: Path) -> None:
    handler = glasstorch.profiler.tensorboard_trace_handler(str(tmp_path / "a" / "b"), use_gzip=True)
    with glasstorch.profiler.profile(on_trace_ready=handler):
        glasstorch.ones(2)
    (file,) = (tmp_path / "a" / "b").iterdir()
    assert file.name.endswith(".pt.trace.json.gz")
    assert f"_{os.getpid()}." in file.name
    (tmp_path / "file").write_text("")
    blocked = glasstorch.profiler.tensorboard_trace_handler(str(tmp_path / "file" / "c"))
    with (
        pytest.raises(RuntimeError, match="Can't create directory"),
        glasstorch.profiler.profile(on_trace_ready=blocked),
    ):
        glasstorch.ones(2)


def test_accumulated_events_stay_over_rounds() -> None:
    plan = glasstorch.profiler.schedule(wait=0, warmup=1, active=1, repeat=2)
    with glasstorch.profiler.profile(schedule=plan, acc_events=True) as prof:
        for _ in range(4):
            glasstorch.ones(2)
            prof.step()
    assert [e.name for e in prof.events()].count("aten::ones") == 2
