"""Gradients in buckets: which parameters share one, and the memory they share.

One all-reduce for each parameter would be many short messages; one for all could only begin when backward is over.
Buckets are between: parameters in the reverse of the order in which they are defined, which is about the order in
which their gradients come.

Source: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training" (2020),
https://arxiv.org/abs/2006.15704
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import backends
from ..core.tensor import Tensor, wrap

FIRST_BUCKET_BYTES = 1024 * 1024  # small, so that the first all-reduce begins early


def assign(parameters: Sequence[Tensor], limits: Sequence[int]) -> list[list[int]]:
    """Numbers of the parameters of each bucket, last parameters first.

    A bucket is full when it has at least as many bytes as its limit; the last limit holds for all further ones.
    Parameters of another dtype or device have buckets of their own.
    """
    buckets: list[list[int]] = []
    open_buckets: dict[tuple, tuple[list[int], int]] = {}
    for k in reversed(range(len(parameters))):
        p = parameters[k]
        kind = p.dtype, p.device
        numbers, size = open_buckets.pop(kind, ([], 0))
        if not numbers:
            buckets.append(numbers)
        numbers.append(k)
        size += p._a.nbytes
        if size < limits[min(buckets.index(numbers), len(limits) - 1)]:
            open_buckets[kind] = numbers, size
    return buckets


class Bucket:
    """Memory for the gradients of some parameters, one after the other."""

    def __init__(self, index: int, numbers: Sequence[int], parameters: Sequence[Tensor]) -> None:
        self.index, self.numbers = index, list(numbers)
        self.parameters = [parameters[k] for k in numbers]
        xp = backends.namespace(self.parameters[0]._a)
        sizes = [p._a.size for p in self.parameters]
        self.flat = wrap(xp.zeros(sum(sizes), self.parameters[0]._a.dtype))
        starts = [sum(sizes[:k]) for k in range(len(sizes))]
        self.places = [slice(b, b + n) for b, n in zip(starts, sizes, strict=True)]
        self.missing = 0  # gradients that have not come yet
        self.work: Any = None  # the all-reduce on its way
        self.future: Any = None  # of what a communication hook makes of the gradients

    def view(self, k: int) -> Any:
        """The memory of the k-th gradient, in the parameter's shape."""
        return self.flat._a[self.places[k]].reshape(self.parameters[k]._a.shape)


class GradBucket:
    """What a communication hook is given: the gradients of one bucket.

    Source: https://pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket
    """

    def __init__(self, bucket: Bucket, count: int) -> None:
        self._bucket, self._count, self._values = bucket, count, bucket.flat

    def index(self) -> int:
        """The bucket's number, in the order in which they are combined."""
        return self._bucket.index

    def is_last(self) -> bool:
        """Is it the last one of this backward?"""
        return self._bucket.index == self._count - 1

    def buffer(self) -> Tensor:
        """All gradients of the bucket, flat."""
        return self._values

    def set_buffer(self, buffer: Tensor) -> None:
        """Let ``buffer()`` be another tensor, such as the gradients in half precision."""
        self._values = buffer

    def gradients(self) -> list[Tensor]:
        """The gradients, each in its parameter's shape; views of ``buffer()``."""
        return [wrap(self._bucket.view(k)) for k in range(len(self._bucket.parameters))]

    def parameters(self) -> list[Tensor]:
        """The parameters."""
        return list(self._bucket.parameters)
