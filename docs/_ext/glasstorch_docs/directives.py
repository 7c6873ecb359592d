"""The reference's pages: entries of public names, of ops, of a tensor's members, as document nodes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import glasstorch
from docutils import nodes
from docutils.parsers.rst import directives
from glasstorch.core.op import Op
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from . import catalogue, docstrings, formulas, groups
from .catalogue import Entry


# ------------------------------------------------------------------ small nodes
def text(*parts: Any) -> nodes.paragraph:
    """A paragraph of strings (with ``code``) and nodes."""
    out = nodes.paragraph()
    for part in parts:
        out += list(docstrings.inline(part)) if isinstance(part, str) else part
    return out


def formula(latex: str) -> nodes.math:
    formulas.mathml(latex)  # (a formula that cannot be read is an error of the build)
    return nodes.math(latex, latex)


def root_of(docname: str) -> str:
    """What leads from a page to the site's root."""
    return "../" * docname.count("/")


def source_link(docname: str, place: catalogue.Place, words: str = "source") -> nodes.reference:
    uri = f"{root_of(docname)}source/{place.path}.html#L{place.line}"
    return nodes.reference("", words, refuri=uri, internal=True, classes=["source-link"])


def refer(name: str, words: str = "") -> addnodes.pending_xref:
    """A link to an entry by its name."""
    shown = nodes.literal("", words or name.rpartition(".")[2])
    return addnodes.pending_xref(
        "", shown, refdomain="py", reftype="obj", reftarget=name, refexplicit=True, refwarn=True
    )


def rows(pairs: Iterable[tuple[str, list[nodes.Node]]]) -> nodes.field_list:
    """Lines of "name: what"."""
    out = nodes.field_list(classes=["facts"])
    for name, body in pairs:
        out += nodes.field(
            "", nodes.field_name("", name), nodes.field_body("", nodes.paragraph("", "", *body))
        )
    return out


def commas(parts: Iterable[nodes.Node]) -> list[nodes.Node]:
    out: list[nodes.Node] = []
    for part in parts:
        out += [nodes.Text(", "), part] if out else [part]
    return out


# ------------------------------------------------------------------ what an op is
def op_name(op: Op) -> str:
    return f"ops.{op.name}"


def formula_rows(
    op: Op, names: list[str] | None = None, of: str = ""
) -> Iterator[tuple[str, list[nodes.Node]]]:
    """Forward, and the gradient for each parameter that has one.

    ``names``: the parameters of the function that is the op, whose own may be called otherwise. ``of``: the op's name,
    where the function is more than the op.
    """
    of = of and f" ({of})"
    if op.formula:
        yield f"Forward{of}", [formula(op.formula)]
    called = {p.name: p.name for p in op.params}
    if names:
        pairs = zip(called, names)
        called |= {own: public for own, public in pairs if own not in names and public not in called}
    for name, latex in op.derivative_formulas.items():
        yield f"Gradient of {called[name]}{of}", [formula(latex)]
    if not op.derivatives:
        yield (
            f"Gradient{of}",
            [nodes.Text("none: the result does not change smoothly, or has no numbers to follow")],
        )


def op_rows(op: Op) -> Iterator[tuple[str, list[nodes.Node]]]:
    """What the graph keeps of it."""
    if op.derivatives:
        yield "Node", [nodes.literal("", op.node_class.__name__)]
        saved = commas(nodes.literal("", name) for name in op.saves)
        yield "Saves", saved or [nodes.Text("nothing")]
    if op.view:
        yield "View", [nodes.Text("the result shares the input's memory")]


