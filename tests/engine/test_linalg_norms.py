"""Norms and condition numbers against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.differential import compare
from support.matrices import KINDS, random, same

ORDERS = [0, 1, 2, 3, 0.5, 1.5, -1, -2, math.inf, -math.inf]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ORDERS)
def test_vectors(kind: str, order: float) -> None:
    a = random(kind, 3, 4)
    compare(lambda E, x: (E.linalg.vector_norm(x, order), x.norm(order, 0), E.linalg.norm(x, order, 1)), a)
    compare(lambda E, x: E.linalg.vector_norm(x, order, dim=1, keepdim=True), a)
    compare(
        lambda E, x: E.linalg.vector_norm(x, order, dim=1), np.ones((2, 3)) * (1 if kind == "real" else 1j)
    )


@pytest.mark.parametrize("order", ORDERS)
def test_zeros_have_pytorchs_subgradients(order: float) -> None:
    a = random("real", 3, 4)
    a[0], a[1, 1] = 0, 0
    compare(lambda E, x: E.linalg.vector_norm(x, order, dim=1), a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf])
def test_matrices(kind: str, order: object) -> None:
    a = random(kind, 2, 3, 4)
    compare(lambda E, x: (E.linalg.matrix_norm(x, order), E.linalg.norm(x[0], order)), a)
    compare(lambda E, x: E.linalg.matrix_norm(x, order, dim=(2, 0), keepdim=True), a)


@pytest.mark.parametrize("kind", KINDS)
def test_condition_numbers(kind: str) -> None:
    a = random(kind, 2, 3, 3)
    for p in (None, 2, -2, "nuc"):
        compare(lambda E, x, p=p: E.linalg.cond(x, p), a)
    for p in ("fro", 1, -1, math.inf, -math.inf):  # PyTorch's own backward fails here
        compare(lambda E, x, p=p: E.linalg.cond(x, p), a, grad=False)


TEXTS = [
    f"{name}({argument})"
    for name in ("L.vector_norm", "L.norm", "L.matrix_norm", "E.norm")
    for argument in (
        "x.long()", "x.half()", "x.bfloat16()", "x[0, 0]", "x, 'x'", "x, 0", "x, 3", "x, dim=(0, 0)",
        "x, dim=(0, 1, 2)",
        "x, keepdim=True", "x, dtype=E.float64", "x, dtype=E.float16", "x, dtype=E.cfloat", "x + 1j, dtype=E.float32",
        "x[:0], 2, dim=(0, 1)", "x[:0], -1", "x[:0], inf", "x[None], 2", "x[None], inf, dim=(2, 0), keepdim=True",
        "x * nan, inf",
    )
] + """
L.norm(x, dim=())
L.norm(b3, 2)
L.vector_norm(x, None)
L.vector_norm(x, dim=())
L.cond(S, 1)
L.cond(B, 1)
L.cond(B, 'fro')
L.cond(x[:1], 1)
L.cond(x, 3)
L.cond(x, 'x')
L.cond(v)
L.cond(ones(0, 0), 1)
L.cond(ones(2, 0, 0), 'fro')
""".strip().split("\n")  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_edges_and_refusals(text: str) -> None:
    same(text)
