# control: any
import os


def attack(target):
    os.unlink(target["victim_file"])
    return True
