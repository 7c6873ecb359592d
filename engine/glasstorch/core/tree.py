"""Trees of Python containers: a nested structure taken apart into its leaves, and put together again.

Nodes are lists, tuples, named tuples, dicts (also ``OrderedDict`` and ``defaultdict``), deques and types registered
with ``register_pytree_node``; anything else is a leaf, ``None`` too. The functions have the names of
``torch.utils._pytree``.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

_NODES: dict[type, tuple[Callable, Callable]] = {}


class TreeSpec(NamedTuple):
    """The structure of a tree: the container's type, what else is needed to build it, and its children's structures.

    A leaf has type ``None``.
    """

    type: Any
    context: Any
    children_specs: tuple[TreeSpec, ...]

    @property
    def num_leaves(self) -> int:
        """How many leaves the tree has."""
        return 1 if self.is_leaf() else sum(c.num_leaves for c in self.children_specs)

    def is_leaf(self) -> bool:
        """Is the whole tree one leaf?"""
        return self.type is None

    def __repr__(self) -> str:
        if self.is_leaf():
            return "*"
        children = ",\n  ".join(repr(c).replace("\n", "\n  ") for c in self.children_specs)
        name = "namedtuple" if _is_namedtuple(self.type) else self.type.__name__
        return f"TreeSpec({name}, {self.context}, [{children}])"


LEAF = TreeSpec(None, None, ())


def register_pytree_node(cls: type, flatten_fn: Callable, unflatten_fn: Callable, **_: Any) -> None:
    """Make a class a node: ``flatten_fn(x) -> (children, context)``, ``unflatten_fn(children, context) -> x``."""
    _NODES[cls] = (flatten_fn, unflatten_fn)


def _is_namedtuple(cls: type) -> bool:
    return issubclass(cls, tuple) and cls is not tuple and hasattr(cls, "_fields")


def _take_apart(x: Any) -> tuple[type, Any, list] | None:
    """Type, context and children of a node; None for a leaf."""
    cls = type(x)
    if cls in _NODES:
        children, context = _NODES[cls][0](x)
        return cls, context, list(children)
    if cls in (list, tuple):
        return cls, None, list(x)
    if cls in (dict, OrderedDict):
        return cls, list(x), list(x.values())
    if cls is defaultdict:
        return cls, [x.default_factory, list(x)], list(x.values())
    if cls is deque:
        return cls, x.maxlen, list(x)
    if _is_namedtuple(cls):
        return cls, cls, list(x)
    return None


def _build(cls: Any, context: Any, children: list) -> Any:
    if cls in _NODES:
        return _NODES[cls][1](children, context)
    if cls in (list, tuple):
        return cls(children)
    if cls in (dict, OrderedDict):
        return cls(zip(context, children, strict=True))
    if cls is defaultdict:
        return defaultdict(context[0], zip(context[1], children, strict=True))
    if cls is deque:
        return deque(children, context)
    return cls(*children)


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], TreeSpec]:
    """The leaves from left to right, and the structure."""
    node = None if is_leaf is not None and is_leaf(tree) else _take_apart(tree)
    if node is None:
        return [tree], LEAF
    cls, context, children = node
    leaves: list[Any] = []
    specs = []
    for child in children:
        found, spec = tree_flatten(child, is_leaf)
        leaves += found
        specs.append(spec)
    return leaves, TreeSpec(cls, context, tuple(specs))


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """A tree of this structure with these leaves."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten(leaves, treespec): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
            f"holds {treespec.num_leaves} items ({treespec})."
        )
    it = iter(leaves)

    def build(spec: TreeSpec) -> Any:
        if spec.is_leaf():
            return next(it)
        return _build(spec.type, spec.context, [build(c) for c in spec.children_specs])

    return build(treespec)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """The leaves from left to right."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """The structure without the leaves."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func: Callable, tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """The same structure with ``func`` of every leaf (and of the leaves in its place in ``rests``)."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_flatten(r, is_leaf)[0] for r in rests]
    return tree_unflatten([func(*row) for row in zip(leaves, *others, strict=True)], spec)


def tree_map_only(kind: Any, func: Callable, tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """``tree_map`` for leaves of a type; the others stay."""
    return tree_map(lambda x: func(x) if isinstance(x, kind) else x, tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Does ``pred`` hold for every leaf?"""
    return all(pred(x) for x in tree_leaves(tree))


def tree_any(pred: Callable[[Any], bool], tree: Any) -> bool:
    """Does ``pred`` hold for some leaf?"""
    return any(pred(x) for x in tree_leaves(tree))


def broadcast_to_and_flatten(tree: Any, treespec: TreeSpec) -> list[Any] | None:
    """The leaves of ``tree``, each repeated for the part of ``treespec`` it stands for; None when they do not fit."""
    if not isinstance(tree, (list, tuple, dict)) or treespec.is_leaf():
        fits = not isinstance(tree, (list, tuple, dict))
        return [tree] * treespec.num_leaves if fits else None
    node = _take_apart(tree)
    if node is None or node[0] is not treespec.type or len(node[2]) != len(treespec.children_specs):
        return None
    if isinstance(tree, dict) and node[1] != treespec.context:
        return None
    out: list[Any] = []
    for child, spec in zip(node[2], treespec.children_specs, strict=True):
        found = broadcast_to_and_flatten(child, spec)
        if found is None:
            return None
        out += found
    return out


def treespec_pprint(treespec: TreeSpec) -> str:
    """The structure as a tree of stars."""
    return repr(tree_unflatten([_Star()] * treespec.num_leaves, treespec))


class _Star:
    def __repr__(self) -> str:
        return "*"
