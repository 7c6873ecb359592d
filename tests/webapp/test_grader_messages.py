"""What a learner reads when their code was stopped, failed or gave nothing: their line, the cause, and what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from glasstorch_web.grader import Exercise, Grader, load_exercise
from glasstorch_web.grader.learner_source import LearnerSource, Loop
from glasstorch_web.sandbox.limits import Limits

HERE = Path(__file__).parent
FIXTURES = HERE / "exercises" / "00-fixtures" / "exercises"
SCALE = "\n\ndef scale(x, factor):\n    return x * factor\n"
SLOW = "It would come to its end, but has too much to do"
SHAPES = "\nPrint the shapes on that line"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


def arrays(*lines: str, before: str = "") -> tuple[str, str]:
    return "fixture.relu-backward", before + "def relu_backward(x, g):\n" + indented(lines) + SCALE


def tensors(*lines: str, before: str = "import torch\n") -> tuple[str, str]:
    return "fixture.two-layer-loss", before + "def loss(x, y, w1, b1, w2, b2):\n" + indented(lines)


def indented(lines: tuple[str, ...]) -> str:
    return "".join(f"    {line}\n" for line in lines)


NET = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        {}
        self.layer = nn.Linear(3, 4)
"""
FORWARD = "    def forward(self, x):\n        return self.layr(x)\n"

