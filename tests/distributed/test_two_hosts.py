"""Two network namespaces joined by a cable of their own, as two hosts: a job across them, and one that goes away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs

ADDRESSES = ("10.231.77.1", "10.231.77.2")
PORT = "29577"  # nobody else is in these namespaces


def ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[str, str]]:
    """The names of two namespaces, each with one end of a cable."""
    if shutil.which("ip") is None:
        pytest.skip("needs the command ip (Debian: apt install iproute2) to make network namespaces")
    names = f"gt{os.getpid()}a", f"gt{os.getpid()}b"
    try:
        for name in names:
            done = ip("netns", "add", name)
            if done.returncode:
                pytest.skip(f"this machine makes no network namespaces: {done.stderr.strip()}")
        done = ip(
            "link",
            "add",
            "cable",
            "netns",
            names[0],
            "type",
            "veth",
            "peer",
            "name",
            "cable",
            "netns",
            names[1],
        )
        if done.returncode:
            pytest.skip(f"this machine joins no network namespaces: {done.stderr.strip()}")
        for name, address in zip(names, ADDRESSES, strict=True):
            for command in (["addr", "add", f"{address}/24", "dev", "cable"], ["link", "set", "cable", "up"],
                            ["link", "set", "lo", "up"]):  # fmt: skip
                done = ip("-n", name, *command)
                assert not done.returncode, done.stderr
        yield names
    finally:
        for name in names:
            ip("netns", "del", name)


def start(
    hosts: tuple[str, str], folder: Path, how: str, *options: str, backend: str = "gloo"
) -> list[subprocess.Popen[str]]:
    """A launcher on each host, two processes each."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(jobs.ROOT / "engine")}
    command = [sys.executable, "-m", "glasstorch.distributed.run", "--nnodes=2", "--nproc_per_node=2"]
    program = [str(jobs.PROGRAMS / "two_hosts.py"), str(folder), how, backend]
    return [
        subprocess.Popen(
            ["ip", "netns", "exec", name, *command, *(o.replace("NODE", str(k)) for o in options), *program],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        ) for k, name in enumerate(hosts)
    ]  # fmt: skip


def ended(launchers: list[subprocess.Popen[str]], seconds: float = 60) -> list[tuple[int, str, str]]:
    """Exit status and output of each; a job that hangs fails."""
    found = []
    try:
        for launcher in launchers:
            out, err = launcher.communicate(timeout=seconds)
            found.append((launcher.returncode, out, err))
    finally:
        for launcher in launchers:
            if launcher.poll() is None:
                os.killpg(launcher.pid, signal.SIGKILL)
                launcher.communicate()
    return found


def until_ready(folder: Path, launchers: list[subprocess.Popen[str]]) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.glob("ready-*"))) < 4:
        if time.monotonic() > deadline or any(launcher.poll() is not None for launcher in launchers):
            pytest.fail(str(ended(launchers, 0.1)))
        time.sleep(0.05)


STATIC = ["--node_rank=NODE", f"--master_addr={ADDRESSES[0]}", f"--master_port={PORT}"]
DRAWN = ["--rdzv_backend=c10d", f"--rdzv_endpoint={ADDRESSES[0]}:{PORT}", "--rdzv_id=hosts"]


def trained_alike(outputs: str) -> None:
    """Fail unless all four processes said that they have the parameters of one process with all the data."""
    assert sorted(outputs.splitlines()) == [
        f"rank {r} of 4 on {r // 2}: off by less than 1e-6: True" for r in range(4)
    ]


def test_a_job_across_hosts_ends_with_one_of_them(hosts: tuple[str, str], tmp_path: Path) -> None:
    """It trains; then all that runs on one host is killed at once. The other host's launcher ends and says why."""
    launchers = start(hosts, tmp_path, "killed", *DRAWN)
    until_ready(tmp_path, launchers)
    os.killpg(launchers[1].pid, signal.SIGKILL)
    (status, out, err), (_, other, _) = ended(launchers)
    trained_alike(out + other)
    assert status == 1
    assert "two_hosts.py FAILED" in err
    assert "Connection closed by peer: rank" in err


@pytest.mark.slow
def test_a_host_that_falls_silent_is_missed(hosts: tuple[str, str], tmp_path: Path) -> None:
    """Without power or network a host closes no connection."""
    launchers = start(hosts, tmp_path, "silent", *STATIC)
    until_ready(tmp_path, launchers)
    ip("-n", hosts[1], "link", "set", "cable", "down")
    try:
        ((status, out, err),) = ended(launchers[:1])
    finally:
        os.killpg(launchers[1].pid, signal.SIGKILL)
        other, _ = launchers[1].communicate()
        ip("-n", hosts[1], "link", "set", "cable", "up")
    trained_alike(out + other)
    assert status == 1
    assert "Connection closed by peer: rank" in err


@pytest.mark.slow
def test_a_job_across_hosts_ends_well(hosts: tuple[str, str], tmp_path: Path) -> None:
    found = ended(start(hosts, tmp_path, "alive", *STATIC))
    assert [status for status, _, _ in found] == [0, 0], found
    trained_alike("".join(out for _, out, _ in found))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["alive", "killed"])
def test_one_mpiexec_for_both_hosts(hosts: tuple[str, str], tmp_path: Path, how: str) -> None:
    """It runs on the first; the launcher of the other starts that host's part."""
    jobs.need_mpi()
    launchers = start(hosts, tmp_path, how, *DRAWN, "--mpi", backend="mpi")
    if how == "killed":
        until_ready(tmp_path, launchers)
        os.killpg(launchers[1].pid, signal.SIGKILL)
    (status, out, err), (other_status, other, _) = ended(launchers)
    trained_alike(out + other)
    if how == "alive":
        assert (status, other_status) == (0, 0), err
    else:
        assert status == 1
        assert "two_hosts.py FAILED" in err
