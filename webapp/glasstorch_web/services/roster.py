"""The course's people as a CSV file: out, and in again with a preview of what would change.

A roster has the columns name, email, role and section; only email and name are needed. Rows are matched by email.
People who are not in the file stay as they are. Spreadsheets write such files in several ways: with a byte order
mark, with semicolons or tabs, as UTF-16; each is understood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ..store.people import ROLES, PeopleError, Role, User, folded, plain_email, plain_name
from ..words import Refusal
from ..words import gettext_noop as _
from .accounts import Accounts, Link, NotYours, may_give
from .spreadsheets import csv_text, from_cell

MOST_ROWS = 5000
LONGEST_FIELD = 200
COLUMNS = ("name", "email", "role", "section")
_HEADINGS = {
    **dict(zip(COLUMNS, COLUMNS)),
    "e-mail": "email",
    "mail": "email",
    "email address": "email",
    "full name": "name",
    "group": "section",
    "姓名": "name",
    "邮箱": "email",
    "电子邮箱": "email",
    "角色": "role",
    "班组": "section",
    "班级": "section",
}
_ROLES: dict[str, Role] = {
    **dict(zip(ROLES, ROLES)),
    "student": "learner",
    "学员": "learner",
    "学生": "learner",
    "助教": "assistant",
    "教师": "instructor",
    "管理员": "admin",
}


class RosterRefused(Refusal):
    """The file as a whole is no roster; the message says why and what to do."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line; nothing is taken in while there is any."""

    line: int
    problem: Refusal


@dataclass(frozen=True)
class Change:
    """What one line would do. `before`: what it changes, field by field, as it is now."""

    line: int
    kind: Literal["new", "changed", "same"]
    name: str
    email: str
    role: Role
    section: str
    before: dict[str, str] = field(default_factory=dict)
    disabled: bool = False  # it stays so


@dataclass(frozen=True)
class Preview:
    """What a file would change."""

    changes: list[Change]
    faults: list[Fault]

    @property
    def new(self) -> list[Change]:
        return [one for one in self.changes if one.kind == "new"]

    @property
    def changed(self) -> list[Change]:
        return [one for one in self.changes if one.kind == "changed"]


class Roster:
    """The people of the course as a file."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def export(self) -> str:
        """Everybody who may log in, as CSV that no spreadsheet takes for formulas."""
        people = (user for user in self._accounts.people.all() if user.disabled_at is None)
        rows = ([user.name, user.email or "", user.role, user.section] for user in people)
        return csv_text([list(COLUMNS), *rows])

    def preview(self, who: User, file: bytes) -> Preview:
        """What `apply` would do with this file.

        Raises:
            RosterRefused: it is no roster.
        """
        known = {user.email: user for user in self._accounts.people.all() if user.email}
        changes: list[Change] = []
        faults: list[Fault] = []
        seen: dict[str, int] = {}
        for line, fields in _rows(file):
            try:
                change = _change(line, fields, known, who)
                if change.email in seen:
                    raise PeopleError(
                        _("%(email)s stands in line %(line)s already."),
                        email=change.email,
                        line=seen[change.email],
                    )
            except Refusal as problem:
                faults.append(Fault(line, problem))
            else:
                seen[change.email] = line
                changes.append(change)
        return Preview(changes, faults)

    def apply(self, who: User, file: bytes) -> list[User]:
        """Take a roster in: all of it or nothing. Those who are new; they have no password yet.

        Raises:
            RosterRefused: it is no roster, or a line of it has a fault.
        """
        preview = self.preview(who, file)
        if preview.faults:
            raise RosterRefused(
                _("Nothing was taken in, because of line %(line)s. Look at the preview."),
                line=preview.faults[0].line,
            )
        new = self._accounts.people.take_in(
            [
                {"name": one.name, "email": one.email, "role": one.role, "section": one.section}
                for one in (*preview.new, *preview.changed)
            ]
        )
        self._accounts.audit.record(
            who.id, "roster taken in", new=len(new), changed=[one.email for one in preview.changed]
        )
        return new

    def links(self, who: User, people: Iterable[User]) -> list[tuple[User, Link]]:
        """For each of them a link by which they set their password; shown now and never again."""
        return [(user, self._accounts.reset_link(who, user.id)) for user in people if user.email]


def links_csv(links: Iterable[tuple[User, Link]], site: str) -> str:
    """Such links as a CSV file, for sending; `site` is the site's public address."""
    rows = ([user.name, user.email or "", f"{site}/password/{link.secret}"] for user, link in links)
    return csv_text([["name", "email", "link"], *rows])


