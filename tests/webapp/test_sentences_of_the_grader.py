"""All that the grader says to a learner can be said in Chinese: each message is brought about; no English is left."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import glasstorch_web
import numpy as np
import pytest
from glasstorch_web.grader import Grader, load_exercise, messages
from glasstorch_web.grader.checks import CheckFailed, accuracy, close, equal, reaches, same_module, shape
from glasstorch_web.grader.gradient_checks import _require_upstream, _unchanged
from glasstorch_web.grader.graph_checks import same_gradient
from glasstorch_web.grader.learner_source import LearnerSource
from glasstorch_web.sandbox.box import CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded
from glasstorch_web.sandbox.values import Handle
from glasstorch_web.services.sentences import Sentences, english_in, of_the_grader
from glasstorch_web.services.texts import retold
from glasstorch_web.store.queue import GRADER_ERROR

TABLE = of_the_grader("zh")
SENTENCES = Sentences([TABLE])
PACKAGE = Path(glasstorch_web.__file__).parent
FIXTURES = Path(__file__).parent / "exercises" / "00-fixtures" / "exercises"
LIMITS = Limits(cpu_seconds=1, wall_seconds=60, memory_mb=128)
SOURCE = """import time
def f(x):
    while x > 1:
        time.sleep(60)
        print(x)
    print(x)
def g(x):
    if x:
        return 1
def h(x):
    for a in x:
        x.append(a)
    for a in count():
        pass
    for a in x: pass
    while True:
        a = 1
    while a:
        break
    while k(a):
        a = 1
