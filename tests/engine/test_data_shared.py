"""Memory that processes share: batches from workers, ``share_memory_``, tensors in queues."""

from __future__ import annotations

import gc
import multiprocessing as python_multiprocessing
import os
import subprocess
import sys
import threading

import glasstorch
import numpy as np
import pytest
from glasstorch import multiprocessing as mp
from glasstorch.backends import shared
from glasstorch.utils.data import DataLoader, Dataset, segments, wire
from support.differential import torch
from support.processes import shared_names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
BIG = 50_000  # float32: beyond wire.SHARED_FROM


class Numbers(Dataset):
    """Sample ``i`` is full of ``i``."""

    def __init__(self, n, size=BIG):
        self.n, self.size = n, size

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return glasstorch.full((self.size,), float(i))


def open_files():
    return len(os.listdir("/proc/self/fd"))


# ---------------------------------------------------------------- messages
@pytest.fixture
def ends():
    a, b = python_multiprocessing.Pipe()
    yield a, b
    a.close()
    b.close()


MESSAGES = {
    "nothing": {},
    "small": {"x": np.arange(5), "text": "a"},
    "large": [np.arange(BIG), np.ones((3, 5), np.float32), np.zeros(0), np.arange(BIG, dtype=np.int8)],
    "columns first": np.arange(BIG).reshape(2, -1).T,
    "tensors": (glasstorch.arange(BIG), glasstorch.ones(2, 3, dtype=glasstorch.bfloat16)),
}


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("through", ["memory", "pipe"])
def test_messages_arrive_as_they_were(ends, name, through):
    message = MESSAGES[name]
    pool, loans = segments.Segments(), segments.Loans()
    parcel = wire.pack("label", message, pool if through == "memory" else None)
    assert bool(pool.lent) == (through == "memory" and name not in ("nothing", "small"))
    sender = threading.Thread(
        target=wire.send, args=(ends[0], parcel)
    )  # a pipe does not take everything at once
    sender.start()
    label, got = wire.receive(ends[1], loans)
    sender.join()
    assert (label, repr(got)) == ("label", repr(message))
    for a, b in zip(flat(got), flat(message), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.strides == b.strides or not a.size
        assert np.array_equal(a.astype(float), b.astype(float))
        assert a.flags.writeable
        assert a.ctypes.data % 16 == 0


def flat(x):
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flat(item)]
    if isinstance(x, glasstorch.Tensor):
        return [x._a.view(np.uint16) if x.dtype is glasstorch.bfloat16 else x._a]
    return [x] if isinstance(x, np.ndarray) else []


def test_a_segment_comes_back_when_its_last_view_dies(ends):
    pool, loans = segments.Segments(), segments.Loans()

    def travel(x):
        wire.send(ends[0], wire.pack(None, x, pool))
        return wire.receive(ends[1], loans)[1]

    first = travel(np.arange(BIG))
    part = first[10:20]
    del first
    gc.collect()
    assert loans.settled() == ([], [])
    second = travel(np.arange(BIG) + 1)  # so this one got other memory
    assert part.tolist() == list(range(10, 20))
    del part
    returned = loans.settled()
    assert returned == ([0], [])
    pool.settle(*returned)
    third = travel(np.arange(BIG) + 2)  # and this one the first one's
    assert pool.made == 2
    assert (second[5], third[5]) == (6, 7)
    larger = travel(np.arange(2 * BIG))
    assert pool.made == 3
    assert larger[-1] == 2 * BIG - 1
    blocks = [shared.block_of(a) for a in (second, third, larger)]
    assert len({id(b) for b in blocks}) == 3


def test_too_small_segments_make_room_for_a_larger_one():
    pool = segments.Segments()
    for size in (1, 2, 3):
        number, _, new = pool.take(size * segments.ROUND)
        assert new
        pool.settle([number], [])
        assert list(pool.free) == [number]
    assert pool.take(segments.ROUND)[2] is False


def test_whoever_keeps_many_batches_gets_copies_of_the_later_ones():
    before = open_files()
    kept = list(DataLoader(Numbers(150), 1, num_workers=1))
    assert [b[0, -1].item() for b in kept] == list(range(150))
    lying_in_shared = sum(b.is_shared() for b in kept)
    assert 0 < lying_in_shared <= segments.MOST_LENT
    del kept
    gc.collect()
    assert open_files() <= before + 1


