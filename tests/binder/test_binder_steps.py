"""Binder's own steps, all but Docker: its image's packages, our files, its way to start, a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from glasstorch_web.supervise import free_port
from support.jupyter import Lab, await_answer, end

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# What repo2docker's image for Python 3.12 brings and our files must leave alone.
IMAGE = {"jupyterlab": "4.4.9", "notebook": "7.4.7", "ipywidgets": "8.1.7", "jupyter_server": "2.17.0"}
PREFIX = "/user/somebody-glasstorch-abc/"
TOKEN = "binder-test-token"
LESSON = "lessons/00-start-here/00-start-here.ipynb"


@dataclass
class Image:
    """A fresh environment and a fresh folder, as they are after Binder's build."""

    environment: Path
    home: Path

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.home, env=self.variables(), capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def variables(self) -> dict[str, str]:
        dropped = ("GLASSTORCH_", "JUPYTER", "PYTHONPATH", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        path = f"{self.environment / 'bin'}{os.pathsep}{kept['PATH']}"
        return kept | {"HOME": str(self.home), "PATH": path, "JUPYTERHUB_SERVICE_PREFIX": PREFIX}

    def versions(self) -> dict[str, str]:
        listed = json.loads(self.run("python", "-m", "pip", "list", "--format=json"))
        return {package["name"].replace("-", "_"): package["version"] for package in listed}


def python_of_the_image() -> str:
    """The Python named in runtime.txt where there is one here, else the one of these tests."""
    named = (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip().replace("-", "")
    found = shutil.which(named)
    works = found and subprocess.run([found, "-c", "import venv"], capture_output=True).returncode == 0
    return found if works else sys.executable


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    base = tmp_path_factory.mktemp("binder")
    image = Image(base / "environment", base / "home")
    image.home.mkdir()
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        (image.home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, image.home / name)
    subprocess.run([python_of_the_image(), "-m", "venv", image.environment], check=True)
    pip = ("python", "-m", "pip", "install", "-q")
    image.run(*pip, *(f"{name}=={number}" for name, number in IMAGE.items()), "ipykernel")
    image.run(*pip, "-r", "binder/requirements.txt")
    image.run("./binder/postBuild")
    return image


@pytest.fixture(scope="module")
def server(image: Image) -> Iterator[Lab]:
    """JupyterLab started by binder/start with the arguments that BinderHub gives."""
    port = free_port(0)
    log = image.home.with_name("server.log")
    command = [
        *(image.home / "binder" / "start", "jupyter-lab", "--ip=127.0.0.1", f"--port={port}", "--no-browser"),
        *(f"--ServerApp.base_url={PREFIX}", f"--ServerApp.token={TOKEN}", "--ServerApp.trust_xheaders=True"),
        "--LabApp.expose_app_in_browser=True",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=image.home,
            env=image.variables(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    lab = Lab(f"http://127.0.0.1:{port}{PREFIX.rstrip('/')}", TOKEN, image.home)
    await_answer(f"{lab.url}/api/status?token={TOKEN}", process, log)
    yield lab
    end(process)


def ask(url: str, body: dict | None = None) -> tuple[int, str, str]:
    """(status, final address, text) of a GET, or a POST of JSON, through the proxy."""
    headers = {"Authorization": f"token {TOKEN}", "X-Glasstorch": "1", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(url, data, headers), timeout=90) as response:
        return response.status, response.url, response.read().decode()


def test_the_images_own_packages_are_left_alone_and_torch_is_absent(image: Image) -> None:
    versions = image.versions()
    assert {name: versions.get(name) for name in IMAGE} == IMAGE
    assert "glasstorch" in versions
    assert not {"torch", "cupy_cuda13x"} & set(versions)


def test_jupyterlab_opens_on_the_first_lesson(server: Lab) -> None:
    _, address, _ = ask(f"{server.url}/")
    assert address.partition("?")[0].endswith(f"/lab/tree/{LESSON}")


def test_the_launcher_has_a_tile_with_an_icon(server: Lab) -> None:
    _, _, text = ask(f"{server.url}/server-proxy/servers-info")
    (tile,) = [entry for entry in json.loads(text)["server_processes"] if entry["name"] == "grader"]
    assert tile["launcher_entry"]["title"] == "Exercises"
    assert "<svg" in ask(urljoin(server.url, tile["launcher_entry"]["icon_url"]))[2]


def test_the_service_grades_through_the_proxy(server: Lab) -> None:
    status, _, text = ask(f"{server.url}/grader/")
    assert status == 200
    assert "start.backward-formula" in text
    solution = next(server.folder.glob("lessons/00-*/exercises/start.backward-formula/solution.py"))
    submission = {"exercise": "start.backward-formula", "source": solution.read_text("utf-8")}
    status, _, text = ask(f"{server.url}/grader/api/v1/submissions", submission)
    assert status == 202
    address = f"{server.url}/grader/api/v1/submissions/{json.loads(text)['id']}"
    deadline = time.monotonic() + 120
    while (state := json.loads(ask(address)[2]))["status"] != "done":
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    assert state["result"]["status"] == "passed", state["result"]


def test_the_service_is_closed_to_those_without_the_token(server: Lab) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        direct.open(
            urllib.request.Request(f"{server.url}/grader/api/v1/submissions", b"{}", method="POST"),
            timeout=60,
        )
    assert refused.value.code == 403


@pytest.mark.browser
def test_the_lesson_runs_in_the_browser(server: Lab, page) -> None:
    server.open(page, LESSON)
    cells = server.run_all(page, seconds=300)
    assert cells
    assert not [cell for cell in cells if cell["errors"]]
    assert all(cell["count"] for cell in cells if cell["source"].strip())
    server.close(page)
