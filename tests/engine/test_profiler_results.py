"""Tables, averages, events and files of the profiler: their form is PyTorch's, their figures add up."""

from __future__ import annotations

import gzip
import json
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import glasstorch
import pytest
from glasstorch.autograd.profiler_util import FunctionEvent, FunctionEventAvg
from support import standin
from support.profiling import check_nesting, profiled, torch

pytestmark = [pytest.mark.cpu, pytest.mark.skipif(torch is None, reason="PyTorch is not installed")]


def two_products(E: Any) -> Any:
    x, y = E.ones(20, 30), E.ones(30, 10)

    def run() -> None:
        with E.profiler.record_function("a name that is longer than all the others in this program are"):
            E.mm(x, y), E.mm(x, y)
        E.mm(x[:5], y)

    return run


def layout(table: str) -> list[str]:
    """A table with every number and unit replaced: what is left is its form."""
    return [re.sub(r"[\d.]+(us|ms|s|%| B| KB)?", "#", line).replace(" ", "") for line in table.splitlines()]


@pytest.mark.parametrize(
    ("settings", "averages", "arguments"),
    [
        ({}, {}, {"row_limit": 2}),
        ({}, {}, {"header": "A title", "top_level_events_only": True, "time_unit": "ms"}),
        ({}, {}, {"max_name_column_width": 20}),
        ({}, {}, {"max_name_column_width": None, "time_unit": "s"}),
        ({"record_shapes": True}, {"group_by_input_shape": True}, {"max_shapes_column_width": 12}),
        ({"profile_memory": True}, {}, {"time_unit": "us"}),
        ({"with_flops": True}, {}, {}),
    ],
)  # fmt: skip
def test_tables_look_like_pytorchs(settings: dict, averages: dict, arguments: dict) -> None:
    def table(E: Any) -> list[str]:
        events = profiled(E, two_products, **settings).key_averages(**averages)
        kept = {"aten::mm", "aten::slice"}  # PyTorch has parts of these besides
        events[:] = [e for e in events if e.key in kept or e.key.startswith("a name")]
        return layout(events.table(**arguments))

    assert table(glasstorch) == table(torch)


