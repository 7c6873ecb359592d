# control: any
import os


def attack(target):
    return "secret" in os.listdir(target["folder"])