"""
LEARNER = LearnerSource(SOURCE, ["f", "g", "h"])
X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
NAN, INF = float("nan"), float("inf")


def said(english: str) -> str:
    """In Chinese, with nothing left of the English."""
    chinese = SENTENCES.say(english)
    assert english_in(chinese) == [], chinese
    assert re.search("[\u4e00-\u9fff]", chinese), english
    return chinese


def verdict(check: Callable[..., object], *args: Any, **options: Any) -> str:
    with pytest.raises(CheckFailed) as failed:
        check(*args, **options)
    for key in ("expected", "got"):
        word = failed.value.detail[key]  # type: ignore[literal-required]
        assert not isinstance(word, str) or english_in(SENTENCES.say(word)) == []
    return str(failed.value)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (None, X), ("no", X), ([1.0], [1.0]), (1, X), (X[0], 1.0), (X.T, X), (X.ravel(), X), (X, X.sum(0)),
        (X, np.zeros((4, 3))), (np.array([1, NAN]), [1, 2]), (np.array([INF, 1]), [1, 1]), (NAN, 1.0),
        (np.array([INF]), [-INF]), (np.array([1.0, 2.5, 3.0]), [1, 2, 3]), (-X, X), (X / 6, X), (X * 2, X),
        (X * 0, X), (X[:, :2].T, X[:, :2]), (X + 0.5, X), (3.0, 2.0), (3.0, 0.0), (INF, -INF), (X + 1, X * 0),
        (np.array([1 + 1j]), [1.0]), (True, 1.0), (np.array([1.0, 2.0]), [1, NAN]), (None, 1.0),
    ],
)  # fmt: skip
def test_comparisons(got: Any, expected: Any) -> None:
    said(verdict(close, got, expected, nan="same"))
    said(verdict(close, got, expected, what="the gradient of `w`", nan="same"))


def test_other_verdicts() -> None:
    said(verdict(close, X, X, dtype="float32"))
    for got, expected in (
        (1, 2),
        ([1], (1,)),
        ("a", None),
        ({"a": 1}, {"a": 2}),
        (1.5, 1),
        (True, 1),
        (len, 1),
    ):
        said(verdict(equal, got, expected))
    said(verdict(shape, X, (2, 2), "the gradient of input 2"))
    said(verdict(same_gradient, None, X, "w", 0, 0))
    said(verdict(same_gradient, X, None, "w", 0, 0))
    said(verdict(_require_upstream, X, X + 1, 0, 0))
    for name in ("x", "input 1", "the input", "the incoming gradient"):
        said(verdict(_unchanged, [X], [X + 1], [name]))
    said(verdict(reaches, 0.5, 0.9, partly={0.4: 0.5}))
    said(verdict(reaches, 0.5, 0.1, lower=True, what="the result"))
    said(verdict(accuracy, None, Handle(0, "NoneType"), X, X))


def test_english_would_be_noticed() -> None:
    assert english_in(SENTENCES.say("The foo bar is None; it must be a number. Is a `return` missing?"))
    assert english_in("你的函数改动了 `the argument x`，the caller 的。") == ["the caller"]
    assert english_in("ValueError: this is not ours\n    nor is this\n是 'two words'。") == []


def test_a_sentence_reads_well() -> None:
    assert (
        said("The result is a list; it must be an array of shape (2, 3).")
        == "结果是列表，应当是形状为 (2, 3) 的数组。"
    )
    assert said("The gradient of `w` is None; it must be a number. Is a `return` missing?") == (
        "`w` 的梯度是 None，应当是一个数。是不是少了 `return`？"
    )
    english = (
        "The result is off at [0, 1]: got 3.25, expected 3.0; 2 of 6 values are off, by 2.5 at most (50 %)."
    )
    assert (
        said(english)
        == "结果在 [0, 1] 处不对：得到 3.25，应为 3.0；6 个值里有 2 个不对，最多相差 2.5（50%）。"
    )
    english = "Stopped after 1 s of computing; your loop at line 3 was running:\n    while a b:"
    assert said(english) == "计算了 1 秒后被停止；当时正在运行第 3 行的循环：\n    while a b:"
    english = "ValueError: no such thing\n  line 3, in f\n    return the thing\nDid you mean `g`?"
    assert (
        said(english)
        == "ValueError: no such thing\n  第 3 行，在 f 中\n    return the thing\n你是不是想写 `g`？"
    )
    english = "`even` and `odd` call each other: your code calls itself without end (RecursionError)."
    assert said(english) == "`even` 和 `odd` 互相调用：你的代码没完没了地调用自己（RecursionError）。"
    english = "Is it transposed?\nAn array of 1 GiB was asked for: shape (3, 4), int8."
    assert said(english).endswith("\n代码要一个 1 GiB 的数组：形状 (3, 4)，int8。")
    assert said("Your code returned a generator (the grader can use numbers, text, lists, tuples, dicts, arrays and "
                "tensors).").startswith("你的代码返回的是 generator（评分程序能用的是")  # fmt: skip


def ends() -> Iterator[BoxEnded]:
    for kind in ("cpu", "wall", "memory", "output", "exit", "crash", "unreadable", "closed"):
        for detail in ("", "SIGSEGV"):
            yield BoxEnded(kind, detail)
            for line, name in (
                (3, "f"),
                (4, "f"),
                (5, "f"),
                (9, "g"),
                (12, "h"),
                (14, "h"),
                (15, "h"),
                (17, "h"),
                (19, "h"),
                (21, "h"),
            ):
                yield BoxEnded(kind, detail, [(line, name)])
            yield BoxEnded(kind, detail, [(3, "f")] * 30)


def test_where_it_was_stopped() -> None:
    told = {said(messages.for_end(ended, LEARNER, LIMITS)) for ended in ends()}
    assert len(told) > 30


FAILED = [
    CallFailed("syntax", "SyntaxError", "invalid syntax", line=3, column=5),
    CallFailed("syntax", "IndentationError", "unexpected indent", line=3),
    CallFailed("syntax", "TabError", "inconsistent use of tabs", line=3),
    CallFailed("exit", frames=[(3, "f")]),
    CallFailed("memory", frames=[(3, "f")]),
    CallFailed(
        "memory", message="Unable to allocate 1.00 GiB for an array with shape (3, 4) and data type float64"
    ),
    CallFailed("recursion"),
    *(
        CallFailed("recursion", frames=[(n + 1, name) for n, name in enumerate("abcdef"[:count])])
        for count in range(1, 7)
    ),
    CallFailed("missing", name="f"),
    CallFailed("signature", name="f"),
    CallFailed("harness", message="ValueError: not yours"),
    *(
        CallFailed("unsupported", message=f"Your code returned {what}.")
        for what in (
            *(
                f"a {kind} (the grader can use numbers, text, lists, tuples, dicts, arrays and tensors)"
                for kind in ("generator", "function", "method", "map", "Net", "type")
            ),
            "an enumerate (the grader can use numbers, text, lists, tuples, dicts, arrays and tensors)",
            "a value nested too deeply, or containing itself",
            "more than 100000 values (use an array)",
            "an integer of more than 64 bits",
            "a dict with a tuple as key (use text or numbers)",
            "an array of dtype object (use numbers)",
            "arrays larger than this exercise allows",
            "more text or numbers than the grader reads (use an array)",
        )
    ),
    *(
        CallFailed(
            "no_gradient", message=f"the function returned {what}, so there is nothing to differentiate"
        )
        for what in ("None", "a float", "an ndarray")
    ),
    CallFailed(
        "no_gradient",
        message="the returned tensor does not depend on the inputs as far as autograd can see (was "
        "the graph cut by .detach(), .item(), .numpy() or no_grad?)",
    ),
    CallFailed("exception"),
    *(
        CallFailed("exception", type=name, message="as Python says", frames=[(3, "f"), (3, "<listcomp>")])
        for name in messages._HINTS
    ),
    *(
        CallFailed("exception", type="RuntimeError", message=message)
        for message in (
            "can't start new thread",
            "No module named 'matplotlib",
            "a leaf Variable that requires grad in-place",
            "modified by an inplace operation",
            "could not broadcast together",
            "'NoneType' object",
            "x before Module.__init__() call",
        )
    ),
    CallFailed("exception", type="NameError", message="name 'np' is not defined"),
    CallFailed("exception", type="NameError", message="name 'totl' is not defined", near="total"),
    CallFailed(
        "exception",
        type="NotImplementedError",
        message="nn.Linear is what you are to build here: this exercise's "
        "edition of Glasstorch comes without it.",
    ),
]


@pytest.mark.parametrize("number", range(len(FAILED)))
def test_why_it_failed(number: int) -> None:
    said(messages.for_failure(FAILED[number], LEARNER, LIMITS))
    said(messages.for_hidden_failure(FAILED[number]))


def test_the_rest_of_the_messages() -> None:
    for kind in messages._HIDDEN:
        said(messages.for_hidden(kind))
    said(messages.for_broken_check(ValueError()))
    said(messages.for_missing(["relu"], ["relo"]))
    said(messages.for_missing(["relu", "scale"], []))
    with pytest.raises(CheckFailed) as wrong:
        close(None, X)
    said(messages.for_wrong(wrong.value, LEARNER))
    said(messages.for_wrong(wrong.value, LearnerSource("def f():\n    print(1)\n", ["f"])))
    said(str(GRADER_ERROR["message"]))


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


def graded(grader: Grader, name: str, source: str) -> dict[str, Any]:
    """A result in Chinese, in which everything the grader says is."""
    exercise = dataclasses.replace(load_exercise(FIXTURES / name), limits=LIMITS)
    result = retold(dict(grader.grade(exercise, source, seed=3)), None, "zh")
    for test in result["tests"]:
        assert english_in(test["output"]) == [], test["output"]
        for one in ((test["detail"] or {}).get("graph") or {"differences": []})["differences"]:
            assert english_in(one["message"]) == [], one["message"]
    return result


def test_whole_results(grader: Grader) -> None:
    for source in (
        "",
        " ",
        "x = '\ud800'",
        "x = 1\n" * 60_000,
        "x = 1\0",
        "import os\nos._exit(0)\n",
        "def scale(x): 1",
    ):
        assert english_in(graded(grader, "fixture.relu-backward", source)["message"]) == []
    wrong = graded(
        grader,
        "fixture.relu-backward",
        "def relu_backward(x, g):\n    return g\ndef scale(x, f):\n    return x",
    )
    assert re.fullmatch(r"\d 项检查通过了 \d 项。先看：.+。", wrong["message"])
    right = (FIXTURES / "fixture.relu-backward" / "solution.py").read_text()
    assert graded(grader, "fixture.relu-backward", right)["message"] == "所有检查都通过了。"


BEGIN = "import torch\ndef loss(x, y, w1, b1, w2, b2):\n"
GRAPHS = [
    "    h = torch.relu(x @ w1 + b1)\n    return ((h @ w2 + b2 - y) ** 2).sum()\n",
    "    h = x @ w1 + b1\n    return ((h @ w2 + b2 - y) ** 2).mean()\n",
    "    h = torch.relu(x @ w1.detach() + b1)\n    return ((h @ w2 + b2 - y) ** 2).mean()\n",
    "    h = torch.tanh(x @ w1 + b1)\n    return ((h @ w2 + b2 - y) ** 2).mean()\n",
    "    h = torch.relu(x @ w1 + b1)\n    return (h @ w2 + b2 - y).abs().mean()\n",
    "    h = torch.relu((x @ w1).detach() + b1)\n    return ((h @ w2 + b2 - y) ** 2).mean()\n",
    "    return w1.sum()\n",
]


def test_where_graphs_part(grader: Grader) -> None:
    outputs = "".join(
        test["output"]
        for one in GRAPHS
        for test in graded(grader, "fixture.two-layer-loss", BEGIN + one)["tests"]
    )
    for words in ("正向看", "没有梯度到达"):
        assert words in outputs


def test_differences_of_graphs() -> None:
    named = "`h` (line 3: `h = x @ w`)"
    for message in (
        "h = add has type float64; the reference has float32",
        "h = add stands in another place than in the reference",
        "add has shape [2, 3]; the reference has unknown",
        "add is not in the reference",
        "the reference has add of shape [2, 3] after this; it is missing here",
        "no gradient arrives at h = add; in the reference one does",
        "the value of h = add has shape [2]; the reference has [3]",
        "the gradient of h = add has shape [2]; the reference has [3]",
        "the value of h = add is 3; the reference has 4 (1 of 1 differ)",
        "the gradient of h = add is 3 at [0, 1]; the reference has 4 (1 of 1 differ)",
        "the gradient of h = add is 3; the reference has 4 (1 of 1 differ)",
        "the value of h = add is 3 at [0]; the reference has 4 (3 of 12 differ)",
    ):
        said(message)
        for place in (named, "`h`"):
            for way in ("Look at", "Going backward, the first gradient that differs is at", "Before it, at",
                        "Going forward, the first value that differs is at"):  # fmt: skip
                assert "参考答案" in said(f"{way} {place}: {message}.")
    said(f"The graph is cut before {named}: what goes in there is a mere constant.")


MODULE = """import torch
from torch import nn
class Layer({0}):
    def __init__(self):
        super().__init__()
