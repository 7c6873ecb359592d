"""Every attack in attacks/ is stopped at every isolation level, and does its harm where nothing isolates."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, Sandbox
from glasstorch_web.sandbox.selftest import ATTACKS, attack, measure
from support.docker_profile import in_docker

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the strong isolation levels exist on Linux only"
)

HERE = Path(__file__).parent
CORPUS = {path.stem: path.read_text() for path in sorted((HERE / "attacks").glob("*.py"))}
EXERCISE = HERE / "exercises" / "00-fixtures" / "exercises" / "fixture.relu-backward"
LIMITS = Limits(cpu_seconds=4, wall_seconds=8, memory_mb=64, reply_mb=1)

LEVELS = {
    "L4": {},
    "L3": {"cgroup": False},
    "L3 without Landlock": {"cgroup": False, "landlock": False},
    "L2": {"cgroup": False, "namespaces": False},
    "L2 without Landlock": {"cgroup": False, "namespaces": False, "landlock": False},
    "L2 in Docker": {"cgroup": False},
    "L2 in Docker without Landlock": {"cgroup": False},
}
NOTHING = dict.fromkeys(("cgroup", "namespaces", "landlock", "seccomp", "limits", "own_uid"), False)


def control(source: str) -> str:
    return source.splitlines()[0].removeprefix("# control: ")


@pytest.fixture(scope="module", autouse=True)
def secret_in_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSTORCH_TEST_SECRET", "in the worker only")
        yield


# Each differs from one of the usual levels in a mechanism whose absence another of them has too.
RARE = ("L3 without Landlock", "L2 in Docker without Landlock")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.slow) if name in RARE else name for name in LEVELS],
)
def level(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = Sandbox(isolation=LEVELS[request.param], framework="")
    if "Docker" in request.param:
        in_docker(sandbox.start, landlock="without" not in request.param)
    else:
        sandbox.start()
    with contextlib.closing(sandbox):
        report = measure(sandbox)
        if report["level"] != request.param[:2]:
            pytest.skip(f"{request.param} is not to be had here: {report['gaps']}")
        yield sandbox


@pytest.fixture(scope="module")
def nothing() -> Iterator[Sandbox]:
    with Sandbox(isolation=NOTHING, framework="") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def target() -> Iterator[dict[str, Any]]:
    """Things to hit, all this test's own; open to everybody, so that only the sandbox protects them."""
    with tempfile.TemporaryDirectory(prefix="glasstorch-target-") as folder:
        yield from targets(Path(folder))


@pytest.fixture
def fresh_target(tmp_path: Path) -> Iterator[dict[str, Any]]:
    yield from targets(tmp_path)


def targets(folder: Path) -> Iterator[dict[str, Any]]:
    folder.chmod(0o755)
    (folder / "secret").write_text("the secret")
    open_folder = folder / "open"
    open_folder.mkdir()
    open_folder.chmod(0o777)
    victim_file = open_folder / "victim"
    victim_file.write_text("untouched")
    victim_file.chmod(0o666)
    victim = subprocess.Popen(["sleep", "100"])
    with (
        socket.socket() as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(open_folder / "socket"))
        os.chmod(open_folder / "socket", 0o777)
        tcp.listen()
        unix.listen()
        try:
            yield {
                "port": tcp.getsockname()[1],
                "udp_port": udp.getsockname()[1],
                "unix_socket": str(open_folder / "socket"),
                "secret": str(folder / "secret"),
                "folder": str(folder),
                "open_folder": str(open_folder),
                "victim_file": str(victim_file),
                "checks": str(EXERCISE / "checks.py"),
                "exercise": str(EXERCISE),
                "grader_source": str(Path(sys.modules[Box.__module__].__file__ or "")),
                "parent": os.getpid(),
                "victim": victim.pid,
                "victim_group": os.getpgid(victim.pid),
                "too_much_memory": (LIMITS.memory_mb + 64) << 20,
            }
        finally:
            victim.kill()
            victim.wait()


def succeeds(sandbox: Sandbox, source: str, target: dict[str, Any]) -> bool:
    with Box(sandbox, source, limits=LIMITS) as box:
        try:
            box.load()
            return box.call("attack", target) is True
        except CallFailed:
            return False
        except BoxEnded as ended:
            # An exec that works turns the box into another program, which ends well.
            return "execv" in source and (ended.kind, ended.detail) == ("exit", "0")