# ------------------------------------------------------------------ entries
class Page(SphinxDirective):
    """A directive that makes entries."""

    required_arguments = 1
    optional_arguments = 0
    has_content = False

    @property
    def domain(self) -> Any:
        return self.env.domains["py"]

    def note(self, name: str, kind: str) -> str:
        """Make a name known to links, to search and to the index; gives its anchor."""
        self.domain.note_object(name, kind, name, location=(self.env.docname, self.lineno))
        return name

    def described(self, entry: Entry, body: list[nodes.Node], kind: str = "") -> list[nodes.Node]:
        kind = kind or {"function": "function", "class": "class", "data": "data"}[entry.kind]
        anchor = self.note(entry.name, kind)
        prefix, _, short = entry.name.rpartition(".")
        signature = addnodes.desc_signature(entry.name, "", classes=["sig", "sig-object", "py"], ids=[anchor])
        signature["fullname"], signature["module"] = entry.name, None
        if kind == "class":
            signature += addnodes.desc_annotation("class ", "class ")
        signature += addnodes.desc_addname("", prefix + "." if prefix else "")
        signature += addnodes.desc_name("", short)
        for part in self.parameters(entry.signature):
            signature += part
        if entry.place:
            signature += nodes.inline("", "", source_link(self.env.docname, entry.place), classes=["source"])
        for other in entry.also:
            signature.insert(0, nodes.target("", "", ids=[self.note(other, kind)]))
        content = addnodes.desc_content("", *body)
        desc = addnodes.desc(
            "", signature, content, domain="py", objtype=kind, desctype=kind, classes=["py", kind]
        )
        desc["no-index"] = desc["noindex"] = False
        index = addnodes.index(entries=[("single", f"{short} ({prefix})", anchor, "", None)])
        return [index, desc]

    @staticmethod
    def parameters(signature: str) -> list[nodes.Node]:
        if not signature:
            return []
        arguments, arrow, result = (
            signature.partition(" -> ") if not signature.count("->") > 1 else (signature, "", "")
        )
        out: list[nodes.Node] = [nodes.inline("", arguments, classes=["sig-arguments"])]
        if arrow:
            out.append(addnodes.desc_returns("", result))
        return out

    def body_of(self, entry: Entry) -> list[nodes.Node]:
        body: list[nodes.Node] = []
        body += docstrings.render(entry.doc)
        facts: list[tuple[str, list[nodes.Node]]] = []
        bases = [base for base in entry.bases if base not in ("Module", "Optimizer", "LRScheduler")]
        if bases:
            facts.append(("Kind of", commas(nodes.literal("", base) for base in bases)))
        if entry.computes:
            facts.append(
                ("Computes", commas(refer(name, name.partition(".nn.")[2]) for name in entry.computes))
            )
        if entry.op is not None:
            facts += list(formula_rows(entry.op, catalogue.parameter_names(entry.signature)))
        elif len(entry.runs) == 1:
            facts += list(formula_rows(entry.runs[0], of=entry.runs[0].name))
        others = [name.rpartition(".")[2] for name in entry.also if not name.endswith("_")]
        if others:
            facts.append(("Also", commas(nodes.literal("", name) for name in others)))
        if entry.forms:
            facts.append(("Forms", commas(nodes.literal("", form) for form in entry.forms)))
        if entry.op is not None:
            facts += list(op_rows(entry.op))
        elif entry.runs:
            facts.append(("Runs", commas(refer(op_name(op)) for op in entry.runs)))
        if facts:
            body.append(rows(facts))
        return body

    def members_of(self, entry: Entry) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for member in entry.members:
            kind = "attribute" if member.kind == "data" else "method"
            out += self.described(member, docstrings.render(member.doc), kind)
        return out

    def entries(self, entries: Iterable[Entry]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for entry in entries:
            out += self.described(entry, self.body_of(entry) + self.members_of(entry))
        return out

    def section(self, title: str, *body: nodes.Node, prefix: str = "") -> nodes.section:
        made = nodes.section("", nodes.title("", title), ids=[nodes.make_id(f"{prefix} {title}") or "more"])
        self.state.document.note_implicit_target(made, made)
        made += list(body)
        return made

    def overview(self, entries: Iterable[Entry]) -> nodes.paragraph:
        """All names in one line, to jump to."""
        names = commas(refer(entry.name, entry.short) for entry in entries)
        return nodes.paragraph("", "", *names, classes=["names"])


def with_aliases(path: str, names: list[str]) -> list[Entry]:
    """Entries of names of one namespace. Second names and functions that write in place are told with the first."""
    module, public = catalogue.space(path), set(catalogue.public_names(path))
    first: dict[str, str] = {}
    for name in names:
        value = getattr(module, name)
        own = getattr(getattr(value, "op", None), "name", None) or getattr(value, "__name__", name)
        base = name.rstrip("_")
        if base != name and base in public and inspect.isfunction(value):
            first[name] = first.get(base, base)
        elif own != name and own in names and getattr(module, own) is value and not own.startswith("_"):
            first[name] = own
    entries = {n: catalogue.describe(f"{path}.{n}", getattr(module, n)) for n in names if n not in first}
    for name, own in first.items():
        own = first.get(own, own)
        if own in entries:
            entries[own].also.append(f"{path}.{name}")
        else:  # its first name stands on another page
            entries[name] = catalogue.describe(f"{path}.{name}", getattr(module, name))
    return sorted(entries.values(), key=lambda e: e.name.lower())


class TorchGroup(Page):
    """``{torch-group} pointwise``: the names of ``torch`` in one group."""

    def run(self) -> list[nodes.Node]:
        entries = with_aliases("torch", groups.names_of(self.arguments[0]))
        if self.arguments[0] != "types":
            return [self.overview(entries), *self.entries(entries)]
        kinds: dict[str, list[Entry]] = {
            "Classes": [],
            "Functions": [],
            "Types and constants": [],
            "Old names": [],
        }
        for entry in entries:
            old = entry.short.endswith(("Storage", "Tensor")) and entry.short not in (
                "UntypedStorage",
                "TypedStorage",
            )
            what = {"class": "Classes", "function": "Functions", "data": "Types and constants"}[entry.kind]
            kinds["Old names" if old else what].append(entry)
        return [self.section(title, self.overview(es), *self.entries(es)) for title, es in kinds.items()]


class Space(Page):
    """``{space} torch.optim``: a namespace, by the files that define its names."""

    option_spec: ClassVar = {"flat": directives.flag, "title": directives.unchanged, "brief": directives.flag}

    def run(self) -> list[nodes.Node]:
        path = self.arguments[0]
        by_file: dict[str, list[str]] = {}
        for name in catalogue.public_names(path):
            by_file.setdefault(groups.heading(catalogue.group_by_file(path, name)), []).append(name)
        out: list[nodes.Node] = []
        if "flat" in self.options or len(by_file) == 1:
            entries = self.look(path, [n for names in by_file.values() for n in names])
            out = [self.overview(entries), *self.entries(entries)]
        else:
            for title, names in sorted(by_file.items(), key=lambda one: (one[0] == "More", one[0])):
                entries = self.look(path, names)
                prefix = path.partition(".")[2].replace(".", "-")
                out.append(self.section(title, self.overview(entries), *self.entries(entries), prefix=prefix))
        if "title" in self.options:
            return [self.section(self.options["title"], *out)]
        return out

    def look(self, path: str, names: list[str]) -> list[Entry]:
        entries = with_aliases(path, sorted(names, key=str.lower))
        for entry in entries:
            if "brief" in self.options:
                entry.members = []
        return entries


class TensorMembers(Page):
    """``{tensor-members} methods``: what a tensor has. What is a function of ``torch`` too is described there."""

    def run(self) -> list[nodes.Node]:
        cls = glasstorch.Tensor
        entry = catalogue.describe("torch.Tensor", cls)
        attributes = [m for m in entry.members if m.kind == "data"]
        methods = [m for m in entry.members if m.kind == "function"]
        public = set(catalogue.public_names("torch"))
        own = [
            m
            for m in methods
            if m.short not in public and not (m.short.endswith("_") and m.short[:-1] in public)
        ]
        shared = [m for m in methods if m not in own]
        for member in own:
            self.add_formula(member)
        entry.members = []
        links: list[nodes.Node] = []
        for member in shared:
            name = member.short if member.short in public else member.short[:-1]
            links.append(refer(f"torch.{name}", member.short))
            self.note(member.name, "method")
        where = nodes.paragraph("", "", *commas(links), classes=["names"], ids=[m.name for m in shared])
        return [
            *self.entries([entry]),
            self.section("Attributes", self.overview(attributes), *self.members(attributes, "attribute")),
            self.section(
                "Methods that are functions too", text("Each is described with its function."), where
            ),
            self.section("Methods of tensors alone", self.overview(own), *self.members(own, "method")),
        ]

    def members(self, members: list[Entry], kind: str) -> list[nodes.Node]:
        return [node for m in members for node in self.described(m, self.body_of(m), kind)]

    @staticmethod
    def add_formula(member: Entry) -> None:
        op = getattr(catalogue.origin(member.value), "op", None)
        if isinstance(op, Op):
            member.op = op
        if member.short.endswith("_") and not member.doc:
            member.doc = "In place."


class Operations(Page):
    """``{operations} all``: every op of the registry, by the file that defines it."""

    def run(self) -> list[nodes.Node]:
        by_file: dict[str, list[Op]] = {}
        for op in catalogue.registered_ops().values():
            by_file.setdefault(catalogue.op_file(op), []).append(op)
        out = []
        for stem, ops in sorted(by_file.items()):
            entries = [self.entry(op) for op in ops]
            out.append(self.section(groups.heading(stem), self.overview(entries), *self.ops(entries)))
        return out

    @staticmethod
    def entry(op: Op) -> Entry:
        _, doc = catalogue.split_doc(op, op.name)
        said = docstrings_of(op)
        names = ", ".join(
            p.name + ("" if p.default is p.empty else f"={catalogue._default(p.default)}") for p in op.params
        )
        return Entry(
            op_name(op), op, "function", f"({names})", said or doc, op=op, place=catalogue.op_place(op)
        )

    def ops(self, entries: list[Entry]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for entry in entries:
            op = entry.op
            assert op is not None
            body = docstrings.render(entry.doc)
            facts = [*formula_rows(op), *op_rows(op)]
            out += self.described(entry, [*body, rows(facts)])
        return out


class Compiled(SphinxDirective):
    """``{compiled} exp``: the text of an op's function, as the engine wrote it at import."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        code = glasstorch.core.op.REGISTRY[self.arguments[0]].function.source
        return [nodes.literal_block(code, code, language="python")]


@functools.cache
def docstrings_of(op: Op) -> str:
    """An op's docstring without the signature that it begins with."""
    first, _, rest = op.doc.partition("\n\n")
    return rest.strip() if rest and "(" in first and "->" in first else op.doc


def setup(app: Any) -> None:
    app.add_directive("torch-group", TorchGroup)
    app.add_directive("space", Space)
    app.add_directive("tensor-members", TensorMembers)
    app.add_directive("operations", Operations)
    app.add_directive("compiled", Compiled)
