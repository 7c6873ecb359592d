"""Starting and stopping profilers: threads, errors; and that the engine is as before after it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import glasstorch
import pytest
from glasstorch.utils.bottleneck import __main__ as bottleneck
from support.profiling import check_nesting, engine_state, torch

pytestmark = [pytest.mark.cpu, pytest.mark.skipif(torch is None, reason="PyTorch is not installed")]


@pytest.fixture(autouse=True)
def _engine_is_as_before() -> Any:
    before = engine_state()
    yield
    assert engine_state() == before


def names(prof: Any) -> list[str]:
    return [e.name for e in prof.events()]


# ---------------------------------------------------------------------- start and stop
def test_an_error_inside_stops_the_profiler_and_keeps_what_was_seen() -> None:
    def failing(prof: Any) -> None:
        with prof, glasstorch.profiler.record_function("block"):
            glasstorch.ones(2, 3) @ glasstorch.ones(2, 3)

    prof = glasstorch.profiler.profile()
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        failing(prof)
    assert names(prof) == ["block", "aten::ones", "aten::ones", "aten::matmul", "aten::mm"]
    check_nesting(prof)


def test_results_are_empty_until_the_end_and_then_whole() -> None:
    with glasstorch.profiler.profile() as prof:
        glasstorch.ones(2)
        assert len(prof.key_averages()) == 0 == len(prof.events())
        with pytest.raises(RuntimeError, match="no finished recording"):
            prof.export_chrome_trace("nowhere.json")
    assert names(prof) == ["aten::ones"]


def test_ranges_left_open_or_closed_in_the_wrong_order_still_nest() -> None:
    outer, inner = glasstorch.profiler.record_function("outer"), glasstorch.profiler.record_function("inner")
    with glasstorch.profiler.profile() as prof:
        outer.__enter__()
        inner.__enter__()
        outer.__exit__(None, None, None)
        glasstorch.ones(2)
        inner.__exit__(None, None, None)
        glasstorch.profiler.record_function("left open").__enter__()
        glasstorch.zeros(2)
    check_nesting(prof)
    assert [(e.name, e.cpu_parent and e.cpu_parent.name) for e in prof.events()] == [
        ("outer", None), ("inner", "outer"), ("aten::ones", None), ("left open", None), ("aten::zeros", "left open"),
    ]  # fmt: skip


def test_a_range_that_ends_in_another_thread_is_part_of_nothing() -> None:
    wandering = glasstorch.profiler.record_function("wandering")
    with (
        glasstorch.profiler.profile(profile_memory=True) as prof,
        glasstorch.profiler.record_function("outer"),
    ):
        wandering.__enter__()
        kept = glasstorch.ones(2)
        thread = threading.Thread(target=wandering.__exit__, args=(None, None, None))
        thread.start()
        thread.join()
        glasstorch.zeros(2)
    check_nesting(prof)
    found = {
        e.name: (e.is_async, e.self_cpu_time_total > 0, e.cpu_parent and e.cpu_parent.name)
        for e in prof.events()
    }
    assert found["wandering"] == (True, False, None)
    assert found["aten::ones"] == found["aten::zeros"] == (False, True, "outer")
    assert prof.events()[0].cpu_memory_usage == kept.numel() * 4


def test_record_function_decorates_also_what_calls_itself() -> None:
    @glasstorch.profiler.record_function("down")
    def down(n: int) -> int:
        return 0 if n == 0 else 1 + down(n - 1) + 0 * int(glasstorch.ones(1).sum())

    assert down(3) == 3  # without a profiler nothing happens
    with glasstorch.profiler.profile() as prof:
        assert down(3) == 3
    check_nesting(prof)
    assert names(prof).count("down") == 4


def test_only_the_starting_thread_is_recorded_unless_all_are_asked_for() -> None:
    def seen(**settings: Any) -> set[tuple[str, bool]]:
        with glasstorch.profiler.profile(**settings) as prof:
            glasstorch.ones(2)
            thread = threading.Thread(target=lambda: glasstorch.zeros(2).sum())
            thread.start()
            thread.join()
        check_nesting(prof)
        main = prof.events()[0].thread
        return {(e.name, e.thread == main) for e in prof.events()}

    assert seen() == {("aten::ones", True)}
    config = glasstorch.profiler._ExperimentalConfig(profile_all_threads=True)
    assert seen(experimental_config=config) == {
        ("aten::ones", True),
        ("aten::zeros", False),
        ("aten::sum", False),
    }


def test_two_threads_profile_at_once() -> None:
    found: dict[int, list[str]] = {}
    together = threading.Barrier(2)

    def work(k: int) -> None:
        with glasstorch.profiler.profile() as prof:
            together.wait()
            for _ in range(20):
                (glasstorch.ones, glasstorch.zeros)[k](2)
            together.wait()
        found[k] = names(prof)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == {0: ["aten::ones"] * 20, 1: ["aten::zeros"] * 20}


def test_a_second_profiler_pauses_the_first() -> None:
    with glasstorch.profiler.profile() as first:
        glasstorch.ones(2)
        second = glasstorch.profiler.profile()
        with pytest.warns(UserWarning, match="running in this thread already"):
            second.start()
        glasstorch.zeros(2)
        second.stop()
        glasstorch.eye(2)
    assert names(second) == ["aten::zeros"]
    assert names(first) == ["aten::ones", "aten::eye"]


def test_stopping_and_starting_again_by_hand() -> None:
    prof = glasstorch.profiler.profile()
    prof.start()
    glasstorch.ones(2)
    prof.toggle_collection_dynamic(False, [glasstorch.profiler.ProfilerActivity.CPU])
    glasstorch.zeros(2)
    prof.toggle_collection_dynamic(True, [glasstorch.profiler.ProfilerActivity.CPU])
    glasstorch.eye(2)
    prof.stop()
    prof.stop()
    assert names(prof) == ["aten::ones", "aten::eye"]
    old = glasstorch.autograd.profiler.profile()
    with old:
        pass
    with pytest.raises(RuntimeError, match="Profiler context manager is not reentrant"):
        old.__enter__()


def test_a_profiler_that_was_dropped_records_no_more() -> None:
    prof = glasstorch.profiler.profile()
    prof.start()
    recorder = prof.profiler.recorder
    glasstorch.ones(2)
    assert [r.name for r in recorder.ranges] == ["aten::ones"]
    del prof
    gc.collect()
    assert not recorder.on
    glasstorch.ones(2)
    assert len(recorder.ranges) == 1


# ---------------------------------------------------------------------- nothing else changes
def everything() -> list:
    """Numbers from many corners of the engine: modes, transforms, hooks, subclasses, second derivatives."""
    E = glasstorch
    E.manual_seed(0)
    x = E.randn(4, 3, requires_grad=True)
    model = E.nn.Sequential(E.nn.Linear(3, 5), E.nn.Tanh(), E.nn.Dropout(0.5), E.nn.Linear(5, 2))
    out: list = []
    handle = x.register_hook(lambda g: g * 2)
    loss = E.utils.checkpoint.checkpoint(model, x, use_reentrant=False).square().mean()
    (gradient,) = E.autograd.grad(loss, x, create_graph=True)
    gradient.sum().backward()
    handle.remove()
    out += [loss, gradient, x.grad]
    out.append(E.vmap(lambda row: row.softmax(0) * E.ones(3))(x.detach()))
    out.append(E.vmap(lambda row: model[0](row).tanh(), randomness="same")(x.detach()))
    out.append(E.func.jacrev(lambda row: (row**2).sum())(x.detach()[0]))
    with pytest.raises(RuntimeError, match="dynamic shape"):
        E.vmap(lambda row: row[row > 0])(x.detach())
    shared = E.tensor(2.0, dtype=E.float64, requires_grad=True)
    out += E.autograd.grad(shared * shared + shared.exp(), shared, create_graph=True)
    out += E.autograd.grad(out[-1], shared)
    with E.autocast("cpu", dtype=E.bfloat16):
        out.append(model(x).float())
    with E.inference_mode():
        out.append(x.mul(2).add_(1))
    values, places = x.sort(dim=0)
    values.sum().backward()
    base = E.zeros(3, 3)
    base[0] = 1
    base.t().mul_(2)
    return [*out, x.grad, places, base, E.stack(list(x.unbind(0))), E.rand(3)]


def test_results_are_the_same_under_a_profiler() -> None:
    plain = everything()
    with glasstorch.profiler.profile(
        record_shapes=True, profile_memory=True, with_stack=True, with_flops=True
    ) as prof:
        watched = everything()
    check_nesting(prof)
    for a, b in zip(plain, watched, strict=True):
        assert glasstorch.equal(a, b)
        assert (a.dtype, a.requires_grad) == (b.dtype, b.requires_grad)


class Tagged(glasstorch.Tensor):
    seen: list[str] = []  # noqa: RUF012

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        cls.seen.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})


class Counting(glasstorch.overrides.TorchFunctionMode):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        self.seen.append(func.__name__)
        return func(*args, **(kwargs or {}))


def test_subclasses_and_function_modes_are_asked_the_same() -> None:
    def asked() -> tuple[list[str], list[str]]:
        Tagged.seen.clear()
        with Counting() as mode:
            t = glasstorch.ones(2).as_subclass(Tagged)
            glasstorch.nn.functional.relu(t + 1).reshape(1, 2)
        (t * 2).flatten().softmax(0)
        return list(Tagged.seen), mode.seen

    plain = asked()
    with glasstorch.profiler.profile() as prof:
        watched = asked()
    assert watched == plain
    assert {"aten::add", "aten::relu", "aten::mul"} <= set(names(prof))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_loader_workers_run_without_the_profiler() -> None:
    data = glasstorch.utils.data.TensorDataset(glasstorch.arange(8.0))
    loader = glasstorch.utils.data.DataLoader(
        data, batch_size=4, num_workers=1, multiprocessing_context="fork"
    )
    with glasstorch.profiler.profile() as prof:
        batches = [b[0].tolist() for b in loader]
    assert batches == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert names(prof).count("enumerate(DataLoader)#_MultiProcessingDataLoaderIter.__next__") == 3


def test_bottleneck_runs_a_script_twice_and_reports(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text("import sys, torch\nprint('given', sys.argv[1:])\ntorch.ones(3).sum()\n")
    command = [sys.executable, "-m", "glasstorch.utils.bottleneck"]
    done = subprocess.run([*command, str(script), "--lr", "1"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("given ['--lr', '1']") == 2
    for part in (
        "Environment Summary",
        "cProfile output",
        "autograd profiler output (CPU mode)",
        "aten::sum",
    ):
        assert part in done.stdout
    script.write_text("raise ValueError('of the script')\n")
    failed = subprocess.run([*command, str(script)], capture_output=True, text=True, timeout=120)
    assert failed.returncode == 1
    assert "ValueError: of the script" in failed.stderr
    assert "__main__.py" not in failed.stderr  # only the script's own lines


def test_bottleneck_asks_for_a_script(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert bottleneck.main([str(tmp_path / "none.py")]) == 2
    assert "is no file" in capsys.readouterr().err


def test_trace_only_keeps_the_file_and_refuses_events(tmp_path: Path) -> None:
    config = glasstorch.profiler._ExperimentalConfig(trace_only=True)
    with glasstorch.profiler.profile(experimental_config=config) as prof:
        glasstorch.ones(2)
    with pytest.raises(RuntimeError, match="trace_only=True"):
        prof.events()
    prof.export_chrome_trace(str(tmp_path / "t.json"))
    entries = json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    assert "aten::ones" in [e["name"] for e in entries]
