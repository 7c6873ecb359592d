"""The lives of zygote and boxes: nothing outlives the worker, nothing leaks, a dead zygote is replaced."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.sandbox.box import Box
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, Sandbox, SandboxError
from support.sessions import session_members

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

HERE = Path(__file__).parent
FOLDER = HERE / "exercises" / "00-fixtures" / "exercises" / "fixture.relu-backward"
LOOP = "while True:\n    pass\n"


@pytest.fixture
def exercise() -> Exercise:
    return load_exercise(FOLDER)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


LEVELS = {
    "L4": {},
    "L3": {"cgroup": False},
    "L2": {"cgroup": False, "namespaces": False},
    "L2 without Landlock": {"cgroup": False, "namespaces": False, "landlock": False},
}
# Heeds no signal that can be ignored, and runs more than one thread.
STUBBORN = """
import signal, threading
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
threading.Thread(target=threading.Event().wait).start()
while True:
    pass
"""


def groups(zygote: int | None) -> list[Path]:
    """The control groups of a zygote, found by the box that waits in one."""
    assert zygote is not None
    found: set[str] = set()

    def named() -> bool:
        for member in session_members(zygote):
            found.update(re.findall(r"glasstorch-\w+", Path(f"/proc/{member}/cgroup").read_text()))
        return bool(found)

    wait_for(named, "no box of this zygote is in a control group")
    return [path for name in found for path in Path("/sys/fs/cgroup").glob(f"**/{name}")]


@pytest.fixture
def counted() -> Iterator[Sandbox]:
    with Sandbox(framework="") as sandbox:
        if not sandbox.in_force["cgroup"]:
            pytest.skip("no control groups here")
        yield sandbox


@pytest.mark.parametrize("killed", ["worker", "zygote"])
@pytest.mark.parametrize(
    "level",
    [
        name if name in ("L4", "L2 without Landlock") else pytest.param(name, marks=pytest.mark.slow)
        for name in LEVELS
    ],
)
def test_no_box_outlives_its_worker_or_zygote(level: str, killed: str) -> None:
    script = f"""
        from glasstorch_web.sandbox.box import Box
        from glasstorch_web.sandbox.limits import Limits
        from glasstorch_web.sandbox.process import Sandbox

        with Sandbox(isolation={LEVELS[level]!r}, framework="") as sandbox:
            print(sandbox.pid, flush=True)
            Box(sandbox, {STUBBORN!r}, limits=Limits(threads=1)).load()
    """
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert worker.stdout is not None
    with worker.stdout:
        zygote = int(worker.stdout.readline())
    wait_for(lambda: len(session_members(zygote)) == 3, "zygote, waiting box and box never ran")
    if killed == "worker":
        worker.kill()
    else:
        os.kill(zygote, signal.SIGKILL)
    wait_for(lambda: not session_members(zygote), "something outlived its worker")
    worker.kill()
    worker.wait()


def test_control_groups_go_with_their_zygote(counted: Sandbox) -> None:
    own = groups(counted.pid)
    with Box(counted, "x = 1\n") as box:
        box.load()
    assert own
    counted.close()
    assert not [path for path in own if path.exists()]


def test_control_groups_of_killed_zygotes_are_swept(counted: Sandbox) -> None:
    zygote = counted.pid
    own = groups(zygote)
    assert zygote is not None
    os.kill(zygote, signal.SIGKILL)
    wait_for(lambda: not session_members(zygote), "a box outlived its zygote")
    with Sandbox(framework=""):
        assert not [path for path in own if path.exists()]


def test_a_box_without_its_control_group_does_not_run(counted: Sandbox) -> None:
    """What was in force when the zygote started is in force for every box, or the box does not start."""
    counted.start_box(Limits()).close()
    for path in groups(counted.pid):
        for inner in path.glob("box-*"):
            wait_for(lambda inner=inner: emptied(inner), "a waiting box could not be moved out")
        path.rmdir()
    with pytest.raises(SandboxError, match="could not be started"), Box(counted, "x = 1\n") as box:
        box.load()


def emptied(group: Path) -> bool:
    """Move what waits in a group out of it, and remove it."""
    try:
        for process in (group / "cgroup.procs").read_text().split():
            (group.parents[1] / "cgroup.procs").write_text(process)
        group.rmdir()
    except OSError:
        return False
    return True


def test_closing_ends_everything() -> None:
    sandbox = Sandbox(framework="")
    sandbox.start()
    zygote = sandbox.pid
    assert zygote is not None
    process = sandbox.start_box(Limits())
    assert len(session_members(zygote)) >= 2
    sandbox.close()
    wait_for(lambda: not session_members(zygote), "something outlived the sandbox")
    process.close()


def test_a_dead_zygote_is_replaced() -> None:
    with Sandbox(framework="") as sandbox:
        first = sandbox.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        with Box(sandbox, "def f():\n    return 1\n") as box:
            box.load()
            assert box.call("f") == 1
        assert sandbox.pid != first


def test_a_zygote_that_dies_during_a_grade_costs_the_learner_nothing(
    grader: Grader, exercise: Exercise
) -> None:
    source = "import time\ntime.sleep(1)\n" + exercise.read("solution.py")
    zygote = grader._sandbox.pid
    assert zygote is not None
    killer = threading.Timer(0.3, os.kill, (zygote, signal.SIGKILL))
    killer.start()
    result = grader.grade(exercise, source)
    killer.join()
    assert result["status"] == "passed"
    assert grader._sandbox.pid != zygote


ROUNDS = 10


def test_grading_leaks_neither_descriptors_nor_processes(grader: Grader, exercise: Exercise) -> None:
    sources = [
        exercise.read("solution.py"),
        "def f(:",
        "import os\nos._exit(1)\n",
        "import os\nos.close(4)\n",
    ]
    zygote = grader._sandbox.pid
    assert zygote is not None

    def round_of_grades() -> None:
        for source in sources:
            grader.grade(exercise, source)

    def held_when_settled() -> tuple[int, int]:
        # The zygote and the box that waits; the last one graded is buried after its result is there.
        wait_for(lambda: len(session_members(zygote)) == 2, "a box stayed behind")
        return len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{zygote}/fd"))

    round_of_grades()
    before = held_when_settled()
    for _ in range(ROUNDS):
        round_of_grades()
    # What other tests have left may go meanwhile, and a box on its way out holds a few; a leak is one a round.
    wait_for(
        lambda: all(now < then + ROUNDS for now, then in zip(held_when_settled(), before)),
        "descriptors were left open",
    )


def test_one_grader_serves_several_threads(grader: Grader, exercise: Exercise) -> None:
    results: list[str] = []

    def work(source: str) -> None:
        results.extend(grader.grade(exercise, source)["status"] for _ in range(5))

    sources = [exercise.read("solution.py"), exercise.read("starter.py"), "def f(:"]
    threads = [threading.Thread(target=work, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["error"] * 5 + ["failed"] * 5 + ["passed"] * 5


def test_boxes_know_nothing_of_each_other(grader: Grader) -> None:
    leave = "import math, sys\nmath.left = sys.left = 1\nclass A: pass\n"
    look = "import math, sys\ndef seen():\n    return hasattr(math, 'left') or hasattr(sys, 'left')\n"
    with Box(grader._sandbox, leave) as box:
        box.load()
    with Box(grader._sandbox, look) as box:
        box.load()
        assert box.call("seen") is False


def test_computing_time_is_counted_over_all_boxes_of_a_submission(grader: Grader, exercise: Exercise) -> None:
    """os._exit after half the time must not buy a second helping."""
    busy = (
        "import os, time\n"
        "def relu_backward(x, g):\n"
        "    while time.process_time() < begun + 0.6: pass\n"
        "    os._exit(1)\n"
        "def scale(x, factor):\n"
        "    relu_backward(x, x)\n"
        "begun = time.process_time()\n"
    )
    limited = dataclasses.replace(exercise, limits=Limits(cpu_seconds=1, wall_seconds=10))
    result = grader.grade(limited, busy)
    assert result["cpu_time"] < 2.5
    assert result["status"] in ("failed", "timeout")


def test_output_in_the_last_words_does_not_confuse(grader: Grader, exercise: Exercise) -> None:
    flood = "import os\ndef scale(x, f): pass\n"
    flood += "def relu_backward(x, g):\n    os.write(1, b'x' * 60000)\n    os._exit(0)\n"
    result = grader.grade(exercise, flood)
    assert "exit status 0" in result["tests"][0]["output"]


def test_a_sandbox_that_cannot_start_says_why() -> None:
    sandbox = Sandbox(preload=("numpy", "no_such_package_here"), framework="")
    with pytest.raises(SandboxError, match="no_such_package_here"):
        sandbox.start()


def test_a_box_that_has_ended_stays_ended(grader: Grader) -> None:
    with Box(grader._sandbox, "import os\ndef f():\n    os._exit(5)\n") as box:
        box.load()
        for _ in range(2):
            with pytest.raises(BoxEnded) as ended:
                box.call("f")
            assert (ended.value.kind, ended.value.detail) == ("exit", "5")
        box.load()
        assert box.alive


@pytest.mark.parametrize("code", [70, 71, 72, 77])
def test_no_exit_status_is_taken_for_the_sandboxs_own_failure(
    grader: Grader, exercise: Exercise, code: int
) -> None:
    result = grader.grade(exercise, f"import os\nos._exit({code})\n")
    assert result["status"] == "error"
    assert "Your code" in result["message"] or "your code" in result["message"]
