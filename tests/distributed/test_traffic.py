"""The record of what moves, as far as one process can show it, and the profiler's rows against PyTorch's."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import glasstorch
import pytest
from glasstorch import distributed as dist
from glasstorch import nn
from glasstorch.core.walk import Walk
from glasstorch.distributed import phases
from glasstorch.distributed.bytes_moved import least
from glasstorch.distributed.intervals import Intervals
from glasstorch.profiler import ProfilerActivity, profile


@pytest.fixture
def alone():
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("seed", range(5))
def test_intervals_against_counting(seed: int) -> None:
    glasstorch.manual_seed(seed)
    numbers = glasstorch.randint(0, 60, (2, 12, 2)).tolist()
    sets = [{k for a, b in pairs for k in range(a, b)} for pairs in numbers]
    first, second = (Intervals((a, b) for a, b in pairs) for pairs in numbers)
    assert first.length == len(sets[0])
    assert first.common(second) == second.common(first) == len(sets[0] & sets[1])
    for a, b in ((0, 60), (7, 7), (13, 41), (59, 70)):
        assert first.within(a, b) == len(sets[0] & set(range(a, b)))


def test_the_least_bytes() -> None:
    assert least("all_reduce", 4, 1000, 1000) == (1500, 1500)
    assert least("all_gather_into_tensor", 4, 1000, 1000) == (3000, 3000)
    assert least("reduce_scatter_tensor", 4, 1000, 250) == (750, 750)
    assert least("irecv", 2, 0, 40) == (0, 40)
    assert least("broadcast", 4, 40, 40) == (None, None)


def test_a_recording_holds_no_tensors_and_has_an_end(alone) -> None:
    t = glasstorch.ones(100)
    memory = weakref.ref(t._a)
    with dist.traffic.record(limit=3) as recording:
        for _ in range(5):
            dist.all_reduce(t)
        outside = dist.all_reduce(t, async_op=True)
    dist.barrier()  # after the block: not noted
    outside.wait()
    assert len(recording) == 3
    assert recording.dropped == 3
    assert recording.summary()["calls"] == 6
    assert "3 more calls" in recording.table()
    assert all(e.done and not e.failed and e._work is None for e in recording)
    del t, outside
    gc.collect()
    assert memory() is None


def test_what_counts_as_hidden(alone) -> None:
    """Two on their way at the same time: standing for one is standing while the other goes on."""
    backend = dist.group.WORLD.transport("cpu")
    spans, waits = [(1.0, 5.0), (3.0, 7.0)], [[(4.5, 5.0)], [(5.0, 7.5)]]
    with dist.traffic.record() as recording:
        for (start, end), stood in zip(spans, waits, strict=True):
            work = dist.Work()
            work.waits += stood
            dist.traffic.note("all_reduce", work, backend, dist.group.WORLD, glasstorch.ones(2), 8, True)
            work._finish()
            recording[-1]._start, recording[-1]._end = start, end
    assert [e.seconds for e in recording] == [4, 4]
    assert [e.waited for e in recording] == [0.5, 2.5]
    assert [e.exposed for e in recording] == [0.5, 2.5]
    assert [e.overlap for e in recording] == [7 / 8, 3 / 8]
    total = recording.summary()
    assert (total["communicating"], total["exposed"], total["overlap"]) == (6, 2.5, 1 - 2.5 / 6)
    recording[0]._waits.append((1.0, 2.0))  # another thread's
    assert recording[0].exposed == 1.5


def test_waiting_for_a_future_and_in_vain_is_waiting(alone) -> None:
    with dist.traffic.record() as recording:
        work = dist.all_reduce(glasstorch.ones(3), async_op=True)
        doubled = work.get_future().then(lambda future: future.value()[0] * 2)
        assert doubled.wait().tolist() == [2, 2, 2]
        never = dist.Work()
        dist.traffic.note("recv", never, dist.group.WORLD.transport("cpu"), dist.group.WORLD, None, 0, False)
        with pytest.raises(RuntimeError, match="timed out"):
            never.wait(timedelta(milliseconds=20))
    assert recording[0].waited > 0
    assert recording[1].waited >= 0.02
    assert not recording[1].done
    assert recording.to_dict()["events"][1]["seconds"] == 0
    never._finish(ValueError("gone"))
    assert recording[1].failed
    with pytest.raises(ValueError, match="gone"):
        never.get_future().wait()


def test_phases_are_the_outermost_and_end_with_the_block(alone) -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    optimizer = glasstorch.optim.SGD(model.parameters(), lr=0.1)
    with dist.traffic.record() as outer:
        with dist.traffic.record() as recording:
            model(glasstorch.ones(4, 2)).sum().backward()
            optimizer.step()
        with pytest.raises(RuntimeError):
            model(glasstorch.ones(4, 7))
        model(glasstorch.ones(1, 2))
    assert [name for name, _, _ in recording.phases] == ["forward", "backward", "step"]
    assert [name for name, _, _ in outer.phases] == ["forward", "backward", "step", "forward", "forward"]
    ends = [(start, start + seconds) for _, start, seconds in outer.phases]
    assert ends == sorted(ends)
    assert recording.summary()["backward"] == recording.phases[1][2]
    assert Walk.run is phases._run
    assert not phases._handles


def test_threads_may_record_at_the_same_time(alone) -> None:
    found = []

    def work() -> None:
        for _ in range(20):
            with dist.traffic.record() as recording:
                dist.all_reduce(glasstorch.ones(3))
            found.append([e.name for e in recording])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(names and set(names) == {"all_reduce"} for names in found)
    assert dist.traffic._recordings == ()


def test_saved_and_loaded(alone, tmp_path: Path) -> None:
    with dist.traffic.record() as recording:
        dist.all_reduce(glasstorch.ones(10))
    dist.traffic.save(tmp_path / "traffic.json", recording)
    (again,) = dist.traffic.load(tmp_path / "traffic.json")
    assert again == json.loads(json.dumps(recording.to_dict()))
    assert again["events"][0]["nbytes"] == 40
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match=r"traffic\.save"):
        dist.traffic.load(tmp_path / "other.json")


def test_a_recording_needs_no_job() -> None:
    with dist.traffic.record() as recording:
        nn.Linear(2, 2)(glasstorch.ones(1, 2))
    assert dist.traffic.gather(recording)[0]["summary"]["overlap"] == 0
    assert "Rank 0 of 1" in recording.table()


# ---------------------------------------------------------------------- the profiler
def profiled(torch: ModuleType, path: Path) -> tuple[list, dict, dict]:
    """Names and kinds of the events, the rows of the table, and the trace."""
    d = torch.distributed
    d.init_process_group("gloo", store=d.HashStore(), rank=0, world_size=1)
    t, out = torch.ones(10), [torch.empty(10)]
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], record_shapes=True) as p:
        d.all_reduce(t)
        d.broadcast(t, 0, async_op=True).wait()
        d.reduce(t, 0)
        d.all_gather(out, t)
        d.gather(t, out)
        d.scatter(t, out)
        d.barrier()
    p.export_chrome_trace(str(path))
    d.destroy_process_group()
    ours = [e for e in p.events() if e.name.startswith(("c10d", "gloo"))]
    events = sorted(
        (e.name, e.is_async, e.is_user_annotation, e.scope, e.self_cpu_time_total > 0) for e in ours
    )
    shapes = {e.name: e.input_shapes for e in ours if e.name.startswith("gloo") and e.name != "gloo:scatter"}
    return events, shapes, json.loads(path.read_text())


def test_names_and_kinds_of_a_profile_are_those_of_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = profiled(glasstorch, tmp_path / "ours.json"), profiled(torch, tmp_path / "theirs.json")
    assert ours[:2] == theirs[:2]
    assert ours[2]["distributedInfo"] == theirs[2]["distributedInfo"]
    for trace in (ours[2], theirs[2]):  # the call and what it asked for are in different rows
        rows = {e["name"]: e["tid"] for e in trace["traceEvents"] if e.get("ph") == "X"}
        assert rows["c10d::allreduce_"] != rows["gloo:all_reduce"]


def test_a_trace_says_what_moved(alone, tmp_path: Path) -> None:
    with profile(activities=[ProfilerActivity.CPU]) as p:
        dist.all_reduce(glasstorch.ones(10, dtype=glasstorch.float64))
    p.export_chrome_trace(str(tmp_path / "trace.json"))
    trace = json.loads((tmp_path / "trace.json").read_text())
    (event,) = [e for e in trace["traceEvents"] if e["name"] == "gloo:all_reduce"]
    expected = {"Collective name": "all_reduce", "dtype": "float64", "In msg nelems": 10, "Group size": 1,
                "Process Group Ranks": [0], "Bytes": 80, "Bytes sent": 0, "Bytes received": 0}  # fmt: skip
    assert expected.items() <= event["args"].items()
    names = [e["args"]["name"] for e in trace["traceEvents"] if e.get("name") == "thread_name"]
    assert any("collectives of" in name for name in names)
    assert not dist.traffic._recordings
