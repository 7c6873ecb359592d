"""Small mistakes made in a right program, to see whether its checks notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def mutants(source: str, most: int) -> list[tuple[str, str]]:
    """At most so many (what was done, program), spread over the program: a return dropped, an operator swapped, a
    constant off by one, a call left out.
    """
    tree = ast.parse(source)
    count = len(list(ast.walk(tree)))
    found: dict[str, str] = {}
    original = ast.unparse(tree)
    for index in range(count):
        for said, mutant in _at(tree, index):
            text = ast.unparse(mutant)
            if text != original:
                found.setdefault(text, said)
    every = [(said, text) for text, said in found.items()]
    step = max(1.0, len(every) / max(1, most))
    return [every[int(number * step)] for number in range(min(most, len(every)))]


def _at(tree: ast.Module, index: int) -> Iterator[tuple[str, ast.AST]]:
    """The programs in which the node of this number (in the order of `ast.walk`) is another."""
    changes = list(_changes(list(ast.walk(tree))[index]))
    for number, (said, _) in enumerate(changes):
        mutant = copy.deepcopy(tree)
        node = list(ast.walk(mutant))[index]
        _, new = list(_changes(node))[number]
        yield f"line {getattr(node, 'lineno', '?')}: {said}", _Replace(node, new).visit(mutant)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return dropped", ast.Expr(node.value)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield f"`{ast.unparse(node)}` left out", ast.Pass()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_value(node.func.value):
        yield f"`.{node.func.attr}(…)` left out", node.func.value
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        operator = _SWAPPED[type(node.op)]()
        yield f"`{ast.unparse(node)}` swapped", ast.BinOp(node.left, operator, node.right)  # type: ignore[arg-type]
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED:
        operators = [_SWAPPED[type(node.ops[0])](), *node.ops[1:]]
        yield f"`{ast.unparse(node)}` swapped", ast.Compare(node.left, operators, node.comparators)  # type: ignore[arg-type]
    elif isinstance(node, ast.Constant) and not isinstance(node.value, (str, bytes, type(None), type(...))):
        new = not node.value if isinstance(node.value, bool) else node.value + 1
        yield f"{node.value!r} became {new!r}", ast.Constant(new)
    elif isinstance(node, ast.Dict) and all(isinstance(value, ast.Constant) for value in node.values):
        for position, key in enumerate(node.keys):
            values: list[ast.expr] = [*node.values]
            values[position] = ast.Constant(None)
            yield f"`{ast.unparse(key) if key else '**'}` left open", ast.Dict(node.keys, values)


def _is_value(node: ast.expr) -> bool:
    """Whether a method is called on something computed: a name alone may be a module."""
    return not isinstance(node, (ast.Name, ast.Attribute))


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self._new, node) if node is self._old else self.generic_visit(node)
