"""What a learner's file says about a line of it: the loop that was running, a function that returns nothing.

Only files that a box has compiled come here, with places in them where their code was: parsing them again harms nobody.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 64 * 1024  # nobody writes more by hand

Place = tuple[int, str]  # a line, and the function that was there

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While, *_COMPREHENSIONS)
_COMPREHENSION_NAMES = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
_ENDLESS = {"count", "cycle", "repeat"}


@dataclass(frozen=True)
class Loop:
    """A loop that was running. `why` says what the source shows of its end; `at` is the line it was at."""

    line: int
    at: int
    why: str


class LearnerSource:
    """A learner's file as lines and, where it is asked for and can be parsed, as a tree."""

    def __init__(self, source: str, entry: Sequence[str] = ()) -> None:
        """entry: the functions that the exercise asks for."""
        self._source = source
        self._entry = entry
        self._lines = re.split(r"\r\n|\r|\n", source)  # as Python counts them, unlike str.splitlines

    @functools.cached_property
    def _tree(self) -> ast.Module | None:
        return _parsed(self._source)

    def line(self, number: int) -> str:
        """The text of a line without its indentation; empty where there is none."""
        return self.whole_line(number).strip()[:200]

    def whole_line(self, number: int) -> str:
        """The text of a line; empty where there is none."""
        return self._lines[number - 1].rstrip() if 0 < number <= len(self._lines) else ""

    def loop(self, places: Sequence[Place]) -> Loop | None:
        """The innermost loop around the innermost of these places; if that has none, around its caller's, and so on."""
        if self._tree is None:
            return None
        for line, name in places:
            node = self._loop_around(line, name)
            if node is not None:
                return Loop(node.lineno, line, _why(node, self._tree))
        return None

    def _loop_around(self, line: int, name: str) -> ast.For | ast.While | ast.expr | None:
        found = None
        for scope in self._scopes(line, name):
            for node in _own(scope):
                if isinstance(node, _LOOPS) and _runs(node, line):
                    if name in _COMPREHENSION_NAMES and not isinstance(node, _COMPREHENSIONS):
                        continue
                    if found is None or (node.lineno, node.col_offset) >= (found.lineno, found.col_offset):
                        found = node
        return found  # type: ignore[return-value]

    def _scopes(self, line: int, name: str) -> Iterator[ast.AST]:
        """The code that a frame of this name runs: a function, a lambda, or everything for a comprehension."""
        assert self._tree is not None
        if name == "<module>":
            yield self._tree
        for node in ast.walk(self._tree):
            named = isinstance(node, _FUNCTIONS) and node.name == name
            if named or (name == "<lambda>" and isinstance(node, ast.Lambda)):
                if _spans(node, line):
                    yield node
            elif name in _COMPREHENSION_NAMES and isinstance(node, (ast.Module, *_SCOPES)):
                yield node

    def waiting(self, line: int) -> str:
        """The call on this line that waits, as `time.sleep(60)`; empty when there is none."""
        for node in ast.walk(self._tree) if self._tree else ():
            if (
                isinstance(node, ast.Call)
                and node.lineno == line
                and _last_name(node.func) in ("sleep", "wait", "input")
            ):
                return ast.unparse(node)[:80]
        return ""

    def printing(self, line: int) -> bool:
        """Whether a `print` is called on this line."""
        nodes = ast.walk(self._tree) if self._tree else ()
        return any(
            isinstance(n, ast.Call) and n.lineno == line and _last_name(n.func) == "print" for n in nodes
        )

    def without_value(self) -> list[str]:
        """What there is to say about those of the functions asked for that end without returning a value."""
        said = []
        for node in self._tree.body if self._tree else ():
            if not isinstance(node, ast.FunctionDef) or node.name not in self._entry:
                continue
            own = list(_own(node))
            returns = [n for n in own if isinstance(n, ast.Return) and n.value is not None]
            prints = [n for n in own if isinstance(n, ast.Call) and _last_name(n.func) == "print"]
            if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own) or _always_leaves(node.body):
                continue
            if returns:
                said.append(
                    f"`{node.name}` returns a value on line {returns[0].lineno}, but there is a way through it "
                    "that ends without `return`."
                )
            elif prints:
                said.append(
                    f"`{node.name}` prints on line {prints[-1].lineno} and returns nothing: "
                    "is `return` meant there?"
                )
            else:
                said.append(f"`{node.name}` (line {node.lineno}) has no `return` with a value.")
        return said


def _parsed(source: str) -> ast.Module | None:
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in this scope's own frame, comprehensions among them."""
    body = getattr(scope, "body", [])
    stack: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def _spans(node: Any, line: int) -> bool:
    return bool(node.lineno <= line <= node.end_lineno)


