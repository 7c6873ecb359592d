"""What the profiler records of a program: names, shapes, work, hierarchy, as PyTorch's profiler sees the same one."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import FunctionType, SimpleNamespace
from typing import Any

import glasstorch
import pytest
from glasstorch.core.op import REGISTRY
from glasstorch.profiler import arguments, attach, names, recorder
from support.profiling import check_nesting, profiled, top_level, torch

pytestmark = [pytest.mark.cpu, pytest.mark.skipif(torch is None, reason="PyTorch is not installed")]


def single_calls(E: Any) -> Any:
    """Operations that are one event at the top for both."""
    F = E.nn.functional
    a, b, s = E.ones(3, 4), E.ones(3, 4), E.tensor(2.0)
    image, batch, index = E.ones(2, 4, 5, 5), E.ones(2, 3, 4), E.tensor([1, 2])
    linear, norm, conv = E.nn.Linear(4, 5), E.nn.LayerNorm(4), E.nn.Conv2d(4, 6, 3, stride=2, groups=2)
    table, targets = E.nn.Embedding(5, 4), E.tensor([0, 1, 2])

    def run() -> None:
        a * 2, 2 * a, a * s, s * a, a + a, a - 1, 1 - a, a / 2, a**2, -a
        (
            b.add_(1),
            b.mul_(a),
            b.div_(2),
            b.zero_(),
            b.fill_(1),
            b.copy_(a),
            b.exp_(),
            b.uniform_(),
            b.normal_(),
        )
        E.bmm(batch, E.ones(2, 4, 5)), E.addmm(E.ones(5), a, E.ones(4, 5)), a @ E.ones(4), a @ E.ones(4, 5)
        (
            batch @ E.ones(4, 5),
            a.mm(E.ones(4, 2)),
            E.dot(a[0], a[1]),
            E.outer(a[0], a[1]),
            a.sum(),
            a.sum(0),
            a.mean(),
        )
        conv(image), F.conv1d(E.ones(2, 4, 5), E.ones(6, 4, 3)), F.conv_transpose2d(image, E.ones(4, 2, 3, 3))
        linear(a), linear(batch), norm(a), table(index), F.gelu(a), F.relu(a), F.relu_(b), F.softmax(a, 1)
        (
            F.log_softmax(a, -1),
            F.dropout(a, 0.5),
            F.cross_entropy(a, targets),
            F.avg_pool2d(image, 2),
            F.silu(a),
        )
        F.pad(a, (1, 1)), F.leaky_relu(a), F.batch_norm(image, E.zeros(4), E.ones(4)), F.group_norm(image, 2)
        (
            E.stack([a, a]),
            E.cat([a, a]),
            a.t(),
            a[0],
            a[index],
            a[a > 0],
            a[:, 1:],
            a.max(),
            a.max(1),
            a.argmax(1),
        )
        (
            a.clone(),
            a.detach(),
            a.var(),
            E.where(a > 0, a, a),
            E.arange(3),
            E.zeros(3),
            E.randn(3),
            a.to(E.float64),
        )
        (
            a.double(),
            a.transpose(0, 1),
            a.unsqueeze(0),
            a.expand(3, 4),
            a.flatten(),
            a.chunk(2),
            a.sort(),
            a.topk(2),
        )
        (
            a.cumsum(0),
            a.norm(),
            a == 1,
            a > 1,
            s.item(),
            float(s),
            a.gather(1, E.zeros(3, 1, dtype=E.long)),
            a.abs(),
        )
        (
            a.masked_fill(a > 0, 0.0),
            E.zeros_like(a),
            E.full((2,), 1.0),
            E.eye(2),
            a.std(),
            a.any(),
            a.all(),
            E.rand(2),
        )

    return run


def test_calls_have_pytorchs_names_shapes_and_work() -> None:
    ours, theirs = (
        [(e.name, e.input_shapes, e.flops) for e in top_level(profiled(E, single_calls, with_flops=True))]
        for E in (glasstorch, torch)
    )
    assert len(ours) > 100
    assert ours == theirs


def training(E: Any) -> Any:
    """Two batches of a small convolutional network with everything that a training loop has."""
    nn = E.nn
    model = nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(36, 10), nn.Tanh(), nn.Linear(10, 10)),
    )
    data = E.utils.data.TensorDataset(E.randn(8, 1, 8, 8), E.randint(0, 10, (8,)))
    optimizer = E.optim.SGD(model.parameters(), lr=0.1)

    def run() -> None:
        for x, y in E.utils.data.DataLoader(data, batch_size=4):
            with E.profiler.record_function("forward"):
                loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


_NAMES = """
    aten::conv2d aten::batch_norm aten::relu aten::max_pool2d aten::flatten aten::linear aten::tanh aten::addmm aten::mm
    aten::cross_entropy_loss forward Optimizer.step#SGD.step Optimizer.zero_grad#SGD.zero_grad
    enumerate(DataLoader)#_SingleProcessDataLoaderIter.__next__ ConvolutionBackward0 NativeBatchNormBackward0
    ReluBackward0 MaxPool2DWithIndicesBackward0 TanhBackward0 AddmmBackward0 NllLossBackward0
    torch::autograd::AccumulateGrad
