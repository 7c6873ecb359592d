"""Warnings of tensors and their functions against PyTorch's; how often a warning comes, and which line it names."""

# ruff: noqa: B018  (attributes are read for the warning they give)
from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch.core.frames import silence_arithmetic
from support.differential import torch
from support.warned import given, silent_alike, warns_alike


def nonleaf_grad(E: Any) -> None:
    x = E.ones(2, requires_grad=True) * 2
    x.grad


def readonly_numpy(E: Any) -> None:
    a = np.ones(3)
    a.setflags(write=False)
    E.from_numpy(a)


def readonly_as(E: Any) -> None:
    a = np.ones(3)
    a.setflags(write=False)
    E.as_tensor(a)


def complex_to_real_assign(E: Any) -> None:
    x = E.zeros(2)
    x.copy_(E.ones(2, dtype=E.complex64))


def retain_graph_grad(E: Any) -> None:
    x = E.ones(2, requires_grad=True)
    x.sum().backward(create_graph=True)


def function_instance(E: Any) -> None:
    class Fn(E.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g

    Fn()


def mark_shared(E: Any) -> None:
    class Fn(E.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_shared_storage((x, x))
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g

    Fn.apply(E.ones(2, requires_grad=True))


def anomaly(E: Any) -> None:
    with E.autograd.detect_anomaly():
        pass


def load_default(E: Any) -> None:
    b = io.BytesIO()
    E.save({"a": E.ones(2)}, b)
    b.seek(0)
    E.load(b)


def as_old_optimizers_do(E: Any) -> list:
    p, g = E.ones(2), E.tensor([1.0, 2.0])
    p.add_(-0.5, g)
    p.sub_(0.25, g)
    p.addcmul_(0.5, g, g)
    p.addcdiv_(2, g, g)
    return p.tolist()


WARNS: dict[str, Callable] = {
    "as old optimizers do": as_old_optimizers_do,
    "tensor of tensor": lambda E: E.tensor(E.ones(2)),
    "tensor of tensor rg": lambda E: E.tensor(E.ones(2), requires_grad=True),
    "new tensor": lambda E: E.ones(2).new_tensor(E.ones(3)),
    "scalar conv": lambda E: float(E.ones(1, requires_grad=True)),
    "frombuffer ro": lambda E: E.frombuffer(b"abcd", dtype=E.uint8),
    "volatile": lambda E: E.autograd.Variable(E.ones(2), volatile=True),
    "volatile attr": lambda E: E.ones(2).volatile,
    "resize out": lambda E: E.add(E.ones(3), E.ones(3), out=E.ones(2)),
    "resize out cat": lambda E: E.cat([E.ones(3), E.ones(3)], out=E.ones(2)),
    "resize method": lambda E: E.ones(2).resize(2),
    "legacy storage": lambda E: E.ones(2).storage(),
    "transpose T": lambda E: E.ones(2, 3, 4).T,
    "transpose T1": lambda E: E.ones(3).T,
    "meshgrid": lambda E: E.meshgrid(E.ones(2), E.ones(3)),
    "range": lambda E: E.range(0, 3),
    "masked uint8": lambda E: E.ones(3)[E.tensor([1, 0, 1], dtype=E.uint8)],
    "where uint8": lambda E: E.where(E.tensor([1, 0, 1], dtype=E.uint8), E.ones(3), E.zeros(3)),
    "std dof": lambda E: E.ones(1).std(),
    "var dof": lambda E: E.ones(1).var(),
    "var mean dof": lambda E: E.var_mean(E.ones(1)),
    "cov dof": lambda E: E.cov(E.ones(2, 1)),
    "complex to real": lambda E: E.ones(2, dtype=E.complex64).float(),
    "complex to real np": lambda E: E.ones(2, dtype=E.complex64).to(E.float64),
    "chain matmul": lambda E: E.chain_matmul(E.ones(2, 2), E.ones(2, 2)),
    "lu": lambda E: E.lu(E.eye(2)),
    "qr": lambda E: E.qr(E.eye(2)),
    "cholesky": lambda E: E.cholesky(E.eye(2)),
    "solve tri": lambda E: E.triangular_solve(E.ones(2, 1), E.eye(2)),
    "stft": lambda E: E.stft(E.ones(16), 8, return_complex=True),
    "istft": lambda E: E.istft(E.ones(5, 5, dtype=E.complex64), 8),
    "gradcheck single": lambda E: E.autograd.gradcheck(
        lambda x: x * 2, E.ones(2, requires_grad=True), raise_exception=False
    ),
    "set default type": lambda E: E.set_default_tensor_type(E.FloatTensor),
    "list of slices": lambda E: E.ones(3, 3)[[slice(0, 1), 1]],
    "scatter reduce arg": lambda E: E.zeros(3).scatter(0, E.tensor([0]), E.ones(1), reduce="add"),
    "index reduce": lambda E: E.zeros(3).index_reduce(0, E.tensor([0]), E.ones(1), "prod"),
    "cross dim": lambda E: E.cross(E.ones(2, 3), E.ones(2, 3)),
    "cross default": lambda E: E.cross(E.ones(3, 3), E.ones(3, 3)),
    "cross method": lambda E: E.ones(2, 3).cross(E.ones(2, 3)),
    "searchsorted nc": lambda E: E.searchsorted(E.ones(3, 2).t(), E.ones(2, 3)),
    "bucketize nc": lambda E: E.bucketize(E.ones(2, 3).t(), E.ones(3)),
    "nonleaf grad": nonleaf_grad,
    "readonly numpy": readonly_numpy,
    "readonly as": readonly_as,
    "complex to real assign": complex_to_real_assign,
    "retain graph grad": retain_graph_grad,
    "function instance": function_instance,
    "mark shared": mark_shared,
    "anomaly": anomaly,
}

SILENT: dict[str, Callable] = {
    "int conv": lambda E: int(E.ones((), requires_grad=True)),
    "item conv": lambda E: E.ones(1, requires_grad=True).item(),
    "ndim conv": lambda E: float(E.ones(1, 1)),
    "floordiv": lambda E: E.ones(2) // 2,
    "legacy ctor": lambda E: E.FloatTensor([1.0]),
    "vec": lambda E: E.norm(E.ones(2)),
    "svd": lambda E: E.svd(E.eye(2)),
    "nonzero": lambda E: E.ones(2).nonzero(),
    "tuple index list": lambda E: E.ones(3, 3)[[0, 1]],
    "tolist": lambda E: E.ones(2, requires_grad=True).tolist(),
    "softmax method": lambda E: E.ones(2, 3).softmax(0),
    "load default": load_default,
}


@pytest.mark.parametrize("case", WARNS)
def test_warns_as_pytorch_does(case: str) -> None:
    warns_alike(WARNS[case], __file__)


@pytest.mark.parametrize("case", SILENT)
def test_is_silent_where_pytorch_is(case: str) -> None:
    silent_alike(SILENT[case])


def test_what_is_said_once_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from glasstorch.core import frames

    monkeypatch.setattr(frames, "_said", set())
    x = glasstorch.ones((), requires_grad=True)

    def program(E: Any) -> None:
        for _ in range(3):
            float(x)

    assert [w.lineno for w in given(program, glasstorch)] == [program.__code__.co_firstlineno + 2]
    assert given(program, glasstorch) == []
    glasstorch.set_warn_always(True)
    try:
        assert glasstorch.is_warn_always_enabled()
        assert len(given(program, glasstorch)) == 3
    finally:
        glasstorch.set_warn_always(False)


def test_pythons_filters_know_the_programs_line() -> None:
    """By default a warning is shown once for each line that gives it, and a module's warnings can be silenced."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            glasstorch.nn.MSELoss()(glasstorch.ones(3, 1), glasstorch.ones(3))
        glasstorch.nn.MSELoss()(glasstorch.ones(3, 1), glasstorch.ones(3))
    assert len(caught) == 2
    assert caught[1].lineno == caught[0].lineno + 1
    with warnings.catch_warnings(record=True) as silenced:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=__name__)
        glasstorch.nn.MSELoss()(glasstorch.ones(3, 1), glasstorch.ones(3))
    assert silenced == []


def test_inf_and_nan_come_about_silently() -> None:
    """Also where NumPy runs Python code of its own around the arithmetic; what the user asks of NumPy still warns."""
    inf = float("inf")
    a = np.array([[inf, -inf, 0.0], [3e38, 3e38, 1.0]], dtype=np.float32)

    class Reduction(glasstorch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return glasstorch.from_numpy(x.numpy().sum(1))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        silence_arithmetic()
        x = glasstorch.from_numpy(a)
        for name in ("sum", "mean", "std", "prod", "norm", "sqrt", "log", "reciprocal", "half", "int"):
            getattr(x, name)()
        x.cumsum(1), x.logsumexp(1), x.softmax(1)
        x - x, x / 0, x @ x.T, x.var(0), glasstorch.linalg.vector_norm(x), glasstorch.cov(x), repr(x)
        assert caught == []
        glasstorch.ones(2, 2).sum(), np.sum(a, axis=1)
        Reduction.apply(x)
        assert {(w.category, str(w.message)) for w in caught} == {
            (RuntimeWarning, "invalid value encountered in reduce"),
            (RuntimeWarning, "overflow encountered in reduce"),
        }
        assert len(caught) == 4


def test_a_factor_before_the_tensors_means_the_same() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert as_old_optimizers_do(glasstorch) == as_old_optimizers_do(torch)
    with pytest.raises(TypeError):
        glasstorch.ones(2).add_(1, glasstorch.ones(2), glasstorch.ones(2))