def test_tables_sort_by_any_attribute_under_any_devices_name() -> None:
    averages = profiled(glasstorch, two_products, profile_memory=True).key_averages()
    for name in ("count", "cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "cuda_time_total"):
        rows = averages.table(sort_by=name).splitlines()[3:-2]
        wanted = sorted(averages, key=lambda e: -getattr(e, name.replace("cuda", "device")))
        assert [
            row.split("  ")[0] == "" or row.strip().startswith(e.key[:20]) for row, e in zip(rows, wanted)
        ]
        assert rows[0].strip().startswith(wanted[0].key[:20])
    with pytest.raises(AttributeError, match="'FunctionEventAvg' object has no attribute 'nonsense'"):
        averages.table(sort_by="nonsense")
    with glasstorch.profiler.profile() as empty:
        pass
    assert empty.key_averages().table() == ""
    assert empty.events() == []
    assert empty.events().total_average().key == "Total"


def test_averages_are_the_sums_of_their_events() -> None:
    prof = profiled(glasstorch, two_products, record_shapes=True)
    events = prof.events()
    by_shape = {(a.key, str(a.input_shapes)): a for a in prof.key_averages(group_by_input_shape=True)}
    assert by_shape["aten::mm", "[[20, 30], [30, 10]]"].count == 2
    assert by_shape["aten::mm", "[[5, 30], [30, 10]]"].count == 1
    mm = next(a for a in prof.key_averages() if a.key == "aten::mm")
    calls = [e for e in events if e.name == "aten::mm"]
    assert mm.count == 3
    assert mm.input_shapes == ""
    assert mm.cpu_time_total == pytest.approx(sum(e.cpu_time_total for e in calls))
    assert mm.cpu_time == pytest.approx(mm.cpu_time_total / 3)
    total = events.total_average()
    assert total.count == len(events)
    assert total.self_cpu_time_total == pytest.approx(events.self_cpu_time_total)
    with pytest.raises(AssertionError, match="Expected keys to match"):
        FunctionEventAvg().add(calls[0]).add(events[0])


def test_attributes_of_the_cuda_days_answer_as_in_pytorch() -> None:
    def asked(E: Any) -> list:
        prof = profiled(E, two_products)
        event, average = prof.events()[0], prof.key_averages()[0]
        out: list = []
        for thing, name in [(event, "cuda_time_total"), (event, "self_cuda_time_total"), (event, "cuda_time"),
                            (event, "self_cuda_memory_usage"), (event, "metadata_json"), (average, "cuda_time"),
                            (average, "cuda_time_total")]:  # fmt: skip
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    value = getattr(thing, name)
                except AttributeError as error:
                    value = str(error)
            out.append((name, value, [(w.category, str(w.message)) for w in caught]))
        return out

    assert asked(glasstorch) == asked(torch)


def test_events_have_pytorchs_attributes_and_survive_pickling() -> None:
    ours, theirs = (profiled(E, two_products, record_shapes=True) for E in (glasstorch, torch))
    left_out = {n for n in vars(theirs.events()[0]) if n.startswith(("flow_", "python_", "linked_"))}
    assert set(vars(theirs.events()[0])) - set(vars(ours.events()[0])) <= left_out
    assert set(vars(theirs.key_averages()[0])) <= set(vars(ours.key_averages()[0]))
    one, other = (next(e for e in p.events() if e.name == "aten::mm") for p in (ours, theirs))
    for name in ("input_shapes", "concrete_inputs", "input_dtypes", "structured_input_shapes",
                 "structured_input_strides", "count", "is_async", "is_remote", "node_id", "scope", "thread",
                 "activity_type"):  # fmt: skip
        assert getattr(one, name) == getattr(other, name), name
    back = pickle.loads(pickle.dumps(ours.events()))
    assert [(e.id, e.name, e.cpu_time_total, len(e.cpu_children)) for e in back] == [
        (e.id, e.name, e.cpu_time_total, len(e.cpu_children)) for e in ours.events()
    ]
    assert isinstance(back[0], FunctionEvent)
    assert back.table() == ours.events().table()


def whole_program() -> Any:
    model = glasstorch.nn.Sequential(glasstorch.nn.Linear(4, 3), glasstorch.nn.ReLU())
    with glasstorch.profiler.profile(
        record_shapes=True, profile_memory=True, with_stack=True, with_modules=True, with_flops=True
    ) as prof:
        prof.add_metadata("said", 'a "quoted" word')
        prof.add_metadata_json("numbers", "[1, 2]")
        with glasstorch.profiler.record_function("step", "what it is for"):
            model(glasstorch.ones(2, 4)).sum().backward()
    return prof


@pytest.mark.parametrize("name", ["trace.json", "trace.json.gz"])
def test_chrome_trace_is_complete_and_nests(tmp_path: Path, name: str) -> None:
    prof = whole_program()
    prof.preset_metadata_json("late", "3")
    path = tmp_path / name
    prof.export_chrome_trace(str(path))
    content = path.read_bytes()
    trace = json.loads(gzip.decompress(content) if name.endswith("gz") else content)
    assert trace["said"] == 'a "quoted" word'
    assert trace["numbers"] == [1, 2]
    assert trace["with_stack"] == trace["record_shapes"] == trace["profile_memory"] == 1
    entries = trace["traceEvents"]
    calls = [e for e in entries if e["ph"] == "X" and e["cat"] != "Trace"]
    assert {e["cat"] for e in calls} == {"cpu_op", "user_annotation", "python_function"}
    assert [e["name"] for e in calls] == [e.trace_name for e in prof.events() if e.name != "[memory]"]
    open_ends: list[int] = []  # in nanoseconds, so that rounding cannot hide an overlap
    for e in calls:
        start, end = round(e["ts"] * 1000), round((e["ts"] + e["dur"]) * 1000)
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], e
        open_ends.append(end)
    product = next(e for e in calls if e["name"] == "aten::addmm")
    assert product["args"]["Input Dims"] == [[3], [2, 4], [4, 3], [], []]
    assert product["args"]["Input type"][:3] == ["float"] * 3
    step = next(e for e in calls if e["name"] == "step")
    assert step["cat"] == "user_annotation"
    assert step["args"]["args"] == "what it is for"
    labels = {e["name"] for e in entries if e["ph"] == "M"}
    assert labels == {
        "process_name",
        "process_labels",
        "process_sort_index",
        "thread_name",
        "thread_sort_index",
    }
    arrows = [e["id"] for e in entries if e["ph"] == "s"]
    assert arrows
    assert arrows == [e["id"] for e in entries if e["ph"] == "f"]
    memory = [e["args"] for e in entries if e["name"] == "[memory]"]
    assert [m["Total Allocated"] for m in memory] == [
        sum(m["Bytes"] for m in memory[: k + 1]) for k in range(len(memory))
    ]


