"""What can be seen in one process: errors, names and stores, against PyTorch where it is installed."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import glasstorch
import pytest
from glasstorch import distributed as dist
from glasstorch.distributed import mpi
from glasstorch.nn.parallel import DistributedDataParallel as DDP
from support import jobs

VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "LOCAL_RANK", "TORCHELASTIC_RUN_ID")


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield
    if dist.is_initialized():
        dist.destroy_process_group()


def outcome(function) -> tuple[str, str]:
    try:
        return "value", repr(function())
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]


def before(torch: ModuleType) -> list[tuple[str, str]]:
    """Calls without a process group."""
    d = torch.distributed
    t = torch.ones(2)
    return [outcome(f) for f in (
        d.is_available, d.is_initialized, d.is_torchelastic_launched, d.get_rank, d.get_world_size, d.get_backend,
        d.barrier, lambda: d.all_reduce(t), lambda: d.broadcast(t, 0), lambda: d.new_group([0]),
        d.destroy_process_group, lambda: d.group.WORLD, lambda: d.GroupMember.NON_GROUP_MEMBER,
        lambda: d.init_process_group("gloo"), lambda: d.init_process_group("gloo", rank=0, world_size=1),
        lambda: d.init_process_group("gloo", init_method="tcp://localhost:1"),
        lambda: d.init_process_group("gloo", init_method="no://such"), d.get_node_local_rank,
        lambda: d.ReduceOp.SUM, lambda: d.default_pg_timeout, lambda: d.Backend("GLOO"), lambda: d.Backend(3),
        lambda: d.is_backend_available("gloo"), lambda: d.is_backend_available("nothing"),
    )]  # fmt: skip


def inside(torch: ModuleType) -> list[tuple[str, str]]:
    """Calls in a job of one process."""
    d = torch.distributed
    d.init_process_group("gloo", store=d.HashStore(), rank=0, world_size=1)
    one, three = torch.ones(2), torch.ones(3)
    Linear, parallel = torch.nn.Linear, torch.nn.parallel.DistributedDataParallel
    found = [outcome(f) for f in (
        d.get_rank, d.get_world_size, d.get_backend, d.get_backend_config, d.is_initialized,
        lambda: d.get_process_group_ranks(d.group.WORLD), lambda: d.init_process_group("gloo"),
        lambda: d.all_reduce(one), lambda: d.all_reduce(one, async_op=True).wait(), lambda: one.tolist(),
        lambda: d.all_gather([three.int()], three)[0],
        lambda: d.gather(one), lambda: d.scatter(one), lambda: d.all_reduce(one.to(torch.complex64), d.ReduceOp.MAX),
        lambda: d.all_reduce(one, d.ReduceOp.BAND), lambda: d.all_reduce(3), lambda: d.broadcast_object_list([1], 0),
        lambda: d.new_group([0, 1]), lambda: d.send(one, 0), lambda: d.P2POp(print, one, 0),
        lambda: parallel(torch.nn.ReLU()), lambda: parallel(Linear(2, 2), device_ids=[0]),
        lambda: list(parallel(Linear(2, 2)).state_dict()), lambda: parallel(Linear(2, 3)),
        lambda: d.barrier(), lambda: d.get_global_rank(d.group.WORLD, 0), lambda: d.new_group([0]).rank(),
        lambda: d.init_device_mesh("cpu", (1,), mesh_dim_names=("dp",)).shape,
        lambda: d.init_device_mesh("cpu", (1,))["dp"], lambda: d.init_device_mesh("cpu", (2,)),
        lambda: d.all_to_all_single(one, one, [5], [2]), d.destroy_process_group, d.is_initialized,
    )]  # fmt: skip
    return found


def test_errors_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for calls in (before, inside):
        theirs, ours = calls(torch), calls(glasstorch)
        for k, (a, b) in enumerate(zip(theirs, ours, strict=True)):
            assert a[0] == b[0], (k, a, b)
            if "different dtypes" not in a[1] and "Split sizes" not in a[1]:  # facts added
                assert b[1].startswith(a[1]) or a[1].startswith(b[1]), (k, a, b)


@pytest.mark.filterwarnings("ignore")
def test_stores_are_pytorchs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    def calls(d: ModuleType, store) -> list[tuple[str, str]]:
        store.set_timeout(timedelta(milliseconds=50))
        prefixed = d.PrefixStore("p", store)
        return [outcome(f) for f in (
            lambda: store.set("a", "1"), lambda: store.get("a"), lambda: store.add("n", 3), lambda: store.add("n", -1),
            lambda: store.get("n"), lambda: store.compare_set("a", "1", "2"), lambda: store.compare_set("a", "1", "3"),
            lambda: store.compare_set("new", "", "first"), lambda: store.compare_set("other", "x", "y"),
            lambda: store.check(["a", "n"]), lambda: store.check(["a", "missing"]), lambda: store.wait(["a"]),
            lambda: prefixed.set("b", b"\x00\xff"), lambda: prefixed.get("b"), lambda: store.get("p/b"),
            lambda: store.delete_key("a"), lambda: store.delete_key("a"), lambda: store.check(["a"]),
        )]  # fmt: skip

    assert calls(dist, dist.HashStore()) == calls(torch.distributed, torch.distributed.HashStore())
    for ours in (dist.FileStore(tmp_path / "ours", 1), dist.TCPStore("localhost", 0, 1, True)):
        assert calls(dist, ours) == calls(dist, dist.HashStore())
        with pytest.raises(dist.DistStoreError, match="wait timeout after 50ms, keys: /never"):
            ours.get("never")


def test_a_store_answers_several_at_once() -> None:
    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    clients = [store.clone() for _ in range(3)]
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda c=c: got.append(c.get("late"))) for c in clients]
    for thread in threads:
        thread.start()
    store.set("late", bytes(range(256)))
    for thread in threads:
        thread.join()
    assert got == [bytes(range(256))] * 3
    store.close()
    with pytest.raises(dist.DistNetworkError, match="does not answer any more"):
        clients[0].get("late")


def test_a_stranger_at_the_door_does_no_harm() -> None:
    import socket

    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    with socket.create_connection(("localhost", store.port)) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)
        store.set("a", "b")
        assert store.get("a") == b"b"
    store.close()


def test_without_mpi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is imported, and the error says what to install."""
    monkeypatch.setattr(mpi.importlib.util, "find_spec", lambda name: None)
    mpi.is_mpi_available.cache_clear()
    try:
        assert not dist.is_mpi_available()
        with pytest.raises(RuntimeError, match=r"doesn't have MPI built in.*glasstorch\[distributed\]"):
            dist.init_process_group("mpi")
    finally:
        monkeypatch.undo()
        mpi.is_mpi_available.cache_clear()


