# control: any
import os


def attack(target):
    return bool(os.listdir("/proc/self/fd"))
