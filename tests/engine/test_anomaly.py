"""Anomaly mode against PyTorch's: what is an error, which words and which traceback; and the account that is ours."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import pytest
from support.differential import torch

ON = "Anomaly Detection has been enabled. This mode will increase the runtime"


def functions(E: Any) -> dict[str, Any]:
    """Custom functions whose derivatives go wrong."""

    class Spoils(E.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    class Raises(E.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise ValueError("no derivative today")

    class CallsSpoils(E.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return Spoils.apply(g * x)

    return {"Spoils": Spoils, "Raises": Raises, "CallsSpoils": CallsSpoils}


def leaf(E: Any, *values: float) -> Any:
    return E.tensor(values, requires_grad=True)


def of_sqrt(E: Any) -> None:
    y = leaf(E, -1.0, 2.0).sqrt()  # forward line
    y.sum().backward()


def of_grad(E: Any) -> None:
    x = leaf(E, 0.0, -2.0)
    y = x.sqrt()  # forward line
    E.autograd.grad(y.nan_to_num().sum(), x)


def of_custom(E: Any) -> None:
    y = functions(E)["Spoils"].apply(leaf(E, 1.0))  # forward line
    y.sum().backward()


def of_custom_error(E: Any) -> None:
    y = functions(E)["Raises"].apply(leaf(E, 1.0))  # forward line
    y.sum().backward()


def of_second_derivative(E: Any) -> None:
    x = leaf(E, 1.0)
    y = functions(E)["CallsSpoils"].apply(x)  # forward line
    (g,) = E.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()


def of_inplace(E: Any) -> None:
    y = leaf(E, 1.0).exp()  # forward line
    y.add_(1)
    y.sum().backward()


def of_number(E: Any) -> None:
    y = leaf(E, 1.0, 2.0) * float("nan")  # forward line
    y.sum().backward()


def of_root(E: Any) -> None:
    y = leaf(E, 1.0, 2.0).sum()  # forward line
    y.backward(E.tensor(float("nan")))


def of_hook(E: Any) -> None:
    y = leaf(E, 1.0) * 2  # forward line
    y.register_hook(lambda g: g * float("nan"))
    (y * 3).sum().backward()


def of_leaf_hook(E: Any) -> None:
    x = leaf(E, 1.0)
    x.register_hook(lambda g: g * float("nan"))
    (x * 3).sum().backward()


def of_second_walk(E: Any) -> None:
    y = leaf(E, 1.0).exp()  # forward line
    y.sum().backward()
    y.sum().backward()


def of_inf(E: Any) -> None:
    leaf(E, 0.0).sqrt().sum().backward()


def of_earlier_forward(E: Any) -> None:
    with E.autograd.set_detect_anomaly(False):
        y = leaf(E, -1.0).sqrt()
    y.sum().backward()


def of_layer(E: Any) -> None:
    y = E.nn.Linear(2, 2)(E.full((1, 2), float("nan")))  # forward line
    y.sum().backward()


def of_layer_without_bias(E: Any) -> None:
    y = E.nn.Linear(2, 2, bias=False)(E.full((1, 2), float("nan")))  # forward line
    y.sum().backward()


def of_recomputed(E: Any) -> None:
    y = E.utils.checkpoint.checkpoint(lambda t: (t - 3).sqrt(), leaf(E, 1.0), use_reentrant=False)
    y.sum().backward()


def of_division(E: Any) -> None:
    x = leaf(E, 0.0, 1.0)
    y = x / x  # forward line
    y.sum().backward()


def observe(program: Callable, E: Any) -> dict[str, Any]:
    """What a program raises and warns of in anomaly mode."""
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, under a filter that lets all pass
        try:
            with E.autograd.detect_anomaly():
                program(E)
        except Exception as e:
            error = type(e).__name__, str(e).partition("\n")[0]
    texts = [str(w.message).partition(" (Triggered internally")[0] for w in caught]
    return {
        "error": error,
        "kinds": [w.category.__name__ for w in caught],
        "first lines": [t.strip().partition("\n")[0] for t in texts],
        "names the forward": ["# forward line" in t for t in texts],
        "files": [w.filename for w in caught],
    }


PROGRAMS = [of_sqrt, of_grad, of_custom, of_custom_error, of_second_derivative, of_inplace, of_number, of_root,
            of_hook, of_leaf_hook, of_second_walk, of_inf, of_earlier_forward, of_layer, of_layer_without_bias,
            of_recomputed, of_division]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__[3:])
def test_errors_and_warnings_are_pytorchs(program: Callable) -> None:
    ours, theirs = observe(program, glasstorch), observe(program, torch)
    assert set(ours.pop("files")) == {__file__}  # PyTorch names its own file from the second one on
    theirs.pop("files")
    assert ours == theirs
    assert ours["first lines"][0].startswith(ON)


@pytest.mark.parametrize("E", [glasstorch, torch], ids=["glasstorch", "torch"])
def test_the_mode_is_the_process_s(E: Any) -> None:
    seen: list[bool] = []
    with E.autograd.set_detect_anomaly(True, check_nan=False):
        thread = threading.Thread(target=lambda: seen.append(E.is_anomaly_enabled()))
        thread.start()
        thread.join()
        assert not E.is_anomaly_check_nan_enabled()
        with E.autograd.set_detect_anomaly(False):
            assert not E.is_anomaly_enabled()
            assert E.is_anomaly_check_nan_enabled()
        assert E.is_anomaly_enabled()
    assert seen == [True]
    assert not E.is_anomaly_enabled()
    assert E.is_anomaly_check_nan_enabled()


@pytest.mark.parametrize("E", [glasstorch, torch], ids=["glasstorch", "torch"])
def test_nodes_keep_their_stack_and_what_made_them(E: Any) -> None:
    x = leaf(E, 1.0)
    with E.autograd.set_detect_anomaly(True):
        y = x.sqrt()
        (g,) = E.autograd.grad(y.sum(), x, create_graph=True)
    assert sorted(g.grad_fn.metadata) == ["parent_", "traceback_"]
    assert g.grad_fn.metadata["parent_"].name() == "SqrtBackward0"
    assert "y = x.sqrt()" in y.grad_fn.metadata["traceback_"][-1]
    assert not (x * 2).grad_fn.metadata


# ------------------------------------------------------------------ what is ours
def note_of(program: Callable) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RuntimeError) as caught, glasstorch.autograd.set_detect_anomaly(True):
            program()
    return "\n".join(caught.value.__notes__)


def test_the_error_says_where_what_and_which_leaves() -> None:
    net = glasstorch.nn.Sequential(glasstorch.nn.Linear(2, 2), glasstorch.nn.Sequential(Root()))
    with glasstorch.no_grad():
        net[0].weight.fill_(0.0)
        net[0].bias[:] = glasstorch.tensor([4.0, -9.0])

    def program() -> None:
        data = glasstorch.ones(3, 2)
        net(data).sum().backward()

    note = note_of(program)
    assert "SqrtBackward0 for its input 'input' holds 3 nan among 6 elements" in note
    assert "return x.sqrt()  # inside the module" in note
    assert "module    1.0" in note
    assert "[0, 1] = nan, [1, 1] = nan" in note
    assert "[3, 2] float32: from -9 to 4; 3 negative; there: -9.0, -9.0, -9.0" in note
    assert "0.weight (by way of" in note
    assert "0.bias (by way of" in note
    assert "glasstorch/core" not in note


class Root(glasstorch.nn.Module):
    def forward(self, x: Any) -> Any:
        return x.sqrt()  # inside the module


def test_engine_frames_stay_out_of_the_traceback() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", RuntimeWarning)
        with pytest.raises(RuntimeError), glasstorch.autograd.set_detect_anomaly(True):
            glasstorch.nn.Sequential(Root())(leaf(glasstorch, -1.0)).mean().backward()
    text = str(caught[-1].message)
    assert text.count("# inside the module") == 1
    assert "engine/glasstorch" not in text
    assert "<glasstorch" not in text


def test_half_precision_and_several_outputs() -> None:
    def program() -> None:
        x = glasstorch.tensor([1.0, -2.0], dtype=glasstorch.bfloat16, requires_grad=True)
        a, b = (x * 2).unbind(0)
        (a + b.sqrt()).backward()

    assert "bfloat16: from -4 to -4; 1 negative" in note_of(program)


def test_the_mode_leaves_nothing_on() -> None:
    graph = glasstorch.autograd.graph
    with glasstorch.autograd.set_detect_anomaly(True):
        assert graph.recording()
        with graph.record():
            pass
        assert graph.recording()
    assert not graph.recording()
    with graph.record():
        with glasstorch.autograd.set_detect_anomaly(True):
            pass
        assert graph.recording()
    assert (leaf(glasstorch, 1.0) * 2).grad_fn.extra is None


@pytest.mark.parametrize("around", ["record", "anomaly", "no_grad", "inference"])
def test_looking_changes_no_random_number(around: str) -> None:
    modes = {
        "record": glasstorch.autograd.graph.record,
        "anomaly": lambda: glasstorch.autograd.set_detect_anomaly(True),
        "no_grad": glasstorch.no_grad,
        "inference": glasstorch.inference_mode,
    }

    def drawn() -> list:
        glasstorch.manual_seed(0)
        x = glasstorch.ones(2, 3, 4).permute(1, 0, 2)  # numbers are drawn in the order of memory
        out = glasstorch.nn.functional.dropout(x)
        return [out.tolist(), out.stride(), glasstorch.rand(2).tolist()]

    plain = drawn()
    with modes[around]():
        assert drawn() == plain
