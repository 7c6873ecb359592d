# control: any
import os


def attack(target):
    os.symlink(target["secret"], os.path.join(target["open_folder"], "link"))
    return True