def test_trace_has_the_keys_and_kinds_of_pytorchs(tmp_path: Path) -> None:
    def kinds(E: Any) -> Any:
        path = tmp_path / "trace.json"
        profiled(E, two_products, record_shapes=True, profile_memory=True).export_chrome_trace(str(path))
        trace = json.loads(path.read_text())
        first = next(e for e in trace["traceEvents"] if e["name"] == "aten::mm")
        return set(trace), set(first), {e["ph"] for e in trace["traceEvents"]} - {"s", "f"}, first["args"]

    ours, theirs = kinds(glasstorch), kinds(torch)
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]
    assert ours[2] <= theirs[2]
    for key in ("Input Dims", "Input Strides", "Input type", "Concrete Inputs"):
        assert ours[3][key] == theirs[3][key], key


def test_stacks_file_is_what_flame_graphs_read(tmp_path: Path) -> None:
    prof = whole_program()
    path = tmp_path / "stacks.txt"
    prof.export_stacks(str(path), "self_cpu_time_total")
    lines = path.read_text().splitlines()
    assert lines
    for line in lines:
        frames, value = line.rsplit(" ", 1)
        assert int(value) > 0
        assert " " not in frames
        assert "test_profiler_results.py" in frames.split(";")[-1]
    with pytest.raises(ValueError, match="metric should be one of"):
        prof.export_stacks(str(path), "count")


def test_memory_timeline_follows_the_events(tmp_path: Path) -> None:
    prof = whole_program()
    path = tmp_path / "memory.json"
    with pytest.warns(FutureWarning, match="export_memory_timeline"):
        prof.export_memory_timeline(str(path), "cpu")
    times, sizes = json.loads(path.read_text())
    changes = sum(e["name"] == "[memory]" for e in _entries(prof, tmp_path))
    assert len(times) == len(sizes) == changes
    assert times == sorted(times)
    assert sizes[-1][-1] == sum(e.cpu_memory_usage for e in prof.events() if e.cpu_parent is None)
    with pytest.warns(FutureWarning), pytest.raises(ValueError, match=r"with_stack=True required"):
        profiled(glasstorch, two_products, record_shapes=True, profile_memory=True).export_memory_timeline(
            "x.json"
        )


def _entries(prof: Any, folder: Path) -> list[dict]:
    prof.export_chrome_trace(str(folder / "t.json"))
    return json.loads((folder / "t.json").read_text())["traceEvents"]


def test_gpu_times_come_from_marks_on_the_stream() -> None:
    """On the stand-in two marks are always a millisecond apart; what is added up and shown is PyTorch's fallback."""
    P = glasstorch.profiler.ProfilerActivity
    with standin.installed():
        assert P.CUDA in glasstorch.profiler.supported_activities()
        x = glasstorch.ones(8, 8, device="cuda")
        with glasstorch.profiler.profile(activities=[P.CPU, P.CUDA], profile_memory=True) as prof:
            with glasstorch.profiler.record_function("outer"):
                y = x @ x
            y.sum()
        check_nesting(prof)
        mm = next(a for a in prof.key_averages() if a.key == "aten::mm")
        assert mm.device_time_total == mm.self_device_time_total == 1000.0
        outer = next(a for a in prof.key_averages() if a.key == "outer")
        assert (outer.device_time_total, outer.self_device_time_total) == (1000.0, 0.0)
        assert (outer.device_memory_usage, outer.cpu_memory_usage) == (256, 0)
        table = prof.key_averages().table(sort_by="cuda_time_total")
    assert re.search(r"Self CUDA +Self CUDA % +CUDA total +CUDA time avg +CPU Mem", table)
    assert "Self CUDA time total: 2.000ms" in table
