"""Worker processes: order, seeds, errors, death, time limits; never a hang."""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import time

import glasstorch
import numpy as np
import psutil
import pytest
from glasstorch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info
from support.differential import torch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked")


class Squares(Dataset):
    def __init__(self, n=10):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return i * i


def children():
    """Our living child processes, without the one that multiprocessing itself keeps."""
    found = []
    for p in psutil.Process().children():
        try:
            if "resource_tracker" not in " ".join(p.cmdline()):
                found.append(p)
        except psutil.NoSuchProcess:
            pass  # it has just ended
    return found


@pytest.fixture(autouse=True)
def _no_process_left():
    before = set(children())
    yield
    gc.collect()
    deadline = time.monotonic() + 20
    while set(children()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(children()) - before


@pytest.mark.parametrize("options", [{}, {"persistent_workers": True}, {"prefetch_factor": 5}])
def test_same_batches_as_without_workers(options):
    x = glasstorch.randn(50, 300, 40)
    d = TensorDataset(x, glasstorch.arange(50))

    def passes(**options):
        glasstorch.manual_seed(3)
        loader = DataLoader(d, 8, shuffle=True, **options)
        return [b for _ in range(2) for b in loader]

    with_workers, alone = passes(num_workers=2, **options), passes()
    assert len(alone) == 14
    for (a, i), (b, j) in zip(with_workers, alone, strict=True):
        if not options.get(
            "persistent_workers"
        ):  # these draw one seed for the workers instead of one for each pass
            assert glasstorch.equal(i, j)
            assert glasstorch.equal(a, b)
    a[0] = 0  # batches can be written to
    assert sorted(int(i) for _, n in with_workers[:7] for i in n) == list(range(50))


def test_order_equals_pytorchs_with_workers():
    def order(E):
        E.manual_seed(4)
        loader = E.utils.data.DataLoader(range(20), 3, shuffle=True, num_workers=2, persistent_workers=True)
        out = [b.tolist() for _ in range(3) for b in loader]
        return out, E.rand(1).item()

    assert order(glasstorch) == order(torch)


class Seeds(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        E = torch if self.E == "torch" else glasstorch
        info = E.utils.data.get_worker_info()
        return (
            i,
            info.id,
            info.num_workers,
            info.seed,
            E.initial_seed(),
            E.rand(1).item(),
            random.random(),
            np.random.rand(),
        )


def test_seeds_in_workers_are_pytorchs():
    def seeds(E):
        d = Seeds()
        d.E = E.__name__
        E.manual_seed(6)
        return list(E.utils.data.DataLoader(d, batch_size=None, num_workers=2))

    assert seeds(glasstorch) == seeds(torch)
    assert get_worker_info() is None


class Stream(IterableDataset):
    def __init__(self, lengths):
        self.lengths = lengths

    def __iter__(self):
        info = get_worker_info()
        return iter([(info.id, k) for k in range(self.lengths[info.id])])


@pytest.mark.parametrize("persistent", [False, True])
def test_streams_of_different_lengths(persistent):
    loader = DataLoader(
        Stream([1, 5]), batch_size=2, collate_fn=list, num_workers=2, persistent_workers=persistent
    )
    want = [[(0, 0)], [(1, 0), (1, 1)], [(1, 2), (1, 3)], [(1, 4)]]
    for _ in range(2):
        assert list(loader) == want


def test_an_error_comes_back_and_the_pass_goes_on():
    class Bad(Squares):
        def __getitem__(self, i):
            if i == 2:
                raise KeyError("bad item 42")
            return i

    batches = iter(DataLoader(Bad(6), 1, num_workers=2))
    assert [next(batches).item(), next(batches).item()] == [0, 1]
    with pytest.raises(KeyError) as e:
        next(batches)
    assert "Caught KeyError in DataLoader worker process 0.\nOriginal Traceback" in str(e.value)
    assert "bad item 42" in str(e.value)
    assert [b.item() for b in batches] == [3, 4, 5]


def test_errors_whose_type_cannot_travel():
    class Local(Exception):
        pass

    class TwoArguments(ValueError):
        def __init__(self, a, b):
            super().__init__(f"{a} and {b}")

    for kind in (Local, TwoArguments):

        class Bad(Squares):
            def __getitem__(self, i, kind=kind):
                raise kind(*(["one", "two"] if kind is TwoArguments else ["alone"]))

        with pytest.raises(RuntimeError, match=f"Caught {kind.__name__} in DataLoader worker process 0"):
            list(DataLoader(Bad(), num_workers=1))


def test_a_batch_that_cannot_be_pickled():
    loader = DataLoader(Squares(3), num_workers=1, collate_fn=lambda batch: lambda: batch)
    with pytest.raises(Exception, match=r"Caught .* in DataLoader worker process 0"):
        next(iter(loader))


def test_an_error_in_the_start_function():
    def start(number):
        raise ValueError(f"no worker {number} today")

    with pytest.raises(ValueError, match="no worker 0 today"):
        list(DataLoader(Squares(), num_workers=2, worker_init_fn=start))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "killed by signal: Killed"),
        (lambda: os._exit(7), "exited unexpectedly with exit code 7"),
        (lambda: sys.exit(3), "exited unexpectedly with exit code 3"),
    ],
)
def test_a_worker_that_dies(end, words):
    class Deadly(Squares):
        def __getitem__(self, i):
            if i == 5:
                end()
            return i

    batches = iter(DataLoader(Deadly(), 1, num_workers=2))
    with pytest.raises(RuntimeError, match=words):
        list(batches)
    assert list(batches) == []  # over, not stuck


