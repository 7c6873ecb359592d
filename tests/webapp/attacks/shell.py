# control: any
import os


def attack(target):
    return os.system("true") == 0
