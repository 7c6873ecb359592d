"""DistributedDataParallel in each of several processes, against one process with the whole batch. Run by checks.py."""

# ruff: noqa: PT018  (no pytest here: a line that fails is shown as it stands)
from __future__ import annotations

import copy

import glasstorch
from glasstorch import distributed as dist
from glasstorch import nn
from glasstorch.distributed.algorithms.ddp_comm_hooks import default_hooks
from glasstorch.nn import functional as F
from glasstorch.nn.parallel import DistributedDataParallel as DDP
from glasstorch.profiler import ProfilerActivity, profile
from support import ranks

N = R = 0  # how many processes, which one this is; set by checks.py
PER_RANK = 8


def network(seed: int = 0) -> nn.Module:
    glasstorch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 300), nn.Tanh(), nn.Linear(300, 900), nn.ReLU(), nn.Linear(900, 3))


def data(width: int = 6) -> tuple[glasstorch.Tensor, glasstorch.Tensor]:
    glasstorch.manual_seed(7)
    return glasstorch.randn(PER_RANK * N, width), glasstorch.randint(0, 3, (PER_RANK * N,))


def mine(t: glasstorch.Tensor) -> glasstorch.Tensor:
    return t[R * PER_RANK : (R + 1) * PER_RANK]


def trained(model: nn.Module, x: glasstorch.Tensor, y: glasstorch.Tensor, steps: int = 4) -> list:
    optimizer = glasstorch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return list(model.parameters())


def close(found: list, expected: list, tolerance: float = 1e-6) -> None:
    for a, b in zip(found, expected, strict=True):
        assert (a - b).abs().max().item() <= tolerance, (a - b).abs().max().item()


def alike_everywhere(tensors: list) -> None:
    """The same bits in all processes."""
    for t in tensors:
        everybody = [glasstorch.empty_like(t) for _ in range(N)]
        dist.all_gather(everybody, t.detach())
        assert all(glasstorch.equal(everybody[0], e) for e in everybody)


def test_same_parameters_as_one_process() -> None:
    x, y = data()
    expected = trained(network(), x, y)
    variants: list[dict] = [
        {}, {"gradient_as_bucket_view": True}, {"find_unused_parameters": True}, {"static_graph": True},
        {"bucket_cap_mb": 0.005},
    ]  # fmt: skip
    for settings in variants:
        model = DDP(network(), **settings)
        close(trained(model, mine(x), mine(y)), expected)
        alike_everywhere(list(model.parameters()))


def test_double_precision() -> None:
    x, y = data()
    expected = trained(network().double(), x.double(), y)
    close(trained(DDP(network().double()), mine(x).double(), mine(y)), expected, 1e-14)


def test_begins_with_the_values_of_rank_0() -> None:
    model = DDP(nn.Sequential(network(seed=R), nn.BatchNorm1d(3)))
    close(list(model.module[0].parameters()), list(network(seed=0).parameters()), 0.0)


def test_buckets_are_combined_while_backward_goes_on() -> None:
    """The all-reduce of the last layer is asked for before the first layer has its gradient."""
    model = DDP(network(), bucket_cap_mb=0.005)
    x, y = data()
    order: list[str] = []
    first = next(model.parameters())
    first.register_post_accumulate_grad_hook(lambda p: order.append("first layer"))
    combine = model.reducer._combine

    def noted(bucket: object) -> None:
        order.append("bucket")
        combine(bucket)

    model.reducer._combine = noted
    with dist.traffic.record() as events:
        F.cross_entropy(model(mine(x)), mine(y)).backward()
    assert len(model.reducer.buckets) > 2
    assert order.index("first layer") >= 2, order
    reduced = [e for e in events if e.name == "all_reduce"]
    assert len(reduced) == len(model.reducer.buckets) and all(e.asynchronous for e in reduced)
    assert sum(e.nbytes for e in reduced) == sum(p.numel() * 4 for p in model.parameters())
    assert [e.bucket for e in reduced] == list(range(len(reduced)))
    assert [n for e in reduced for n in e.parameters] == [n for n, _ in model.module.named_parameters()][::-1]
    assert [name for name, _, _ in events.phases] == ["forward", "backward"]
    _, began, took = events.phases[1]
    assert all(began <= e.called and e.start + e.seconds <= began + took for e in reduced)


