"""What Docker's default seccomp profile takes from the processes in a container, put on a thread of the tests'.

A system call filter belongs to a thread and to everything that it starts: a sandbox started from such a thread
finds the machine as it would in a container.
"""

from __future__ import annotations

import errno
import struct
import threading
from collections.abc import Callable
from typing import TypeVar

from glasstorch_web.sandbox.kernel import seccomp, syscalls

_NEW = 0x7E020000  # every CLONE_NEW... flag of clone
_LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06

Result = TypeVar("Result")


def profile(*, landlock: bool) -> bytes:
    """A filter: no namespaces and no mounts, and without `landlock` a kernel that has never heard of it."""
    numbers = syscalls.table()
    answers = dict.fromkeys(("unshare", "setns", "mount", "umount2", "pivot_root"), errno.EPERM)
    answers |= {"clone3": errno.ENOSYS}
    if not landlock:
        answers |= dict.fromkeys(_LANDLOCK, errno.ENOSYS)
    code = [(_LOAD, 0, 0, 0)]
    for name, error in answers.items():
        code += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _ERRNO | error)]
    code += [
        (_EQUAL, 0, 3, numbers["clone"]),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 0, 1, _NEW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def in_docker(action: Callable[[], Result], *, landlock: bool) -> Result:
    """`action` done by a thread under the profile; what it starts keeps the profile."""
    outcome: list[Result] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            seccomp.install(profile(landlock=landlock))
            outcome.append(action())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return outcome[0]
