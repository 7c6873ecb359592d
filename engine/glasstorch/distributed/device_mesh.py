"""``DeviceMesh``: the processes of a job as a grid, with a group along each of its dimensions.

Source: https://pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.init_device_mesh
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from .groups import GroupMember, get_rank, get_world_size, init_process_group, is_initialized, new_group


class DeviceMesh:
    """Ranks in a grid. ``mesh``: a tensor (or nested lists) of global ranks; ``mesh_dim_names``: of its dimensions.

    Every process of the job makes it, with the same arguments.
    """

    def __init__(
        self, device_type: str, mesh: Any, *, mesh_dim_names: Sequence[str] | None = None, _groups: Any = None
    ) -> None:
        self.device_type = device_type
        self._ranks = np.asarray(mesh._a if isinstance(mesh, Tensor) else mesh, dtype="i4")
        self.mesh_dim_names = None if mesh_dim_names is None else tuple(mesh_dim_names)
        if self.mesh_dim_names is not None and len(self.mesh_dim_names) != self._ranks.ndim:
            raise RuntimeError(
                f"mesh has {self._ranks.ndim} dimensions and {len(self.mesh_dim_names)} names: {self.mesh_dim_names}"
            )
        found = np.argwhere(self._ranks == get_rank())
        self._place = None if not len(found) else [int(k) for k in found[0]]
        self._groups = self._make_groups() if _groups is None else _groups

    def _make_groups(self) -> list[Any]:
        """The group of this process along each dimension. All processes make all groups."""
        groups: list[Any] = []
        for dim in range(self._ranks.ndim):
            lines = np.moveaxis(self._ranks, dim, -1).reshape(-1, self._ranks.shape[dim])
            made = [new_group(line.tolist(), sort_ranks=False) for line in lines]
            groups.append(next((g for g in made if g != GroupMember.NON_GROUP_MEMBER), None))
        return groups

    @property
    def mesh(self) -> Tensor:
        """The ranks."""
        return wrap(self._ranks)

    @property
    def ndim(self) -> int:
        """How many dimensions the grid has."""
        return self._ranks.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """Its lengths."""
        return tuple(self._ranks.shape)

    def size(self, mesh_dim: int | None = None) -> int:
        """How many processes there are, in all or along one dimension."""
        return int(self._ranks.size if mesh_dim is None else self._ranks.shape[mesh_dim])

    def _number(self, mesh_dim: int | str | None) -> int:
        if mesh_dim is None:
            if self.ndim > 1:
                raise RuntimeError(
                    f"Found the DeviceMesh have {self.ndim} dimensions. Optional kwarg `mesh_dim` needs to be "
                    "specified when device_mesh.ndim > 1."
                )
            return 0
        if isinstance(mesh_dim, str):
            if self.mesh_dim_names is None or mesh_dim not in self.mesh_dim_names:
                raise KeyError(
                    f"Invalid mesh_dim_name {mesh_dim}. The dimensions are named {self.mesh_dim_names}."
                )
            return self.mesh_dim_names.index(mesh_dim)
        return mesh_dim

    def get_group(self, mesh_dim: int | str | None = None) -> Any:
        """The group of this process along a dimension."""
        return self._groups[self._number(mesh_dim)]

    def get_all_groups(self) -> list[Any]:
        """The groups of this process along all dimensions."""
        return list(self._groups)

    def get_rank(self) -> int:
        """The global rank of this process."""
        return get_rank()

    def get_local_rank(self, mesh_dim: int | str | None = None) -> int:
        """The rank of this process along a dimension."""
        return get_rank(self.get_group(mesh_dim))

    def get_coordinate(self) -> list[int] | None:
        """Where this process is; None: not in the grid."""
        return self._place

    def __getitem__(self, names: str | tuple[str, ...]) -> DeviceMesh:
        """The part of the grid along some dimensions in which this process is."""
        if self.mesh_dim_names is None:
            raise RuntimeError("Cannot slice a DeviceMesh without mesh_dim_names!")
        names = (names,) if isinstance(names, str) else tuple(names)
        if self._place is None:
            raise RuntimeError("this process is not in the mesh")
        dims = [self._number(name) for name in names]
        index = tuple(slice(None) if k in dims else p for k, p in enumerate(self._place))
        return DeviceMesh(self.device_type, self._ranks[index], mesh_dim_names=names,
                          _groups=[self._groups[d] for d in dims])  # fmt: skip

    def __repr__(self) -> str:
        if self.mesh_dim_names is None:
            shape = str(self.shape)
        else:
            shape = (
                "("
                + ", ".join(f"{n}={s}" for n, s in zip(self.mesh_dim_names, self.shape, strict=True))
                + ")"
            )
        return f"DeviceMesh({shape}, '{self.device_type}', stride={self._strides()})"

    def _strides(self) -> tuple[int, ...]:
        return tuple(s // self._ranks.itemsize for s in self._ranks.strides)


def init_device_mesh(
    device_type: str, mesh_shape: tuple[int, ...], *, mesh_dim_names: tuple[str, ...] | None = None
) -> DeviceMesh:
    """All processes of the job in a grid of ``mesh_shape``, in the order of their ranks.

    Calls ``init_process_group`` if nobody has. ``device_type``: "cpu" or "cuda", without a number.
    """
    if not device_type.isalpha():
        raise RuntimeError(
            f"Device type with index is not supported but got {device_type}. Leave the number away: 'cuda'."
        )
    if mesh_dim_names is not None:
        if len(set(mesh_dim_names)) != len(mesh_dim_names):
            raise RuntimeError(f"Each mesh_dim_name must be unique. Found repeated names in {mesh_dim_names}")
        if len(mesh_shape) != len(mesh_dim_names):
            raise RuntimeError(
                "mesh_shape and mesh_dim_names should have same length! Found len(mesh_dim_names): "
                f"{len(mesh_dim_names)} and len(mesh_shape): {len(mesh_shape)}."
            )
    if not is_initialized():
        init_process_group()
    size = int(np.prod(mesh_shape))
    if size > get_world_size():
        raise RuntimeError(
            f"Mesh should not be bigger than default world size {get_world_size()}, but found {size} ranks!"
        )
    return DeviceMesh(device_type, np.arange(size).reshape(mesh_shape), mesh_dim_names=mesh_dim_names)


__all__ = ["DeviceMesh", "init_device_mesh"]