"""
WEIGHT = "        self.weight = nn.Parameter(torch.{0})\n"
CLASSES = [
    MODULE.format("object"),
    MODULE.format("nn.Module"),
    MODULE.format("nn.Module") + "        self.wight = nn.Parameter(torch.zeros(2))\n",
    MODULE.format("nn.Module") + "        self.weight = torch.zeros(2)\n",
    MODULE.format("nn.Module") + WEIGHT.format("zeros(3)"),
    MODULE.format("nn.Module") + WEIGHT.format("zeros(2), requires_grad=False"),
    MODULE.format("nn.Module")
    + WEIGHT.format("zeros(2)")
    + WEIGHT.format("ones(2)").replace("weight", "more"),
    MODULE.format("nn.Module") + WEIGHT.format("zeros(2)") + "    def forward(self, x):\n        return x\n",
]
LAYER = CLASSES[-1].replace("return x", "return x * self.weight")


def test_modules(grader: Grader) -> None:
    from glasstorch_web.sandbox.box import Box

    for source in CLASSES:
        box = Box(grader._sandbox, source, tensors=True, solution=LAYER)
        with box:
            box.load()
            said(verdict(same_module, box, "Layer", np.random.default_rng(1), [X[:, :2].astype("float32")]))


# Code, what Python and the engine say, and what an author reads.
OTHERS = re.compile(
    r"^import |^from \w|core dimension|No module named|requires? grad|inplace operation|unsupported operand|"
    r"^Unable to allocate|with shape|and data type|is not defined|^'NoneType'|new thread|returned an\?|before Module|"
    r"solution cannot be run|no graph can be shown|stopped with an error$"
)
MODULES = """
messages comparing gradient_checks graph_checks module_checks prediction_checks training_checks learner_source checker
"""


@pytest.mark.parametrize("module", MODULES.split())
def test_every_sentence_in_the_source_has_an_entry(module: str) -> None:
    """Each piece of text of three words or more stands in some entry."""
    tree = ast.parse((PACKAGE / "grader" / f"{module}.py").read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    unknown = [
        piece
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
        for piece in map(str.strip, re.split(r"\n|(?<=[.?;:]) |\{\"|\.\.\.\}| an? ?$", node.value))
        if len(re.findall(r"[A-Za-z]+ (?=[A-Za-z])", piece)) > 1
        if piece not in "\n".join(TABLE) and not OTHERS.search(piece)
    ]
    assert unknown == []
