"""The Binder files: complete, in step with pyproject.toml, and understood by repo2docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"
IN_THE_IMAGE = {"ipykernel", "ipywidgets", "jupyterlab"}


def test_requirements_are_those_of_lab_and_web_without_what_the_image_has() -> None:
    lines = (BINDER / "requirements.txt").read_text("utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {*project["dependencies"], *extras["lab"], *extras["web"]}
    expected = sorted(line for line in wanted if Requirement(line).name not in IN_THE_IMAGE)
    assert [line for line in lines if not line.startswith("#")] == expected


def test_runtime_is_a_python_the_project_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name, _, number = (BINDER / "runtime.txt").read_text("utf-8").strip().partition("-")
    assert name == "python"
    assert SpecifierSet(project["requires-python"]).contains(number)


@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_scripts_are_executable_and_parse(script: str) -> None:
    assert os.access(BINDER / script, os.X_OK)
    assert (BINDER / script).read_text("utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", BINDER / script], check=True)


def test_start_hands_the_command_on_with_the_lessons_named(tmp_path: Path) -> None:
    show = [BINDER / "start", sys.executable, "-c", "import os; print(os.environ['GLASSTORCH_LESSONS'])"]
    done = subprocess.run(show, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(ROOT / "lessons")


def test_jupyterlab_opens_on_a_notebook_that_exists() -> None:
    page = json.loads((BINDER / "jupyter_lab_config.json").read_text("utf-8"))["LabApp"]["default_url"]
    assert page.startswith("/lab/tree/lessons/00-")
    assert (ROOT / page.removeprefix("/lab/tree/")).is_file()


def test_the_readmes_badges_open_the_course() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    home = project["urls"]["Repository"].removeprefix("https://github.com/")
    readme = (ROOT / "README.md").read_text("utf-8")
    launches = re.findall(r"https://mybinder\.org/v2/gh/([^)]+?)/HEAD\?urlpath=lab/tree/([^)]+)", readme)
    assert {notebook for _, notebook in launches} == {
        f"lessons/00-start-here/00-start-here.{kind}" for kind in ("ipynb", "zh.ipynb")
    }
    for repository, notebook in launches:
        assert repository == home
        assert (ROOT / notebook).is_file()


@pytest.mark.slow
def test_repo2docker_builds_from_these_files(tmp_path: Path) -> None:
    """`--no-build` prints the Dockerfile that Binder would build; no Docker is needed for it."""
    venv.create(tmp_path / "tool", with_pip=True)
    python = tmp_path / "tool" / "bin" / "python"
    install = subprocess.run(
        [python, "-m", "pip", "install", "-q", "jupyter-repo2docker"], capture_output=True
    )
    if install.returncode:
        pytest.skip("jupyter-repo2docker cannot be installed here")
    copy = tmp_path / "repository"
    shutil.copytree(BINDER, copy / "binder")
    shutil.copy(ROOT / "pyproject.toml", copy)
    command = [python.with_name("jupyter-repo2docker"), "--no-build", "--debug", copy]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    dockerfile = done.stdout + done.stderr
    assert done.returncode == 0, dockerfile[-3000:]
    order = [
        r"environment-2epy-2d3-2e12-2dlinux",
        r'RUN .*/bin/pip install --no-cache-dir -r "binder/requirements.txt"',
        r"COPY .*src/ \$\{REPO_DIR\}/",
        r"RUN \./binder/postBuild",
        r'ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"',
    ]
    places = [re.search(pattern, dockerfile) for pattern in order]
    assert all(places), [pattern for pattern, place in zip(order, places, strict=True) if place is None]
    assert [place.start() for place in places] == sorted(place.start() for place in places)