def test_a_hook_s_collectives_belong_to_their_bucket() -> None:
    x, y = data()
    model = DDP(network(), bucket_cap_mb=0.005)
    model.register_comm_hook(None, default_hooks.fp16_compress_hook)
    with dist.traffic.record() as events:
        F.cross_entropy(model(mine(x)), mine(y)).backward()
    assert [e.bucket for e in events] == list(range(len(model.reducer.buckets)))
    assert {e.dtype for e in events} == {"float16"}
    assert events.summary()["exposed"] > 0


def test_a_profiler_sees_the_buckets_beside_the_program() -> None:
    x, y = data()
    model = DDP(network(), bucket_cap_mb=0.005)
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as p:
        F.cross_entropy(model(mine(x)), mine(y)).backward()
    rows = {row.key: row for row in p.key_averages()}
    n = len(model.reducer.buckets)
    assert rows["c10d::allreduce_"].count == rows[f"{dist.get_backend()}:all_reduce"].count == n
    beside = [e for e in p.events() if e.name == f"{dist.get_backend()}:all_reduce"]
    assert all(e.is_async and e.thread != 1 and e.cpu_time > 0 and e.self_cpu_time_total == 0 for e in beside)
    assert [e.input_shapes for e in beside] == [[[b.flat.numel()]] for b in model.reducer.buckets]
    assert rows["wait"].count >= n and rows["DistributedDataParallel.forward"].count == 1


def test_no_sync() -> None:
    x, y = data()
    plain = network()
    for part in (slice(0, 4), slice(4, 8)):
        for r in range(N):
            rows = slice(r * PER_RANK + part.start, r * PER_RANK + part.stop)
            (F.cross_entropy(plain(x[rows]), y[rows]) / N).backward()
    model = DDP(network())
    with model.no_sync():
        F.cross_entropy(model(mine(x)[:4]), mine(y)[:4]).backward()
    F.cross_entropy(model(mine(x)[4:]), mine(y)[4:]).backward()
    close([p.grad for p in model.parameters()], [p.grad for p in plain.parameters()])


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.never = nn.Linear(6, 3), nn.Linear(6, 3), nn.Linear(6, 3)

    def forward(self, x: glasstorch.Tensor, which: str) -> glasstorch.Tensor:
        return getattr(self, which)(x)


def test_unused_parameters() -> None:
    model = DDP(Branches(), find_unused_parameters=True)
    x, _ = data()
    for _ in range(2):
        model.zero_grad()
        model(mine(x), "left" if R == 0 else "right").sum().backward()
        assert model.module.never.weight.grad is None  # used by nobody
        half = [x[:PER_RANK].sum(0) / N, x[PER_RANK:].sum(0) / N]
        close([model.module.left.weight.grad[0], model.module.right.weight.grad[0]], half, 1e-5)
    lost = DDP(Branches())
    lost(mine(x), "left").sum().backward()
    ranks.raises(RuntimeError, "never.weight", lambda: lost(mine(x), "left"))


def test_buffers_follow_rank_0() -> None:
    model = DDP(nn.BatchNorm1d(6))
    x, _ = data()
    model(mine(x)).sum().backward()
    model.eval()
    model(mine(x))
    alike_everywhere(list(model.buffers()))
    expected = nn.BatchNorm1d(6)
    expected(x[:PER_RANK])
    close([model.module.running_mean], [expected.running_mean])


def test_sync_batch_norm() -> None:
    x, _ = data(12)
    x = x.reshape(-1, 3, 4)
    weights = glasstorch.arange(12.0).reshape(3, 4)
    plain = nn.BatchNorm1d(3).double()
    whole = x.double().requires_grad_()
    (plain(whole) * weights).pow(2).sum().backward()
    synced = nn.SyncBatchNorm.convert_sync_batchnorm(nn.BatchNorm1d(3)).double()
    assert isinstance(synced, nn.SyncBatchNorm)
    part = mine(x).double().requires_grad_()
    (synced(part) * weights).pow(2).sum().backward()
    close([part.grad, synced.running_mean, synced.running_var],
          [mine(whole.grad), plain.running_mean, plain.running_var], 1e-9)  # fmt: skip
    dist.all_reduce(synced.weight.grad)
    close([synced.weight.grad], [plain.weight.grad], 1e-8)


