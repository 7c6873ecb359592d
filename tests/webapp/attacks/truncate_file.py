# control: any
import os


def attack(target):
    os.truncate(target["victim_file"], 0)
    return True
