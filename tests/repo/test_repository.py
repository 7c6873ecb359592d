"""The files of the repository: what the README promises exists, and nothing names somebody's machine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
# Home folders other than the one every Binder image has; workplaces; addresses of package registries.
MACHINE = re.compile(
    r"/(?:root|work)/|/home/(?!jovyan\b)\w|/Users/\w|\.pyenv|extra-index-url|find-links|index-url",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_no_file_names_a_machine(tracked: list[Path]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked
        if path != Path(__file__) and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_notebook_is_committed_with_outputs(tracked: list[Path]) -> None:
    import nbformat

    for path in tracked:
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            dirty = [
                cell.id
                for cell in cells
                if cell.cell_type == "code" and (cell.outputs or cell.execution_count)
            ]
            assert not dirty, f"{path.relative_to(ROOT)} has outputs in cells {dirty}"


def shell_lines(document: str) -> list[str]:
    blocks = re.findall(r"```(?:sh|bash|console)\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)
    return [
        line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines() if line.strip()
    ]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_commands_in_the_documents_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = {entry.name for entry in entry_points(group="glasstorch.commands")}
    seen = 0
    for line in shell_lines(document):
        for program, word in re.findall(r"\b(make|glasstorch) ([a-z][a-z-]*)", line):
            assert word in (targets if program == "make" else commands), f"{document}: `{line}`"
            seen += 1
    assert seen


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_in_the_documents_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text) + re.findall(
        r"<img[^>]+src=\"(?!https?:)([^\"]+)", text
    )
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing


def test_readme_starts_with_two_commands() -> None:
    first_block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert first_block
    clone, start = first_block[1].splitlines()
    assert clone.startswith("git clone ")
    assert start.endswith("make start")


def test_the_wheel_holds_every_tracked_file_of_the_packages(tracked: list[Path], tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("glasstorch-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    roots = {"engine": "glasstorch", "widgets": "glasstorch_widgets", "webapp": "glasstorch_web"}
    expected = {
        path.relative_to(ROOT / root).as_posix()
        for path in tracked
        for root, package in roots.items()
        if (ROOT / root / package) in path.parents
    }
    assert {name.partition("/")[0] for name in expected} == set(roots.values())
    assert not expected - inside
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    data = f"glasstorch-{version}.data/data"
    assert f"{data}/etc/jupyter/jupyter_server_config.d/glasstorch.json" in inside
    assert any(name.startswith(f"{data}/share/glasstorch/lessons/00-") for name in inside)


def test_only_numpy_is_a_plain_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [re.match(r"[\w-]+", name)[0] for name in project["dependencies"]] == ["numpy"]


def test_nobody_but_the_tests_and_benchmarks_imports_pytorch(tracked: list[Path]) -> None:
    """The aliases stand in for it; a real import would make PyTorch a dependency."""
    pattern = re.compile(r"^\s*(?:import torch\b|from torch\b)", re.MULTILINE)
    allowed = ("tests/", "bench/", "engine/glasstorch/aliases/")
    found = [
        name
        for path in tracked
        if path.suffix == ".py" and not (name := path.relative_to(ROOT).as_posix()).startswith(allowed)
        if pattern.search(path.read_text("utf-8"))
    ]
    assert not found
