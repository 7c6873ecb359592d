"""``DistributedDataParallel``: one copy of the model in each process, the same gradients in all.

Source: https://pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ... import backends, distributed
from ...core.device import device as Device
from ...core.mode import is_grad_enabled, no_grad
from ...core.tensor import Tensor, wrap
from ...core.tree import tree_map
from ...distributed import collectives, traced
from ...distributed.algorithms.join import Join, Joinable, JoinHook
from ...distributed.buckets import FIRST_BUCKET_BYTES, GradBucket
from ...distributed.groups import group_or_default
from ...distributed.reducer import Reducer
from ..modules.module import Module

DEFAULT_BUCKET_MB = 25
SYNC_BYTES = 250 * 1024 * 1024  # so much of the parameters goes in one message


class DistributedDataParallel(Module, Joinable):
    """Calls ``module``, and combines the gradients of all processes during backward: each gets their average.

    Every process makes one, after ``init_process_group``, of the same module; parameters and buffers begin with the
    values of rank 0. Give each process its own part of the data (``DistributedSampler``), and call this object, not
    ``module`` itself. Names in the state_dict begin with "module.".

    Args:
        module: has parameters that require gradients, the same in all processes.
        device_ids: ``[gpu]`` for a module on one GPU; None on the CPU.
        broadcast_buffers: give all processes the buffers of rank 0 before each forward.
        process_group: who takes part; all processes by default.
        bucket_cap_mb: gradients are combined in buckets of about so many MiB (25), the first in one of 1 MiB.
        find_unused_parameters: look after each forward which parameters its outputs do not depend on. Needed where
            that can be; costs a walk through the graph.
        gradient_as_bucket_view: let ``.grad`` be a view into the bucket, which saves a copy of all gradients.
        static_graph: the parameters in use never change.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool | None = None,
        init_sync: bool = True,
        process_group: Any = None,
        bucket_cap_mb: float | None = None,
        find_unused_parameters: bool = False,
        check_reduction: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
    ) -> None:
        Module.__init__(self)
        Joinable.__init__(self)
        self.process_group = group_or_default(process_group)
        ignored = set(getattr(module, "_ddp_params_and_buffers_to_ignore", ()))
        named = {n: p for n, p in module.named_parameters() if n not in ignored}
        trained = {n: p for n, p in named.items() if p.requires_grad}
        if not trained:
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a "
                "gradient."
            )
        self.device_ids = _check_devices(device_ids, output_device, {p.device for p in named.values()})
        self.output_device = None if self.device_ids is None else self.device_ids[0]
        self.module = module
        self.device = next(iter(named.values())).device
        self.dim, self.static_graph = dim, static_graph
        self.broadcast_buffers = True if broadcast_buffers is None else broadcast_buffers
        self.find_unused_parameters = find_unused_parameters
        self.gradient_as_bucket_view = gradient_as_bucket_view
        self.require_backward_grad_sync = self.require_forward_param_sync = True
        self._join_divides_by_all = True
        self.parameters_to_ignore = ignored
        if init_sync:
            _check_same_model(named, self.process_group)
            kept = [t for n, t in module.named_buffers() if n not in ignored]
            self._broadcast([*named.values(), *kept], 0)
        cap = int((DEFAULT_BUCKET_MB if bucket_cap_mb is None else bucket_cap_mb) * 1024 * 1024)
        self.bucket_bytes_cap = cap
        limits = [min(FIRST_BUCKET_BYTES, cap), cap] if bucket_cap_mb is None else [cap]
        self.reducer = Reducer(
            list(trained.values()), list(trained), self.process_group, limits,
            find_unused_parameters or static_graph, static_graph, gradient_as_bucket_view,
        )  # fmt: skip

    # ------------------------------------------------------------------ the same values everywhere
    def _broadcast(self, tensors: Iterable[Tensor], source: int) -> None:
        """Give all processes the values that a member of the group has, many tensors in one message."""
        chunk: list[Tensor] = []
        for t in tensors:
            chunk.append(t)
            if sum(c._a.nbytes for c in chunk) >= SYNC_BYTES:
                _broadcast_together(chunk, source, self.process_group)
                chunk = []
        if chunk:
            _broadcast_together(chunk, source, self.process_group)

    def _buffers_to_sync(self) -> list[Tensor]:
        if not (self.broadcast_buffers and self.require_forward_param_sync):
            return []
        return [t for n, t in self.module.named_buffers() if n not in self.parameters_to_ignore]

    # ------------------------------------------------------------------ calls
    @traced.annotation("DistributedDataParallel.forward")
    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Call the module."""
        sync = is_grad_enabled() and self.require_backward_grad_sync
        if sync and self._join_config.enable:
            active = Join.notify_join_context(self)
            if not self._join_divides_by_all:
                self.reducer.divisor = active
        if sync and self.reducer.begun:
            self.reducer.prepare(None)  # says what is missing
        buffers = self._buffers_to_sync()
        if buffers:
            self._broadcast(buffers, self._buffer_source())
        if self.device_ids is not None:
            inputs, kwargs = tree_map(self._to_device, (inputs, kwargs))
        output = self.module(*inputs, **kwargs)
        self.reducer.enabled = sync
        if sync:
            self.reducer.prepare(output)
        return output

    def _buffer_source(self) -> int:
        """Rank 0 has the buffers that count; while others may have no data left, the lowest rank that still has."""
        if not self._join_config.enable:
            return 0
        return Join.lowest_active_rank(self, active=True)

    def _to_device(self, value: Any) -> Any:
        return value.to(self.device) if isinstance(value, Tensor) else value

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Within the block, backward adds up gradients in this process only; the first one after it combines them."""
        old, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = old

    # ------------------------------------------------------------------ more ways to combine
    def register_comm_hook(self, state: object, hook: Callable) -> None:
        """Let ``hook(state, bucket)`` combine each bucket, instead of an all-reduce and a division.

        It returns a Future of the flat gradients. ``glasstorch.distributed.algorithms.ddp_comm_hooks`` has some. Once
        only, before the first backward.
        """
        if not callable(hook):
            raise TypeError("Communication hook must be callable.")
        bucket = inspect.signature(hook).parameters.get("bucket")
        kind = None if bucket is None else bucket.annotation
        if isinstance(kind, type) and kind not in (inspect.Parameter.empty, GradBucket):
            raise ValueError("Communication hook: bucket annotation should be dist.GradBucket.")
        if self.reducer.hook is not None:
            raise RuntimeError("register_comm_hook or register_builtin_comm_hook can only be called once.")
        self.reducer.hook = lambda bucket: hook(state, bucket)

    def join(
        self,
        divide_by_initial_world_size: bool = True,
        enable: bool = True,
        throw_on_early_termination: bool = False,
    ) -> Join:
        """A context in which processes may run out of data before others: they go on to take part with zeros.

        ``divide_by_initial_world_size``: gradients are divided by the number of all processes, not of those that
        still have data.
        """
        return Join(
            [self],
            enable,
            throw_on_early_termination,
            divide_by_initial_world_size=divide_by_initial_world_size,
        )

    def join_hook(self, **kwargs: Any) -> JoinHook:
        """What this process does for the others once it has no data left."""
        self._join_divides_by_all = bool(kwargs.get("divide_by_initial_world_size", True))
        return _DDPJoinHook(self)

    @property
    def join_device(self) -> Device:
        """Where the counts of the join are."""
        return self.device

    @property
    def join_process_group(self) -> Any:
        """Who may run out of data."""
        return self.process_group

    def train(self, mode: bool = True) -> DistributedDataParallel:
        """Training or evaluation mode, of the module too."""
        super().train(mode)
        return self

    def __getstate__(self) -> dict:
        state = dict(self.__dict__)
        del state["process_group"], state["reducer"]
        return state

    def __setstate__(self, state: dict) -> None:
        super().__setstate__(state)
        self.process_group = group_or_default(None)
        trained = {n: p for n, p in self.module.named_parameters()
                   if p.requires_grad and n not in self.parameters_to_ignore}  # fmt: skip
        self.reducer = Reducer(
            list(trained.values()), list(trained), self.process_group, [FIRST_BUCKET_BYTES, self.bucket_bytes_cap],
            self.find_unused_parameters or self.static_graph, self.static_graph, self.gradient_as_bucket_view,
        )  # fmt: skip


