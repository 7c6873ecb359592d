# control: none
import os


def attack(target):
    for fd in range(7, 1024):
        try:
            os.fstat(fd)
        except OSError:
            continue
        return True
