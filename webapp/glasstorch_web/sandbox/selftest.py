"""Attack a box the way a learner could, and report what isolation is really in force.

The attacks travel the same way as any submission. Each has something on this side to hit: a listening
port, a file, a folder open to everyone, this process. Nothing is damaged when one succeeds.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
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
    "exec": "could become another program",
}

SOURCE = """
import os, socket

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

def exec(program):
    os.execv(program, [program])
"""

LIMITS = Limits(cpu_seconds=5, wall_seconds=10, memory_mb=64, reply_mb=1)


@contextmanager
def _targets() -> Iterator[dict[str, Any]]:
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
            "exec": next(
                (path for path in ("/bin/true", "/usr/bin/true") if os.path.exists(path)), "/bin/true"
            ),
        }


def attack(sandbox: Sandbox) -> dict[str, bool]:
    """Every attack by name, True when it succeeded."""
    succeeded = {}
    with _targets() as targets:
        for name in ATTACKS:
            with Box(sandbox, SOURCE, limits=LIMITS) as box:
                try:
                    box.load()
                except (CallFailed, BoxEnded) as failed:
                    raise SandboxError(f"the sandbox cannot run code: {failed!r}") from None
                try:
                    succeeded[name] = box.call(name, targets[name]) is True
                except CallFailed:
                    succeeded[name] = False
                except BoxEnded as ended:
                    # Becoming a program that ends well is how that attack looks when it works.
                    succeeded[name] = name == "exec" and ended.kind == "exit" and ended.detail == "0"
    return succeeded


def measure(sandbox: Sandbox) -> dict[str, Any]:
    """The isolation level in force, measured: {level, landlock_abi, userns, seccomp, selftest_at, gaps, ...}.

    L3: namespaces and a system call filter. L2: a filter, and files hidden by Landlock or closed
    altogether. L1: time, memory and output limits only, or something stronger that an attack got
    through. L0: nothing at all.
    """
    force = sandbox.in_force
    succeeded = attack(sandbox)
    got_through = [text for name, text in ATTACKS.items() if succeeded[name]]
    level = _level(force, bool(got_through))
    gaps = list(force["gaps"]) + [f"a box {text}" for text in got_through]
    if not force["namespaces"] and level == "L2":
        gaps.append("a box can see that a file exists, and its size and dates (no namespaces)")
    return {
        "level": level,
        **{key: force[key] for key in ("system", "namespaces", "userns", "landlock_abi", "seccomp", "files")},
        "selftest_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "attacks_stopped": len(ATTACKS) - len(got_through),
        "attacks_tried": len(ATTACKS),
        "gaps": gaps,
    }


def _level(force: dict[str, Any], got_through: bool) -> str:
    if not force["limits"]:
        return "L0"
    if not force["seccomp"] or got_through:
        return "L1"
    return "L3" if force["namespaces"] else "L2"