STOPPED = {
    "a condition that nothing changes": (
        arrays("n = 3", "total = 0", "while n > 1:", "    total += n", "return g"),
        "Stopped after 1 s of computing; your loop at line 4 was running",
        "while n > 1:\nNothing in it changes `n`, so its condition stays true.",
    ),
    "a loop with a way out": (
        arrays("n = 3", "while True:", "    n = n + 1", "    if n < 0: break", "return g"),
        "your loop at line 3 was running",
        "Does it ever come to the line that leaves it?",
    ),
    "slow work in the inner of two loops": (
        arrays(
            "t = 0", "for i in range(10**9):", "    for j in range(10**6):", "        t += i*j", "return g"
        ),
        "your loop at line 4 was running",
        f"for j in range(10**6):\n{SLOW}",
    ),
    "an endless iterator": (
        arrays("for i in itertools.count():", "    pass", "return g", before="import itertools\n"),
        "your loop at line 3 was running",
        "`itertools.count()` never ends, and nothing in the loop leaves it.",
    ),
    "a comprehension": (
        arrays("return sum(i for i in range(10**9))"),
        "your loop at line 2 was running",
        SLOW,
    ),
    "a function called in a loop": (
        arrays(
            "y = 2", "while y > 0:", "    root(y)", "return g", before="def root(x):\n    return x ** 0.5\n"
        ),
        "your loop at line 5 was running",
        "while y > 0:\nDoes its condition ever become false?",
    ),
    "one line": (
        arrays("return sum(range(10**10))"),
        "your code was at line 2:\n    return sum(range(10**10))",
        "This one line has too much to do.",
    ),
    "recursion that ends too late": (
        arrays("return fib(50)", before="def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
        "`fib` was calling itself (your code was at line 2)",
        "never comes to the case that ends it",
    ),
}

FAILED = {
    "recursion": (
        arrays("return relu_backward(x, g)"),
        "`relu_backward` calls itself without end",
        "  line 2, in relu_backward",
    ),
    "two functions that call each other": (
        arrays(
            "return even(3)",
            before="def even(n):\n    return odd(n - 1)\n\ndef odd(n):\n    return even(n - 1)\n",
        ),
        "`even` and `odd` call each other",
        "line 2, in even\n    return odd(n - 1)\n  line 5, in odd\n    return even(n - 1)\nWhich case ends it",
    ),
    "a large array": (
        arrays("return np.ones((1 << 14, 1 << 13))", before="import numpy as np\n"),
        "more than the 128 MiB of memory allowed.\n  line 3, in relu_backward\n    return np.ones((1 << 14, 1 << 13))",
        "An array of 1.00 GiB was asked for: shape (16384, 8192), float64.",
    ),
    "a list that grows": (
        arrays("kept = []", "while True:", "    kept.append(bytes(1 << 16))"),
        "line 4, in relu_backward\n    kept.append(bytes(1 << 16))",
        "Your loop at line 3 was running: does something grow in it?",
    ),
    "printing without end": (
        arrays("n = 0", "while True:", "    n += 1", "    print('x' * 1000)"),
        "printed more than 1024 KiB; the print at line 5, in the loop at line 3, was the last:",
        "    print('x' * 1000)",
    ),
    "a name misspelt": (
        arrays("total = 3", "return totl"),
        "NameError: name 'totl'",
        "Did you mean `total`?",
    ),
    "a missing import": (
        arrays("return np.exp(x)"),
        "NameError: name 'np'",
        "Is `import numpy as np` missing at the top?",
    ),
    "a misspelt function": (
        arrays("return np.zeross(3)", before="import numpy as np\n"),
        "no attribute 'zeross'",
        "Did you mean `zeros`?",
    ),
    "print instead of return": (
        arrays("print(g)"),
        "Is a `return` missing?",
        "`relu_backward` prints on line 2 and returns nothing: is `return` meant there?",
    ),
    "no return": (
        arrays("y = g * 2"),
        "is None; it must be an array",
        "`relu_backward` (line 1) has no `return` with a value.",
    ),
    "no return at one end": (
        arrays("if len(x) > 100:", "    return g"),
        "`relu_backward` returns a value on line 3",
        "there is a way through it that ends without `return`.",
    ),
    "yield": (arrays("yield g"), "Your code returned a generator", "It holds a `yield`"),
    "map": (arrays("return map(abs, g)"), "Your code returned a map", "Use `list(...)`."),
    "a method not called": (
        arrays("return g.sum"),
        "Your code returned a method",
        "Did you mean to call it, with `()`?",
    ),
    "shapes in NumPy": (arrays("return x + g[:2]"), "shapes (5,7) (2,7)", f"return x + g[:2]{SHAPES}"),
    "None in a sum": (arrays("return print(1) + 1"), "'NoneType'", "Something on that line is None"),
    "shapes of a product": (
        tensors("return (x @ w2).sum()"),
        "(5x3 and 4x2)",
        f"return (x @ w2).sum(){SHAPES}",
    ),
    "shapes of a sum": (
        tensors("return (x + y).sum()"),
        "size of tensor a (3)",
        f"return (x + y).sum(){SHAPES}",
    ),
    "in place on an input": (
        tensors("w1 += 1", "return w1.sum()"),
        "    w1 += 1",
        "The line changes a tensor that was given",
    ),
    "in place on what backward needs": (
        tensors("h = torch.exp(w1)", "h += 1", "return h.sum()"),
        "modified by an inplace",
        "A value that backward still needs",
    ),
    "no tensor": (
        tensors("h = x @ w1"),
        "the function returned None",
        "`loss` (line 2) has no `return` with a value.",
    ),
    "a misspelt tensor function": (
        tensors("return torch.relux(x)"),
        "no attribute 'relux'",
        "Did you mean `relu`?",
    ),
    "a missing alias": (
        tensors("return F.relu(x)"),
        "name 'F'",
        "Is `import torch.nn.functional as F` missing",
    ),
    "a misspelt layer": (
        tensors("return Net()(x).sum()", before=NET.format("super().__init__()") + FORWARD),
        "'Net' object has no attribute 'layr'",
        "return self.layr(x)\nDid you mean `layer`?",
    ),
    "no call of super": (
        tensors("return Net()(x).sum()", before=NET.format("self.n = 1") + FORWARD),
        "self.layer = nn.Linear(3, 4)",
        "Let `__init__` begin with `super().__init__()`.",
    ),
    "a comprehension that fails": (
        arrays("return [1 / (n - 1) for n in range(3)]"),
        "ZeroDivisionError",
        "  line 2, in relu_backward",
    ),
}


def exercise(name: str) -> Exercise:
    return dataclasses.replace(
        load_exercise(FIXTURES / name), limits=Limits(cpu_seconds=1, wall_seconds=60, memory_mb=128)
    )


def said(grader: Grader, name: str, source: str) -> str:
    result = grader.grade(exercise(name), source, seed=3)
    first = result["tests"][0]
    assert first["score"] == 0
    message = result["message"] if first["status"] == "skipped" else first["output"]
    assert "Traceback" not in message
    assert str(HERE.parents[1]) not in message
    return message


@pytest.mark.parametrize("name", STOPPED)
def test_where_it_was_stopped(grader: Grader, name: str) -> None:
    (folder, source), *parts = STOPPED[name]
    message = said(grader, folder, source)
    for part in parts:
        assert part in message


def test_why_it_failed(grader: Grader) -> None:
    for name, ((folder, source), *parts) in FAILED.items():
        message = said(grader, folder, source)
        for part in parts:
            assert part in message, name
        assert "<listcomp>" not in message


def loop(source: str, *places: tuple[int, str]) -> Loop | None:
    return LearnerSource(source).loop(places)


NESTED = """
def outer(xs):
    while xs:
        def inner(n):
            return n + 1
        for x in xs:
            inner(x)
    else:
        done = 1
    return [y for y in xs]

for item in range(3):
    outer([item])
"""


@pytest.mark.parametrize(
    ("places", "line"),
    [
        ([(7, "outer")], 6),
        ([(6, "outer")], 6),
        ([(3, "outer")], 3),
        ([(9, "outer"), (13, "<module>")], 12),
        ([(5, "inner"), (7, "outer")], 6),
        ([(10, "<listcomp>"), (10, "outer")], 10),
        ([(10, "outer")], 10),
        ([(13, "<module>")], 12),
        ([(99, "outer")], None),
        ([(5, "nobody")], None),
        ([], None),
    ],
)
def test_the_innermost_loop(places: list[tuple[int, str]], line: int | None) -> None:
    found = loop(NESTED, *places)
    assert (found and found.line) == line


@pytest.mark.parametrize(
    ("body", "certain"),
    [
        ("while True:\n    n += 1", True),
        ("while 1:\n    for a in b:\n        break", True),
        ("while True:\n    break", False),
        ("while n:\n    m = 1", True),
        ("while n < m:\n    n += 1", False),
        ("while n:\n    n.pop()", False),
        ("while n:\n    f(n)", False),
        ("while n:\n    n[0] = 1", False),
        ("while n:\n    m = n\n    m.pop()", False),
        ("while f(n):\n    pass", False),
        ("while n:\n    pass\nglobal_n = 1", True),
        ("for a in n:\n    n.append(a)", True),
        ("for a in n:\n    n.append(a)\n    if a: break", False),
        ("for a in n:\n    m.append(a)", False),
    ],
)
def test_it_is_called_endless_only_where_the_source_shows_it(body: str, certain: bool) -> None:
    found = loop(body, (1, "<module>"))
    assert found is not None
    assert any(word in found.why for word in ("never", "stays true")) == certain


@pytest.mark.parametrize(
    "source", ["(" * 100_000, "-" * 200_000 + "1", "x = 1\0", "x" * 100_000, "while True", "\ud800"]
)
def test_no_source_is_too_strange(source: str) -> None:
    learner = LearnerSource(source, ["x"])
    assert learner.loop([(1, "<module>")]) is None
    assert learner.without_value() == []
    assert learner.waiting(1) == ""
    assert not learner.printing(1)
    assert len(learner.line(1)) <= 200
