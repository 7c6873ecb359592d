# control: any
import ctypes
import os


def attack(target):
    libc = ctypes.CDLL(None)
    path = os.path.join(target["open_folder"], "by-ctypes").encode()
    return libc.open(path, os.O_CREAT | os.O_WRONLY, 0o644) >= 0
