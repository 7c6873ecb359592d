"""Messages between two processes.

``tag`` tells messages between the same two apart; those with the same tag arrive in the order in which they were sent.

Source: https://pytorch.org/docs/stable/distributed.html#point-to-point-communication
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ..core.tensor import Tensor
from . import collectives, traced
from .collectives import check_tensor
from .groups import ProcessGroup, get_group_rank, group_or_default, outside
from .work import Work


def _peer(pg: ProcessGroup, name: str, everywhere: int | None, within: int | None) -> int:
    if (everywhere is None) == (within is None):
        what = "destination" if name == "dst" else "source"
        raise ValueError(f"{name} or group_{name} must be specified, and not both: the {what} rank")
    if within is None:
        assert everywhere is not None
        within = get_group_rank(pg, everywhere)
    if not 0 <= within < pg.size():
        raise RuntimeError(f"invalid rank {within}. The group has ranks 0 to {pg.size() - 1}")
    if within == pg.rank():
        what = "destination" if name == "dst" else "source"
        raise ValueError(
            f"Invalid {what} rank: {what} rank should not be the same as the rank of the current process."
        )
    return within


def _check_tag(tag: int) -> None:
    if not isinstance(tag, int) or not 0 <= tag < 2**31:
        raise ValueError(f"tag must be a whole number from 0 to 2^31 - 1, not {tag!r}")


def isend(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> Work | None:
    """Send a tensor to rank ``dst``; change it only when the returned ``Work`` is done."""
    check_tensor(tensor, "tensor")
    if outside(group, "isend"):
        return None
    return _send("isend", tensor, dst, group, tag, group_dst, async_op=True)


def send(
    tensor: Tensor, dst: int | None = None, group: Any = None, tag: int = 0, group_dst: int | None = None
) -> None:
    """Send a tensor to rank ``dst``, and wait until it can be changed again."""
    check_tensor(tensor, "tensor")
    if not outside(group, "send"):
        _send("send", tensor, dst, group, tag, group_dst, async_op=False)


def _send(
    name: str, tensor: Tensor, dst: int | None, group: Any, tag: int, group_dst: int | None, async_op: bool
) -> Work | None:
    pg = group_or_default(group)
    peer = _peer(pg, "dst", dst, group_dst)
    _check_tag(tag)
    return collectives.run(
        name,
        pg,
        tensor,
        [tensor],
        tensor._a.nbytes,
        lambda s: s.backend.send(s.read(tensor), peer, tag),
        async_op,
    )


def irecv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> Work | None:
    """Receive into a tensor what rank ``src`` sends (None: whoever is first), by the time the ``Work`` is done."""
    check_tensor(tensor, "tensor")
    if outside(group, "irecv"):
        return None
    return _receive("irecv", tensor, src, group, tag, group_src)


def recv(
    tensor: Tensor, src: int | None = None, group: Any = None, tag: int = 0, group_src: int | None = None
) -> int:
    """Wait for a tensor of the same size and dtype from rank ``src`` (None: anybody). Returns the sender's rank."""
    check_tensor(tensor, "tensor")
    if outside(group, "recv"):
        return -1
    work = _receive("recv", tensor, src, group, tag, group_src)
    work.wait()
    return group_or_default(group).ranks[work.source_rank()]


def _receive(name: str, tensor: Tensor, src: int | None, group: Any, tag: int, group_src: int | None) -> Work:
    pg = group_or_default(group)
    anybody = src is None and group_src is None
    peer = None if anybody else _peer(pg, "src", src, group_src)
    _check_tag(tag)
    work = collectives.run(
        name, pg, tensor, [tensor], 0, lambda s: s.backend.receive(s.write(tensor), peer, tag), async_op=True
    )
    assert work is not None
    return work


class P2POp:
    """One ``isend`` or ``irecv`` for ``batch_isend_irecv``."""

    def __init__(
        self, op: Callable, tensor: Tensor, peer: int | None = None, group: Any = None, tag: int = 0,
        group_peer: int | None = None,
    ) -> None:  # fmt: skip
        if op not in (isend, irecv):
            raise ValueError(
                "Invalid ``op``. Expected ``op`` to be of type ``torch.distributed.isend`` or "
                "``torch.distributed.irecv``."
            )
        check_tensor(tensor, "tensor")
        self.op, self.tensor, self.group, self.tag = op, tensor, group, tag
        pg = group_or_default(group)
        self.group_peer = _peer(pg, "dst" if op is isend else "src", peer, group_peer)
        self.peer = pg.ranks[self.group_peer]

    def __repr__(self) -> str:
        pg = group_or_default(self.group)
        ends = (pg.rank(), self.group_peer) if self.op is isend else (self.group_peer, pg.rank())
        return (
            f"P2POp({self.op.__name__} pg={pg.group_name}, group_src={ends[0]}, group_dst={ends[1]},  "
            f"{self.tensor.shape!r}, {self.tensor.dtype!r})"
        )


def batch_isend_irecv(p2p_op_list: list[P2POp]) -> list[Work]:
    """Start all of them; wait for each of the returned ``Work``s."""
    if not isinstance(p2p_op_list, list) or not all(isinstance(p, P2POp) for p in p2p_op_list):
        raise ValueError(
            "Invalid ``p2p_op_list``. Each op is expected to to be of type ``torch.distributed.P2POp``."
        )
    if not p2p_op_list:
        raise IndexError("list index out of range: the list of operations is empty")
    started = []
    for p in sorted(p2p_op_list, key=lambda p: p.op is isend):  # memory is ready before anything comes
        ends = {"group_dst": p.group_peer} if p.op is isend else {"group_src": p.group_peer}
        started.append((p, p.op(p.tensor, group=p.group, tag=p.tag, **ends)))
    by_op = {id(p): work for p, work in started}
    return [by_op[id(p)] for p in p2p_op_list]


def monitored_barrier(
    group: Any = None, timeout: timedelta | None = None, wait_all_ranks: bool = False
) -> None:
    """A barrier that says who did not come: rank 0 raises with the missing ranks after ``timeout``. Only for gloo.

    Without ``wait_all_ranks`` rank 0 names the first one missing.
    """
    if outside(group, "monitored_barrier"):
        return
    pg = group_or_default(group)
    if pg.name() != "gloo":
        raise ValueError("monitored_barrier is only implemented for GLOO backend.")
    limit = pg.timeout if timeout is None else timeout
    backend = pg.transport("cpu")
    import numpy as np

    token, tag = np.zeros(1, "u1"), 2**31  # beyond the tags that users have
    with traced.call("monitored_barrier", None):
        if pg.rank():
            backend.send(token, 0, tag).wait()
            backend.receive(token, 0, tag).wait(limit)
            return
        works = {k: backend.receive(np.zeros(1, "u1"), k, tag) for k in range(1, pg.size())}
        missing: list[int] = []
        for k, work in works.items():
            try:
                work.wait(limit if not missing else timedelta(milliseconds=10))
            except RuntimeError:
                missing.append(pg.ranks[k])
                if not wait_all_ranks:
                    break
        if missing:
            ranks = ", ".join(map(str, missing))
            raise RuntimeError(
                f"[Rank 0]: Ranks {ranks} failed to pass monitoredBarrier in "
                f"{round(limit.total_seconds() * 1000)} ms. Those ranks have ended, or hang somewhere else."
            )
        for k in works:
            backend.send(token, k, tag).wait()


__all__ = ["P2POp", "batch_isend_irecv", "irecv", "isend", "monitored_barrier", "recv", "send"]
