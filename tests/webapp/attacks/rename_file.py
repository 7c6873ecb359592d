# control: any
import os


def attack(target):
    os.rename(target["victim_file"], target["victim_file"] + ".moved")
    return True
