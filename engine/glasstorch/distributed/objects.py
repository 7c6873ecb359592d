"""Collectives on any Python objects, which travel as pickles: only among processes that trust each other.

Source: https://pytorch.org/docs/stable/distributed.html#collective-functions
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from . import collectives, messages
from .groups import ProcessGroup, group_or_default, outside


def _packed(obj: Any) -> Tensor:
    file = io.BytesIO()
    pickle.Pickler(file, protocol=5).dump(obj)
    return wrap(np.frombuffer(bytearray(file.getvalue()), "u1"))


def _unpacked(t: Tensor, n: int) -> Any:
    return pickle.loads(t._a[:n].tobytes())


def _device(pg: ProcessGroup) -> str:
    """Where tensors must be for the group: on the CPU, unless it has GPUs only."""
    return "cpu" if "cpu" in pg.transports else "cuda"


def _lengths(n: int) -> Tensor:
    return wrap(np.zeros(n, "i8"))


def _number(n: int) -> Tensor:
    return wrap(np.array([n], "i8"))


def _gather_packed(obj: Any, pg: ProcessGroup) -> tuple[Tensor, list[int]]:
    """The packed object, padded to the length of the longest, and everybody's lengths."""
    where = _device(pg)
    packed = _packed(obj)
    sizes = _lengths(pg.size()).to(where)
    collectives.all_gather_into_tensor(sizes, _number(packed.numel()).to(where), pg)
    lengths = sizes.tolist()
    padded = np.zeros(max(lengths), "u1")
    padded[: packed.numel()] = packed._a
    return wrap(padded).to(where), lengths


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Give all members everybody's object, in ``object_list``, whose length is that of the group."""
    if outside(group, "all_gather_object"):
        return
    pg = group_or_default(group)
    _check_list("object_list", object_list, pg.size())
    packed, lengths = _gather_packed(obj, pg)
    found = [packed.new_empty(packed.shape) for _ in lengths]
    collectives.all_gather(found, packed, pg)
    for k, (t, n) in enumerate(zip(found, lengths, strict=True)):
        object_list[k] = _unpacked(t.cpu(), n)


def gather_object(
    obj: Any, object_gather_list: list[Any] | None = None, dst: int | None = None, group: Any = None,
    group_dst: int | None = None,
) -> None:  # fmt: skip
    """Give rank ``dst`` (0) everybody's object, in its ``object_gather_list``."""
    if outside(group, "gather_object"):
        return
    pg = group_or_default(group)
    root = collectives.rank_in(pg, "dst", 0 if dst is None and group_dst is None else dst, group_dst)
    mine = pg.rank() == root
    if mine and object_gather_list is None:
        raise ValueError("Argument ``object_gather_list`` must be specified on destination rank.")
    if not mine and object_gather_list:
        raise ValueError("Argument ``object_gather_list`` must NOT be specified on non-destination ranks.")
    if object_gather_list is not None and mine:
        _check_list("object_gather_list", object_gather_list, pg.size())
    packed, lengths = _gather_packed(obj, pg)
    found = [packed.new_empty(packed.shape) for _ in lengths] if mine else None
    collectives.gather(packed, found, group=pg, group_dst=root)
    for k, t in enumerate(found or ()):
        object_gather_list[k] = _unpacked(t.cpu(), lengths[k])  # type: ignore[index]


def broadcast_object_list(
    object_list: list[Any], src: int | None = None, group: Any = None, device: Any = None,
    group_src: int | None = None,
) -> None:  # fmt: skip
    """Give all members the objects that rank ``src`` (0) has in the list, which is as long everywhere."""
    if outside(group, "broadcast_object_list"):
        return
    pg = group_or_default(group)
    root = collectives.rank_in(pg, "src", 0 if src is None and group_src is None else src, group_src)
    where = device or _device(pg)
    packed = [_packed(o) for o in object_list] if pg.rank() == root else []
    sizes = _lengths(len(object_list))
    for k, p in enumerate(packed):
        sizes._a[k] = p.numel()
    sizes = sizes.to(where)
    collectives.broadcast(sizes, group=pg, group_src=root)
    lengths = sizes.tolist()
    whole = np.concatenate([p._a for p in packed]) if packed else np.zeros(sum(lengths), "u1")
    data = wrap(whole).to(where)
    collectives.broadcast(data, group=pg, group_src=root)
    if pg.rank() != root:
        _fill(object_list, data.cpu(), lengths)