def test_few_segments_serve_a_long_pass():
    places = set()
    for batch in DataLoader(Numbers(60), 1, num_workers=1):
        places.add(batch.data_ptr())
    assert len(places) <= 8


def test_batches_without_room_for_another_file(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "import resource\n"
        "import glasstorch\n"
        "from glasstorch.utils.data import DataLoader, TensorDataset\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
        "d = TensorDataset(glasstorch.arange(100.0).repeat_interleave(50_000).reshape(100, -1))\n"
        "kept = list(DataLoader(d, 1, num_workers=2))\n"
        "print([int(x[0, 7]) for x, in kept] == list(range(100)))\n"
    )
    assert run(script) == "True"


def test_a_small_dev_shm_does_not_matter():
    before = shared_names([os.getpid()])  # PyTorch's, if a test before this one shared its tensors
    batches = iter(DataLoader(Numbers(20), 4, num_workers=2))
    batch = next(batches)
    assert batch.is_shared()
    workers = [worker.process.pid for worker in batches.workers]
    assert (
        shared_names([os.getpid(), *workers]) <= before
    )  # nothing is ever there, so nothing can be left behind


def test_where_the_system_has_no_shared_memory(monkeypatch):
    monkeypatch.setattr(wire, "AVAILABLE", False)
    assert [b[0, 3].item() for b in DataLoader(Numbers(6), 2, num_workers=2)] == [0, 2, 4]

    def refuse(nbytes):
        raise OSError("no memory")

    monkeypatch.setattr(wire, "AVAILABLE", True)
    monkeypatch.setattr(segments, "SharedBlock", refuse)
    assert [b[0, 3].item() for b in DataLoader(Numbers(6), 2, num_workers=2)] == [0, 2, 4]


def test_a_forked_process_keeps_the_batch_it_was_forked_with():
    context = python_multiprocessing.get_context("fork")
    go, answers = context.Event(), context.SimpleQueue()
    child = None
    for i, batch in enumerate(DataLoader(Numbers(40), 1, num_workers=1)):
        if i == 3:
            mine = batch
            child = context.Process(target=lambda: (go.wait(20), answers.put(mine[0].unique().tolist())))
            child.start()
            del mine
        del batch  # the worker would write the next batches there
    go.set()
    assert answers.get() == [3.0]
    child.join()


# ---------------------------------------------------------------- share_memory_
@pytest.mark.parametrize("E", [torch, glasstorch], ids=lambda E: E.__name__)
def test_what_share_memory_moves(E):
    base = E.arange(12.0).reshape(3, 4)
    view = base[1:, ::2].t()
    assert not base.is_shared()
    assert view.share_memory_() is view
    assert base.is_shared()
    view.fill_(-1)
    assert base.tolist() == [[0, 1, 2, 3], [-1, 5, -1, 7], [-1, 9, -1, 11]]
    where = base.data_ptr()
    assert base.share_memory_().data_ptr() == where
    assert base.untyped_storage().is_shared()
    layer = E.nn.Linear(2, 2)
    layer(E.ones(1, 2)).sum().backward()
    assert layer.share_memory() is layer
    assert all(p.is_shared() and p.grad.is_shared() for p in layer.parameters())


def in_a_fork(fn):
    child = python_multiprocessing.get_context("fork").Process(target=fn)
    child.start()
    child.join(60)
    assert child.exitcode == 0


def test_a_model_that_another_process_trains():
    E = glasstorch
    model = E.nn.Linear(3, 1, bias=False).share_memory()
    optimizer = E.optim.Adagrad(model.parameters(), lr=0.5)
    optimizer.share_memory()
    before = model.weight.tolist()

    def step():
        model(E.ones(1, 3)).sum().backward()
        optimizer.step()

    in_a_fork(step)
    assert model.weight.tolist() != before
    assert optimizer.state[model.weight]["sum"].tolist() == [[1, 1, 1]]
    assert model.weight.grad is None


def test_without_another_file_forked_processes_still_see_it(monkeypatch):
    def refuse(nbytes):
        raise OSError("too many files")

    monkeypatch.setattr("glasstorch.ops.sharing.SharedBlock", refuse)
    t = glasstorch.zeros(3).share_memory_()
    assert t.is_shared()
    in_a_fork(lambda: t.add_(2))
    assert t.tolist() == [2, 2, 2]


