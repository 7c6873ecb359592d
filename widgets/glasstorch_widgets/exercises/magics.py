"""`%%submit ID`, `%submit ID [function ...]` and `%submissions`: handing in without a button; and `%progress`.

`%%submit` runs the cell first, so that its errors show at once and where they belong, and hands in only a cell that
ran. Code that was handed in before and has not changed since is not handed in again: running all cells of a notebook
costs no attempts.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from ..grading import homes
from ..grading.courier import courier
from ..grading.outbox import Entry, OutboxError
from ..language import default_language, filled, labels
from ..notebook import run_cells
from .check import Check
from .progress import progress
from .source import CannotCollect, between_markers, latest, of_functions

SHOWN = 50


@magics_class
class SubmitMagics(Magics):
    """The magics of one IPython shell."""

    @magic_arguments()
    @argument("exercise", help="the exercise's id, such as start.training-step")
    @argument("names", nargs="*", help="functions or classes of this notebook (with %%submit: of the cell)")
    @argument("--no-run", action="store_true", help="hand the cell in without running it here")
    @argument("--again", action="store_true", help="hand it in even if the code has not changed")
    @line_cell_magic
    def submit(self, line: str, cell: str | None = None) -> None:
        """Hand code in.

        `%%submit ID` runs the cell and hands it in: all of it, or what stands between `# @exercise ID` and `# @end`.
        `%submit ID NAME ...` hands in functions with the imports they need; `%submit ID` the marked cell run last.
        """
        wanted = parse_argstring(self.submit, line)
        shell: Any = self.shell
        if cell is not None and not wanted.no_run and not shell.run_cell(cell, store_history=False).success:
            say("not_run", id=wanted.exercise)
            return
        if wanted.names:
            try:
                source: str | None = of_functions(wanted.names, shell.user_ns)
            except CannotCollect as error:
                say("not_collected", reason=error)
                return
        elif cell is not None:
            marked = between_markers(cell, wanted.exercise)
            source = cell if marked is None else marked
        else:
            source = latest(run_cells(shell), wanted.exercise)
        if source is None:
            say("no_markers", id=wanted.exercise)
            return
        self._hand_in(wanted.exercise, source, wanted.again)

    @line_magic
    def submissions(self, line: str) -> Submissions | None:
        """What was handed in from here: what waits, what is being graded, what came of it. `%submissions all`: all."""
        try:
            entries = courier().outbox.entries(limit=-1 if line.strip() == "all" else SHOWN)
        except OutboxError as error:
            say("not_collected", reason=error)
            return None
        if any(entry.state in ("waiting", "sent") for entry in entries):
            courier().ring()
        return Submissions(entries)

    @line_magic
    def progress(self, line: str) -> None:
        """What has been done so far; `%progress save [FILE]` and `%progress restore FILE` keep it in one file."""
        action, _, file = line.strip().partition(" ")
        told, _well = progress(action, file.strip().strip("\"'"))
        print(told)  # noqa: T201

    def _hand_in(self, exercise: str, source: str, again: bool) -> None:
        view = Check(exercise)
        before = None if again else handed_in(exercise, source)
        if before is None:
            view.submit(source)
        else:
            when = datetime.fromtimestamp(before.written_at).strftime("%H:%M")
            say("same_again", id=exercise, time=when)
            view.follow(before.number)
        if hasattr(self.shell, "kernel"):
            display(view)
        else:  # a terminal shows no views, and nobody looks at it again
            view.wait()
            print(view)  # noqa: T201


def handed_in(exercise: str, source: str) -> Entry | None:
    """The last submission to an exercise if it was of this very code and came to a verdict, or is on its way to one."""
    home = homes.find()
    try:
        found = courier().outbox.latest(home.name if home else homes.LOCAL, exercise, source)
    except OutboxError:
        return None
    if found is None or found.state == "refused":
        return None
    return found if found.state != "done" or found.outcome in ("passed", "failed", "error") else None


class Submissions:
    """A list of submissions, as text and as a table."""

    def __init__(self, entries: list[Entry]) -> None:
        self._rows = [_row(entry) for entry in reversed(entries)]
        self._words = labels(default_language(), "check")

    def __repr__(self) -> str:
        if not self._rows:
            return self._words["none_yet"]
        return "\n".join("  ".join(row) for row in self._rows)

    def _repr_html_(self) -> str:
        if not self._rows:
            return f"<p>{escape(self._words['none_yet'])}</p>"
        names = (
            self._words[key] for key in ("column_number", "column_time", "column_exercise", "column_state")
        )
        head = "".join(f'<th scope="col" style="text-align: start">{escape(name)}</th>' for name in names)
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align: start{"; white-space: nowrap" * (k == 1)}">{escape(cell)}</td>'
                for k, cell in enumerate(row)
            )
            + "</tr>"
            for row in self._rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(entry: Entry) -> tuple[str, str, str, str]:
    when = datetime.fromtimestamp(entry.written_at).strftime("%Y-%m-%d %H:%M")
    return str(entry.number), when, entry.exercise, describe(entry)


def describe(entry: Entry) -> str:
    """A submission's state in words."""
    words = labels(default_language(), "check")
    if entry.state == "done":
        verdict = words.get(entry.outcome, words["error"])
        if entry.score is None or entry.max_score is None:
            return verdict
        points = filled(words["points"], score=f"{entry.score:g}", max=f"{entry.max_score:g}")
        return f"{verdict}: {points}"
    if entry.state == "waiting" and entry.reason:
        return f"{words['entry_waiting']} ({entry.reason})"
    return filled(words[f"entry_{entry.state}"], reason=entry.reason)


def say(key: str, **values: Any) -> None:
    """A sentence of ours below the cell."""
    print(filled(labels(default_language(), "check")[key], **values))  # noqa: T201


def register(ipython: Any) -> None:
    """Make the magics known to a shell, and see to what an earlier kernel has left under way."""
    ipython.register_magics(SubmitMagics)
    if courier().outbox.path.exists():
        courier().ring()