def _fill(objects: list[Any], data: Tensor, lengths: list[int]) -> None:
    start = 0
    for k, n in enumerate(lengths):
        objects[k] = _unpacked(data[start : start + n], n)
        start += n


def scatter_object_list(
    scatter_object_output_list: list[Any], scatter_object_input_list: list[Any] | None = None, src: int | None = None,
    group: Any = None, group_src: int | None = None,
) -> None:  # fmt: skip
    """Give each member one object of the list that rank ``src`` (0) has: as the first of its output list."""
    if outside(group, "scatter_object_list"):
        return
    if not isinstance(scatter_object_output_list, list) or not scatter_object_output_list:
        raise ValueError("Expected argument scatter_object_output_list to be a list of size at least 1.")
    pg = group_or_default(group)
    root = collectives.rank_in(pg, "src", 0 if src is None and group_src is None else src, group_src)
    where, packed = _device(pg), []
    if pg.rank() == root:
        if scatter_object_input_list is None:
            raise ValueError("source rank must provide non-None scatter_object_input_list")
        _check_list("scatter_object_input_list", scatter_object_input_list, pg.size())
        packed = [_packed(o) for o in scatter_object_input_list]
    sizes = wrap(np.array([p.numel() for p in packed] or [0] * pg.size(), "i8")).to(where)
    collectives.broadcast(sizes, group=pg, group_src=root)
    lengths = sizes.tolist()
    longest = max(lengths)
    rows = []
    for p in packed:
        row = np.zeros(longest, "u1")
        row[: p.numel()] = p._a
        rows.append(wrap(row).to(where))
    mine = wrap(np.zeros(longest, "u1")).to(where)
    collectives.scatter(mine, rows or None, group=pg, group_src=root)
    scatter_object_output_list[0] = _unpacked(mine.cpu(), lengths[pg.rank()])


def send_object_list(
    object_list: list[Any], dst: int | None = None, group: Any = None, device: Any = None, group_dst: int | None = None,
    use_batch: bool = False,
) -> None:  # fmt: skip
    """Send the objects of a list to rank ``dst``, which calls ``recv_object_list``."""
    if outside(group, "send_object_list"):
        return
    pg = group_or_default(group)
    where = device or _device(pg)
    packed = [_packed(o) for o in object_list]
    sizes = wrap(np.array([p.numel() for p in packed], "i8")).to(where)
    messages.send(sizes, dst, pg, group_dst=group_dst)
    if packed:
        messages.send(wrap(np.concatenate([p._a for p in packed])).to(where), dst, pg, group_dst=group_dst)


def recv_object_list(
    object_list: list[Any], src: int | None = None, group: Any = None, device: Any = None, group_src: int | None = None,
    use_batch: bool = False,
) -> int:  # fmt: skip
    """Receive as many objects as the list is long from rank ``src`` (None: anybody). Returns the sender's rank."""
    if outside(group, "recv_object_list"):
        return -1
    pg = group_or_default(group)
    where = device or _device(pg)
    sizes = _lengths(len(object_list)).to(where)
    source = messages.recv(sizes, src, pg, group_src=group_src)
    lengths = sizes.tolist()
    if lengths:
        data = wrap(np.zeros(sum(lengths), "u1")).to(where)
        messages.recv(data, source, pg)
        _fill(object_list, data.cpu(), lengths)
    return source


def _check_list(name: str, objects: list[Any], size: int) -> None:
    if len(objects) != size:
        raise ValueError(
            f"{name} has {len(objects)} places; it needs {size}, one for each member of the group"
        )
