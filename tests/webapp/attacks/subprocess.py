# control: any
import subprocess


def attack(target):
    return subprocess.run(["true"]).returncode == 0
