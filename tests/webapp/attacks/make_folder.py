# control: any
import os


def attack(target):
    os.mkdir(os.path.join(target["open_folder"], "folder"))
    return True
