"""What grading costs: alone, and for a class that hands in at once. Exercises with ten checks.

First the grader alone: grades a second, and the time of one, with one and two graders, for an exercise in NumPy alone
and one of tensors with gradients, and at each level of isolation, beside a process that starts cold; ratios are of
computing time, which others on the machine disturb least. Then a service with two workers, to which many learners
submit over HTTP at the same moment: how long it takes to be accepted, to be graded, and until all are. Asked for, on
two free cores: 50 grades a second, 95 % within 100 ms, and nothing lost.

    PYTHONPATH=tests python bench/load.py [--learners 500] [--database sqlite|postgresql] [--only grader|service]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
from glasstorch_web.grader import Grader, load_exercise
from glasstorch_web.store import Database, Submission, Submissions
from support.chaos import database
from support.service import EXERCISES, Service

EXERCISE = "service.dense-layer"
FOLDER = EXERCISES / "01-service/exercises" / EXERCISE
SOLUTION = (FOLDER / "solution.py").read_text()
ARRAYS = Path(__file__).parent / "exercises/bench.numpy-layer"  # the same without tensors and gradients
COLD = """
import sys
import glasstorch.aliasing
glasstorch.aliasing.install()
namespace = {}
exec(sys.stdin.read(), namespace)
import torch
x = torch.ones(3, 4, requires_grad=True)
namespace["dense"](x, torch.ones(4, 3), torch.ones(3)).sum().backward()
"""
# What to leave out, strongest first; the level is what the self-test then measures.
LAYERS: dict[str, dict[str, bool]] = {
    "everything": {},
    "no control groups": {"cgroup": False},
    "no namespaces": {"cgroup": False, "namespaces": False},
    "limits alone": {
        "cgroup": False, "namespaces": False, "landlock": False, "seccomp": False, "own_uid": False,
    },
    "nothing": {
        "cgroup": False, "namespaces": False, "landlock": False, "seccomp": False, "own_uid": False,
        "limits": False,
    },
}  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def milliseconds(values: list[float]) -> str:
    return f"{1000 * statistics.median(values):7.1f} {1000 * percentile(values, 0.95):7.1f}"


def computed(pid: int) -> float:
    """Seconds that a process and its ended children have computed."""
    return sum(psutil.Process(pid).cpu_times()[:4])


_start: Any = None  # in a process that grades: where all of them wait for each other


def _wait_for(start: Any) -> None:
    global _start
    _start = start


def grade_many(folder: Path, grades: int, left_out: dict[str, bool]) -> tuple[str, list[float], float, float]:
    """In a process of its own, as a worker: the level, the time of each grade, of all, and the computing time."""
    exercise, solution = load_exercise(folder), (folder / "solution.py").read_text()
    with Grader(isolation=left_out) as grader:
        level = grader.isolation["level"]
        for _ in range(3):
            assert grader.grade(exercise, solution)["status"] == "passed"
        pids = [os.getpid(), *(child.pid for child in psutil.Process().children())]
        _start.wait()
        before, begun, times = sum(map(computed, pids)), time.perf_counter(), []
        for _ in range(grades):
            one = time.perf_counter()
            assert grader.grade(exercise, solution)["status"] == "passed"
            times.append(time.perf_counter() - one)
        return level, times, time.perf_counter() - begun, sum(map(computed, pids)) - before


def graders(
    count: int, grades: int, left_out: dict[str, bool], folder: Path = FOLDER
) -> tuple[str, float, list[float], float]:
    """The level, grades a second, the time of each, and computing time for one."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(count, _wait_for, (context.Barrier(count),)) as pool:
        found = pool.starmap(grade_many, [(folder, grades, left_out)] * count, chunksize=1)
    times = [one for _, some, _, _ in found for one in some]
    rate = sum(len(some) / wall for _, some, wall, _ in found)
    return found[0][0], rate, times, sum(cpu for *_, cpu in found) / len(times)


def cold(grades: int) -> tuple[list[float], float]:
    """The same answer in a Python that starts anew, without any protection."""
    times, before = [], os.times()
    for _ in range(grades):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD], input=SOLUTION, text=True, check=True)
        times.append(time.perf_counter() - begun)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return times, spent / grades


