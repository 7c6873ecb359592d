# control: any
import os


def attack(target):
    os.utime(target["victim_file"], (0, 0))
    return True
