"""The cuda namespace where there is a GPU: on the stand-in everywhere, and on a real one (``gpu``)."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import cuda
from glasstorch.backends import cuda_runtime
from support import standin


@pytest.fixture(
    params=[pytest.param("stand-in", marks=pytest.mark.cpu), pytest.param("cupy", marks=pytest.mark.gpu)]
)
def gpu(request) -> Any:
    """A GPU, or what stands in for one."""
    with standin.installed() if request.param == "stand-in" else contextlib.nullcontext():
        yield request.param


def test_which_gpus_there_are(gpu):
    assert cuda.is_available()
    assert cuda.device_count() >= 1
    cuda.init()
    assert cuda.is_initialized()
    name, facts = cuda.get_device_name(0), cuda.get_device_properties("cuda:0")
    assert name == facts.name == cuda.get_device_properties().name
    assert cuda.get_device_capability() == (facts.major, facts.minor)
    assert f"sm_{facts.major}{facts.minor}" in cuda.get_arch_list()
    assert "compute_" in cuda.get_gencode_flags()
    shown = f"_CudaDeviceProperties(name='{name}', major={facts.major}, minor={facts.minor}, total_memory="
    assert repr(facts).startswith(shown)
    assert facts.multi_processor_count > 0
    with pytest.raises(AttributeError, match="nothing of 'colour'"):
        facts.colour  # noqa: B018
    assert cuda.is_bf16_supported()
    assert cuda.can_device_access_peer(0, 0) in (True, False)
    assert isinstance(glasstorch.version.cuda, str)
    assert glasstorch.accelerator.current_accelerator() == glasstorch.device("cuda")
    assert glasstorch.accelerator.current_device_index() == cuda.current_device()


def test_selecting_a_gpu(gpu):
    cuda.set_device(0)
    cuda.set_device("cuda:0")
    cuda.set_device(-1)
    assert cuda.current_device() == 0
    x = glasstorch.ones(2, device="cuda")
    with cuda.device(0), cuda.device_of(x), cuda.device_of(glasstorch.ones(1)), cuda.device(-1):
        assert glasstorch.ones(2).cuda().get_device() == 0
    assert x.to("cuda") is x
    assert x.to("cuda:0") is x
    assert x.cuda() is x
    assert x.cpu().device == glasstorch.device("cpu")
    there = cuda.device_count()
    for wrong in (
        lambda: cuda.set_device(there), lambda: cuda.synchronize(there), lambda: cuda.get_device_name(f"cuda:{there}"),
        lambda: glasstorch.ones(1).cuda(there), lambda: glasstorch.ones(1, device=f"cuda:{there}"),
        lambda: cuda.current_stream(there), lambda: cuda.memory_allocated(there),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match="invalid device ordinal") as error:
            wrong()
        assert f"cuda:{there} was asked for" in str(error.value)
    with pytest.raises(ValueError, match="Expected a cuda device, but got: cpu"):
        cuda.synchronize("cpu")


def test_operands_on_two_devices(gpu):
    F = glasstorch.nn.functional
    c, h = glasstorch.ones(2, 2, device="cuda"), glasstorch.ones(2, 2)
    i, two = glasstorch.tensor([0, 1]), glasstorch.tensor(2.0)
    for mixed in (
        lambda: c + h, lambda: h + c, lambda: two.cuda() + h, lambda: h - two.cuda(), lambda: c @ h, lambda: c == h,
        lambda: glasstorch.cat([c, h]), lambda: glasstorch.where(c > 0, c, h), lambda: glasstorch.where(h > 0, c, c),
        lambda: F.linear(c, h), lambda: glasstorch.nn.Linear(2, 2)(c), lambda: F.embedding(i, c),
        lambda: F.cross_entropy(c, i), lambda: F.batch_norm(c, h[0], h[0]), lambda: c.masked_fill(h > 0, 1.0),
        lambda: c.masked_select(h > 0), lambda: c.gather(0, i[None]), lambda: c.scatter(0, i[None], 1.0),
        lambda: glasstorch.equal(c, h), lambda: glasstorch.add(c, c, out=h), lambda: c.index_select(0, i),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device") as error:
            mixed()
        assert " is on cuda:0" in str(error.value)
        assert " is on cpu" in str(error.value)
    with pytest.raises(RuntimeError, match="'weight' is on cuda:0, 'indices' is on cpu"):
        F.embedding(i, c)
    with pytest.raises(RuntimeError, match="indices should be either on cpu or on the same device"):
        h[i.cuda()]
    for number in (c * two, two + c, two + two.cuda(), two.cuda() + two):  # a number may lie in host memory
        assert number.device.type == "cuda"
    c[0], h[1] = h[0] * 3, c[1] * 5  # so may what is copied
    c[i] += 1
    assert c.tolist() == [[4, 4], [2, 2]]
    assert h.tolist() == [[1, 1], [5, 5]]
    assert c[i.cuda(), i].tolist() == [4, 2]


def test_streams_and_events(gpu):
    default, mine = cuda.default_stream(), cuda.Stream()
    assert cuda.current_stream() == default != mine
    assert default.cuda_stream == 0
    assert repr(mine) == f"<torch.cuda.Stream device=cuda:0 cuda_stream={mine.cuda_stream:#x}>"
    start, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
    assert start.query()
    assert "uninitialized" in repr(start)
    with pytest.raises(ValueError, match="must be recorded"):
        start.elapsed_time(end)
    with cuda.stream(mine):
        assert cuda.current_stream() == mine
        start.record()
        x = glasstorch.ones(64, 64, device="cuda") @ glasstorch.ones(64, 64, device="cuda")
        mine.record_event(end)
    assert cuda.current_stream() == default
    default.wait_stream(mine)
    default.wait_event(end)
    x.record_stream(default)
    end.synchronize()
    assert start.elapsed_time(end) > 0
    assert x[0, 0].item() == 64
    mine.synchronize()
    assert mine.query()
    with mine, cuda.stream(None):
        assert cuda.current_stream() == mine
    cuda.set_stream(mine)
    try:
        assert cuda.current_stream() == mine
        seen: list = []
        thread = threading.Thread(target=lambda: seen.append(glasstorch.ones(2, device="cuda").sum().item()))
        thread.start()
        thread.join()
        assert seen == [2.0]
    finally:
        cuda.set_stream(default)
    same = cuda.ExternalStream(mine.cuda_stream, 0)
    assert same == mine
    assert hash(same) == hash(mine)
    with pytest.raises(ValueError, match="enable_timing=True"):
        cuda.Event().elapsed_time(end)


def test_seeds_and_states(gpu):
    cuda.manual_seed(3)
    state = cuda.get_rng_state()
    first = glasstorch.rand(4, device="cuda").tolist()
    cuda.set_rng_state(state)
    assert glasstorch.rand(4, device="cuda").tolist() == first
    states = cuda.get_rng_state_all()
    second = glasstorch.rand(4, device="cuda").tolist()
    cuda.set_rng_state_all(states)
    assert glasstorch.rand(4, device="cuda").tolist() == second != first
    assert cuda.initial_seed() == 3
    assert len(cuda.default_generators) == cuda.device_count()
    generator = glasstorch.Generator("cuda").manual_seed(3)
    assert glasstorch.rand(4, device="cuda", generator=generator).tolist() == first
    cuda.seed_all()
    with glasstorch.random.fork_rng(devices=[0]):
        glasstorch.rand(2, device="cuda")


def test_pinned_memory_and_copies(gpu):
    x = glasstorch.arange(6.0).reshape(2, 3)
    pinned = x.pin_memory()
    assert pinned.is_pinned()
    assert pinned.pin_memory() is pinned
    assert not x.is_pinned()
    assert glasstorch.zeros(2, pin_memory=True).is_pinned()
    there = pinned.to("cuda", non_blocking=True)
    back = there.to("cpu", non_blocking=True)
    cuda.synchronize()
    assert back.tolist() == x.tolist()
    assert back.is_pinned()
    assert pinned.t().to("cuda", non_blocking=True).cpu().tolist() == x.t().tolist()
    with pytest.raises(RuntimeError, match="only dense CPU tensors can be pinned"):
        there.pin_memory()
    batches = list(glasstorch.utils.data.DataLoader(x, batch_size=1, pin_memory=True))
    assert all(b.is_pinned() for b in batches)
    y = glasstorch.zeros(2, 3, device="cuda")
    y.copy_(pinned, non_blocking=True)
    assert y.cpu().tolist() == x.tolist()


def test_old_names_of_types(gpu):
    x = cuda.FloatTensor([1, 2])
    assert x.type() == "torch.cuda.FloatTensor"
    assert isinstance(x, cuda.FloatTensor)
    assert not isinstance(x.cpu(), cuda.FloatTensor)
    assert x.type(cuda.LongTensor).device.type == "cuda"
    assert pickle.loads(pickle.dumps(x)).tolist() == [1, 2]


def test_memory_statistics_of_the_pool(gpu):
    cuda.empty_cache()
    cuda.reset_peak_memory_stats()
    before = cuda.memory_allocated()
    raw = cuda.caching_allocator_alloc(1 << 20)
    stats = cuda.memory_stats()
    assert cuda.memory_allocated() - before >= 1 << 20
    assert cuda.max_memory_allocated() >= cuda.memory_allocated()
    assert cuda.memory_reserved() >= cuda.memory_allocated()
    assert stats["allocated_bytes.all.current"] == cuda.memory_allocated()
    assert cuda.memory_stats_as_nested_dict()["reserved_bytes"]["all"]["peak"] == cuda.max_memory_reserved()
    assert "in use" in cuda.memory_summary()
    free, total = cuda.mem_get_info()
    assert 0 < free <= total
    cuda.caching_allocator_delete(raw)
    with pytest.raises(RuntimeError, match="is no memory from caching_allocator_alloc"):
        cuda.caching_allocator_delete(raw)
    cuda.set_per_process_memory_fraction(0.5)
    assert cuda.get_per_process_memory_fraction() == pytest.approx(0.5, abs=0.01)
    cuda.set_per_process_memory_fraction(1.0)
    with pytest.raises(ValueError, match="Allowed range: 0~1"):
        cuda.set_per_process_memory_fraction(2.0)
    with pytest.raises(TypeError, match="must be `float`"):
        cuda.set_per_process_memory_fraction("much")


@pytest.mark.gpu
def test_peaks_and_running_out_on_a_gpu():
    cuda.reset_peak_memory_stats()
    x = glasstorch.zeros(1 << 22, device="cuda")
    del x
    assert cuda.max_memory_allocated() - cuda.memory_allocated() >= 1 << 24
    with pytest.raises(cuda.OutOfMemoryError, match=r"CUDA out of memory\. Tried to allocate") as error:
        glasstorch.empty(1 << 40, dtype=glasstorch.uint8, device="cuda")
    assert isinstance(error.value, glasstorch.OutOfMemoryError)


class Pool:
    """A pool whose use is set by hand."""

    def __init__(self) -> None:
        self.used, self.looks = 0, 0

    def used_bytes(self) -> int:
        self.looks += 1
        return self.used

    def total_bytes(self) -> int:
        return 2 * self.used


def test_peaks_are_exact_and_seldom_looked_up():
    rng, pool, peaks = np.random.default_rng(0), Pool(), cuda_runtime.Peaks()
    blocks: list[int] = []
    highest = 0
    for _ in range(2000):
        if blocks and rng.random() < 0.5:
            pool.used -= blocks.pop(rng.integers(len(blocks)))
        else:
            blocks.append(int(rng.integers(1, 100)))
            pool.used += blocks[-1]
            peaks.note(0, blocks[-1], pool)
        highest = max(highest, pool.used)
    assert peaks.used[0] == highest
    assert pool.looks < 500
    peaks.reset(0, pool)
    assert peaks.used[0] == pool.used


@pytest.mark.cpu
def test_an_allocator_that_runs_out_says_what_to_do():
    with standin.installed() as module:
        assert cuda.is_available()
        pool = module.get_default_memory_pool()
        pool.set_limit(size=pool.used_bytes() + 1000)
        try:
            with pytest.raises(cuda.OutOfMemoryError, match=r"Tried to allocate 0.00 MiB") as error:
                module.cuda.get_allocator()(2000)
        finally:
            pool.set_limit(size=0)
        assert "no_grad()" in str(error.value)
        assert isinstance(error.value.__cause__, MemoryError)


def test_what_is_not_there_is_refused(gpu):
    for name, call in {
        "CUDA graphs": lambda: cuda.graph(cuda.CUDAGraph()), "dummy base class": cuda.graph_pool_handle,
        "CuPy does not report": lambda: cuda.set_sync_debug_mode("warn"), "cupy.cuda.set_allocator": cuda.MemPool,
    }.items():  # fmt: skip
        with pytest.raises(RuntimeError, match=name):
            call()
    assert cuda.get_sync_debug_mode() == 0
    assert not cuda.is_current_stream_capturing()


def test_several_gpus_names(gpu):
    x = glasstorch.arange(4.0)
    copies = cuda.comm.broadcast(x, [0, 0])
    assert [c.device.type for c in copies] == ["cuda", "cuda"]
    parts = cuda.comm.scatter(x, [0, 0])
    assert [p.tolist() for p in parts] == [[0, 1], [2, 3]]
    assert cuda.comm.gather(parts).tolist() == x.tolist()
    assert cuda.comm.reduce_add(copies).tolist() == [0, 2, 4, 6]
    assert [t.tolist() for t in cuda.comm.reduce_add_coalesced([[copies[0]], [copies[1]]])] == [[0, 2, 4, 6]]
    with pytest.raises(ValueError, match="has invalid size"):
        cuda.comm.reduce_add([copies[0], parts[0]])


@pytest.mark.gpu
@pytest.mark.parametrize(("visible", "count"), [("", 0), ("0", 1)])
def test_the_environment_chooses_the_gpus(visible, count):
    code = "import glasstorch; print(glasstorch.cuda.device_count(), glasstorch.cuda.is_available())"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": visible}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split() == [str(count), str(count > 0)]
