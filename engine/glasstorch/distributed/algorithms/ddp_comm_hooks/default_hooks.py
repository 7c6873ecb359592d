"""The hooks for ``DistributedDataParallel.register_comm_hook``: averaging, and averaging in half precision.

Source: https://pytorch.org/docs/stable/ddp_comm_hooks.html#default-communication-hooks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....core import dtype as dt
from ....core.tensor import Tensor
from ....futures import Future
from ... import collectives
from ...groups import group_or_default


def _average(process_group: Any, values: Tensor) -> Future:
    group = group_or_default(process_group)
    values.div_(group.size())
    work = collectives.all_reduce(values, group=group, async_op=True)
    assert work is not None
    return work.get_future().then(lambda future: future.value()[0])


def allreduce_hook(process_group: Any, bucket: Any) -> Future:
    """What happens without a hook: the average over all processes."""
    return _average(process_group, bucket.buffer())


def _compressed(d: dt.dtype, process_group: Any, bucket: Any) -> Future:
    """Half the bytes: averaged in half precision, and back."""
    whole = bucket.buffer()
    return _average(process_group, whole.to(d)).then(lambda future: whole.copy_(future.value()))


def fp16_compress_hook(process_group: Any, bucket: Any) -> Future:
    """The average, sent as float16."""
    return _compressed(dt.float16, process_group, bucket)


def bf16_compress_hook(process_group: Any, bucket: Any) -> Future:
    """The average, sent as bfloat16."""
    return _compressed(dt.bfloat16, process_group, bucket)


def _wrapper(d: dt.dtype, hook: Callable) -> Callable:
    def compressing(state: Any, bucket: Any) -> Future:
        whole = bucket.buffer()
        bucket.set_buffer(whole.to(d))
        return hook(state, bucket).then(lambda future: whole.copy_(future.value()))

    return compressing


def fp16_compress_wrapper(hook: Callable) -> Callable:
    """Another hook, which is given the gradients as float16."""
    return _wrapper(dt.float16, hook)


def bf16_compress_wrapper(hook: Callable) -> Callable:
    """Another hook, which is given the gradients as bfloat16."""
    return _wrapper(dt.bfloat16, hook)


__all__ = [
    "allreduce_hook", "bf16_compress_hook", "bf16_compress_wrapper", "fp16_compress_hook", "fp16_compress_wrapper",
]  # fmt: skip
