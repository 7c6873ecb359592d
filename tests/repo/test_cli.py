"""The `glasstorch` command: finding commands, saying what is missing, running PyTorch scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from glasstorch import cli

COMMANDS = (
    *("account", "backup", "demo", "exercise", "grade", "info", "login", "logout"),
    *("progress", "restore", "run", "serve", "start", "submit", "token", "worker"),
)


def glasstorch(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "glasstorch.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def script(tmp_path: Path):
    def write(source: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        return path

    return write


def test_overview_names_every_command_and_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    described = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines if line.startswith("  ")}
    assert set(COMMANDS) <= set(described)
    assert not [name for name, text in described.items() if text == "(not installed)"]


def test_overview_imports_no_command() -> None:
    code = (
        "import sys; from glasstorch import cli; cli.main(['--help']); "
        "print([m for m in ('fastapi', 'uvicorn', 'IPython', 'glasstorch_web') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_installed_console_script_answers() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("glasstorch"), "--version"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("glasstorch 0."), done.stderr


def test_unknown_command_offers_a_near_one() -> None:
    done = glasstorch("gradee")
    assert done.returncode == 2
    assert "Did you mean `grade`?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = glasstorch(command, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: glasstorch {command}")


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    blocker = (
        "import sys\n"
        "class NoFastapi:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('fastapi', 'starlette', 'uvicorn', 'pydantic_settings'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, NoFastapi())\n"
        "from glasstorch.cli import main\n"
        "sys.exit(main(['serve']))\n"
    )
    done = subprocess.run([sys.executable, "-c", blocker], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "pip install 'glasstorch[web]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_info_as_json() -> None:
    facts = json.loads(glasstorch("info", "--json").stdout)
    assert facts["devices"][0] == "cpu"
    assert facts["extras"]["web"]["fastapi"]
    assert "glasstorch" in glasstorch("info").stdout


def test_run_answers_torch_imports_with_glasstorch(script) -> None:
    path = script(
        "import sys, torch, torch.nn as nn, torchvision\n"
        "import torch.nn.functional as F\n"
        "from torch.utils.data import DataLoader\n"
        "from torchvision.transforms import ToTensor\n"
        "import glasstorch, glasstorch.nn\n"
        "assert __name__ == '__main__'\n"
        "assert torch is glasstorch and nn is glasstorch.nn and F is glasstorch.nn.functional\n"
        "assert nn.Linear is glasstorch.nn.Linear and torchvision is glasstorch.vision\n"
        "assert glasstorch.nn.__spec__.name == 'glasstorch.nn'\n"
        "x = torch.tensor([1., 2.], requires_grad=True)\n"
        "(x * x).sum().backward()\n"
        "print(x.grad.tolist(), sys.argv[1:])\n"
    )
    done = glasstorch("run", str(path), "--epochs", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[2.0, 4.0] ['--epochs', '3']"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_run_reaches_child_processes(script, method: str) -> None:
    path = script(
        "import multiprocessing, subprocess, sys, torch\n"
        "def who(_):\n"
        "    import torch, torchvision\n"
        "    return torch.__name__, torchvision.__name__\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context({method!r}).Pool(1) as pool:\n"
        "        print(pool.map(who, [0])[0])\n"
        "    code = 'import torch.nn; print(torch.nn.__name__)'\n"
        "    subprocess.run([sys.executable, '-c', code], check=True)\n"
    )
    done = glasstorch("run", str(path), env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["('glasstorch', 'glasstorch.vision')", "glasstorch.nn"]


def test_run_says_what_glasstorch_lacks_and_never_falls_through_to_pytorch(script) -> None:
    done = glasstorch("run", str(script("import torch.no_such_part\n")))
    assert done.returncode == 1
    assert "No module named 'torch.no_such_part'" in done.stderr
    assert "glasstorch.no_such_part" in done.stderr


def test_run_shows_the_scripts_own_frames_only(script) -> None:
    path = script("def fail():\n    raise ValueError('from the script')\n\nfail()\n")
    done = glasstorch("run", str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ValueError: from the script"
    assert "runpy" not in done.stderr
    assert "aliasing.py" not in done.stderr


def test_run_passes_on_the_scripts_exit_status_and_modules(script, tmp_path: Path) -> None:
    assert glasstorch("run", str(script("import sys; sys.exit(7)\n"))).returncode == 7
    script("VALUE = 41\n", "neighbour.py")
    done = glasstorch("run", str(script("import neighbour; print(neighbour.VALUE + 1)\n")))
    assert done.stdout.strip() == "42"
    done = glasstorch("run", "-m", "neighbour", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_run_tells_a_script_its_place_as_python_does(script) -> None:
    """`os.path.dirname(__file__)` is where a script's data lie, from whatever folder it was started."""
    main = "sys.modules['__main__']"
    names = ("__file__", "__spec__", "__doc__", "__cached__", "__annotations__", "__package__")
    path = script(
        "import pickle, sys, warnings\n"
        "class Here: pass\n"
        f"print(sys.argv[0], sys.path[0], [getattr({main}, name) for name in {names}])\n"
        "print(type(pickle.loads(pickle.dumps(Here()))) is Here, type(__loader__), type(__builtins__))\n"
        "warnings.warn('from here')\n"
        "1 / 0\n"
    )
    named = os.path.join("..", path.parent.name, path.name)
    ours = glasstorch("run", named, cwd=path.parent)
    pythons = subprocess.run(
        [sys.executable, named], capture_output=True, text=True, timeout=60, cwd=path.parent, check=False
    )
    assert ours.stdout == pythons.stdout
    assert ours.stderr == pythons.stderr


@pytest.mark.parametrize(("name", "reason"), [("absent.py", "does not exist"), (".", "is a folder")])
def test_run_needs_a_script(tmp_path: Path, name: str, reason: str) -> None:
    done = glasstorch("run", str(tmp_path / name))
    assert done.returncode == 2
    assert reason in done.stderr


def test_install_refuses_to_mix_with_pytorch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("", encoding="utf-8")
    code = "import torch; from glasstorch.aliasing import install; install()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert "RuntimeError: 'torch' is already imported" in done.stderr
