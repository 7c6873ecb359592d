# control: any
import ctypes


def attack(target):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(1, 0, 0, 0, 0) == 0
