# control: any
import os


def attack(target):
    return "var" in os.listdir("/")
