"""Batch rules of the matrix products: all become one product with broadcast batch dimensions."""

from __future__ import annotations

from typing import Any

from ..core.lanes import Levels, aligned, batched, lowered
from ..core.op import REGISTRY, Op
from ..core.tensor import Tensor
from .rules import rule


def _product(a: Tensor, b: Tensor) -> Tensor:
    return REGISTRY["batched_matmul"].function(a, b)


@rule("mm", "bmm")
def mm(op: Op, args: tuple, levels: Levels) -> Any:
    """(…, n, k) @ (…, k, m)."""
    n = 2 if op.name == "mm" else 3
    if args[0]._a.ndim != n or args[1]._a.ndim != n:
        return None  # the op itself says what is wrong
    return _checked(op, args, levels, _product(aligned(args[0], levels, n), aligned(args[1], levels, n)))


@rule("batched_matmul")
def batched_matmul(op: Op, args: tuple, levels: Levels) -> Any:
    """The leading dimensions come before the batch dimensions of an example."""
    n = max(args[0]._a.ndim, args[1]._a.ndim)
    return _checked(op, args, levels, _product(aligned(args[0], levels, n), aligned(args[1], levels, n)))


def _checked(op: Op, args: tuple, levels: Levels, out: Tensor) -> Tensor:
    want = tuple(v.size for v in levels)
    if out._a.shape[: len(want)] != want:
        out = out.expand(*want, *out._a.shape[len(want) :])
    return batched(out, levels)


@rule("mv")
def mv(op: Op, args: tuple, levels: Levels) -> Any:
    """A vector is a matrix of one column."""
    if args[0]._a.ndim != 2 or args[1]._a.ndim != 1:
        return None
    out = _product(aligned(args[0], levels, 2), lowered(args[1], levels).unsqueeze(-1)).squeeze(-1)
    return batched(out, levels)


@rule("dot")
def dot(op: Op, args: tuple, levels: Levels) -> Any:
    """A row times a column."""
    if args[0]._a.ndim != 1 or args[0]._a.shape != args[1]._a.shape:
        return None
    row, column = lowered(args[0], levels).unsqueeze(-2), lowered(args[1], levels).unsqueeze(-1)
    return batched(_product(row, column).squeeze(-1).squeeze(-1), levels)


@rule("linear")
def linear(op: Op, args: tuple, levels: Levels) -> Any:
    """One weight for all examples: more rows. A weight for each: a batched product."""
    x, weight, bias = args
    if x._a.ndim < 1 or weight._a.ndim != 2:
        return None
    if not any(hasattr(t._a, "levels") for t in (weight, bias) if t is not None):
        return batched(op.function(x._a.tensor, weight, bias), levels)
    n = max(x._a.ndim, 2)
    rows = lowered(x, levels)
    if x._a.ndim == 1:
        rows = rows.unsqueeze(-2)
    out = _product(rows, aligned(weight.transpose(0, 1), levels, n))
    if bias is not None:
        out = out + aligned(bias, levels, n)
    return _checked(op, args, levels, out.squeeze(-2) if x._a.ndim == 1 else out)


@rule("addmm", "addmv", "baddbmm")
def add_product(op: Op, args: tuple, levels: Levels) -> Any:
    """beta * input + alpha * (a @ b)."""
    x, a, b, beta, alpha = args
    product = REGISTRY[{"addmm": "mm", "addmv": "mv", "baddbmm": "bmm"}[op.name]].function(a, b)
    product = product if alpha == 1 else product * alpha
    return product if beta == 0 else product + (x if beta == 1 else x * beta)


@rule("linalg_solve")
def solve(op: Op, args: tuple, levels: Levels) -> Any:
    """Systems for each example are further batch dimensions."""
    a, b, *rest = args
    if a._a.ndim < 2 or b._a.ndim < 2 or a._a.ndim != b._a.ndim:
        return None
    return batched(op.function(lowered(a, levels), lowered(b, levels), *rest), levels)
