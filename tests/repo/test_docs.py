"""The documentation site: made from the engine itself, whole, with every link leading somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="the site is built with the extra [docs]")
DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

from glasstorch_docs import catalogue, compatibility, course, docstrings, formulas, groups, links, sources  # noqa: E402

PAGES = sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.parts)
TEXTS = {page.relative_to(DOCS).as_posix(): page.read_text("utf-8") for page in PAGES}
SPACES = re.findall(r"^```\{space\} (\S+)", "\n".join(TEXTS.values()), re.M)


def test_every_differentiable_operation_has_formulas_that_can_be_drawn():
    without = []
    for name, op in catalogue.registered_ops().items():
        said = [op.formula, *op.derivative_formulas.values()] if op.derivatives else [op.formula or "x"]
        without += [name for latex in said if not latex]
        for latex in filter(None, said):
            assert formulas.mathml(latex).startswith("<math"), name
    assert not without


def test_a_formula_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="cannot be read"):
        formulas.mathml(r"\frac{1}{")


def test_every_operation_and_every_name_has_a_line_of_source():
    nowhere = [name for name, op in catalogue.registered_ops().items() if catalogue.op_place(op) is None]
    assert not nowhere
    for name in ("exp", "mul", "conv", "batch_norm", "linalg_svd"):
        place = catalogue.op_place(catalogue.registered_ops()[name])
        text = catalogue.lines_of(catalogue.ROOT / place.path)[place.line - 1]
        assert name.removeprefix("linalg_") in text, (name, place, text)


def test_every_name_of_torch_stands_on_one_page():
    names = [n for n in catalogue.public_names("torch") if n != "Tensor"]
    assert len(names) > 600
    by_group = {name: groups.group_of(name) for name in names}  # KeyError: a file that is in no group
    shown = re.findall(r"^```\{torch-group\} (\S+)", "\n".join(TEXTS.values()), re.M)
    assert sorted(shown) == sorted(set(by_group.values())) == sorted(groups.TITLES)
    assert by_group["exp"] == "pointwise"
    assert by_group["sum"] == "reduction"
    assert by_group["cat"] == "joining"
    assert by_group["zeros"] == "creation"


def test_functions_made_of_operations_name_them():
    def described(name):
        return catalogue.describe(
            name, getattr(catalogue.space(name.rpartition(".")[0]), name.rpartition(".")[2])
        )

    assert described("torch.exp").op.name == "exp"
    assert "x.exp_(…)" in described("torch.exp").forms
    assert "out=" in described("torch.exp").forms
    assert described("torch.nn.functional.relu").op.name == "relu"
    assert {op.name for op in described("torch.nn.functional.conv2d").runs} == {"constant_pad", "conv"}
    assert described("torch.nn.Linear").computes == ["torch.nn.functional.linear"]
    assert "lr" in described("torch.optim.SGD").signature


@pytest.mark.parametrize("path", sorted(SPACES))
def test_every_page_of_a_namespace_has_something_to_say(path):
    names = catalogue.public_names(path)
    assert names, path
    entries = [catalogue.describe(f"{path}.{n}", getattr(catalogue.space(path), n)) for n in names]
    for entry in entries:
        if entry.kind != "data":
            assert docstrings.render(entry.doc), f"{entry.name} has no help"


def test_formulas_are_told_of_what_they_belong_to():
    pages = pytest.importorskip("glasstorch_docs.directives")
    ops = catalogue.registered_ops()
    names = catalogue.parameter_names("(input, mat1, mat2, *, beta=1, alpha=1, out=None) -> Tensor")
    own = [row for row, _ in pages.formula_rows(ops["addmm"], names)]
    assert own == ["Forward", "Gradient of input", "Gradient of mat1", "Gradient of mat2"]
    part = [row for row, _ in pages.formula_rows(ops["bmm"], of="bmm")]
    assert part == ["Forward (bmm)", "Gradient of input (bmm)", "Gradient of mat2 (bmm)"]


def test_docstrings_are_taken_as_they_are():
    shown = [
        node.astext()
        for node in docstrings.render(
            "The |x| of ``add_``.\n\nArgs:\n    dim: which\n        one.\n\nSo::\n\n    x = 1\n\n- a\n- b"
        )
    ]
    assert shown == ["The |x| of add_.", "Args:", "dim\n\nwhich one.", "So:", "x = 1", "a\n\nb"]


# ------------------------------------------------------------------ links
def test_links_to_source_lead_to_one_line():
    found = 0
    for name, text in TEXTS.items():
        for target in re.findall(r"(?<!`)\{source\}`([^`]+)`", text):
            path, _, wanted = target.partition(":")
            place = links.find(path, wanted)  # LookupError otherwise
            assert (catalogue.ROOT / place.path) in sources.files(), name
            found += 1
    assert found > 30
    with pytest.raises(LookupError):
        links.find("core/walk.py", "no such line")


def test_links_between_pages_lead_to_pages():
    broken = []
    for name, text in TEXTS.items():
        folder = (DOCS / name).parent
        prose = re.sub(
            r"```.*?```", "", links.rewrite(text, folder, name.removesuffix(".md")), flags=re.DOTALL
        )
        for target in re.findall(r"\]\(([^)#\s]+)", prose):
            if not re.match(r"[a-z]+:", target) and not (folder / target).is_file():
                broken.append(f"{name}: {target}")
    assert not broken


def test_every_page_is_in_the_contents():
    listed = set()
    for name, text in TEXTS.items():
        for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
            folder = (DOCS / name).parent
            for line in block.splitlines():
                if line and not line.startswith(":"):
                    listed.add((folder / f"{line}.md").resolve().relative_to(DOCS).as_posix())
    assert listed | {"index.md"} == set(TEXTS)


def test_the_reading_order_is_of_files_that_exist():
    text = TEXTS["how/reading-order.md"]
    steps = re.findall(r"^(\d+)\. \{source\}`([^`]+)` · (\d+) minutes\. \S", text, re.M)
    assert [int(n) for n, _, _ in steps] == list(range(1, len(steps) + 1))
    assert 12 <= len(steps) <= 15
    assert len({path for _, path, _ in steps}) == len(steps)
    assert 150 <= sum(int(minutes) for _, _, minutes in steps) <= 210, "the page says about three hours"
    assert 55 <= sum(int(minutes) for _, _, minutes in steps[:5]) <= 65, "the page says one hour"


def test_pages_of_the_repository_lose_no_link_text():
    text = links.rewrite(
        "[how](CONTRIBUTING.md#set-up) [binder](binder/) [x](https://a.b) [`f`](engine/) [a](docs/exercises.md)",
        catalogue.ROOT, "changelog",
    )  # fmt: skip
    assert text == "[how](contributing.md#set-up) `binder` [x](https://a.b) `f` [a](exercises.md)"


# ------------------------------------------------------------------ compatibility
def test_every_absent_name_has_a_reason_and_every_reason_a_name():
    used = set()
    for space, (_, missing) in compatibility.compared().items():
        for name in missing:
            reason = compatibility.reason_of(f"{space}.{name}")
            assert reason is not None, f"{space}.{name} is not there, and nobody says why"
            used.add(reason)
    assert used == set(compatibility.reasons())


def test_what_is_compared_is_all_of_it():
    assert len(compatibility.wanted()) > 80
    assert {"relu", "randn", "cat"} <= set(compatibility.wanted()["torch"])
    there, missing = compatibility.compared()["torch.nn"]
    assert "Linear" in there
    assert len(there) > 150
    assert not set(there) & set(missing)


def test_the_names_of_pytorch_are_current():
    torch = pytest.importorskip("torch")
    said = compatibility.compared_with()
    if re.match(r"[\d.]+", torch.__version__)[0] not in said:
        pytest.skip(f"the file is of {said}, here is {torch.__version__}")
    program = DOCS.parent / "tests" / "support" / "pytorch_names.py"
    done = subprocess.run([sys.executable, program, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run: python tests/support/pytorch_names.py\n{done.stdout}{done.stderr}"


# ------------------------------------------------------------------ the course
def test_every_lesson_is_listed_with_what_a_learner_wants_to_know():
    folders = {p.parent.name for p in (catalogue.ROOT / "lessons").glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb")}
    listed = {lesson.slug: lesson for lesson in course.lessons()}
    assert set(listed) == folders
    for lesson in listed.values():
        assert lesson.title, lesson.slug
        assert lesson.question, f"{lesson.slug}/lesson.toml has no question"
        assert lesson.question_zh, f"{lesson.slug}/lesson.toml has no question_zh"
        assert 20 <= (lesson.minutes or 0) <= 60, lesson.slug
        exercises = {
            p.parent.name
            for p in (catalogue.ROOT / "lessons" / lesson.slug).glob("exercises/*/exercise.toml")
        }
        assert {e[0] for e in lesson.exercises} == exercises


# ------------------------------------------------------------------ a small site, built for real
@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of two pages, with the settings of the real one."""
    folder = tmp_path_factory.mktemp("site")
    source, out = folder / "source", folder / "out"
    source.mkdir()
    (source / "index.md").write_text(
        "# Start\n\nSee {source}`core/walk.py:class Walk:`, $x \\odot y$.\n\n```{compiled} exp\n```\n\n"
        "```{toctree}\nreductions\noptim\n```\n",
        "utf-8",
    )
    (source / "reductions.md").write_text("# Reductions\n\n```{torch-group} reduction\n```\n", "utf-8")
    (source / "optim.md").write_text(
        "# Optim\n\n```{space} torch.optim.swa_utils\n:title: swa\n```\n", "utf-8"
    )
    # What other pages describe is no error here: links to it are shown as plain names.
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-c", DOCS, "-d", folder / "trees",
               "-D", "source_pages=engine/glasstorch/core,engine/glasstorch/ops/", source, out]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=DOCS)
    assert done.returncode == 0, done.stderr
    complaints = [line for line in done.stderr.splitlines() if "reference target not found" not in line]
    assert not complaints, "\n".join(complaints)
    return out


