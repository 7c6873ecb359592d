"""System call numbers by name for the two architectures the filter knows."""

from __future__ import annotations

from glasstorch_web.sandbox.kernel.libc import MACHINE

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name x86_64 aarch64; "-": the architecture does not have the call. Sources: the kernel's
# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
_TABLE = """
read 0 63
write 1 64
open 2 -
close 3 57
stat 4 -
fstat 5 80
lstat 6 -
poll 7 -
lseek 8 62
mmap 9 222
mprotect 10 226
munmap 11 215
brk 12 214
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
ioctl 16 29
pread64 17 67
pwrite64 18 68
readv 19 65
writev 20 66
access 21 -
pipe 22 -
select 23 -
sched_yield 24 124
mremap 25 216
madvise 28 233
shmget 29 194
dup 32 23
dup2 33 -
nanosleep 35 101
getitimer 36 102
setitimer 38 103
getpid 39 172
socket 41 198
connect 42 203
bind 49 200
socketpair 53 199
clone 56 220
fork 57 -
vfork 58 -
execve 59 221
exit 60 93
kill 62 129
uname 63 160
fcntl 72 25
truncate 76 45
ftruncate 77 46
getcwd 79 17
chdir 80 49
rename 82 -
mkdir 83 -
rmdir 84 -
creat 85 -
link 86 -
unlink 87 -
symlink 88 -
readlink 89 -
chmod 90 -
fchmod 91 52
chown 92 -
gettimeofday 96 169
getrlimit 97 163
getrusage 98 165
sysinfo 99 179
times 100 153
ptrace 101 117
getuid 102 174
getgid 104 176
geteuid 107 175
getegid 108 177
getppid 110 173
capset 126 91
sigaltstack 131 132
mknod 133 -
pivot_root 155 41
prctl 157 167
setrlimit 160 164
chroot 161 51
mount 165 40
umount2 166 39
gettid 186 178
tkill 200 130
time 201 -
futex 202 98
sched_getaffinity 204 123
getdents64 217 61
restart_syscall 219 128
clock_gettime 228 113
clock_getres 229 114
clock_nanosleep 230 115
exit_group 231 94
tgkill 234 131
keyctl 250 219
openat 257 56
mkdirat 258 34
newfstatat 262 79
unlinkat 263 35
renameat 264 38
linkat 265 37
symlinkat 266 36
readlinkat 267 78
fchmodat 268 53
faccessat 269 48
pselect6 270 72
ppoll 271 73
unshare 272 97
set_robust_list 273 99
utimensat 280 88
dup3 292 24
pipe2 293 59
prlimit64 302 261
open_by_handle_at 304 265
setns 308 268
process_vm_readv 310 270
process_vm_writev 311 271
renameat2 316 276
seccomp 317 277
getrandom 318 278
memfd_create 319 279
bpf 321 280
execveat 322 281
membarrier 324 283
statx 332 291
rseq 334 293
pidfd_send_signal 424 424
io_uring_setup 425 425
pidfd_open 434 434
clone3 435 435
close_range 436 436
openat2 437 437
faccessat2 439 439
landlock_create_ruleset 444 444
landlock_add_rule 445 445
landlock_restrict_self 446 446
"""


def table(machine: str = MACHINE) -> dict[str, int]:
    """Name to number for `machine`; KeyError for an architecture without a table."""
    column = {"x86_64": 1, "aarch64": 2}[machine]
    rows = (line.split() for line in _TABLE.split("\n") if line)
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def number(name: str) -> int:
    return table()[name]
