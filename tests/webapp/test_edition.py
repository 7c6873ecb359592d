"""Where an exercise asks for a part of the engine, no door of the engine leads to that part."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from glasstorch_web.sandbox import edition_zygotes
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.isolation import Isolation
from glasstorch_web.sandbox.process import BoxEnded, EditionError, Sandbox
from support.sessions import session_members

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine's files are closed on Linux only")

CORPUS = {
    path.stem: path.read_text() for path in sorted((Path(__file__).parent / "edition_attacks").glob("*.py"))
}
X = np.array([[-1.0, 2.0], [3.0, -4.0]], np.float32)
_ADAM = X - 0.1
EXPECTED = {
    "relu": np.maximum(X, 0),
    "softmax": np.exp(X) / np.exp(X).sum(-1, keepdims=True),
    "nn.Linear": X @ np.ones((2, 3), np.float32),
    "Tensor.backward": 2 * X,
    "autograd": 2 * X,
    "optim.Adam": _ADAM,
    "optim": _ADAM,
}
LEVELS = {
    "all there is": {},
    "no file is opened": {"landlock": False, "namespaces": False},
    "without Landlock": {"landlock": False},
    "without namespaces": {"namespaces": False},
}
USUAL = ("all there is", "no file is opened")


@pytest.fixture(scope="module")
def whole() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(
    scope="module",
    params=[level if level in USUAL else pytest.param(level, marks=pytest.mark.slow) for level in LEVELS],
)
def sandbox(request: pytest.FixtureRequest, whole: Sandbox) -> Iterator[Sandbox]:
    if request.param == "all there is":
        yield whole
        return
    with Sandbox(isolation=LEVELS[request.param]) as sandbox:
        if not (sandbox.in_force["seccomp"] or sandbox.in_force["landlock_abi"]):
            pytest.skip("nothing closes files to a box here")
        yield sandbox


def part(source: str) -> str:
    return source.splitlines()[0].removeprefix("# without: ")


def succeeds(sandbox: Sandbox, source: str, without: tuple[str, ...]) -> bool:
    with Box(sandbox, source, tensors=True, without=without) as box:
        try:
            box.load()
            answer = box.call("attack", X)
        except (CallFailed, BoxEnded):
            return False
    return (
        isinstance(answer, np.ndarray)
        and answer.shape == EXPECTED[part(source)].shape
        and np.allclose(answer, EXPECTED[part(source)], atol=1e-4)
    )


def test_no_attempt_gets_what_is_left_out(sandbox: Sandbox) -> None:
    assert len(CORPUS) >= 50
    assert [name for name, text in CORPUS.items() if succeeds(sandbox, text, (part(text),))] == []


def test_the_same_attempts_succeed_with_the_whole_engine(whole: Sandbox) -> None:
    assert [name for name, text in CORPUS.items() if not succeeds(whole, text, ())] == []


def test_learner_is_told_why_and_the_rest_still_works(sandbox: Sandbox) -> None:
    source = """
import torch

def asked(x): return torch.relu(x)
def imported(x):
    from torch import relu
