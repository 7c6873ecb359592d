"""Write each lesson's notebook from its source: `python lessons/tools/notebooks.py [--check]`.

A lesson is written in `NN-slug/NN-slug.py` (jupytext's percent format); the notebook beside it is generated and
holds no outputs. Every cell has a name, `# %% name="..."`, which becomes its id in the notebook: translations
and tests find a cell by it. `--check` writes nothing and fails where a notebook is not what its source says.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jupytext
import nbformat

LESSONS = Path(__file__).resolve().parents[1]


class SourceError(Exception):
    """A lesson's source is not right; the message tells its author where."""


def sources(lessons: Path = LESSONS) -> list[Path]:
    """The lessons' sources, in the order of the course."""
    return [folder / f"{folder.name}.py" for folder in sorted(lessons.glob("[0-9][0-9]-*/"))]


def notebook(source: Path) -> str:
    """The text of the notebook for one source.

    Raises:
        SourceError: a cell without a name, or with one that is taken or no id.
    """
    made = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    made.metadata = {"kernelspec": made.metadata["kernelspec"], "language_info": {"name": "python"}}
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
    try:
        nbformat.validate(made)
    except nbformat.ValidationError as error:
        raise SourceError(f"{source.name}: {error.message}") from None
    return nbformat.writes(made) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 where they differ")
    check = parser.parse_args(arguments).check
    stale = 0
    for source in sources():
        path = source.with_suffix(".ipynb")
        text = notebook(source)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            print(f"{path.name} is not what {source.name} says: run `make notebooks`", file=sys.stderr)
            stale += 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(LESSONS.parent)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
