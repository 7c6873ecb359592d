"""Where an exercise asks for a part of the engine, no door of the engine leads to that part."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.process import BoxEnded, EditionError, Sandbox

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
LEVELS = {"usual": {}, "without Landlock": {"landlock": False}, "without namespaces": {"namespaces": False}}


@pytest.fixture(scope="module", params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
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


def test_no_attempt_gets_what_is_left_out(whole: Sandbox) -> None:
    assert len(CORPUS) >= 40
    assert [name for name, text in CORPUS.items() if succeeds(whole, text, (part(text),))] == []


def test_the_same_attempts_succeed_with_the_whole_engine(whole: Sandbox) -> None:
    stopped = {name for name, text in CORPUS.items() if not succeeds(whole, text, ())}
    # A search may stop at another thing of that name, and a module run again is a second engine beside the first.
    searches = {"imported_again", "searched_code", "searched_frames", "searched_objects"}
    assert stopped <= searches


def test_learner_is_told_why_and_the_rest_still_works(sandbox: Sandbox) -> None:
    source = """
import torch

def asked(x): return torch.relu(x)
def imported(x):
    from torch import relu
def built_from_it(x): return torch.core.op.REGISTRY["relu"].function(x)
def named(x): return [hasattr(torch, "relu"), hasattr(x, "relu"), "relu" in dir(torch)]
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
        assert box.call("named", X) == [False, False, False]
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


@pytest.fixture(scope="module")
def whole() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_author_is_told_what_cannot_be(whole: Sandbox) -> None:
    with pytest.raises(EditionError, match=r"no 'nn.Lineer'.*nn.Linear"):
        whole.edition(["nn.Lineer"])
    with pytest.raises(EditionError, match="no tensor can reach"):
        whole.edition(["Tensor.numpy"])
    assert "nn.TransformerEncoderLayer" in whole.edition(["nn.Linear"]).stopped
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
