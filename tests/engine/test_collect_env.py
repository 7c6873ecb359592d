"""``python -m glasstorch.utils.collect_env``: PyTorch's layout, and tools that are missing, hang or print nonsense."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import glasstorch
import pytest
from glasstorch.utils import collect_env

SCRIPTS = {
    "fails": "echo secret; exit 3",
    "hangs": "sleep 600 & sleep 600",
    "endless": "while :; do echo yes yes yes; done",
    "binary": r"printf '\377\376\000\001'",
    "silent": "true",
    "coloured": r"printf 'gcc \033[31m(Debian) 12.2.0\033[0m\n'",
}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts tools of our own making in the place of all others."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(collect_env, "PATIENCE", 0.3)

    def make(name: str, script: str) -> None:
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)

    return make


def test_the_module_prints_the_report() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "glasstorch.utils.collect_env"],
        capture_output=True, text=True, env={**os.environ, "GLASSTORCH_SECRET": "hunter2", "OMP_NUM_THREADS": "1"},
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == "Collecting environment information..."
    assert lines[0] == f"Glasstorch version: {glasstorch.__version__}"
    assert f"[pip3] numpy=={collect_env.info.installed('numpy')}" in lines
    assert any("OMP_NUM_THREADS=1" in line for line in lines)
    assert "hunter2" not in done.stdout
    assert str(Path.home()) not in done.stdout


def test_layout_and_fields_are_pytorchs() -> None:
    theirs = pytest.importorskip("torch.utils.collect_env")
    ours = collect_env.get_env_info()
    fields = theirs.SystemEnv._fields
    assert ours._fields[: len(fields)] == fields
    headings = [line.partition(":")[0] for line in theirs.env_info_fmt.splitlines()]
    here = [line.partition(":")[0] for line in collect_env.pretty_str(ours).splitlines()]
    missing = {h for h in headings if h not in here and "{" not in h}
    assert missing == {  # what cannot be true here
        "PyTorch version", "CUDA used to build PyTorch", "ROCM used to build PyTorch", "Is XPU available",
        "HIP runtime version", "MIOpen runtime version", "Is XNNPACK available", "Caching allocator config",
    }  # fmt: skip
    order = [h for h in headings if h and h in here]
    assert order == sorted(order, key=here.index)


def test_facts_that_pytorch_finds_too() -> None:
    theirs = pytest.importorskip("torch.utils.collect_env").get_env_info()
    ours = collect_env.get_env_info()
    same = "gcc_version cmake_version os libc_version python_version python_platform is_cuda_available"
    for field in (*same.split(), "cuda_runtime_version", "nvidia_gpu_models", "nvidia_driver_version"):
        assert getattr(ours, field) == getattr(theirs, field), field
    assert ours.cpu_info.splitlines()[0] == theirs.cpu_info.splitlines()[0]
    assert {line for line in theirs.pip_packages.splitlines() if "mypy_ext" not in line} <= set(
        ours.pip_packages.splitlines()
    )


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s != "coloured"])
def test_a_tool_that_gives_nothing(tools: Any, script: str) -> None:
    for name in ("gcc", "nvidia-smi", "lscpu", "sysctl", "nvcc"):
        tools(name, SCRIPTS[script])
    assert collect_env.run(["gcc", "--version"]) is None
    assert collect_env.get_gpu_info() in (None, "\n".join(collect_env.info.gpus()))
    assert collect_env.get_nvidia_driver_version() is None
    assert collect_env.get_cpu_info() != "secret"
    assert collect_env.get_running_cuda_version() is None


def test_missing_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect_env.shutil, "which", lambda *a, **k: None)
    text = collect_env.get_pretty_env_info()
    assert "GCC version: Could not collect" in text
    assert "[conda] Could not collect" in text
    if not glasstorch.cuda.is_available():
        assert "GPU models and configuration: No CUDA" in text
        assert "Nvidia driver version: No CUDA" in text


def test_what_tools_print_is_made_plain(tools: Any) -> None:
    tools("gcc", SCRIPTS["coloured"])
    assert "\033" not in collect_env.run(["gcc"])
    tools(
        "nvidia-smi",
        """
case "$1" in
  -L) echo 'GPU 0: NVIDIA H200 (UUID: GPU-1234-secret)'; echo 'GPU 1: NVIDIA H200 (UUID: GPU-5678-secret)';;
  *) echo 570.86.15;;
esac""",
    )
    info = collect_env.get_env_info()
    assert info.nvidia_gpu_models == "GPU 0: NVIDIA H200\nGPU 1: NVIDIA H200"
    assert info.nvidia_driver_version == "570.86.15"
    text = collect_env.pretty_str(info)
    assert "GPU models and configuration: \nGPU 0: NVIDIA H200\nGPU 1: NVIDIA H200\n\nNvidia driver" in text
    assert "secret" not in text
    tools("nvidia-smi", "echo No devices were found")
    assert collect_env.get_gpu_info() in (None, "\n".join(collect_env.info.gpus()))
    assert collect_env.get_nvidia_driver_version() is None


def test_broken_packages_do_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "numpy_broken-1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("no metadata at all\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "numpy==" in collect_env.get_pip_packages()[1]
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert collect_env.get_blas()


def test_reached_as_an_attribute() -> None:
    assert glasstorch.utils.collect_env is collect_env
    with pytest.raises(AttributeError, match="no_such_tool"):
        glasstorch.utils.no_such_tool  # noqa: B018