class _DDPJoinHook(JoinHook):
    """Mirrors the collectives of one forward and backward, with zeros."""

    def __init__(self, ddp: DistributedDataParallel) -> None:
        self.ddp = ddp

    def main_hook(self) -> None:
        ddp = self.ddp
        buffers = ddp._buffers_to_sync()
        if buffers:
            ddp._broadcast(buffers, Join.lowest_active_rank(ddp, active=False))
        ddp.reducer.combine_nothing()

    def post_hook(self, is_last_joiner: bool) -> None:
        """All take the state of one that had data to the end."""
        ddp = self.ddp
        source = Join.lowest_active_rank(ddp, active=is_last_joiner)
        ddp._broadcast([*ddp.module.parameters(), *ddp.module.buffers()], source)


def _check_devices(device_ids: Any, output_device: Any, devices: set[Device]) -> list[Any] | None:
    """The GPU of the module, or None on the CPU."""
    on_cpu = any(d.type == "cpu" for d in devices)
    if on_cpu or len(devices) > 1:
        if device_ids or output_device is not None:
            found = "{" + ", ".join(repr(d) for d in sorted(devices, key=str)) + "}"
            raise ValueError(
                "DistributedDataParallel device_ids and output_device arguments only work with "
                f"single-device/multiple-device GPU modules or CPU modules, but got device_ids {device_ids}, "
                f"output_device {output_device}, and module parameters {found}."
            )
        return None
    if device_ids is not None and len(device_ids) > 1:
        raise ValueError("device_ids can only be None or contain a single element.")
    return list(device_ids) if device_ids else None


