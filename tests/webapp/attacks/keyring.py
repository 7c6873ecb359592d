# control: any
import ctypes
import platform


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    number = 250 if platform.machine() == "x86_64" else 219
    return libc.syscall(number, 0, -3, 1) > 0  # KEYCTL_GET_KEYRING_ID of the session