def _runs(loop: Any, line: int) -> bool:
    """Whether the loop is running at this line: in its head or body, not in its `else`."""
    if isinstance(loop, _COMPREHENSIONS):
        return _spans(loop, line)
    return bool(loop.lineno <= line <= loop.body[-1].end_lineno)


def _last_name(function: ast.AST) -> str:
    return str(getattr(function, "attr", None) or getattr(function, "id", ""))


def _why(loop: ast.AST, tree: ast.Module) -> str:
    """What the source shows of a loop's end."""
    if isinstance(loop, ast.While):
        return _why_while(loop, tree)
    if isinstance(loop, _COMPREHENSIONS):
        iterated = loop.generators[0].iter
    else:
        assert isinstance(loop, (ast.For, ast.AsyncFor))
        iterated = loop.iter
        if isinstance(iterated, ast.Name) and _lengthens(loop, iterated.id) and not _leaves(loop):
            return f"It lengthens `{iterated.id}` while it goes through it, so it never comes to the end."
    if isinstance(iterated, ast.Call) and _last_name(iterated.func) in _ENDLESS and not _leaves(loop):
        return f"`{ast.unparse(iterated)[:60]}` never ends, and nothing in the loop leaves it."
    return (
        "It would come to its end, but has too much to do: is a loop inside it, or does it run over single numbers? "
        "Operations on whole arrays are many times faster."
    )


def _why_while(loop: ast.While, tree: ast.Module) -> str:
    if _leaves(loop):
        return "Does it ever come to the line that leaves it?"
    if isinstance(loop.test, ast.Constant) and loop.test.value:
        return f"`while {ast.unparse(loop.test)}` without `break` or `return` never ends."
    names = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    plain = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant)
    kinds = (*plain, ast.cmpop, ast.boolop, ast.operator, ast.unaryop, ast.expr_context)
    if names and all(isinstance(n, kinds) for n in ast.walk(loop.test)) and not _changes(loop, names, tree):
        listed = " and ".join(f"`{name}`" for name in sorted(names))
        return f"Nothing in it changes {listed}, so its condition stays true."
    return "Does its condition ever become false?"


def _leaves(loop: ast.AST) -> bool:
    """Whether the loop's body holds a way out."""
    if isinstance(loop, _COMPREHENSIONS):
        return False
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in loop.body]  # type: ignore[attr-defined]
    while stack:
        node, own_break = stack.pop()
        if isinstance(node, (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)) or (
            isinstance(node, ast.Break) and own_break
        ):
            return True
        if isinstance(node, ast.Call) and _last_name(node.func) in ("exit", "quit", "_exit", "next"):
            return True
        if not isinstance(node, _SCOPES):
            inner = isinstance(node, (ast.For, ast.AsyncFor, ast.While))
            stack.extend((child, own_break and not inner) for child in ast.iter_child_nodes(node))
    return False


def _changes(loop: ast.While, names: set[str], tree: ast.Module) -> bool:
    """Whether anything in the loop may change one of these names or what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Global, ast.Nonlocal)) and names & set(node.names):
            return True
    for part in loop.body:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Load):
                return True
            handed: list[ast.AST] = []
            if isinstance(node, ast.Call):
                handed = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                handed = [node.value]
            elif isinstance(node, (ast.Assign, ast.NamedExpr)) and isinstance(node.value, ast.Name):
                handed = [node.value]  # another name for it, through which it may be changed
            for one in handed:
                if any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(one)):
                    return True
    return False


def _lengthens(loop: ast.For | ast.AsyncFor, name: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("append", "extend", "insert")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
        for part in loop.body
        for node in ast.walk(part)
    )


def _always_leaves(body: list[ast.stmt]) -> bool:
    """Whether no way through these statements comes out at their end (as far as their form shows)."""
    for node in body:
        if isinstance(node, (ast.Return, ast.Raise)):
            return isinstance(node, ast.Raise) or node.value is not None
        if (
            isinstance(node, ast.If)
            and node.orelse
            and _always_leaves(node.body)
            and _always_leaves(node.orelse)
        ):
            return True
        if isinstance(node, (ast.With, ast.AsyncWith)) and _always_leaves(node.body):
            return True
        if isinstance(node, ast.Try):
            if _always_leaves(node.finalbody):
                return True
            main = _always_leaves(node.body) or _always_leaves(node.orelse)
            if main and all(_always_leaves(handler.body) for handler in node.handlers):
                return True
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and node.test.value:
            return True
        if isinstance(node, ast.Match) and all(_always_leaves(case.body) for case in node.cases):
            last = node.cases[-1]
            if isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None:
                return True
    return False
