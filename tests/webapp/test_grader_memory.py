"""What a learner must not know is nowhere in the memory of the processes that run learner code, nor in files there.

A worker of its own grades a submission and waits. This process, as root, then reads the memory of the worker, which
must hold every secret (or the scan would prove nothing), and of zygote, keepers and boxes, which must hold none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.sessions import session_members

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/mem"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of another user's process"),
]

EXERCISE = {
    "exercise.toml": """
id = "memory.scan"
title = "Title-marker-of-the-exercise-81c2"
kind = "function"
entry = ["predict", "loss"]
statement = "Statement-marker-81c2"
tensors = true

[[check]]
id = "values"
title = "Visible-title-marker-3f70"
points = 1

[[check]]
id = "graph"
title = "The graph"
points = 1

[[check]]
id = "hidden-id-marker-c0de"
title = "Hidden-title-marker-9a4e"
points = 1
hidden = true
hint = "Hint-marker-9a4e"
""",
    "statement.md": "What to do.",
    "starter.py": "def predict(x): ...\ndef loss(x): ...\n",
    "checks.py": '''
import numpy as np
from glasstorch_web.grader.checks import close
from glasstorch_web.grader.graph_checks import same_graph

KEPT = []  # Source-marker-of-the-checks-77ab


def expected(x):
    """Docstring-marker-of-the-checks-77ab"""
    KEPT.append(np.tanh(1.7 * x) + 0.3)
    return KEPT[-1]


def check_values(box, rng):
    x = rng.normal(size=(6, 5)).astype("float32")
    close(box.call("predict", x), expected(x))


def check_graph(box, rng):
    same_graph(box, "loss", rng.normal(size=7).astype("float32"))


def check_hidden_id_marker_c0de(box, rng):
    x = rng.normal(size=(4, 3))
    close(box.call("predict", x), expected(x))
''',
    "solution.py": """
import torch


def predict(x):
    return torch.tanh(1.7 * x) + 0.3


def loss(x):
    text = "Solution-marker-of-the-author-5d19"
    return (torch.tanh(1.7 * x) + 0.3).sum() * len(text)
""",
}
LEARNER = """
import os

NAMES = {"checks.py", "solution.py", "exercise.toml", "statement.md", "starter.py"}
MARKER = "learner-marker-0b5e"


def found(place):
    return [os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names if name in NAMES]


def predict(x):
    print("files", found("/"))
    return x + 0.5


def loss(x):
    return x.sum()
"""

WORKER = """
import json, sys
import numpy as np
from glasstorch_web.grader import Grader, load_exercise
from glasstorch_web.grader import author_code

folder, learner, isolation = sys.argv[1], open(sys.argv[2]).read(), json.loads(sys.argv[3])
modules, load = [], author_code._module
author_code._module = lambda *args: modules.append(load(*args)) or modules[-1]

def progress(done, total, title):
    if done == total:
        arrays = [kept.astype(kind) for kept in modules[0].KEPT for kind in ("float32", "float64")]
        told = {"zygote": grader._sandbox.pid, "arrays": [[str(a.dtype), a.tobytes().hex()] for a in arrays]}
        print(json.dumps(told), flush=True)
        sys.stdin.readline()

with Grader(isolation=isolation) as grader:
    result = grader.grade(load_exercise(folder), learner, progress)
    print(json.dumps({"output": result["output"], "statuses": [test["status"] for test in result["tests"]]}))
"""

SECRET = "secret-of-the-worker-"
TEXTS = {
    "the hidden check's id": b"hidden-id-marker-c0de",
    "the hidden check's title": b"Hidden-title-marker-9a4e",
    "a hint": b"Hint-marker-9a4e",
    "the checks' docstring": b"Docstring-marker-of-the-checks-77ab",
    "the worker's environment": SECRET.encode() + b"4410",
}
SOLUTION, OWN = b"Solution-marker-of-the-author-5d19", b"learner-marker-0b5e"


def regions(pid: int) -> Iterator[bytes]:
    """The memory of a process but for what is only a file's."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights, _, _, inode, *_ = line.split(maxsplit=5)
            if rights[0] != "r" or (inode != "0" and rights[1] != "w") or "[v" in line:
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            for place in range(start, end, 1 << 24):
                try:
                    memory.seek(place)
                    # What lies across two pieces is found in the first.
                    yield memory.read(min(end - place, (1 << 24) + 1024))
                except OSError:
                    break


def holds(pid: int, needles: dict[str, bytes]) -> set[str]:
    """Which of these are in the memory of a process."""
    found: set[str] = set()
    for piece in regions(pid):
        found |= {name for name, needle in needles.items() if name not in found and needle in piece}
    return found


def swapped(data: bytes, size: int) -> bytes:
    return b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))


@pytest.mark.parametrize(
    "isolation",
    [{}, pytest.param({"cgroup": False, "namespaces": False}, marks=pytest.mark.slow)],
    ids=["strongest", "L2"],
)
def test_what_a_learner_must_not_know_is_not_there(tmp_path: Path, isolation: dict[str, bool]) -> None:
    folder = tmp_path / "exercise-folder-marker" / "exercises" / "memory.scan"
    folder.mkdir(parents=True)
    for name, text in EXERCISE.items():
        (folder / name).write_text(text)
    learner = tmp_path / "learner.py"
    learner.write_text(LEARNER)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), str(learner), json.dumps(isolation)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "GLASSTORCH_TEST_SECRET": SECRET + "4410",
        },
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    with worker, worker.stdin, worker.stdout:
        told: dict[str, Any] = json.loads(worker.stdout.readline())
        arrays = {f"{kind} array {k}": bytes.fromhex(data) for k, (kind, data) in enumerate(told["arrays"])}
        assert len(arrays) == 4
        secrets = TEXTS | arrays
        # The control: the checker holds all of it, and the scan finds it there.
        control = secrets | {"the solution": SOLUTION}
        assert holds(worker.pid, control) == set(control)

        secrets |= {
            f"{name}, big-endian": swapped(data, 4 if name.startswith("float32") else 8)
            for name, data in arrays.items()
        }
        boxes = {
            pid: holds(pid, secrets | {"the solution": SOLUTION, "own": OWN})
            for pid in session_members(told["zygote"])
        }
        worker.stdin.write("\n")
        worker.stdin.flush()
        result = json.loads(worker.stdout.readline())

    assert result["statuses"] == ["failed"] * 3
    assert result["output"].strip() == "files []"
    outside: dict[str, Any] = {}
    exec(LEARNER, outside)
    assert len(outside["found"](tmp_path)) == len(EXERCISE), "where files are to be seen, they are found"
    assert len(boxes) >= 3, "zygote, the learner's box and the solution's"
    learners = [found for found in boxes.values() if "own" in found]
    solutions = [found for found in boxes.values() if "the solution" in found]
    assert learners == [{"own"}]
    assert solutions == [{"the solution"}]
    others = [found for found in boxes.values() if not found & {"own", "the solution"}]
    assert others == [set()] * (len(boxes) - 2)