def test_mpi_that_was_not_started_by_mpiexec() -> None:
    jobs.need_mpi()
    program = "import glasstorch.distributed as d; d.init_process_group('mpi', world_size=4, rank=0)"
    done = jobs.run([jobs.sys.executable, "-c", program])
    assert "mpiexec -n 4" in done.stderr.splitlines()[-1]


def test_ranks_are_checked() -> None:
    store = dist.HashStore()
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    dist.destroy_process_group()
    with pytest.raises(RuntimeError, match="Two processes have the rank 0"):
        dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    with pytest.raises(RuntimeError, match="world_size must be the same"):
        dist.init_process_group("gloo", store=store, rank=1, world_size=2)
    assert not dist.is_initialized()


def test_collectives_are_ranges_of_the_profiler() -> None:
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    with glasstorch.profiler.profile() as profile:
        dist.all_reduce(glasstorch.ones(2))
    assert "gloo:all_reduce" in [event.key for event in profile.key_averages()]


def test_a_job_of_one_process_trains() -> None:
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    glasstorch.manual_seed(0)
    plain = glasstorch.nn.Linear(3, 2)
    model = DDP(plain)
    x = glasstorch.randn(4, 3)
    model(x).pow(2).sum().backward()
    grad = plain.weight.grad.clone()
    plain.zero_grad()
    plain(x).pow(2).sum().backward()
    assert glasstorch.equal(plain.weight.grad, grad)


def test_a_forked_process_holds_no_door_open() -> None:
    """A loader's worker may live on after its parent's store has ended; the port is free all the same."""
    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    child = os.fork()
    if not child:
        signal.pause()
    try:
        store.close()
        again = dist.TCPStore("localhost", store.port, is_master=True, wait_for_workers=False)
        again.set("a", "b")
        again.close()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
