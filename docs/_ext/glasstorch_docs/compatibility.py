"""The compatibility table: every public name of PyTorch and torchvision, and whether Glasstorch has it."""

from __future__ import annotations

import functools
import importlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from .directives import commas, refer, text

HERE = Path(__file__).parent
NAMES, ABSENT = HERE / "pytorch_names.txt", HERE / "absent.toml"


@dataclass(frozen=True)
class Reason:
    """Why some names are not there."""

    title: str
    plan: str
    text: str
    names: tuple[str, ...]

    def matches(self, name: str) -> bool:
        return any(_pattern(pattern).fullmatch(name) for pattern in self.names)


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    """``*`` stands for part of a name; at the end, after a dot, for everything below."""
    text, below = (text[:-2], r"\..+") if text.endswith(".*") else (text, "")
    return re.compile(re.escape(text).replace(r"\*", r"[^.]*") + below)


@functools.cache
def wanted() -> dict[str, list[str]]:
    """PyTorch's public names, by namespace."""
    out: dict[str, list[str]] = {}
    for line in NAMES.read_text("utf-8").splitlines():
        if line.startswith("["):
            out[line.strip("[]")] = current = []
        elif line and not line.startswith("#"):
            current += line.split()
    return out


@functools.cache
def compared_with() -> str:
    """PyTorch 2.13.0, torchvision 0.28.0"""
    return NAMES.read_text("utf-8").splitlines()[0].lstrip("# ").partition(". W")[0]


@functools.cache
def reasons() -> tuple[Reason, ...]:
    found = tomllib.loads(ABSENT.read_text("utf-8"))["reason"]
    return tuple(Reason(r["title"], r["plan"], " ".join(r["text"].split()), tuple(r["names"])) for r in found)


def reason_of(name: str) -> Reason | None:
    """Why a name is absent: the first reason that names it."""
    return next((r for r in reasons() if r.matches(name)), None)


def _find(space: str) -> Any:
    path = (
        space.replace("torchvision", "glasstorch.vision")
        if space.startswith("torchvision")
        else "glass" + space
    )
    try:
        return importlib.import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        try:
            return getattr(importlib.import_module(module), name, None)
        except ImportError:
            return None


@functools.cache
def compared() -> dict[str, tuple[list[str], list[str]]]:
    """Of each namespace the names that are there, and those that are not."""
    out = {}
    for space, names in wanted().items():
        here = _find(space)
        there = [n for n in names if here is not None and hasattr(here, n)]
        out[space] = there, sorted(set(names) - set(there))
    return out


# ------------------------------------------------------------------ the page
def _table(head: list[str], body: list[list[list[nodes.Node]]], widths: list[int]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=w) for w in widths), cols=len(head))
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", h)) for h in head)))
    rows = [nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in row)) for row in body]
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["compatibility"])


class Compatibility(SphinxDirective):
    """``{compatibility} total``, ``summary`` (a row for each namespace), ``absent`` (by reason) or ``present``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        for path in (NAMES, ABSENT):
            self.env.note_dependency(str(path))
        return getattr(self, self.arguments[0])()

    def summary(self) -> list[nodes.Node]:
        body = []
        for space, (there, missing) in compared().items():
            n = len(there) + len(missing)
            if not there:  # the whole of it is absent: a line below says why
                continue
            body.append([[nodes.literal("", space)], [nodes.Text(f"{len(there)} of {n}")],
                         [nodes.Text(f"{100 * len(there) // max(n, 1)} %")]])  # fmt: skip
        return [_table(["Namespace", "Names", "Share"], body, [50, 25, 25])]

    @staticmethod
    def total() -> list[nodes.Node]:
        have = sum(len(there) for there, _ in compared().values())
        everything = sum(len(names) for names in wanted().values())
        return [text(f"{compared_with()}: {have:,} of {everything:,} public names are here.")]

    def absent(self) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for reason in reasons():
            by_space = {
                space: [n for n in missing if reason_of(f"{space}.{n}") is reason]
                for space, (_, missing) in compared().items()
            }
            items = []
            for space, names in by_space.items():
                if names:
                    whole = len(names) == len(wanted()[space])
                    shown = text(nodes.literal("", space), ": ", "all of it" if whole else ", ".join(names))
                    items.append(nodes.list_item("", shown))
            if items:
                word = "Not planned." if reason.plan == "never" else "Not there yet."
                section = nodes.section("", nodes.title("", reason.title), ids=[nodes.make_id(reason.title)])
                section += [text(nodes.strong("", word), " ", reason.text), nodes.bullet_list("", *items)]
                self.state.document.note_implicit_target(section, section)
                out.append(section)
        return out

    def present(self) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for space, (there, _) in compared().items():
            if not there:
                continue
            here = space.replace("torchvision", "torch.vision")
            links = [self.link(f"{here}.{n}", n) for n in there]
            term = nodes.term("", "", nodes.literal("", space))
            body = nodes.definition("", nodes.paragraph("", "", *commas(links), classes=["names"]))
            out.append(nodes.definition_list_item("", term, body))
        return [nodes.definition_list("", *out)]

    @staticmethod
    def link(name: str, words: str) -> nodes.Node:
        found: addnodes.pending_xref = refer(name, words)
        found["refwarn"] = False
        return found


def setup(app: Any) -> None:
    app.add_directive("compatibility", Compatibility)
