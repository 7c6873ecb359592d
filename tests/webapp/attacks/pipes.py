# control: any
import os


def attack(target):
    return len([os.pipe() for _ in range(40)]) == 40
