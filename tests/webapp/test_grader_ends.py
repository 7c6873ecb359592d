"""Every way for a submission to end has a clear message, in bounded time, and the grader goes on."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.sandbox.limits import Limits

HERE = Path(__file__).parent
FOLDER = HERE / "exercises" / "00-fixtures" / "exercises" / "fixture.relu-backward"
SCALE = "\n\ndef scale(x, factor):\n    return x * factor\n"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    limits = Limits(cpu_seconds=1, wall_seconds=60, memory_mb=128)
    return dataclasses.replace(load_exercise(FOLDER), limits=limits)


def body(*lines: str) -> str:
    return "def relu_backward(x, g):\n" + "".join(f"    {line}\n" for line in lines) + SCALE


ENDS = {
    "syntax error": (
        "def scale(x, factor):\n    return x * factor\n\n\ndef relu_backward(x, g)\n    return g\n",
        "error",
        "SyntaxError on line 5: expected ':'\n    def relu_backward(x, g)\n                           ^",
    ),
    "indentation": (
        "def f():\nreturn 1\n",
        "error",
        "IndentationError on line 2: expected an indented block",
    ),
    "unclosed bracket": (
        "x = (1,\n",
        "error",
        "SyntaxError on line 1: '(' was never closed\n    x = (1,\n        ^",
    ),
    "null bytes": ("x = 1\0", "error", "null bytes"),
    "half a character": ("x = '\ud800'", "error", "half of a character pair"),
    "nothing": (" \n", "error", "There is no code"),
    "too long": ("x = 1\n" * 60_000, "error", "at most 256 KiB"),
    "missing function": (
        "def relu_bakward(x, g):\n    return g\n" + SCALE,
        "error",
        "does not define `relu_backward`. Did you mean to call `relu_bakward` so?",
    ),
    "function is none": ("relu_backward = None" + SCALE, "failed", "There is no function `relu_backward`"),
    "wrong arguments": (
        "def relu_backward(x):\n    return x\n" + SCALE,
        "failed",
        "TypeError: relu_backward() takes 1 positional argument but 2 were given",
    ),
    "exception": (
        body("half = len(x)", "raise ValueError(f'no {half}')"),
        "failed",
        "ValueError: no 5\n  line 3, in relu_backward\n    raise ValueError(f'no {half}')",
    ),
    "exception at import": (
        "numbers = []\nnumbers[3]\n",
        "error",
        "IndexError: list index out of range\n  line 2",
    ),
    "exception inside numpy": (body("return x @ g"), "failed", "line 2, in relu_backward\n    return x @ g"),
    "missing package": ("import pandas\n", "error", "No module named 'pandas'"),
    "exit": (body("exit()"), "failed", "ended the program"),
    "sys.exit": ("import sys\nsys.exit(0)\n", "error", "ended the program"),
    "os._exit": ("import os\nos._exit(0)\n", "error", "ended the whole process (exit status 0)"),
    "keyboard interrupt": (body("raise KeyboardInterrupt"), "failed", "KeyboardInterrupt"),
    "recursion": (
        body("return relu_backward(x, g)"),
        "failed",
        "`relu_backward` calls itself without end (RecursionError).\n  line 2, in relu_backward",
    ),
    "crash": (
        "import ctypes\n" + body("ctypes.string_at(0)"),
        "failed",
        "Your code crashed Python (SIGSEGV)",
    ),
    "1 GB at once": (
        body("x = bytearray(1 << 30)"),
        "failed",
        "more than the 128 MiB of memory allowed.\n  line 2",
    ),
    "1 GB of numbers": (
        "import numpy as np\n" + body("return np.ones((1 << 27,))"),
        "failed",
        "more than the 128 MiB of memory allowed.\n  line 3",
    ),
    "1 GB bit by bit": (
        body("kept = []", "while True:", "    kept.append(bytes(1 << 16))"),
        "failed",
        "more than the 128 MiB of memory allowed",
    ),
    "1 GB of output": (
        body("line = 'x' * 1000", "for _ in range(1_000_000):", "    print(line)"),
        "failed",
        "printed more than 1024 KiB",
    ),
    "fork bomb": ("import os\nwhile True:\n    os.fork()\n", "error", "without network, other processes"),
    "threads": (
        "import threading\n" + body("threading.Thread(target=print, daemon=True).start()"),
        "failed",
        "without threads",
    ),
    "network": (
        "import socket\nsocket.create_connection(('127.0.0.1', 80), timeout=3)\n",
        "error",
        "without network",
    ),
    "input": (body("return input()"), "failed", "Nobody is there to answer"),
    "writing": ("open('notes.txt', 'w')\n", "error", "without network, other processes, or files to write"),
    "infinite loop": (
        body("n = 0", "while True:", "    n += 1"),
        "timeout",
        "Stopped after 1 s of computing; your loop at line 3 was running",
    ),
    "infinite loop at import": ("while True:\n    pass\n", "timeout", "your loop at line 1 was running"),
}


@pytest.mark.parametrize("name", ENDS)
def test_end(grader: Grader, exercise: Exercise, name: str) -> None:
    source, status, message = ENDS[name]
    begun = time.monotonic()
    result = grader.grade(exercise, source)
    assert time.monotonic() - begun < 30  # generous: it does not hang
    first = result["tests"][0]
    said = result["message"] if first["status"] == "skipped" else first["output"]
    assert message in said
    assert result["status"] == status
    assert first["score"] == 0
    assert "Traceback" not in said
    assert str(HERE.parents[1]) not in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("time.sleep(60)", "your code was waiting in `time.sleep(60)` at line 3:"),
        ("while True: pass", "your loop at line 3 was running:"),
    ],
)
def test_time_passing_is_limited_too(grader: Grader, exercise: Exercise, line: str, said: str) -> None:
    limited = dataclasses.replace(exercise, limits=Limits(cpu_seconds=30, wall_seconds=2))
    result = grader.grade(limited, "import time\n" + body(line))
    assert result["tests"][0]["output"].startswith(f"Stopped after 2 s; {said}\n    {line}\n")
    assert result["status"] == "timeout"


def test_reading_the_checks(grader: Grader, exercise: Exercise) -> None:
    result = grader.grade(exercise, f"print(open({str(FOLDER / 'checks.py')!r}).read())\n")
    assert result["status"] == "error"
    assert "Error: " in result["message"]
    assert "def check_" not in str(result)


def test_one_bad_function_costs_only_its_own_points(grader: Grader, exercise: Exercise) -> None:
    """After a box has ended, the other checks get a new one."""
    result = grader.grade(exercise, "import os\n" + body("os._exit(3)"))
    assert [test["status"] for test in result["tests"]] == ["error", "passed", "error"]
    assert result["score"] == 2


def test_printed_text_is_kept_up_to_a_limit(grader: Grader, exercise: Exercise) -> None:
    result = grader.grade(exercise, body("print('y' * 100_000)", "return g"))
    assert 60_000 < result["output"].count("y") <= 64 * 1024


def test_hidden_checks_tell_nothing(grader: Grader, exercise: Exercise) -> None:
    """Neither by printing, nor by exceptions, nor through memory do hidden inputs come out."""
    seen = body(
        "seen.append(repr(g.shape))",
        "print('seen', seen, flush=True)",
        "if g.ndim != 2: raise ValueError('seen ' + repr(g))",
        "return g * (x > 0)",
    )
    result = grader.grade(exercise, "seen = []\n" + seen)
    hidden = result["tests"][2]
    assert hidden["visibility"] == "hidden"
    assert hidden["output"] == "Your code raised ValueError."
    assert hidden["detail"] is None
    assert result["output"] == "seen ['(5, 7)']\n"


def test_hidden_checks_tell_no_name_made_up(grader: Grader, exercise: Exercise) -> None:
    """An exception's name could carry the inputs too."""
    result = grader.grade(
        exercise, body("if g.ndim != 2: raise type('shape' + repr(g.shape), (Exception,), {})", "return g")
    )
    assert result["tests"][2]["output"] == "Your code raised an exception."


@pytest.mark.parametrize("way", ["__import__('os')._exit(len(g) + 40)", "while True: pass"])
def test_hidden_checks_tell_no_line_and_no_exit_status(grader: Grader, exercise: Exercise, way: str) -> None:
    result = grader.grade(exercise, body("if g.ndim == 1:", f"    {way}", "return g * (x > 0)"))
    said = result["tests"][2]["output"]
    assert said.startswith(("Your code ended the whole process before", "Stopped after 1 s of computing. Is"))


def test_same_seed_same_result(grader: Grader, exercise: Exercise) -> None:
    source = "import random, numpy as np\n" + body("return g * (x > 0) + random.random() * np.random.rand()")
    first, again = (grader.grade(exercise, source, seed=77) for _ in range(2))
    for result in (first, again):
        del result["execution_time"], result["cpu_time"], result["memory_mb"]  # type: ignore[misc]
    assert first == again
    other = grader.grade(exercise, source, seed=78)
    assert other["tests"][0]["detail"] != first["tests"][0]["detail"]


def test_progress_names_every_check(grader: Grader, exercise: Exercise) -> None:
    told: list[tuple[int, int, str]] = []
    grader.grade(exercise, exercise.read("solution.py"), lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert told[0][2] == exercise.checks[0].title
