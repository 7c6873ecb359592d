"""Trees of containers under PyTorch's name; the code is in ``core/tree.py``."""

from ..core.tree import (
    TreeSpec,
    broadcast_to_and_flatten,
    register_pytree_node,
    tree_all,
    tree_any,
    tree_flatten,
    tree_leaves,
    tree_map,
    tree_map_only,
    tree_structure,
    tree_unflatten,
    treespec_pprint,
)

__all__ = [
    "TreeSpec", "broadcast_to_and_flatten", "register_pytree_node", "tree_all", "tree_any", "tree_flatten",
    "tree_leaves", "tree_map", "tree_map_only", "tree_structure", "tree_unflatten", "treespec_pprint",
]  # fmt: skip
