# control: any
import os


def attack(target):
    fd = os.memfd_create("hidden")
    return os.write(fd, b"x" * 1000) == 1000
