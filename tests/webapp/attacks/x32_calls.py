# control: none
import ctypes


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(0x40000000 + 39) > 0
