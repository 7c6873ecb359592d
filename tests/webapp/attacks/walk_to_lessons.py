# control: any
import os


def attack(target):
    return any("checks.py" in files for _, _, files in os.walk(target["exercise"]))
