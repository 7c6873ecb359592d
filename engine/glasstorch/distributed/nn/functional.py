"""Collectives as differentiable functions: they return new tensors, and backward is a collective too.

The gradient of a value that was sent to several processes is the sum of the gradients that come back from them. All
members must therefore run backward as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...autograd.function import Function
from ...core.tensor import Tensor
from .. import collectives
from ..groups import group_or_default
from ..reduce_op import ReduceOp


def _sum(t: Tensor, group: Any) -> Tensor:
    total = t.clone()
    collectives.all_reduce(total, group=group)
    return total


class _AllReduce(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, op: Any, group: Any) -> Tensor:
        ctx.group = group
        total = tensor.clone()
        collectives.all_reduce(total, op, group)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        return _sum(grad, ctx.group), None, None


class _Broadcast(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, src: int, group: Any) -> Tensor:
        ctx.src, ctx.group = src, group
        out = tensor.clone()
        collectives.broadcast(out, src, group)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        return _reduced(grad, ctx.src, ctx.group), None, None


def _reduced(t: Tensor, dst: int, group: Any) -> Tensor:
    """The sum at ``dst``, zeros elsewhere."""
    total = t.clone()
    collectives.reduce(total, dst, group=group)
    pg = group_or_default(group)
    return total if pg.ranks[pg.rank()] == dst else total.zero_()


class _Reduce(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, dst: int, op: Any, group: Any) -> Tensor:
        ctx.dst, ctx.group = dst, group
        total = tensor.clone()
        collectives.reduce(total, dst, op, group)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        out = grad.clone()
        collectives.broadcast(out, ctx.dst, ctx.group)
        return out, None, None, None


class _AllGather(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, group: Any) -> tuple[Tensor, ...]:
        ctx.group = group
        outs = [tensor.new_empty(tensor.shape) for _ in range(group_or_default(group).size())]
        collectives.all_gather(outs, tensor, group)
        return tuple(outs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple:
        out = grads[0].new_empty(grads[0].shape)
        collectives.reduce_scatter(out, list(grads), group=ctx.group)
        return out, None


class _ReduceScatter(Function):
    @staticmethod
    def forward(ctx: Any, op: Any, group: Any, output: Tensor, *tensors: Tensor) -> Tensor:
        ctx.group = group
        out = output.new_empty(output.shape)
        collectives.reduce_scatter(out, list(tensors), op, group)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        outs = [grad.new_empty(grad.shape) for _ in range(group_or_default(ctx.group).size())]
        collectives.all_gather(outs, grad.contiguous(), ctx.group)
        return (None, None, None, *outs)


class _AllToAll(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, output: Tensor, outs: Any, ins: Any, group: Any) -> Tensor:
        ctx.shape, ctx.outs, ctx.ins, ctx.group = tensor.shape, outs, ins, group
        out = output.new_empty(output.shape)
        collectives.all_to_all_single(out, tensor, outs, ins, group)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        out = grad.new_empty(ctx.shape)
        collectives.all_to_all_single(out, grad.contiguous(), ctx.ins, ctx.outs, ctx.group)
        return out, None, None, None, None


def all_reduce(tensor: Tensor, op: Any = ReduceOp.SUM, group: Any = None) -> Tensor:
    """Everybody's values combined. Gradients are right for sums."""
    return _AllReduce.apply(tensor, op, group)


def broadcast(tensor: Tensor, src: int, group: Any = None) -> Tensor:
    """The values of rank ``src``."""
    return _Broadcast.apply(tensor, src, group)


def reduce(tensor: Tensor, dst: int, op: Any = ReduceOp.SUM, group: Any = None) -> Tensor:
    """Everybody's values combined, on rank ``dst``. Gradients are right for sums."""
    return _Reduce.apply(tensor, dst, op, group)


def all_gather(tensor: Tensor, group: Any = None) -> tuple[Tensor, ...]:
    """Everybody's tensor."""
    return _AllGather.apply(tensor, group)


def reduce_scatter(
    output: Tensor, input_list: Sequence[Tensor], op: Any = ReduceOp.SUM, group: Any = None
) -> Tensor:
    """Everybody's tensor for this rank, combined; ``output`` gives the shape. Gradients are right for sums."""
    return _ReduceScatter.apply(op, group, output, *input_list)


def all_to_all_single(
    output: Tensor,
    input: Tensor,
    output_split_sizes: Any = None,
    input_split_sizes: Any = None,
    group: Any = None,
) -> Tensor:
    """Everybody's part for this rank, one after the other; ``output`` gives the shape."""
    return _AllToAll.apply(input, output, output_split_sizes, input_split_sizes, group)


__all__ = ["all_gather", "all_reduce", "all_to_all_single", "broadcast", "reduce", "reduce_scatter"]
