"""The list of lessons: read from each lesson's folder, so that a new lesson is on the page by being there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from . import docstrings
from .catalogue import ROOT
from .directives import text

LESSONS = ROOT / "lessons"


@dataclass(frozen=True)
class Lesson:
    """What a list says of a lesson."""

    slug: str
    number: int
    title: str
    title_zh: str
    question: str
    question_zh: str
    minutes: int | None
    exercises: tuple[tuple[str, str, int, str], ...]  # id, title, points, track


def _title(source: Path) -> str:
    match = re.search(r"^# # (.+)$", source.read_text("utf-8"), re.M) if source.is_file() else None
    return match[1].strip() if match else ""


def _exercise(folder: Path, notebook: str) -> tuple[str, str, int, str]:
    facts = tomllib.loads((folder / "exercise.toml").read_text("utf-8"))
    before = notebook[: max(notebook.find(f"@exercise {folder.name}\n"), 0)]
    tracks = re.findall(r"^# ##+ .*\((use|build)\)\s*$", before, re.M)
    track = tracks[-1] if tracks else ""
    return facts.get("id", folder.name), facts.get("title", folder.name), int(facts.get("points", 0)), track


def lessons() -> list[Lesson]:
    """All lessons, in order."""
    out = []
    for folder in sorted(LESSONS.glob("[0-9][0-9]-*")):
        source = folder / f"{folder.name}.py"
        if not source.is_file() or not (folder / "lesson.toml").is_file():
            continue
        facts = tomllib.loads((folder / "lesson.toml").read_text("utf-8"))
        title = _title(source)
        exercises = sorted(p.parent for p in folder.glob("exercises/*/exercise.toml"))
        out.append(Lesson(
            folder.name, int(folder.name[:2]), title, _title(folder / f"{folder.name}.zh.py"),
            facts.get("question", ""), facts.get("question_zh", ""), facts.get("minutes"),
            tuple(_exercise(e, source.read_text("utf-8")) for e in _in_order(exercises, source)),
        ))  # fmt: skip
    return out


def _in_order(exercises: list[Path], source: Path) -> list[Path]:
    """As the notebook has them."""
    said = source.read_text("utf-8")
    return sorted(exercises, key=lambda e: (said.find(f"@exercise {e.name}") % (len(said) + 1), e.name))


class Course(SphinxDirective):
    """``{lessons}``: a section for each lesson."""

    def run(self) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for lesson in lessons():
            self.env.note_dependency(str(LESSONS / lesson.slug / "lesson.toml"))
            self.env.note_dependency(str(LESSONS / lesson.slug / f"{lesson.slug}.py"))
            out.append(self.section(lesson))
        return out

    def section(self, lesson: Lesson) -> nodes.section:
        title = f"{lesson.number} · {re.sub(r'^[0-9]+ *[·.:] *', '', lesson.title)}"
        made = nodes.section("", nodes.title("", title), ids=[f"lesson-{lesson.slug}"])
        self.state.document.note_implicit_target(made, made)
        if lesson.question:
            made += nodes.paragraph("", "", nodes.strong("", "", *docstrings.inline(lesson.question)))
        if lesson.question_zh or lesson.title_zh:
            said = " · ".join(t for t in (lesson.title_zh, lesson.question_zh) if t)
            made += nodes.raw("", f'<p class="chinese" lang="zh-Hans">{escape(said)}</p>', format="html")
        facts = [f"{lesson.minutes} minutes"] if lesson.minutes else []
        n = len(lesson.exercises)
        facts += [f"{n} exercise{'s' * (n != 1)}"] if n else []
        made += text(" · ".join([*facts, f"``lessons/{lesson.slug}/``"]))
        if lesson.exercises:
            items = [
                nodes.list_item("", text(f"{title} (``{name}``, {points} points{track and ', ' + track})"))
                for name, title, points, track in lesson.exercises
            ]
            made += nodes.bullet_list("", *items)
        return made


def setup(app: Any) -> None:
    app.add_directive("lessons", Course)
