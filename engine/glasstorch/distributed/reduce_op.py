"""``ReduceOp``: how the values of all processes become one.

Source: https://pytorch.org/docs/stable/distributed.html#torch.distributed.ReduceOp
"""

from __future__ import annotations

import enum
import operator
from typing import Any

from .. import backends
from ..core import dtype as dt


class RedOpType(enum.Enum):
    """The ways of combining, as ``ReduceOp`` names them."""

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7

    def __hash__(self) -> int:
        return hash(self.value)


class ReduceOp:
    """SUM, AVG (the sum divided by the number of processes), PRODUCT, MIN, MAX, and BAND, BOR, BXOR on bits."""

    RedOpType = RedOpType
    SUM = RedOpType.SUM
    AVG = RedOpType.AVG
    PRODUCT = RedOpType.PRODUCT
    MIN = RedOpType.MIN
    MAX = RedOpType.MAX
    BAND = RedOpType.BAND
    BOR = RedOpType.BOR
    BXOR = RedOpType.BXOR


reduce_op = ReduceOp  # the name it had in PyTorch 1

_FUNCTIONS = {
    RedOpType.SUM: "add",
    RedOpType.AVG: "add",
    RedOpType.PRODUCT: "multiply",
    RedOpType.MIN: "minimum",
    RedOpType.MAX: "maximum",
    RedOpType.BAND: "bitwise_and",
    RedOpType.BOR: "bitwise_or",
    RedOpType.BXOR: "bitwise_xor",
}
_BITWISE = (RedOpType.BAND, RedOpType.BOR, RedOpType.BXOR)
_ON_REALS = (RedOpType.PRODUCT, RedOpType.MIN, RedOpType.MAX, *_BITWISE)


def check(name: str, op: Any, d: dt.dtype) -> RedOpType:
    """The operation, if it is one and makes sense for the dtype."""
    if not isinstance(op, RedOpType):
        raise TypeError(
            f"{name}(): op must be one of ReduceOp.SUM, AVG, PRODUCT, MIN, MAX, BAND, BOR, BXOR, not {op!r}"
        )
    if d.is_complex and op in _ON_REALS:
        raise ValueError(f"{name} does not support RedOpType.{op.name} on complex tensors")
    if op in _BITWISE and d.is_floating_point:
        raise RuntimeError(f"Cannot use ReduceOp.{op.name} with non-integral dtype")
    if op is RedOpType.AVG and not (d.is_floating_point or d.is_complex):
        raise RuntimeError(
            f"{name}: an average is no whole number, so it cannot be cast to {d!r}. Use SUM, and divide."
        )
    return op


def combine(op: RedOpType, total: Any, more: Any) -> None:
    """Take the array ``more`` into ``total``."""
    getattr(backends.namespace(total), _FUNCTIONS[op])(total, more, out=total)


def finish(op: RedOpType, total: Any, size: int) -> None:
    """What is left to do when all values are in: AVG divides."""
    if op is RedOpType.AVG and size > 1:
        operator.itruediv(total, total.dtype.type(size))
