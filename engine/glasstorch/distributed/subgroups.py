"""Several groups at once: all processes, or those of one group, in parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .groups import GroupMember, ProcessGroup, get_process_group_ranks, group_or_default, new_group


def new_subgroups(
    group_size: int | None = None,
    group: ProcessGroup | None = None,
    timeout: timedelta | None = None,
    backend: str | None = None,
    pg_options: Any = None,
    group_desc: str | None = None,
) -> tuple[Any, list[Any]]:
    """Neighbours in groups of ``group_size``. Returns the group of this process, and all groups."""
    everybody = get_process_group_ranks(group)
    if group_size is None:
        raise ValueError("Default group size only takes effect when CUDA is available. Give group_size.")
    if group_size <= 0:
        raise ValueError(f"The arg 'group_size' ({group_size}) must be positive")
    if group_size > len(everybody):
        raise ValueError(
            f"The arg 'group_size' ({group_size}) must not exceed the world size ({len(everybody)})"
        )
    if len(everybody) % group_size:
        raise ValueError(f"The world size ({len(everybody)}) must be divisible by 'group_size={group_size}'")
    parts = [everybody[k : k + group_size] for k in range(0, len(everybody), group_size)]
    return new_subgroups_by_enumeration(parts, timeout, backend, pg_options, group_desc)


def new_subgroups_by_enumeration(
    ranks_per_subgroup_list: Sequence[Sequence[int]] | None,
    timeout: timedelta | None = None,
    backend: str | None = None,
    pg_options: Any = None,
    group_desc: str | None = None,
) -> tuple[Any, list[Any]]:
    """Groups by the lists of their ranks. Returns the group of this process (None: in none), and all groups."""
    if not ranks_per_subgroup_list:
        raise ValueError("The arg 'ranks_per_subgroup_list' cannot be empty")
    seen: set[int] = set()
    for ranks in ranks_per_subgroup_list:
        for r in ranks:
            if r in seen:
                raise ValueError(f"Rank {r} has appeared in both subgroups")
            seen.add(r)
    groups = [new_group(ranks, timeout, backend, pg_options, group_desc=group_desc)
              for ranks in ranks_per_subgroup_list]  # fmt: skip
    own = next((g for g in groups if g != GroupMember.NON_GROUP_MEMBER), None)
    return own, groups


def split_group(
    parent_pg: ProcessGroup | None = None,
    split_ranks: list[list[int]] | None = None,
    timeout: timedelta | None = None,
    pg_options: Any = None,
    group_desc: str | None = None,
    backend: str | None = None,
) -> ProcessGroup | None:
    """The group of this process among the parts ``split_ranks`` (ranks in ``parent_pg``); None: in none of them."""
    if not split_ranks:
        raise ValueError("split_ranks cannot be None or empty")
    parent = group_or_default(parent_pg)
    parts = [[parent.ranks[r] for r in ranks] for ranks in split_ranks]
    return new_subgroups_by_enumeration(parts, timeout, backend, pg_options, group_desc)[0]