def _check_same_model(named: Mapping[str, Tensor], group: Any) -> None:
    """RuntimeError unless all processes have parameters of the same number, shapes and dtypes."""
    layout = [(name, tuple(p.shape), str(p.dtype)) for name, p in named.items()]
    layouts: list[Any] = [None] * group.size()
    distributed.all_gather_object(layouts, layout, group)
    for rank, other in enumerate(layouts):
        if len(other) != len(layouts[0]):
            raise RuntimeError(
                f"DDP expects same model across all ranks, but Rank 0 has {len(layouts[0])} params, while rank {rank} "
                f"has inconsistent {len(other)} params."
            )
        for k, (theirs, first) in enumerate(zip(other, layouts[0], strict=True)):
            if theirs[1:] != first[1:]:
                raise RuntimeError(
                    f"[{rank}]: params[{k}] in this process with sizes {list(theirs[1])} appears not to match sizes of "
                    f"the same param in process 0: rank {rank} has {theirs[0]} {list(theirs[1])} {theirs[2]}, rank 0 "
                    f"has {first[0]} {list(first[1])} {first[2]}."
                )


def _broadcast_together(tensors: list[Tensor], source: int, group: Any) -> None:
    """Broadcast several tensors of one device in one message."""
    xp = backends.namespace(tensors[0]._a)
    with no_grad():
        flat = wrap(xp.concatenate([xp.ascontiguousarray(t._a).reshape(-1).view("u1") for t in tensors]))
        collectives.broadcast(flat, group=group, group_src=source)
        if group.rank() == source:
            return
        start = 0
        for t in tensors:
            n = t._a.nbytes
            t._a[...] = flat._a[start : start + n].view(t._a.dtype).reshape(t._a.shape)
            t._v[0] += 1
            start += n


__all__ = ["DistributedDataParallel"]
