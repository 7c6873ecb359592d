"""Write each lesson's notebooks from its sources: `python lessons/tools/notebooks.py [--check] [LESSON ...]`.

A lesson is written in `NN-slug/NN-slug.py` (jupytext's percent format); the notebook beside it is generated and
holds no outputs. Every cell has a name, `# %% name="..."`, which becomes its id in the notebook: translations
and tests find a cell by it.

The Chinese notebook, `NN-slug.zh.ipynb`, has the same code cells, and the texts of `NN-slug.zh.py`: Markdown cells
alone, with the English cells' names, in their order. What a learner reads in code cells (the questions of `predict`,
titles of views) stands in `zh.toml`, a flat table from the English string to the Chinese, where views look it up.

`--check` writes nothing and fails where a notebook is not what its source says. A lesson is named by its number, its
folder's name or a path in it; default all.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import keyword
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat

_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

LESSONS = Path(__file__).resolve().parents[1]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_WORDS = re.compile(r"[A-Za-z]{2,}['’]?[a-z]* +[A-Za-z]")  # two words in a row: no name, no number, no shape
_WORD = re.compile(r"[A-Za-z]{2,}")


class SourceError(Exception):
    """A lesson's source is not right; the message tells its author where."""


def sources(lessons: Path | None = None) -> list[Path]:
    """The lessons' sources, in the order of the course."""
    folders = sorted((lessons or LESSONS).glob("[0-9][0-9]-*/"))
    return [path for folder in folders if (path := folder / f"{folder.name}.py").exists()]


def notebook(source: Path) -> str:
    """The text of the notebook for one source.

    Raises:
        SourceError: a cell without a name, or with one that is taken or no id.
    """
    return _written(_read(source), source)


def chinese_of(source: Path) -> Path:
    """Where the Chinese texts of a lesson's source stand."""
    return source.with_suffix(".zh.py")


def chinese_notebook(source: Path) -> str:
    """The text of the Chinese notebook for an English source: its code, and the texts of `NN-slug.zh.py`.

    Raises:
        SourceError: either source is not right, or a text is missing, unknown, or in another place.
    """
    made, theirs = _read(source), chinese_of(source)
    translated = _read(theirs)
    for cell in translated.cells:
        if cell.cell_type == "code":
            raise SourceError(
                f"{theirs.name}: the cell {cell.id!r} is code; code stands in {source.name} alone, and what learners "
                "read in it in zh.toml"
            )
    wanted = [cell.id for cell in made.cells if cell.cell_type == "markdown"]
    there = [cell.id for cell in translated.cells]
    for name in there:
        if name not in wanted:
            raise SourceError(f"{theirs.name}: {source.name} has no Markdown cell {name!r}")
    for name in wanted:
        if name not in there:
            raise SourceError(f"{theirs.name}: there is no translation of the cell {name!r}")
    for should, has in zip(wanted, there, strict=True):
        if should != has:
            raise SourceError(f"{theirs.name}: the cell {has!r} comes where {should!r} belongs")
    texts = {cell.id: cell.source for cell in translated.cells}
    for cell in made.cells:
        if cell.cell_type == "markdown":
            if cell.source.strip() and not texts[cell.id].strip():
                raise SourceError(f"{theirs.name}: the cell {cell.id!r} is empty")
            cell.source = joined(texts[cell.id])
    return _written(made, theirs)


def joined(text: str) -> str:
    """Markdown without the line ends between two Chinese characters, which a notebook would show as spaces."""
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        goes_on = lines and not fenced and not lines[-1].lstrip().startswith(("#", "|"))
        if goes_on and _CHINESE.match(lines[-1][-1:]) and _CHINESE.match(line.lstrip()[:1]):
            lines[-1] += line.lstrip()
        else:
            lines.append(line)
        fenced ^= line.lstrip().startswith("```")
    return "\n".join(lines)


