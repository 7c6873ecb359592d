"""The lives of zygote and boxes: nothing outlives the worker, nothing leaks, a dead zygote is replaced."""

from __future__ import annotations

import dataclasses
import os
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


@pytest.mark.parametrize("isolation", [{}, {"namespaces": False}], ids=["L3", "L2"])
def test_nothing_outlives_a_killed_worker(tmp_path: Path, isolation: dict[str, bool]) -> None:
    script = f"""
        from glasstorch_web.sandbox.box import Box
        from glasstorch_web.sandbox.process import Sandbox

        with Sandbox(isolation={isolation!r}, framework="") as sandbox:
            print(sandbox.pid, flush=True)
            Box(sandbox, {LOOP!r}).load()
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
    worker.kill()
    worker.wait()
    wait_for(lambda: not session_members(zygote), "something outlived its worker")


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


def test_a_dead_zygote_is_replaced(grader: Grader, exercise: Exercise) -> None:
    first = grader._sandbox.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert grader.grade(exercise, exercise.read("solution.py"))["status"] == "passed"
    assert grader._sandbox.pid != first


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

    round_of_grades()
    before = len(os.listdir("/proc/self/fd"))
    zygote_before = len(os.listdir(f"/proc/{zygote}/fd"))
    for _ in range(10):
        round_of_grades()
    assert len(os.listdir("/proc/self/fd")) == before
    assert len(os.listdir(f"/proc/{zygote}/fd")) == zygote_before
    wait_for(lambda: len(session_members(zygote)) == 2, "a box stayed behind")  # zygote and waiting box


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


@pytest.mark.skipif(os.geteuid() != 0, reason="reading another process's memory needs root")
def test_expected_values_are_nowhere_in_zygote_or_box(grader: Grader, tmp_path: Path) -> None:
    """Scan the memory of every process on the other side while a box holds its answer."""
    folder = write_exercise(tmp_path, MEMORY_CHECK)
    source = "kept = []\ndef f(x):\n    kept.append(x)\n    return x + 1\n"
    result = grader.grade(load_exercise(folder), source)
    assert result["status"] == "passed", result["tests"][0]["output"]


MEMORY_CHECK = """
import os
from pathlib import Path

import numpy as np

from glasstorch_web.grader.checks import close

SECRET = "".join(chr(ord(c) ^ 1) for c in "dyqdbude,w`mtd,5ce802")  # spelt so that no other process has it


def members():
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
            if b"glasstorch_web.sandbox.zygote" in command and os.getsid(int(entry.name)) != os.getsid(0):
                yield int(entry.name)


def count(pid, *needles):
    found = [0] * len(needles)
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode, *_ = line.split()
            if "r" not in mode or line.rstrip().endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            memory.seek(start)
            try:
                content = memory.read(end - start)
            except OSError:
                continue
            found = [have + content.count(needle) for have, needle in zip(found, needles)]
    return found


def check_memory(box, rng):
    x = np.frombuffer(rng.bytes(32), np.uint8).copy()
    expected = np.frombuffer(rng.bytes(32), np.uint8).copy()
    title = SECRET.encode()
    box.call("f", x)
    pids = list(members())
    assert len(pids) >= 3, pids
    assert all(count(os.getpid(), title, expected.tobytes())), "the scan sees nothing"
    scans = [count(pid, x.tobytes(), title, expected.tobytes(), b"def check_memory") for pid in pids]
    assert any(scan[0] for scan in scans), "the scan does not see the inputs"
    assert [scan[1:] for scan in scans] == [[0, 0, 0]] * len(pids)
"""


def write_exercise(tmp_path: Path, checks: str) -> Path:
    folder = tmp_path / "00-x" / "exercises" / "memory.scan"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(
        'id = "memory.scan"\ntitle = "T"\nentry = "f"\nstatement = "S"\n'
        '[[check]]\nid = "memory"\ntitle = "M"\npoints = 1\n'
    )
    (folder / "checks.py").write_text(checks)
    for name in ("statement.md", "starter.py", "solution.py"):
        (folder / name).write_text("")
    return folder