@pytest.mark.parametrize("name", CORPUS)
def test_attack_is_stopped(level: Sandbox, target: dict[str, Any], name: str) -> None:
    assert not succeeds(level, CORPUS[name], target)
    victim_file = Path(target["victim_file"])
    assert victim_file.read_text() == "untouched"
    assert stat.S_IMODE(victim_file.stat().st_mode) == 0o666
    assert {path.name for path in victim_file.parent.iterdir()} == {"victim", "socket"}
    os.kill(target["victim"], 0)


@pytest.mark.parametrize("name", [name for name in CORPUS if control(CORPUS[name]) != "none"])
def test_attack_does_harm_where_nothing_isolates(
    nothing: Sandbox, fresh_target: dict[str, Any], name: str
) -> None:
    if control(CORPUS[name]) == "root" and os.geteuid() != 0:
        pytest.skip("this attack needs root to do harm")
    assert succeeds(nothing, CORPUS[name], fresh_target)


def test_level_is_measured_by_attack(nothing: Sandbox) -> None:
    assert measure(nothing)["level"] == "L0"
    assert all(attack(nothing).values())


def test_limits_alone_are_called_level_1() -> None:
    with Sandbox(
        isolation={"cgroup": False, "namespaces": False, "landlock": False, "seccomp": False}, framework=""
    ) as sandbox:
        report = measure(sandbox)
    assert report["level"] == "L1"
    assert f"a box {ATTACKS['network']}" in report["gaps"]
    assert f"a box {ATTACKS['memory']}" not in report["gaps"]


def test_a_hole_lowers_the_level(nothing: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the zygote says of itself is not believed: one attack that gets through is level 1."""
    claimed = ("limits", "seccomp", "namespaces", "landlock_abi", "cgroup", "own_uid")
    monkeypatch.setattr(nothing, "in_force", {**nothing.in_force, **dict.fromkeys(claimed, True)})
    report = measure(nothing)
    assert report["level"] == "L1"
    assert (report["attacks_tried"], report["attacks_stopped"]) == (len(ATTACKS), 0)


ONLY = {
    "namespaces": "look",
    "landlock": "root",
    "seccomp": "kernel",
    "limits": "descriptors",
    "own_uid": "user",
    "cgroup": "swell",
}


@pytest.mark.parametrize("mechanism", ONLY)
def test_every_mechanism_stops_an_attack_that_nothing_else_stops(mechanism: str) -> None:
    with Sandbox(isolation={mechanism: False}, framework="") as sandbox:
        have = sandbox.in_force
        if not all(have.get(other, have["landlock_abi"]) for other in ONLY if other != mechanism):
            pytest.skip("the other mechanisms are not all to be had here")
        assert attack(sandbox, [ONLY[mechanism]]) == {ONLY[mechanism]: True}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not shutil.which("setpriv") or not shutil.which("unshare"), reason="needs util-linux")
@pytest.mark.parametrize(
    "levels",
    ["L3 and not without", pytest.param("not L3 or without", marks=pytest.mark.slow)],
    ids=["L3", "the other levels"],
)
def test_the_same_as_an_unprivileged_user(levels: str) -> None:
    """Every level that an ordinary user can have, as nobody; in a mount namespace where it can reach this Python."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", __file__]
    command += ["--rootdir", str(HERE.parents[1]), "-k", f"(stopped and ({levels})) or unprivileged_level"]
    home, base = str(Path.home()), sys.base_prefix
    become = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
    place = Path(tempfile.mkdtemp(prefix="glasstorch-nobody-"))
    place.chmod(0o777)
    command += ["--basetemp", str(place / "pytest")]
    if base.startswith(home + "/") and stat.S_IMODE(os.stat(home).st_mode) & 0o005 != 0o005:
        become = (
            f"mkdir '{place}/python' && mount --bind '{base}' '{place}/python' && "
            f"mount -t tmpfs -o mode=0755 none '{home}' && "
            f"mkdir -p '{base}' && mount --bind '{place}/python' '{base}' && {become}"
        )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": "/nonexistent",
    }
    script = ["unshare", "--mount", "sh", "-c", become, "sh", *command]
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("no mount namespaces for root here")
    try:
        done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=300)
    finally:
        shutil.rmtree(place)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="for an ordinary user")
def test_unprivileged_level() -> None:
    with Sandbox(framework="") as sandbox:
        report = measure(sandbox)
    if report["userns"]:
        assert report["level"] == "L3"
    assert report["level"] in ("L2", "L3")
    assert not report["own_uid"]


def test_corpus_is_a_battery() -> None:
    assert len(CORPUS) >= 60
    assert sum(control(source) != "none" for source in CORPUS.values()) >= 55
