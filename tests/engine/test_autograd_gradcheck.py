"""``gradcheck``, ``gradgradcheck`` and ``testing`` against PyTorch, message for message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.alike import alike, attempt, leaf


def doubling(E: Any, slope: Any, factor: Any = 2) -> Any:
    """x -> factor * x with ``slope(g)`` for a backward."""

    class Doubling(E.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * factor

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return slope(g)

    return Doubling.apply


def complex_leaf(E: Any, n: int = 3) -> Any:
    return E.complex(leaf(E, n, grad=False), leaf(E, n, grad=False) + 1).requires_grad_()


CHECKS = {
    "right": lambda E, check: check(lambda x: x.sin(), (leaf(E, 3),)),
    "right, fast": lambda E, check: check(lambda x: x.sin(), leaf(E, 3), fast_mode=True),
    "several inputs and outputs": lambda E, check: check(
        lambda x, y: (x @ y, x.exp()),
        (leaf(E, 3, 2), leaf(E, 2, 2)),
        check_batched_grad=True,
        check_forward_ad=True,
    ),
    "wrong": lambda E, check: check(doubling(E, lambda g: g * 2.01), (leaf(E, 2),)),
    "wrong, no exception": lambda E, check: check(
        doubling(E, lambda g: g * 2.01), (leaf(E, 2),), raise_exception=False
    ),
    "nothing to check": lambda E, check: check(lambda x: x * 2, (leaf(E, 2, grad=False),)),
    "complex input, real output": lambda E, check: check(lambda x: x.abs(), (complex_leaf(E),)),
    "complex input and output": lambda E, check: check(lambda x: x * x, (complex_leaf(E),)),
    "real input, complex output": lambda E, check: check(lambda x: x * 1j, (leaf(E, 3),)),
    "wrong for complex numbers": lambda E, check: check(
        doubling(E, lambda g: g * 2j, 2j), (complex_leaf(E, 2),)
    ),
    "no history": lambda E, check: check(lambda x: x.detach() * 2, (leaf(E, 2),)),
    "an integer output beside": lambda E, check: check(lambda x: (x * 2, x.detach().long()), (leaf(E, 2),)),
    "an expanded input": lambda E, check: check(lambda x: x * 2, (leaf(E, 1).expand(3),)),
    "neither mode": lambda E, check: check(lambda x: x, (leaf(E, 2),), check_backward_ad=False),
    "forward mode alone": lambda E, check: check(
        lambda x: x.sin(), (leaf(E, 2),), check_backward_ad=False, check_forward_ad=True
    ),
    "a number among the inputs": lambda E, check: check(
        lambda a, k, b: a * k + b, (leaf(E, 2), 3, leaf(E, 2))
    ),
    "an empty input": lambda E, check: check(lambda x: x.sum(), (leaf(E, 0),)),
    "not multiplied by the gradient": lambda E, check: check(doubling(E, lambda g: g * 0 + 2), (leaf(E, 1),)),
}


@pytest.mark.parametrize("name", CHECKS)
def test_gradcheck(name: str) -> None:
    alike(lambda E: CHECKS[name](E, E.autograd.gradcheck), words=400)


def test_what_changes_from_run_to_run() -> None:
    def program(E: Any) -> Any:
        calls = iter(range(1, 1000))
        fn = doubling(E, lambda g: g * (2 + 1e-9 * next(calls)))
        check, x = E.autograd.gradcheck, leaf(E, 1)
        return check(fn, (x,), nondet_tol=1e-5), attempt(lambda: check(fn, (x,)))

    alike(program)


def test_gradgradcheck() -> None:
    def program(E: Any) -> Any:
        class Square(E.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return x**2

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                (x,) = ctx.saved_tensors
                return 2 * x.detach() * g

        check, x = E.autograd.gradgradcheck, leaf(E, 2)
        seed = E.ones(2, dtype=E.float64, requires_grad=True)
        return (
            check(lambda x: x.sin(), (x,)),
            check(lambda x, y: (x @ y, x.exp()), (leaf(E, 3, 2), leaf(E, 2, 2))),
            check(lambda x: x**3, (x,), check_fwd_over_rev=True, gen_non_contig_grad_outputs=True),
            check(lambda x: x * x, (complex_leaf(E),)),
            check(Square.apply, (x,), raise_exception=False),
            attempt(lambda: check(Square.apply, (x,), (seed,))),
        )

    alike(program, words=300)


def test_warning_for_float32() -> None:
    def program(E: Any) -> Any:
        x = leaf(E, 2, dtype="float32")
        with pytest.warns(UserWarning, match="double precision"):
            E.autograd.gradcheck(lambda a: a * 2, (x,), raise_exception=False)

    alike(program)


PAIRS = [
    lambda E: (E.ones(2), E.zeros(2), {}),
    lambda E: (E.ones(2), E.ones(3), {}),
    lambda E: (E.ones(2), E.ones(2).double(), {}),
    lambda E: (E.ones(2), E.ones(2).double(), {"check_dtype": False}),
    lambda E: (E.tensor(1.0), E.tensor(1.1), {}),
    lambda E: (1, 2, {}),
    lambda E: (1.0, 1, {}),
    lambda E: (1.0, 1, {"check_dtype": False}),
    lambda E: (None, 1, {}),
    lambda E: (True, False, {}),
    lambda E: ([E.ones(2)], [E.ones(2), 1], {}),
    lambda E: ([E.ones(2), E.ones(2)], [E.ones(2), E.zeros(2)], {}),
    lambda E: ({"a": [1, 2]}, {"a": [1, 3]}, {}),
    lambda E: ({"a": 1}, {"b": 1}, {}),
    lambda E: (np.ones(2), np.zeros(2), {}),
    lambda E: (E.ones(2), E.zeros(2), {"msg": "hey"}),
    lambda E: (E.ones(2), E.zeros(2), {"msg": lambda m: "before " + m}),
    lambda E: (E.ones(2), E.zeros(2), {"rtol": 0, "atol": 0}),
    lambda E: (E.ones(2), E.zeros(2), {"rtol": 0}),
    lambda E: (E.tensor([1, 2, 3]), E.tensor([1, 2, 5]), {}),
    lambda E: (E.tensor([float("nan")]), E.tensor([float("nan")]), {}),
    lambda E: (E.tensor([float("nan")]), E.tensor([float("nan")]), {"equal_nan": True}),
    lambda E: (E.ones(2, 3), E.ones(3, 2).t(), {"check_stride": True}),
    lambda E: (E.ones(2, 3), E.arange(6.0).reshape(2, 3), {}),
    lambda E: (E.ones(2) + 1e-7, E.ones(2), {}),
    lambda E: (E.nn.Parameter(E.ones(2)), E.ones(2), {}),
    lambda E: (E.tensor([1 + 1j]), E.tensor([1 + 2j]), {}),
    lambda E: (E.tensor([1, 2], dtype=E.uint8), E.tensor([3, 2], dtype=E.uint8), {}),
    lambda E: ("a", "a", {}),
]


@pytest.mark.parametrize("k", range(len(PAIRS)))
def test_assert_close(k: int) -> None:
    def program(E: Any) -> Any:
        actual, expected, options = PAIRS[k](E)
        return attempt(lambda: E.testing.assert_close(actual, expected, **options))

    alike(program, words=500)


SHAPES = [
    ((2, 3), {"dtype": "float32"}),
    ((2, 3), {"dtype": "int64"}),
    ((4,), {"dtype": "bool"}),
    ((4,), {"dtype": "complex64"}),
    ((4,), {"dtype": "uint8"}),
    ((4,), {"dtype": "float64", "low": 0, "high": 1, "requires_grad": True}),
    ((4, 3), {"dtype": "float64", "noncontiguous": True}),
    ((3,), {"dtype": "int64", "requires_grad": True}),
    ((3,), {"dtype": "float32", "low": 2, "high": 1}),
    ((10,), {"dtype": "int8", "low": -1, "high": 2, "exclude_zero": True}),
    ((), {"dtype": "float32"}),
    ((0, 2), {"dtype": "float32"}),
]


@pytest.mark.parametrize(("shape", "options"), SHAPES)
def test_make_tensor(shape: tuple, options: dict) -> None:
    def program(E: Any) -> Any:
        named = dict(options, dtype=getattr(E, options["dtype"]))
        t = E.testing.make_tensor(shape, device="cpu", **named)
        return t, t.is_contiguous(), t.requires_grad

    alike(program)


@pytest.mark.parametrize("right", [True, False])
def test_a_function_with_only_a_jvp_is_checked_forward(right: bool) -> None:
    def program(E: Any) -> Any:
        class Exp(E.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.result = E.exp(x)
                return ctx.result * 1

            @staticmethod
            def jvp(ctx, tangent):
                change = tangent * ctx.result if right else tangent + ctx.result
                del ctx.result  # one jvp for one forward
                return change

        x = E.linspace(0, 1, 6, dtype=E.float64).reshape(3, 2).requires_grad_()
        only_forward = {"check_forward_ad": True, "check_backward_ad": False, "check_undefined_grad": False,
                        "check_batched_grad": False, "raise_exception": False}  # fmt: skip
        found = E.autograd.gradcheck(Exp.apply, (x,), **only_forward)
        assert found is right
        return found

    alike(program)
