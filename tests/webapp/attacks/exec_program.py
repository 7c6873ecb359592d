# control: any
import os


def attack(target):
    os.execv("/bin/true", ["true"])
