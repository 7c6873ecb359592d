# control: any
import os


def attack(target):
    os.kill(target["parent"], 0)
    return True