# ---------------------------------------------------------------- multiprocessing
def answer(inbox, outbox):
    while (t := inbox.get()) is not None:
        t.add_(1)
        outbox.put((t, t.is_shared(), type(t).__name__, t.requires_grad, t.stride()))
        del t


def test_tensors_in_queues_are_the_same_memory():
    context = mp.get_context("fork")
    inbox, outbox = context.Queue(), context.Queue()
    child = context.Process(target=answer, args=(inbox, outbox))
    child.start()
    base = glasstorch.zeros(4, 6)
    for t in (
        glasstorch.zeros(3),
        base[1:3, ::2].t(),
        glasstorch.zeros(2, dtype=glasstorch.bfloat16),
        glasstorch.zeros((), dtype=glasstorch.int64),
    ):
        inbox.put(t)
        back, was_shared, _, _, stride = outbox.get(timeout=60)
        assert was_shared
        assert t.is_shared()
        assert stride == t.stride()
        assert back.data_ptr() == t.data_ptr()  # it came home
        assert (t == 1).all()
    assert base.sum() == 6
    p = glasstorch.nn.Parameter(glasstorch.zeros(2), requires_grad=False)
    inbox.put(p)
    assert outbox.get(timeout=60)[2:4] == ("Parameter", False)
    assert p.tolist() == [1, 1]
    inbox.put(glasstorch.zeros(0, 3))  # nothing to share
    assert outbox.get(timeout=60)[0].shape == (0, 3)
    inbox.put(None)
    child.join()


def test_what_cannot_be_sent():
    x = glasstorch.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor"):
        mp.reductions.ForkingPickler.dumps(x)


def test_a_sender_that_is_gone():
    context = mp.get_context("fork")
    queue = context.SimpleQueue()
    in_a_fork(lambda: queue.put(glasstorch.ones(3)))
    with pytest.raises(OSError) as caught:  # noqa: PT011  (which one depends on the system)
        queue.get()
    assert "has ended" in caught.value.__notes__[0]


def test_a_pool():
    with mp.get_context("fork").Pool(2) as pool:
        sums = pool.map(glasstorch.sum, [glasstorch.ones(3), glasstorch.ones(BIG)])
    assert [s.item() for s in sums] == [3, BIG]


def test_strategies():
    assert mp.get_all_sharing_strategies() == torch.multiprocessing.get_all_sharing_strategies()
    assert mp.get_sharing_strategy() == "file_descriptor"
    mp.set_sharing_strategy("file_system")
    assert mp.get_sharing_strategy() == "file_system"
    mp.set_sharing_strategy("file_descriptor")
    with pytest.raises(AssertionError, match="invalid sharing strategy 'x'"):
        mp.set_sharing_strategy("x")
    missing = set(torch.multiprocessing.__all__) - set(mp.__all__)
    assert not missing


def run(script):
    out = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr
    return out.stdout.strip()


def test_spawned_processes_and_their_failures(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "import os, signal, sys\n"
        "import glasstorch as E\n"
        "import glasstorch.multiprocessing as mp\n"
        "def fill(i, x): x[i] = i + 1\n"
        "def fail(i):\n"
        "    if i: raise ValueError('no')\n"
        "def leave(i): os._exit(3)\n"
        "def die(i): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if __name__ == '__main__':\n"
        "    x = E.zeros(3)\n"
        "    mp.spawn(fill, (x,))\n"
        "    print(x.tolist())\n"
        "    for fn, n in ((fail, 2), (leave, 1), (die, 1)):\n"
        "        try: mp.start_processes(fn, nprocs=n, start_method='fork')\n"
        "        except mp.ProcessException as e:\n"
        "            lines = str(e).strip().splitlines()\n"
        "            print(type(e).__name__, e.error_index, lines[0], lines[-1])\n"
        "    c = mp.start_processes(fail, nprocs=1, join=False, start_method='fork')\n"
        "    print(len(c.pids()), c.join(), c.join())\n"
    )
    assert run(script).splitlines() == [
        "[1.0, 0.0, 0.0]",
        "ProcessRaisedException 1 -- Process 1 terminated with the following error: ValueError: no",
        "ProcessExitedException 0 " + " ".join(["process 0 terminated with exit code 3"] * 2),
        "ProcessExitedException 0 " + " ".join(["process 0 terminated with signal SIGKILL"] * 2),
        "1 True True",
    ]
