"""The collectives on tensors. Every member of the group calls the same one, in the same order.

Results are written into the tensors given, whatever their layout. With ``async_op=True`` a ``Work`` is returned at
once, and the tensors must be left alone until its ``wait()`` has returned. ``group``: all processes by default. Ranks
in arguments (``src``, ``dst``) are global ones; ``group_src`` and ``group_dst`` count in the group.

Source: https://pytorch.org/docs/stable/distributed.html#collective-functions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from .. import backends
from ..core.tensor import Tensor
from . import reduce_op, traced, traffic
from .groups import ProcessGroup, get_group_rank, group_or_default, outside
from .reduce_op import ReduceOp
from .transport import Transport
from .work import Work

SUM = ReduceOp.SUM


# ---------------------------------------------------------------------- tensors and their memory
def check_tensor(t: Any, name: str) -> None:
    """TypeError unless it is a tensor."""
    if not isinstance(t, Tensor):
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type torch.Tensor\n"
            f"             but got {type(t)} instead."
        )


def check_tensors(tensors: Any, name: str) -> None:
    """TypeError unless it is a list of tensors."""
    if not isinstance(tensors, (list, tuple)) or not all(isinstance(t, Tensor) for t in tensors):
        kind = type(tensors)
        elements = [type(t) for t in tensors] if isinstance(tensors, (list, tuple)) else "no list"
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type List[torch.Tensor]\n"
            f"             but got {kind} with elements of type {elements}."
        )


def check_one_dtype(*tensors: Tensor) -> None:
    """ValueError unless all have the same dtype."""
    for t in tensors:
        if t.dtype is not tensors[0].dtype:
            raise ValueError(
                f"Invalid usage of tensors with different dtypes. Found {t.dtype!r} and {tensors[0].dtype!r}"
            )


def _check_sizes(what: str, tensors: Sequence[Tensor], like: Tensor, size: int) -> None:
    if len(tensors) != size:
        raise RuntimeError(
            f"{what}: the list has {len(tensors)} tensors (expected length {size}, one for each member of the group)"
        )
    for k, t in enumerate(tensors):
        if t.shape != like.shape:
            raise RuntimeError(
                f"{what}: invalid tensor size at index {k} (expected ({', '.join(map(str, like.shape))}), got "
                f"({', '.join(map(str, t.shape))}))"
            )


class Staged:
    """The memory of tensors as a backend takes it: contiguous, and on the device that it serves."""

    def __init__(self, pg: ProcessGroup, device: str) -> None:
        self.backend: Transport = pg.transport(device)
        self.to_host = device == "cuda" and self.backend.name != "nccl"
        self.write_back: list[tuple[Tensor, Any]] = []

    def read(self, t: Tensor) -> Any:
        """The values."""
        a = backends.move(t._a, "cpu", None) if self.to_host else t._a
        return a if a.flags.c_contiguous else a.copy()

    def write(self, t: Tensor, *, keep: bool = False) -> Any:
        """Memory for results, which ``t`` shall have (``keep``: with its values now)."""
        t._v[0] += 1
        a = t._a
        if not self.to_host and a.flags.c_contiguous:
            return a
        if self.to_host:
            a = backends.move(a, "cpu", None)
        a = a.copy() if keep else backends.namespace(a).empty(a.shape, a.dtype)
        self.write_back.append((t, a))
        return a

    def copy_back(self) -> None:
        """Let the tensors have their results."""
        for t, a in self.write_back:
            t._a[...] = backends.move(a, *backends.place(t._a)) if self.to_host else a


def run(
    name: str,
    pg: ProcessGroup,
    first: Tensor,
    results: Sequence[Tensor],
    nbytes: int,
    start: Callable[[Staged], Work],
    async_op: bool,
) -> Work | None:
    """Start a collective; unless ``async_op``, wait for it."""
    staged = Staged(pg, first.device.type)
    with traced.call(name, first):
        work = start(staged)
        work._result = list(results)
        if staged.write_back:
            work._before_done(staged.copy_back)
    traffic.note(name, work, staged.backend, pg, first, nbytes, async_op)
    if async_op:
        return work
    work.wait()
    return None


def rank_in(pg: ProcessGroup, name: str, everywhere: int | None, within: int | None) -> int:
    """The rank in the group that ``src``/``dst`` or ``group_src``/``group_dst`` names."""
    if everywhere is None and within is None:
        raise ValueError(f"Must specify global_rank or group_rank: {name} or group_{name}")
    if everywhere is not None and within is not None:
        raise ValueError(f"Can't specify both group_rank and global_rank: {name} and group_{name}")
    if within is not None:
        rank = within
    else:
        assert everywhere is not None
        rank = get_group_rank(pg, everywhere)
    if not 0 <= rank < pg.size():
        raise RuntimeError(f"invalid root rank: {rank}. The group has ranks 0 to {pg.size() - 1}")
    return rank


def _nbytes(tensors: Sequence[Tensor]) -> int:
    return sum(t._a.nbytes for t in tensors)


# ---------------------------------------------------------------------- one tensor
def broadcast(
    tensor: Tensor,
    src: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Work | None:
    """Give all members the values that ``tensor`` has on rank ``src``."""
    check_tensor(tensor, "tensor")
    if outside(group, "broadcast"):
        return None
    pg = group_or_default(group)
    root = rank_in(pg, "src", src, group_src)

    def start(s: Staged) -> Work:
        a = s.read(tensor) if pg.rank() == root else s.write(tensor)
        return s.backend.broadcast(a, root)

    return run("broadcast", pg, tensor, [tensor], tensor._a.nbytes, start, async_op)


def all_reduce(tensor: Tensor, op: Any = SUM, group: Any = None, async_op: bool = False) -> Work | None:
    """Give all members the values of all combined (summed, unless ``op`` says otherwise)."""
    check_tensor(tensor, "tensor")
    if outside(group, "all_reduce"):
        return None
    how = reduce_op.check("all_reduce", op, tensor.dtype)
    return run(
        "all_reduce", group_or_default(group), tensor, [tensor], tensor._a.nbytes,
        lambda s: s.backend.all_reduce(s.write(tensor, keep=True), how), async_op,
    )  # fmt: skip


def reduce(
    tensor: Tensor, dst: int | None = None, op: Any = SUM, group: Any = None, async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:  # fmt: skip
    """Give rank ``dst`` the values of all combined."""
    check_tensor(tensor, "tensor")
    if outside(group, "reduce"):
        return None
    pg = group_or_default(group)
    root = rank_in(pg, "dst", dst, group_dst)
    how = reduce_op.check("reduce", op, tensor.dtype)

    def start(s: Staged) -> Work:
        a = s.write(tensor, keep=True) if pg.rank() == root else s.read(tensor)
        return s.backend.reduce(a, root, how)

    return run("reduce", pg, tensor, [tensor], tensor._a.nbytes, start, async_op)


# ---------------------------------------------------------------------- one tensor from each
def all_gather(
    tensor_list: list[Tensor], tensor: Tensor, group: Any = None, async_op: bool = False
) -> Work | None:
    """Give all members everybody's tensor; ``tensor_list`` has one of the same shape for each."""
    check_tensors(tensor_list, "tensor_list")
    check_tensor(tensor, "tensor")
    check_one_dtype(tensor, *tensor_list)
    if outside(group, "all_gather"):
        return None
    pg = group_or_default(group)
    _check_sizes("all_gather", tensor_list, tensor, pg.size())
    return run(
        "all_gather", pg, tensor, tensor_list, tensor._a.nbytes,
        lambda s: s.backend.all_gather([s.write(t) for t in tensor_list], s.read(tensor)), async_op,
    )  # fmt: skip


