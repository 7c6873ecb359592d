"""What editors and type checkers see: stubs that are up to date and right, help and clean names for everything."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tomllib
import types

import glasstorch
import pytest
from glasstorch import stubs

USER = """
import glasstorch as torch
import glasstorch.nn.functional as F
from glasstorch import nn

x = torch.randn(2, 3, requires_grad=True)
reveal_type(torch.relu(x).sum(dim=0))
reveal_type(2 * x @ x.T + 1)
reveal_type(F.softmax(x, dim=1).add_(1))
reveal_type(torch.linalg.inv(x))
reveal_type(torch.fft.fft(x))
reveal_type(nn.Linear(2, 3).weight)
reveal_type(x.shape)
reveal_type(x.dim())
reveal_type(x.dtype)
reveal_type(torch.float32)
x.sofmax(1)
"""
REVEALED = [
    *(["glasstorch.core.tensor.Tensor"] * 6),
    "glasstorch.core.size.Size",
    "int",
    "glasstorch.core.dtype.dtype",
    "glasstorch.core.dtype.dtype",
]


def test_the_stubs_are_up_to_date():
    assert stubs.outdated() == [], "run: python -m glasstorch.stubs"


def test_a_type_checker_knows_tensors_and_finds_typing_mistakes(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(USER, "utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "mypy.ini",
        "--python-executable",
        sys.executable,
    ]
    done = subprocess.run([*command, "user.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    seen = [line.partition('Revealed type is "')[2].rstrip('"') for line in lines if "Revealed" in line]
    assert seen == REVEALED, done.stdout + done.stderr
    errors = [line for line in lines if ": error:" in line]
    assert len(errors) == 1, done.stdout
    assert 'has no attribute "sofmax"' in errors[0]


@pytest.mark.parametrize(("code", "name", "words"), [
    ("x = torch.randn(2)\nx.sof", "softmax", "Exponentials"),
    ("torch.relu(torch.ones(2)).sum().backw", "backward", "gradients"),
    ("torch.nn.functional.cross_en", "cross_entropy", ""),
    ("torch.linalg.svdv", "svdvals", ""),
    ("torch.nn.Linear(2, 3).weig", "weight", ""),
])  # fmt: skip
def test_an_editor_completes_names_and_shows_help(code, name, words):
    jedi = pytest.importorskip("jedi")
    found = jedi.Script(f"import glasstorch as torch\n{code}").complete()
    assert name in [c.name for c in found]
    assert words in next(c for c in found if c.name == name).docstring()


def public(space):
    for name, value in sorted(vars(space).items()):
        ours = (getattr(value, "__module__", None) or "glasstorch").startswith("glasstorch")
        kind = inspect.isfunction(value) or inspect.isclass(value) or isinstance(value, property)
        if ours and kind and not name.startswith("_"):
            yield name, value


SPACES = [
    glasstorch, glasstorch.Tensor, glasstorch.nn, glasstorch.nn.functional, glasstorch.linalg, glasstorch.fft,
    glasstorch.special, glasstorch.autograd, glasstorch.optim, glasstorch.utils.data, glasstorch.optim.lr_scheduler,
    glasstorch.nn.init, glasstorch.nn.Module, glasstorch.optim.Optimizer, glasstorch.dtype, glasstorch.Size,
    glasstorch.random, glasstorch.func, glasstorch.cuda, glasstorch.overrides, glasstorch.amp,
]  # fmt: skip


@pytest.mark.parametrize("space", SPACES, ids=lambda s: s.__name__)
def test_everything_public_has_help_and_a_signature(space):
    without_help, without_signature = [], []
    for name, value in public(space):
        text = inspect.getdoc(value) or ""
        inherited = inspect.isclass(value) and not vars(value).get("__doc__")
        if inherited or len(text) < 8:
            without_help.append(name)
        if inspect.isfunction(value):
            try:
                inspect.signature(value)
            except ValueError:
                without_signature.append(name)
    assert not without_help
    assert not without_signature


def test_tensors_have_pytorch_s_methods_and_no_others():
    torch = pytest.importorskip("torch")
    assert not [n for n in dir(glasstorch.Tensor) if not n.startswith("_") and not hasattr(torch.Tensor, n)]


def test_completion_offers_public_names_only():
    """``glasstorch.<TAB>``: nothing of how the package is put together."""
    clutter = {"annotations", "warnings", "sys", "np", "FUNCTIONS", "Any"}
    names = set(dir(glasstorch))
    assert not clutter & names
    modules = {n for n in names if n[0] != "_" and isinstance(getattr(glasstorch, n), types.ModuleType)}
    assert {"nn", "optim", "linalg", "fft", "utils", "autograd"} <= modules
    for name in modules:
        assert getattr(glasstorch, name).__name__.startswith("glasstorch."), name
    offered = dir(glasstorch.ones(1))
    assert {"softmax", "add_", "backward", "shape", "grad"} <= set(offered)


def test_the_version_is_the_package_s(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    assert glasstorch.__version__ == glasstorch.version.__version__ == project["version"]
    assert glasstorch.version.hip is None
