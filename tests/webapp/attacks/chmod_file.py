# control: any
import os


def attack(target):
    os.chmod(target["victim_file"], 0o600)
    return True