def all_gather_into_tensor(
    output_tensor: Tensor, input_tensor: Tensor, group: Any = None, async_op: bool = False
) -> Work | None:
    """``all_gather`` into one tensor: the inputs joined along dimension 0, or stacked along a new one."""
    check_tensor(input_tensor, "input_tensor")
    check_tensor(output_tensor, "output_tensor")
    check_one_dtype(input_tensor, output_tensor)
    if outside(group, "all_gather_into_tensor"):
        return None
    pg = group_or_default(group)
    _check_parts("all_gather_into_tensor", output_tensor, input_tensor, pg.size(), "output", "input")

    def start(s: Staged) -> Work:
        return s.backend.all_gather(
            _rows(s.write(output_tensor), pg.size()), s.read(input_tensor).reshape(-1)
        )

    return run(
        "all_gather_into_tensor", pg, input_tensor, [output_tensor], input_tensor._a.nbytes, start, async_op
    )


def _check_parts(what: str, whole: Tensor, part: Tensor, size: int, large: str, small: str) -> None:
    if whole._a.size != part._a.size * size:
        raise RuntimeError(
            f"{what}: the {large} tensor must have {size} times the elements of the {small} tensor, but they have "
            f"{whole._a.size} and {part._a.size}"
        )


def _rows(a: Any, n: int) -> list[Any]:
    """A contiguous array in ``n`` equal parts."""
    return list(a.reshape(n, a.size // n))


def gather(
    tensor: Tensor, gather_list: list[Tensor] | None = None, dst: int | None = None, group: Any = None,
    async_op: bool = False, group_dst: int | None = None,
) -> Work | None:  # fmt: skip
    """Give rank ``dst`` (0) everybody's tensor, in its ``gather_list``."""
    check_tensor(tensor, "tensor")
    if gather_list:
        check_tensors(gather_list, "gather_list")
    check_one_dtype(tensor, *(gather_list or ()))
    if outside(group, "gather"):
        return None
    pg = group_or_default(group)
    root = rank_in(pg, "dst", 0 if dst is None and group_dst is None else dst, group_dst)
    if pg.rank() == root:
        if not gather_list:
            raise ValueError("Argument ``gather_list`` must be specified on destination rank.")
        _check_sizes("gather", gather_list, tensor, pg.size())
    elif gather_list:
        raise ValueError("Argument ``gather_list`` must NOT be specified on non-destination ranks.")
    outs = gather_list if pg.rank() == root else None

    def start(s: Staged) -> Work:
        return s.backend.gather(None if outs is None else [s.write(t) for t in outs], s.read(tensor), root)

    return run("gather", pg, tensor, outs or [], tensor._a.nbytes, start, async_op)


def scatter(
    tensor: Tensor, scatter_list: list[Tensor] | None = None, src: int | None = None, group: Any = None,
    async_op: bool = False, group_src: int | None = None,
) -> Work | None:  # fmt: skip
    """Give each member one tensor of the list that rank ``src`` (0) has."""
    check_tensor(tensor, "tensor")
    if scatter_list:
        check_tensors(scatter_list, "scatter_list")
    check_one_dtype(tensor, *(scatter_list or ()))
    if outside(group, "scatter"):
        return None
    pg = group_or_default(group)
    root = rank_in(pg, "src", 0 if src is None and group_src is None else src, group_src)
    if pg.rank() == root:
        if not scatter_list:
            raise ValueError("Argument ``scatter_list`` must be specified on source rank.")
        _check_sizes("scatter", scatter_list, tensor, pg.size())
    elif scatter_list:
        raise ValueError("Argument ``scatter_list`` must NOT be specified on non-source ranks.")
    parts = scatter_list if pg.rank() == root else None

    def start(s: Staged) -> Work:
        arrays = None if parts is None else [s.read(t) for t in parts]
        return s.backend.scatter(s.write(tensor), arrays, root)

    return run("scatter", pg, tensor, [tensor], tensor._a.nbytes, start, async_op)


# ---------------------------------------------------------------------- one tensor for each
def reduce_scatter(
    output: Tensor, input_list: list[Tensor], op: Any = SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """Give rank k everybody's k-th tensor, combined."""
    check_tensor(output, "output")
    check_tensors(input_list, "input_list")
    check_one_dtype(output, *input_list)
    if outside(group, "reduce_scatter"):
        return None
    pg = group_or_default(group)
    how = reduce_op.check("reduce_scatter", op, output.dtype)
    _check_sizes("reduce_scatter", input_list, output, pg.size())
    return run(
        "reduce_scatter", pg, output, [output], _nbytes(input_list),
        lambda s: s.backend.reduce_scatter(s.write(output), [s.read(t) for t in input_list], how), async_op,
    )  # fmt: skip


def reduce_scatter_tensor(
    output: Tensor, input: Tensor, op: Any = SUM, group: Any = None, async_op: bool = False
) -> Work | None:
    """``reduce_scatter`` of one tensor, cut along dimension 0."""
    check_tensor(output, "output")
    check_tensor(input, "input")
    check_one_dtype(output, input)
    if outside(group, "reduce_scatter_tensor"):
        return None
    pg = group_or_default(group)
    how = reduce_op.check("reduce_scatter_tensor", op, output.dtype)
    _check_parts("reduce_scatter_tensor", input, output, pg.size(), "input", "output")

    def start(s: Staged) -> Work:
        out = s.write(output)
        return s.backend.reduce_scatter(out.reshape(-1), _rows(s.read(input), pg.size()), how)

    return run("reduce_scatter_tensor", pg, output, [output], input._a.nbytes, start, async_op)


def all_to_all(
    output_tensor_list: list[Tensor],
    input_tensor_list: list[Tensor],
    group: Any = None,
    async_op: bool = False,
) -> Work | None:
    """Give rank k the k-th tensor of everybody. Shapes may differ, as long as sender and receiver agree."""
    check_tensors(output_tensor_list, "output_tensor_list")
    check_tensors(input_tensor_list, "input_tensor_list")
    check_one_dtype(*output_tensor_list, *input_tensor_list)
    if outside(group, "all_to_all"):
        return None
    pg = group_or_default(group)
    for tensors in (output_tensor_list, input_tensor_list):
        if len(tensors) != pg.size():
            raise RuntimeError(
                f"all_to_all: expected {pg.size()} tensors, one for each member, got {len(tensors)}"
            )

    def start(s: Staged) -> Work:
        return s.backend.all_to_all(
            [s.write(t) for t in output_tensor_list], [s.read(t) for t in input_tensor_list]
        )

    first = input_tensor_list[0]
    return run("all_to_all", pg, first, output_tensor_list, _nbytes(input_tensor_list), start, async_op)


def all_to_all_single(
    output: Tensor, input: Tensor, output_split_sizes: list[int] | None = None,
    input_split_sizes: list[int] | None = None, group: Any = None, async_op: bool = False,
) -> Work | None:  # fmt: skip
    """``all_to_all`` of one tensor, cut along dimension 0 in equal parts or by the lengths given."""
    check_tensor(output, "output")
    check_tensor(input, "input")
    check_one_dtype(output, input)
    if outside(group, "all_to_all_single"):
        return None
    pg = group_or_default(group)

    def start(s: Staged) -> Work:
        there = _split(s.read(input), input_split_sizes, pg.size())
        here = _split(s.write(output), output_split_sizes, pg.size())
        if here[pg.rank()].size != there[pg.rank()].size:
            raise RuntimeError(
                f"all_to_all_single: this rank sends itself {there[pg.rank()].size} elements but expects "
                f"{here[pg.rank()].size}"
            )
        return s.backend.all_to_all(here, there)

    return run("all_to_all_single", pg, input, [output], input._a.nbytes, start, async_op)


def _split(a: Any, lengths: list[int] | None, n: int) -> list[Any]:
    rows = a.shape[0] if a.ndim else 1
    if not lengths:
        if rows % n:
            raise RuntimeError("Tensor's dim 0 does not divide equally across group size")
        lengths = [rows // n] * n
    if len(lengths) != n:
        raise RuntimeError(f"Number of tensor splits not equal to group size: {len(lengths)} and {n}")
    if sum(lengths) != rows:
        raise RuntimeError(f"Split sizes doesn't match total dim 0 size: {list(lengths)} and {rows}")
    flat, step = a.reshape(-1), a.size // max(rows, 1)
    starts = [sum(lengths[:k]) for k in range(n)]
    return [flat[b * step : (b + length) * step] for b, length in zip(starts, lengths, strict=True)]


# ---------------------------------------------------------------------- no tensor
def barrier(
    group: Any = None, async_op: bool = False, device_ids: Any = None, timeout: timedelta | None = None
) -> Work | None:
    """Wait until all members have come here."""
    if outside(group, "barrier"):
        return None
    pg = group_or_default(group)
    backend = next(iter(pg.transports.values()))
    with traced.call("barrier", None):
        work = backend.barrier()
    traffic.note("barrier", work, backend, pg, None, 0, async_op)
    if async_op:
        return work
    work.wait(timeout)
    return None
