"""Attack a box the way a learner could, and report what isolation is really in force.

The attacks travel the same way as any submission. Each has something on this side to hit: a listening
port, a file, a folder open to everyone, this process. Nothing is damaged when one succeeds. For every
mechanism that a level claims there is one that nothing but this mechanism stops.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glasstorch_web.sandbox.box import Box, CallFailed
from glasstorch_web.sandbox.limits import Limits
from glasstorch_web.sandbox.process import BoxEnded, Sandbox, SandboxError

ATTACKS = {
    "network": "could connect to a network address",
    "read": "could read a file that is none of its business",
    "list": "could list a folder that is none of its business",
    "write": "could write a file",
    "chmod": "could change a file's mode",
    "environment": "could read another process's environment",
    "kill": "could signal the process that grades",
    "fork": "could start processes",
    "memory": "could take more memory than its limit",
    "descriptors": "could hold open more files than its limit",
    "kernel": "could reach a part of the kernel that is none of its business",
    "look": "could see that a file of this machine exists",
    "root": "could list the top folder",
    "user": "had the user number of its grader",
    "threads": "could start more threads than its limit",
    "swell": "could take more memory than its limit, where threads need room",
    "exec": "could become another program",
}
# Tried only where the mechanism is said to be in force: it alone stops them, and without it they are a known gap.
_CLAIMED = {
    "look": "namespaces",
    "root": "landlock_abi",
    "user": "own_uid",
    "threads": "threads",
    "swell": "cgroup",
}
_THREADED = ("threads", "swell")

SOURCE = """
import ctypes, os, socket, threading

def network(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True

def read(path):
    with open(path) as file:
        return bool(file.read())

def list(folder):
    return bool(os.listdir(folder))

def write(path):
    with open(path, "w") as file:
        return bool(file.write("x"))

def chmod(path):
    os.chmod(path, 0o644)
    return True

def environment(pid):
    with open(f"/proc/{pid}/environ", "rb") as file:
        return bool(file.read())

def kill(pid):
    os.kill(pid, 0)
    return True

def fork(none):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True

def memory(amount):
    return len(bytes(amount)) == amount

def descriptors(limit):
    return len([os.dup(0) for _ in range(2 * limit)]) > limit

def kernel(error):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(425, 1, None)  # io_uring_setup
    return ctypes.get_errno() == error

def look(path):
    return os.stat(path).st_size > 0

def root(folder):
    return bool(os.listdir(folder))

def user(number):
    return os.getuid() == number

def threads(limit):
    threading.stack_size(1 << 16)
    end, started = threading.Event(), []
    try:
        for _ in range(2 * limit):
            started.append(threading.Thread(target=end.wait))
            started[-1].start()
        return True
    finally:
        end.set()

def swell(amount):
    return len(bytearray(b"x") * amount) == amount

def exec(program):
    os.execv(program, [program])
"""

LIMITS = Limits(cpu_seconds=5, wall_seconds=10, memory_mb=64, reply_mb=1)
# Sixteen stacks are more room than the memory allowed: the address space alone does not bound it.
THREADED_LIMITS = Limits(cpu_seconds=5, wall_seconds=10, memory_mb=8, reply_mb=1, threads=16)


@contextmanager
def _targets(inherited: int) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="glasstorch-selftest-") as folder, socket.socket() as listener:
        place = Path(folder)
        place.chmod(0o755)
        secret = place / "secret"
        secret.write_text("not for learners")
        secret.chmod(0o644)
        open_to_all = place / "open"
        open_to_all.mkdir()
        open_to_all.chmod(0o777)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield {
            "network": listener.getsockname()[1],
            "read": str(secret),
            "list": folder,
            "write": str(open_to_all / "written"),
            "chmod": str(secret),
            "environment": os.getpid(),
            "kill": os.getpid(),
            "fork": None,
            "memory": (LIMITS.memory_mb + 64) << 20,
            "descriptors": 128,
            "kernel": errno.EFAULT,
            "look": str(secret),
            "root": "/",
            "user": os.getuid(),
            "threads": THREADED_LIMITS.threads,
            "swell": inherited + ((THREADED_LIMITS.memory_mb + 40) << 20),
            "exec": next(
                (path for path in ("/bin/true", "/usr/bin/true") if os.path.exists(path)), "/bin/true"
            ),
        }


def attack(sandbox: Sandbox, names: Iterable[str] = ATTACKS) -> dict[str, bool]:
    """Every attack by name, True when it succeeded."""
    succeeded = {}
    with (
        _targets(sandbox.in_force["inherited"]) as targets,
        Box(sandbox, SOURCE, limits=LIMITS) as box,
        Box(sandbox, SOURCE, limits=THREADED_LIMITS) as threaded,
    ):
        for name in names:
            succeeded[name] = _succeeds(threaded if name in _THREADED else box, name, targets[name])
    return succeeded


def _succeeds(box: Box, name: str, target: object) -> bool:
    if not box.alive:
        try:
            box.load()
        except (CallFailed, BoxEnded) as failed:
            raise SandboxError(f"the sandbox cannot run code: {failed!r}") from None
    try:
        return box.call(name, target) is True
    except CallFailed:
        return False
    except BoxEnded as ended:
        # Becoming a program that ends well is how that attack looks when it works.
        return name == "exec" and ended.kind == "exit" and ended.detail == "0"


def measure(sandbox: Sandbox) -> dict[str, Any]:
    """The isolation level in force, measured: {level, landlock_abi, userns, seccomp, cgroup, own_uid, gaps, ...}.

    L4: all there is: namespaces, a system call filter, Landlock, control groups and a user number of its own. L3:
    namespaces and a filter. L2: a filter, and files hidden by Landlock or closed altogether. L1: time, memory and
    output limits only, or something stronger that an attack got through. L0: nothing at all.
    """
    force = sandbox.in_force
    tried = [name for name in ATTACKS if name not in _CLAIMED or force[_CLAIMED[name]]]
    succeeded = attack(sandbox, tried)
    got_through = [text for name, text in ATTACKS.items() if succeeded.get(name)]
    level = _level(force, bool(got_through))
    gaps = list(force["gaps"]) + [f"a box {text}" for text in got_through]
    if not force["namespaces"] and level == "L2":
        gaps.append("a box can see that a file exists, and its size and dates (no namespaces)")
    return {
        "level": level,
        **{key: force[key] for key in _TOLD},
        "selftest_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "attacks_stopped": len(tried) - len(got_through),
        "attacks_tried": len(tried),
        "gaps": gaps,
    }


_TOLD = ("system", "namespaces", "userns", "landlock_abi", "seccomp", "cgroup", "own_uid", "files")


def _level(force: dict[str, Any], got_through: bool) -> str:
    if not force["limits"]:
        return "L0"
    if not force["seccomp"] or got_through:
        return "L1"
    if not force["namespaces"]:
        return "L2"
    return "L4" if force["landlock_abi"] and force["cgroup"] and force["own_uid"] else "L3"
