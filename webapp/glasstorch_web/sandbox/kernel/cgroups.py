"""Control groups: the kernel counts what a box takes in memory and tasks, and stops it there.

Both generations: version 1's memory and pids hierarchies, and a version 2 subtree that was handed to this
user. Every zygote has a group of its own and in it one for each box. The zygote's group is held by a
file lock: one whose lock is free has lost its zygote, and is swept away by the next.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import signal
import time
from dataclasses import dataclass, field

CONTROLLERS = ("memory", "pids")
_PREFIX = "glasstorch-"
_KILL_SECONDS = 2.0  # within which killed processes leave their group

_LIMITS = {
    1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
    2: ("memory.max", "memory.swap.max"),
}
_PEAK = {1: "memory.max_usage_in_bytes", 2: "memory.peak"}
_EVENTS = {1: "memory.oom_control", 2: "memory.events"}


@dataclass
class Usage:
    """What a box's group counted. peak: bytes, 0 where the kernel does not tell. killed: boxes ended for memory."""

    peak: int
    killed: bool


@dataclass
class Group:
    """One box's group: a folder of the same name in each of `places` (open folders)."""

    version: int
    places: tuple[int, ...]
    name: str

    def limit(self, *, memory_bytes: int, tasks: int) -> None:
        """Memory, with no swap beyond it, and how many tasks (threads count) there may be."""
        limit, swap = _LIMITS[self.version]
        self._write("memory", limit, str(memory_bytes))
        # Version 1 limits the sum of memory and swap, version 2 swap alone; without swap the file is missing.
        with contextlib.suppress(FileNotFoundError):
            self._write("memory", swap, str(memory_bytes) if self.version == 1 else "0")
        self._write("pids", "pids.max", str(tasks))

    def enter(self, process: int) -> None:
        """Move `process` here."""
        for place in self.places:
            _write(place, f"{self.name}/cgroup.procs", str(process))

    def usage(self) -> Usage:
        """What was counted so far."""
        try:
            peak = int(self._read("memory", _PEAK[self.version]))
        except FileNotFoundError:  # older than Linux 5.19
            peak = 0
        events = dict(line.split() for line in self._read("memory", _EVENTS[self.version]).splitlines())
        return Usage(peak, int(events.get("oom_kill", 0)) > 0)

    def remove(self) -> None:
        """Kill whatever is left in the group, and remove it. OSError when that does not succeed."""
        for place in self.places:
            _remove(place, self.name)

    def _place(self, controller: str) -> int:
        return self.places[CONTROLLERS.index(controller) % len(self.places)]

    def _read(self, controller: str, file: str) -> str:
        return _read(self._place(controller), f"{self.name}/{file}")

    def _write(self, controller: str, file: str, text: str) -> None:
        _write(self._place(controller), f"{self.name}/{file}", text)


@dataclass
class Groups:
    """A zygote's own group, in which `new` makes one for each box."""

    version: int
    name: str
    parents: tuple[int, ...]  # open folders; `places` are those of the zygote's group in them
    places: tuple[int, ...]
    _made: int = field(default=0, init=False)

    def new(self) -> Group:
        """An empty group without limits."""
        self._made += 1
        group = Group(self.version, self.places, f"box-{os.getpid()}-{self._made}")
        for place in self.places:
            os.mkdir(group.name, dir_fd=place)
        return group

    def remove(self) -> None:
        """Remove this zygote's group with all that is in it."""
        for parent in self.parents:
            _remove(parent, self.name)

    def try_out(self) -> None:
        """Put a process into a group and take both away; OSError says what does not work here."""
        group = self.new()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        try:
            group.limit(memory_bytes=64 << 20, tasks=1)
            group.enter(child)
            group.usage()
        finally:
            os.close(reading)
            os.close(writing)
            os.waitpid(child, 0)
            group.remove()


def open_groups(proc: str = "/proc/self") -> Groups:
    """A group for this process's boxes; OSError tells why there can be none.

    `proc` holds the two files that say which hierarchies are mounted where.
    """
    reason = "memory and pids are not both counted in groups here"
    for version, parents in _candidates(proc):
        try:
            return _open(version, parents)
        except OSError as error:
            reason = error.strerror or str(error)
    raise OSError(reason)


