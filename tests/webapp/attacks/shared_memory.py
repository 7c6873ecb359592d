# control: any
import ctypes


def attack(target):
    libc = ctypes.CDLL(None)
    segment = libc.shmget(0, 4096, 0o1600)
    libc.shmctl(segment, 0, None)
    return segment >= 0