def test_a_page_shows_formulas_forms_and_source(site):
    page = (site / "reductions.html").read_text("utf-8")
    entry = page[page.index('id="torch.logsumexp"') : page.index('id="torch.max"')]
    assert entry.count("<math") >= 2
    assert "Gradient of input" in entry
    assert "x.logsumexp(…)" in entry
    target, line = re.search(r'href="(source/engine/glasstorch/ops/\w+\.py\.html)#(L\d+)"', entry).groups()
    assert f'id="{line}"' in (site / target).read_text("utf-8")
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", re.sub(r"<a [^>]*>", "", page)), (
        "loaded from elsewhere"
    )


def test_a_link_to_source_opens_its_line(site):
    page = (site / "index.html").read_text("utf-8")
    target, line = re.search(r'href="(source/engine/glasstorch/core/walk\.py\.html)#L(\d+)"', page).groups()
    shown = (site / target).read_text("utf-8")
    at = shown.index(f'id="L{line}"')
    assert "Walk" in shown[at : at + 200]
    assert shown.count('class="line"') == len(
        catalogue.lines_of(catalogue.ENGINE / "glasstorch/core/walk.py")
    )
    assert "ufunc(x_input)" in re.sub(r"<[^>]+>", "", page)


def test_what_is_described_can_be_searched(site):
    index = (site / "searchindex.js").read_text("utf-8")
    assert '"logsumexp"' in index
    assert '"AveragedModel"' in index
