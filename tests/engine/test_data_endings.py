"""However a loader's program ends, no worker stays behind; however a worker ends, its loader hears of it."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import glasstorch
import psutil
import pytest
from glasstorch.utils.data import DataLoader, Dataset
from support.differential import torch
from support.processes import shared_names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked")

PROGRAM = """
import os, signal, time
import glasstorch
from glasstorch.utils.data import DataLoader, Dataset

class Slow(Dataset):
    def __len__(self):
        return 100_000
    def __getitem__(self, i):
        time.sleep(SECONDS)
        return glasstorch.full((30_000,), float(i))

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with Ctrl-C ignored
batches = iter(DataLoader(Slow(), 2, num_workers=2, persistent_workers=PERSISTENT))
next(batches)
others = [os.fork()] if BYSTANDER else []
if 0 in others:
    time.sleep(30)
    os._exit(0)
print(*[w.process.pid for w in batches.workers], *others, flush=True)
for batch in batches:
    time.sleep(0.01)
"""


def lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(pids, seconds=60):
    deadline = time.monotonic() + seconds
    while any(map(lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return [p for p in pids if lives(p)]


ENDINGS = [
    ("SIGINT", True, 0.01, False),  # Ctrl-C in a terminal goes to the whole group
    ("SIGINT", False, 1, False),
    ("SIGTERM", False, 0.01, False),
    ("SIGKILL", False, 1, True),
]


@pytest.mark.parametrize(("name", "to_all", "seconds", "persistent"), ENDINGS)
def test_no_worker_outlives_its_program(name, to_all, seconds, persistent):
    end_program(name, to_all, seconds, persistent, bystander=False)


def test_no_worker_outlives_its_program_when_others_hold_its_files():
    """A process that the program forked has all pipes open, so that no worker reads an end of file."""
    end_program("SIGKILL", False, 0.01, False, bystander=True)


def end_program(name, to_all, seconds, persistent, bystander):
    text = PROGRAM.replace("SECONDS", str(seconds)).replace("PERSISTENT", str(persistent))
    program = subprocess.Popen(
        [sys.executable, "-c", text.replace("BYSTANDER", str(bystander))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    others = []
    try:
        workers = [int(p) for p in program.stdout.readline().split()]
        if bystander:
            others = [workers.pop()]
        assert len(workers) == 2
        assert not shared_names([program.pid, *workers])  # so no name can be left behind
        number = signal.Signals[name]
        (os.killpg if to_all else os.kill)(program.pid, number)
        program.wait(60)
        assert program.returncode == -number
        assert not wait_for_end(workers)
        if not bystander:
            said = program.stderr.read()
            assert ("KeyboardInterrupt" in said) == (name == "SIGINT")
    finally:
        for pid in [program.pid, *others]:
            if lives(pid):
                os.kill(pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()
        program.stderr.close()


# ---------------------------------------------------------------- workers that end
class Numbers(Dataset):
    def __init__(self, n=40, size=3, wait=0):
        self.n, self.size, self.wait = n, size, wait

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        time.sleep(self.wait)
        return glasstorch.full((self.size,), float(i))


def workers_now():
    return [p for p in multiprocessing.active_children() if p.daemon]


def test_a_dead_worker_is_noticed_although_its_child_holds_the_pipe(tmp_path):
    note = tmp_path / "pid"

    class Leaves(Numbers):
        def __getitem__(self, i):
            if i == 9:
                child = os.fork()
                if child == 0:
                    time.sleep(30)
                    os._exit(0)
                note.write_text(str(child))
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__getitem__(i)

    start = time.monotonic()
    with pytest.raises(RuntimeError, match="exited unexpectedly, killed by signal: Killed"):
        list(DataLoader(Leaves(), 4, num_workers=2))
    assert time.monotonic() - start < 25  # before that child ends
    os.kill(int(note.read_text()), signal.SIGKILL)


def test_a_crash_and_an_exit_while_starting():
    def crash(number):
        faulthandler.disable()  # pytest's, which would tell of it at length
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(number):
        os._exit(9)

    for start, words in ((crash, "killed by signal: Segmentation fault"), (leave, "with exit code 9")):
        with pytest.raises(
            RuntimeError, match=rf"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly.*{words}"
        ):
            list(DataLoader(Numbers(), 4, num_workers=2, worker_init_fn=start))
    assert not workers_now()


def test_persistent_workers_are_replaced_after_a_death():
    loader = DataLoader(Numbers(80), 2, num_workers=2, persistent_workers=True)
    batches = iter(loader)
    next(batches)
    os.kill(batches.workers[0].process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(batches)
    assert [len(list(loader)) for _ in range(2)] == [40, 40]


def test_stop_iteration_in_a_dataset_with_numbers_ends_the_pass_as_in_pytorch():
    def numbers(E):
        class Stops(E.utils.data.Dataset):
            def __len__(self):
                return 6

            def __getitem__(self, i):
                if i == 2:
                    raise StopIteration
                return i

        return [b.item() for b in E.utils.data.DataLoader(Stops(), 1, num_workers=1)]

    assert numbers(glasstorch) == numbers(torch) == [0, 1]


class WantsTwo(Exception):
    def __init__(self, a, b):
        super().__init__(a)


ERRORS = [
    KeyError("k"),
    WantsTwo("a", "b"),
    OSError(2, "x", "f"),
    UnicodeDecodeError("utf8", b"a", 0, 1, "r"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_errors_arrive_as_in_pytorch(error):
    def heard(E):
        class Bad(E.utils.data.Dataset):
            def __len__(self):
                return 4

            def __getitem__(self, i):
                if i == 1:
                    raise error
                return i

        out, batches = [], iter(E.utils.data.DataLoader(Bad(), 1, num_workers=2))
        for _ in range(4):
            try:
                out.append(next(batches).item())
            except Exception as e:
                lines = str(e).strip().splitlines()
                out.append((type(e), lines[0], lines[-1]))
        return out

    assert heard(glasstorch) == heard(torch)


class OnlyInAWorker:
    """Can be written, but not read: the class's own loading refuses."""

    def __reduce__(self):
        return _refuse, ()


