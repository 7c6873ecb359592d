"""Jobs from beginning to end: what processes are told, and what happens when one of them fails."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from glasstorch.distributed import agent, run
from support import jobs

PROGRAMS = jobs.PROGRAMS


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    return parser.parse_args([*arguments, str(PROGRAMS / "environment.py"), "--flag", "5"])


# ---------------------------------------------------------------------- a process that fails
@pytest.mark.parametrize(
    ("backend", "how"),
    [
        ("gloo", "raise"),
        pytest.param("gloo", "exit", marks=pytest.mark.slow),
        ("gloo", "kill"),
        ("mpi", "raise"),
        ("mpi", "kill"),
    ],
)
def test_one_that_fails_ends_the_job(backend: str, how: str) -> None:
    """The others wait in a collective for up to half an hour; the job does not."""
    options = []
    if backend == "mpi":
        jobs.need_mpi()
        options = ["--mpi"]
    done = jobs.run([*jobs.launcher(*options, processes=2), str(PROGRAMS / "failing.py"), backend, how])
    assert done.returncode == 1
    assert "finished" not in done.stdout
    report = done.stderr[done.stderr.index("failing.py FAILED") :]
    root = report[report.index("Root Cause") :]
    if how == "raise":
        assert "ValueError: rank 1 has had enough" in root
        assert "rank      : 1 " in root
    elif backend == "gloo":
        assert "rank      : 1 " in root
        assert {"exit": "exitcode  : 3", "kill": "SIGKILL"}[how] in root
    else:
        assert "exitcode  : 9" in root


def test_one_that_leaves_under_mpiexec_ends_the_job() -> None:
    """Without the launcher: MPI alone would let the others wait for it, and it for them."""
    jobs.need_mpi()
    done = jobs.run(
        [str(jobs.mpiexec()), "-n", "2", sys.executable, str(PROGRAMS / "failing.py"), "mpi", "exit"]
    )
    assert done.returncode
    assert "Connection closed by peer: rank 1 has ended" in done.stderr


@pytest.mark.parametrize(
    ("backend", "name"),
    [("gloo", "SIGINT"), pytest.param("gloo", "SIGKILL", marks=pytest.mark.slow), ("mpi", "SIGTERM")],
)
def test_the_launchers_end_is_the_jobs(backend: str, name: str) -> None:
    """Ctrl-C, an order to end, or sudden death: no process is left, whatever it waits for."""
    psutil = pytest.importorskip("psutil")
    options = []
    if backend == "mpi":
        jobs.need_mpi()
        options = ["--mpi"]
    command = [*jobs.launcher(*options, processes=2), str(PROGRAMS / "failing.py"), backend, "hang"]
    launcher = jobs.start(command)
    try:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "hanging\n"
        started = psutil.Process(launcher.pid).children(recursive=True)
        assert len(started) >= 2
        launcher.send_signal(getattr(signal, name))
        number = getattr(signal, name)
        assert launcher.wait(jobs.SECONDS) == (-number if name == "SIGKILL" else 128 + number)
        _, alive = psutil.wait_procs(started, jobs.SECONDS)
        assert not alive
    finally:
        launcher.kill()
        launcher.communicate()


def test_a_restart(tmp_path: Path) -> None:
    command = jobs.launcher("--max-restarts=2", f"--log-dir={tmp_path}", "--redirects=3", processes=2)
    done = jobs.run([*command, str(PROGRAMS / "failing.py"), "gloo", "first time"])
    assert done.returncode == 0, done.stderr
    assert "Rank 1 failed with exit code 1" in done.stderr
    (job,) = tmp_path.iterdir()
    assert sorted(f.name for f in job.iterdir()) == ["attempt_0", "attempt_1"]
    assert "not warm yet" in (job / "attempt_0/1/stderr.log").read_text()
    assert json.loads((job / "attempt_0/1/error.json").read_text())["rank"] == 1
    assert (job / "attempt_1/0/stdout.log").read_text() == "finished 0 4.0\n"


# ---------------------------------------------------------------------- what processes are told
def test_two_machines(tmp_path: Path) -> None:
    """Two launchers that meet at an address; what their processes print is shown with the rank before it."""
    endpoint = f"localhost:{agent.free_port()}"
    command = [sys.executable, "-m", "glasstorch.distributed.run", "--nnodes=2", "--nproc_per_node=2",
               "--rdzv_backend=c10d", f"--rdzv_endpoint={endpoint}", "--rdzv_id=lesson", "--tee=3", "--role=trainer",
               str(PROGRAMS / "environment.py"), "--flag", "5"]  # fmt: skip
    found: list[subprocess.CompletedProcess[str]] = []
    threads = [threading.Thread(target=lambda: found.append(jobs.run(command))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    places = set()
    for done in found:
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == 2
        for line in lines:
            prefix, _, text = line.partition(":")
            told = json.loads(text)
            assert prefix == f"[trainer{told['LOCAL_RANK']}]"
            assert (told["WORLD_SIZE"], told["LOCAL_WORLD_SIZE"], told["MASTER_ADDR"]) == (
                "4",
                "2",
                "localhost",
            )
            assert (told["arguments"], told["name"]) == (["--flag", "5"], "__main__")
            assert (told["ROLE_NAME"], told["TORCHELASTIC_RUN_ID"]) == ("trainer", "lesson")
            assert told["RANK"] == str(2 * int(told["GROUP_RANK"]) + int(told["LOCAL_RANK"]))
            places.add(told["RANK"])
        assert "[trainer0]:to stderr" in done.stderr
    assert places == {"0", "1", "2", "3"}


def test_processes_are_told_what_torchrun_tells(tmp_path: Path) -> None:
    """PyTorch's launcher and this one, side by side. (PyTorch's serves the store itself, here rank 0 does.)"""
    pytest.importorskip("torch")
    told = []
    for engine in ("torch", "glasstorch"):
        command = [sys.executable, "-m", f"{engine}.distributed.run", "--nproc_per_node=2", "--nnodes=1:1",
                   "--rdzv_backend=c10d", f"--rdzv_endpoint=localhost:{agent.free_port()}", "--rdzv_id=seven",
                   "--max_restarts=3", "--role=trainer", "--virtual_local_rank"]  # fmt: skip
        done = jobs.run([*command, str(PROGRAMS / "environment.py"), "--flag", "5"])
        told.append(sorted((json.loads(line) for line in done.stdout.splitlines()), key=lambda e: e["RANK"]))
        assert len(told[-1]) == 2, done.stderr
    for theirs, ours in zip(*told, strict=True):
        for name in ("MASTER_PORT", "TORCHELASTIC_ERROR_FILE"):  # found by each
            assert bool(theirs.pop(name)) == bool(ours.pop(name))
        assert (theirs.pop("TORCHELASTIC_USE_AGENT_STORE"), ours.pop("TORCHELASTIC_USE_AGENT_STORE")) == (
            "True",
            "False",
        )
        assert theirs == ours


def test_fewer_machines_than_could_be() -> None:
    """Of 1 to 3, two come: the meeting waits for a last call, and a latecomer is sent away."""
    endpoint = f"localhost:{agent.free_port()}"
    options = parsed("--nnodes=1:3", "--nproc-per-node=2", "--rdzv-backend=c10d", f"--rdzv-endpoint={endpoint}",
                     "--rdzv-conf=last_call_timeout=1")  # fmt: skip
    found: list[agent.Layout] = []
    threads = [threading.Thread(target=lambda: found.append(run.job_from(options).layout)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(place.environment(1)["RANK"] for place in found) == ["1", "3"]
    assert [place.environment(1)["WORLD_SIZE"] for place in found] == ["4", "4"]
    with pytest.raises(ValueError, match="has all its machines already"):
        run.job_from(options)


def test_threads_are_limited_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    environment = run.job_from(parsed("--nproc-per-node=2"))._environment()
    assert environment["OMP_NUM_THREADS"] == "1"
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.endswith("*" * 41) and third.endswith("*" * 41)  # noqa: PT018
    assert "Setting OMP_NUM_THREADS environment variable for each process to be 1 in default" in second
    run.job_from(parsed("--nproc-per-node=1"))._environment()
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert run.job_from(parsed("--nproc-per-node=2"))._environment()["OMP_NUM_THREADS"] == "8"
    assert not capsys.readouterr().err


def test_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both spellings, and the environment."""
    job = run.job_from(parsed("--nnodes", "2", "--nproc_per_node", "8", "--node-rank", "1", "--master_addr", "10.0.0.1",
                              "--master_port", "23456"))  # fmt: skip
    told = job.layout.environment(3)
    assert (told["RANK"], told["WORLD_SIZE"], told["LOCAL_RANK"], told["GROUP_RANK"]) == (
        "11",
        "16",
        "3",
        "1",
    )
    assert (told["MASTER_ADDR"], told["MASTER_PORT"]) == ("10.0.0.1", "23456")
    assert job.command[1:] == ["-u", str(PROGRAMS / "environment.py"), "--flag", "5"]
    assert run.command(parsed("-m"))[1:3] == ["-u", "-m"]
    assert run.command(parsed("--no-python"))[0] == str(PROGRAMS / "environment.py")
    monkeypatch.setenv("PET_NPROC_PER_NODE", "3")
    assert run.job_from(parsed()).layout.per_node == 3
    assert run.job_from(parsed("--nnodes=1:4")).layout.nodes == 4
    assert run.streams("0:3,1:1", 2) == {0: 3, 1: 1}
    assert run.streams("2", 2) == {0: 2, 1: 2}


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--nproc-per-node=some"], "Unsupported nproc_per_node value: some"),
        (["--nproc-per-node=gpu"], "Cuda is not available"),
        (["--redirects=5"], "no streams"),
        (["--nnodes=some"], "--nnodes some"),
        (["--nnodes=3:2"], "MIN no more than MAX"),
        (["--nnodes=2", "--node-rank=2"], "--node-rank 2 is not one of 0 to 1"),
        (["--nnodes=2", "--standalone"], "one machine"),
        (["--nnodes=2", "--mpi"], "rdzv-backend=c10d"),
    ],
)
def test_mistakes_in_options(options: list[str], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        run.job_from(parsed(*options))


def test_a_program_that_is_not_there(capsys: pytest.CaptureFixture) -> None:
    assert run.main(["--standalone", "no/such.py"]) == 2
    assert capsys.readouterr().err == "distributed.run: there is no file no/such.py\n"


# ---------------------------------------------------------------------- processes from elsewhere
def test_spawned_processes_meet() -> None:
    """By environment variables, by an address, by a file; and their errors come back."""
    done = jobs.run([sys.executable, str(PROGRAMS / "spawned.py")])
    lines = sorted(done.stdout.splitlines())
    expected = [f"{way} {rank} 3.0 gloo" for way in ("env", "file", "tcp") for rank in range(3)]
    assert lines == sorted([*expected, "raised: 2 True"]), done.stderr


def test_a_script_for_pytorch(tmp_path: Path) -> None:
    """``glasstorch run -m torch.distributed.run`` answers imports of torch in all processes."""
    script = tmp_path / "script.py"
    script.write_text(
        "import torch, torch.distributed as dist\n"
        "from torch.nn.parallel import DistributedDataParallel as DDP\n"
        "dist.init_process_group()\n"
        "model = DDP(torch.nn.Linear(2, 2))\n"
        "model(torch.full((3, 2), 1.0 + dist.get_rank())).sum().backward()\n"
        "print(f'{torch.__name__} {model.module.weight.grad[0, 0].item()}\\n', end='')\n"
        "dist.destroy_process_group()\n"
    )
    start = [sys.executable, "-m", "glasstorch.cli", "run", "-m", "torch.distributed.run"]
    done = jobs.run([*start, "--standalone", "--nproc_per_node=2", str(script)])
    assert done.stdout == "glasstorch 4.5\n" * 2, done.stderr


def test_the_old_launcher_gives_the_local_rank(tmp_path: Path) -> None:
    for option, expected in (("--nnodes=1", ["--local-rank=1", "7"]), ("--use-env", ["7"])):
        folder = tmp_path / option
        command = [
            sys.executable,
            "-m",
            "glasstorch.distributed.launch",
            option,
            "--nproc_per_node=2",
            "--standalone",
        ]
        log = [f"--log_dir={folder}", "-r", "3"]
        done = jobs.run([*command, *log, str(PROGRAMS / "environment.py"), "7"])
        assert "deprecated" in done.stderr
        (printed,) = folder.glob("*/attempt_0/1/stdout.log")
        assert json.loads(printed.read_text())["arguments"] == expected