def _change(line: int, fields: dict[str, str], known: dict[str, User], who: User) -> Change:
    """Raises Refusal when the line cannot be."""
    email, name = plain_email(fields.get("email", "")), plain_name(fields.get("name", ""))
    if email is None:
        raise PeopleError(_("The email is missing."))
    if any(len(text) > LONGEST_FIELD for text in fields.values()):
        raise PeopleError(_("A field is longer than %(most)s characters."), most=LONGEST_FIELD)
    there = known.get(email)
    asked = fields.get("role", "")
    role = _ROLES.get(folded(asked)) if asked else (there.role if there else "learner")
    if role is None:
        raise PeopleError(
            _("There is no role “%(role)s”. The roles: %(roles)s."), role=asked, roles=", ".join(ROLES)
        )
    section = fields.get("section", there.section if there else "")
    if not section.isprintable():
        raise PeopleError(_("An id and a section are printable characters."))
    if there is None:
        if not may_give(who.role, role):
            raise NotYours(_("Only somebody with a higher role may do this."))
        return Change(line, "new", name, email, role, section)
    now = {"name": there.name, "role": there.role, "section": there.section}
    then = {"name": name, "role": role, "section": section}
    before = {key: value for key, value in now.items() if value != then[key]}
    if before and not (may_give(who.role, there.role) and may_give(who.role, role)):
        raise NotYours(_("Only somebody with a higher role may do this."))
    if "role" in before and there.id == who.id:
        raise NotYours(_("Nobody changes their own role. Another admin can."))
    kind: Literal["changed", "same"] = "changed" if before else "same"
    return Change(line, kind, name, email, role, section, before, there.disabled_at is not None)


def _rows(file: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines with their numbers, as fields by column; empty lines are left out."""
    text = _decoded(file)
    first, _end, rest = text.partition("\n")
    skipped = 0
    if first.strip().casefold().startswith("sep="):  # a spreadsheet's word for its own delimiter
        text, skipped = rest, 1
        first = rest.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str | None] = []
    found: list[tuple[int, dict[str, str]]] = []
    try:
        for cells in reader:
            line = reader.line_num + skipped
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
                continue
            fields = {name: from_cell(cell) for name, cell in zip(columns, cells, strict=False) if name}
            found.append((line, fields))
            if len(found) > MOST_ROWS:
                raise RosterRefused(_("A roster has at most %(most)s lines."), most=MOST_ROWS)
    except csv.Error:
        raise RosterRefused(
            _("Line %(line)s cannot be read as CSV. Is a quotation mark left open?"),
            line=reader.line_num + skipped,
        ) from None
    if not columns:
        raise RosterRefused(_("The file is empty."))
    return found


def _columns(cells: list[str]) -> list[str | None]:
    columns = [_HEADINGS.get(folded(cell)) for cell in cells]
    if "name" not in columns or "email" not in columns:
        raise RosterRefused(
            _("The first line names the columns: name, email and, if you like, role and section.")
        )
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        raise RosterRefused(_("A column stands in this file twice."))
    return columns


def _decoded(file: bytes) -> str:
    encoding = "utf-16" if file[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = file.decode(encoding)
    except UnicodeDecodeError:
        raise RosterRefused(
            _("The file is not UTF-8 text. In a spreadsheet choose “CSV UTF-8” when saving it.")
        ) from None
    if "\0" in text:
        raise RosterRefused(_("This is not a CSV file. In a spreadsheet choose “CSV UTF-8” when saving it."))
    return text
