"""``Reducer``: combines the gradients of all processes while backward still computes.

A hook on every parameter puts its gradient into the parameter's bucket. When a bucket is full, its all-reduce begins;
the walk goes on to earlier layers meanwhile. The hook that fills the last bucket waits for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import backends
from ..core.mode import no_grad
from ..core.tensor import Tensor, wrap
from ..core.tree import tree_flatten
from ..core.walk import place_of
from ..core.watched import Watch
from . import collectives, traced, traffic
from .buckets import Bucket, GradBucket, assign
from .groups import ProcessGroup

UNFINISHED = (
    "Expected to have finished reduction in the prior iteration before starting a new one. This error indicates that "
    "your module has parameters that were not used in producing loss. You can enable unused parameter detection by "
    "passing the keyword argument `find_unused_parameters=True` to `torch.nn.parallel.DistributedDataParallel`, and by "
    "making sure all `forward` function outputs participate in calculating loss."
)


class Reducer:
    """The buckets of a module's parameters, and where their gradients are in the current backward.

    ``names`` of the parameters are for messages; ``hook``: what combines a bucket, if not an all-reduce.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        names: Sequence[str],
        group: ProcessGroup,
        limits: Sequence[int],
        find_unused: bool,
        static: bool,
        as_views: bool,
    ) -> None:
        self.parameters, self.names, self.group = list(parameters), list(names), group
        self.find_unused, self.static, self.as_views = find_unused, static, as_views
        self.buckets = [Bucket(k, ns, parameters) for k, ns in enumerate(assign(parameters, limits))]
        self.place = {n: (b, k) for b in self.buckets for k, n in enumerate(b.numbers)}
        self.hook: Callable[[GradBucket], Any] | None = None
        self.divisor = group.size()
        self.enabled = True  # combine the gradients of the backward that comes?
        self.expected = False  # has a forward prepared for a backward that has not finished?
        self.begun = False
        self.unused: set[int] = set()
        self.came: set[int] = set()
        self.next = 0  # the first bucket that is not on its way
        self.handles = [
            p.register_post_accumulate_grad_hook(self._hook_of(k)) for k, p in enumerate(self.parameters)
        ]

    # ------------------------------------------------------------------ before backward
    def prepare(self, outputs: Any) -> None:
        """A forward is over, and a backward from its outputs will combine gradients."""
        if self.begun:
            raise RuntimeError(UNFINISHED + self._who_is_missing())
        if self.find_unused and not (self.static and self.expected):
            roots = [
                place_of(t) for t in tree_flatten(outputs)[0] if isinstance(t, Tensor) and t.requires_grad
            ]
            reached = Watch(roots, None, {}).last
            self.unused = {k for k, p in enumerate(self.parameters) if p not in reached}
        self.expected = True

    def _who_is_missing(self) -> str:
        missing = [name for k, name in enumerate(self.names) if k not in self.came]
        return (
            f"\nParameters which did not receive grad for rank {self.group.rank()}: {', '.join(missing)}\n"
            f"Parameter indices which did not receive grad for rank {self.group.rank()}: "
            f"{' '.join(str(k) for k in range(len(self.names)) if k not in self.came)}"
        )

    # ------------------------------------------------------------------ during backward
    def _hook_of(self, number: int) -> Callable[[Tensor], None]:
        def on_gradient(parameter: Tensor) -> None:
            if self.enabled and self.expected:
                with no_grad():
                    self._came(number)

        return on_gradient

    def _came(self, number: int) -> None:
        """A gradient is there."""
        if not self.begun:
            self._begin()
        if number in self.came:
            raise RuntimeError(
                "Expected to mark a variable ready only once. This error is caused by one of the following reasons: 1) "
                "Use of a module parameter outside the `forward` function. 2) Reused parameters in multiple reentrant "
                f"backward passes. Parameter at index {number} with name {self.names[number]} has been marked as ready "
                "twice."
            )
        self.came.add(number)
        bucket, k = self.place[number]
        self._fill(bucket, k)
        self._one_less(bucket)
        for b in self.buckets[: self.next]:  # some backends move on only when they are asked
            if b.work is not None:
                b.work.is_completed()
        if self.next == len(self.buckets):
            self._finish()

    def _begin(self) -> None:
        self.begun, self.next = True, 0
        self.came.clear()
        for bucket in self.buckets:
            bucket.missing, bucket.future, bucket.work = len(bucket.numbers), None, None
        for number in sorted(self.unused):
            self.came.add(number)
            bucket, k = self.place[number]
            bucket.view(k)[...] = 0
            self._one_less(bucket)

    @traced.operation("torch::distributed::reducer::mul_out")
    def _fill(self, bucket: Bucket, k: int) -> None:
        """Copy a gradient to its place (if it is not there already), divided by the number of processes."""
        view, grad = bucket.view(k), bucket.parameters[k]._grad
        assert grad is not None
        xp = backends.namespace(view)
        if self.hook is not None:
            view[...] = grad._a
        else:
            xp.multiply(grad._a, view.dtype.type(1 / self.divisor), out=view)

    def _one_less(self, bucket: Bucket) -> None:
        """All processes must combine the buckets in the same order, whichever is full first."""
        bucket.missing -= 1
        while self.next < len(self.buckets) and self.buckets[self.next].missing == 0:
            self._combine(self.buckets[self.next])
            self.next += 1

    def _combine(self, bucket: Bucket) -> None:
        with traffic.carrying(bucket.index, [self.names[number] for number in bucket.numbers]):
            if self.hook is not None:
                bucket.future = self.hook(GradBucket(bucket, len(self.buckets)))
            else:
                bucket.work = collectives.all_reduce(bucket.flat, group=self.group, async_op=True)

    # ------------------------------------------------------------------ the end of backward
    def _finish(self) -> None:
        self.begun = False
        self.expected = self.static  # whose next backward has the same unused parameters
        used = self._used_anywhere()
        for bucket in self.buckets:
            if bucket.work is not None:
                bucket.work.wait()
            else:
                with traffic.standing():
                    result = bucket.future.wait()
                self._take(bucket, result)
            for k, number in enumerate(bucket.numbers):
                if used is None or used[number]:
                    self._give(bucket, k)

    def _used_anywhere(self) -> list[bool] | None:
        """Which parameters were used in some process? None: all. The others keep the gradient they have."""
        if not self.find_unused:
            return None
        xp = backends.namespace(self.parameters[0]._a)
        mine = xp.array([k not in self.unused for k in range(len(self.parameters))], "i4")
        counts = wrap(mine)
        collectives.all_reduce(counts, group=self.group)
        return [n > 0 for n in counts.tolist()]

    def _take(self, bucket: Bucket, result: Any) -> None:
        """The hook's result: one flat tensor, or a list that holds it."""
        found = result[0] if isinstance(result, (list, tuple)) else result
        if found is not bucket.flat:
            bucket.flat._a[...] = found._a

    @traced.operation("torch.distributed.ddp.reducer::copy_bucket_to_grad")
    def _give(self, bucket: Bucket, k: int) -> None:
        """Let a parameter have its combined gradient."""
        parameter, view = bucket.parameters[k], bucket.view(k)
        grad = parameter._grad
        if self.as_views:
            if grad is None or grad._a.base is not view.base:
                parameter._grad = wrap(view)
        elif grad is None:
            parameter._grad = wrap(view.copy())
        else:
            grad._a[...] = view
            grad._v[0] += 1

    # ------------------------------------------------------------------ for processes that have no data left
    def combine_nothing(self) -> None:
        """Take part in one round of all-reduces with zeros."""
        for bucket in self.buckets:
            bucket.flat._a[...] = 0
            bucket.work = None
            self._combine(bucket)
        for bucket in self.buckets:
            bucket.work.wait() if bucket.work is not None else bucket.future.wait()
        self._used_anywhere()

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self.handles:
            handle.remove()