def built_from_it(x): return torch.core.op.REGISTRY["relu"].function(x)
def named(x): return [hasattr(torch, "relu"), hasattr(x, "relu"), "relu" in dir(torch), "relu" in dir(x)]
def files(x): return open(torch.__file__).read()
def own(x): return torch.where(x > 0, x, torch.zeros_like(x))
"""
    with Box(sandbox, source, tensors=True, without=("relu",)) as box:
        box.load()
        for name, kind in (
            ("asked", "AttributeError"),
            ("imported", "ImportError"),
            ("built_from_it", "NotImplementedError"),
        ):
            with pytest.raises(CallFailed) as failed:
                box.call(name, X)
            assert "relu is what you are to build here" in failed.value.message
            assert failed.value.type == kind
            assert failed.value.near == ""  # not "did you mean `rrelu`?"
        assert box.call("named", X) == [False, False, False, False]
        with pytest.raises(CallFailed) as failed:
            box.call("files", X)
        assert failed.value.type == "PermissionError"
        value, gradients = box.call("own", X, grad=True)
        assert np.array_equal(value, np.maximum(X, 0))
        assert np.array_equal(gradients[0], (X > 0).astype(np.float32))


@pytest.mark.parametrize(
    "name",
    ["nn.functional.conv2d", "matmul", "nn.functional.cross_entropy", "nn.functional.layer_norm", "nn.Module",
     "nn.functional.scaled_dot_product_attention", "optim.lr_scheduler.StepLR", "utils.data.DataLoader",
     "nn.parallel.DistributedDataParallel", "nn.init.kaiming_uniform_"],
)  # fmt: skip
def test_kinds_of_parts(whole: Sandbox, name: str) -> None:
    source = f"import torch\ndef f(x): return x * 2\ndef gone(x): return torch.{name}"
    with Box(whole, source, tensors=True, without=(name,)) as box:
        box.load()
        assert np.array_equal(box.call("f", X, grad=True).value, 2 * X)
        with pytest.raises(CallFailed) as failed:
            box.call("gone", X)
        assert "is what you are to build" in failed.value.message


def test_author_is_told_what_cannot_be(whole: Sandbox) -> None:
    with pytest.raises(EditionError, match=r"no 'nn.Lineer'.*nn.Linear"):
        whole.edition(["nn.Lineer"])
    with pytest.raises(EditionError, match="no tensor can reach"):
        whole.edition(["Tensor.numpy"])
    assert whole.edition(["relu"]).gap == ""
    stopped = whole.edition(["nn.Linear"]).stopped
    assert "nn.TransformerEncoderLayer" in stopped
    assert "nn.Conv2d" not in stopped
    with Box(whole, "def f(x): return x * 2", tensors=True, without=("Tensor.backward",)) as box:
        box.load()
        assert np.array_equal(box.call("f", X), 2 * X)
        with pytest.raises(EditionError, match="cannot ask for gradients"):
            box.call("f", X, grad=True)


def test_the_solution_has_the_whole_engine(whole: Sandbox) -> None:
    source = "import torch\ndef f(x): return torch.relu(x)"
    with Box(whole, source, tensors=True, solution=source, without=("relu",)) as box:
        box.load()
        assert np.array_equal(box.reference.call("f", X), np.maximum(X, 0))


def doubled(box: Box) -> bool:
    return np.array_equal(box.call("f", X), 2 * X)


DOUBLE = "import torch\ndef f(x): return x * 2\ndef gone(x): return torch.relu(x)"


def test_few_editions_are_kept_and_none_that_has_a_box(whole: Sandbox) -> None:
    others = ("softmax", "tanh", "sigmoid", "cumsum", "flip")
    assert len(others) > edition_zygotes.MOST
    with Box(whole, DOUBLE, tensors=True, without=("relu",)) as first:
        first.load()
        for name in others:
            with Box(whole, DOUBLE, tensors=True, without=(name,)) as box:
                box.load()
                assert doubled(box)
        assert len(editions(whole)) == edition_zygotes.MOST
        assert doubled(first)
    # One that was ended meanwhile is made again.
    with Box(whole, DOUBLE, tensors=True, without=(others[0],)) as box:
        box.load()
        assert doubled(box)


def test_an_edition_that_dies_is_made_again(whole: Sandbox) -> None:
    for _ in range(2):
        with Box(whole, DOUBLE, tensors=True, without=("relu",)) as box:
            box.load()
            assert doubled(box)
            with pytest.raises(CallFailed) as failed:
                box.call("gone", X)
            assert "is what you are to build" in failed.value.message
        zygote = whole.pid
        for pid in editions(whole):
            os.kill(pid, signal.SIGKILL)
    with Box(whole, DOUBLE, tensors=True) as box:
        box.load()
        assert np.array_equal(box.call("gone", X), np.maximum(X, 0))
    assert whole.pid == zygote


def editions(sandbox: Sandbox) -> list[int]:
    """Processes of a sandbox that have children, but for its zygote."""
    parents = {}
    for pid in session_members(sandbox.pid):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/stat").read_text()
            parents[pid] = int(status.rpartition(")")[2].split()[1])
    return sorted((set(parents.values()) & set(parents)) - {sandbox.pid})


def test_where_files_stay_open_it_is_said() -> None:
    assert "engine's files stay readable" in Isolation(files=True).close_engine()
    assert Isolation(files=False).close_engine() == ""