def test_an_idle_worker_that_is_killed_from_outside():
    batches = iter(DataLoader(Squares(1000), 1, num_workers=2))
    next(batches)
    os.kill(batches.workers[1].process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="killed by signal"):
        list(batches)


def test_timeout():
    class Slow(Squares):
        def __getitem__(self, i):
            time.sleep(60)

    with pytest.raises(RuntimeError, match=r"timed out after 0\.2 seconds"):
        next(iter(DataLoader(Slow(), num_workers=1, timeout=0.2)))


def test_leaving_a_pass_early_ends_the_workers():
    big = DataLoader(TensorDataset(glasstorch.zeros(64, 200_000)), 8, num_workers=2)
    for _ in big:
        break  # workers stand with batches that nobody takes: far more than a pipe holds


def test_long_lists_of_numbers_do_not_block():
    loader = DataLoader(
        Squares(400_000), batch_sampler=[list(range(200_000))] * 4, num_workers=1, collate_fn=len
    )
    assert list(loader) == [200_000] * 4


def test_persistent_workers_stay_and_forget_an_abandoned_pass():
    loader = DataLoader(Squares(12), 2, num_workers=2, persistent_workers=True)
    first = iter(loader)
    next(first)
    ids = {w.process.pid for w in first.workers}
    assert [b.tolist() for b in loader] == [[i * i, (i + 1) ** 2] for i in range(0, 12, 2)]
    assert ids == {w.process.pid for w in loader._iterator.workers}
    assert len(list(loader)) == 6
    del first, loader


def test_batches_as_they_are_finished():
    class Uneven(Squares):
        def __getitem__(self, i):
            time.sleep(0.5 if i == 0 else 0)
            return i

    got = [b.item() for b in DataLoader(Uneven(6), 1, num_workers=2, in_order=False)]
    assert sorted(got) == list(range(6))
    assert got[0] != 0


def test_fresh_interpreters_as_workers():
    loader = DataLoader(range(6), 2, num_workers=1, multiprocessing_context="spawn")
    assert [b.tolist() for b in loader] == [[0, 1], [2, 3], [4, 5]]


def test_workers_end_with_the_process_that_made_them(tmp_path):
    import subprocess

    script = tmp_path / "main.py"
    script.write_text(
        "import os, time\n"
        "from glasstorch.utils.data import DataLoader\n"
        "batches = iter(DataLoader(range(100), num_workers=2))\n"
        "next(batches)\n"
        "print(*[w.process.pid for w in batches.workers], flush=True)\n"
        "os._exit(0)\n"
    )
    out = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True
    )
    pids = [int(p) for p in out.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    alive = pids
    while alive and time.monotonic() < deadline:
        alive = [
            p for p in alive if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE
        ]
        time.sleep(0.05)
    assert not alive