def measure_grader(grades: int) -> None:
    print(f"{'the grader alone':<28}level grades/s  p50 ms  p95 ms   CPU ms  to cold")
    times, base = cold(max(5, grades // 10))
    print(
        f"{'a cold Python, unprotected':<28}{'':<5}{1 / statistics.mean(times):6.1f} {row(times, base, base)}"
    )
    for count, folder, what in (
        (1, ARRAYS, "arrays"),
        (2, ARRAYS, "arrays"),
        (1, FOLDER, "tensors"),
        (2, FOLDER, "tensors"),
    ):
        level, rate, times, cpu = graders(count, grades, {}, folder)
        print(f"{f'{count} at once, {what}':<28}{level:<5}{rate:6.1f} {row(times, cpu, base)}", flush=True)
    for name, left_out in LAYERS.items():
        level, rate, times, cpu = graders(1, grades, left_out)
        print(f"{name:<28}{level:<5}{rate:6.1f} {row(times, cpu, base)}", flush=True)


def row(times: list[float], cpu: float, base: float) -> str:
    return f"{milliseconds(times)} {1000 * cpu:8.1f} {cpu / base:8.3f}"


def measure_service(kind: str, learners: int) -> bool:
    """Whether nothing was lost."""
    settings = {
        "GLASSTORCH_QUEUE_LIMIT": str(learners + 1),
        "GLASSTORCH_WORKERS": "2",
    }
    with tempfile.TemporaryDirectory(prefix="load-") as folder, database(kind) as environment:
        service = Service(Path(folder) / "state", **settings, **environment).start()
        try:
            while httpx.get(f"{service.url}/readyz").status_code != 200 or len(service.workers()) < 2:
                time.sleep(0.1)
            time.sleep(1)  # the second worker's self-test
            before = spent(service)
            begun = time.time()
            accepted = all_at_once(service, learners)
            done = results(service, list(accepted), begun)
            cpu = spent(service) - before
        finally:
            service.stop()
    waits = [found.finished_at - found.submitted_at for found in done if found.finished_at]
    passed = sum(found.result is not None and found.result["status"] == "passed" for found in done)
    drained = max(found.finished_at or 0 for found in done) - begun
    print(f"\n{learners} learners at once, 2 workers, {kind}        p50 ms  p95 ms")
    print(f"{'accepted within':<46}{milliseconds(list(accepted.values()))}")
    print(f"{'graded within':<46}{milliseconds(waits)}")
    each = {part: 1000 * seconds / len(done) for part, seconds in cpu.items()}
    said = ", ".join(f"{part} {value:.1f}" for part, value in each.items())
    print(f"all graded after {drained:.1f} s: {len(done) / drained:.1f} grades/s")
    print(f"CPU ms for each: {said}; together {sum(each.values()):.1f}. Lost or wrong: {learners - passed}")
    return passed == learners


def all_at_once(service: Service, learners: int) -> dict[str, float]:
    """Every submission's id, and the seconds until it was accepted."""
    start = threading.Barrier(min(learners, 100))

    def hand_in(numbers: range) -> list[tuple[str, float]]:
        answers = []
        with httpx.Client(timeout=120, headers={"X-Glasstorch": "1"}) as client:
            client.get(f"{service.url}/healthz")
            start.wait()
            for number in numbers:
                body = {"exercise": EXERCISE, "source": f"{SOLUTION}# {number}\n"}
                begun = time.perf_counter()
                answer = client.post(f"{service.url}/api/v1/submissions", json=body)
                assert answer.status_code == 202, answer.text
                answers.append((answer.json()["id"], time.perf_counter() - begun))
        return answers

    with ThreadPoolExecutor(start.parties) as pool:
        parts = [range(first, learners, start.parties) for first in range(start.parties)]
        return dict(one for answers in pool.map(hand_in, parts) for one in answers)


def results(service: Service, idents: list[str], begun: float) -> list[Submission]:
    store = Database(service.database)
    try:
        reading = Submissions(store)
        while True:
            found = [
                one
                for first in range(0, len(idents), 100)
                for one in reading.many(idents[first : first + 100]).values()
            ]
            if all(one.state == "done" for one in found):
                return found
            time.sleep(0.5)
    finally:
        store.close()


def spent(service: Service) -> Counter[str]:
    """Computing time so far of the server, its workers, their zygotes, and the boxes that these have ended."""
    assert service.process is not None
    server = psutil.Process(service.process.pid).cpu_times()
    parts = Counter({"server": server.user + server.system})
    for worker in service.workers():
        times = worker.cpu_times()
        parts["workers"] += times.user + times.system
        for zygote in worker.children():
            times = zygote.cpu_times()
            parts["zygotes"] += times.user + times.system
            parts["boxes"] += times.children_user + times.children_system
    return parts


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=500)
    parser.add_argument("--grades", type=int, default=100, help="for each line about the grader")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", choices=["grader", "service"])
    options = parser.parse_args()
    if options.only != "service":
        measure_grader(options.grades)
    return 0 if options.only == "grader" or measure_service(options.database, options.learners) else 1


if __name__ == "__main__":
    sys.exit(main())
