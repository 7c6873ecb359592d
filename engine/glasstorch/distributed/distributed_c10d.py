"""The names of ``glasstorch.distributed`` under the address where PyTorch keeps them."""

from __future__ import annotations

from .collectives import *  # noqa: F403
from .groups import *  # noqa: F403
from .groups import default_group as _get_default_group
from .messages import *  # noqa: F403
from .objects import *  # noqa: F403
from .reduce_op import reduce_op  # type: ignore[no-redef]
from .store import FileStore, HashStore, PrefixStore, Store
from .subgroups import new_subgroups, new_subgroups_by_enumeration, split_group
from .tcp_store import TCPStore
from .work import Work

__all__ = [
    "FileStore", "HashStore", "PrefixStore", "Store", "TCPStore", "Work", "_get_default_group", "new_subgroups",
    "new_subgroups_by_enumeration", "reduce_op", "split_group",
]  # fmt: skip
