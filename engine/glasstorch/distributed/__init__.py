"""Several processes that train together: groups, collectives, messages, stores.

Three backends carry tensors between processes:

- ``gloo``: TCP between any processes that can reach each other, however they were started (the launcher,
  ``multiprocessing.spawn``, several terminals or machines). Needs nothing but NumPy. The default.
- ``mpi``: MPI's own collectives, for processes that ``mpiexec`` started. Needs mpi4py and an MPI library:
  ``pip install 'glasstorch[distributed]'``.
- ``nccl``: NVIDIA's library, between GPUs. Needs CuPy.

``traffic.record()`` notes what moves. Source: https://pytorch.org/docs/stable/distributed.html
"""

# ruff: noqa: F401  (a public namespace)
from __future__ import annotations

from . import algorithms, constants, distributed_c10d, elastic, nn, traffic
from .backend_config import Backend, BackendConfig
from .buckets import GradBucket
from .collectives import (
    all_gather,
    all_gather_into_tensor,
    all_reduce,
    all_to_all,
    all_to_all_single,
    barrier,
    broadcast,
    gather,
    reduce,
    reduce_scatter,
    reduce_scatter_tensor,
    scatter,
)
from .device_mesh import DeviceMesh, init_device_mesh
from .errors import DistBackendError, DistError, DistNetworkError, DistStoreError
from .groups import (
    GroupMember,
    ProcessGroup,
    default_pg_timeout,
    destroy_process_group,
    get_backend,
    get_backend_config,
    get_default_backend_for_device,
    get_global_rank,
    get_group_rank,
    get_node_local_rank,
    get_pg_count,
    get_process_group_ranks,
    get_rank,
    get_world_size,
    group,
    init_process_group,
    is_available,
    is_backend_available,
    is_gloo_available,
    is_initialized,
    is_torchelastic_launched,
    is_ucc_available,
    is_xccl_available,
    new_group,
)
from .messages import P2POp, batch_isend_irecv, irecv, isend, monitored_barrier, recv, send
from .mpi import is_mpi_available
from .nccl import is_nccl_available
from .objects import (
    all_gather_object,
    broadcast_object_list,
    gather_object,
    recv_object_list,
    scatter_object_list,
    send_object_list,
)
from .reduce_op import ReduceOp, reduce_op
from .reducer import Reducer
from .rendezvous import register_rendezvous_handler, rendezvous
from .store import FileStore, HashStore, PrefixStore, Store
from .subgroups import new_subgroups, new_subgroups_by_enumeration, split_group
from .tcp_store import TCPStore
from .work import Work

all_gather_single = all_gather_into_tensor
reduce_scatter_single = reduce_scatter_tensor
