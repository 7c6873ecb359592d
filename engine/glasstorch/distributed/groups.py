"""Process groups: which processes talk, who is who, and by which backend.

Source: https://pytorch.org/docs/stable/distributed.html#groups
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .. import backends
from .backend_config import Backend, BackendConfig
from .elastic.multiprocessing.errors import tell_launcher
from .gloo import GlooBackend
from .mesh import Mesh
from .mpi import MPIBackend, is_mpi_available, mpi_world
from .nccl import NCCLBackend, is_nccl_available
from .rendezvous import rendezvous
from .store import PrefixStore, Store
from .tcp_store import TCPStore
from .transport import Transport

default_pg_timeout = timedelta(minutes=30)
_LEAVE_SECONDS = 2.0  # how long to wait at the end for the store to end, so that a next job cannot meet it

NOT_READY = "Default process group has not been initialized, please make sure to call init_process_group."


class ProcessGroup:
    """Some of the job's processes. Every member holds one of these objects."""

    def __init__(
        self,
        name: str,
        ranks: Sequence[int],
        rank: int,
        config: BackendConfig,
        timeout: timedelta,
        desc: str | None,
    ) -> None:
        self.group_name, self.ranks, self._rank = name, list(ranks), rank
        self.config, self.timeout = config, timeout
        self.group_desc = "undefined" if desc is None else desc
        self.store: Store | None = None
        self.transports: dict[str, Transport] = {}

    def rank(self) -> int:
        """This process's rank in the group."""
        return self._rank

    def size(self) -> int:
        """How many processes are members."""
        return len(self.ranks)

    def name(self) -> str:
        """The backend's name."""
        return next(iter(self.config.by_device.values()))

    def transport(self, device: str) -> Transport:
        """What carries tensors of a device type."""
        found = self.transports.get(device)
        if found is None:
            raise RuntimeError(
                f"No backend type associated with device type {device}. This group has {self.config!r}; tensors on "
                f"the {device} need another backend, such as init_process_group('cpu:gloo,cuda:nccl')."
            )
        return found

    def __repr__(self) -> str:
        return f"<torch.distributed.distributed_c10d.ProcessGroup object at {id(self):#x}>"


class _World:
    """What this process knows of the job."""

    def __init__(self) -> None:
        self.default: ProcessGroup | None = None
        self.groups: list[ProcessGroup] = []
        self.store: Store | None = None  # that finds group members beyond the first meeting
        self.own_store: TCPStore | None = None  # made here, to be closed here
        self.mesh: Mesh | None = None
        self.count = 0  # groups made so far: the same number everywhere


_world = _World()


class _GroupMeta(type):
    @property
    def WORLD(cls) -> ProcessGroup | None:
        """The group of all processes; None before ``init_process_group``."""
        return _world.default


class group(metaclass=_GroupMeta):
    """``group.WORLD`` is the group of all processes."""


class GroupMember(metaclass=_GroupMeta):
    """What ``new_group`` returns to processes outside the group: ``NON_GROUP_MEMBER``."""

    NON_GROUP_MEMBER = -100


# ---------------------------------------------------------------------- the job
def is_available() -> bool:
    """Is there a package for several processes? Yes: the backend gloo needs nothing."""
    return True


def is_gloo_available() -> bool:
    """Is there the backend gloo?"""
    return True


def is_ucc_available() -> bool:
    """Is there the backend UCC? No."""
    return False


def is_xccl_available() -> bool:
    """Is there a backend for XPUs? No."""
    return False


def is_backend_available(backend: str) -> bool:
    """Can a backend be used here?"""
    name = backend.lower()
    return (
        name == "gloo" or (name == "mpi" and is_mpi_available()) or (name == "nccl" and is_nccl_available())
    )


def is_initialized() -> bool:
    """Has ``init_process_group`` been called?"""
    return _world.default is not None


