# control: root
import os


def attack(target):
    os.chroot("/")
    return True
