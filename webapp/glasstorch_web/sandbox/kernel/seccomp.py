"""The system call filter: what a process that only computes needs, and nothing else.

A classic BPF program over `struct seccomp_data`. Allowed calls pass, calls with a dangerous form pass
only in their harmless form, well-known harmful calls answer EPERM (so that Python raises a
PermissionError a learner can read), and everything else answers ENOSYS (so that a C library newer
than this list falls back to an older call).
"""

from __future__ import annotations

import ctypes
import errno
import struct

from glasstorch_web.sandbox.kernel import libc, syscalls

# The order is the order of comparison: the hottest first.
ALLOWED = """
read write futex mmap munmap brk madvise mprotect mremap clock_gettime rt_sigaction rt_sigprocmask
rt_sigreturn close fstat newfstatat stat lstat statx lseek pread64 readv writev getdents64 getcwd
readlink readlinkat access faccessat faccessat2 sigaltstack restart_syscall exit exit_group sched_yield
sched_getaffinity set_robust_list rseq membarrier getpid getppid gettid getuid geteuid getgid getegid
uname sysinfo getrusage times getrlimit time gettimeofday clock_getres clock_nanosleep nanosleep
getitimer setitimer poll ppoll select pselect6 dup dup2 dup3 close_range getrandom
"""

REFUSED = """
clone fork vfork execve execveat kill tkill tgkill pidfd_open pidfd_send_signal ptrace process_vm_readv
process_vm_writev socket socketpair connect bind pipe pipe2 memfd_create shmget creat truncate ftruncate
pwrite64 rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat
chmod fchmod fchmodat chown mknod utimensat chdir chroot mount umount2 pivot_root setns unshare prctl
capset setrlimit keyctl bpf seccomp io_uring_setup open_by_handle_at
"""

_WRITING = 0x1 | 0x2 | 0x40 | 0x200 | 0x2000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_ASYNC
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: no owners, leases, locks or pipe sizes.
_FCNTL = (0, 1, 2, 3, 1030)
_IOCTL = (0x5401, 0x5413, 0x5450, 0x5451, 0x541B)  # TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX, FIONREAD

# CLONE_VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID, and musl's DETACHED besides.
_THREAD = (0x3D0F00, 0x7D0F00)

_KILL_PROCESS = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH = 0, 4

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def _argument(index: int, *, high: bool = False) -> int:
    return 16 + 8 * index + (4 if high else 0)


def _answer(verdict: int) -> list[Instruction]:
    return [(_RETURN, 0, 0, verdict)]


def _when_number(number: int, block: list[Instruction]) -> list[Instruction]:
    return [(_JUMP_EQUAL, 0, len(block), number), *block]


def _argument_among(index: int, values: tuple[int, ...], otherwise: int) -> list[Instruction]:
    block: list[Instruction] = [(_LOAD, 0, 0, _argument(index))]
    for value in values:
        block += [(_JUMP_EQUAL, 0, 1, value), *_answer(_ALLOW)]
    return block + _answer(_ERRNO | otherwise)


def _read_only_flags(index: int) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _argument(index)),
        (_JUMP_ANY_BIT, 0, 1, _WRITING),
        *_answer(_ERRNO | errno.EPERM),
        *_answer(_ALLOW),
    ]


def _query_own_limits() -> list[Instruction]:
    """prlimit64(0, resource, NULL, old): reading one's own limits, which getrlimit is made of."""
    block: list[Instruction] = []
    for index, high in ((0, False), (2, False), (2, True)):
        block += [
            (_LOAD, 0, 0, _argument(index, high=high)),
            (_JUMP_EQUAL, 1, 0, 0),
            *_answer(_ERRNO | errno.EPERM),
        ]
    return block + _answer(_ALLOW)


def _threads_only() -> list[Instruction]:
    """clone(flags, ...) exactly as C libraries start a thread: nothing of its own but a stack."""
    block: list[Instruction] = [
        (_LOAD, 0, 0, _argument(0, high=True)),
        (_JUMP_EQUAL, 1, 0, 0),
        *_answer(_ERRNO | errno.EPERM),
    ]
    return block + _argument_among(0, _THREAD, errno.EPERM)


def program(machine: str = libc.MACHINE, *, open_files: bool = True, threads: bool = False) -> bytes:
    """The filter as the kernel takes it: 8 bytes per instruction.

    open_files=False also refuses opening files for reading, for kernels where neither a mount
    namespace nor Landlock can hide them. threads=True lets threads start, and still no process.
    """
    numbers = syscalls.table(machine)
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, syscalls.AUDIT_ARCH[machine]),
        *_answer(_KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":  # the x32 numbers reach the same calls by another door
        code += [(_JUMP_AT_LEAST, 0, 1, 0x40000000), *_answer(_KILL_PROCESS)]
    for name in ALLOWED.split():
        if name in numbers:
            code += _when_number(numbers[name], _answer(_ALLOW))
    opening = {"open": 1, "openat": 2}
    forms = {
        "fcntl": _argument_among(1, _FCNTL, errno.EPERM),
        "ioctl": _argument_among(1, _IOCTL, errno.ENOTTY),
        "prlimit64": _query_own_limits(),
        **({"clone": _threads_only()} if threads else {}),
        **{
            name: _read_only_flags(index) if open_files else _answer(_ERRNO | errno.EACCES)
            for name, index in opening.items()
        },
    }
    for name, block in forms.items():
        if name in numbers:
            code += _when_number(numbers[name], block)
    for name in REFUSED.split():
        if name in numbers and name not in forms:
            code += _when_number(numbers[name], _answer(_ERRNO | errno.EPERM))
    code += _answer(_ERRNO | errno.ENOSYS)
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def supported() -> str:
    """Empty when this machine's filter is known, else the reason why it is not."""
    if not libc.LINUX:
        return "seccomp exists on Linux only"
    if libc.MACHINE not in syscalls.AUDIT_ARCH:
        return f"no system call table for {libc.MACHINE}"
    return ""


def install(filter_program: bytes) -> None:
    """Apply the filter to this process for good. It must have no new privileges ahead of it."""
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    described = _Program(len(filter_program) // 8, filter_program)
    pointer = ctypes.cast(ctypes.pointer(described), ctypes.c_void_p)
    libc.syscall(syscalls.number("seccomp"), 1, 0, pointer, what="seccomp")