def is_torchelastic_launched() -> bool:
    """Did the launcher (``python -m glasstorch.distributed.run``) start this process?"""
    return os.getenv("TORCHELASTIC_RUN_ID") is not None


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: timedelta | None = None,
    world_size: int = -1,
    rank: int = -1,
    store: Store | None = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Meet the other processes of the job. All of them must call this.

    ``backend``: "gloo" (TCP, any processes), "mpi" (processes started by mpiexec), "nccl" (GPUs), or one for each
    device as "cpu:gloo,cuda:nccl", which is also the default where there are GPUs.
    ``init_method``: where to meet: "env://" (default: the variables MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE,
    which the launcher sets), "tcp://host:port" of rank 0, "file:///path" of a file that is not there yet;
    or a ``store``.
    ``world_size`` and ``rank``: how many processes, and which one this is, if not from there.
    ``timeout``: how long to wait for others, here and in every collective (30 minutes).
    """
    if _world.default is not None:
        raise ValueError("trying to initialize the default process group twice!")
    if timeout is not None and not isinstance(timeout, timedelta):
        raise TypeError(
            f"Expected timeout argument to be of type datetime.timedelta, got {timeout}. "
            "Write timeout=timedelta(seconds=60)."
        )
    if store is not None and init_method is not None:
        raise AssertionError("Cannot specify both init_method and store.")
    tell_launcher()
    config = BackendConfig(backend)
    limit = default_pg_timeout if timeout is None else timeout
    if Backend.MPI in config.by_device.values():
        comm = mpi_world(world_size, rank)
        rank, world_size = comm.Get_rank(), comm.Get_size()
    elif store is not None:
        if world_size <= 0 or rank < 0:
            raise AssertionError("world_size must be positive and rank non-negative if using store")
    else:
        store, rank, world_size = next(rendezvous(init_method or "env://", rank, world_size, limit))
        if isinstance(store, TCPStore):
            _world.own_store = store
    try:
        _start(config, store, rank, world_size, limit)
    except BaseException:
        _reset()
        raise


def _start(config: BackendConfig, store: Store | None, rank: int, size: int, timeout: timedelta) -> None:
    if store is not None:
        store = PrefixStore("default_pg", store)
        store.set_timeout(timeout)
        _agree(store, rank, size)
    _world.store = store
    pg = ProcessGroup("0", range(size), rank, config, timeout, "default_pg")
    _world.count = 1
    _attach(pg)
    _world.default = pg


def _agree(store: Store, rank: int, size: int) -> None:
    """Do all processes believe in the same number of processes, and each in its own rank?"""
    said = int(store.compare_set("world_size", "", str(size)))
    if said != size:
        raise RuntimeError(
            f"This process (rank {rank}) was told of {size} processes, another one of {said}: world_size must be "
            "the same for all."
        )
    if store.add(f"rank/{rank}", 1) > 1:
        raise RuntimeError(
            f"Two processes have the rank {rank}; each needs its own, from 0 to {size - 1}. (With a file:// or a "
            "store of your own: take a new one for every job.)"
        )


def _attach(pg: ProcessGroup) -> None:
    """Give a group its transports."""
    made: dict[str, Transport] = {}
    for device, name in pg.config.by_device.items():
        if name not in made:
            made[name] = _transport(name, pg)
        pg.transports[device] = made[name]
    pg.store = None if _world.store is None else PrefixStore(pg.group_name, _world.store)
    _world.groups.append(pg)


def _transport(name: str, pg: ProcessGroup) -> Transport:
    where = pg.rank(), pg.size(), pg.timeout
    if name == Backend.MPI:
        return MPIBackend(pg.ranks, *where)
    if _world.store is None:
        raise RuntimeError(
            f"A group with the backend {name} cannot be made in a job that began with mpi alone"
        )
    if name == Backend.NCCL:
        return NCCLBackend(PrefixStore(f"nccl/{pg.group_name}", _world.store), *where)
    if _world.mesh is None:
        if pg.group_name != "0":
            raise RuntimeError(
                "A gloo group needs gloo in init_process_group too: write 'cpu:gloo,cuda:nccl' there"
            )
        _world.mesh = Mesh(_world.store, pg.rank(), pg.size(), pg.timeout)
    return GlooBackend(_world.mesh, pg.group_name, pg.ranks, *where)


def destroy_process_group(group: ProcessGroup | None = None) -> None:
    """Leave a group; without an argument all groups, and the job."""
    if group == GroupMember.NON_GROUP_MEMBER:
        return
    pg = _world.default if group is None else group
    if pg is None:
        raise AssertionError("Process group cannot be None")
    if pg not in _world.groups:
        raise ValueError("Invalid process group specified")
    if pg is _world.default:
        _reset()
        return
    for transport in set(pg.transports.values()):
        transport.close()
    _world.groups.remove(pg)


def _reset() -> None:
    for pg in _world.groups:
        for transport in set(pg.transports.values()):
            transport.close()
    if _world.mesh is not None:
        _world.mesh.close()
    if _world.own_store is not None:
        _world.own_store.close(_LEAVE_SECONDS)
    _world.__init__()  # type: ignore[misc]


# ---------------------------------------------------------------------- groups
def default_group() -> ProcessGroup:
    """The group of all processes; ValueError before ``init_process_group``."""
    if _world.default is None:
        raise ValueError(NOT_READY)
    return _world.default


def group_or_default(group: Any) -> ProcessGroup:
    """The group given, or that of all processes."""
    return default_group() if group is None else group


def outside(group: Any, what: str) -> bool:
    """Is this process no member of the group? Then it is warned, as it called a collective of others."""
    if group != GroupMember.NON_GROUP_MEMBER:
        return False
    me = -1 if _world.default is None else _world.default.rank()
    warnings.warn(
        f"Running {what} on global rank {me} which does not belong to the given group.", stacklevel=4
    )
    return True


def get_rank(group: ProcessGroup | None = None) -> int:
    """This process's rank in the group (-1: it is no member)."""
    pg = default_group()
    if group == GroupMember.NON_GROUP_MEMBER:
        return -1
    return (group or pg).rank()