def _refuse():
    raise TypeError("not here")


def test_a_batch_that_cannot_be_read_fails_at_its_place():
    batches = iter(DataLoader(Numbers(4), 1, num_workers=2, collate_fn=_second_is_unreadable))
    assert next(batches) == 0
    with pytest.raises(TypeError, match=r"while reading a worker's batch(.|\n)*not here"):
        next(batches)
    assert list(batches) == [2, 3]


def _second_is_unreadable(samples):
    number = samples[0][0].item()
    return OnlyInAWorker() if number == 1 else number


# ---------------------------------------------------------------- passes that are left
class Counted(Dataset):
    """Samples that take half a second each, and leave a byte in a file."""

    def __init__(self, path):
        self.path = path

    def __len__(self):
        return 100

    def __getitem__(self, i):
        with open(self.path, "ab") as f:
            f.write(b".")
        time.sleep(0.5)
        return i


def test_breaking_out_waits_for_one_sample_and_not_for_all_that_was_ordered(tmp_path):
    path = tmp_path / "made"
    for _ in DataLoader(Counted(path), 1, num_workers=1, prefetch_factor=60):
        break
    gc.collect()
    assert not workers_now()
    assert 1 <= len(path.read_bytes()) < 30  # of the sixty that were ordered


def test_an_exception_in_the_loop_leaves_no_worker():
    def loop():
        for _ in DataLoader(Numbers(), 4, num_workers=2):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        loop()
    gc.collect()
    assert not workers_now()


def test_an_abandoned_pass_is_worked_off_by_persistent_workers_so_that_seeds_mean_the_same():
    def drawn(E):
        class Draws(E.utils.data.Dataset):
            def __len__(self):
                return 12

            def __getitem__(self, i):
                return E.rand(1)

        E.manual_seed(8)
        loader = E.utils.data.DataLoader(Draws(), 2, num_workers=2, persistent_workers=True)
        next(iter(loader))
        return [b.tolist() for _ in range(2) for b in loader]

    assert drawn(glasstorch) == drawn(torch)


def test_loaders_inside_loaders_and_in_threads():
    pairs = 0
    for a in DataLoader(Numbers(4, 20_000), 2, num_workers=2):
        for b in DataLoader(Numbers(6, 20_000), 2, num_workers=2):
            assert a[1, 5] == a[1, 0]
            assert b[1, 3] == b[1, 0]
            pairs += 1
    assert pairs == 6
    sums = []

    def read():
        total = 0.0
        for batch in DataLoader(Numbers(20, 20_000), 4, num_workers=2):
            total += batch[:, 7].sum().item()
            glasstorch.randn(100_000)  # holds the generator's lock while the others fork
        sums.append(total)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert sums == [190.0] * 3


def test_the_worker_starts_although_another_thread_holds_the_generator():
    lock = glasstorch.default_generator.stream.lock
    with lock:
        process = multiprocessing.get_context("fork").Process(target=_seed_and_draw)
        process.start()
        process.join(30)
    if process.is_alive():
        process.kill()
    assert process.exitcode == 0


def _seed_and_draw():
    from glasstorch.utils.data.worker import _seed

    _seed(1, 0)
    glasstorch.randn(100)


CELLS = """
import threading
import glasstorch
from glasstorch.utils.data import DataLoader, Dataset

class Squares(Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, i):
        return glasstorch.tensor(i * i)

assert threading.active_count() > 1
print([b.tolist() for b in DataLoader(Squares(), 4, num_workers=2, collate_fn=lambda s: glasstorch.stack(s))])
"""


@pytest.mark.slow
def test_in_a_notebook_with_a_dataset_written_there():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELLS)])
    nbclient.NotebookClient(notebook, timeout=90, kernel_name="python3").execute()
    text = "".join(o.get("text", "") for o in notebook.cells[0].outputs)
    assert "[[0, 1, 4, 9], [16, 25, 36, 49]]" in text
