"""The text of tensors, character for character as PyTorch writes it."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.differential import torch

DEFAULTS = {"profile": "default"}


@pytest.fixture(autouse=True)
def _default_options():
    yield
    for E in (torch, glasstorch):
        E.set_printoptions(**DEFAULTS)


def same(text):
    """``text`` is an expression in ``E``; both engines print its value alike."""
    theirs, ours = (repr(eval(text, {"E": E})) for E in (torch, glasstorch))
    assert ours == theirs


EXAMPLES = """
E.tensor(1.5)
E.tensor(-0.0)
E.tensor(3)
E.tensor(True)
E.tensor(float('nan'))
E.tensor(-float('inf'))
E.tensor(1e-10)
E.tensor(1e38)
E.tensor(123456.789)
E.tensor([])
E.tensor([], dtype=E.int64)
E.tensor([], dtype=E.bool)
E.zeros(0, 3)
E.zeros(2, 0, dtype=E.int32)
E.zeros(1, 0, 1, requires_grad=True)
E.zeros(0, 3, requires_grad=True) * 2
E.tensor([1., 2., 3.])
E.tensor([1., 1000., 100000.])
E.tensor([1., 1e8])
E.tensor([100000000., 1.5])
E.tensor([1001., 1.5])
E.tensor([0.0001, 1.5])
E.tensor([0.00009, 1.5])
E.tensor([0., 1e-5])
E.tensor([1e-45, 1.])
E.tensor([-0.0, 0.0])
E.tensor([float('nan'), float('inf'), -float('inf')])
E.tensor([1., float('inf')])
E.tensor([1.5, float('nan'), -2.25])
E.tensor([float('-inf'), 1e10])
E.tensor([[True, False], [True, True]])
E.tensor([1, -20, 300])
E.tensor([-9223372036854775808, 9223372036854775807])
E.tensor([1, 255], dtype=E.uint8)
E.tensor([1, 2], dtype=E.uint16)
E.arange(6.).reshape(2, 3)
E.arange(24.).reshape(2, 3, 4)
E.arange(48).reshape(2, 1, 2, 3, 4)
E.zeros(2, 1, 2, 2)
E.arange(10.).half()
E.tensor([1.5, 0.1], dtype=E.bfloat16)
E.ones(2, dtype=E.float64)
E.tensor(5, dtype=E.int32)
E.tensor([1 + 2j, 3.5 - 1j])
E.tensor(1 + 2j)
E.tensor([1e10 + 2j, 3.5 - 1e-9j])
E.tensor([complex('nan'), complex('inf'), 1, -1j])
E.tensor([complex(1, float('nan')), complex(1, -float('inf'))])
E.tensor([1e-5 + 1j, 1e5 + 3j], dtype=E.complex128)
E.zeros(0, dtype=E.complex64)
E.zeros(2000, dtype=E.complex64)
E.arange(2000)
E.arange(2000).double() * 2
E.arange(40000.).reshape(200, 200)
E.zeros(20, 20, 20)
E.zeros(11, 1, 101)
E.arange(40)
E.arange(30) / 7
(E.arange(60) / 7).reshape(2, 30)
E.arange(6).reshape(2, 3).t()
E.ones(1).expand(3)
E.ones(2, requires_grad=True)
E.ones(2, requires_grad=True) * 2
E.ones(2, 3, requires_grad=True).sum(0, keepdim=True)
E.ones(2, requires_grad=True).double().exp()
(E.arange(30.).requires_grad_() / 7).relu()
E.ones(13, requires_grad=True) / 3
E.arange(13, dtype=E.float64).requires_grad_() / 3
[E.tensor(1), E.tensor([2.])]
{'a': E.ones(2)}
E.ones(2, 2).max(1)
str(E.ones(2))
f"{E.ones(2)} {E.tensor(2.5):.2f} {E.tensor(7):5d} {E.tensor(1.5)}"
""".strip().splitlines()


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples(text):
    if "bfloat16" in text:
        pytest.importorskip("ml_dtypes")
    same(text)


OPTIONS = [
    {"precision": 2},
    {"precision": 0},
    {"profile": "short"},
    {"profile": "full"},
    {"sci_mode": True},
    {"sci_mode": False},
    {"linewidth": 40},
    {"linewidth": 5},
    {"edgeitems": 1, "threshold": 3},
    {"edgeitems": 0, "threshold": 3},
    {"profile": "short", "precision": 6, "linewidth": 120},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options(options):
    for E in (torch, glasstorch):
        E.set_printoptions(**options)
    for text in EXAMPLES:
        if "bfloat16" not in text and "40000" not in text:
            same(text)
    for E in (torch, glasstorch):
        E.set_printoptions(precision=3)  # sci_mode goes back to None
    same("E.tensor([1e-5, 2.0])")


SPECIAL = st.sampled_from(
    [0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1.0, -1.0, 1e-4, 1e8, 1000.0, 0.5]
)
FLOATS = {
    "float32": st.one_of(
        SPECIAL, st.floats(width=32), st.integers(-2000, 2000).map(float), st.floats(-1, 1, width=32)
    ),
    "float64": st.one_of(SPECIAL, st.floats(), st.integers(-(10**9), 10**9).map(float)),
    "float16": st.floats(width=16),
    "complex64": st.complex_numbers(width=64),
    "int64": st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9)),
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
}


@given(
    st.sampled_from(sorted(FLOATS)).flatmap(
        lambda kind: hnp.arrays(
            np.dtype(kind),
            hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=7),
            elements=FLOATS[kind],
        )
    ),
    st.sampled_from(
        [
            {},
            {"threshold": 5, "edgeitems": 1},
            {"threshold": 20, "edgeitems": 2, "linewidth": 50},
            {"precision": 7},
        ]
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_array(array, options):
    for E in (torch, glasstorch):
        E.set_printoptions(profile="default")
        E.set_printoptions(**options)
    assert repr(glasstorch.from_numpy(array)) == repr(torch.from_numpy(array))


def test_subclasses_and_the_default_type():
    class Named(glasstorch.Tensor):
        pass

    t = Named(np.ones(2, np.float32))
    assert repr(t) == "Named([1., 1.])"
    try:
        for E in (torch, glasstorch):
            E.set_default_dtype(E.float64)
        for text in ("E.ones(2)", "E.ones(2).float()", "E.tensor([1j])", "E.zeros(0)"):
            same(text)
    finally:
        for E in (torch, glasstorch):
            E.set_default_dtype(E.float32)


def test_a_summary_reads_only_what_it_shows() -> None:
    ours = str(glasstorch.tensor([1.5]).expand(10**6, 10**6))  # in full: eight terabytes
    assert ours == str(torch.tensor([1.5]).expand(10**6, 10**6))
    for shape in ((10**5,), (1, 2000), (7, 7, 7, 7), (500, 6), (500, 7), (500, 8)):
        values = torch.arange(float(torch.Size(shape).numel())).reshape(shape) / 7
        assert str(glasstorch.tensor(values.numpy())) == str(values), shape
