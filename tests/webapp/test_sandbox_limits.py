"""Which limit ended a box is known, not guessed; threads are counted; groups of both kinds are found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.kernel import cgroups
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, BoxProcess, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own counters are Linux's")

LEVELS = {"whole": {}, "L2": {"cgroup": False, "namespaces": False}}
LOOP = "def loop():\n    while True:\n        pass\n"
THREADS = """
import threading

def together(count):
    end, started = threading.Event(), []
    try:
        for _ in range(count):
            started.append(threading.Thread(target=end.wait))
            started[-1].start()
    finally:
        end.set()
    for thread in started:
        thread.join()
    return len(started)

def burn():
    def loop():
        while True:
            pass
    for _ in range(2):
        threading.Thread(target=loop).start()
    loop()

def fill(amount):
    return len(bytearray(b"x") * amount)

"""


@pytest.fixture(scope="module", params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(isolation=LEVELS[request.param], framework="") as sandbox:
        yield sandbox


# Where the kernel's counters are looked at, a box burns seconds: the same at both levels, which differ in how a box is
# told apart, not in how it is counted.
once = pytest.mark.parametrize(
    "sandbox", ["whole", pytest.param("L2", marks=pytest.mark.slow)], indirect=True
)


def end_of(box: Box, name: str, *arguments: object) -> BoxEnded:
    with pytest.raises(BoxEnded) as ended:
        box.call(name, *arguments)
    return ended.value


@once
def test_the_signal_tells_computing_from_waiting(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the time counted afterwards: on a busy machine it is not what the signal went by."""
    finish = BoxProcess._finish
    monkeypatch.setattr(BoxProcess, "_finish", lambda self: {**finish(self), "cpu": 0.0})
    with Box(sandbox, LOOP, limits=Limits(cpu_seconds=1, wall_seconds=60)) as box:
        box.load()
        assert end_of(box, "loop").kind == "cpu"
    monkeypatch.setattr(BoxProcess, "_finish", lambda self: {**finish(self), "cpu": 4.0})
    source = "import time\ndef wait():\n    time.sleep(60)\n"
    with Box(sandbox, source, limits=Limits(cpu_seconds=2, wall_seconds=0.3)) as box:
        box.load()
        ended = end_of(box, "wait")
    assert (ended.kind, ended.frames[0][0]) == ("wall", 3)


@once
def test_one_that_ignores_the_signal_is_still_stopped_for_computing(sandbox: Sandbox) -> None:
    """The kernel's second signal cannot be ignored."""
    source = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n" + LOOP
    with Box(sandbox, source, limits=Limits(cpu_seconds=1, wall_seconds=60)) as box:
        box.load()
        assert end_of(box, "loop").kind == "cpu"


def test_threads_only_where_the_exercise_asks(sandbox: Sandbox) -> None:
    with Box(sandbox, THREADS, limits=Limits()) as box:
        box.load()
        with pytest.raises(CallFailed) as failed:
            box.call("together", 1)
        assert failed.value.message == "can't start new thread"
    with Box(sandbox, THREADS, limits=Limits(threads=4)) as box:
        box.load()
        assert box.call("together", 4) == 4
        with pytest.raises(CallFailed):
            box.call("together", 12)
        assert box.call("together", 4) == 4


def test_a_box_with_threads_starts_no_process(sandbox: Sandbox) -> None:
    source = "import os\ndef attack():\n    return os.fork()\n"
    with Box(sandbox, source, limits=Limits(threads=4)) as box:
        box.load()
        with pytest.raises(CallFailed) as failed:
            box.call("attack")
        assert failed.value.type == "PermissionError"


@once
def test_all_threads_compute_on_one_account_and_end_together(sandbox: Sandbox) -> None:
    with Box(sandbox, THREADS, limits=Limits(threads=4, cpu_seconds=1, wall_seconds=60)) as box:
        box.load()
        assert end_of(box, "burn").kind == "cpu"
        assert not box.alive