def get_world_size(group: ProcessGroup | None = None) -> int:
    """How many processes the group has (-1: this one is no member)."""
    if group == GroupMember.NON_GROUP_MEMBER:
        return -1
    return group_or_default(group).size()


def get_backend(group: ProcessGroup | None = None) -> Backend:
    """The name of the group's backend."""
    pg = group_or_default(group)
    if pg == GroupMember.NON_GROUP_MEMBER:
        raise ValueError("Invalid process group specified")
    return Backend(pg.name())


def get_backend_config(group: ProcessGroup | None = None) -> str:
    """The backend of each device, as "cpu:gloo,cuda:nccl"."""
    return repr(group_or_default(group).config)


def get_default_backend_for_device(device: Any) -> str:
    """The backend that serves a device unless told otherwise."""
    kind = getattr(device, "type", str(device).partition(":")[0])
    if kind not in ("cpu", "cuda"):
        raise ValueError(f"Default backend not registered for device : {device}")
    return Backend.NCCL if kind == "cuda" and backends.cupy() is not None else Backend.GLOO


def get_process_group_ranks(group: ProcessGroup | None) -> list[int]:
    """The global ranks of the members, by rank in the group."""
    return list(group_or_default(group).ranks)


def get_global_rank(group: ProcessGroup, group_rank: int) -> int:
    """The global rank of a member."""
    if group is group_or_default(None):
        return group_rank
    if not 0 <= group_rank < group.size():
        raise ValueError(f"Group rank {group_rank} is not part of group {group}")
    return group.ranks[group_rank]


def get_group_rank(group: ProcessGroup, global_rank: int) -> int:
    """The rank in the group of a process with that global rank."""
    if group is group_or_default(None):
        return global_rank
    if global_rank not in group.ranks:
        raise ValueError(f"Global rank {global_rank} is not part of group {group}")
    return group.ranks.index(global_rank)


def get_node_local_rank(fallback_rank: int | None = None) -> int:
    """The rank among the processes of this machine, from the variable LOCAL_RANK."""
    if "LOCAL_RANK" in os.environ:
        return int(os.environ["LOCAL_RANK"])
    if fallback_rank is not None:
        return int(fallback_rank)
    raise RuntimeError(
        "LOCAL_RANK is not in the environment. Consider passing fallback_rank to allow `get_node_local_rank` to work, "
        "assuming you are not running in a multi-device context and want the code to run locally instead."
    )


def get_pg_count() -> int:
    """How many groups this process is in."""
    return len(_world.groups)


def new_group(
    ranks: Sequence[int] | None = None,
    timeout: timedelta | None = None,
    backend: str | None = None,
    pg_options: Any = None,
    use_local_synchronization: bool = False,
    group_desc: str | None = None,
    device_id: Any = None,
    sort_ranks: bool = True,
) -> Any:
    """A group of some processes. All processes of the job must call this, with the same arguments, in the same order.

    ``ranks``: the members' global ranks, all by default; in ascending order unless ``sort_ranks=False``.
    ``use_local_synchronization``: only members call. Returns the group, or ``GroupMember.NON_GROUP_MEMBER``.
    """
    world = default_group()
    members = list(range(world.size())) if ranks is None else list(ranks)
    if len(members) > world.size():
        raise ValueError(
            "the new group's world size should be less or equal to the world size set by init_process_group"
        )
    for r in members:
        if not 0 <= r < world.size():
            raise ValueError(
                f"Rank {r} is out of range. Valid ranks are 0 to {world.size() - 1} (world_size={world.size()})"
            )
    if len(set(members)) != len(members):
        raise ValueError(f"ranks list must not contain duplicate entries, got {members}")
    if sort_ranks:
        members = sorted(members)
    config = world.config if backend is None else BackendConfig(backend)
    if use_local_synchronization:
        mine = sum(pg.ranks == members for pg in _world.groups)
        name = f"local {members} {mine}"
    else:
        name = str(_world.count)
        _world.count += 1
    if world.rank() not in members:
        return GroupMember.NON_GROUP_MEMBER
    pg = ProcessGroup(
        name, members, members.index(world.rank()), config, timeout or world.timeout, group_desc
    )
    _attach(pg)
    return pg