def _open(version: int, parents: list[str]) -> Groups:
    if version == 2:
        _hand_down(parents[0])
    name = _PREFIX + secrets.token_hex(6)
    opened: list[int] = []
    try:
        for parent in parents:
            opened.append(os.open(parent, os.O_DIRECTORY | os.O_CLOEXEC))
            # Held until all is made: no other sweeper takes a group that has no lock yet for one left behind.
            fcntl.flock(opened[-1], fcntl.LOCK_EX)
            _sweep(opened[-1])
        for parent in parents:
            os.mkdir(path := f"{parent}/{name}")
            opened.append(os.open(path, os.O_DIRECTORY | os.O_CLOEXEC))
            fcntl.flock(opened[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            if version == 2:
                _hand_down(path)
        half = len(parents)
        groups = Groups(version, name, tuple(opened[:half]), tuple(opened[half:]))
        groups.try_out()
        for place in groups.parents:
            fcntl.flock(place, fcntl.LOCK_UN)
    except BaseException:
        for parent in parents:
            with contextlib.suppress(OSError):
                os.rmdir(f"{parent}/{name}")
        for place in opened:
            os.close(place)
        raise
    return groups


def _hand_down(path: str) -> None:
    """Let groups within a version 2 group be counted and limited."""
    with open(f"{path}/cgroup.controllers", encoding="ascii") as file:
        missing = set(CONTROLLERS) - set(file.read().split())
    if missing:
        raise OSError(f"there is no controller for {' and '.join(sorted(missing))}")
    with open(f"{path}/cgroup.subtree_control", encoding="ascii") as file:
        given = file.read().split()
    if not set(CONTROLLERS) <= set(given):
        with open(f"{path}/cgroup.subtree_control", "w", encoding="ascii") as file:
            file.write(" ".join(f"+{name}" for name in CONTROLLERS))


def _candidates(proc: str) -> list[tuple[int, list[str]]]:
    """(version, folders to make groups in), best first.

    In version 2 a group that has processes cannot have limited groups within: where this process sits in such
    a one, its parent may be the subtree that was handed over.
    """
    own = _own_groups(proc)
    found: list[tuple[int, list[str]]] = []
    first: dict[str, str] = {}
    for kind, controllers, point, root in _mounts(proc):
        if kind == "cgroup2" and "" in own:
            here = _below(point, root, own[""])
            found.append((2, [here]))
            if here != point:
                found.append((2, [os.path.dirname(here)]))
        for name in CONTROLLERS:
            if kind == "cgroup" and name in controllers and name in own:
                first.setdefault(name, _below(point, root, own[name]))
    if len(first) == len(CONTROLLERS):
        folders = list(dict.fromkeys(first[name] for name in CONTROLLERS))
        found.append((1, folders))
    return found


def _own_groups(proc: str) -> dict[str, str]:
    """This process's group by controller; version 2's by the empty name."""
    groups = {}
    with open(f"{proc}/cgroup", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            _, names, path = line.rstrip("\n").split(":", 2)
            for name in names.split(","):
                groups[name] = path
    return groups


def _mounts(proc: str) -> list[tuple[str, list[str], str, str]]:
    """Every mounted hierarchy: (file system, options, where it is mounted, which group that shows)."""
    found = []
    with open(f"{proc}/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            before, _, after = line.rstrip("\n").partition(" - ")
            kind, _, options = after.split(" ", 2)
            if kind in ("cgroup", "cgroup2"):
                root, point = before.split()[3:5]
                found.append((kind, options.split(","), point, root))
    return found


def _below(point: str, root: str, path: str) -> str:
    inside = path[len(root) :] if root != "/" and path.startswith(root) else path
    return os.path.normpath(f"{point}/{inside}")


def _sweep(parent: int) -> None:
    """Remove the groups of zygotes that are gone."""
    for entry in os.scandir(parent):
        if entry.name.startswith(_PREFIX):
            with contextlib.suppress(OSError):  # it lives, another sweeps, or it is not ours to remove
                place = os.open(entry.name, os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=parent)
                try:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(parent, entry.name)
                finally:
                    os.close(place)


def _remove(parent: int, name: str) -> None:
    """Remove the group `name`, the groups in it, and every process in any of them."""
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
    else:
        return
    folder = os.open(name, os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=parent)
    try:
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                _remove(folder, entry.name)
        _empty(folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=parent)


def _empty(folder: int) -> None:
    deadline = time.monotonic() + _KILL_SECONDS
    while processes := [int(line) for line in _read(folder, "cgroup.procs").split()]:
        for process in processes:
            if process > 0:  # 0: one that this process cannot see; as an argument of kill it means others
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise OSError("a control group does not empty")
        time.sleep(0.001)


def _read(place: int, path: str) -> str:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=place)
    try:
        return os.read(file, 1 << 14).decode("ascii")
    finally:
        os.close(file)


def _write(place: int, path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=place)
    try:
        os.write(file, text.encode("ascii"))
    finally:
        os.close(file)