def test_communication_hooks() -> None:
    x, y = data()
    plain = network()
    F.cross_entropy(plain(x), y).backward()
    expected = [p.grad for p in plain.parameters()]
    hooks = [
        (default_hooks.allreduce_hook, 1e-6), (default_hooks.fp16_compress_hook, 2e-4),
        (default_hooks.bf16_compress_hook, 2e-3),
        (default_hooks.fp16_compress_wrapper(default_hooks.allreduce_hook), 2e-4),
    ]  # fmt: skip
    for hook, tolerance in hooks:
        model = DDP(network())
        model.register_comm_hook(None, hook)
        F.cross_entropy(model(mine(x)), mine(y)).backward()
        close([p.grad for p in model.parameters()], expected, tolerance)
        ranks.raises(RuntimeError, "only be called once", lambda: model.register_comm_hook(None, hook))
    seen = []

    def doubling(state: object, bucket: dist.GradBucket) -> glasstorch.futures.Future:
        seen.append((bucket.index(), bucket.is_last(), len(bucket.gradients()), len(bucket.parameters())))
        future: glasstorch.futures.Future = glasstorch.futures.Future()
        future.set_result(bucket.buffer() * 2)
        return future

    model = DDP(nn.Linear(6, 3))
    model.register_comm_hook(None, doubling)
    model(mine(x)).sum().backward()
    assert seen == [(0, True, 2, 2)]
    close([model.module.bias.grad], [glasstorch.full((3,), 2.0 * PER_RANK)])


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)
        self.register_buffer("calls", glasstorch.tensor(0))

    def forward(self, x: glasstorch.Tensor) -> glasstorch.Tensor:
        self.calls += 1
        return self.linear(x)


def test_uneven_inputs_join() -> None:
    """Rank 0 has one batch, the others have three: gradients are divided by all, or by those that are left."""
    for by_all in (True, False):
        model = DDP(Counting())
        optimizer = glasstorch.optim.SGD(model.parameters(), lr=1.0)
        start = model.module.linear.weight.detach().clone()
        with model.join(divide_by_initial_world_size=by_all):
            for _ in range(1 if R == 0 else 3):
                optimizer.zero_grad()
                model(glasstorch.ones(2, 2)).sum().backward()
                optimizer.step()
        alike_everywhere([*model.parameters(), *model.buffers()])
        assert model.module.calls == 3
        moved = (start - model.module.linear.weight)[0, 0].item()
        late = (N - 1) / N if by_all else 1.0
        assert abs(moved - 2 * (1 + 2 * late)) < 1e-5, (moved, by_all)
    model = DDP(nn.Linear(2, 1))

    def loop() -> None:
        with model.join(throw_on_early_termination=True):
            for _ in range(1 if R == 0 else 3):
                model(glasstorch.ones(2, 2)).sum().backward()

    ranks.raises(RuntimeError, "exhausted", loop)


def test_state_and_copies() -> None:
    model = DDP(nn.Linear(2, 2))
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    model.load_state_dict(copy.deepcopy(model.state_dict()))
    assert repr(model).startswith("DistributedDataParallel(\n  (module): Linear")


def test_sampler_shares_out_the_data() -> None:
    sampler = glasstorch.utils.data.distributed.DistributedSampler(range(10 * N), shuffle=False)
    assert list(sampler) == list(range(R, 10 * N, N))


def test_refusals() -> None:
    ranks.raises(RuntimeError, "not needed", lambda: DDP(nn.ReLU()))
    ranks.raises(ValueError, "device_ids", lambda: DDP(nn.Linear(2, 2), device_ids=[R]))
    ranks.raises(RuntimeError, "appears not to match sizes", lambda: DDP(nn.Linear(2, 2 + R)))
    layers = [nn.Linear(2, 2) for _ in range(1 + R)]
    ranks.raises(RuntimeError, "same model across all ranks", lambda: DDP(nn.Sequential(*layers)))
