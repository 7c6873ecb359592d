"""docs/operating.md says what the program has: its settings, figures and commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from glasstorch_web.app.metrics import Metrics
from glasstorch_web.settings import Settings
from glasstorch_web.store import Database, WorkerRegistry
from glasstorch_web.store.figures import Figures
from pydantic_core import PydanticUndefined


@pytest.fixture(scope="module")
def guide(repository: Path) -> str:
    return (repository / "docs" / "operating.md").read_text("utf-8")


def default(key: str) -> str:
    """A setting's default as the table shows it; one that is found out at the start is left to its description."""
    value = Settings.model_fields[key].default
    if value is PydanticUndefined or value is None or value == "" or value == frozenset():
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{' '.join(sorted(value)) if isinstance(value, frozenset) else value}`"


def test_the_table_of_settings_is_the_programs(guide):
    rows = [
        f"| `{key}` | {default(key)} | {field.description} |" for key, field in Settings.model_fields.items()
    ]
    table = "\n".join(["| Setting | Default | |", "|---|---|---|", *rows])
    assert guide.split("<!-- settings:", 1)[1].split("-->", 1)[1].strip() == table, f"paste this:\n{table}"


def test_the_figures_are_those_that_prometheus_gets(guide, tmp_path):
    database = Database(tmp_path / "grades.sqlite3")
    text = Metrics(Figures(database), WorkerRegistry(database)).text().decode()
    database.close()
    given = {name for name in re.findall(r"^# TYPE (\S+)", text, re.M) if not name.endswith("_created")}
    assert set(re.findall(r"^  \| `(glasstorch_\w+)`", guide, re.M)) == given


def test_the_commands_can_be_given(guide, repository):
    """Each line `glasstorch ...` of the guide's blocks of shell is one that the program understands."""
    import argparse
    import importlib
    import tomllib

    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    modules = project["project"]["entry-points"]["glasstorch.commands"]
    blocks = "\n".join(re.findall(r"^ *```sh\n(.*?)```", guide, re.M | re.S))
    inline = re.findall(r"`((?:\w+=\S+ )*glasstorch [^`|]+)`", guide)
    lines = [
        line for line in [*blocks.splitlines(), *inline] if re.match(r"(\w+=\S+ )*glasstorch ", line.strip())
    ]
    assert len(lines) >= 10
    for line in lines:
        words = [word for word in shlex.split(line.replace("$(date +%F)", "now"), comments=True) if word]
        words = words[words.index("glasstorch") + 1 :]
        parser = argparse.ArgumentParser(prog=line)
        importlib.import_module(modules[words[0]]).register(parser)
        parser.parse_args(words[1:])  # exits when it does not understand


def test_every_part_named_in_the_contents_is_there(guide):
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", guide, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", guide)) <= headings