def words(source: Path) -> dict[str, str]:
    """The lesson's `zh.toml`: what learners read in code cells, from English to Chinese; empty where there is none.

    Raises:
        SourceError: it is no flat table of texts, names a text that no code cell has, or lacks one of a question.
    """
    path = source.with_name("zh.toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (ValueError, OSError) as error:
        raise SourceError(f"{source.parent.name}/zh.toml: {error}") from None
    for text, chinese in table.items():
        if not isinstance(chinese, str) or not chinese.strip():
            raise SourceError(f"{source.parent.name}/zh.toml: the entry of {text!r} must be a text")
    trees = [(cell.id, _tree(cell.source)) for cell in _read(source).cells if cell.cell_type == "code"]
    strings = {text for _, tree in trees for text in _strings(tree)}
    for text in table:
        if text not in strings:
            raise SourceError(f"{source.parent.name}/zh.toml: no code cell has the string {text!r}")
    names = {name for _, tree in trees for name in _names(tree)}
    for cell, tree in trees:
        for text in _read_by_learners(tree, names):
            if text not in table:
                raise SourceError(
                    f"{source.parent.name}/zh.toml: the Chinese of {text!r} is missing (cell {cell!r})"
                )
    return table


def _read(source: Path) -> Any:
    """A source's notebook, each cell's name as its id."""
    made = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    made.metadata = {
        "kernelspec": made.metadata.get("kernelspec", KERNEL),
        "language_info": {"name": "python"},
    }
    made.nbformat, made.nbformat_minor = 4, 5
    seen: set[str] = set()
    for cell in made.cells:
        name = cell.metadata.pop("name", None)
        beginning = cell.source.strip().split("\n")[0][:60]
        if name is None:
            raise SourceError(f'{source.name}: the cell {beginning!r} needs a name: `# %% name="..."`')
        if name in seen:
            raise SourceError(f"{source.name}: two cells are called {name!r}; the second is {beginning!r}")
        seen.add(name)
        cell.id = name
    return made


def _written(made: Any, source: Path) -> str:
    try:
        nbformat.validate(made)
    except nbformat.ValidationError as error:
        raise SourceError(f"{source.name}: {error.message}") from None
    return nbformat.writes(made) + "\n"


def _tree(code: str) -> ast.Module:
    """A cell's code; without the lines that are magics, and empty where it is no Python at all."""
    try:
        return ast.parse(_MAGIC.sub("", code))
    except SyntaxError:
        return ast.Module([], [])


def _strings(tree: ast.AST) -> Iterator[str]:
    """Every string literal, but not the parts of an f-string: what those come to is known only when they run."""
    if isinstance(tree, ast.JoinedStr):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from _strings(child)


def _names(tree: ast.AST) -> Iterator[str]:
    """What the code calls things by: such a word in an option is a name, which stays as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _read_by_learners(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """The literal texts of `predict`: question, explanation, and the options that are words."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "predict":
            continue
        named = {one.arg: one.value for one in call.keywords}
        question = call.args[0] if call.args else named.get("question")
        options = call.args[1] if len(call.args) > 1 else named.get("options")
        for text in (question, named.get("explain")):
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                yield text.value
        for option in getattr(options, "elts", ()):
            value = getattr(option, "value", None)
            if isinstance(value, str) and _is_prose(value, names):
                yield value


def _is_prose(option: str, names: set[str]) -> bool:
    if _WORD.fullmatch(option):
        return option not in names and not keyword.iskeyword(option) and not hasattr(builtins, option)
    return bool(_WORDS.search(option))


def texts(source: Path) -> dict[Path, str]:
    """What the notebooks beside a source should hold; the Chinese one where there is a Chinese text.

    Raises:
        SourceError: one of its sources is not right.
    """
    made = {source.with_suffix(".ipynb"): notebook(source)}
    if chinese_of(source).exists():
        words(source)
        made[source.with_suffix(".zh.ipynb")] = chinese_notebook(source)
    return made


def _wanted(names: list[str]) -> list[Path]:
    """The sources that were asked for. Raises SourceError for a name that no lesson has."""
    every = sources()
    if not names:
        return every
    found = []
    for name in names:
        parts = {name, *Path(name).resolve().parts}
        fits = [one for one in every if one.parent.name in parts or one.parent.name.startswith(f"{name}-")]
        if not fits:
            raise SourceError(
                f"there is no lesson {name!r}; there are {', '.join(one.parent.name for one in every)}"
            )
        found += [one for one in fits if one not in found]
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 where they differ")
    parser.add_argument("lesson", nargs="*", help="such as 03, 03-tensor-autograd, or a path in it")
    options = parser.parse_args(arguments)
    wrong = 0
    try:
        wanted = _wanted(options.lesson)
    except SourceError as error:
        parser.error(str(error))
    for source in wanted:
        try:
            wrong += _stale(source, texts(source), write=not options.check)
        except SourceError as error:  # the other lessons' authors need not wait
            print(error, file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


def _stale(source: Path, made: dict[Path, str], *, write: bool) -> int:
    """How many notebooks are not what they should be; with `write` they are then, and none is counted."""
    stale = 0
    for path, text in made.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if write:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(LESSONS.parent)}")
        else:
            print(f"{path.name} is not what {source.name} says: run `make notebooks`", file=sys.stderr)
            stale += 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
