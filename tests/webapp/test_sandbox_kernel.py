"""The system call tables against the system's headers, and the filter against a reading of its instructions."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest
from glasstorch_web.sandbox.kernel import landlock, libc, seccomp, syscalls

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
MACHINES = sorted(syscalls.AUDIT_ARCH)
ALLOW, KILL = 0x7FFF0000, 0x80000000


def defined(header: Path) -> dict[str, int]:
    pattern = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)")
    return {name: int(number) for name, number in pattern.findall(header.read_text())}


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_the_systems(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip(f"no {HEADERS[machine]} here")
    known = defined(HEADERS[machine])
    known.setdefault("newfstatat", known.get("fstatat", -1))
    for name, number in syscalls.table(machine).items():
        assert known[name] == number, name


def judge(program: bytes, machine: str, name: str | int, *arguments: int, arch: int | None = None) -> int:
    """What the kernel would answer: a reading of classic BPF as far as the filter uses it."""
    number = syscalls.table(machine)[name] if isinstance(name, str) else name
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, arch or syscalls.AUDIT_ARCH[machine], 0, *padded)
    code = [struct.unpack_from("HBBI", program, 8 * i) for i in range(len(program) // 8)]
    accumulator = place = 0
    while True:
        operation, if_true, if_false, operand = code[place]
        place += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif operation == 0x06:
            return operand
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[operation]
            place += if_true if holds else if_false


def error(number: int) -> int:
    return 0x00050000 | number


@pytest.mark.parametrize("machine", MACHINES)
class TestFilter:
    def test_computing_is_allowed(self, machine: str) -> None:
        program = seccomp.program(machine)
        for name in (
            "read",
            "write",
            "mmap",
            "munmap",
            "brk",
            "futex",
            "clock_gettime",
            "exit_group",
            "getrandom",
        ):
            assert judge(program, machine, name) == ALLOW, name

    def test_harm_is_refused_with_a_permission_error(self, machine: str) -> None:
        program = seccomp.program(machine)
        for name in (
            "clone",
            "execve",
            "kill",
            "tgkill",
            "socket",
            "connect",
            "ptrace",
            "unlinkat",
            "fchmodat",
        ):
            assert judge(program, machine, name) == error(errno.EPERM), name

    def test_what_is_unknown_does_not_exist(self, machine: str) -> None:
        program = seccomp.program(machine)
        for name in ("clone3", "openat2", 600):
            assert judge(program, machine, name) == error(errno.ENOSYS), name

    def test_files_open_for_reading_only(self, machine: str) -> None:
        program = seccomp.program(machine)
        reading, cloexec = 0, 0o2000000
        assert judge(program, machine, "openat", 5, 0, reading | cloexec) == ALLOW
        for flags in (1, 2, 0o100, 0o1000, 0o101 | cloexec, 0o20200002, 0o20000):
            assert judge(program, machine, "openat", 5, 0, flags) == error(errno.EPERM), oct(flags)

    def test_files_can_be_closed_altogether(self, machine: str) -> None:
        program = seccomp.program(machine, open_files=False)
        assert judge(program, machine, "openat", 5, 0, 0) == error(errno.EACCES)
        assert judge(program, machine, "read") == ALLOW

    def test_descriptors_get_no_owner_lock_or_size(self, machine: str) -> None:
        program = seccomp.program(machine)
        for command in (0, 1, 2, 3, 1030):
            assert judge(program, machine, "fcntl", 3, command) == ALLOW
        for command in (4, 6, 7, 8, 10, 15, 37, 1024, 1031):
            assert judge(program, machine, "fcntl", 3, command) == error(errno.EPERM)

    def test_own_limits_can_be_read_and_not_set(self, machine: str) -> None:
        program = seccomp.program(machine)
        assert judge(program, machine, "prlimit64", 0, 7, 0, 1 << 40) == ALLOW
        assert judge(program, machine, "prlimit64", 0, 7, 1 << 40, 0) == error(errno.EPERM)
        assert judge(program, machine, "prlimit64", 0, 7, 16, 0) == error(errno.EPERM)
        assert judge(program, machine, "prlimit64", 77, 7, 0, 0) == error(errno.EPERM)

    def test_another_architectures_calls_kill(self, machine: str) -> None:
        program = seccomp.program(machine)
        assert judge(program, machine, 0, arch=0x40000003) == KILL

    def test_no_call_is_both_allowed_and_refused(self, machine: str) -> None:
        assert not set(seccomp.ALLOWED.split()) & set(seccomp.REFUSED.split())
        known = set(syscalls.table(machine)) | {"open", "stat", "fork"}
        assert {"read", "openat", *seccomp.REFUSED.split()} - known <= set(syscalls.table("x86_64"))


def test_x32_calls_kill() -> None:
    assert judge(seccomp.program("x86_64"), "x86_64", 0x40000000) == KILL


def test_an_unknown_machine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libc, "LINUX", True)
    monkeypatch.setattr(libc, "MACHINE", "riscv64")
    assert seccomp.supported() == "no system call table for riscv64"


def test_without_linux_there_is_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libc, "LINUX", False)
    assert landlock.abi() == 0
    assert seccomp.supported() == "seccomp exists on Linux only"
