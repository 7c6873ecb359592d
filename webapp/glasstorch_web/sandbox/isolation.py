"""Inside the zygote and the box: choose what isolates here, and lock a box down with it.

The strongest of what was asked for and what works is taken; what does not work is named with the
reason. What is really in force is measured afterwards by attacks (see `selftest`), not believed.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glasstorch_web.sandbox.kernel import cgroups, identity, landlock, libc, namespaces, rlimits, seccomp
from glasstorch_web.sandbox.preloaded import import_all
from glasstorch_web.sandbox.readable import loader_links, readable_paths, standard_library

_NO_THREADS = "threads: root's are not counted, so a box can have none"
THREAD_STACK = 9 << 20  # address space that a thread takes before it does anything
_READABLE_ENGINE = (
    "edition: the engine's files stay readable to a box, and with them the parts that are left out"
)
_GROUP_SLACK = 16 << 20  # what the kernel itself keeps for a box: page tables, pipes


@dataclass
class Isolation:
    """What a zygote found to work, and applies to every box."""

    namespaces: bool = False
    user_namespace: bool = False
    landlock_abi: int = 0
    landlock_rules: int = -1
    filter: bytes = b""
    thread_filter: bytes = b""  # the same, for boxes that may start threads
    groups: cgroups.Groups | None = None
    space: int = 0  # bytes of address space, and of memory, that a box has from its zygote
    inherited: int = 0
    files: bool = True  # may a box open files at all (those it can see)?
    limits: bool = True
    box_uid: int | None = None
    keep_reading: bool = False
    readable: list[str] = field(default_factory=list)  # real paths, of what a box may read
    proc: int = -1  # the folder /proc, which is out of sight in a root of its own
    gaps: list[str] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        return {
            "system": f"{platform.system()} {platform.machine()}",
            "namespaces": self.namespaces,
            "userns": self.user_namespace,
            "landlock_abi": self.landlock_abi,
            "seccomp": bool(self.filter),
            "files": self.files,
            "limits": self.limits,
            "cgroup": self.groups is not None,
            "threads": self.counts_threads,
            "inherited": self.inherited,
            "own_uid": self.box_uid is not None,
            "gaps": self.gaps,
        }

    def weigh(self) -> None:
        """Take down how much memory a box has from its zygote; where that is no longer told, what was known holds."""
        space, own = rlimits.memory(self.proc)
        if space:
            self.space, self.inherited = space, own

    def descriptors(self) -> list[int]:
        """What must stay open for this to be applied."""
        folders = [*self.groups.parents, *self.groups.places] if self.groups is not None else []
        return [fd for fd in (self.landlock_rules, self.proc, *folders) if fd >= 0]

    def close_engine(self) -> str:
        """In a zygote of its own: from now on boxes can read no file of the engine. Why not, where that cannot be."""
        if self.landlock_rules >= 0:
            engine = [os.path.realpath(path) for path in getattr(sys.modules.get("torch"), "__path__", ())]
            os.close(self.landlock_rules)
            closed = [path for path in self.readable if path not in engine]
            self.landlock_rules = landlock.ruleset(closed, standard_library())
        elif self.filter and self.files:
            import_all(getattr(sys.modules.get("torch"), "__name__", ""))
            self.files = False
            _filter(self)
        return _READABLE_ENGINE if self.files and self.landlock_rules < 0 else ""

    @property
    def counts_threads(self) -> bool:
        """Whether the threads of a box can be bounded; where not, no box with threads starts."""
        someone = self.box_uid is not None or self.user_namespace or os.getuid() != 0
        return someone or self.groups is not None or not self.limits

    def fork(self) -> int:
        """In the zygote: a child that will be a box. 0 in the child, as with `os.fork`."""
        return namespaces.fork_alone() if self.namespaces else os.fork()

    def limit_group(self, group: cgroups.Group, order: dict[str, Any]) -> None:
        """In the zygote: what the box in `group` may take.

        Pages that box and zygote share are the box's from the moment that it writes to them. More than the limit of
        the address space allows is asked of the group only where a box has threads: that one says it better.
        """
        group.limit(
            memory_bytes=int(order["memory_mb"] * (1 << 20)) + self.inherited + _GROUP_SLACK,
            tasks=1 + order["threads"],
        )

    def tasks(self, threads: int, boxed: int) -> int:
        """RLIMIT_NPROC of a box with `threads`. boxed: how many tasks all boxes may have, this one its first.

        The kernel counts by user, not by box: while another box runs, its threads that have not started are to be had.

        Raises OSError where threads could not be counted.
        """
        if not threads:
            return 0
        if self.groups is not None or not self.limits:
            return -1
        if self.box_uid is not None:
            return boxed + threads
        if self.user_namespace:
            return boxed + threads + 2  # the zygote and the box that waits are of the same user
        if not self.counts_threads:
            raise OSError(_NO_THREADS)
        return rlimits.tasks_of(os.getuid()) + threads

    def lock_down(self, order: dict[str, Any]) -> None:
        """In the box, just before learner code. There is no way back."""
        threads = order["threads"]
        if self.box_uid is not None:
            identity.become(self.box_uid, keep_reading=self.keep_reading)
        if self.limits:
            memory = self.space + int(order["memory_mb"] * (1 << 20)) + threads * THREAD_STACK
            rlimits.apply(
                cpu_seconds=order["cpu_seconds"],
                memory_bytes=memory if self.space else 0,
                tasks=order["tasks"],
            )
        if self.landlock_rules >= 0:
            landlock.restrict(self.landlock_rules)
            os.close(self.landlock_rules)
        if libc.LINUX and (self.filter or self.namespaces or self.box_uid is not None):
            identity.drop_capabilities(keep_reading=self.keep_reading)
        identity.die_with_parent()
        if self.filter:
            seccomp.install(self.thread_filter if threads else self.filter)


def prepare(asked: dict[str, Any], new_root: str) -> Isolation:
    """Choose in the zygote, after all imports. `asked` says which mechanisms to try.

    Keys, all true unless given: cgroup, namespaces, landlock, seccomp, limits, own_uid. Each that fails
    leaves a line in `gaps`. What is chosen holds for every box: one for which it then fails does not run.
    """
    chosen = Isolation(limits=asked.get("limits", True))
    if libc.LINUX:
        chosen.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    chosen.weigh()
    if asked.get("cgroup", True):
        _choose_groups(chosen)
    else:
        chosen.gaps.append("cgroup: switched off")
    package = __name__.partition(".")[0]
    readable = chosen.readable = readable_paths(package)
    if asked.get("namespaces", True):
        _choose_namespaces(chosen, new_root, readable)
    else:
        chosen.gaps.append("namespaces: switched off")
    if asked.get("landlock", True):
        _choose_landlock(chosen, readable)
    else:
        chosen.gaps.append("landlock: switched off")
    if asked.get("seccomp", True):
        _choose_seccomp(chosen)
    else:
        chosen.gaps.append("seccomp: switched off")
    if not asked.get("own_uid", True):
        chosen.gaps.append("user: switched off")
    elif os.geteuid() == 0 and not chosen.user_namespace:
        _choose_uid(chosen)
    else:
        chosen.gaps.append("user: a box has the user number of its worker (only root can give it another)")
    if not chosen.counts_threads:
        chosen.gaps.append(_NO_THREADS)
    return chosen


def _choose_groups(chosen: Isolation) -> None:
    if not libc.LINUX:
        chosen.gaps.append(f"cgroup: {platform.system()} has none")
        return
    try:
        chosen.groups = cgroups.open_groups()
    except OSError as error:
        chosen.gaps.append(f"cgroup: {error.strerror or error}")


def _choose_namespaces(chosen: Isolation, new_root: str, readable: list[str]) -> None:
    if not libc.LINUX:
        chosen.gaps.append(f"namespaces: {platform.system()} has none")
        return
    reasons = []
    for user in (False, True) if os.geteuid() == 0 else (True,):

        def enter(user: bool = user) -> None:
            namespaces.enter(user=user)
            namespaces.change_root(new_root, readable, loader_links())

        def attempt(enter: Callable[[], None] = enter) -> None:
            enter()
            child = namespaces.fork_alone()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)

        reason = tried(attempt)
        if not reason:
            enter()
            chosen.namespaces, chosen.user_namespace = True, user
            return
        reasons.append(reason)
    chosen.gaps.append(f"namespaces: {reasons[-1]}")


def _choose_landlock(chosen: Isolation, readable: list[str]) -> None:
    chosen.landlock_abi = landlock.abi()
    if not chosen.landlock_abi:
        chosen.gaps.append("landlock: this kernel has none, or it is switched off")
        return
    rules = landlock.ruleset(readable, standard_library())
    reason = tried(lambda: landlock.restrict(rules))
    if reason:
        os.close(rules)
        chosen.landlock_abi = 0
        chosen.gaps.append(f"landlock: {reason}")
    else:
        chosen.landlock_rules = rules


def _choose_seccomp(chosen: Isolation) -> None:
    reason = seccomp.supported()
    if not reason:
        chosen.files = chosen.namespaces or chosen.landlock_rules >= 0
        program = seccomp.program(open_files=chosen.files)
        reason = tried(lambda: seccomp.install(program))
        if not reason:
            _filter(chosen)
            return
    chosen.files = True
    chosen.gaps.append(f"seccomp: {reason}")


def _filter(chosen: Isolation) -> None:
    chosen.filter = seccomp.program(open_files=chosen.files)
    chosen.thread_filter = seccomp.program(open_files=chosen.files, threads=True)


def _choose_uid(chosen: Isolation) -> None:
    """Find a user to drop to from which Python's own files can still be read."""
    reason = ""
    own = identity.unused_uid()
    for keep_reading in (False, True) if chosen.landlock_rules >= 0 else (False,):
        for uid in (own, identity.NOBODY):

            def attempt(uid: int = uid, keep: bool = keep_reading) -> None:
                identity.become(uid, keep_reading=keep)
                identity.drop_capabilities(keep_reading=keep)
                if chosen.files:
                    open(os.__file__, "rb").close()

            reason = tried(attempt)
            if not reason:
                chosen.box_uid, chosen.keep_reading = uid, keep_reading
                return
    # Better no files than root: everything useful is imported already.
    if chosen.filter and not tried(lambda: identity.become(own, keep_reading=False)):
        chosen.box_uid, chosen.files = own, False
        _filter(chosen)
        return
    chosen.gaps.append(f"user: the box runs as root ({reason})")


def tried(action: Callable[[], None]) -> str:
    """Try `action` in a child process that is thrown away: empty when it worked, else the reason."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            try:
                action()
                os.write(writing, b"ok")
            except BaseException as error:
                reason = str(error) or "".join(traceback.format_exception_only(error)).strip()
                os.write(writing, reason.encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    said = b""
    while part := os.read(reading, 4096):
        said += part
    os.close(reading)
    os.waitpid(child, 0)
    return "" if said == b"ok" else said.decode(errors="replace") or "the attempt ended without a word"