def test_memory_is_counted_by_the_group() -> None:
    with Sandbox(framework="") as sandbox:
        if not sandbox.in_force["cgroup"]:
            pytest.skip("no control groups here")
        with Box(sandbox, THREADS, limits=Limits(memory_mb=8, threads=16)) as box:
            box.load()
            ended = end_of(box, "fill", sandbox.in_force["inherited"] + (48 << 20))
        assert (ended.kind, ended.detail) == ("memory", "")
        with Box(sandbox, THREADS, limits=Limits(memory_mb=256)) as box:
            box.load()
            box.call("fill", 100 << 20)
        assert 100 << 10 < box.memory_kb < 160 << 10  # and not what it shares with the zygote


def write(place: Path, mounts: str, own: str) -> str:
    (place / "mountinfo").write_text(mounts)
    (place / "cgroup").write_text(own)
    return str(place)


class TestWhereGroupsAre:
    """The files of /proc as other machines have them."""

    def test_both_controllers_of_version_1(self, tmp_path: Path) -> None:
        mounts = (
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            "39 31 0:36 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
        )
        proc = write(tmp_path, mounts, "8:pids:/docker/abc/in\n4:memory:/user\n")
        assert cgroups._candidates(proc) == [
            (1, ["/sys/fs/cgroup/memory/user", "/sys/fs/cgroup/pids/in"]),
        ]

    def test_controllers_mounted_together(self, tmp_path: Path) -> None:
        mounts = "35 31 0:32 / /cg rw - cgroup cgroup rw,memory,pids\n"
        assert cgroups._candidates(write(tmp_path, mounts, "4:memory,pids:/a\n")) == [(1, ["/cg/a"])]

    def test_version_2_and_the_subtree_above(self, tmp_path: Path) -> None:
        mounts = "26 22 0:23 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
        proc = write(tmp_path, mounts, "0::/user.slice/web.service/main\n")
        service = "/sys/fs/cgroup/user.slice/web.service"
        assert cgroups._candidates(proc) == [(2, [f"{service}/main"]), (2, [service])]

    def test_version_2_in_a_container(self, tmp_path: Path) -> None:
        mounts = "26 22 0:23 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n"
        assert cgroups._candidates(write(tmp_path, mounts, "0::/\n")) == [(2, ["/sys/fs/cgroup"])]

    def test_one_controller_is_not_enough(self, tmp_path: Path) -> None:
        mounts = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        with pytest.raises(OSError, match="not both counted"):
            cgroups.open_groups(write(tmp_path, mounts, "4:memory:/\n"))

    def test_version_2_without_the_controllers_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "cgroup.controllers").write_text("cpu memory\n")
        mounts = f"26 22 0:23 / {tmp_path} rw - cgroup2 cgroup2 rw\n"
        with pytest.raises(OSError, match="no controller for pids"):
            cgroups.open_groups(write(tmp_path, mounts, "0::/\n"))

    def test_version_2_is_limited_by_its_own_names(self, tmp_path: Path) -> None:
        box = tmp_path / "box-1"
        box.mkdir()
        for name in ("memory.max", "memory.swap.max", "pids.max", "cgroup.procs"):
            (box / name).touch()
        (box / "memory.peak").write_text("4096\n")
        (box / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
        place = os.open(tmp_path, os.O_DIRECTORY)
        try:
            group = cgroups.Group(2, (place,), "box-1")
            group.limit(memory_bytes=1 << 20, tasks=3)
            group.enter(77)
            assert group.usage() == cgroups.Usage(peak=4096, killed=True)
        finally:
            os.close(place)
        written = {path.name: path.read_text() for path in box.iterdir()}
        assert written["memory.max"] == "1048576"
        assert written["memory.swap.max"] == "0"
        assert written["pids.max"] == "3"
        assert written["cgroup.procs"] == "77"