"""
SAME_COUNTS = [*_NAMES.split(), "autograd::engine::evaluate_function: AddmmBackward0",
               "autograd::engine::evaluate_function: torch::autograd::AccumulateGrad"]  # fmt: skip


def test_a_training_loop_has_the_same_main_events() -> None:
    ours, theirs = (
        Counter(
            (e.name, str(e.input_shapes), e.scope, e.is_user_annotation)
            for e in profiled(E, training, record_shapes=True).events()
        )
        for E in (glasstorch, torch)
    )
    for name in SAME_COUNTS:
        mine = {k: n for k, n in ours.items() if k[0] == name}
        assert mine, name
        assert mine == {k: n for k, n in theirs.items() if k[0] == name}


def test_events_nest_and_backward_knows_its_forward() -> None:
    prof = profiled(glasstorch, training)
    check_nesting(prof)
    events = prof.events()
    starts = [e.time_range.start for e in events]
    assert starts == sorted(starts)
    by_name = {name: [e for e in events if e.name == name] for name in {e.name for e in events}}
    for forward in by_name["aten::addmm"]:
        assert forward.cpu_parent.name == "aten::linear"
    numbers = [e.sequence_nr for e in by_name["aten::addmm"]]
    for backward in by_name["AddmmBackward0"]:
        assert backward.cpu_parent.name == "autograd::engine::evaluate_function: AddmmBackward0"
        assert backward.sequence_nr in numbers
        assert backward.fwd_thread == backward.thread == 1
        assert {"aten::mm", "aten::sum"} <= {child.name for child in backward.cpu_children}


def test_a_range_lasts_as_long_as_a_clock_around_it_says() -> None:
    """What the clock reads just inside and just outside a range encloses its length, whatever the machine does."""
    with glasstorch.profiler.profile() as prof:
        before = time.perf_counter_ns()
        with glasstorch.profiler.record_function("all"):
            inside = time.perf_counter_ns()
            x = glasstorch.full((50, 50), 0.02)
            for _ in range(20):
                x = x @ x
            end_inside = time.perf_counter_ns()
        after = time.perf_counter_ns()
    root = prof.events()[0]
    assert root.name == "all"
    assert (end_inside - inside) / 1000 <= root.cpu_time_total + 1e-3 <= (after - before) / 1000 + 2e-3
    averages = {a.key: a for a in prof.key_averages()}
    assert averages["aten::mm"].count == 20
    assert sum(a.self_cpu_time_total for a in averages.values()) == pytest.approx(root.cpu_time_total)
    assert prof.events().self_cpu_time_total == pytest.approx(root.cpu_time_total)


NETWORKS = {
    "perceptron": ((256, 1024), lambda nn: nn.Sequential(nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10))),
    "convolutions": ((8, 64, 16, 16), lambda nn: nn.Sequential(nn.Conv2d(64, 128, 3), nn.ReLU(), nn.MaxPool2d(2),
                                                               nn.Flatten(), nn.Linear(128 * 7 * 7, 10))),
    "LSTM": ((10, 128, 256), lambda nn: nn.LSTM(256, 256)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_events_account_for_the_time_of_a_training(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but a tenth of it, where operations have something to do. The clock is the thread's own time on a processor,
    on both sides, so that others on the machine take no part."""
    clock = SimpleNamespace(perf_counter_ns=time.thread_time_ns, time_ns=time.time_ns)
    monkeypatch.setattr(recorder, "time", clock)
    shape, make = NETWORKS[name]
    x, model = glasstorch.ones(shape), make(glasstorch.nn)
    optimizer = glasstorch.optim.SGD(model.parameters(), lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        out = model(x)
        (out[0] if isinstance(out, tuple) else out).square().mean().backward()
        optimizer.step()

    step()
    best = 0.0
    for _ in range(6):
        with glasstorch.profiler.profile() as prof:
            start = time.thread_time_ns()
            step()
            taken = (time.thread_time_ns() - start) / 1000
        total = prof.events().self_cpu_time_total
        assert total == pytest.approx(sum(e.cpu_time_total for e in top_level(prof)))
        assert total <= taken
        best = max(best, total / taken)
        if best > 0.9:
            return
    raise AssertionError(f"at most {best:.0%} of the time is in events")


def test_every_event_name_exists_in_pytorch_or_says_that_it_does_not() -> None:
    known = {
        full.split("::")[1].split(".")[0]
        for full in torch._C._dispatch_get_all_op_names()
        if full.startswith("aten::")
    }
    wrong = [n for n in REGISTRY if n not in names.OWN and n not in ("linear", "conv", "conv_transposed")
             and names.operator(n).removeprefix("aten::") not in known]  # fmt: skip
    assert wrong == []
    assert all(names.operator(n) == f"glasstorch::{n}" for n in names.OWN)
    assert set(names.OPERATORS) | names.OWN <= set(REGISTRY)
    told: dict[str, str | None] = {}
    for module in [m for n, m in sys.modules.items() if n.split(".")[0] == "glasstorch"]:
        for f in list(vars(module).values()):
            if isinstance(f, FunctionType) and "<glasstorch function" in f.__code__.co_filename:
                told[f"{f.__module__}.{f.__name__}"] = names.of_function(f)
    assert told["glasstorch.core.backward.grad"] is None
    methods = {name: attach._method_event(name, f) for name, f in vars(glasstorch.Tensor).items()}
    assert len(told) > 300
    assert sum(event is not None for event in methods.values()) > 300
    assert [n for n, e in (told | methods).items() if e and e.removeprefix("aten::") not in known] == []
    assert {n.removeprefix("aten::") for n in arguments.COUNTS} <= known


def test_flops_are_pytorchs() -> None:
    def program(E: Any) -> Any:
        x, w = E.ones(2, 4, 9, 8), E.ones(6, 2, 3, 2)

        def run() -> None:
            E.nn.functional.conv2d(x, w, stride=(2, 1), padding=1, dilation=(1, 2), groups=2)
            E.nn.functional.linear(E.ones(2, 5, 3), E.ones(7, 3), E.ones(7))
            (
                E.baddbmm(E.ones(3, 2, 5), E.ones(3, 2, 4), E.ones(3, 4, 5)),
                E.ones(3) * E.ones(2, 1),
                E.tensor(1.0) + E.ones(3),
            )

        return run

    ours, theirs = (
        {a.key: a.flops for a in profiled(E, program, with_flops=True).key_averages() if a.flops}
        for E in (glasstorch, torch)
    )
    assert ours == theirs
    assert set(ours) == {
        "aten::conv2d",
        "aten::addmm",
        "aten::baddbmm",
        "aten::mul",
        "aten::add",
    }


def test_refused_calls_do_not_spoil_the_record() -> None:
    F, ones = glasstorch.nn.functional, glasstorch.ones
    refused = [
        lambda: F.conv2d(ones(1, 2, 3, 3), ones(2, 2, 3, 3), stride="wide"),
        lambda: F.conv2d(ones(1, 2, 3, 3), 3),
        lambda: F.conv2d(ones(1, 2, 3, 3), ones(2, 2, 3, 3), stride=0),
        lambda: F.linear(ones(2), None),
        lambda: glasstorch.addmm(ones(2), ones(2), ones(2)),
        lambda: glasstorch.add("a", "b"),
        lambda: F.embedding([1], ones(2, 2)),
        lambda: glasstorch.cat(3),
    ]
    with glasstorch.profiler.profile(record_shapes=True, with_flops=True, profile_memory=True) as prof:
        for call in refused:
            with pytest.raises((TypeError, RuntimeError, ValueError, AttributeError)):
                call()
        ones(2, 2) @ ones(2, 2)
    check_nesting(prof)
    assert {a.key: a.flops for a in prof.key_averages()}["aten::mm"] == 16


def test_memory_is_what_tensors_take_and_give_back() -> None:
    with glasstorch.profiler.profile(profile_memory=True) as prof:
        x = glasstorch.zeros(1000)  # 4000 bytes
        y = x + 1
        view = y[10:20]
        z = y.double()
        del y
        z.add_(1)
        del z
        before = [e.cpu_memory_usage for e in prof.events()]
        del view, x
    assert before == []
    found = [(e.name, e.cpu_memory_usage) for e in prof.events() if e.cpu_parent is None]
    assert found == [
        ("aten::zeros", 4000), ("aten::add", 4000), ("aten::slice", 0), ("aten::to", 8000), ("aten::add_", 0),
        ("[memory]", -8000), ("[memory]", -4000), ("[memory]", -4000),
    ]  # fmt: skip
    with (
        glasstorch.profiler.profile(profile_memory=True) as prof,
        glasstorch.profiler.record_function("inside"),
    ):
        glasstorch.ones(10)
    inside = prof.events()[0]
    assert (inside.name, inside.cpu_memory_usage, inside.self_cpu_memory_usage) == ("inside", 0, -40)


def test_memory_of_a_backward_ends_up_in_gradients() -> None:
    model = glasstorch.nn.Linear(30, 20)
    x = glasstorch.ones(5, 30)
    with glasstorch.profiler.profile(profile_memory=True) as prof:
        model(x).sum().backward()
    total = sum(e.cpu_memory_usage for e in prof.events() if e.cpu_parent is None)
    assert total == sum(p.grad.numel() * 4 for p in model.parameters())


class Twice(glasstorch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2


def test_custom_functions_and_modules_have_their_names() -> None:
    model = glasstorch.nn.Sequential(glasstorch.nn.Linear(3, 3), glasstorch.nn.Linear(3, 2))
    with glasstorch.profiler.profile(with_modules=True) as prof:
        Twice.apply(model(glasstorch.ones(2, 3))).sum().backward()
        model(glasstorch.ones(2, 3))
    events = prof.events()
    modules = [(e.name, e.cpu_parent and e.cpu_parent.name) for e in events if e.is_python_function]
    one_call = [("nn.Module: Sequential_0", None), ("nn.Module: Linear_0", "nn.Module: Sequential_0"),
                ("nn.Module: Linear_1", "nn.Module: Sequential_0")]  # fmt: skip
    assert modules == one_call * 2
    inside = {e.name: [c.name for c in e.cpu_children] for e in events if e.name.startswith("Twice")}
    assert inside == {"Twice": ["aten::mul"], "TwiceBackward": ["aten::mul"]}


def test_stacks_are_the_users_lines() -> None:
    def step(x: Any) -> Any:
        return (x * 2).sum()

    x = glasstorch.ones(3, requires_grad=True)
    with glasstorch.profiler.profile(with_stack=True) as prof:
        step(x).backward()
    forward = next(e for e in prof.events() if e.name == "aten::mul")
    backward = next(e for e in prof.events() if e.name == "MulBackward0")
    line = step.__code__.co_firstlineno + 1
    assert forward.stack[0].endswith(f"test_profiler_events.py({line}): step")
    assert forward.stack[1].endswith("test_stacks_are_the_users_lines")
    assert backward.stack == forward.stack  # the lines that made it, not those that called backward()
    assert not any("glasstorch/" in entry for entry in forward.stack)
    by_place = prof.key_averages(group_by_stack_n=1)
    assert len({tuple(a.stack) for a in by_place if a.key in ("aten::mul", "aten::sum")}) == 1
